"""What was taken in: the list of imports, one import with its findings, all findings that stand."""

from __future__ import annotations

from typing import Any

from forgecast.app.doors.plant.files import FINDINGS, IMPORTS, AboutFindings, AboutImports
from forgecast.app.pages.page import page
from forgecast.app.pages.parts import (
    Column,
    asked,
    card,
    empty,
    facts,
    grid,
    heading,
    link,
    moment,
    paragraph,
    table,
    tabs,
)
from forgecast.app.pages.parts.figures import Heading
from forgecast.app.pages.visit import Visit
from forgecast.app.report.words import SEVERITY_TEXTS
from forgecast.ground.texts import text
from forgecast.plant.record import records


@page("data", "data/imports", text("What was taken in"), in_menu=True)
async def imports(visit: Visit) -> None:
    """Fill the list of imports."""
    heading(visit, text("What was taken in"), lead=text("Every file and every entry by hand, newest first."))
    with card(visit, flush=True):
        grid(
            visit,
            visit.address(IMPORTS, AboutImports()),
            [
                Column("imported_at", text("When"), kind="moment", width=160),
                Column("name", text("File"), link=visit.link("data/imports/") + "{id}"),
                Column("by", text("By"), width=120),
                Column("rows_new", text("New rows"), kind="number"),
                Column("rows_changed", text("Changed rows"), kind="number"),
                Column("readings_new", text("New readings"), kind="number"),
                Column("findings.refused", text("Refused"), kind="number"),
                Column("findings.doubtful", text("Doubtful"), kind="number"),
            ],
            title=text("What was taken in"),
            rows="imports",
            zone=visit.zone,
            height=640,
            empty=text("Nothing was taken in yet."),
        )


@page("data", "data/imports/{number}", text("An import"))
async def one_import(visit: Visit) -> None:
    """Fill the page of one import."""
    number = visit.names["number"]
    wanted = AboutImports(limit=1000)

    def show(told: dict[str, Any]) -> None:
        found = next((one for one in told["imports"] if str(one["id"]) == number), None)
        if found is None:
            heading(visit, text("An import"))
            empty(
                visit,
                text("There is no import of this number."),
                links=[link(visit, text("What was taken in"), visit.link("data/imports"))],
            )
            return
        _import(visit, found)

    await asked(visit, IMPORTS, wanted, show)


def _import(visit: Visit, one: dict[str, Any]) -> None:
    title = text("Entry by hand") if one["by_hand"] else one["name"]
    heading(visit, title)
    fed = ", ".join(
        visit.say(records()[name].title) if name in records() else visit.say(text("readings")) for name in one["fed"]
    )
    with card(visit):
        facts(
            visit,
            [
                (text("When"), moment(one["imported_at"], visit.zone)),
                (text("By"), one["by"]),
                (text("Went into"), fed),
                (text("New rows"), one["rows_new"]),
                (text("Changed rows"), one["rows_changed"]),
                (text("Rows that were there already"), one["rows_same"]),
                (text("New readings"), one["readings_new"]),
                (text("Changed readings"), one["readings_changed"]),
                (text("SHA-256 of the file"), one["sha256"]),
            ],
        )
        if one["superseded_by"] is not None:
            paragraph(visit, text("A later version of this file took its place; its findings no longer count."))
    with card(visit, text("Findings"), flush=True):
        _findings(visit, AboutFindings(id=int(one["id"])))


@page("data", "data/findings", text("Findings"))
async def findings(visit: Visit) -> None:
    """Fill the list of all findings that stand."""
    heading(
        visit, text("Findings"), lead=text("What was refused or is doubtful in the files taken in, and the repair.")
    )
    choices = {"": text("All")} | {str(one): words for one, words in SEVERITY_TEXTS.items()}
    named = {key or "all": words for key, words in choices.items()}
    chosen = tabs(visit, named, visit.query.get("severity", ""), name="severity", address=visit.link("data/findings"))
    with card(visit, flush=True):
        _findings(visit, AboutFindings(severity="" if chosen == "all" else chosen))


def _findings(visit: Visit, question: AboutFindings) -> None:
    grid(
        visit,
        visit.address(FINDINGS, question),
        [
            Column("severity", text("Severity"), kind="severity", width=110),
            Column("place.file", text("File")),
            Column("place.row", text("Row"), kind="number", width=90),
            Column("place.column", text("Column")),
            Column("value", text("Value seen"), width=140),
            Column("reason", text("Why")),
            Column("repair", text("What to do")),
            Column("count", text("Times"), kind="number", width=90),
        ],
        title=text("Findings"),
        rows="findings",
        zone=visit.zone,
        empty=text("No findings: nothing doubtful was seen."),
    )


def fed_table(visit: Visit, fed: list[dict[str, Any]]) -> None:
    """Place what a file did, or would do, to each record."""
    table(
        visit,
        [
            Heading(text("Record")),
            Heading(text("New"), numeric=True),
            Heading(text("Changed"), numeric=True),
            Heading(text("Already there"), numeric=True),
            Heading(text("Refused values"), numeric=True),
        ],
        [
            (
                visit.say(records()[one["name"]].title) if one["name"] in records() else visit.say(text("readings")),
                one["new"],
                one["changed"],
                one["same"],
                one["refused"],
            )
            for one in fed
        ],
        caption=text("What the file brings"),
    )
