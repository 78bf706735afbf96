"""The page of a forming run: how it ended, figures, pictures, findings, and what it rests on."""

from __future__ import annotations

import math
from datetime import datetime
from importlib import resources
from pathlib import Path
from typing import Final

from forgecast import __version__
from forgecast.app.report import fonts
from forgecast.app.report.numbers import ABSENT, long_day, shown_with_unit
from forgecast.app.report.typeset import cleaned, compiled
from forgecast.app.report.words import CONFIDENCE_TEXTS
from forgecast.ground.texts import Language, Text, text
from forgecast.metal.flow_stress import ZERO_DEGC
from forgecast.tasks.press_forging import PressAnswer

#: So many findings and notes stand on the page; all of them stand in the summary.
_MOST: Final = 6


def write_page(answer: PressAnswer, folder: Path, language: Language, made: datetime) -> Path:
    """Write ``report.pdf``; the pictures of the run must lie in the same folder.

    Raises
    ------
    ForgecastError
        If a typeface is not installed.
    """
    data = cleaned(_document(answer, language, made), fonts.legible)
    template = resources.files("forgecast.app.forging") / "press.typ"
    path = folder / "report.pdf"
    path.write_bytes(compiled(template.read_bytes(), data, made, pictures=folder))
    return path


def _document(answer: PressAnswer, language: Language, made: datetime) -> dict[str, object]:
    case, run = answer.case, answer.run
    said = [one.reason for one in run.findings] + list(answer.notes)
    source = case.flow.source
    known = CONFIDENCE_TEXTS[source.confidence].say(language)
    return {
        "language": language,
        "title": case.title,
        "document_title": text("Forming run: {name}", name=case.title).say(language),
        "report": text("Forming run").say(language),
        "made": [made.year, made.month, made.day],
        "made_said": f"{long_day(made.date(), language)} {made:%H:%M} UTC",
        "version": text("Forgecast {version}", version=__version__).say(language),
        "lead": run.why.say(language),
        "labels": {
            "figures": text("Figures").say(language),
            "inputs": text("Inputs").say(language),
            "notes": text("To be read with it").say(language),
            "nothing": text("Nothing to say.").say(language),
        },
        "figures": [(name.say(language), value) for name, value in figures(answer)],
        "inputs": [
            *((name.say(language), value) for name, value in _inputs(answer)),
            (
                text("Flow stress").say(language),
                f"{source.what.say(language)}. {source.source.say(language)} ({known})",
            ),
        ],
        "notes": [one.say(language) for one in said[:_MOST]],
        "fields_alt": text("The piece in its dies at the end, by temperature, strain and damage").say(language),
        "course_alt": text("Force and fill over the way of the upper die").say(language),
        "foot": text("All figures with units, findings and sources: summary.json").say(language),
    }


def figures(answer: PressAnswer) -> list[tuple[Text, str]]:
    """Return the figures of a run, as page and terminal show them."""
    s, run = answer.run.series, answer.run

    def celsius(kelvin: float) -> str:
        return ABSENT if math.isnan(kelvin) else f"{kelvin - ZERO_DEGC:.0f} °C"

    return [
        (text("Greatest force"), shown_with_unit(float(s.force.max()) / 1e6, "MN")),
        (text("Work"), shown_with_unit(float(s.work[-1]) / 1e3, "kJ")),
        (text("Way left to the closed dies"), f"{1e3 * max(float(s.gap[-1]), 0.0):.2f} mm"),
        (text("Cavity touched"), ABSENT if math.isnan(s.fill[-1]) else f"{100.0 * float(s.fill[-1]):.1f} %"),
        (text("Cavity empty"), f"{1e6 * float(s.unfilled[-1]):.3g} cm³"),
        (text("Flash: volume, width"), _pair(f"{1e6 * float(s.flash_volume[-1]):.3g} cm³",
                                             f"{1e3 * float(s.flash_width[-1]):.3g} mm")),
        (text("Metal: coldest, hottest"), _pair(celsius(float(s.temperature_low[-1])),
                                                celsius(float(s.temperature_high[-1])))),
        (text("Hottest die face"), celsius(float(s.die_high.max()))),
        (text("Greatest strain, rate"), f"{float(s.strain_high[-1]):.3g}, {float(s.rate_high.max()):.4g} 1/s"),
        (text("Highest pressure on a die"), f"{max(float(one.pressure.max()) for one in run.wear) / 1e6:.0f} MPa"),
        (text("Folds"), f"{len(run.folds)}"),
        (text("Time under load"), shown_with_unit(float(s.time[-1]), "s")),
        (text("Volume lost or gained"), f"{100.0 * float(abs(s.volume / s.volume[0] - 1.0).max()):.3f} %"),
        (text("Steps, triangles, new meshes"), f"{len(s.time)}, {int(s.triangles[-1])}, {int(s.remeshings[-1])}"),
    ]  # fmt: skip


def _pair(first: str, second: str) -> str:
    return f"{first}, {second}"


def _inputs(answer: PressAnswer) -> list[tuple[Text, str]]:
    case = answer.case
    return [
        (text("Machine"), case.machine.name),
        (text("Billet"), _pair(f"{1e3 * case.diameter:.4g} × {1e3 * case.height:.4g} mm",
                               f"{case.temperature - ZERO_DEGC:.0f} °C")),
        (text("Way of the upper die"), f"{1e3 * answer.asked.closing:.4g} mm"),
        (text("Friction factor"), f"{case.friction:g}"),
        (text("Coefficient of friction"), ABSENT if case.coulomb is None else f"{case.coulomb:g}"),
        (text("Dies at the start"), ABSENT if math.isnan(case.die_temperature)
         else f"{case.die_temperature - ZERO_DEGC:.0f} °C"),
        (text("Side of triangles"), f"{1e3 * case.side:.3g} mm"),
    ]  # fmt: skip
