"""The door of a forming run: the stroke in finite elements, its results as files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel
from pydantic import Field as Asked

from forgecast.app.doors.casting.told import SourceTold
from forgecast.app.doors.door import Call, Door, Way, Words
from forgecast.app.doors.forging.asked import MetalAsked, file_of, metal_table
from forgecast.app.doors.values import FindingTold, known
from forgecast.app.forging.case_text import case_file, quantity
from forgecast.ground.texts import text
from forgecast.store.server.rights import Right


class PressAsked(MetalAsked):
    """A forming run; without temperature of the dies everything keeps its own."""

    work_to_heat_percent: float | None = Asked(default=None, gt=0.0, le=100.0)
    billet_mm: float = Asked(gt=0.0, description="Diameter; the width where dies are long.")
    height_mm: float = Asked(gt=0.0)
    billet_degC: float = Asked(gt=-273.15, le=3000.0)
    form: Literal["round", "long"] = "round"
    lower: str = Asked(min_length=1, max_length=80, description="Upload of the lower die's profile, drawn closed.")
    upper: str = Asked(min_length=1, max_length=80, description="Upload of the upper die's profile, drawn closed.")
    unit: str = Asked(default="", max_length=10, description="Of profiles whose files name none.")
    friction: float = Asked(ge=0.0, le=1.0)
    coulomb: float | None = Asked(default=None, ge=0.0, le=0.577)
    flash_from_mm: float | None = Asked(default=None, gt=0.0, description="Radius beyond which metal is flash.")
    machines: str = Asked(min_length=1, max_length=80, description="Upload of a table of your machines.")
    machine: str = Asked(min_length=1, max_length=120, description="Its name in the table.")
    side_mm: float = Asked(gt=0.0, description="Of triangles.")
    air_degC: float | None = Asked(default=None, gt=-273.15)
    air_convection_W_per_m2K: float | None = Asked(default=None, gt=0.0)
    air_emissivity_percent: float | None = Asked(default=None, gt=0.0, le=100.0)
    contact_W_per_m2K: float | None = Asked(default=None, gt=0.0)
    die_degC: float | None = Asked(default=None, gt=-273.15)
    die_density_kg_per_m3: float | None = Asked(default=None, gt=0.0)
    die_specific_heat_J_per_kgK: float | None = Asked(default=None, gt=0.0)
    die_conductivity_W_per_mK: float | None = Asked(default=None, gt=0.0)


class PressedTold(BaseModel):
    """What became of a stroke; null where it is not known."""

    title: str
    ended: str
    why: Words
    machine: dict[str, str]
    closing_m: float
    left_m: float
    force_high_N: float
    work_J: float
    fill: float | None
    unfilled_m3: float
    flash_volume_m3: float
    flash_width_m: float
    volume_change: float
    temperature_low_K: float
    temperature_high_K: float
    die_high_K: float | None
    strain_high: float
    rate_high_per_s: float
    damage_high_Pa: float | None
    time_s: float
    steps: int
    triangles: int
    remeshings: int
    folds: list[dict[str, float]]
    dies: list[dict[str, float | None]]
    findings: list[FindingTold]
    notes: list[Words]
    sources: list[SourceTold]
    chart: dict[str, Any]
    pictures: dict[str, list[dict[str, Any]]]
    files: list[str]


def _case(call: Call, asked: PressAsked) -> dict[str, dict[str, str | float | None]]:
    warm = asked.die_degC is not None
    heat: dict[str, str | float | None] = {
        "air": quantity(asked.air_degC, "degC"),
        "convection": quantity(asked.air_convection_W_per_m2K, "W/(m2 K)"),
        "emissivity": quantity(asked.air_emissivity_percent, "%"),
        "contact": quantity(asked.contact_W_per_m2K, "W/(m2 K)"),
        "die_temperature": quantity(asked.die_degC, "degC"),
        "die_density": quantity(asked.die_density_kg_per_m3, "kg/m3"),
        "die_specific_heat": quantity(asked.die_specific_heat_J_per_kgK, "J/(kg K)"),
        "die_conductivity": quantity(asked.die_conductivity_W_per_mK, "W/(m K)"),
    }
    metal = metal_table(call, asked)
    if asked.work_to_heat_percent is not None:
        metal["work_to_heat"] = quantity(asked.work_to_heat_percent, "%")
    return {
        "": {
            "title": asked.title or None,
            "machines": file_of(call, asked.machines),
            "machine": asked.machine,
        },
        "metal": metal,
        "billet": {
            "diameter": quantity(asked.billet_mm, "mm"),
            "height": quantity(asked.height_mm, "mm"),
            "temperature": quantity(asked.billet_degC, "degC"),
        },
        "dies": {
            "form": asked.form,
            "lower": file_of(call, asked.lower),
            "upper": file_of(call, asked.upper),
            "unit": asked.unit or None,
            "friction": asked.friction,
            "coulomb": asked.coulomb,
            "flash_from": quantity(asked.flash_from_mm, "mm"),
        },
        "heat": heat if warm else {},
        "run": {"side": quantity(asked.side_mm, "mm")},
    }


def _press(call: Call, question: PressAsked) -> Mapping[str, Any]:
    from forgecast.app.forging.press_steps import draw_steps  # noqa: PLC0415  (loads in the worker only)
    from forgecast.app.forging.press_write import summary, write_press  # noqa: PLC0415
    from forgecast.gateway.press_case import read_press_case  # noqa: PLC0415
    from forgecast.tasks.press_forging import press_forging  # noqa: PLC0415

    assert call.folder is not None  # noqa: S101  (a run has one)
    forming, writing = text("forming"), text("drawing and writing")
    with case_file(_case(call, question)) as path:
        case = read_press_case(path)
        answer = press_forging(case, progress=lambda share: call.progress(0.75 * share, forming))
    files = write_press(answer, call.folder, call.language, lambda share: call.progress(0.75 + 0.15 * share, writing))
    call.progress(0.92, writing)
    told = summary(answer)
    for unwanted in ("ok", "json_version", "forgecast", "stopped", "processor_s"):
        told.pop(unwanted)
    return {
        **told,
        "chart": _chart(answer),
        "pictures": draw_steps(answer, call.folder, call.language),
        "files": [one.name for one in files if not one.name.startswith("moment_")],
    }


def _chart(answer: Any) -> dict[str, Any]:  # noqa: ANN401  (the task's answer; its module loads slowly)
    series = answer.run.series
    return {
        "x": [1000.0 * float(way) for way in series.travel],
        "x_name": text("way of the die").as_json(),
        "x_unit": "mm",
        "series": [
            {"name": text("force").as_json(), "unit": "MN", "values": [float(one) / 1e6 for one in series.force]},
            {
                "name": text("cavity touched").as_json(),
                "unit": "%",
                "values": [known(100.0 * float(one)) for one in series.fill],
            },
        ],
        "limits": [],
    }


PRESS = Door(
    "forging", "press",
    text(
        "A forging stroke in finite elements: load, fill, flash, strain, temperature, damage, folds and what the dies "
        "bear."
    ),
    Right.ENGINEER, Way.RUN, PressAsked, PressedTold, _press,
)  # fmt: skip
