"""One verdict: the word, what was measured against what, its hours, the tree down to the rows, and ways to pass."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from forgecast.app.doors.rules.forms import AsOf, VerdictAsked
from forgecast.app.doors.shelf import door_of
from forgecast.app.pages.page import page
from forgecast.app.pages.parts import (
    Content,
    Heading,
    Markup,
    asked,
    badge,
    card,
    chart,
    columns,
    day,
    empty,
    facts,
    heading,
    joined,
    link,
    moment,
    number,
    paragraph,
    put,
    said,
    table,
    tag,
    verdict_tree,
)
from forgecast.app.pages.rules.shown import (
    FORCES,
    LAYERS,
    assessed,
    confidence,
    demanded,
    measured,
    missing_list,
    read,
    subject_words,
    verdict_address,
    verdict_table,
)
from forgecast.app.pages.visit import Visit
from forgecast.ground.texts import text
from forgecast.rules.decision import DECISION_TEXTS, DecisionRule
from forgecast.rules.verdict import WORD_TEXTS, Word

#: So many stretches over a limit are listed.
_STRETCHES = 12


@page("rules", "rules/verdict", text("Verdict"))
async def verdict(visit: Visit) -> None:
    """Fill the page of the verdict named in the address."""
    name = visit.query.get("id", "")
    if not name:
        empty(visit, text("No verdict is named."), links=[link(visit, text("All verdicts"), visit.link("rules"))])
        return

    async def show() -> None:
        told = await read(visit, door_of("rules/verdict"), id=name)
        _one(visit, told)
        if told["verdict"]["word"] in {"not met", "partly"}:
            with card(visit, text("What would let it pass"), note=text("the smallest changes, alone or together")):
                await asked(
                    visit, door_of("rules/ways"), VerdictAsked(id=name), lambda ways: _ways(visit, ways["ways"])
                )
        with card(visit, text("How it came about"), note=text("clause, requirement, figure, facts, rows")):
            verdict_tree(visit, told["verdict"]["tree"])
        if told["others"]:
            with card(visit, text("Beside it in the same rulebook"), flush=True):
                verdict_table(visit, told["others"], caption=text("Beside it in the same rulebook"))

    await assessed(visit, AsOf(), show, height=600)


def _one(visit: Visit, told: Mapping[str, Any]) -> None:
    one = told["verdict"]
    heading(visit, one["title"], lead=subject_words(visit, one["subject"]), aside=badge(visit, one["word"]))
    with columns(2):
        with card(visit, text("The answer")):
            facts(visit, _answer(visit, one))
            _reasons(visit, one)
        with card(visit, text("What is required")):
            facts(visit, _required(visit, told), wide=True)
    if told["has_curve"]:
        with card(visit, text("Its hours")):
            address = visit.address(door_of("rules/curve"), VerdictAsked(id=one["id"]))
            chart(visit, address, title=one["title"], zone=visit.zone, height=300, kind="points")
            _stretches(visit, one)


def _answer(visit: Visit, one: Mapping[str, Any]) -> list[tuple[Any, Content]]:
    hours, period = one["hours"], one["period"]
    found: list[tuple[Any, Content]] = [
        (text("Verdict"), badge(visit, one["word"])),
        (text("Measured"), measured(one)),
        (text("Limit"), demanded(one)),
        (text("Judged days"), joined(day(period["start"], visit), " – ", day(period["end"], visit))),
    ]
    if hours["over"] is not None:
        found.append((text("Hours over the limit"), number(hours["over"], "h")))
    if hours["valid"] is not None and hours["expected"]:
        share = 100.0 * hours["valid"] / hours["expected"]
        found.append(
            (
                text("Valid hours of those due"),
                joined(number(hours["valid"]), " / ", number(hours["expected"]), f" ({share:.1f} %)"),
            )
        )
    conformity = one["conformity"]
    if conformity is not None:
        found.append((text("Decision rule"), said(visit, DECISION_TEXTS[DecisionRule(conformity["rule"])])))
        if conformity.get("probability") is not None:
            found.append((text("Probability that the limit is kept"), f"{100 * conformity['probability']:.3g} %"))
    return found


def _reasons(visit: Visit, one: Mapping[str, Any]) -> None:
    if one["reasons"]:
        put(tag("ul", *(tag("li", said(visit, words)) for words in one["reasons"]), class_="fc-list"))
    if one["missing"]:
        put(
            joined(
                tag("p", said(visit, text("What would settle it:")), class_="fc-lacking"),
                missing_list(visit, one["missing"]),
            )
        )
    subject = one["subject"]
    named = "site" if subject["kind"] == "site" else f"{subject['kind']}/{subject['id']}"
    suppose = link(visit, text("Suppose it were otherwise"), visit.link("rules/what-if", subject=named))
    put(tag("p", suppose))


def _required(visit: Visit, told: Mapping[str, Any]) -> list[tuple[Any, Content]]:
    one = told["verdict"]
    limit = one["limit"]
    found: list[tuple[Any, Content]] = [
        (text("Rulebook"), link(visit, told["book_title"] or one["book"], visit.link(f"rules/book/{one['book']}"))),
        (text("Clause"), said(visit, one["clause"])),
        (text("Force"), said(visit, FORCES[one["force"]])),
    ]
    if limit is not None:
        found += [
            (text("Averaging"), said(visit, limit["basis"])),
            (text("Set by"), joined(said(visit, LAYERS.get(limit["layer"], limit["layer"])), ": ",
                                    said(visit, limit["clause"]))),
            (text("Read in"), said(visit, limit["source"])),
            (text("How well it is known"), confidence(visit, limit["confidence"])),
        ]  # fmt: skip
    return found


def _stretches(visit: Visit, one: Mapping[str, Any]) -> None:
    low = one["limit"] is not None and one["limit"]["comparison"].startswith(">")
    worst = sorted(one["exceedances"], key=lambda e: e["worst"], reverse=not low)[:_STRETCHES]
    limit = None if one["limit"] is None else one["limit"]["value"]
    table(
        visit,
        [Heading(text("first hour")), Heading(text("last hour")), Heading(text("Hours"), numeric=True),
         Heading(text("worst value"), one["figure"]["unit"], numeric=True)],
        [
            (moment(e["start"], visit.zone), moment(e["end"], visit.zone), number(e["hours"]),
             number(e["worst"], against=limit))
            for e in sorted(worst, key=lambda e: str(e["start"]))
        ],
        caption=text("Worst stretches over the limit"),
    )  # fmt: skip
    left = len(one["exceedances"]) - len(worst)
    if left > 0:
        paragraph(visit, text("{count} more stretches are shorter or lower.", count=left), soft=True)


def _ways(visit: Visit, ways: Mapping[str, Any] | None) -> None:
    items: list[Markup] = []
    if ways is not None and ways["figure"] is not None:
        figure = ways["figure"]
        words = (
            text("bring {figure} down", figure=figure["name"])
            if figure["change"] < 0
            else text("bring {figure} up", figure=figure["name"])
        )
        items.append(tag("li", said(visit, words), ": ", number(figure["target"], figure["unit"])))
    for one in () if ways is None else ways["facts"]:
        changes = "; ".join(
            f"{said(visit, c['title'])}: {said(visit, c['now_words'])} → {said(visit, c['then_words'])}"
            for c in one["change"]
        )
        then = [link(visit, v["title"], verdict_address(visit, v["id"])) for v in one["then"]]
        after = [
            tag("span", said(visit, text("then not met:")), " ", *_with_commas(then), class_="fc-line fc-soft")
        ] if then else []  # fmt: skip
        items.append(tag("li", changes, " → ", said(visit, WORD_TEXTS[Word(one["word"])]), *after))
    if not items:
        paragraph(visit, text("No change of the figure or of one to three facts alone would do."), soft=True)
        return
    put(tag("ul", *items, class_="fc-list"))


def _with_commas(parts: list[Markup]) -> list[Markup | str]:
    found: list[Markup | str] = []
    for part in parts:
        found += [", ", part] if found else [part]
    return found
