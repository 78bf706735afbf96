"""A recall: which pieces may be affected, where they are, what would narrow it; of a thing or of a machine's hours."""

from __future__ import annotations

from typing import Any

from nicegui import ui

from forgecast.app.doors.pieces.recall import RECALL, RECALL_TABLE, Recalled, RecallTable
from forgecast.app.pages.page import page
from forgecast.app.pages.parts import (
    Column,
    Heading,
    KeyFigure,
    asked,
    button,
    buttons,
    card,
    columns,
    filter_bar,
    findings_table,
    fold,
    grid,
    heading,
    key_figures,
    notice,
    paragraph,
    put,
    row,
    table,
    tag,
    text_field,
)
from forgecast.app.pages.runs import RunPlace
from forgecast.app.pages.visit import Visit
from forgecast.ground.texts import Text, text

_LEVELS: dict[str, Text] = {
    "mould": text("mould or shot"),
    "ladle": text("ladle or holding furnace"),
    "heat": text("heat"),
    "lot": text("lot"),
    "heat_treatment": text("heat-treatment lot"),
}


@page("pieces", "pieces/recall", text("Recall by machine"), in_menu=True)
async def recall(visit: Visit) -> None:
    """Fill the page of a recall that begins at a machine."""
    heading(
        visit,
        text("Recall by machine"),
        lead=text("All pieces that were in a furnace, ladle, line or press during an alarm, or went through it."),
    )
    machine, since, until = (visit.query.get(name, "") for name in ("machine", "since", "until"))
    with filter_bar():
        which = text_field(visit, text("Machine, ladle, line or tag"), value=machine)
        begin = text_field(visit, text("From"), value=since).props("type=datetime-local")
        end = text_field(visit, text("To"), value=until).props("type=datetime-local")

        def go() -> None:
            ui.navigate.to(
                visit.link("pieces/recall", machine=which.value or "", since=begin.value or "", until=end.value or "")
            )

        button(visit, text("Find the pieces"), go, kind="main")
    paragraph(visit, text("A recall that begins at a heat, a lot or a piece stands on its own page."), soft=True)
    if machine and since and until:
        question = Recalled(equipment=machine, since_at=since, until_at=until)
        await asked(visit, RECALL, question, lambda told: shown_recall(visit, told, question), height=300)
    elif machine:
        notice(visit, text("Give both ends of the stretch of time."), tone="warn")


def shown_recall(visit: Visit, told: dict[str, Any], question: Recalled) -> None:
    """Place a recall: how many, where, which set is enough, what would narrow it, and all units."""
    figures = told["pieces"]
    if figures["possible"] == 0:
        notice(visit, text("No piece on record may be affected."), tone="good")
    else:
        _numbers(visit, told)
    if figures["untraced"]:
        notice(
            visit,
            text("{count} pieces cannot be traced so far back; they may be affected too.", count=figures["untraced"]),
            tone="warn",
        )
    with columns(2):
        with card(visit, text("Where they are"), flush=True):
            _where(visit, told)
        with card(visit, text("What would narrow it most"), tone="warn" if told["narrowing"] else ""):
            _narrowing(visit, told)
    if told["units"]:
        with card(visit, text("Piece by piece"), flush=True):
            _units(visit, told)
    place = RunPlace(visit, lambda made, job: _table(visit, made, job), what=text("Writing the table"), name="table")
    with row():
        button(
            visit,
            text("Table to hand on (XLSX)"),
            lambda: place.start(RECALL_TABLE, RecallTable(**question.model_dump())),
        )
    with fold(visit, text("How far back pieces of this plant are known")):
        _known(visit, told)
    with fold(visit, text("What is taken for granted")):
        put(tag("ul", *(tag("li", visit.say(one)) for one in told["assumptions"]), class_="fc-list"))
    if told["findings"]:
        with fold(visit, text("What contradicts itself")):
            findings_table(visit, told["findings"])


def _numbers(visit: Visit, told: dict[str, Any]) -> None:
    figures = told["pieces"]
    shipped = told["where"]["shipped"]["pieces"]
    sure = f"{100 * figures['confidence']:.4g}"
    key_figures(
        visit,
        [
            KeyFigure(text("May be affected"), figures["possible"], tone="warn"),
            KeyFigure(text("Surely affected"), figures["certain"]),
            KeyFigure(
                text("Enough to hold back"),
                figures["set"],
                note=text("with {share} % no affected piece lies outside of it", share=sure),
            ),
            KeyFigure(text("Shipped of them"), shipped, tone="bad" if shipped else "good"),
        ],
    )


def _where(visit: Visit, told: dict[str, Any]) -> None:
    heads = [
        Heading(text("Where")),
        Heading(text("Pieces"), numeric=True),
        Heading(text("Expected affected"), numeric=True),
    ]
    rows = [(visit.say(one["title"]), one["pieces"], one["expected"]) for one in told["where"].values()]
    rows += [
        (visit.say(text("at {customer}", customer=name or "—")), one["pieces"], one["expected"])
        for name, one in told["customers"].items()
    ]
    table(visit, heads, rows)


def _narrowing(visit: Visit, told: dict[str, Any]) -> None:
    if not told["narrowing"]:
        put(tag("p", visit.say(text("Nothing: every link it rests on is on record.")), class_="fc-soft"))
        return
    lines = []
    for one in told["narrowing"][:6]:
        words = text(
            "which of {subjects} it was: {kind} {id} ({pieces} pieces in doubt)",
            subjects=one["subjects"],
            kind=visit.say(one["title"]),
            id=one["id"],
            pieces=f"{one['pieces']:.4g}",
        )
        lines.append(tag("li", visit.say(words)))
    put(tag("ul", *lines, class_="fc-list"))


def _units(visit: Visit, told: dict[str, Any]) -> None:
    grid(
        visit,
        told["units"][:500],
        [
            Column("piece", text("Piece or batch"), link=visit.link("pieces/of") + "?kind=piece&id={piece}", width=150),
            Column("product", text("Product"), width=120),
            Column("count", text("Pieces"), kind="number", width=100),
            Column("probability.best", text("Probability"), kind="number", unit="1", width=140),
            Column("probability.low", text("at least"), kind="number", width=110),
            Column("probability.high", text("at most"), kind="number", width=110),
            Column("in_set", text("In the set"), kind="flag", width=110),
            Column("place", text("Where"), width=130),
            Column("customer", text("Customer")),
            Column("shipment", text("Shipment"), width=120),
            Column("decision", text("Last decision"), width=130),
        ],
        title=text("Piece by piece"),
        zone=visit.zone,
    )
    hidden = told["not_listed"] + max(len(told["units"]) - 500, 0)
    if hidden:
        put(
            tag(
                "p", visit.say(text("{count} more stand in the table to hand on.", count=hidden)), class_="fc-card-body"
            )
        )


def _known(visit: Visit, told: dict[str, Any]) -> None:
    heads = [
        Heading(text("Back to the")),
        Heading(text("Known"), numeric=True),
        Heading(text("Possible"), numeric=True),
        Heading(text("Not known"), numeric=True),
    ]
    rows = [
        (visit.say(_LEVELS[level]), one["known"], one["possible"], one["none"])
        for level, one in told["completeness"].items()
        if level in _LEVELS
    ]
    table(visit, heads, rows)


def _table(visit: Visit, made: dict[str, Any], job: str) -> None:
    to = visit.file_address(job, made["file"])
    words = text("Table with {count} rows", count=made["rows"])
    buttons([tag("a", visit.say(words), href=to, class_="fc-button", download=True)])
