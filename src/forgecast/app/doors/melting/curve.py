"""The door that reads a cooling curve: liquidus, eutectic, end of freezing, and what they say of the metal."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel
from pydantic import Field as Asked

from forgecast.app.doors.door import Call, Door, Question, Way, Words
from forgecast.app.melting.curve_picture import marks_of
from forgecast.app.melting.write import write_curve
from forgecast.gateway.cooling_curve import ColumnAsked, read_curve
from forgecast.ground.texts import text
from forgecast.store.server.rights import Right
from forgecast.tasks.read_cooling_curve import CurveAnswer, CurveAsked, read_cooling_curve

_ZERO = 273.15
#: Points of a curve that a picture on a screen can show.
_MOST_POINTS = 4000
Told = dict[str, Any]


class AskedCurve(Question):
    """A file with a column of time and one of temperature, and what is known beside it."""

    upload: str = Asked(description="Id of an upload.")
    alloy: Literal["iron", "alsi"] | None = Asked(default=None, description="Without it the arrests alone are told.")
    content_percent: dict[str, float] = Asked(default={}, description="By the spectrometer, by element.")
    content_spread_percent: dict[str, float] = Asked(default={}, description="Their standard deviations.")
    graphite_degC: float | None = Asked(default=None, description="Graphite eutectic of the iron, measured.")
    white_degC: float | None = Asked(default=None, description="White eutectic of the iron, measured.")
    reference_degC: float | None = Asked(default=None, description="Eutectic of the unmodified Al-Si alloy.")
    surroundings_degC: float | None = Asked(default=None, description="What the cup cools towards.")
    window_s: float | None = Asked(default=None, gt=0, description="Width of smoothing.")
    time_column: str = ""
    time_unit: str = ""
    temperature_column: str = ""
    temperature_unit: str = ""


class MarkTold(BaseModel):
    """A marked point of the curve."""

    sign: str
    title: Words
    time_s: float
    temperature_degC: float
    rate_K_per_s: float | None
    rate_bias_K_per_s: float | None


class CurveTold(BaseModel):
    """What a cooling curve says, and its points to be drawn."""

    file: str
    readings: int
    left_out: int
    window_s: float
    noise_K: float | None
    temperature_uncertainty_K: float | None
    rate_noise_K_per_s: float | None
    peak: Told
    liquidus: Told | None
    eutectic: Told | None
    end: Told | None
    latent_over_capacity_K: float | None
    carbon_equivalent: Told | None
    carbon: Told | None
    iron: Told | None
    alsi: Told | None
    reference: Told | None
    notes: list[Words]
    marks: list[MarkTold]
    time_s: list[float]
    readings_degC: list[float | None]
    smoothed_time_s: list[float]
    smoothed_degC: list[float | None]
    rate_K_per_s: list[float | None]
    picture: str | None


def _curve(call: Call, question: AskedCurve) -> Mapping[str, Any]:
    record = read_curve(
        call.upload(question.upload),
        time=ColumnAsked(question.time_column, question.time_unit),
        temperature=ColumnAsked(question.temperature_column, question.temperature_unit),
    )
    call.progress(0.2)
    answer = read_cooling_curve(record, _asked(question))
    call.progress(0.6)
    picture = None
    if call.folder is not None:
        picture = next((path.name for path in write_curve(answer, call.folder / "curve", call.language)
                        if path.suffix == ".png"), None)  # fmt: skip
        if picture is not None:
            (call.folder / "curve" / picture).replace(call.folder / picture)
    return {**_numbers_only(answer.as_json()), **_drawn(answer), "picture": picture}


def _asked(question: AskedCurve) -> CurveAsked:
    def kelvin(degc: float | None) -> float | None:
        return None if degc is None else degc + _ZERO

    return CurveAsked(
        question.alloy,
        {element: percent / 100.0 for element, percent in question.content_percent.items()},
        {element: percent / 100.0 for element, percent in question.content_spread_percent.items()},
        kelvin(question.graphite_degC),
        kelvin(question.white_degC),
        kelvin(question.reference_degC),
        kelvin(question.surroundings_degC),
        question.window_s,
    )


def _drawn(answer: CurveAnswer) -> Told:
    curve = answer.features.smoothed
    step = max(1, math.ceil(answer.record.time.size / _MOST_POINTS))
    fine = max(1, math.ceil(curve.time.size / _MOST_POINTS))
    return {
        "marks": [
            {
                "sign": sign,
                "title": words.as_json(),
                "time_s": float(point.time),
                "temperature_degC": float(point.temperature) - _ZERO,
                "rate_K_per_s": _finite(point.rate),
                "rate_bias_K_per_s": _finite(point.rate_bias),
            }
            for sign, words, point in marks_of(answer.features)
        ],
        "time_s": _listed(answer.record.time[::step]),
        "readings_degC": _listed(answer.record.temperature[::step] - _ZERO),
        "smoothed_time_s": _listed(curve.time[::fine]),
        "smoothed_degC": _listed(curve.temperature[::fine] - _ZERO),
        "rate_K_per_s": _listed(curve.rate[::fine]),
    }


def _listed(values: NDArray[np.float64]) -> list[Any]:
    return [_finite(value) for value in values.tolist()]


def _finite(value: float) -> float | None:
    return float(f"{value:.7g}") if math.isfinite(value) else None


def _numbers_only(value: Any) -> Any:  # noqa: ANN401  (JSON)
    """Return JSON in which a number that is none is null."""
    if isinstance(value, dict):
        return {name: _numbers_only(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_numbers_only(one) for one in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


CURVE = Door("melting", "curve", text("Liquidus, undercooling, recalescence, end of freezing out of a cooling curve."),
             Right.SEE, Way.RUN, AskedCurve, CurveTold, _curve)  # fmt: skip

CURVE_DOORS: tuple[Door[Any], ...] = (CURVE,)
