"""Everything a forming run leaves, written into its folder: whole, or not at all."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Callable
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from xml.sax.saxutils import quoteattr

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from forgecast import __version__
from forgecast.app.casting.fields import write_triangles
from forgecast.app.forging.press_page import write_page
from forgecast.app.forging.press_pictures import draw_animation, draw_course, draw_fields
from forgecast.app.results_folder import file_entry, filled
from forgecast.forging.forming import Moment
from forgecast.ground.texts import Language
from forgecast.tasks.press_forging import PressAnswer

#: Units of the columns of the series.
_UNITS: Final = {
    "time": "s", "travel": "m", "gap": "m", "force": "N", "work": "J", "fill": "1", "unfilled": "m3",
    "flash_volume": "m3", "flash_width": "m", "volume": "m3", "mended": "m3", "temperature_low": "K",
    "temperature_high": "K", "die_high": "K", "strain_high": "1", "rate_high": "1_per_s", "damage_high": "Pa",
    "plastic": "W", "sliding": "W", "external": "W", "bubbles": "W", "seconds": "s",
}  # fmt: skip
#: More moments than a run keeps are never written.
_MOMENTS: Final = 100
#: Every file such a run may leave.
NAMES: Final = (
    "summary.json", "series.csv", "series.parquet", "stroke.pvd", "fields.png", "course.png", "stroke.gif",
    "report.pdf", "die_wear.csv", *(f"moment_{n:03d}.vtu" for n in range(_MOMENTS)),
)  # fmt: skip
#: Grows by one when a key changes its meaning or goes away.
JSON_VERSION: Final = 1


def write_press(
    answer: PressAnswer, folder: Path, language: Language, progress: Callable[[float], None] = lambda _share: None
) -> tuple[Path, ...]:
    """Write series, fields, pictures, animation, page and summary.

    Parameters
    ----------
    answer : PressAnswer
    folder : Path
        Results of an earlier run in it are replaced, once the new ones are complete.
    language : Language
    progress : callable
        Told the done share.

    Raises
    ------
    ForgecastError
        If they cannot be written; then `folder` is as it was.
    """
    with filled(folder, NAMES) as aside:
        made = [*_series(answer, aside), *_moments(answer, aside), _wear(answer, aside)]
        progress(0.1)
        draw_fields(answer, aside / "fields.png", language)
        draw_course(answer, aside / "course.png", language)
        progress(0.2)
        draw_animation(answer, aside / "stroke.gif", language, lambda share: progress(0.2 + 0.7 * share))
        page = write_page(answer, aside, language, datetime.now(UTC).replace(microsecond=0))
        made += [aside / "fields.png", aside / "course.png", aside / "stroke.gif", page]
        path = aside / "summary.json"
        content = {**summary(answer), "files": [file_entry(one) for one in made]}
        path.write_text(json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False) + "\n", encoding="utf-8",
                        newline="\n")  # fmt: skip
        made.append(path)
    progress(1.0)
    return tuple(folder / one.name for one in made)


def summary(answer: PressAnswer) -> dict[str, object]:
    """Return what the run says in figures, with units in the names; what is not known is null."""
    case, run, s = answer.case, answer.run, answer.run.series
    return {
        "ok": True,
        "json_version": JSON_VERSION,
        "forgecast": __version__,
        "title": case.title,
        "ended": str(run.ended),
        "stopped": answer.stopped,
        "why": run.why.as_json(),
        "machine": {"name": case.machine.name, "kind": case.machine.kind},
        "closing_m": answer.asked.closing,
        "left_m": max(float(s.gap[-1]), 0.0),
        "force_high_N": float(s.force.max()),
        "work_J": float(s.work[-1]),
        "fill": _known(float(s.fill[-1])),
        "unfilled_m3": float(s.unfilled[-1]),
        "flash_volume_m3": float(s.flash_volume[-1]),
        "flash_width_m": float(s.flash_width[-1]),
        "volume_change": float(np.abs(s.volume / s.volume[0] - 1.0).max()),
        "temperature_low_K": float(s.temperature_low[-1]),
        "temperature_high_K": float(s.temperature_high[-1]),
        "die_high_K": _known(float(s.die_high.max())),
        "strain_high": float(s.strain_high[-1]),
        "rate_high_per_s": float(s.rate_high.max()),
        "damage_high_Pa": _known(float(s.damage_high[-1])),
        "time_s": float(s.time[-1]),
        "steps": len(s.time),
        "triangles": int(s.triangles[-1]),
        "remeshings": int(s.remeshings[-1]),
        "processor_s": float(s.seconds[-1]),
        "folds": [{"time_s": one.time, "x_m": one.x, "y_m": one.y} for one in run.folds],
        "dies": [
            {"pressure_high_Pa": float(one.pressure.max()), "wear_high_J_m2": float(one.wear.max()),
             "temperature_high_K": _highest(one.temperature)}
            for one in run.wear
        ],
        "findings": [one.as_json() for one in run.findings],
        "notes": [note.as_json() for note in answer.notes],
        "sources": [case.flow.source.as_json()],
    }  # fmt: skip


def _highest(values: np.ndarray) -> float | None:
    return float(np.nanmax(values)) if np.isfinite(values).any() else None


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _series(answer: PressAnswer, aside: Path) -> list[Path]:
    series = answer.run.series
    columns = {
        f"{item.name}_{_UNITS[item.name]}" if item.name in _UNITS else item.name: getattr(series, item.name)
        for item in fields(series)
    }
    table = aside / "series.csv"
    with table.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(columns)
        for row in zip(*columns.values(), strict=True):
            rows.writerow(["" if math.isnan(value) else f"{value:.9g}" for value in row])
    pq.write_table(
        pa.table({name: pa.array(values, from_pandas=True) for name, values in columns.items()}),
        aside / "series.parquet",
    )
    return [table, aside / "series.parquet"]


def _moments(answer: PressAnswer, aside: Path) -> list[Path]:
    made, lines = [], []
    for number, moment in enumerate(answer.run.moments[:_MOMENTS]):
        path = aside / f"moment_{number:03d}.vtu"
        _write_moment(path, moment)
        made.append(path)
        lines.append(f'<DataSet timestep="{moment.piece.time!r}" part="0" file={quoteattr(path.name)}/>')
    index = aside / "stroke.pvd"
    index.write_text(
        '<?xml version="1.0"?>\n<VTKFile type="Collection" version="0.1" byte_order="LittleEndian">\n<Collection>\n'
        + "\n".join(lines)
        + "\n</Collection>\n</VTKFile>\n",
        encoding="utf-8",
        newline="\n",
    )
    return [*made, index]


def _write_moment(path: Path, moment: Moment) -> None:
    piece = moment.piece
    at_points = {"temperature [K]": piece.temperature, "effective strain [1]": piece.strain}
    further = {"damage [Pa]": piece.damage, "grain size [m]": piece.grain, "recrystallised [1]": piece.recrystallised}
    at_points |= {name: values for name, values in further.items() if values is not None}
    at_cells = {}
    if piece.flow is not None:
        at_points["velocity [m/s]"] = piece.flow.velocity
        at_points["pressure [Pa]"] = piece.flow.pressure
        at_cells = {
            "effective rate [1/s]": piece.flow.effective.mean(axis=1),
            "flow stress [Pa]": piece.flow.stress.mean(axis=1),
        }
    write_triangles(path, piece.mesh.points, piece.mesh.triangles, at_points, at_cells)


def _wear(answer: PressAnswer, aside: Path) -> Path:
    path = aside / "die_wear.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("die", "r_m", "z_m", "pressure_high_Pa", "sliding_m", "wear_J_m2", "temperature_high_K"))
        for tool, worn in zip((answer.asked.lower, answer.asked.upper), answer.run.wear, strict=True):
            for place, *values in zip(worn.places + tool.profile[0], worn.pressure, worn.sliding, worn.wear,
                                      worn.temperature, strict=True):  # fmt: skip
                told = ["" if math.isnan(value) else f"{value:.6g}" for value in values]
                rows.writerow((tool.name, f"{place[0]:.6g}", f"{place[1]:.6g}", *told))
    return path
