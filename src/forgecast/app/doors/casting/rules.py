"""Doors of the calculators: the gating of a part, and the interface coefficient of a plate trial."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any, Literal

from pydantic import BaseModel
from pydantic import Field as Asked

from forgecast.app.doors.casting.asked import ZERO_DEGC, PartAsked, metres, part_of
from forgecast.app.doors.casting.told import ReadPartTold, SourceTold
from forgecast.app.doors.door import Call, Door, Question, Way, Words
from forgecast.app.doors.values import FindingTold
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text
from forgecast.store.server.rights import Right


class GateAsked(PartAsked):
    """A part to be gated."""

    alloy: str = Asked(min_length=1, max_length=100)
    pour_degC: float = Asked(gt=-273.15, le=4000.0)
    head_mm: float = Asked(gt=0.0, description="Level in the basin above the gates.")
    gate: Literal["top", "bottom", "parting"] = Asked(description="Where the gates meet the part in the mould.")
    above_mm: float | None = Asked(default=None, ge=0.0, description="Height of the part above gates at the parting.")
    mould: str = Asked(default="green-sand", min_length=1, max_length=100)
    ratio: str = Asked(default="", max_length=20, description="Areas of sprue:runner:gates, such as 1:2:4.")
    time_s: float | None = Asked(default=None, gt=0.0, description="Pouring time; none takes a rule on record.")
    poured_kg: float | None = Asked(default=None, gt=0.0, description="Casting, risers and gating.")
    wall_mm: float | None = Asked(default=None, gt=0.0, description="Prevailing wall thickness.")
    basin_mm: float | None = Asked(default=None, gt=0.0, description="Metal above the top of the sprue.")
    gates: int = Asked(default=1, ge=1, le=100)


class CheckTold(BaseModel):
    """Whether the metal enters as it should."""

    code: str
    passed: bool | None
    says: Words


class GatedTold(ReadPartTold):
    """The gating of a part."""

    alloy: str
    casting_mass_kg: float
    poured_mass_kg: float
    wall_m: float
    liquid_density_kg_per_m3: float
    pouring_times_s: dict[str, float | None]
    pouring_time_s: float
    pouring_time_rule: str
    flow_m3_per_s: float
    effective_head_m: float
    discharge_coefficient: float
    ratio: str
    system: str
    choke_area_m2: float
    sprue_foot_area_m2: float
    sprue_top_area_m2: float | None
    runner_area_m2: float
    ingate_area_m2: float
    choke_velocity_m_per_s: float
    gate_velocity_m_per_s: float
    first_gate_velocity_m_per_s: float
    quiet_ingate_area_m2: float | None
    reynolds: float | None
    checks: list[CheckTold]
    notes: list[Words]
    sources: list[SourceTold]


class IdentifyAsked(Question):
    """Thermocouples of a plate trial; time counts from the pour, places from the interface (negative in the metal)."""

    record: str = Asked(min_length=1, max_length=80, description="Upload: a table of temperatures.")
    alloy: str = Asked(min_length=1, max_length=100)
    mould: str = Asked(min_length=1, max_length=100)
    half_mm: float = Asked(gt=0.0, description="Half the thickness of the plate.")
    depth_mm: float = Asked(gt=0.0, description="Thickness of the mould.")
    pour_degC: float = Asked(gt=-273.15, le=4000.0, description="Metal at time 0.")
    mould_at_degC: float = Asked(gt=-273.15, le=4000.0, description="Mould at time 0.")
    knots_degC: list[float] = Asked(default=[], max_length=20, description="Temperatures of the metal, rising.")
    knots_s: list[float] = Asked(default=[], max_length=20, description="Times since the pour instead, rising.")
    place_error_mm: float | None = Asked(default=None, ge=0.0, description="Standard error of the places.")
    confidence_percent: float = Asked(default=95.0, gt=0.0, lt=100.0)


class CoefficientTold(BaseModel):
    """A coefficient with its interval."""

    name: str
    value: float
    low: float | None
    high: float | None
    sensitivity_K_per_tenth: float | None


class DisplacementTold(BaseModel):
    """By how much a thermocouple stands elsewhere than told."""

    thermocouple: str
    value: float
    low: float | None
    high: float | None


class IdentifiedTold(BaseModel):
    """An interface coefficient and how well it is known."""

    record: str
    over: str
    knots: list[float | None]
    knot_unit: str
    coefficients_W_per_m2_K: list[CoefficientTold]
    displacements_m: list[DisplacementTold]
    confidence: float
    profile_check: dict[str, Any]
    noise_K: float | None
    autocorrelation: float | None
    intervals_widened_by: float | None
    condition: float | None
    model_noise_K: float | None
    readings: int
    rows: int
    used_rows: int
    findings: list[FindingTold]
    sources: list[SourceTold]
    version: str


def _gate(call: Call, question: GateAsked) -> Mapping[str, Any]:
    from forgecast.app.cli.casting.part import reading_json  # noqa: PLC0415  (geometry loads in the worker only)
    from forgecast.tasks.design_gating import design_gating, part_in_mould  # noqa: PLC0415

    read = part_of(call, question)
    design = design_gating(
        part_in_mould(read.solid, metres(question.above_mm)),
        question.alloy,
        pour_temperature=question.pour_degC + ZERO_DEGC,
        head=question.head_mm / 1000.0,
        gate=question.gate,
        mould=question.mould,
        ratio=question.ratio,
        pouring_time=question.time_s,
        poured_mass=question.poured_kg,
        wall=metres(question.wall_mm),
        basin_depth=metres(question.basin_mm),
        gates=question.gates,
    )
    return {**design.as_json(), **reading_json(read)}


def _identify(call: Call, question: IdentifyAsked) -> Mapping[str, Any]:
    from forgecast.gateway.thermocouple import read_thermocouples  # noqa: PLC0415  (loads in the worker only)
    from forgecast.tasks.identify_interface import identify_interface, plate_trial  # noqa: PLC0415

    over, at = _knots_of([one + ZERO_DEGC for one in question.knots_degC], question.knots_s)
    layout = plate_trial(
        question.alloy,
        question.mould,
        half_thickness=question.half_mm / 1000.0,
        mould_thickness=question.depth_mm / 1000.0,
        pour_temperature=question.pour_degC + ZERO_DEGC,
        mould_temperature=question.mould_at_degC + ZERO_DEGC,
    )
    return identify_interface(
        read_thermocouples(call.upload(question.record)),
        layout,
        over=over,
        at=at,
        place_error=metres(question.place_error_mm),
        confidence=question.confidence_percent / 100.0,
    ).as_json()


def _knots_of(
    temperatures: list[float], times: list[float]
) -> tuple[Literal["constant", "temperature", "time"], tuple[float, ...]]:
    """Return over what the coefficient is asked, and at which knots.

    Raises
    ------
    ForgecastError
        If both kinds are given, or they do not rise.
    """
    if temperatures and times:
        raise ForgecastError(
            text("a coefficient changes with temperature or with time, not with both"),
            where="knots",
            repair=text("give one of the two"),
        )
    knots = tuple(temperatures or times)
    if any(b <= a for a, b in pairwise(knots)):
        raise ForgecastError(
            text("the knots do not rise"), where="knots", repair=text("write each once, the lowest first")
        )
    if not knots:
        return "constant", (0.0,)
    return ("temperature" if temperatures else "time"), knots


GATE = Door(
    "casting", "gate",
    text("The gating of a part: pouring time, choke, sprue, runners and gates, and whether the metal enters quietly."),
    Right.SEE, Way.FIGURE, GateAsked, GatedTold, _gate,
)  # fmt: skip
IDENTIFY = Door(
    "casting", "identify",
    text("The interface coefficient of metal and mould from the thermocouples of a plate trial, with its interval."),
    Right.SEE, Way.FIGURE, IdentifyAsked, IdentifiedTold, _identify,
)  # fmt: skip
RULE_DOORS: tuple[Door[Any], ...] = (GATE, IDENTIFY)
