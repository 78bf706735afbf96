"""Judged concentrations of a stack: series and manual tests brought to the state and oxygen the law compares at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import NDArray

from forgecast.environment.mass_flow import PeriodMass, mass_flow_kg_h, period_mass, removal_efficiency
from forgecast.environment.missing import MISSING_TEXTS, Missing
from forgecast.environment.stack import to_dry_gas, to_reference_oxygen, to_standard_state
from forgecast.ground.errors import UnitError
from forgecast.ground.finding import Finding, Place, Severity
from forgecast.ground.texts import Text, text
from forgecast.ground.units import convert
from forgecast.rules.fact import AnyFigure, Figure, HourlyFigure, Origin, SampledFigure
from forgecast.rules.reference import Reference
from forgecast.tasks.plant_view import PlantView, Row

#: Pollutants as records name them; figures carry the same names.
POLLUTANTS = ("pm", "so2", "nox", "pb", "benzene", "benzene_series", "nmhc", "tvoc")
#: Unit in which concentrations are judged.
MG_M3 = "mg/m3"

FloatArray = NDArray[np.float64]
CodeArray = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Hours:
    """Values of every hour of the period (NaN where missing), why one is missing, and where they come from."""

    values: FloatArray
    origin: Origin
    missing: CodeArray


@dataclass(frozen=True, slots=True, eq=False)
class PollutantHours:
    """One pollutant of one stack, hour by hour over the period; NaN where a value is missing.

    Parameters
    ----------
    judged : (n,) float64 array
        What the law compares, mg/m3; NaN also where the stack stood still.
    missing : (n,) uint8 array
        `Missing` code of `judged`, the hours at rest left aside.
    measured : (n,) float64 array
        In dry gas at the standard state, mg/m3, before any conversion to reference oxygen.
    share : (n,) float64 array
        Good readings of the pollutant as share of those expected.
    rate_kg_h : (n,) float64 array or None
        Emitted mass flow; None where the flow is not measured as dry gas at the standard state.
    origin : Origin
    """

    judged: FloatArray
    missing: CodeArray
    measured: FloatArray
    share: FloatArray
    rate_kg_h: FloatArray | None
    origin: Origin


@dataclass(slots=True)
class StackFigures:
    """What series and tests say of one stack.

    Parameters
    ----------
    figures : dict of str to list of AnyFigure
    mass_kg : dict of str to PeriodMass
        By pollutant: emitted mass from hourly concentration and flow.
    findings : list of Finding
        Why a series or a test could not be used.
    hourly : dict of str to FloatArray
        Judged concentration of every hour of the period, NaN where missing, for drawing.
    hours : dict of str to PollutantHours
        The same with all that led to it.
    working : (n,) bool array or None
        In which hours the stack worked; None where no tag tells.
    """

    figures: dict[str, list[AnyFigure]] = field(default_factory=dict)
    mass_kg: dict[str, PeriodMass] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    hourly: dict[str, FloatArray] = field(default_factory=dict)
    hours: dict[str, PollutantHours] = field(default_factory=dict)
    working: NDArray[np.bool_] | None = None

    def add(self, figure: AnyFigure) -> None:
        """Add a figure; several may carry one name."""
        self.figures.setdefault(figure.name, []).append(figure)


def stack_figures(view: PlantView, stack: Row, reference: Callable[[], Reference]) -> StackFigures:
    """Return the judged figures of one stack for the period.

    Parameters
    ----------
    view : PlantView
    stack : Row
        Of the record `stack`.
    reference : callable
        Gives the reference oxygen of the stack; asked only if there is something to convert.
    """
    found = StackFigures()
    tags = [tag for tag in view.tags.values() if tag.text("stack") == stack.text("id")]
    if tags:
        _from_series(view, stack, tags, reference, found)
    _from_tests(view, stack, reference, found)
    return found


def _from_series(
    view: PlantView, stack: Row, tags: Sequence[Row], reference: Callable[[], Reference], found: StackFigures
) -> None:
    gas = _Gas(view, stack, tags, found)
    found.working = gas.working
    first, _end = view.hours
    for tag in tags:
        pollutant = tag.text("measures")
        if pollutant not in POLLUTANTS:
            continue
        measured = gas.concentration(tag)
        if measured is None:
            continue
        rate = gas.emitted(pollutant, measured)
        judged = measured if tag.flag("oxygen_corrected") else gas.at_reference(tag, measured, reference())
        working = gas.working
        found.hours[pollutant] = _told(gas, tag, measured, judged, rate)
        if judged is None:
            continue
        values = found.hours[pollutant].judged
        found.hourly[pollutant] = values
        there = np.flatnonzero(np.isfinite(values))
        found.add(
            HourlyFigure(
                name=pollutant,
                unit=MG_M3,
                hours=(there + first).astype(np.int64),
                values=values[there],
                expected_hours=int(values.size if working is None else working.sum()),
                zone=view.zone,
                origin=judged.origin,
                due=None if working is None else (np.flatnonzero(working) + first).astype(np.int64),
            )
        )


def _told(gas: _Gas, tag: Row, measured: Hours, judged: Hours | None, rate: FloatArray | None) -> PollutantHours:
    means = gas.view.means(tag)
    assert means is not None  # noqa: S101  (there is no concentration without them)
    if judged is None:
        nothing = np.full(measured.values.shape, np.nan)
        lacking = Missing.NO_REFERENCE if gas.has_oxygen else Missing.NO_OXYGEN
        code = np.where(measured.missing == Missing.PRESENT, lacking, measured.missing).astype(np.uint8)
        return PollutantHours(nothing, code, measured.values, means.share, rate, measured.origin)
    values = judged.values if gas.working is None else np.where(gas.working, judged.values, np.nan)
    return PollutantHours(values, judged.missing, measured.values, means.share, rate, judged.origin)


class _Gas:
    """The gas of one stack over the hours of the period."""

    def __init__(self, view: PlantView, stack: Row, tags: Sequence[Row], found: StackFigures) -> None:
        self.view, self.stack, self.tags, self.found = view, stack, tags, found
        self.working = view.ran(self._operating())

    def _tag(self, measures: str) -> Row | None:
        return next((tag for tag in self.tags if tag.text("measures") == measures), None)

    @property
    def has_oxygen(self) -> bool:
        """Whether the stack has an oxygen tag."""
        return self._tag("oxygen") is not None

    def _operating(self) -> Row | None:
        own = self._tag("operating")
        machine = self.stack.text("equipment")
        if own is not None or not machine:
            return own
        others = self.view.tags.values()
        return next((t for t in others if t.text("equipment") == machine and t.text("measures") == "operating"), None)

    def hours(self, tag: Row | None, kind: str, unit: str) -> Hours | None:
        """Return the valid hourly means of a tag in a unit; None without the tag, its unit or any reading."""
        if tag is None:
            return None
        means = self.view.means(tag)
        if means is None:
            return None
        name = tag.text("id")
        if not tag.text("unit"):
            self._refuse(tag, "unit", text("the tag has no unit"), text("write its unit into the record `tag`"))
            return None
        try:
            values = convert(means.means.values, kind, tag.text("unit"), unit)
        except UnitError as error:
            self._refuse(tag, "unit", error.what, error.repair)
            return None
        what = text(
            "hourly means of {tag}; an hour is valid from {share} % good readings on",
            tag=name,
            share=round(100 * self.view.settings.valid_hour_share, 1),
        )
        return Hours(values, Origin(what, name, (tag.origin(),)), means.means.missing)

    def concentration(self, tag: Row) -> Hours | None:
        """Return the concentration in dry gas at the standard state, mg/m3."""
        measured = self.hours(tag, "concentration", MG_M3)
        if measured is None:
            return None
        basis = tag.text("basis")
        if basis == "dry_standard":
            return measured
        if basis not in ("wet_standard", "wet_actual"):
            self._refuse(
                tag,
                "basis",
                text("it is not told whether the concentration is of dry gas at the standard state"),
                text("write dry_standard, wet_standard or wet_actual into the field `basis` of the record `tag`"),
            )
            return None
        moisture = self.hours(self._tag("moisture"), "share", "1")
        parts = [measured]
        values = measured.values
        if basis == "wet_actual":
            temperature = self.hours(self._tag("gas_temperature"), "temperature", "K")
            pressure = self.hours(self._tag("gas_pressure"), "pressure", "Pa")
            if temperature is None or pressure is None:
                self._refuse_state(tag, text("gas temperature and absolute pressure"))
                return None
            values = to_standard_state(values, temperature.values, pressure.values).values
            parts += [temperature, pressure]
        if moisture is None:
            self._refuse_state(tag, text("moisture"))
            return None
        dry = to_dry_gas(values, moisture.values)
        origin = Origin(
            text("brought to dry gas at 273.15 K and 101.325 kPa"), "", tuple(p.origin for p in (*parts, moisture))
        )
        return Hours(dry.values, origin, _first_reason(measured.missing, dry.missing))

    def at_reference(self, tag: Row, measured: Hours, reference: Reference) -> Hours | None:
        """Return the concentration at reference oxygen, or as measured where the book says so."""
        if not reference.covered:
            return None
        if not reference.known:
            why = reference.missing[0] if reference.missing else text("the book does not settle it")
            reason = text("the reference oxygen is not known: {why}", why=why)
            if reference.title is None:
                self._refuse(tag, "", reason, text("complete what is named"))
            else:  # the clause itself leaves it open: no defect of the data
                self.found.add(_unusable(self.view, tag.text("measures"), reason, tag.origin()))
            return None
        if reference.value is None:
            return measured
        oxygen_tag = self._tag("oxygen")
        oxygen = self.hours(oxygen_tag, "share", "%")
        if oxygen is None:
            self._refuse_state(tag, text("oxygen"))
            return None
        converted = to_reference_oxygen(measured.values, oxygen.values, reference.value)
        what = text(
            "converted to {oxygen} % oxygen, ρ·(21 − O_ref)/(21 − O_meas), hour by hour ({clause})",
            oxygen=reference.value,
            clause=reference.clause,
        )
        codes = _first_reason(measured.missing, converted.missing)
        return Hours(converted.values, Origin(what, "", (measured.origin, oxygen.origin)), codes)

    def emitted(self, pollutant: str, measured: Hours) -> FloatArray | None:
        """Add the mass emitted and return its hourly rate, from measured concentration and dry standard flow."""
        tag = self._tag("gas_flow")
        flow = self.hours(tag, "volume_rate", "m3/h")
        if tag is None or flow is None or tag.text("basis") != "dry_standard":
            return None
        rate = mass_flow_kg_h(measured.values, flow.values).values
        self.found.mass_kg[pollutant] = period_mass(rate, self.working)
        return rate

    def _refuse_state(self, tag: Row, what: Text) -> None:
        self._refuse(
            tag,
            "",
            text(
                "{what} of the stack is not measured, so the concentration cannot be brought to what is judged",
                what=what,
            ),
            text("add the tag to the record `tag` and take in its series"),
        )

    def _refuse(self, tag: Row, column: str, reason: Text, repair: Text) -> None:
        place = Place(tag.file, tag.number or None, None, column)
        name = tag.text("id")
        self.found.findings.append(Finding("series-not-usable", Severity.DOUBTFUL, place, name, reason, repair))
        if tag.text("measures") in POLLUTANTS:
            self.found.add(_unusable(self.view, tag.text("measures"), reason, tag.origin()))


def origin_of(origin: Origin) -> str:
    """Return the tags that an hourly value was computed from."""
    return origin.place or ", ".join(filter(None, (origin_of(one) for one in origin.origins)))


def _first_reason(earlier: CodeArray, later: CodeArray) -> CodeArray:
    """Return why a value is missing: what the measurement lacked, before what its conversion lacked."""
    return np.where(earlier == Missing.PRESENT, later, earlier).astype(np.uint8)


def _unusable(view: PlantView, pollutant: str, why: Text, origin: Origin) -> Figure:
    """Return the figure that stands for a measurement which cannot be judged, so that a verdict can say why."""
    return Figure(pollutant, None, MG_M3, view.period.start, view.period.end, origin, why)


def _from_tests(view: PlantView, stack: Row, reference: Callable[[], Reference], found: StackFigures) -> None:
    samples: dict[str, list[tuple[date, float, Origin]]] = {}
    for test in view.within("stack_test", "sampled_at"):
        if test.text("stack") != stack.text("id"):
            continue
        value = _judged_test(view, test, reference(), found)
        if value is not None:
            day = view.day_of(test.number_of("sampled_at"))
            samples.setdefault(test.text("pollutant"), []).append((day, value, _tested(test, reference())))
        _treatment(view, test, found)
    for pollutant, taken in samples.items():
        origin = Origin(text("manual tests"), "stack_test", tuple(one for _, _, one in taken))
        found.add(SampledFigure(pollutant, MG_M3, tuple(taken), origin))


def _tested(test: Row, reference: Reference) -> Origin:
    """Return where a test's judged value comes from: what was measured, and to which oxygen it was brought."""
    if reference.value is None:
        return test.origin("concentration_mg_m3")
    what = text(
        "{measured} mg/m3 measured at {oxygen} % oxygen, brought to {reference} %",
        measured=test.number_of("concentration_mg_m3"),
        oxygen=test.number_of("oxygen_percent"),
        reference=reference.value,
    )
    rows = (test.origin("concentration_mg_m3"), test.origin("oxygen_percent"))
    return Origin(what, test.place, rows)


def _judged_test(view: PlantView, test: Row, reference: Reference, found: StackFigures) -> float | None:
    measured = test.number_of("concentration_mg_m3")
    if not np.isfinite(measured) or not reference.covered:
        return None
    if reference.known and reference.value is None:
        return measured
    if reference.known and reference.value is not None:
        converted = to_reference_oxygen([measured], [test.number_of("oxygen_percent")], reference.value)
        if converted.present[0]:
            return float(converted.values[0])
        why = MISSING_TEXTS[Missing(int(converted.missing[0]))]
        repair = text("take the oxygen content over from the laboratory's report")
    else:
        why = reference.missing[0] if reference.missing else text("the book does not settle it")
        repair = text("complete what is named")
    reason = text("the result cannot be brought to reference oxygen: {why}", why=why)
    if reference.known or reference.title is None:  # else the clause itself leaves it open: no defect of the data
        place = Place(test.file, test.number, None, "oxygen_percent")
        found.findings.append(Finding("test-not-usable", Severity.DOUBTFUL, place, test.text("id"), reason, repair))
    found.add(_unusable(view, test.text("pollutant"), reason, test.origin()))
    return None


def _treatment(view: PlantView, test: Row, found: StackFigures) -> None:
    """Add initial rate and efficiency of VOC treatment from a test that measured before and behind it."""
    entering = test.number_of("inlet_rate_kg_h")
    if test.text("pollutant") != "nmhc" or not np.isfinite(entering):
        return
    day = view.day_of(test.number_of("sampled_at"))
    origin = test.origin("inlet_rate_kg_h")
    found.add(SampledFigure("nmhc_rate", "kg/h", ((day, entering, origin),), origin))
    leaving = test.number_of("concentration_mg_m3") * test.number_of("flow_m3_h") / 1e6
    efficiency = removal_efficiency([entering], [leaving])
    if efficiency.present[0]:
        what = text("1 − outlet rate / inlet rate")
        percent = 100.0 * float(efficiency.values[0])
        found.add(SampledFigure("voc_efficiency", "%", ((day, percent, origin),), Origin(what, test.place, (origin,))))
