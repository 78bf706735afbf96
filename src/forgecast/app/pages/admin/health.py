"""Whether the server is well: its version, workers, database, disk, queue and last backup."""

from __future__ import annotations

import platform
import shutil
from datetime import UTC, datetime
from pathlib import Path

import anyio.to_thread
import sqlalchemy as sa

from forgecast import __version__
from forgecast.app.pages.admin.shared import at
from forgecast.app.pages.page import page
from forgecast.app.pages.parts import (
    KeyFigure,
    Markup,
    card,
    empty,
    facts,
    heading,
    key_figures,
    moment,
    notice,
    number,
)
from forgecast.app.pages.visit import Visit
from forgecast.app.server.house import House
from forgecast.ground.texts import text, verbatim
from forgecast.store.server import deeds
from forgecast.store.server.deeds import Deed, Wanted
from forgecast.store.server.jobs import State, count_of_states
from forgecast.store.server.presence import alive
from forgecast.store.server.rights import Right

_GB = 1e9
#: Below so much room left the disk is worth a warning.
_LITTLE_GB, _LITTLE_SHARE = 5.0, 0.05
_OLD_BACKUP_DAYS = 7.0


@page("admin", "admin/server", text("The server"), right=Right.ADMINISTER, in_menu=True)
async def the_server(visit: Visit) -> None:
    """Fill the page of the server's health."""
    heading(visit, text("The server"), lead=text("Whether it is well, and what it needs."))
    if Right.ADMINISTER not in visit.acting().visitor.reach.server:
        empty(
            visit,
            text("You administer this plant, not the server it is on."),
            do=text("Ask whoever runs the server."),
        )
        return
    house = visit.house
    counts = await anyio.to_thread.run_sync(lambda: count_of_states(house.store))
    workers = await anyio.to_thread.run_sync(lambda: alive(house.home, "worker"))
    backup = await anyio.to_thread.run_sync(lambda: _last_backup(house))
    disk = shutil.disk_usage(house.home)
    little = disk.free / _GB < _LITTLE_GB or disk.free / disk.total < _LITTLE_SHARE
    key_figures(
        visit,
        [
            KeyFigure(text("Workers"), workers, tone="good" if workers else "bad",
                      note=None if workers else text("Nothing is worked out; start the server again.")),
            KeyFigure(text("Waiting"), counts[State.QUEUED], note=text("figures and runs in the queue")),
            KeyFigure(text("Failed"), counts[State.FAILED], tone="warn" if counts[State.FAILED] else "",
                      why=visit.link("admin")),
            KeyFigure(text("Room on the disk"), disk.free / _GB, "GB", tone="bad" if little else "",
                      note=text("of {total} GB", total=round(disk.total / _GB))),
        ],
    )  # fmt: skip
    _backup(visit, backup)
    with card(visit):
        facts(
            visit,
            [
                (text("Version of Forgecast"), __version__),
                (verbatim("Python"), platform.python_version()),
                (text("System"), f"{platform.system()} {platform.release()}"),
                (text("Web processes"), alive(house.home, "web")),
                (text("Plants held open"), house.open_plants),
                (text("Database of the server"), "PostgreSQL" if house.store.on_postgres else "SQLite"),
                (text("Size of the database"), _size(house)),
                (text("Home folder"), str(house.home)),
            ],
        )


def _backup(visit: Visit, last: Deed | None) -> None:
    if last is None:
        notice(
            visit,
            text("No backup is on record. Make one every day with `forgecast server backup`, and keep it elsewhere."),
            tone="warn",
        )
        return
    days = (datetime.now(UTC).timestamp() * 1e6 - last.at_us) / 86_400e6
    with card(visit, text("Last backup"), tone="warn" if days > _OLD_BACKUP_DAYS else "good"):
        facts(
            visit,
            [(text("When"), moment(at(last.at_us), visit.zone)), (text("By"), last.doer.account),
             (text("File"), last.subject)],
        )  # fmt: skip


def _last_backup(house: House) -> Deed | None:
    with house.store.reading() as connection:
        found = deeds.deeds_of_server(connection, limit=1, wanted=Wanted(action="server.backup"))
    return found[0] if found else None


def _size(house: House) -> Markup | None:
    if house.store.on_postgres:
        with house.store.reading() as connection:
            return number(
                connection.execute(sa.text("SELECT pg_database_size(current_database())")).scalar_one() / 1e6, "MB"
            )
    path = Path(str(sa.make_url(house.database).database))
    return number(path.stat().st_size / 1e6, "MB") if path.is_file() else None
