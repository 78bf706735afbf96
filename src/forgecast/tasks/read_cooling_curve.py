"""Read a cooling curve: its arrests, what smoothing does to them, and what they say of an iron or an Al-Si alloy."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from forgecast.gateway.cooling_curve import CurveRecord
from forgecast.ground.texts import Text, text
from forgecast.melting.cooling_curve import (
    Arrest,
    CurveFeatures,
    Point,
    SolidFraction,
    curve_features,
    newtonian_fraction,
)
from forgecast.melting.error import MeltingError
from forgecast.melting.material import Content
from forgecast.melting.thermal_estimate import (
    AlSiFeatures,
    Estimate,
    IronFeatures,
    alsi_eutectic,
    alsi_features,
    carbon_of_liquidus,
    iron_features,
    liquidus_equivalent,
)

Alloy: TypeAlias = Literal["iron", "alsi"]

#: Width of smoothing where the user asks for none [s], and the least number of readings it takes in.
WINDOW, READINGS = 5.0, 10


@dataclass(frozen=True, slots=True)
class CurveAsked:
    """What is known beside the curve.

    Parameters
    ----------
    alloy : {'iron', 'alsi'} or None
        None for the arrests alone.
    contents, spreads : mapping of str to float
        By the spectrometer: mass fractions, and their standard deviations as far as they are told [1].
    graphite, white : float or None
        Stable and metastable eutectic of the iron, measured [K].
    reference : float or None
        Eutectic of the unmodified Al-Si alloy, measured [K].
    surroundings : float or None
        Temperature that the sample cools towards [K].
    window : float or None
        Width of smoothing [s].
    """

    alloy: Alloy | None
    contents: Mapping[str, float]
    spreads: Mapping[str, float]
    graphite: float | None = None
    white: float | None = None
    reference: float | None = None
    surroundings: float | None = None
    window: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class CurveAnswer:
    """What a cooling curve says.

    Parameters
    ----------
    record : CurveRecord
    asked : CurveAsked
    window : float
        Width of smoothing [s].
    features : CurveFeatures
    fraction : SolidFraction or None
    equivalent, carbon : Estimate or None
        Of an iron.
    iron : IronFeatures or None
    alsi : AlSiFeatures or None
    reference : Estimate or None
        Eutectic of the unmodified alloy that the depression is told against.
    notes : tuple of Text
        What could not be told, and what would settle it.
    """

    record: CurveRecord
    asked: CurveAsked
    window: float
    features: CurveFeatures
    fraction: SolidFraction | None
    equivalent: Estimate | None
    carbon: Estimate | None
    iron: IronFeatures | None
    alsi: AlSiFeatures | None
    reference: Estimate | None
    notes: tuple[Text, ...]

    def as_json(self) -> dict[str, object]:
        """Return the answer with units in the names; what is not known is null."""
        found = self.features
        return {
            "file": self.record.name,
            "readings": int(self.record.time.size),
            "left_out": self.record.left_out,
            "window_s": self.window,
            "noise_K": found.smoothed.noise,
            "temperature_uncertainty_K": found.temperature_uncertainty,
            "rate_noise_K_per_s": found.smoothed.rate_noise,
            "peak": _point(found.peak),
            "liquidus": None if found.liquidus is None else _arrest(found.liquidus),
            "eutectic": None if found.eutectic is None else _arrest(found.eutectic),
            "end": None if found.end is None else _point(found.end),
            "latent_over_capacity_K": None if self.fraction is None else self.fraction.latent_over_capacity,
            "carbon_equivalent": _estimate(self.equivalent),
            "carbon": _estimate(self.carbon),
            "iron": None if self.iron is None else _plain(self.iron),
            "alsi": None if self.alsi is None else _plain(self.alsi),
            "reference": _estimate(self.reference),
            "notes": [note.as_json() for note in self.notes],
        }


def read_cooling_curve(record: CurveRecord, asked: CurveAsked) -> CurveAnswer:
    """Return the features of a cooling curve and what they say of the alloy.

    Parameters
    ----------
    record : CurveRecord
    asked : CurveAsked

    Raises
    ------
    MeltingError
        If the curve cannot be smoothed, or what is known beside it contradicts itself.

    Notes
    -----
    Without a window asked for, `WINDOW` is taken, or `READINGS` readings where that is longer.
    """
    step = float(np.median(np.diff(record.time))) if record.time.size > 1 else math.nan
    window = asked.window if asked.window is not None else max(WINDOW, READINGS * step)
    features = curve_features(record.time, record.temperature, window=window)
    notes = list(features.missing)
    if record.left_out:
        notes.append(text("{count} rows without time or temperature were left out", count=record.left_out))
    fraction = _fraction(features, asked, notes)
    equivalent = carbon = reference = None
    iron: IronFeatures | None = None
    alsi: AlSiFeatures | None = None
    if asked.alloy == "iron":
        equivalent, carbon = _iron_estimates(features, asked, notes)
        iron = _iron(features, asked, notes)
    elif asked.alloy == "alsi":
        reference = _reference(asked, notes)
        if reference is not None and features.eutectic is not None:
            alsi = alsi_features(features, reference.value)
    else:
        notes.append(text("no alloy was told: the arrests alone are shown"))
    return CurveAnswer(
        record=record,
        asked=asked,
        window=window,
        features=features,
        fraction=fraction,
        equivalent=equivalent,
        carbon=carbon,
        iron=iron,
        alsi=alsi,
        reference=reference,
        notes=tuple(notes),
    )


def _fraction(features: CurveFeatures, asked: CurveAsked, notes: list[Text]) -> SolidFraction | None:
    if asked.surroundings is None or features.end is None or features.eutectic is None:
        return None
    first = features.liquidus or features.eutectic
    curve = features.smoothed
    # An arrest that begins without a dip of the rate has no nucleation to begin at: its corner is the beginning.
    dipped = first.start.time > features.peak.time + curve.half * curve.step
    try:
        return newtonian_fraction(
            curve,
            start=first.start.time if dipped else first.low.time,
            end=features.end.time,
            surroundings=asked.surroundings,
            margin=curve.half * curve.step,
        )
    except MeltingError as error:
        notes.append(text("no solid fraction: {why}", why=error.what))
        return None


def _iron_estimates(
    features: CurveFeatures, asked: CurveAsked, notes: list[Text]
) -> tuple[Estimate | None, Estimate | None]:
    if features.liquidus is None:
        return None, None
    equivalent = liquidus_equivalent(features)
    notes.append(
        text("uncertainties are the curve's and the spectrometer's alone: thermocouple and formula have their own")
    )
    if not asked.contents:
        notes.append(text("the carbon needs Si, Mn, P, S, Ni and Cr by the spectrometer (--content)"))
        return equivalent, None
    silent = [element for element in asked.contents if element not in asked.spreads]
    if silent:
        raise MeltingError(
            text("the standard deviation of {element} is not told", element=silent[0]),
            where="--content",
            repair=text("write it behind the content: {example}", example=f"{silent[0]}=2.10±0.03%"),
        )
    others = {element: Content(mean, asked.spreads[element]) for element, mean in asked.contents.items()}
    return equivalent, carbon_of_liquidus(features, others)


def _iron(features: CurveFeatures, asked: CurveAsked, notes: list[Text]) -> IronFeatures | None:
    if asked.graphite is None or asked.white is None:
        notes.append(
            text("undercooling is told against the graphite and the white eutectic, measured: --graphite and --white")
        )
        return None
    return None if features.eutectic is None else iron_features(features, asked.graphite, asked.white)


def _reference(asked: CurveAsked, notes: list[Text]) -> Estimate | None:
    if asked.reference is not None:
        return Estimate(asked.reference, math.nan, usable=True, basis=text("measured, as told"))
    if not asked.contents:
        notes.append(
            text(
                "modification is told against the unmodified eutectic: --reference, or the contents of "
                "Si, Mg, Fe, Cu, Zn, Mn and Ni (--content)"
            )
        )
        return None
    found = alsi_eutectic(asked.contents)
    if not found.usable:
        notes.append(
            text("the unmodified eutectic is by a formula that was not read in its source: it decides nothing")
        )  # fmt: skip
    return found


def _known(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _point(point: Point) -> dict[str, object]:
    return {
        "time_s": point.time,
        "temperature_K": point.temperature,
        "rate_K_per_s": point.rate,
        "rate_bias_K_per_s": _known(point.rate_bias),
    }


def _arrest(arrest: Arrest) -> dict[str, object]:
    return {
        "start": _point(arrest.start),
        "low": _point(arrest.low),
        "high": _point(arrest.high),
        "fastest": _point(arrest.fastest),
        "recalescence_K": arrest.recalescence,
        "recalescence_time_s": arrest.recalescence_time,
    }


def _estimate(found: Estimate | None) -> dict[str, object] | None:
    if found is None:
        return None
    return {
        "value": _known(found.value),
        "uncertainty": _known(found.uncertainty),
        "usable": found.usable,
        "basis": found.basis.as_json(),
    }


def _plain(found: IronFeatures | AlSiFeatures) -> dict[str, object]:
    return {name: _known(getattr(found, name)) for name in type(found).__dataclass_fields__}
