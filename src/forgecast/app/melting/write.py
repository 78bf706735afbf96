"""The folder of a charge or a cooling curve: its picture and ``summary.json``, whole or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from forgecast.app.melting.charge_picture import draw_charge
from forgecast.app.melting.curve_picture import draw_curve
from forgecast.app.results_folder import with_summary
from forgecast.ground.texts import Language
from forgecast.tasks.mix_charge import ChargeAnswer
from forgecast.tasks.read_cooling_curve import CurveAnswer

#: Every file such a run may leave.
NAMES: Final = ("summary.json", "charge.png", "curve.png")
#: Grows by one when a key changes its meaning or goes away.
JSON_VERSION: Final = 1


def write_charge(answer: ChargeAnswer, folder: Path, language: Language) -> tuple[Path, ...]:
    """Write ``charge.png`` (where there is a charge) and ``summary.json``.

    Raises
    ------
    ForgecastError
        If they cannot be written; then `folder` is as it was.
    """

    def draw(aside: Path) -> list[Path]:
        if not answer.mix.feasible:
            return []
        draw_charge(answer, aside / "charge.png", language)
        return [aside / "charge.png"]

    return with_summary(answer.as_json(), draw, folder, names=NAMES, version=JSON_VERSION)


def write_curve(answer: CurveAnswer, folder: Path, language: Language) -> tuple[Path, ...]:
    """Write ``curve.png`` and ``summary.json``.

    Raises
    ------
    ForgecastError
        As `write_charge`.
    """

    def draw(aside: Path) -> list[Path]:
        draw_curve(answer, aside / "curve.png", language)
        return [aside / "curve.png"]

    return with_summary(answer.as_json(), draw, folder, names=NAMES, version=JSON_VERSION)
