"""The folder of a charge or a cooling curve: its picture and ``summary.json``, whole or not at all."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from forgecast import __version__
from forgecast.app.casting.folder import filled
from forgecast.app.melting.charge_picture import draw_charge
from forgecast.app.melting.curve_picture import draw_curve
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

    return _write(answer.as_json(), draw, folder)


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

    return _write(answer.as_json(), draw, folder)


def _write(said: Mapping[str, object], draw: Callable[[Path], list[Path]], folder: Path) -> tuple[Path, ...]:
    with filled(folder, NAMES) as aside:
        made = draw(aside)
        summary = {
            "ok": True,
            "json_version": JSON_VERSION,
            "forgecast": __version__,
            **said,
            "files": [_file(path) for path in made],
        }
        path = aside / "summary.json"
        content = json.dumps(summary, ensure_ascii=False, indent=1, allow_nan=False)
        path.write_text(content + "\n", encoding="utf-8", newline="\n")
        made.append(path)
    return tuple(folder / one.name for one in made)


def _file(path: Path) -> dict[str, object]:
    content = path.read_bytes()
    return {"name": path.name, "sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
