"""A server's database with two plants and two accounts, on each engine."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from forgecast.store.database import sqlite_url
from forgecast.store.plant_folder import PlantFolder
from forgecast.store.server import jobs
from forgecast.store.server.database import ServerStore
from forgecast.store.server.jobs import Job, new_job, submit
from forgecast.store.server.tables import ACCOUNT, ENTERPRISE, PLANT
from forgecast.store.settings import PlantSettings
from tests.stores.conftest import postgres_schema  # noqa: F401  (a fixture)


@dataclass
class Served:
    """A server without its web process."""

    home: Path
    url: str
    store: ServerStore

    def submit(self, door: str, *, plant: str = "p1", key: str = "", account: int = 1, **asked: Any) -> Job:
        with self.store.writing() as connection:
            return submit(connection, new_job(plant, account, door, json.dumps(asked), answer_key=key, language="zh"))

    def job(self, job_id: str) -> Job:
        found = jobs.job_of(self.store, job_id)
        assert found is not None
        return found

    def ended(self, job_id: str, within_s: float = 300.0) -> Job:
        return self.wait(job_id, lambda job: job.ended, within_s)

    def wait(self, job_id: str, what: Callable[[Job], bool], within_s: float = 300.0) -> Job:
        until = time.monotonic() + within_s
        while True:
            found = self.job(job_id)
            if what(found):
                return found
            assert time.monotonic() < until, found
            time.sleep(0.02)


def fill(store: ServerStore, home: Path) -> None:
    """Register an enterprise, two plants whose folders lie in the home, and two accounts."""
    with store.writing() as connection:
        connection.execute(sa.insert(ENTERPRISE).values(id="e", name="E", made_us=1))
        for name in ("p1", "p2"):
            folder = f"plants/{name}/plant"
            connection.execute(sa.insert(PLANT).values(id=name, enterprise_id="e", name=name, folder=folder, made_us=1))
            PlantFolder.create(home / folder, PlantSettings(name, name)).close()
        for name in ("li", "wang"):
            connection.execute(sa.insert(ACCOUNT).values(name=name, shown_name=name, made_us=1))


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def server_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        (tmp_path / "home").mkdir()
        return sqlite_url(tmp_path / "home" / "server.sqlite")
    return request.getfixturevalue("postgres_schema")


@pytest.fixture
def served(server_url: str, tmp_path: Path) -> Iterator[Served]:
    with ServerStore(server_url) as store:
        fill(store, tmp_path / "home")
        yield Served(tmp_path / "home", server_url, store)


@pytest.fixture
def on_sqlite(tmp_path: Path) -> Iterator[Served]:
    home = tmp_path / "home"
    home.mkdir()
    with ServerStore(sqlite_url(home / "server.sqlite")) as store:
        fill(store, home)
        yield Served(home, sqlite_url(home / "server.sqlite"), store)
