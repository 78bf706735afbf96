"""Ladders of levels and titles: how far the plant has come on each, and what keeps it from the next step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from forgecast.app.doors.rules.forms import AsOf as RulesAsOf
from forgecast.app.doors.shelf import door_of
from forgecast.app.doors.standing.forms import AsOf
from forgecast.app.pages.page import page
from forgecast.app.pages.parts import (
    Heading,
    asked,
    card,
    chart,
    chip,
    fold,
    heading,
    link,
    notice,
    number,
    put,
    table,
)
from forgecast.app.pages.rules.shown import assessed, missing_list, read, verdict_list, verdict_table
from forgecast.app.pages.visit import Visit
from forgecast.app.report.words import WORD_ORDER
from forgecast.ground.texts import text
from forgecast.rules.verdict import WORD_TEXTS

_REACH_TONES = {"reached": "good", "out of reach": "bad", "not known": "unknown"}
_WORD_TONES = {"not met": "bad", "partly": "warn", "not known": "unknown", "met": "good"}


@page("standing", "standing/ladders", text("Levels and titles"), in_menu=True)
async def ladders(visit: Visit) -> None:
    """Fill the page."""
    heading(
        visit,
        text("Levels and titles"),
        lead=text("Maturity, green and smart factory, the ladder of enterprises, the performance grade: condition by "
                  "condition."),
    )  # fmt: skip
    with card(visit, text("Performance grade for heavily polluted weather")):
        await asked(visit, door_of("standing/grade"), AsOf(), lambda told: _grade(visit, told), height=160)

    async def show() -> None:
        told = await read(visit, door_of("standing/maturity"))
        with card(visit, text("Conditions by ladder")):
            chart(visit, _stacked(told["ladders"]), title=text("Conditions by ladder"), kind="bar",
                  height=90 + 30 * len(told["ladders"]) + 120, zoom=False)  # fmt: skip
        for one in told["ladders"]:
            _ladder(visit, one)

    await assessed(visit, RulesAsOf(), show, height=500)


def _stacked(told: list[Mapping[str, Any]]) -> dict[str, Any]:
    words = [word for word in WORD_ORDER if str(word) in _WORD_TONES]
    return {
        "x": [one["title"] or one["book"] for one in told],
        "series": [
            {
                "name": WORD_TEXTS[word].as_json(),
                "unit": "",
                "values": [one["words"].get(str(word), 0) for one in told],
                "kind": "bar",
                "stack": "all",
                "tone": _WORD_TONES[str(word)],
            }
            for word in reversed(words)
        ],
    }


def _ladder(visit: Visit, one: Mapping[str, Any]) -> None:
    words, all_of = one["words"], len(one["rows"])
    met = text("{met} of {all} conditions met", met=words.get("met", 0), all=all_of)
    aside = link(visit, text("Rulebook"), visit.link(f"rules/book/{one['book']}"))
    with card(visit, one["title"] or one["book"], note=met, aside=aside):
        hindering = [row for row in one["rows"] if row["word"] in {"not met", "partly"}]
        if hindering:
            put(verdict_list(visit, hindering[:6]))
        with fold(visit, text("All conditions: {count}", count=all_of)):
            verdict_table(visit, one["rows"], caption=one["title"] or text("Conditions by ladder"), subjects=False)


def _grade(visit: Visit, told: Mapping[str, Any]) -> None:
    notice(visit, told["answer"], tone="good" if told["certain"] else "unknown")
    if told["undecided_table"]:
        put(verdict_list(visit, told["undecided_table"]))
        asks = {words["en"]: words for one in told["undecided_table"] for words in one["asks"]}
        put(missing_list(visit, list(asks.values())))
        return
    table(
        visit,
        [Heading(text("grade")), Heading(text("standing")), Heading(text("met"), numeric=True),
         Heading(text("not met"), numeric=True), Heading(text("still open"), numeric=True)],
        [
            (
                one["grade"],
                chip(visit, one["reach_words"], _REACH_TONES[one["reach"]]),
                number(len(one["met"])),
                number(len(one["hindering"])),
                number(len(one["open"])),
            )
            for one in told["grades"]
        ],
        caption=text("Performance grade for heavily polluted weather"),
    )  # fmt: skip
    for one in told["grades"]:
        if one["hindering"]:
            with fold(visit, text("What keeps the plant from grade {grade}", grade=one["grade"])):
                put(verdict_list(visit, one["hindering"]))
