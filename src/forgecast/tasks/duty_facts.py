"""Facts of the duties of a discharge permit: what fell due, and what was proven done."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise

from forgecast.ground.texts import Text, text
from forgecast.rules.fact import AnyFigure, Figure, HourlyFigure, Subject
from forgecast.tasks.enterprise_facts import holds, last_day, on_last_day
from forgecast.tasks.plant_view import PlantView, Row, short

#: The measure that answers the clause on the ledger (GB 39726-2020, 5.4.4).
LEDGER = "5.4.4"
#: Pollutants whose total a permit of key management names for its main outlets (HJ 1115, from memory).
TOTALS = ("pm", "so2", "nox")
MONTHS_OF_QUARTER = 3


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of days a duty is for, both ends included."""

    first: date
    last: date


def years_ended(start: date, end: date) -> list[Span]:
    """Return the calendar years whose last day lies from `start` until before `end`."""
    years = (Span(date(y, 1, 1), date(y, 12, 31)) for y in range(start.year - 1, end.year + 1))
    return [year for year in years if start <= year.last < end]


def quarters_ended(start: date, end: date) -> list[Span]:
    """Return the quarters whose last day lies from `start` until before `end`."""
    found = []
    for year in range(start.year - 1, end.year + 1):
        for month in range(1, 13, MONTHS_OF_QUARTER):
            after = date(year + (month + MONTHS_OF_QUARTER > 12), (month + MONTHS_OF_QUARTER - 1) % 12 + 1, 1)
            span = Span(date(year, month, 1), after - timedelta(days=1))
            if start <= span.last < end:
                found.append(span)
    return found


def proof_of(rows: Iterable[Row], duty: str, span: Span) -> Row | None:
    """Return the earliest proof of a duty that covers a span."""
    fitting = [
        row
        for row in rows
        if row.text("duty") == duty
        and (since := row.day("period_from")) is not None
        and (until := row.day("period_until")) is not None
        and since <= span.first
        and until >= span.last
        and row.day("done_on") is not None
    ]
    return min(fitting, key=lambda row: row.day("done_on") or date.max, default=None)


def permit_subjects(view: PlantView) -> list[Subject]:
    """Return the permits that hold on the last day judged, with the figures of their duties."""
    day = last_day(view)
    return [
        Subject("permit", row.text("id"), row.text("id"), row.facts(), {f.name: (f,) for f in _figures(view, row)})
        for row in view.rows("permit")
        if holds(row, day)
    ]


def _figures(view: PlantView, permit: Row) -> Iterable[Figure]:
    day, proofs = last_day(view), view.rows("duty_proof")
    ledger = view.by_id("measure").get(LEDGER)
    if ledger is not None and ledger.number_of("value") >= 0.0:
        what = text("as the measure {clause} states it", clause=LEDGER)
        yield on_last_day(view, "ledger_years", ledger.number_of("value"), "year", what, [ledger])
    until = permit.day("valid_until")
    if until is not None:
        what = text("to the end of the permit")
        yield on_last_day(view, "days_left", float((until - day).days), "day", what, [permit])
    totals = view.rows("permit_total")
    if totals:
        mine = [r for r in totals if r.text("permit") == permit.text("id") and r.number_of("year") == day.year]
        named = [row for row in mine if row.text("pollutant") in TOTALS]
        what = text("pollutants with a total for {year}", year=day.year)
        yield on_last_day(view, "totals_named", float(len(named)), "1", what, named)
    if not proofs:
        return
    start = _since(permit, view.period.start)
    yield _latest(view, "annual_report_days", "annual_report", years_ended(start, view.period.end))
    yield _latest(view, "quarterly_report_days", "quarterly_report", quarters_ended(start, view.period.end))
    told = [
        row
        for row in proofs
        if row.text("duty") == "disclosure" and (d := row.day("done_on")) is not None and d in view.period
    ]
    yield on_last_day(view, "disclosures", float(len(told)), "1", text("disclosures in the period"), told)
    plans = [
        row
        for row in proofs
        if row.text("duty") == "monitoring_plan"
        and (row.day("period_from") or date.max) <= day <= (row.day("period_until") or date.min)
    ]
    yield on_last_day(view, "monitoring_plans", float(len(plans)), "1", text("plans in force"), plans)


def _since(permit: Row, start: date) -> date:
    since = permit.day("valid_from")
    return start if since is None else max(since, start)


def _latest(view: PlantView, name: str, duty: str, spans: Sequence[Span]) -> Figure:
    """Return the most days any report of a duty took; without a value where one was never proven."""
    proofs = view.rows("duty_proof")
    found = [(span, proof_of(proofs, duty, span)) for span in spans]
    rows = [row for _span, row in found if row is not None]
    what: Text = text("days from the end of the span to its report, the longest")
    lacking = [str(span.last) for span, row in found if row is None]
    if not spans:
        return on_last_day(view, name, 0.0, "day", text("none fell due in the period"), [])
    if lacking:
        why = text("record `duty_proof` has no {duty} for the span to {days}", duty=duty, days=short(lacking))
        return on_last_day(view, name, None, "day", what, rows, why)
    days = max(((row.day("done_on") or span.last) - span.last).days for span, row in found if row is not None)
    return on_last_day(view, name, float(max(days, 0)), "day", what, rows)


def with_monitoring(view: PlantView, stack: Subject) -> Subject:
    """Return a stack with the longest time in the period without a manual test.

    A stack that is measured on line has no such time: its hours are judged one by one.
    """
    if any(isinstance(figure, HourlyFigure) for figures in stack.figures.values() for figure in figures):
        return stack
    tests = [row for row in view.within("stack_test", "sampled_at") if row.text("stack") == stack.id]
    if not tests:
        return stack
    days = sorted({view.day_of(row.number_of("sampled_at")) for row in tests})
    marks = [view.period.start, *days, last_day(view)]
    gap = max((b - a).days for a, b in pairwise(marks))
    what = text("longest time without a manual test in the period")
    figures: dict[str, tuple[AnyFigure, ...]] = dict(stack.figures)
    figures["monitoring_gap"] = (on_last_day(view, "monitoring_gap", float(gap), "day", what, tests),)
    return replace(stack, figures=figures)
