"""One rulebook: what it asks, with which numbers, from whom, since when, and how well each number is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from forgecast.app.doors.rules.forms import AsOf, BookAsked
from forgecast.app.doors.shelf import door_of
from forgecast.app.pages.page import page
from forgecast.app.pages.parts import (
    Heading,
    Markup,
    asked,
    buttons,
    card,
    chip,
    day,
    facts,
    fold,
    heading,
    joined,
    lines,
    link,
    number,
    put,
    said,
    table,
    tabs,
    tag,
)
from forgecast.app.pages.rules.shown import FORCES, LAYERS, SIGNS, assessed, confidence, read, verdict_table
from forgecast.app.pages.visit import Visit
from forgecast.app.report.words import SUBJECT_TEXTS
from forgecast.ground.texts import text
from forgecast.rules.book import CHECK_TEXTS, Check

_TABS = {"asks": text("Requirements"), "here": text("This plant"), "about": text("About this book")}


@page("rules", "rules/book/{book}", text("Rulebook"))
async def book(visit: Visit) -> None:
    """Fill the page."""
    name = visit.names["book"]
    await asked(visit, door_of("rules/book"), BookAsked(book=name), lambda told: _book(visit, told))


async def _book(visit: Visit, told: Mapping[str, Any]) -> None:
    heading(
        visit,
        told["title"],
        lead=joined(told["id"], " · ", told["version"], " · ", said(visit, LAYERS.get(told["layer"], told["layer"]))),
    )
    name = told["id"]
    buttons(
        [
            link(visit, text("Enter open numbers from your own copy"), visit.link(f"rules/fill/{name}")),
            link(visit, text("All verdicts of this book"), visit.link("rules", book=name)),
        ]
    )
    chosen = tabs(visit, _TABS, visit.query.get("tab", ""), address=visit.link(f"rules/book/{name}"))
    if chosen == "asks":
        _requirements(visit, told)
    elif chosen == "here":
        await _here(visit, name)
    else:
        _about(visit, told)


def _requirements(visit: Visit, told: Mapping[str, Any]) -> None:
    rows = []
    for one in told["requirements"]:
        kind = said(visit, SUBJECT_TEXTS.get(one["kind"], one["kind"]))
        rows.append(
            (
                said(visit, one["clause"]),
                lines(
                    said(visit, one["title"]), joined(one["id"], " · ", kind, " · ", said(visit, FORCES[one["force"]]))
                ),
                joined(*(_value(visit, one, value) for value in one["values"])),
                _sources(visit, one["values"]),
            )
        )
    with card(visit, flush=True):
        table(
            visit,
            [Heading(text("Clause")), Heading(text("What is required")),
             Heading(text("Limit, and how well it is known")),
             Heading(text("Known from"))],
            rows,
            caption=text("Requirements"),
        )  # fmt: skip


def _value(visit: Visit, one: Mapping[str, Any], value: Mapping[str, Any]) -> Markup:
    """Return one dated number with its dates, its layer and for whom it holds."""
    if value["value"] is not None:
        head = joined(SIGNS.get(one["comparison"], one["comparison"]), " ", number(value["value"], one["unit"]))
    elif one["check"] == "figure":
        head = joined(said(visit, value["pending"] or text("open")))
    else:
        head = joined(said(visit, CHECK_TEXTS[Check(one["check"])]))
    doubt = None if value["decides"] else joined(" ", chip(visit, text("decides nothing yet"), "unknown"))
    head = joined(head, " ", confidence(visit, value["confidence"]), doubt)
    under = []
    if value["from_on"] or value["until_on"]:
        under.append(
            joined(day(value["from_on"], visit), " → ", day(value["until_on"], visit) if value["until_on"] else "")
        )
    if value["layer"] != "national":
        under.append(joined(said(visit, LAYERS.get(value["layer"], value["layer"]))))
    if value["for"]:
        under.append(joined(value["for"]))
    return tag("span", head, *(tag("span", words, class_="fc-line fc-soft") for words in under), class_="fc-line")


def _sources(visit: Visit, values: Sequence[Mapping[str, Any]]) -> Markup:
    """Return where the numbers of a requirement were read, each source once."""
    found = dict.fromkeys(said(visit, value["source"]) for value in values)
    return joined(*(tag("span", words, class_="fc-line fc-soft") for words in found))


async def _here(visit: Visit, name: str) -> None:
    async def show() -> None:
        rows = (await read(visit, door_of("rules/verdicts"), book=[name], limit=1000))["rows"]
        applying = [row for row in rows if row["word"] != "not applicable"]
        with card(visit, flush=True):
            verdict_table(visit, applying, caption=text("This plant"))
        if len(rows) > len(applying):
            with fold(visit, text("not applicable: {count}", count=len(rows) - len(applying))):
                beside = [row for row in rows if row["word"] == "not applicable"]
                verdict_table(visit, beside[:300], caption=text("not applicable: {count}", count=len(beside)))

    await assessed(visit, AsOf(), show)


def _about(visit: Visit, told: Mapping[str, Any]) -> None:
    with card(visit, text("Whom it addresses, and its named numbers")):
        facts(visit, [(text("Scope"), told["scope"]), (text("Fingerprint"), told["digest"])], wide=True)
        table(
            visit,
            [Heading(text("name")), Heading(text("Value"), numeric=True), Heading(text("Clause")),
             Heading(text("Known from"))],
            [
                (
                    one["name"],
                    number(one["value"], one["unit"]),
                    said(visit, one["clause"]),
                    lines(confidence(visit, one["confidence"]), said(visit, one["source"])),
                )
                for one in told["parameters"]
            ],
            caption=text("Named numbers"),
        )  # fmt: skip
    for title, words in ((text("In own words"), told["prose"]), (text("What changed in it"), told["changes"])):
        with card(visit, title):
            put(tag("pre", words, class_="fc-prose", style="white-space:pre-wrap;font:inherit;margin:0"))
