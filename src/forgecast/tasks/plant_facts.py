"""The fact base of a plant: site, stacks, equipment, processes and measures, with facts and figures for the rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, partial

import numpy as np

from forgecast.ground.finding import Finding
from forgecast.ground.texts import Text, text
from forgecast.rules.book import Book
from forgecast.rules.fact import AnyFigure, Fact, FactBase, Figure, Origin, SampledFigure, Subject
from forgecast.rules.reference import Reference, reference_oxygen
from forgecast.tasks.plant_view import PlantView, Row, short
from forgecast.tasks.stack_figures import MG_M3, StackFigures, stack_figures

#: Records whose rows are judged one by one.
JUDGED = ("stack", "equipment", "process", "measure")
#: What no plant can answer: goals that count things of the whole industry. Its list is complete, and empty.
INDUSTRY = "industry"
#: Base years of the two opinions' goals (工信部联通装〔2023〕40号: 2020; 工信部联规〔2023〕258号: 2023).
BASE_2020, BASE_2023 = 2020, 2023
#: Fates of waste that count as its use: taken up again in the plant, by others, or sold for use.
WASTE_USED = ("reclaimed", "reused", "sold")


@dataclass(frozen=True, slots=True)
class PlantFacts:
    """A fact base, and what was learned of each stack on the way."""

    base: FactBase
    stacks: Mapping[str, StackFigures]
    findings: tuple[Finding, ...]


def plant_facts(view: PlantView, *emission_books: Book) -> PlantFacts:
    """Gather facts and figures of a plant for the period of the view.

    Parameters
    ----------
    view : PlantView
    *emission_books : Book
        The books that lay down the reference oxygen of stacks; the first that covers a stack decides.
    """
    subjects = [
        Subject(kind, row.text("id"), row.text("name") or row.text("id"), row.facts())
        for kind in JUDGED
        for row in view.rows(kind)
        if _in_use(row, view)
    ]
    site = _site(view)
    complete = (view.folder.records.filled() & frozenset(JUDGED)) | {INDUSTRY}
    base = FactBase(site, tuple(subjects), view.period.start, view.period.end, complete)
    rows = view.by_id("stack")
    stacks: dict[str, StackFigures] = {}
    findings: list[Finding] = []
    judged = []
    for subject in subjects:
        if subject.kind == "stack":
            reference = cache(partial(_reference_oxygen, emission_books, subject, base))
            found = stack_figures(view, rows[subject.id], reference)
            stacks[subject.id] = found
            findings += found.findings
            figures = {name: tuple(made) for name, made in found.figures.items()}
            facts = {**subject.facts, **_furnace_facts(view, rows[subject.id])}
            judged.append(replace(subject, facts=facts, figures=figures))
        else:
            judged.append(subject)
    return PlantFacts(replace(base, subjects=tuple(judged)), stacks, tuple(findings))


def _reference_oxygen(books: Sequence[Book], stack: Subject, base: FactBase) -> Reference:
    answers = [reference_oxygen(book, stack, base) for book in books]
    return next((answer for answer in answers if answer.covered), answers[0])


def _furnace_facts(view: PlantView, stack: Row) -> dict[str, Fact]:
    """Return the first day of use and the fuel of the machine whose gas a stack carries."""
    machine = view.by_id("equipment").get(stack.text("equipment"))
    told = {} if machine is None else machine.facts()
    names = {"furnace_installed": "in_use_from", "furnace_fuel": "fuel"}
    return {name: replace(told[field], name=name) for name, field in names.items() if field in told}


def _cupola_melting(view: PlantView) -> dict[str, Fact]:
    """Return whether a cupola is in use; nothing where the plant's list of machines was never imported."""
    machines = view.rows("equipment")
    if not machines:
        return {}
    cupolas = [row for row in machines if row.text("kind") == "cupola" and _in_use(row, view)]
    what = text("cupolas in use on the list of machines: {count}", count=len(cupolas))
    origin = Origin(what, "equipment", tuple(row.origin("kind") for row in cupolas))
    return {"cupola_melting": Fact("cupola_melting", bool(cupolas), "", origin)}


def _in_use(row: Row, view: PlantView) -> bool:
    """Return whether a thing was in use at any day of the period, as far as its dates tell."""
    since, until = row.day("in_use_from"), row.day("in_use_until")
    return not (since is not None and since >= view.period.end) and not (
        until is not None and until < view.period.start
    )


def _site(view: PlantView) -> Subject:
    rows = view.rows("site")
    figures, derived = site_figures(view), _cupola_melting(view)
    if len(rows) != 1:
        # Several sites in one folder: a fact that is the same for all of them holds, another one is not known.
        facts: dict[str, Fact] = {}
        if rows:
            first = rows[0].facts()
            facts = {n: f for n, f in first.items() if all(r.values.get(n) == f.value for r in rows)}
        return Subject("site", view.settings.id, view.settings.name, {**facts, **derived}, figures)
    return Subject("site", rows[0].text("id"), rows[0].text("name"), {**rows[0].facts(), **derived}, figures)


def site_figures(view: PlantView) -> dict[str, tuple[AnyFigure, ...]]:
    """Return the figures of the site: fugitive tests, and where it stands on the goals of the two opinions."""
    figures: dict[str, tuple[AnyFigure, ...]] = dict(_ambient(view))
    for figure in (
        _cnc_share(view),
        _digital_share(view),
        _solid_waste_use(view),
        _change(view, "pm_emission_change", "pm_emission", BASE_2020),
        _change(view, "forging_energy_change", "forging_energy", BASE_2020),
        _water_change(view),
        _of_year(view, "casting_output_t", "casting_output", "t"),
        _of_year(view, "revenue_10k_yuan", "revenue", "10k CNY"),
    ):
        if figure is not None:
            figures[figure.name] = (figure,)
    return figures


def _ambient(view: PlantView) -> dict[str, tuple[AnyFigure, ...]]:
    samples: dict[str, list[tuple[date, float, Origin]]] = {}
    for test in view.within("ambient_test", "sampled_at"):
        single = "_single" if test.text("statistic") == "single_reading" else ""
        name = f"{test.text('place')}_{test.text('pollutant')}{single}"
        value = test.number_of("concentration_mg_m3")
        samples.setdefault(name, []).append((view.day_of(test.number_of("sampled_at")), value, test.origin()))
    return {
        name: (SampledFigure(name, MG_M3, tuple(taken), Origin(text("fugitive and boundary tests"), "ambient_test")),)
        for name, taken in samples.items()
    }


def _figure(
    view: PlantView, name: str, value: float | None, what: Text, rows: Sequence[Row], why: Text | None
) -> Figure:
    origin = Origin(what, "", tuple(row.origin() for row in rows))
    return Figure(name, value, "%", view.period.start, view.period.end, origin, None if value is not None else why)


def _cnc_share(view: PlantView) -> Figure | None:
    key = [row for row in view.rows("equipment") if row.flag("key_process") and _in_use(row, view)]
    if not key:
        return None
    silent = [row.text("id") for row in key if row.flag("numerically_controlled") is None]
    what = text("numerically controlled machines among the {count} of key processes", count=len(key))
    why = text("record `equipment`, field `numerically_controlled` is empty for {ids}", ids=short(silent))
    share = None if silent else 100.0 * sum(row.flag("numerically_controlled") is True for row in key) / len(key)
    return _figure(view, "cnc_share", share, what, key, why)


def _digital_share(view: PlantView) -> Figure | None:
    row = _year_row(view, "digital_rd_share")
    if row is None:
        return None
    what = text("declared for {year}", year=int(row.number_of("year")))
    return _figure(view, "digital_rd_share", row.number_of("value"), what, [row], None)


def _of_year(view: PlantView, name: str, indicator: str, unit: str) -> Figure | None:
    """Return the newest yearly figure of an indicator as it is on record."""
    row = _year_row(view, indicator)
    if row is None:
        return None
    what = text("declared for {year}", year=int(row.number_of("year")))
    origin = Origin(what, "", (row.origin("value"),))
    return Figure(name, row.number_of("value"), unit, view.period.start, view.period.end, origin)


def _solid_waste_use(view: PlantView) -> Figure | None:
    rows = [row for row in view.of_months("waste") if not row.text("hazardous_code")]
    if not rows:
        return None
    mass = np.array([row.number_of("mass_t") for row in rows])
    used = np.array([row.text("fate") in WASTE_USED for row in rows])
    share = 100.0 * float(mass[used].sum() / mass.sum()) if mass.sum() > 0 else None
    months = {row.text("month") for row in rows}
    lacking = [month for month in view.months if month not in months]
    why: Text | None = text("no waste mass is on record")
    if lacking:
        share, why = None, text("record `waste` has no rows for {months}", months=short(lacking))
    what = text("reclaimed, reused or sold, of general solid waste by mass")
    return _figure(view, "solid_waste_use_share", share, what, rows, why)


def _year_row(view: PlantView, indicator: str, year: int | None = None) -> Row | None:
    """Return the row of an indicator for a year, or of the newest year that had ended by the day judged."""
    rows = {int(row.number_of("year")): row for row in view.rows("year_figure") if row.text("indicator") == indicator}
    if year is not None:
        return rows.get(year)
    past = [y for y in rows if date(y, 12, 31) <= view.at]
    return rows[max(past)] if past else None


def _percent_change(now: float, base: float) -> float | None:
    return 100.0 * (now / base - 1.0) if base > 0 else None


def _change(view: PlantView, name: str, indicator: str, base_year: int) -> Figure | None:
    now, base = _year_row(view, indicator), _year_row(view, indicator, base_year)
    if now is None and base is None:
        return None
    if now is None or base is None or now is base:
        why = text(
            "record `year_figure` lacks {indicator} for {year} or a later year", indicator=indicator, year=base_year
        )
        return _figure(view, name, None, text("change since {year}", year=base_year), [], why)
    what = text("{now} against {base}", now=int(now.number_of("year")), base=base_year)
    return _figure(
        view, name, _percent_change(now.number_of("value"), base.number_of("value")), what, [base, now], None
    )


def _water_change(view: PlantView) -> Figure | None:
    """Return the change of water per industrial value added since 2023."""
    name, parts = "water_per_value_added_change", ("water_volume", "industrial_value_added")
    now, base = ([_year_row(view, part, year) for part in parts] for year in (None, BASE_2023))
    rows = [row for row in (*base, *now) if row is not None]
    if not rows:
        return None
    what = text("water volume over industrial value added, against {base}", base=BASE_2023)
    years = {int(row.number_of("year")) for row in now if row is not None}
    if len(rows) < 2 * len(parts) or len(years) != 1 or years == {BASE_2023}:
        why = text("record `year_figure` lacks water volume or value added for {year} or a later year", year=BASE_2023)
        return _figure(view, name, None, what, rows, why)
    water_base, value_base, water_now, value_now = (row.number_of("value") for row in rows)
    if not (value_base > 0 and value_now > 0):
        return _figure(view, name, None, what, rows, text("the value added is not above zero"))
    return _figure(view, name, _percent_change(water_now / value_now, water_base / value_base), what, rows, None)
