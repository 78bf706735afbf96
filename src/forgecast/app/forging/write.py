"""The folder of a fit, a ring test or an estimate: picture, coefficients and ``summary.json``, whole or not at all."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

from forgecast import __version__
from forgecast.app.forging.estimate_picture import draw_estimate
from forgecast.app.forging.flow_stress_picture import draw_fit
from forgecast.app.forging.ring_picture import draw_rings
from forgecast.app.results_folder import with_summary
from forgecast.gateway.flow_stress_file import flow_stress_toml
from forgecast.ground.texts import Language, text
from forgecast.tasks.estimate_forging import ForgingEstimate
from forgecast.tasks.fit_flow_stress import FlowStressAnswer
from forgecast.tasks.fit_rings import RingAnswer

#: Every file such a run may leave.
NAMES: Final = ("summary.json", "flow_stress.png", "flow_stress.toml", "rings.png", "estimate.png")
#: Grows by one when a key changes its meaning or goes away.
JSON_VERSION: Final = 1


def write_flow_stress(answer: FlowStressAnswer, source: Path, folder: Path, language: Language) -> tuple[Path, ...]:
    """Write ``flow_stress.png``, the coefficients as ``flow_stress.toml``, and ``summary.json``.

    Parameters
    ----------
    answer : FlowStressAnswer
    source : Path
        The table, named in the coefficients with its sum.
    folder : Path
    language : Language

    Raises
    ------
    ForgecastError
        If they cannot be written; then `folder` is as it was.
    """

    def draw(aside: Path) -> list[Path]:
        draw_fit(answer, aside / "flow_stress.png", language)
        path = aside / "flow_stress.toml"
        path.write_text(coefficients(answer, source), encoding="utf-8", newline="\n")
        return [aside / "flow_stress.png", path]

    return with_summary(answer.as_json(), draw, folder, names=NAMES, version=JSON_VERSION)


def coefficients(answer: FlowStressAnswer, source: Path) -> str:
    """Return the coefficients as TOML, with where they come from."""
    said = text(
        "fitted by Forgecast {version} to {file} (SHA-256 {sum}); error {seen} % root mean square",
        version=__version__,
        file=source.name,
        sum=hashlib.sha256(source.read_bytes()).hexdigest()[:16],
        seen=f"{100.0 * answer.fit.root_mean_square:.1f}",
    )
    return flow_stress_toml(answer.fit.law, answer.validity, title=source.stem, source=said.say("en"))


def write_rings(answer: RingAnswer, folder: Path, language: Language) -> tuple[Path, ...]:
    """Write ``rings.png`` and ``summary.json``.

    Raises
    ------
    ForgecastError
        If they cannot be written; then `folder` is as it was.
    """

    def draw(aside: Path) -> list[Path]:
        draw_rings(answer, aside / "rings.png", language)
        return [aside / "rings.png"]

    return with_summary(answer.as_json(), draw, folder, names=NAMES, version=JSON_VERSION)


def write_estimate(answer: ForgingEstimate, folder: Path, language: Language) -> tuple[Path, ...]:
    """Write ``estimate.png`` and ``summary.json``.

    Raises
    ------
    ForgecastError
        If they cannot be written; then `folder` is as it was.
    """

    def draw(aside: Path) -> list[Path]:
        draw_estimate(answer, aside / "estimate.png", language)
        return [aside / "estimate.png"]

    return with_summary(answer.as_json(), draw, folder, names=NAMES, version=JSON_VERSION)
