"""Makes a backup of a server while it runs: its database, its plants, what it was sent and what runs have made."""

from __future__ import annotations

import os
import secrets
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from forgecast.app.doors.answers import JOBS, UPLOADS
from forgecast.app.server.archive import Packing, packing
from forgecast.app.server.house import DATABASE
from forgecast.app.server.postgres_copy import dump_schema, schema_in
from forgecast.app.server.start_key import FILE_NAME as START_KEY
from forgecast.store.server.database import ServerStore
from forgecast.store.server.plants import Plant, folder_of, plants
from forgecast.store.settings import read_settings
from forgecast.store.still import copy_sqlite, snapshot
from forgecast.store.who import who

#: Names in the archive.
SERVER_SQLITE, SERVER_DUMP = "server/server.sqlite", "server/server.pgdump"
HOME, PLANTS = "home", "plants"
_STAGE = "_backup-"
_LEFT_S = 86_400.0


def make_backup(
    home: Path, store: ServerStore, database: str, out: Path, *, progress: Callable[[str], None] = lambda _plant: None
) -> dict[str, Any]:
    """Write everything that a server holds into one file.

    What was answered before it began is in it. The server's database is copied first: whatever its rows name lies on
    the disk already. Each plant is in one state; plants are copied one after the other.

    Parameters
    ----------
    home : Path
    store : ServerStore
    database : str
        Its address.
    out : Path
        A name that is free.
    progress : callable
        Is told the plant that is being copied.

    Returns
    -------
    dict
        What the manifest says, without the files, and how many there are.

    Raises
    ------
    BackupError, PlantError
        If it cannot be written; then nothing of that name is there.
    """
    about: dict[str, Any] = {}
    with packing(out.absolute(), about) as packed:
        with _stage(home) as stage:
            about["server"] = _server(stage, home, store, database, packed)
        # After the copy: a plant that was added meanwhile is one folder more than there are rows, which harms nobody.
        with store.reading() as connection:
            found = plants(connection)
        about["plants"] = []
        for plant in found:
            progress(plant.id)
            about["plants"].append(_plant(home, plant, packed))
        for path in _of_home(home, out.absolute()):
            packed.add(path, f"{HOME}/{path.relative_to(home).as_posix()}")
    return about | {"files": len(packed.files)}


def _server(stage: Path, home: Path, store: ServerStore, database: str, packed: Packing) -> dict[str, Any]:
    if store.on_postgres:
        dump_schema(database, stage / "server")
        packed.add(stage / "server", SERVER_DUMP)
        return {"engine": "postgresql", "schema": schema_in(database)}
    copy_sqlite(Path(str(sa.make_url(database).database or home / DATABASE)), stage / "server")
    packed.add(stage / "server", SERVER_SQLITE)
    return {"engine": "sqlite"}


def _plant(home: Path, plant: Plant, packed: Packing) -> dict[str, Any]:
    folder = folder_of(home, plant)
    with _stage(folder) as stage:
        records = snapshot(folder, stage, by=who(), dump=dump_schema, leaves_out=(home,))
        for path in _files(stage):
            packed.add(path, f"{PLANTS}/{plant.id}/{path.relative_to(stage).as_posix()}")
    told: dict[str, Any] = {"id": plant.id, "records": records}
    address = read_settings(folder).records
    return told | {"schema": schema_in(address)} if "://" in address else told


def _of_home(home: Path, out: Path) -> Iterator[Path]:
    for path in sorted(home.iterdir()):
        passing = path.name.startswith((DATABASE, "_", START_KEY)) or path == out
        if path.is_file() and not passing:
            yield path
    for name in (UPLOADS, JOBS):
        yield from _files(home / name)


def _files(folder: Path) -> Iterator[Path]:
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith(("_attempt-", _STAGE)))
        yield from (Path(root) / name for name in sorted(names) if not name.startswith("_part-"))


@contextmanager
def _stage(beside: Path) -> Iterator[Path]:
    """Give a folder on the same disk; what a backup that was killed has left there is removed a day later."""
    for left in beside.glob(f"{_STAGE}*"):
        if time.time() - left.stat().st_mtime > _LEFT_S:
            shutil.rmtree(left, ignore_errors=True)
    made = beside / f"{_STAGE}{secrets.token_hex(6)}"
    made.mkdir(mode=0o700)
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)
