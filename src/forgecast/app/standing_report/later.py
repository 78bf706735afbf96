"""The sheets after the directions: other books, the plan, incentives and duties."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from forgecast.app.environment.cells import head, is_number, said_cell
from forgecast.app.plan.gantt import draw_gantt
from forgecast.app.plan.waterfall import draw_waterfall, shown
from forgecast.app.plan.words import figure, verdict
from forgecast.app.report.numbers import pretty_text
from forgecast.app.standing_report.directions import other_verdicts
from forgecast.app.standing_report.drawn import picture_of
from forgecast.app.standing_report.sheet import Block, Cell, Listing, Picture, Sheet, Words
from forgecast.app.standing_report.verdicts import verdict_blocks, word_facts
from forgecast.environment.report_table import Gap, ReportTable
from forgecast.ground.texts import Language, text
from forgecast.rules.verdict import WORD_TEXTS, Word
from forgecast.tasks.permit_calendar import STATE_TEXTS, DutyState
from forgecast.tasks.plan_plant import PlanAnswer
from forgecast.tasks.report_standing import Standing

#: Columns of the two tables that a sheet has room for, with their shares of its width.
_DUTIES = {"state": 0.0, "due": 0.0, "duty": 4.0, "holder": 3.0, "span": 3.0, "done_on": 0.0, "confidence": 2.6,
           "evidence": 4.0}  # fmt: skip
_INCENTIVES = {"eligible": 0.0, "incentive": 4.0, "holder": 2.4, "base": 0.0, "low": 0.0, "high": 0.0, "summed": 0.0,
               "use_by": 2.0, "share": 4.0, "confidence": 2.8, "reason": 5.0}  # fmt: skip
_MAY_BE_EMPTY = frozenset({"done_on"})


def other_sheet(found: Standing, language: Language) -> Sheet | None:
    """Return the verdicts that feed no direction, or None where there are none."""
    verdicts = other_verdicts(found)
    if not verdicts:
        return None
    said = text("These books are judged too; the index does not count them.").say(language)
    blocks = verdict_blocks(verdicts, found.assessment, found.confidences, language)
    title = text("Other rulebooks").say(language)
    return Sheet("other", title, (Words((said,)), word_facts(verdicts, language), *blocks))


def plan_sheet(found: Standing, language: Language) -> Sheet:
    """Return the plan with its Gantt and its waterfalls, or the sentence that says why there is none."""
    title = text("The cheapest plan to the goals").say(language)
    plan = found.plan
    if plan is None:
        assert found.why_no_plan is not None  # noqa: S101  (the task tells one or the other)
        assert found.repair_plan is not None  # noqa: S101
        said = text("There is no plan: {why}. What to do: {repair}", why=found.why_no_plan, repair=found.repair_plan)
        return Sheet("plan", title, (Words((said.say(language),)),), wide=True)
    if not plan.goals and not plan.steps:
        said = text("There is no plan: no goal of the plant can be planned, and no measure pays for itself.")
        return Sheet("plan", title, (Words((said.say(language), *_unknown(plan, language))),), wide=True)
    blocks: list[Block] = [
        Words((pretty_text(verdict(plan).say(language)), *_unknown(plan, language), *_cannot(plan, language))),
        _goals(plan, language),
        picture_of(
            lambda path: draw_gantt(plan, path, language),
            text("Gantt of the measures: when each is paid and when it works").say(language),
            share=0.76,
            wide=True,
        ),
    ]
    for name in shown(plan):
        asked = tuple(goal for goal in plan.goals if goal.indicator == name)
        part = replace(plan, goals=asked) if asked else plan
        heading = plan.problem.indicators[name].title
        alt = text("Waterfall of {indicator}: what each measure brings", indicator=heading).say(language)
        blocks.append(_waterfall(part, alt, language))
        if not asked:
            # Without a goal the picture already shows all that the plan changes.
            break
    blocks.append(Words(tuple(pretty_text(note.say(language)) for note in plan.notes), small=True))
    return Sheet("plan", title, tuple(blocks), wide=True)


def incentives_sheet(found: Standing, language: Language) -> Sheet:
    """Return what the incentives are worth."""
    table = found.incentives.table()
    keys = {WORD_TEXTS[word].say(language): key for word, key in _WORD_KEYS.items()}
    return Sheet("incentives", table.title.say(language), (
        *_notes(table, language), _listing(table, _INCENTIVES, keys, language), *_gaps(found.incentives.gaps, language),
    ), wide=True)  # fmt: skip


def duties_sheet(found: Standing, language: Language) -> Sheet:
    """Return the calendar of duties."""
    table, calendar = found.calendar.table(), found.calendar
    counts = text(
        "{overdue} overdue, {due} due within a year, {done} done; of {open} the last day is not known.",
        overdue=calendar.count(DutyState.OVERDUE),
        due=calendar.count(DutyState.DUE),
        done=calendar.count(DutyState.DONE) + calendar.count(DutyState.LATE),
        open=calendar.count(DutyState.OPEN),
    )
    sources = ("；" if language == "zh" else "; ").join(
        dict.fromkeys(one.source.say(language) for one in calendar.duties)
    )
    rests = text("The last days rest on: {sources}", sources=sources)
    keys = {STATE_TEXTS[state].say(language): key for state, key in _STATE_KEYS.items()}
    return Sheet("duties", table.title.say(language), (
        Words((counts.say(language),)), _listing(table, _DUTIES, keys, language), *_notes(table, language),
        *((Words((rests.say(language),), small=True),) if sources else ()), *_gaps(calendar.gaps, language),
    ), wide=True)  # fmt: skip


_WORD_KEYS = {
    Word.MET: "met", Word.NOT_MET: "not-met", Word.PARTLY: "partly", Word.NOT_KNOWN: "not-known",
    Word.NOT_APPLICABLE: "not-applicable",
}  # fmt: skip
_STATE_KEYS = {
    DutyState.OVERDUE: "not-met", DutyState.DUE: "partly", DutyState.OPEN: "not-known", DutyState.LATE: "partly",
    DutyState.DONE: "met",
}  # fmt: skip


def _waterfall(plan: PlanAnswer, alt: str, language: Language) -> Picture:
    return picture_of(lambda path: draw_waterfall(plan, path, language), alt, share=0.75, wide=True)


def _unknown(plan: PlanAnswer, language: Language) -> tuple[str, ...]:
    return tuple(
        pretty_text(text("not known: {title}; {why}", title=one.title, why=one.why).say(language))
        for one in plan.unknown
    )


def _cannot(plan: PlanAnswer, language: Language) -> tuple[str, ...]:
    """Return the proof for each goal that no set of measures reaches, and which goals cannot be had together."""
    if plan.told is None:
        return ()
    indicators = plan.problem.indicators
    said = [
        text(
            "{title}: with all measures of the choice, {within}, {best} {unit} by {year} at best; the goal is "
            "{bound}. Proven: no set of them does better.",
            title=indicators[one.goal.indicator].title,
            within=text("within the budget") if plan.problem.budget is not None else text("at any price"),
            best=figure(one.best),
            unit=indicators[one.goal.indicator].unit,
            year=one.goal.year,
            bound=figure(one.goal.bound),
        )
        for one in plan.told.reaches
        if not one.reachable
    ]
    if len(plan.told.conflict) > 1:
        titles = {goal.id: indicators[goal.indicator].title.say(language) for goal in plan.goals}
        names = ("；" if language == "zh" else "; ").join(titles[one.id] for one in plan.told.conflict)
        said.append(text("Not together: {names}. Each without one of the others can be.", names=names))
    return tuple(pretty_text(one.say(language)) for one in said)


def _goals(plan: PlanAnswer, language: Language) -> Listing:
    rows = []
    for goal in plan.goals:
        indicator = plan.problem.indicators[goal.indicator]
        planned = plan.plan.outcome.indicators[goal.indicator][goal.year - plan.problem.first]
        reached = goal.shortfall(planned) <= goal.tolerance
        today = goal.shortfall(plan.before[goal.indicator]) <= goal.tolerance
        word = text("not reached") if not reached else text("reached today") if today else text("reached")
        rows.append(
            (
                Cell(word.say(language), "", "met" if reached else "not-met"),
                Cell(pretty_text(f"{indicator.title.say(language)} [{indicator.unit}]")),
                Cell(str(goal.year)),
                Cell(figure(plan.before[goal.indicator])),
                Cell(f"{'≤' if goal.sense == '<=' else '≥'} {figure(goal.bound)}"),
                Cell(figure(planned)),
                Cell(goal.source.say(language)),
            )
        )
    heads = (text("word"), text("indicator"), text("by year"), text("today"), text("goal"), text("planned"),
             text("source"))  # fmt: skip
    return Listing(
        text("Goals").say(language),
        tuple(one.say(language) for one in heads),
        tuple(rows),
        (0, 3.0, 0, 0, 0, 0, 6.0),
        frozenset({2, 3, 4, 5}),
        empty=text("no goal could be planned").say(language),
    )


def _listing(table: ReportTable, shares: dict[str, float], keys: dict[str, str], language: Language) -> Listing:
    """Return the columns of a table that `shares` names; the first is a word with its colour."""
    places = [n for n, column in enumerate(table.columns) if column.id in shares]
    rows = []
    for row in table.rows:
        cells = []
        for n in places:
            # A day that has not come is no gap.
            blank = row[n] is None and table.columns[n].id in _MAY_BE_EMPTY
            said = "" if blank else said_cell(row[n], language)
            cells.append(Cell(said, "", keys.get(said, "") if n == places[0] else ""))
        rows.append(tuple(cells))
    numbers = frozenset(
        at for at, n in enumerate(places) if is_number(table.columns[n], [row[n] for row in table.rows])
    )
    return Listing(
        "",
        tuple(head(table.columns[n], language) for n in places),
        tuple(rows),
        tuple(shares[table.columns[n].id] for n in places),
        numbers,
        empty=text("nothing on record").say(language),
    )


def _notes(table: ReportTable, language: Language) -> tuple[Words, ...]:
    return (Words(tuple(pretty_text(one.say(language)) for one in table.notes)),) if table.notes else ()


def _gaps(gaps: Sequence[Gap], language: Language) -> tuple[Listing, ...]:
    if not gaps:
        return ()
    heads = (text("What is missing"), text("Record"), text("who usually knows it"))
    rows = tuple((Cell(one.what.say(language)), Cell(one.record), Cell(one.who.say(language))) for one in gaps)
    return (Listing(text("Gaps").say(language), tuple(one.say(language) for one in heads), rows, (6.0, 3.0, 2.0)),)
