"""What the plant holds and how fresh it is; its time series; gaps and loose ends."""

from __future__ import annotations

from typing import Any

from forgecast.app.doors.door import NoQuestion
from forgecast.app.doors.plant.records import OVERVIEW, SERIES
from forgecast.app.doors.plant.upkeep import QUALITY, AsOf
from forgecast.app.pages.page import page
from forgecast.app.pages.parts import (
    Column,
    KeyFigure,
    asked,
    buttons,
    card,
    empty,
    findings_table,
    fold,
    grid,
    heading,
    joined,
    key_figures,
    link,
    put,
    section,
    tag,
)
from forgecast.app.pages.visit import Visit
from forgecast.app.report.numbers import local_hour
from forgecast.ground.texts import text
from forgecast.store.server.rights import Right


@page("data", "data", text("Data"), in_menu=True)
async def overview(visit: Visit) -> None:
    """Fill the page of what is there."""
    heading(visit, text("Data"), lead=text("What the plant holds, how fresh it is, and what is wrong with it."))
    links = [
        tag("a", visit.say(text("Take files in")), href=visit.link("data/import"), class_="fc-button main"),
        tag("a", visit.say(text("What was taken in")), href=visit.link("data/imports"), class_="fc-button"),
        tag("a", visit.say(text("Time series")), href=visit.link("data/series"), class_="fc-button"),
    ]
    buttons(links if visit.may(Right.RECORD) else links[1:])
    await asked(visit, OVERVIEW, NoQuestion(), lambda told: _held(visit, told))
    with section(visit, text("Gaps and loose ends"), note=text("What only all records together show.")):
        await asked(visit, QUALITY, AsOf(), lambda told: findings_table(visit, told["findings"]))


def _held(visit: Visit, told: dict[str, Any]) -> None:
    filled = [one for one in told["records"] if one["rows"]]
    counts = told["findings"]
    key_figures(
        visit,
        [
            KeyFigure(text("Records in use"), len(filled), note=text("of {count} kinds", count=len(told["records"]))),
            KeyFigure(text("Rows"), sum(one["rows"] for one in filled)),
            KeyFigure(text("Time series"), told["series"], why=visit.link("data/series")),
            KeyFigure(
                text("Last import"),
                local_time(told["last_import_at"], visit.zone)[:10],
                note=local_time(told["last_import_at"], visit.zone)[11:],
                why=visit.link("data/imports"),
            ),
            KeyFigure(
                text("Refused values"),
                counts.get("refused", 0),
                tone="bad" if counts.get("refused") else "good",
                why=visit.link("data/findings", severity="refused"),
            ),
            KeyFigure(
                text("Doubtful values"),
                counts.get("doubtful", 0),
                tone="warn" if counts.get("doubtful") else "good",
                why=visit.link("data/findings", severity="doubtful"),
            ),
        ],
    )
    if not filled:
        empty(
            visit,
            text("This plant holds nothing yet."),
            do=text("Take files in: CSV, XLSX or Parquet, with whatever headers they have."),
            links=[link(visit, text("Take files in"), visit.link("data/import"))],
        )
    else:
        with card(visit, text("What is there"), flush=True):
            grid(
                visit,
                [{**one, "latest": local_time(one["latest"], visit.zone)} for one in filled],
                [
                    Column("title", text("Record"), link=visit.link("data/records/") + "{record}"),
                    Column("rows", text("Rows"), kind="number"),
                    Column("latest", text("Newest row of")),
                    Column("last_import_at", text("Taken in last"), kind="moment"),
                    Column("last_file", text("Out of")),
                ],
                title=text("What is there"),
                zone=visit.zone,
            )
    _not_used(visit, [one for one in told["records"] if not one["rows"]])


def local_time(at: str | None, zone_name: str) -> str:
    """Return an instant on the plant's clock; a month as it is, and a dash where there is none."""
    if at is None:
        return "—"
    return local_hour(at.replace("Z", "+00:00"), zone_name) if "T" in at else at


def _not_used(visit: Visit, unused: list[dict[str, Any]]) -> None:
    if not unused:
        return
    with fold(visit, text("{count} kinds of record that hold nothing yet", count=len(unused))):
        items = [tag("li", link(visit, one["title"], visit.link(f"data/records/{one['record']}"))) for one in unused]
        put(tag("ul", joined(*items), class_="fc-list"))


@page("data", "data/series", text("Time series"), in_menu=True)
async def series(visit: Visit) -> None:
    """Fill the page of the time series."""
    heading(visit, text("Time series"), lead=text("What is measured, and from when to when there are readings."))
    with card(visit, flush=True):
        grid(
            visit,
            visit.address(SERIES, NoQuestion()),
            [
                Column("tag", text("Tag"), width=220),
                Column("measures", text("Measures")),
                Column("unit", text("Unit"), width=110),
                Column("equipment", text("Where")),
                Column("readings", text("Readings"), kind="number"),
                Column("first_at", text("From"), kind="moment"),
                Column("last_at", text("To"), kind="moment"),
                Column("described", text("Described"), kind="flag", width=120),
            ],
            title=text("Time series"),
            rows="series",
            zone=visit.zone,
            height=640,
            empty=text("No readings are here yet: take in a file of readings, or connect an instrument."),
        )
