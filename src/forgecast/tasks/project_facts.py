"""Facts of a plant's projects for the rules of their review: what was done, and whether before production began."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from math import isfinite

from forgecast.ground.texts import text
from forgecast.rules.fact import AnyFigure, Fact, Subject
from forgecast.tasks.enterprise_facts import holds, last_day, on_last_day
from forgecast.tasks.plant_view import PlantView, Row

#: Step of the review and the field with its day. Only the filing's field says that empty means not done.
STEPS = {
    "eia_approved": "eia_approved_on",
    "permitted": "permit_on",
    "safety_reviewed": "safety_review_on",
}
#: Masses and energy of a year that are compared with totals, and their unit.
TOTALS = {"energy_tce": "tce", "pm_t": "t", "so2_t": "t", "nox_t": "t", "voc_t": "t"}


def project_subjects(view: PlantView) -> list[Subject]:
    """Return every project on record with the facts that a review asks of it."""
    classes = permit_class(view)
    return [_subject(view, row, classes) for row in view.rows("project")]


def permit_class(view: PlantView) -> Fact | None:
    """Return the class of the discharge permit that holds on the last day judged.

    ``none`` where permits are on record and none holds; None where none is on record, or two classes hold at once.
    """
    rows = view.rows("permit")
    live = [row for row in rows if holds(row, last_day(view))]
    kinds = {row.text("kind") for row in live}
    if rows and not live:
        return Fact("permit_class", "none", "", rows[0].origin())
    if len(kinds) != 1 or "" in kinds:
        return None
    return Fact("permit_class", kinds.pop(), "", live[0].origin("kind"))


def _subject(view: PlantView, row: Row, classes: Fact | None) -> Subject:
    day = last_day(view)
    facts = row.facts()
    started = row.day("started_on")
    running = started is not None and started <= day
    facts["started"] = Fact("started", running, "", row.origin("started_on"))
    before = started if running else None
    facts["filed"] = Fact("filed", _in_time(row.day("filed_on"), before, day), "", row.origin("filed_on"))
    for name, field in STEPS.items():
        done = row.day(field)
        if done is not None:
            facts[name] = Fact(name, _in_time(done, before, day), "", row.origin(field))
    if row.text("emission_budget"):
        facts["budget_named"] = Fact("budget_named", True, "", row.origin("emission_budget"))  # noqa: FBT003
    if classes is not None:
        facts["permit_class"] = classes
    return Subject("project", row.text("id"), row.text("name"), facts, dict(_figures(view, row, day)))


def _in_time(done: date | None, started: date | None, day: date) -> bool:
    """Return whether a step was done by the last day judged, and before production where that has begun."""
    return done is not None and done <= (day if started is None else started)


def _figures(view: PlantView, row: Row, day: date) -> Iterable[tuple[str, tuple[AnyFigure, ...]]]:
    what = text("by design")
    for name, unit in TOTALS.items():
        value = row.number_of(name)
        if isfinite(value):
            yield name, (on_last_day(view, name, value, unit, what, [row]),)
    energy, reviewed = row.number_of("energy_tce"), row.day("energy_review_on")
    if reviewed is not None and reviewed <= day:
        found = text("the energy review was approved on {day}", day=str(reviewed))
        yield "energy_unreviewed", (on_last_day(view, "energy_unreviewed", 0.0, "tce", found, [row]),)
    elif isfinite(energy):
        yield "energy_unreviewed", (on_last_day(view, "energy_unreviewed", energy, "tce", what, [row]),)
