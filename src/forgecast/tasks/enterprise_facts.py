"""Facts of the enterprise for the rules: figures of past years, rights, titles, certificates, claims and purchases."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from forgecast.ground.texts import Text, text
from forgecast.rules.fact import AnyFigure, Fact, Figure, Origin, Subject
from forgecast.tasks.plant_view import PlantView, Row, short

#: Money of a year as `year_figure` writes it (万元).
MONEY = "10^4 CNY"
#: Indicators a rule reads as they are, for the last year that has ended, and their unit.
AS_THEY_ARE: Mapping[str, str] = {
    "years_in_niche": "year",
    "revenue": MONEY,
    "development_score": "1",
    "market_share": "%",
    "domestic_rank": "1",
    "world_rank": "1",
    "renewable_share": "%",
}
#: Owners among whom the enterprise must be for a right of class I to count as its own (Annex 2 of the 2026 measures).
FIRST_OWNERS = 3
#: Duties with a fixed last day in the year: name in record `duty_proof`, month, day.
CHAMPION_UPDATE = ("champion_update", 5, 31)
GREEN_FORM = ("green_factory_form", 4, 15)
#: Chinese numerals of levels as certificates write them.
LEVELS = {"一": 1, "二": 2, "三": 3, "四": 4, "五": 5}
DAYS_OF_YEAR = 365.25

Figures = dict[str, tuple[AnyFigure, ...]]


def last_day(view: PlantView) -> date:
    """Return the last day judged."""
    return view.period.end - timedelta(days=1)


def last_year(view: PlantView) -> int:
    """Return the newest calendar year that had ended by the last day judged."""
    day = last_day(view)
    return day.year if (day.month, day.day) == (12, 31) else day.year - 1


def on_last_day(
    view: PlantView, name: str, value: float | None, unit: str, what: Text, rows: Iterable[Row], why: Text | None = None
) -> Figure:
    """Return a figure that holds on the last day judged.

    Parameters
    ----------
    view : PlantView
    name : str
    value : float or None
        None where it cannot be told; `why` then says why.
    unit : str
    what : Text
        How it was found.
    rows : iterable of Row
        What it was found from.
    why : Text or None
    """
    origin = Origin(what, "", tuple(row.origin() for row in rows))
    return Figure(
        name, value, unit, last_day(view), view.period.end, origin, None if value is not None else why or what
    )


def holds(row: Row, day: date) -> bool:
    """Return whether a certificate, title or permit holds on a day, as far as its dates tell."""
    since, until = row.day("valid_from"), row.day("valid_until")
    return (since is None or since <= day) and (until is None or until >= day)


def enterprise_figures(view: PlantView) -> Figures:
    """Return the figures of the site that come from records of the enterprise.

    A record the plant never took in gives no figure; a year that is missing gives one without a value that names it.
    """
    found = [*_year_figures(view), *_rights(view), *_titles(view), *_certificates(view), *_claims(view)]
    stopped = _months_stopped(view)
    figures: Figures = {}
    for figure in (*found, *((stopped,) if stopped else ())):
        figures[figure.name] = (*figures.get(figure.name, ()), figure)
    return figures


class _Years:
    """The indicators of past years, with what is missing said in words."""

    def __init__(self, view: PlantView) -> None:
        self.view = view
        self.last = last_year(view)
        self.rows = {(row.text("indicator"), int(row.number_of("year"))): row for row in view.rows("year_figure")}
        self.indicators = {indicator for indicator, _year in self.rows}

    def made(
        self, name: str, unit: str, needs: Sequence[tuple[str, int]], compute: Callable[..., float], what: Text
    ) -> Figure | None:
        """Return a figure computed from indicators of years before the last one (0 the last, 1 the one before).

        None where the plant holds none of the indicators at all.
        """
        if not any(indicator in self.indicators for indicator, _back in needs):
            return None
        keys = [(indicator, self.last - back) for indicator, back in needs]
        lacking = [f"{indicator} {year}" for indicator, year in keys if (indicator, year) not in self.rows]
        rows = [self.rows[key] for key in keys if key in self.rows]
        if lacking:
            why = text("record `year_figure` lacks {indicators}", indicators=short(lacking))
            return on_last_day(self.view, name, None, unit, what, rows, why)
        try:
            value = compute(*(row.number_of("value") for row in rows))
        except ZeroDivisionError:
            value = math.nan
        if not math.isfinite(value):
            why = text("record `year_figure`: {figure} would divide by zero", figure=name)
            return on_last_day(self.view, name, None, unit, what, rows, why)
        return on_last_day(self.view, name, value, unit, what, rows)


def _year_figures(view: PlantView) -> Iterable[Figure]:
    years = _Years(view)
    told = text("as declared for {year}", year=years.last)
    two, three = text("of the last two years"), text("of the last three years")
    rd = [("rd_expense", 0), ("rd_expense", 1)]
    turnover = [("revenue", 0), ("revenue", 1)]
    score = [("development_score", 0), ("development_score", 1)]

    def growth(now: float, before: float) -> float:
        return 100.0 * (math.sqrt(now / before) - 1.0)

    def low_share(now: float, then: float, revenue: float, revenue_then: float) -> float:
        return 100.0 * min(now / revenue, then / revenue_then)

    def share(part: float, whole: float) -> float:
        return 100.0 * part / whole

    made = [
        *(years.made(name, unit, [(name, 0)], float, told) for name, unit in AS_THEY_ARE.items()),
        years.made("main_business_share", "%", [("main_business_revenue", 0), ("revenue", 0)], share, told),
        years.made("liability_share", "%", [("liabilities", 0), ("assets", 0)], share, told),
        years.made("new_equity_2y", MONEY, [("new_equity", 0), ("new_equity", 1)], lambda a, b: a + b, two),
        years.made("rd_expense_low_2y", MONEY, rd, min, two),
        years.made("rd_expense_sum_2y", MONEY, rd, lambda a, b: a + b, two),
        years.made("rd_share_low_2y", "%", [*rd, *turnover], low_share, two),
        years.made("revenue_growth_2y", "%", [("revenue", 0), ("revenue", 2)], growth, two),
        years.made("score_best_2y", "1", score, max, two),
        years.made(
            "main_revenue_mean_3y",
            MONEY,
            [("main_business_revenue", back) for back in range(3)],
            lambda a, b, c: (a + b + c) / 3.0,
            three,
        ),
    ]
    return [figure for figure in made if figure is not None]


def _rights(view: PlantView) -> Iterable[Figure]:
    rows = view.rows("intellectual_property")
    if not rows:
        return
    day = last_day(view)
    live = []
    for row in rows:
        granted, until = row.day("granted_on"), row.day("valid_until")
        if row.flag("class_one") and granted is not None and granted <= day and (until is None or until >= day):
            live.append(row)
    in_use = [row for row in live if row.text("product")]
    own = [row for row in live if row.flag("transferred") is False and row.number_of("owner_rank") <= FIRST_OWNERS]
    what = text("rights of class I that hold on {day}", day=str(day))
    yield on_last_day(view, "class_one_in_use", float(len(in_use)), "1", what, in_use)
    yield on_last_day(view, "class_one_own", float(len(own)), "1", what, own)


def _titles(view: PlantView) -> Iterable[Figure]:
    rows = view.rows("honour")
    if not rows:
        return
    day = last_day(view)
    what = text("titles that hold on {day}", day=str(day))
    names = {
        "innovative_smes": ("innovative_sme",),
        "specialised_smes": ("specialised_sme",),
        "specialised_or_higher": ("specialised_sme", "little_giant"),
        "champions": ("champion",),
        "provincial_titles": ("green_factory_province",),
    }
    for name, kinds in names.items():
        live = [row for row in rows if row.text("kind") in kinds and holds(row, day)]
        yield on_last_day(view, name, float(len(live)), "1", what, live)
    certified = [row for row in rows if row.text("kind") == "maturity" and holds(row, day)]
    levels = [level for row in certified if (level := _level(row.text("level"))) is not None]
    if certified:
        why = text("the level of the certificate cannot be read: write a number from 1 to 5")
        value = float(max(levels)) if levels else None
        yield on_last_day(view, "maturity_level", value, "1", text("certified level"), certified, why)


def _level(written: str) -> int | None:
    """Return the level a certificate names: ``3``, ``level 3``, ``三级``."""
    found = {int(sign) for sign in written if sign in "12345"} | {LEVELS[sign] for sign in written if sign in LEVELS}
    return found.pop() if len(found) == 1 else None


def _certificates(view: PlantView) -> Iterable[Figure]:
    day = last_day(view)
    what = text("certificates that hold on {day}", day=str(day))
    rows = view.rows("system_certificate")
    if rows:
        for standard in ("quality", "environment", "energy", "safety"):
            live = [row for row in rows if row.text("standard") == standard and holds(row, day)]
            yield on_last_day(view, f"certificates_{standard}", float(len(live)), "1", what, live)
    permits = view.rows("permit")
    if permits:
        live = [row for row in permits if holds(row, day)]
        yield on_last_day(view, "permits_valid", float(len(live)), "1", what, live)


def _claims(view: PlantView) -> Iterable[Figure]:
    """Return the newest answer to each requirement as the figure ``claim_<requirement>``."""
    newest: dict[tuple[str, str], Row] = {}
    for row in view.rows("claim"):
        answered = row.day("answered_on")
        if answered is None or answered > last_day(view):
            continue
        key = (row.text("book"), row.text("requirement"))
        before = newest.get(key)
        if before is None or answered >= (before.day("answered_on") or answered):
            newest[key] = row
    for (_book, requirement), row in newest.items():
        what = text("claimed on {day} by {who}", day=str(row.day("answered_on")), who=row.text("answered_by"))
        yield on_last_day(view, f"claim_{requirement}", row.number_of("degree"), "1", what, [row])


def _months_stopped(view: PlantView) -> Figure | None:
    """Return how many of the last months judged went by without output; None where no output was ever recorded."""
    output: dict[str, float] = {}
    for row in view.of_months("production"):
        mass = row.number_of("good_mass_t")
        if math.isfinite(mass):
            output[row.text("month")] = output.get(row.text("month"), 0.0) + mass
    if not output:
        return None
    stopped = 0
    what = text("months without output up to the last one judged")
    for month in reversed(view.months):
        if month not in output:
            why = text("record `production` has no rows for {months}", months=month)
            return on_last_day(view, "months_stopped", None, "month", what, [], why)
        if output[month] > 0.0:
            break
        stopped += 1
    return on_last_day(view, "months_stopped", float(stopped), "month", what, [])


def honour_subjects(view: PlantView, site: Figures) -> list[Subject]:
    """Return the titles that held on a day of the period, each with what its re-check and yearly duties ask.

    Parameters
    ----------
    view : PlantView
    site : mapping of str to tuple of figures
        Of the enterprise, as `enterprise_figures` returns them.
    """
    subjects = []
    for row in view.rows("honour"):
        until = row.day("valid_until")
        since = row.day("valid_from")
        if (since is not None and since >= view.period.end) or (until is not None and until < view.period.start):
            continue
        facts = row.facts()
        if until is not None:
            facts["recheck_year"] = Fact("recheck_year", float(until.year), "1", row.origin("valid_until"))
        subjects.append(
            Subject("honour", row.text("id"), row.text("id"), facts, {f.name: (f,) for f in _of_title(view, row, site)})
        )
    return subjects


def _of_title(view: PlantView, row: Row, site: Figures) -> Iterable[Figure]:
    for name, source in (
        ("recheck_main_share", "main_business_share"),
        ("recheck_score", "development_score"),
        ("score_best_2y", "score_best_2y"),
    ):
        for figure in site.get(source, ()):
            if isinstance(figure, Figure):
                yield replace(figure, name=name)
    since = row.day("valid_from")
    if since is not None:
        age = (last_day(view) - since).days / DAYS_OF_YEAR
        yield on_last_day(view, "certificate_age", age, "year", text("since the title was given"), [row])
    for name, duty in (("updates_in_time", CHAMPION_UPDATE), ("forms_in_time", GREEN_FORM)):
        share = in_time(view, name, duty, row)
        if share is not None:
            yield share


def in_time(view: PlantView, name: str, duty: tuple[str, int, int], holder: Row) -> Figure | None:
    """Return the share of a yearly duty's last days in the period by which its proof was there.

    None where the plant keeps no proofs at all, so that nothing can be said.
    """
    word, month, day = duty
    proofs = [row for row in view.rows("duty_proof") if row.text("duty") == word]
    if not view.rows("duty_proof"):
        return None
    due = []
    for year in range(view.period.start.year, view.period.end.year + 1):
        deadline = date(year, month, day)
        if view.period.start <= deadline < view.period.end and holds(holder, deadline):
            due.append(deadline)
    if not due:
        return on_last_day(view, name, 100.0, "%", text("none fell due in the period"), [])
    done = [
        row
        for deadline in due
        for row in proofs
        if (on := row.day("done_on")) is not None and on.year == deadline.year and on <= deadline
    ]
    share = 100.0 * len({row.day("done_on").year for row in done}) / len(due)  # type: ignore[union-attr]
    return on_last_day(view, name, share, "%", text("proofs in time of {due} due", due=len(due)), done)


def investment_subjects(view: PlantView) -> list[Subject]:
    """Return the purchases up to the last day judged, with the year and the share of the original base."""
    subjects = []
    for row in view.rows("investment"):
        bought = row.day("bought_on")
        if bought is not None and bought > last_day(view):
            continue
        facts = row.facts()
        figures: Figures = {}
        if bought is not None:
            facts["bought_year"] = Fact("bought_year", float(bought.year), "1", row.origin("bought_on"))
        cost, base = row.number_of("cost"), row.number_of("original_base")
        if base > 0.0 and math.isfinite(cost):
            what = text("purchase over the original taxable base")
            figures["base_share"] = (on_last_day(view, "base_share", 100.0 * cost / base, "%", what, [row]),)
        subjects.append(Subject("investment", row.text("id"), row.text("id"), facts, figures))
    return subjects
