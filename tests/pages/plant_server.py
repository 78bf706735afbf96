"""A server process on a plant of its own, as `forgecast serve` starts it, with an account for every role."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy as sa

from forgecast.app.server.home import home_of, register_plant
from forgecast.app.server.house import House
from forgecast.app.server.identity import COOKIE
from forgecast.store.server import accounts, grants, passwords, sessions
from forgecast.store.server.database import ServerStore
from forgecast.store.server.grants import Place
from forgecast.store.server.plants import plants
from forgecast.store.server.rights import Role
from forgecast.store.server.tables import DRAFT
from tests.pages.browsing import SHOWN_MS, WORKED_OUT_MS

PASSWORD = "a sentence nobody guesses"  # noqa: S105  (of made-up people)
#: A page of a test asks as often as it likes.
FREE = "[access]\nrequests_per_s = 1e6\nburst = 1e6\nstranger_requests_per_s = 1e6\nstranger_burst = 1e6\n"
_STARTS_WITHIN_S = 240.0
#: How long a process that was told to end may take [s].
_ENDS_WITHIN_S = 120.0


def asking(address: str, **given: Any) -> httpx.Client:
    """Return a client of a server that waits long for an answer, and asks on a new line each time.

    A server closes a line that nobody has used for some seconds. Where the machine stood still for as long, it does so
    at the very moment of the next question; a browser asks once more then, and this client would not.
    """
    lines = httpx.Limits(max_keepalive_connections=0)
    return httpx.Client(base_url=address, timeout=WORKED_OUT_MS / 1000, limits=lines, **given)


@dataclass
class PlantServer:
    """A server that runs.

    Parameters
    ----------
    address : str
        ``http://127.0.0.1:port``.
    plant : str
        Id of its plant.
    folder : Path
        The plant's folder; what tests change there, they change for all tests of the session.
    database : str
    ids : dict of str to int
        Account of each role, by the role's name.
    """

    address: str
    plant: str
    folder: Path
    database: str
    ids: dict[str, int]
    process: subprocess.Popen[str] = field(repr=False)

    def kill(self) -> None:
        """End the server's process as a power cut would (``kill -9``)."""
        self.process.kill()
        self.process.wait(_ENDS_WITHIN_S)
        assert self.process.stdout is not None
        self.process.stdout.close()

    def start_again(self, *, workers: int = 1) -> None:
        """Start the server on the same plant, at the same address."""
        home = home_of(self.folder).path
        self.process = _started(self.folder, home, int(self.address.rpartition(":")[2]), workers)
        self.address = _address(self.process, home / "server.log")

    def session(self, role: str, *, language: str = "en", theme: str = "light") -> str:
        """Open a session for a role and return its cookie."""
        store = ServerStore(self.database)
        try:
            with store.writing() as connection:
                accounts.change_choices(connection, self.ids[role], language=language, theme=theme)
                now_us = time.time_ns() // 1_000
                return sessions.open_session(connection, self.ids[role], address="", agent="test", now_us=now_us)[0]
        finally:
            store.close()

    def wait_for_draft(self, words: str) -> None:
        """Wait until a draft that says these words is in the server's database."""
        store, until = ServerStore(self.database), time.monotonic() + SHOWN_MS / 1000
        try:
            while True:
                with store.reading() as connection:
                    if any(words in content for content in connection.execute(sa.select(DRAFT.c.content)).scalars()):
                        return
                assert time.monotonic() < until, "the draft was not kept"
                time.sleep(0.05)
        finally:
            store.close()

    def warm(self, *doors: str, role: str = "admin") -> None:
        """Have figures worked out before a page is looked at (``"rules/verdicts?year=2026"``)."""
        with asking(f"{self.address}/api/v1/plants/{self.plant}", cookies={COOKIE: self.session(role)}) as client:
            for door in doors:
                until = time.monotonic() + WORKED_OUT_MS / 1000
                while client.get(door, headers={"Prefer": "wait=30"}).status_code == 202:
                    assert time.monotonic() < until, f"{door} is not worked out"


@contextmanager
def plant_server(folder: Path, *, port: int = 0, workers: int = 1) -> Iterator[PlantServer]:
    """Serve a plant folder, which the server changes, until the block ends; at a free port if none is given."""
    home = home_of(folder)
    home.path.mkdir(parents=True, exist_ok=True)
    (home.path / "server.toml").write_text(FREE, encoding="utf-8")
    with House(home.path) as house:
        register_plant(house, folder)
        database = house.database
        kept = passwords.hashed(PASSWORD)
        now_us = time.time_ns() // 1_000
        with house.store.writing() as connection:
            plant = plants(connection)[0].id
            ids = {}
            for role in Role:
                ids[role.value] = accounts.create(
                    connection, name=role.value, shown_name=role.value.title(), password_hash=kept, now_us=now_us
                )
                grants.give(
                    connection, ids[role.value], role, Place(plant_id=plant), by="test", now_us=now_us, mine=None
                )
    process = _started(folder, home.path, port, workers)
    running = PlantServer("", plant, folder, database, ids, process)
    try:
        running.address = _address(process, home.path / "server.log")
        yield running
    finally:
        process = running.process  # it may have been started again
        process.terminate()
        try:
            process.wait(_ENDS_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(_ENDS_WITHIN_S)
        assert process.stdout is not None
        process.stdout.close()


def _started(folder: Path, home: Path, port: int, workers: int) -> subprocess.Popen[str]:
    program = [sys.executable, "-c", "from forgecast.app.cli.main import main; main()", "serve", str(folder)]
    with (home / "server.log").open("w", encoding="utf-8") as log:
        return subprocess.Popen(
            [*program, "--port", str(port), "--json", "--workers", str(workers)],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            encoding="utf-8",
            env={**os.environ, "FORGECAST_LANG": "en", "NICEGUI_STORAGE_PATH": str(home / "ui")},
        )


def _address(process: subprocess.Popen[str], log: Path) -> str:
    """Return what the server says it listens at; one that says nothing in time is ended."""
    watch = threading.Timer(_STARTS_WITHIN_S, process.kill)
    watch.start()
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
    finally:
        watch.cancel()
    assert line, f"the server ended, or said nothing in time: {log.read_text(encoding='utf-8')[-2000:]}"
    return str(json.loads(line)["address"])
