"""The quality engineer's first page: what is out of control now, what scrap takes, and the first-pass yield."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from forgecast.app.doors.door import NoQuestion
from forgecast.app.doors.quality.charts import CONTROL
from forgecast.app.doors.quality.losses import LOSSES, LossesAsked
from forgecast.app.pages.page import page
from forgecast.app.pages.parts.asked import asked
from forgecast.app.pages.parts.chart import chart
from forgecast.app.pages.parts.figures import Heading, KeyFigure, key_figures, table
from forgecast.app.pages.parts.inline import chip, lines, link, moment, number
from forgecast.app.pages.parts.layout import card, columns, fold, heading, paragraph, section, tabs
from forgecast.app.pages.parts.markup import Markup, joined, tag
from forgecast.app.pages.parts.states import empty
from forgecast.app.pages.visit import Visit
from forgecast.app.report.numbers import count
from forgecast.ground.texts import Text, text

#: By what losses are told apart on this page.
BY: dict[str, Text] = {
    "product": text("by part"),
    "defect": text("by defect"),
    "furnace": text("by furnace"),
    "die": text("by die"),
    "shift": text("by shift"),
}
_SHOWN = 12


@page("quality", "quality", text("Quality"), in_menu=True)
async def overview(visit: Visit) -> None:
    """Fill the page."""
    heading(
        visit, text("Quality"),
        lead=text("What is out of control now, what scrap takes, and how many pieces are good at once."),
    )  # fmt: skip
    by = visit.query.get("by", "product")
    question = LossesAsked(by=by if by in BY else "product")
    await asked(visit, LOSSES, question, lambda found: _figures(visit, found), height=110)
    with section(visit, text("Out of control now"), note=text(
        "Each quantity on record is charted; listed are those whose last 25 points signal.")):  # fmt: skip
        await asked(visit, CONTROL, NoQuestion(), lambda found: _control(visit, found), height=260)
    with section(visit, text("Scrap and rework")):
        tabs(visit, BY, question.by, name="by")
        await asked(visit, LOSSES, question, lambda found: _losses(visit, question, found), height=380)


def _figures(visit: Visit, found: Mapping[str, Any]) -> None:
    months = found["months"]
    last = months[-1] if months else None
    before = months[-2] if len(months) > 1 else None
    lost = found["scrapped"] + found["reworked"]
    key_figures(
        visit,
        [
            KeyFigure(
                text("First-pass yield, {month}", month=last["month"]) if last else text("First-pass yield"),
                None if last is None else 100.0 * last["share"], "%",
                trend=100.0 * (last["share"] - before["share"]) if last and before else None, better="up",
                note=text("95 % interval {low} to {high} %", low=f"{100.0 * last['low']:.2f}",
                          high=f"{100.0 * last['high']:.2f}") if last else None,
                why=visit.link("quality/chart", field="piece.result", by="product"),
            ),
            KeyFigure(
                text("Scrapped pieces"), count(found["scrapped"]),
                note=text("of {n} inspected", n=count(found["inspected"])),
                why=visit.link("quality/defects"),
            ),
            KeyFigure(text("Reworked pieces"), count(found["reworked"]), note=text("of {n} lost", n=count(lost))),
            KeyFigure(
                text("Worth of the metal scrapped"), found["worth_CNY"], "CNY",
                note=text("{n} pieces have no price on record", n=count(found["unpriced"]))
                if found["unpriced"] else text("all pieces have a price on record"),
                tone="unknown" if found["worth_CNY"] is None else "",
            ),
        ],
    )  # fmt: skip


def _control(visit: Visit, found: Mapping[str, Any]) -> None:
    rows = found["out_of_control"]
    if not found["quantities"]:
        empty(
            visit, text("Nothing can be charted yet."),
            do=text("Take in results of inspection, measurements or shots; twenty values make a chart."),
            links=[link(visit, text("Take in files"), visit.link("data"))],
        )  # fmt: skip
        return
    told = text("{n} of {all} charts signal", n=len(rows), all=found["charts"])
    with card(visit, told, tone="bad" if rows else "good", flush=True):
        _control_table(visit, rows[:_SHOWN])
    if len(rows) > _SHOWN:
        with fold(visit, text("{n} more", n=len(rows) - _SHOWN)), card(visit, flush=True):
            _control_table(visit, rows[_SHOWN:])
    if found["notes"]:
        with fold(visit, text("What could not be charted")):
            for note in found["notes"]:
                paragraph(visit, note, soft=True)


def _control_table(visit: Visit, rows: list[Mapping[str, Any]]) -> None:
    table(
        visit,
        [text("Charted quantity"), text("Group"), text("Rule"), text("Last point that signals"),
         Heading(text("Value"), numeric=True), Heading(text("Limits"), numeric=True)],
        [
            (
                lines(_chart_link(visit, one), visit.say(one["record"])),
                one["group"] or None,
                joined(*(_rule(visit, *broken) for broken in zip(one["rules"], one["rule_words"], strict=True))),
                lines(one["last"], moment(one["last_at"], visit.zone)),
                number(one["value"], one["unit"]),
                tag("span", number(one["lower"]), " … ", number(one["upper"])),
            )
            for one in rows
        ],
        caption=text("Charts whose last points signal"),
        empty=text("No point signals: what is seen is what a stable process shows."),
    )  # fmt: skip


def _chart_link(visit: Visit, one: Mapping[str, Any]) -> Markup:
    asked = {"field": one["field"], "by": one["by"], "group": one["group"]}
    return link(visit, one["title"], visit.link("quality/chart", **{k: v for k, v in asked.items() if v}))


def _rule(visit: Visit, sign: str, words: Mapping[str, str]) -> Markup:
    return tag("span", chip(visit, sign, "bad" if sign == "1" else "warn"), " ", visit.say(words), class_="fc-line")


def _losses(visit: Visit, question: LossesAsked, found: Mapping[str, Any]) -> None:
    if not found["inspected"]:
        empty(
            visit, text("No piece with a result is on record."),
            do=text("Take in pieces with their result; rejects with their defect."),
            links=[link(visit, text("Take in files"), visit.link("data"))],
        )  # fmt: skip
        return
    address = visit.address(LOSSES, question)
    with columns(2):
        with card(visit, text("What is lost, {by}", by=BY[question.by])):
            chart(visit, address, at="charts.losses", title=text("Scrapped and reworked pieces"), zoom=False)
        with card(visit, text("First-pass yield"), note=text("Good at the first inspection, by month.")):
            chart(visit, address, at="charts.yield", title=text("First-pass yield by month"), zoom=False)
    with card(visit, text("In figures"), flush=True):
        table(
            visit,
            [text("Group"), Heading(text("scrapped pieces"), numeric=True),
             Heading(text("reworked pieces"), numeric=True), Heading(text("inspected"), numeric=True),
             Heading(text("share"), "%", numeric=True), Heading(text("together"), "%", numeric=True),
             Heading(text("worth of the metal"), "CNY", numeric=True)],
            [
                (
                    one["name"] or visit.say(text("not on record")), count(one["scrapped"]), count(one["reworked"]),
                    None if one["inspected"] is None else count(one["inspected"]), number(100.0 * one["share"]),
                    number(100.0 * one["cumulative"]), _worth(visit, one),
                )
                for one in found["losses"]
            ],
            caption=text("What is lost, {by}", by=BY[question.by]),
        )  # fmt: skip
    for note in found["notes"]:
        paragraph(visit, note, soft=True)


def _worth(visit: Visit, one: Mapping[str, Any]) -> Markup:
    if one["unpriced"] and one["worth_CNY"] is not None:
        return lines(number(one["worth_CNY"]), visit.say(text("without {n} pieces", n=count(one["unpriced"]))))
    return number(one["worth_CNY"])
