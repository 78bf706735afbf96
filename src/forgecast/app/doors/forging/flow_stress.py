"""Doors of flow stress: the metals that are shipped, one of them in numbers, and a fit to compression curves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel
from pydantic import Field as Asked

from forgecast.app.doors.casting.told import SourceTold
from forgecast.app.doors.door import Call, Door, NoQuestion, Question, Way, Words
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text
from forgecast.store.server.rights import Right

_ZERO = 273.15
_POINTS = 40


class MetalTold(BaseModel):
    """A metal whose flow stress is known, and the range it was measured in (null where the source does not say)."""

    name: str
    title: Words
    form: str
    validity: dict[str, list[float | None]]
    source: SourceTold


class MetalsTold(BaseModel):
    """Metals whose flow stress is shipped."""

    metals: list[MetalTold]


class FlowAsked(Question):
    """One metal over temperature and rate."""

    metal: str = Asked(min_length=1, max_length=80)
    strain: float = Asked(default=0.3, gt=0.0, le=10.0)
    at_degC: list[float] = Asked(default=[], max_length=12, description="Empty takes the range it was measured in.")
    rate_per_s: list[float] = Asked(default=[], max_length=8, description="Empty takes 0.1, 1 and 10.")


class FlowTold(MetalTold):
    """Numbers of one metal, and its curves."""

    values: list[dict[str, Any]]
    chart: dict[str, Any]


class FitAsked(Question):
    """Coefficients to be fitted to hot-compression curves."""

    curves: str = Asked(min_length=1, max_length=80, description="Upload: temperature, rate, strain, stress.")
    columns: list[str] = Asked(default=[], max_length=10, description="KEY=HEADER [UNIT] where headers tell none.")
    form: Literal["hensel-spittel", "sellars-tegart"] = "hensel-spittel"
    terms: list[str] = Asked(default=[], max_length=9, description="Of Hensel-Spittel; empty: m1 m2 m4 m5 m7 m8.")
    strain_shift: float = 0.1
    rate_shift_per_s: float = 0.1
    strain_from: float = Asked(default=0.0, ge=0.0)
    strain_to: float | None = Asked(default=None, gt=0.0)
    friction: float | None = Asked(default=None, ge=0.0, le=1.0, description="Of the platens; needs both lengths.")
    diameter_mm: float | None = Asked(default=None, gt=0.0)
    height_mm: float | None = Asked(default=None, gt=0.0)
    density_kg_per_m3: float | None = Asked(default=None, gt=0.0)
    specific_heat_J_per_kgK: float | None = Asked(default=None, gt=0.0)
    work_to_heat_percent: float | None = Asked(default=None, gt=0.0, le=100.0)
    heat_kept_percent: float | None = Asked(default=None, ge=0.0, le=100.0, description="Still in the specimen.")


class FittedTold(BaseModel):
    """Coefficients with their intervals, and how well they fit."""

    name: str
    form: str
    coefficients: dict[str, float]
    fitted: list[dict[str, Any]]
    root_mean_square: float | None
    unseen_root_mean_square: float | None
    conditions: list[dict[str, Any]]
    validity: dict[str, list[float]]
    points: int
    left_out: int
    incomplete: int
    notes: list[Words]
    files: list[str]


def _metals(_call: Call, _question: NoQuestion) -> Mapping[str, Any]:
    from forgecast.app.forging.metal_told import metal_json  # noqa: PLC0415  (tables load when needed)
    from forgecast.metal.flow_metals import flow_metals  # noqa: PLC0415

    return {"metals": [metal_json(one) for one in flow_metals().values()]}


def _flow(_call: Call, question: FlowAsked) -> Mapping[str, Any]:
    from forgecast.app.forging.metal_told import (  # noqa: PLC0415  (as above)
        RATES,
        metal_json,
        own_temperatures,
        values_json,
    )
    from forgecast.metal.flow_metals import flow_metal  # noqa: PLC0415

    metal = flow_metal(question.metal)
    kelvin = sorted(one + _ZERO for one in question.at_degC) or own_temperatures(metal)
    rates = sorted(question.rate_per_s) or list(RATES)
    if min(kelvin) <= 0.0 or min(rates) <= 0.0:
        raise ForgecastError(
            text("a temperature or a rate is not above zero"), where="rate_per_s", repair=text("give others")
        )
    most = max(2.0 * question.strain, 0.8)
    strains = [most * (n + 1) / _POINTS for n in range(_POINTS)]
    series = [
        {
            "name": text("{degC} °C, {rate} 1/s", degC=round(t - _ZERO), rate=f"{rate:g}").as_json(),
            "unit": "MPa",
            "values": [float(metal.law.stress(strain, rate, t)) / 1e6 for strain in strains],
        }
        for t in kelvin
        for rate in rates
    ]
    return {
        **metal_json(metal),
        "values": values_json(metal, question.strain, kelvin, rates),
        "chart": {
            "x": strains, "x_name": text("strain").as_json(), "x_unit": "", "series": series, "limits": [],
        },
    }  # fmt: skip


def _fit(call: Call, question: FitAsked) -> Mapping[str, Any]:
    from forgecast.app.forging.write import write_flow_stress  # noqa: PLC0415  (loads in the worker only)
    from forgecast.gateway.compression_table import CURVE_COLUMNS, read_compression_curves  # noqa: PLC0415
    from forgecast.gateway.measured_table import told_columns  # noqa: PLC0415
    from forgecast.metal.flow_stress_fit import FREIBERG  # noqa: PLC0415
    from forgecast.tasks.fit_flow_stress import FitAsked as Fit  # noqa: PLC0415
    from forgecast.tasks.fit_flow_stress import OwnHeat, PlatenFriction, fit_flow_stress  # noqa: PLC0415

    assert call.folder is not None  # noqa: S101  (a run has one)
    platens = heat = None
    if _together("friction", question.friction, question.diameter_mm, question.height_mm):
        assert question.friction is not None and question.diameter_mm and question.height_mm  # noqa: S101, PT018
        platens = PlatenFriction(question.friction, question.diameter_mm / 1000.0, question.height_mm / 1000.0)
    thermal = (question.density_kg_per_m3, question.specific_heat_J_per_kgK, question.work_to_heat_percent,
               question.heat_kept_percent)  # fmt: skip
    if _together("heat", *thermal):
        density, specific, work, kept = (float(one or 0.0) for one in thermal)
        heat = OwnHeat(density, specific, work / 100.0, ((1.0, kept / 100.0),))
    path = call.upload(question.curves)
    call.progress(0.1, text("fitting"))
    answer = fit_flow_stress(
        read_compression_curves(path, told_columns(tuple(question.columns), CURVE_COLUMNS)),
        Fit(
            question.form, tuple(question.terms) or FREIBERG, question.strain_shift, question.rate_shift_per_s,
            question.strain_from, float("inf") if question.strain_to is None else question.strain_to, platens, heat,
        ),
    )  # fmt: skip
    files = write_flow_stress(answer, path, call.folder, call.language)
    return {**answer.as_json(), "files": [one.name for one in files]}


def _together(where: str, *values: float | None) -> bool:
    """Return whether all are given; some alone are refused."""
    given = [value is not None for value in values]
    if any(given) and not all(given):
        raise ForgecastError(
            text("some of the values that belong together are missing"),
            where=where,
            repair=text("give all of them, or none"),
        )
    return all(given)


METALS = Door(
    "forging", "metals",
    text("Metals whose flow stress is shipped, with the range they were measured in."),
    Right.SEE, Way.READ, NoQuestion, MetalsTold, _metals,
)  # fmt: skip
FLOW = Door(
    "forging", "flow-stress",
    text("Flow stress of a metal over strain, temperature and rate."),
    Right.SEE, Way.READ, FlowAsked, FlowTold, _flow,
)  # fmt: skip
FIT = Door(
    "forging", "fit-flow-stress",
    text(
        "Fit coefficients of flow stress to hot-compression curves: each with its interval, what is left over, and how "
        "the fit does on conditions it has not seen."
    ),
    Right.ENGINEER, Way.RUN, FitAsked, FittedTold, _fit,
)  # fmt: skip
FLOW_DOORS: tuple[Door[Any], ...] = (METALS, FLOW, FIT)
