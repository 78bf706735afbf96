"""How a plan is shown on the terminal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from rich.console import Console
from rich.table import Table
from rich.text import Text as Plain

from forgecast.app.cli.quality.asked import say, say_notes
from forgecast.app.plan.words import SHORT, cost_words, figure, measure_words, money, verdict
from forgecast.ground.texts import Language, Text, text
from forgecast.planning.reach import Compromise, Point
from forgecast.planning.robust import Robustness
from forgecast.tasks.plan_plant import PlanAnswer

#: A change of an indicator below this share of it is not worth a column's place.
_LEAST = 5e-3


def show_plan(answer: PlanAnswer, language: Language) -> None:
    """Show the plan: the answer, goals, measures, what cannot be reached, how sure it is, and what was supposed."""
    say(verdict(answer), language, style="bold")
    _goals(answer, language)
    if answer.told is not None:
        _told(answer, answer.told, language)
    _measures(answer, language)
    if answer.robust is not None:
        _robust(answer, answer.robust, language)
    for name, points in answer.frontiers.items():
        _frontier(answer, name, points, language)
    left = sum(1 for _ in answer.left)
    notes = list(answer.notes)
    if left:
        notes.append(
            text(
                "{count} measures of the library are not in the choice, with reasons in --json; such as: {first}",
                count=left,
                first=_left(answer),
            )
        )  # fmt: skip
    say_notes(notes, language)


def _table(
    heads: tuple[Text, ...],
    rows: Iterable[tuple[str, ...]],
    language: Language,
    *,
    right: frozenset[int],
    folds: frozenset[int] = frozenset({0}),
) -> None:
    """Print a table whose numbers stay whole; words fold."""
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for at, head in enumerate(heads):
        justify: Literal["left", "right"] = "right" if at in right else "left"
        table.add_column(Plain(head.say(language)), justify=justify, overflow="fold", no_wrap=at not in folds)
    for row in rows:
        table.add_row(*map(Plain, row))
    Console().print(table)


def _percent(share: float) -> str:
    return f"{100.0 * share:+.1f} %".replace("-", "−")


def _left(answer: PlanAnswer) -> Text:
    one = answer.left[0]
    return text("{title} {subject}: {why}", title=one.title, subject=one.subject, why=one.why)


def _goals(answer: PlanAnswer, language: Language) -> None:
    rows = []
    for goal in answer.goals:
        indicator = answer.problem.indicators[goal.indicator]
        value = answer.plan.outcome.indicators[goal.indicator][goal.year - answer.problem.first]
        before = answer.before[goal.indicator]
        done = goal.shortfall(value) <= goal.tolerance
        word = text("reached") if done else text("not reached")
        if goal.shortfall(before) <= goal.tolerance:
            word = text("reached today")
        rows.append(
            (
                f"{indicator.title.say(language)} [{indicator.unit}]",
                str(goal.year),
                figure(before),
                f"{'≤' if goal.sense == '<=' else '≥'} {figure(goal.bound)}",
                figure(value),
                word.say(language),
            )
        )
    heads = (text("indicator"), text("by year"), text("today"), text("goal"), text("planned"), text("word"))
    if rows:
        _table(heads, rows, language, right=frozenset({2, 3, 4}))
        sources = "; ".join(dict.fromkeys(goal.source.say(language) for goal in answer.goals))
        say_notes([text("goals from: {sources}", sources=sources)], language)
    for one in answer.unknown:
        say(text("not known: {title}; {why}", title=one.title, why=one.why), language, style="yellow")


def _told(answer: PlanAnswer, told: Compromise, language: Language) -> None:
    titles = {goal.id: answer.problem.indicators[goal.indicator].title for goal in answer.goals}
    for one in told.reaches:
        if not one.reachable:
            within = text("within the budget") if answer.problem.budget is not None else text("at any price")
            said = text(
                "{title}: with all measures of the choice, {within}, {best} {unit} by {year} at best; the goal is "
                "{bound}. Proven: no set of them does better.",
                title=titles[one.goal.id],
                within=within,
                best=figure(one.best),
                unit=answer.problem.indicators[one.goal.indicator].unit,
                year=one.goal.year,
                bound=figure(one.goal.bound),
            )
            say(said, language, style="red")
    if len(told.conflict) > 1:
        names = "; ".join(titles[goal.id].say(language) for goal in told.conflict)
        say(text("Not together: {names}. Each without one of the others can be.", names=names), language, style="red")
    for one in told.best_given_up:
        said = text(
            "given up: {title}; while the other goals are kept it comes to {best} at best",
            title=titles[one.goal.id],
            best=figure(one.best),
        )
        say(said, language)
    if told.budget_binds:
        say(text("With a larger budget all goals can be reached."), language)


def _measures(answer: PlanAnswer, language: Language) -> None:
    if not answer.steps:
        say(text("No measure is needed, and none in the choice pays for itself."), language)
        return
    rows = []
    for step in answer.steps:
        measure = answer.problem.measure(step.measure)
        works = answer.plan.starts[step.measure]
        shares = {
            name: change / abs(answer.before[name])
            for name, change in step.changes.items()
            if abs(change) > _LEAST * abs(answer.before[name]) and answer.before[name]
        }
        largest = sorted(shares, key=lambda name: -abs(shares[name]))[:2]
        effects = [f"{SHORT[name].say(language)} {_percent(shares[name])}" for name in largest]
        rows.append(
            (
                measure_words(measure, language),
                str(works - measure.delay),
                str(works),
                cost_words(measure, language),
                money(step.running),
                ", ".join(effects),
            )
        )
    heads = (text("measure"), text("paid"), text("works"), text("price"), text("a year"), text("what it brings"))
    _table(heads, rows, language, right=frozenset({3, 4}), folds=frozenset({0, 5}))
    seen = answer.plan.outcome
    paid = ", ".join(f"{year}: {money(one)}" for year, one in zip(seen.years, seen.paid, strict=True))
    say(
        text(
            "price and a year in 10⁴ CNY. Paid {paid}; running costs {running} ×10⁴ CNY a year from {year} on",
            paid=paid,
            running=money(seen.running[-1]),
            year=seen.years[-1],
        ),
        language,
    )
    share = answer.estimated_share
    if share:
        said = text(
            "≈: {share} % of what is paid are engineering estimates, no quotations, and so are most effects",
            share=round(100.0 * share),
        )
        say(said, language, style="yellow")


def _robust(answer: PlanAnswer, robust: Robustness, language: Language) -> None:
    if not robust.solved:
        return
    problem, starts = answer.problem, answer.plan.starts
    spread = round(100.0 * robust.spread)
    say(
        text(
            "If estimated costs are off by ±{spread} % ({draws} draws): net cost {low} to {high} ×10⁴ CNY",
            spread=spread,
            draws=robust.draws,
            low=money(robust.cost_low),
            high=money(robust.cost_high),
        ),
        language,
        style="bold",
    )
    unsure = [(name, share) for name, share in robust.stays.items() if name not in starts or share < 1.0]
    sure = len([name for name in starts if robust.stays.get(name, 0.0) == 1.0])
    said = text("{sure} of the {all} measures stay in every time", sure=sure, all=len(starts))
    say(said, language)
    rows = [
        (
            measure_words(problem.measure(name), language),
            text("in the plan").say(language) if name in starts else text("not in the plan").say(language),
            f"{round(100.0 * share)} %",
        )
        for name, share in unsure
    ]
    if rows:
        _table((text("measure"), text("now"), text("is in")), rows, language, right=frozenset({2}))
    risky = [goal for goal in problem.goals if robust.holds[goal.id] < 1.0]
    for goal in risky:
        say(
            text(
                "{title}: if effects are off by ±{spread} %, this plan still reaches the goal in {share} % of draws",
                title=problem.indicators[goal.indicator].title,
                spread=spread,
                share=round(100.0 * robust.holds[goal.id]),
            ),
            language,
            style="yellow",
        )


def _frontier(answer: PlanAnswer, name: str, points: tuple[Point, ...], language: Language) -> None:
    indicator = answer.problem.indicators[name]
    rows = [(figure(p.value), money(p.cost), str(len(p.portfolio.starts))) for p in points]
    value = text("{title} [{unit}]", title=indicator.title, unit=indicator.unit)
    heads = (value, text("net cost [10⁴ CNY]"), text("measures"))
    _table(heads, rows, language, right=frozenset({0, 1, 2}))
