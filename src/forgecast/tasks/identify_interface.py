"""Identify the interface coefficient of a casting and its mould from thermocouple readings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

import forgecast
from forgecast.casting.heat_run import Accuracy
from forgecast.casting.identify import Identified, Unknown, identify, profile_interval
from forgecast.casting.interface_model import PLATE_PAIR, InterfaceModel, Knots, Over, Plate, plate_layout
from forgecast.casting.layout import Layout
from forgecast.casting.thermocouple import ThermocoupleRecord
from forgecast.ground.citation import Source
from forgecast.ground.finding import Finding, Place, Severity
from forgecast.ground.texts import Text, text
from forgecast.metal.alloy import alloy
from forgecast.metal.contact import Contact
from forgecast.metal.media import covers, medium
from forgecast.metal.medium import Medium

F8 = NDArray[np.float64]

ZERO_DEGC = 273.15


@dataclass(frozen=True, slots=True)
class InterfaceIdentified:
    """An interface coefficient, how well it is known, and what it was made from.

    Parameters
    ----------
    record : str
        Name of the thermocouple record.
    over : {"constant", "temperature", "time"}
    at : tuple of float
        Knots [K] or [s].
    fit : Identified
        Its first estimates are the coefficients at the knots [W/(m2 K)]; then follow the displacements of the
        thermocouples [m], where their places are not taken as exact.
    profiled : str
        Name of the coefficient whose interval was checked by profile likelihood: the least known one.
    profile : (float or None, float or None)
        That interval; None where it does not close [W/(m2 K)].
    rows, used_rows : int
        Of the record, and of those taken.
    findings : tuple of Finding
    sources : tuple of Source
        Of the materials' values.
    version : str
        Of Forgecast.
    """

    record: str
    over: Over
    at: tuple[float, ...]
    fit: Identified
    profiled: str
    profile: tuple[float | None, float | None]
    rows: int
    used_rows: int
    findings: tuple[Finding, ...]
    sources: tuple[Source, ...]
    version: str

    @property
    def contact(self) -> Contact:
        """Return the contact, ready for a run, with where it comes from."""
        values = [estimate.value for estimate in self.fit.estimates if estimate.free]
        source = Source(
            text("interface coefficient"), text("identified from the record {record}", record=self.record), "primary"
        )
        return Contact(self.over, np.array(self.at), np.array(values), 0.0, (source,))

    def as_json(self) -> dict[str, object]:
        """Return the result with units in the names."""
        fit = self.fit
        return {
            "record": self.record,
            "over": self.over,
            "knots": [None] if self.over == "constant" else list(self.at),
            "knot_unit": {"constant": "", "temperature": "K", "time": "s"}[self.over],
            "coefficients_W_per_m2_K": [
                {
                    "name": e.name,
                    "value": e.value,
                    "low": e.low,
                    "high": e.high,
                    "sensitivity_K_per_tenth": e.sensitivity,
                }
                for e in fit.estimates
                if e.free
            ],
            "displacements_m": [
                {"thermocouple": e.name, "value": e.value, "low": e.low, "high": e.high}
                for e in fit.estimates
                if not e.free
            ],
            "confidence": fit.confidence,
            "profile_check": {"name": self.profiled, "low": self.profile[0], "high": self.profile[1]},
            "noise_K": fit.noise,
            "autocorrelation": fit.autocorrelation,
            "intervals_widened_by": fit.widened,
            "condition": fit.condition,
            "model_noise_K": fit.model_noise,
            "readings": int(np.isfinite(fit.residual).sum()),
            "rows": self.rows,
            "used_rows": self.used_rows,
            "findings": [finding.as_json() for finding in self.findings],
            "sources": [source.as_json() for source in self.sources],
            "version": self.version,
        }


def plate_trial(
    alloy_name: str,
    mould_name: str,
    *,
    half_thickness: float,
    mould_thickness: float,
    pour_temperature: float,
    mould_temperature: float,
    back: Contact | None = None,
    air_temperature: float | None = None,
) -> Layout:
    """Return the layout of a plate cast against a mould of a shipped medium, for `identify_interface`.

    Parameters
    ----------
    alloy_name, mould_name : str
    half_thickness, mould_thickness : float
        [m]; the plate from the interface to its plane of symmetry.
    pour_temperature, mould_temperature : float
        [K].
    back : Contact or None
        From the mould's back to the air; None where no heat passes.
    air_temperature : float or None
        [K].

    Raises
    ------
    MaterialError
        If a name is unknown, or a table does not cover the temperatures.
    ForgecastError
        If a thickness is not above zero, or the air has no temperature.
    """
    metal, mould = alloy(alloy_name).medium(), medium(mould_name)
    lowest = min(mould_temperature, pour_temperature, mould_temperature if air_temperature is None else air_temperature)
    highest = max(mould_temperature, pour_temperature)
    covers(metal, lowest, highest)
    covers(mould, lowest, highest)
    return plate_layout(
        Plate(metal, mould, half_thickness, mould_thickness, pour_temperature, mould_temperature, back, air_temperature)
    )


def identify_interface(
    record: ThermocoupleRecord,
    layout: Layout,
    *,
    pair: tuple[int, int] = PLATE_PAIR,
    over: Over = "constant",
    at: Sequence[float] = (0.0,),
    start: float = 1000.0,
    bounds: tuple[float, float] = (1.0, 1e6),
    place_error: float | None = None,
    confidence: float = 0.95,
    most_rows: int = 200,
    accuracy: Accuracy | None = None,
) -> InterfaceIdentified:
    """Identify the interface coefficient between two media of a layout.

    Parameters
    ----------
    record : ThermocoupleRecord
        From `gateway.thermocouple.read_thermocouples`, or made in Python; time counts from the pour.
    layout : Layout
        The metal at its pour temperature at time 0: from `plate_trial`, or the user's own.
    pair : (int, int)
        The two media, the smaller index first.
    over : {"constant", "temperature", "time"}
        What the coefficient is a function of: the hotter side's temperature at the interface, or time since the pour.
    at : sequence of float
        Knots [K] or [s]; for a constant, one of any value.
    start : float
        Coefficient the search starts from [W/(m2 K)].
    bounds : (float, float)
        Of the search [W/(m2 K)].
    place_error : float or None
        Standard error of the thermocouples' places along each axis [m]; with it the places are adjusted within what it
        allows, and the intervals count it. None takes the places as
        exact, and a finding says so; 0 does so without one.
    confidence : float
        Of the intervals [1].
    most_rows : int
        A longer record is thinned to at most so many rows.
    accuracy : Accuracy or None
        Of the runs; None takes `casting.interface_model.FINE`.

    Raises
    ------
    RecordError
        If a thermocouple lies outside the layout.
    IdentifyError
        If there are fewer readings than parameters, or the start lies outside the bounds.

    Notes
    -----
    As `casting.identify.identify`, with the heat solver as the model.
    """
    used = record.thinned(most_rows)
    knots = Knots(over, np.array(at, dtype=np.float64))
    model = InterfaceModel(layout, pair, knots, used, accuracy=accuracy)
    unknowns = [Unknown(name, start, *bounds) for name in _names(knots)]
    if place_error:
        for name in used.thermocouples:
            unknowns += [
                Unknown(f"{name} {axis}", 0.0, -5.0 * place_error, 5.0 * place_error, place_error)
                for axis in "xyz"[: used.place.shape[1]]
            ]
    fit = identify(model, used.temperature, unknowns, confidence=confidence, where=record.name)
    free = [n for n, estimate in enumerate(fit.estimates) if estimate.free]
    least = max(free, key=lambda n: fit.estimates[n].standard_error)
    sources = dict.fromkeys(s for one in layout.media if isinstance(one, Medium) for s in one.sources)
    return InterfaceIdentified(
        record=record.name,
        over=over,
        at=tuple(float(knot) for knot in knots.at),
        fit=fit,
        profiled=fit.estimates[least].name,
        profile=profile_interval(model, used.temperature, unknowns, fit, least),
        rows=len(record.time),
        used_rows=len(used.time),
        findings=(*fit.findings, *_notes(record, used, place_error)),
        sources=tuple(sources),
        version=forgecast.__version__,
    )


def _names(knots: Knots) -> list[str]:
    if knots.over == "constant":
        return ["h"]
    if knots.over == "time":
        return [f"h({at:g} s)" for at in knots.at]
    return [f"h({round(at - ZERO_DEGC, 2):g} °C)" for at in knots.at]


def _notes(record: ThermocoupleRecord, used: ThermocoupleRecord, place_error: float | None) -> list[Finding]:
    found: list[Finding] = []

    def add(code: str, value: str, reason: Text, repair: Text) -> None:
        found.append(Finding(code, Severity.NOTE, Place(record.name), value, reason, repair))

    if len(used.time) < len(record.time):
        reason = text("only {used} of {rows} rows were taken, evenly", used=len(used.time), rows=len(record.time))
        add("record-thinned", str(len(used.time)), reason, text("ask for more rows if the record is quick"))
    gaps = int(np.isnan(used.temperature).sum())
    if gaps:
        add(
            "gaps", str(gaps), text("{gaps} readings are missing", gaps=gaps), text("nothing to do; they were left out")
        )
    if place_error is None:
        add(
            "places-exact",
            "",
            text("the places of the thermocouples were taken as exact; an error of theirs is in no interval"),
            text("give the standard error of the places"),
        )
    return found
