"""Estimate the mass a plant emits, by stack and pollutant: flow × concentration, own tests × hours, or not known."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from forgecast.environment.mass_estimate import FILL_TEXTS, Fill, MassEstimate, Projection, estimate_mass, project_year
from forgecast.environment.report_table import Column, Gap, ReportTable, known
from forgecast.ground.dates import HOUR_US, Period, day_start_us
from forgecast.ground.texts import Text, text, verbatim
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.judge_hours import JudgedHours, judge_hours, pollutant_text
from forgecast.tasks.operating_hours import OperatingHours, operating_hours
from forgecast.tasks.plant_view import PlantView, Row, short
from forgecast.tasks.stack_figures import StackFigures, origin_of

FloatArray = NDArray[np.float64]
Method = Literal["flow", "tests", "none"]
METHOD_TEXTS: dict[Method, Text] = {
    "flow": text("flow × concentration"),
    "tests": text("own tests × hours"),
    "none": text("not known"),
}
ENVIRONMENT_MANAGER = text("environment manager")
MONITORING_OPERATOR = text("operator of the monitoring system")
#: Least share of the due hours of a day that must have a value for the day to count in a projection.
LEAST_OF_DAY = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class EmittedMass:
    """Mass of one pollutant of one stack.

    Parameters
    ----------
    stack, name, pollutant : str
    method : str
        ``flow``, ``tests`` or ``none``.
    whole : MassEstimate
    monthly : tuple of MassEstimate
        One for each month of the period.
    daily : (d,) float64 array or None
        Mass of each day [kg] for a projection; NaN for a day with too few hours.
    origin : str
        Tags or tests it was computed from.
    why : Text or None
        Why it is not known or less sure.
    """

    stack: str
    name: str
    pollutant: str
    method: Method
    whole: MassEstimate
    monthly: tuple[MassEstimate, ...]
    daily: FloatArray | None
    origin: str
    why: Text | None = None


@dataclass(frozen=True, slots=True)
class EmittedTotal:
    """Mass of one pollutant over all stacks against what the permit allows.

    Parameters
    ----------
    pollutant : str
    mass, low, high : float or None
        Known mass and bounds [kg]; `high` None where some stack is not bounded.
    permitted : float or None
        Mass of the year by the permit [kg].
    permit : str
    year : int
    projection : Projection or None
    unknown : tuple of str
        Stacks whose mass is not known.
    """

    pollutant: str
    mass: float | None
    low: float
    high: float | None
    permitted: float | None
    permit: str
    year: int
    projection: Projection | None
    unknown: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Emissions:
    """What a plant emitted in a period."""

    period: Period
    months: tuple[str, ...]
    fill: Fill
    masses: tuple[EmittedMass, ...]
    totals: tuple[EmittedTotal, ...]
    gaps: tuple[Gap, ...]

    def tables(self) -> tuple[ReportTable, ...]:
        """Return totals, stacks and months as tables."""
        return (_totals_table(self), _stacks_table(self), _months_table(self))


def estimate_emissions(
    folder: PlantFolder, period: Period, *, fill: Fill = "none", judged: JudgedHours | None = None
) -> Emissions:
    """Return the mass emitted in a period, with uncovered hours stated and bounded.

    Parameters
    ----------
    folder : PlantFolder
    period : Period
        Plant-local days.
    fill : Fill
        How hours without a value are filled; nothing is filled unless asked for.
    judged : JudgedHours or None
        Hours of the same period, where they have been judged already.
    """
    view = PlantView(folder, period, period.end - timedelta(days=1))
    judged = judged or judge_hours(folder, period, view=view)
    ran = operating_hours(view)
    masses: list[EmittedMass] = []
    gaps: list[Gap] = []
    limits = {(row.text("stack"), row.text("pollutant")) for row in view.rows("permit_limit")}
    for stack in view.rows("stack"):
        figures = judged.facts.stacks.get(stack.text("id"))
        tests = [row for row in view.within("stack_test", "sampled_at") if row.text("stack") == stack.text("id")]
        names = dict.fromkeys([*(figures.hours if figures else ()), *(row.text("pollutant") for row in tests)])
        names.update(dict.fromkeys(pollutant for one, pollutant in sorted(limits) if one == stack.text("id")))
        for pollutant in names:
            mine = [row for row in tests if row.text("pollutant") == pollutant]
            masses.append(_mass(view, stack, pollutant, figures, mine, ran, fill))
            gaps += _gaps(masses[-1], stack)
    if not view.rows("stack"):
        gaps.append(Gap(text("no stack is on record"), "stack", ENVIRONMENT_MANAGER))
    totals = tuple(_total(view, one, masses) for one in _pollutants(view, masses))
    gaps += [
        Gap(
            text(
                "how much {pollutant} the permit allows in {year}", pollutant=pollutant_text(t.pollutant), year=t.year
            ),
            "permit_total",
            ENVIRONMENT_MANAGER,
        )
        for t in totals
        if t.permitted is None and t.pollutant in ("pm", "so2", "nox")
    ]
    return Emissions(period, view.months, fill, tuple(masses), totals, tuple(dict.fromkeys(gaps)))


def _mass(
    view: PlantView,
    stack: Row,
    pollutant: str,
    figures: StackFigures | None,
    tests: list[Row],
    ran: dict[str, OperatingHours],
    fill: Fill,
) -> EmittedMass:
    name, id_ = stack.text("name") or stack.text("id"), stack.text("id")
    hours = None if figures is None else figures.hours.get(pollutant)
    if figures is not None and hours is not None and hours.rate_kg_h is not None and np.isfinite(hours.rate_kg_h).any():
        rate, due = hours.rate_kg_h, figures.working
        highest = float(np.nanmax(rate))
        whole = estimate_mass(rate, due, fill=fill)
        first = view.hours[0]
        monthly = []
        for month in view.months:
            low, high = view.month_bounds_us(month)
            part = slice(max(low // HOUR_US - first, 0), max(-(-high // HOUR_US) - first, 0))
            monthly.append(
                estimate_mass(rate[part], None if due is None else due[part], fill=fill, highest_kg_h=highest)
            )
        origin = origin_of(hours.origin)
        return EmittedMass(
            id_, name, pollutant, "flow", whole, tuple(monthly), _days(view, rate, due), f"{origin} × gas_flow"
        )
    return _by_tests(view, stack, pollutant, tests, ran, measured=hours is not None)


def _days(view: PlantView, rate: FloatArray, due: NDArray[np.bool_] | None) -> FloatArray:
    """Return the mass of each day: covered hours scaled to the hours due, where at least half of them are covered."""
    first = view.hours[0]
    needed = np.ones(rate.shape, np.bool_) if due is None else due
    days = []
    for number in range(view.period.days):
        edges = [
            -(-day_start_us(view.period.start + timedelta(days=number + one), view.zone) // HOUR_US) - first
            for one in (0, 1)
        ]
        part = slice(*edges)
        there = np.isfinite(rate[part])
        covered, wanted = int((there & needed[part]).sum()), int(needed[part].sum())
        resting = float(rate[part][there & ~needed[part]].sum())
        if wanted == 0:
            days.append(resting)
        elif covered >= LEAST_OF_DAY * wanted and covered:
            days.append(float(rate[part][there & needed[part]].sum()) * wanted / covered + resting)
        else:
            days.append(math.nan)
    return np.array(days)


def _by_tests(
    view: PlantView,
    stack: Row,
    pollutant: str,
    tests: list[Row],
    ran: dict[str, OperatingHours],
    *,
    measured: bool,
) -> EmittedMass:
    name, id_ = stack.text("name") or stack.text("id"), stack.text("id")
    all_hours = view.hours[1] - view.hours[0]
    rates = np.array([row.number_of("concentration_mg_m3") * row.number_of("flow_m3_h") / 1e6 for row in tests])
    rates = rates[np.isfinite(rates)]
    places = short(row.text("id") for row in tests)
    nothing = tuple(_nothing(0) for _ in view.months)
    if rates.size == 0:
        why = text("no test with a flow, and no concentration with a flow beside it")
        if measured:
            why = text("the concentration is measured, the dry flow at the standard state is not")
        return EmittedMass(id_, name, pollutant, "none", _nothing(all_hours), nothing, None, places, why)
    told = ran.get(stack.text("equipment"))
    if told is None or not np.isfinite(told.monthly).all():
        why = text(
            "tests show {low} to {high} kg/h, but the operating hours of {machine} are not on record",
            low=f"{rates.min():.3g}",
            high=f"{rates.max():.3g}",
            machine=stack.text("equipment") or id_,
        )
        bound = replace(_nothing(all_hours), low=0.0, high=float(rates.max()) * all_hours)
        return EmittedMass(id_, name, pollutant, "none", bound, nothing, None, places, why)
    why = text("{count} tests of {machine}; between tests it may have been more", count=rates.size, machine=id_)
    monthly = tuple(_tested(rates, float(hours)) for hours in told.monthly)
    origin = f"stack_test {places} × {told.origin}"
    return EmittedMass(id_, name, pollutant, "tests", _tested(rates, told.total), monthly, None, origin, why)


def _nothing(missing: int) -> MassEstimate:
    return MassEstimate(None, 0.0, None, None, 0, missing, 0, "none")


def _tested(rates: FloatArray, hours: float) -> MassEstimate:
    mean, low, high = (float(x) * hours for x in (rates.mean(), rates.min(), rates.max()))
    return MassEstimate(mean, 0.0, low, high, round(hours), 0, 0, "none")


def _gaps(mass: EmittedMass, stack: Row) -> Iterable[Gap]:
    if mass.method == "none" and mass.whole.high is not None:
        yield no_hours_gap(stack)
    elif mass.method == "none":
        name = pollutant_text(mass.pollutant)
        what = text(
            "mass of {pollutant} at {stack}: a test with its flow, or a flow tag", pollutant=name, stack=mass.stack
        )
        yield Gap(what, "stack_test.flow_m3_h / tag gas_flow", ENVIRONMENT_MANAGER)
    elif mass.whole.missing_hours:
        hours = mass.whole.missing_hours
        what = text("mass emitted at {stack}: {hours} operating hours without a value", stack=mass.stack, hours=hours)
        yield Gap(what, "series", MONITORING_OPERATOR)


def no_hours_gap(stack: Row) -> Gap:
    """Return the gap of a stack of whose machine nothing tells when it ran."""
    machine = stack.text("equipment") or stack.text("id")
    what = text("operating hours of {machine} (stack {stack})", machine=machine, stack=stack.text("id"))
    return Gap(what, "machine_state / tag operating", text("production department"))


def _pollutants(view: PlantView, masses: Iterable[EmittedMass]) -> list[str]:
    year = (view.period.end - timedelta(days=1)).year
    permitted = [row.text("pollutant") for row in view.rows("permit_total") if row.number_of("year") == year]
    return list(dict.fromkeys([*(mass.pollutant for mass in masses), *permitted]))


def _total(view: PlantView, pollutant: str, masses: Iterable[EmittedMass]) -> EmittedTotal:
    mine = [mass for mass in masses if mass.pollutant == pollutant]
    known_ones = [mass.whole.mass for mass in mine if mass.whole.mass is not None]
    highs = [mass.whole.high for mass in mine]
    year = (view.period.end - timedelta(days=1)).year
    rows = [
        row for row in view.rows("permit_total") if row.text("pollutant") == pollutant and row.number_of("year") == year
    ]
    daily = [mass.daily for mass in mine if mass.daily is not None]
    left = (date(year, 12, 31) - view.period.end).days + 1
    projection = None
    if daily and view.period.start == date(year, 1, 1) and left > 0:
        projection = project_year(np.sum(daily, axis=0), left)
    return EmittedTotal(
        pollutant=pollutant,
        mass=sum(known_ones) if known_ones else None,
        low=sum(mass.whole.low or 0.0 for mass in mine),
        high=None if any(high is None for high in highs) else sum(high for high in highs if high is not None),
        permitted=1000.0 * sum(row.number_of("mass_t") for row in rows) if rows else None,
        permit=short(row.text("permit") for row in rows),
        year=year,
        projection=projection,
        unknown=tuple(mass.stack for mass in mine if mass.whole.mass is None),
    )


def _tonnes(kg: float | None) -> float | None:
    return None if kg is None else known(kg / 1000.0)


def _totals_table(found: Emissions) -> ReportTable:
    columns = (
        Column("pollutant", text("pollutant")),
        Column("mass", text("known mass"), "t"),
        Column("low", text("at least"), "t"),
        Column("high", text("at most"), "t"),
        Column("permitted", text("permitted in the year"), "t"),
        Column("share", text("known mass of it"), "%"),
        Column("projected", text("projected to year end"), "t"),
        Column("projected_low", text("low"), "t"),
        Column("projected_high", text("high"), "t"),
        Column("unknown", text("stacks not known")),
        Column("permit", text("permit")),
    )
    rows = []
    for t in found.totals:
        share = 100.0 * t.mass / t.permitted if t.mass is not None and t.permitted else None
        p = t.projection
        rows.append(
            (pollutant_text(t.pollutant), _tonnes(t.mass), _tonnes(t.low), _tonnes(t.high), _tonnes(t.permitted), share)
            + ((None, None, None) if p is None else (_tonnes(p.expected), _tonnes(p.low), _tonnes(p.high)))
            + (short(t.unknown), t.permit)
        )
    notes = [FILL_TEXTS[found.fill]]
    if any(t.projection is not None for t in found.totals):
        notes.append(
            text(
                "projection: stacks with measured flow only; days with at least half of their due hours covered, "
                "scaled to all due hours; days to come as those behind; low and high from how uneven those were, "
                "a season not counted"
            )
        )
    return ReportTable("mass", text("Mass emitted"), columns, tuple(rows), tuple(notes))


def _stacks_table(found: Emissions) -> ReportTable:
    columns = (
        Column("stack", text("stack")),
        Column("pollutant", text("pollutant")),
        Column("method", text("method")),
        Column("mass", text("mass"), "kg"),
        Column("low", text("at least"), "kg"),
        Column("high", text("at most"), "kg"),
        Column("covered", text("hours covered"), "h"),
        Column("missing", text("hours missing"), "h"),
        Column("rest", text("hours at rest"), "h"),
        Column("why", text("remark")),
        Column("origin", text("origin")),
    )
    rows = tuple(
        (
            m.stack,
            pollutant_text(m.pollutant),
            METHOD_TEXTS[m.method],
            known(m.whole.mass),
            known(m.whole.low),
            known(m.whole.high),
            m.whole.covered_hours,
            m.whole.missing_hours,
            m.whole.rest_hours,
            m.why or "",
            m.origin,
        )
        for m in found.masses
    )
    notes = (
        text("at least: hours without a value at zero; at most: at the highest rate seen"),
        text(
            "flow × concentration: hour by hour, dry gas; own tests × hours: mean rate of the tests × operating hours"
        ),
        text("mass is of the measured concentration, not of the one converted to reference oxygen"),
    )
    return ReportTable("mass_stacks", text("Mass emitted by stack"), columns, rows, notes)


def _months_table(found: Emissions) -> ReportTable:
    columns = (
        Column("stack", text("stack")),
        Column("pollutant", text("pollutant")),
        *(Column(month, verbatim(month), "kg") for month in found.months),
    )
    rows = tuple(
        (m.stack, pollutant_text(m.pollutant), *(known(one.mass) for one in m.monthly))
        for m in found.masses
        if m.method != "none"
    )
    return ReportTable("mass_months", text("Mass emitted by month"), columns, rows)
