"""Doors of the estimate of a forging, and of its billet alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel
from pydantic import Field as Asked

from forgecast.app.doors.casting.told import SourceTold
from forgecast.app.doors.door import Call, Door, Question, Way, Words
from forgecast.app.doors.forging.asked import MetalAsked, file_of, metal_table
from forgecast.app.doors.values import FindingTold
from forgecast.app.forging.case_text import case_file, quantity
from forgecast.ground.texts import text
from forgecast.store.server.rights import Right


class EstimateAsked(MetalAsked):
    """A forging to be estimated; what its form of dies does not need stays empty."""

    part_cm3: float | None = Asked(default=None, gt=0.0, description="Volume of the forging, or give its solid.")
    part: str = Asked(default="", max_length=80, description="Upload of its solid.")
    unit: str = Asked(default="", max_length=10, description="Of a solid whose file names none.")
    billet_mm: float = Asked(gt=0.0, description="Diameter of the bar.")
    flash_percent: float | None = Asked(default=None, ge=0.0, description="Of the part's volume.")
    clips_cm3: float | None = Asked(default=None, ge=0.0)
    scale_percent: float | None = Asked(default=None, ge=0.0, lt=100.0, description="Of the billet; none: not known.")
    heating: Literal["induction", "furnace"] = "induction"
    start_degC: float = 20.0
    target_degC: float = Asked(gt=-273.15, le=3000.0)
    spread_K: float = Asked(default=30.0, gt=0.0, description="Surface over centre when it is taken out.")
    furnace_degC: float | None = Asked(default=None, gt=-273.15, le=3000.0)
    furnace_convection_W_per_m2K: float | None = Asked(default=None, gt=0.0)
    furnace_emissivity_percent: float | None = Asked(default=None, gt=0.0, le=100.0)
    efficiency_percent: float | None = Asked(default=None, gt=0.0, le=100.0, description="Of the heating.")
    air_degC: float = 20.0
    air_convection_W_per_m2K: float = Asked(gt=0.0)
    air_emissivity_percent: float = Asked(gt=0.0, le=100.0)
    transport_s: float = Asked(gt=0.0, description="From furnace to die.")
    form: Literal["upsetting", "ring", "plane-strain", "closed-die", "closed-die-long"] = "closed-die"
    friction: float = Asked(ge=0.0, le=1.0, description="Friction factor m.")
    speed_mm_per_s: float = Asked(gt=0.0)
    height_mm: float | None = Asked(default=None, gt=0.0)
    outer_mm: float | None = Asked(default=None, gt=0.0)
    bore_mm: float | None = Asked(default=None, gt=0.0)
    length_mm: float | None = Asked(default=None, gt=0.0)
    cavity_mm: float | None = Asked(default=None, gt=0.0)
    flash_thickness_mm: float | None = Asked(default=None, gt=0.0)
    flash_width_mm: float | None = Asked(default=None, gt=0.0)
    flash_rule: str = Asked(default="", max_length=40)
    flash_temperature_degC: float | None = Asked(default=None, gt=-273.15, le=3000.0)
    machines: str = Asked(default="", max_length=80, description="Upload of a table of your machines.")
    pieces_per_min: float | None = Asked(default=None, gt=0.0)
    forming_efficiency_percent: float | None = Asked(default=None, gt=0.0, le=100.0)
    heating_factor_kgCO2_per_kWh: float | None = Asked(default=None, ge=0.0)
    forming_factor_kgCO2_per_kWh: float | None = Asked(default=None, ge=0.0)


class EstimateTold(BaseModel):
    """A forging with all that is estimated of it."""

    title: str
    form: str
    part_volume_m3: float
    billet: dict[str, float | None]
    heating: dict[str, Any]
    at_the_die: dict[str, float]
    stroke: dict[str, Any]
    closed_die: dict[str, float] | None
    flash_rules_unverified: dict[str, dict[str, float]]
    machines: list[dict[str, Any]]
    energy: dict[str, float | None]
    findings: list[FindingTold]
    notes: list[Words]
    sources: list[SourceTold]
    chart: dict[str, Any]


class BilletAsked(Question):
    """A billet to be cut."""

    part_cm3: float = Asked(ge=1e-3, le=1e9)
    density_kg_per_m3: float = Asked(ge=100.0, le=30_000.0)
    diameter_mm: float = Asked(ge=0.1, le=1e5)
    flash_percent: float = Asked(default=0.0, ge=0.0, le=1_000.0, description="Of the part's volume.")
    clips_cm3: float = Asked(default=0.0, ge=0.0, le=1e9)
    scale_percent: float = Asked(default=0.0, ge=0.0, lt=100.0, description="Of the billet.")


class BilletTold(BaseModel):
    """A billet and what becomes of its metal."""

    length_mm: float
    mass_kg: float
    part_kg: float
    flash_kg: float
    clips_kg: float
    scale_kg: float
    slenderness: float
    metal_yield: float


def _case(call: Call, asked: EstimateAsked) -> dict[str, dict[str, str | float | None]]:
    furnace = asked.heating == "furnace"
    return {
        "": {"title": asked.title or None, "machines": file_of(call, asked.machines)},
        "metal": metal_table(call, asked),
        "part": {
            "volume": quantity(asked.part_cm3, "cm3"), "solid": file_of(call, asked.part), "unit": asked.unit or None,
        },
        "billet": {
            "diameter": quantity(asked.billet_mm, "mm"), "flash": quantity(asked.flash_percent, "%"),
            "clips": quantity(asked.clips_cm3, "cm3"), "scale": quantity(asked.scale_percent, "%"),
        },
        "heating": {
            "way": asked.heating, "start": quantity(asked.start_degC, "degC"),
            "target": quantity(asked.target_degC, "degC"), "spread": quantity(asked.spread_K, "K"),
            "furnace": quantity(asked.furnace_degC, "degC") if furnace else None,
            "convection": quantity(asked.furnace_convection_W_per_m2K, "W/(m2 K)") if furnace else None,
            "emissivity": quantity(asked.furnace_emissivity_percent, "%") if furnace else None,
            "efficiency": quantity(asked.efficiency_percent, "%"),
        },
        "air": {
            "temperature": quantity(asked.air_degC, "degC"),
            "convection": quantity(asked.air_convection_W_per_m2K, "W/(m2 K)"),
            "emissivity": quantity(asked.air_emissivity_percent, "%"), "transport": quantity(asked.transport_s, "s"),
        },
        "die": {
            "form": asked.form, "friction": asked.friction, "speed": quantity(asked.speed_mm_per_s, "mm/s"),
            "height": quantity(asked.height_mm, "mm"), "outer": quantity(asked.outer_mm, "mm"),
            "bore": quantity(asked.bore_mm, "mm"), "length": quantity(asked.length_mm, "mm"),
            "cavity": quantity(asked.cavity_mm, "mm"),
            "flash_thickness": quantity(asked.flash_thickness_mm, "mm"),
            "flash_width": quantity(asked.flash_width_mm, "mm"), "flash_rule": asked.flash_rule or None,
            "flash_temperature": quantity(asked.flash_temperature_degC, "degC"),
        },
        "production": {"pieces": quantity(asked.pieces_per_min, "1/min")},
        "energy": {
            "forming_efficiency": quantity(asked.forming_efficiency_percent, "%"),
            "heating_factor": quantity(asked.heating_factor_kgCO2_per_kWh, "kgCO2/kWh"),
            "forming_factor": quantity(asked.forming_factor_kgCO2_per_kWh, "kgCO2/kWh"),
        },
    }  # fmt: skip


def _estimate(call: Call, question: EstimateAsked) -> Mapping[str, Any]:
    from forgecast.gateway.forging_case import read_forging_case  # noqa: PLC0415  (loads in the worker only)
    from forgecast.tasks.estimate_forging import estimate_forging  # noqa: PLC0415

    with case_file(_case(call, question)) as path:
        told = estimate_forging(read_forging_case(path)).as_json()
    stroke: Any = told["stroke"]
    chart = {
        "x": [1000.0 * way for way in stroke["travel_m"]],
        "x_name": text("way of the die").as_json(),
        "x_unit": "mm",
        "series": [
            {"name": text("force").as_json(), "unit": "MN", "values": [f / 1e6 for f in stroke["force_over_travel_N"]]}
        ],
        "limits": [],
    }
    return {**told, "chart": chart}


def _billet(_call: Call, question: BilletAsked) -> Mapping[str, Any]:
    from forgecast.forging.billet import cut_billet  # noqa: PLC0415  (as above)

    part = question.part_cm3 / 1e6
    billet = cut_billet(
        part,
        question.density_kg_per_m3,
        question.diameter_mm / 1000.0,
        flash=part * question.flash_percent / 100.0,
        clips=question.clips_cm3 / 1e6,
        scale_share=question.scale_percent / 100.0,
    )
    return {
        "length_mm": 1000.0 * billet.length,
        "mass_kg": billet.mass,
        "part_kg": billet.density * billet.part,
        "flash_kg": billet.density * billet.flash,
        "clips_kg": billet.density * billet.clips,
        "scale_kg": billet.density * billet.scale,
        "slenderness": billet.slenderness,
        "metal_yield": billet.metal_yield,
    }


ESTIMATE = Door(
    "forging", "estimate",
    text("Billet, heating, cooling on the way, load and work, the machines that can make it, energy and carbon."),
    Right.SEE, Way.FIGURE, EstimateAsked, EstimateTold, _estimate,
)  # fmt: skip
BILLET = Door(
    "forging", "billet",
    text("How long a billet is cut, and what of it becomes part, flash, clips and scale."),
    Right.SEE, Way.READ, BilletAsked, BilletTold, _billet,
)  # fmt: skip
