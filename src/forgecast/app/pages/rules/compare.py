"""Two days of the plant beside each other: verdicts that became otherwise, figures that moved, books that changed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Any

from nicegui import ui

from forgecast.app.doors.rules.forms import AsOf, CompareAsked
from forgecast.app.doors.shelf import door_of
from forgecast.app.doors.standing.home import month_before
from forgecast.app.pages.page import page
from forgecast.app.pages.parts import (
    Heading,
    KeyFigure,
    Markup,
    asked,
    badge,
    button,
    card,
    chip,
    day_field,
    heading,
    joined,
    key_figures,
    lines,
    link,
    notice,
    number,
    row,
    said,
    table,
    toast,
)
from forgecast.app.pages.rules.shown import LAYERS, SIGNS, assessed, read, verdict_address
from forgecast.app.pages.visit import Visit
from forgecast.ground.texts import Text, text

KINDS: dict[str, tuple[Text, str]] = {
    "not_met": (text("became not met"), "bad"),
    "partly": (text("became partly met"), "warn"),
    "not_known": (text("became unknown"), "unknown"),
    "met": (text("became met"), "good"),
    "not_applicable": (text("became not applicable"), ""),
    "appeared": (text("new in the second"), ""),
    "gone": (text("only in the first"), ""),
    "limit": (text("same word, another limit"), ""),
}
_LIMIT = re.compile(r"(\S+) (\S+) (.*) \((\w+)\)")
#: So many rows of a table are shown.
_MOST = 60


@page("rules", "rules/compare", text("Compare two days"), in_menu=True)
async def compare(visit: Visit) -> None:
    """Fill the page; the days stand in its address."""
    heading(
        visit,
        text("Compare two days"),
        lead=text("Each day is judged by the twelve whole months before it."),
    )

    async def show() -> None:
        last = date.fromisoformat((await read(visit, door_of("rules/summary"), settle=0))["at"])
        before, after = _days(visit, last)
        with card(visit), row():
            first = day_field(visit, text("First day"), value=before.isoformat())
            second = day_field(visit, text("Second day"), value=after.isoformat())

            def go() -> None:
                if not first.value or not second.value:
                    toast(visit, text("Give both days."), tone="warn")
                    return
                ui.navigate.to(visit.link("rules/compare", before=first.value, after=second.value))

            button(visit, text("Compare"), go, kind="main")
        question = CompareAsked(before=before, after=None if after == last else after)
        await asked(visit, door_of("rules/compare"), question, lambda told: _show(visit, told), height=300)

    await assessed(visit, AsOf(), show)


def _days(visit: Visit, last: date) -> tuple[date, date]:
    """Return the two days of the address, else the last day and the one a month before."""

    def of(name: str, otherwise: date) -> date:
        try:
            return date.fromisoformat(visit.query.get(name, ""))
        except ValueError:
            return otherwise

    return of("before", month_before(last)), of("after", last)


def _show(visit: Visit, told: Mapping[str, Any]) -> None:
    counts = Counter(one["became"] for one in told["verdicts"])
    figures = [KeyFigure(words, f"{counts[kind]}", tone=tone) for kind, (words, tone) in KINDS.items() if counts[kind]]
    figures.append(KeyFigure(text("unchanged verdicts"), f"{told['same']:,}"))
    key_figures(visit, figures)
    if not (told["verdicts"] or told["figures"] or told["books"]):
        notice(visit, text("The two days say the same."), tone="good")
        return
    for kind, (words, tone) in KINDS.items():
        members = [one for one in told["verdicts"] if one["became"] == kind]
        if members:
            with card(visit, words, tone=tone, flush=True):
                _verdicts(visit, members, words)
    if told["figures"]:
        with card(visit, text("Figures that moved"), flush=True):
            _figures(visit, told["figures"])
    if told["books"]:
        with card(visit, text("Rulebooks that changed"), flush=True):
            table(
                visit,
                [Heading(text("Rulebook")), Heading(text("First day")), Heading(text("Second day"))],
                [(link(visit, one["title"], visit.link(f"rules/book/{one['id']}")), one["before"], one["after"])
                 for one in told["books"]],
                caption=text("Rulebooks that changed"),
            )  # fmt: skip


def _verdicts(visit: Visit, members: list[Mapping[str, Any]], caption: Text) -> None:
    table(
        visit,
        [Heading(text("Requirement")), Heading(text("First day")), Heading(text("Second day")),
         Heading(text("Limit, first")), Heading(text("Limit, second"))],
        [
            (
                lines(link(visit, one["title"], verdict_address(visit, one["id"])), one["id"].rpartition("/")[2]),
                badge(visit, one["before"]) if one["before"] else None,
                badge(visit, one["after"]) if one["after"] else None,
                _limit(visit, one["limit_before"]),
                _limit(visit, one["limit_after"]),
            )
            for one in members[:_MOST]
        ],
        caption=caption,
    )  # fmt: skip


def _limit(visit: Visit, words: str) -> Markup | str:
    """Return a limit as the comparison writes it (``<= 30 mg/m3 (permit)``) as a page does."""
    read_of = _LIMIT.fullmatch(words)
    if read_of is None:
        return words
    sign, value, unit, layer = read_of.groups()
    shown = number(float(value), "" if unit == "1" else unit)
    return joined(SIGNS.get(sign, sign), " ", shown, " ", chip(visit, LAYERS.get(layer, layer)))


def _figures(visit: Visit, figures: list[Mapping[str, Any]]) -> None:
    table(
        visit,
        [Heading(text("Figure")), Heading(text("First day"), numeric=True), Heading(text("Second day"), numeric=True),
         Heading(text("change"), numeric=True)],
        [
            (
                link(visit, one["title"], visit.link(f"rules/figure/{one['id']}")),
                number(one["before"], one["unit"]),
                number(one["after"], one["unit"]),
                None if one["relative"] is None else said(visit, f"{100 * one['relative']:+.1f} %"),
            )
            for one in figures[:_MOST]
        ],
        caption=text("Figures that moved"),
    )  # fmt: skip
