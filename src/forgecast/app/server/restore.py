"""Puts a backup back: elsewhere, or where nothing is; what is there is never written over."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from forgecast.app.server.archive import BackupError, unpack
from forgecast.app.server.backup import HOME, PLANTS, SERVER_DUMP, SERVER_SQLITE
from forgecast.app.server.house import DATABASE
from forgecast.app.server.postgres_copy import drop_schemas, load_schema, make_empty_schema, schema_in
from forgecast.ground.texts import text
from forgecast.store.database import boundary, sqlite_url
from forgecast.store.durable import sync_folder
from forgecast.store.plant_folder import PlantFolder
from forgecast.store.server.database import ServerStore
from forgecast.store.server.plant_schema import in_schema
from forgecast.store.server.tables import PLANT
from forgecast.store.settings import FILE_NAME

_RECORDS = re.compile(r"^(\s*records\s*=\s*).*$", re.MULTILINE)


def restore_backup(file: Path, home: Path, *, database: str = "") -> dict[str, Any]:
    """Make the home of a server from a backup; its plants lie below it then, wherever they lay before.

    Parameters
    ----------
    file : Path
    home : Path
        A name that is free, or an empty folder.
    database : str
        PostgreSQL database for what was on PostgreSQL.

    Returns
    -------
    dict
        What the manifest says, without the files, and how many there are.

    Raises
    ------
    BackupError
        If the backup is damaged, or something is there already; then nothing is there that was not before.
    """
    home = home.absolute()
    if home.is_file() or (home.is_dir() and any(home.iterdir())):
        raise BackupError(
            text("there is something here already"),
            where=str(home),
            repair=text("choose a new name or an empty folder; nothing is ever written over"),
        )
    with boundary(str(home)):
        home.parent.mkdir(parents=True, exist_ok=True)
        building = Path(tempfile.mkdtemp(prefix=f".{home.name}-restoring-", dir=home.parent))
        try:
            manifest = unpack(file, building)
            with _schemas(manifest.about, database) as made:
                _settle(building, manifest.about, database, made)
                if home.is_dir():
                    home.rmdir()
                building.replace(home)
                sync_folder(home.parent)
        except BaseException:
            shutil.rmtree(building, ignore_errors=True)
            raise
    return manifest.about | {"files": len(manifest.files)}


@contextmanager
def _schemas(about: dict[str, Any], database: str) -> Iterator[list[str]]:
    """Give a list for the schemas that are made; they are dropped again where the block fails."""
    needed = [one["schema"] for one in (about["server"], *about["plants"]) if "schema" in one]
    if needed and not database:
        raise BackupError(
            text("what this backup holds was in PostgreSQL"),
            where=", ".join(needed),
            repair=text("name an empty database for it: --database postgresql+psycopg://…"),
        )
    made: list[str] = []
    try:
        yield made
    except BaseException:
        if made:
            drop_schemas(database, made)
        raise


def _settle(building: Path, about: dict[str, Any], database: str, made: list[str]) -> None:
    """Bring what was unpacked to its places, and the schemas into the database."""
    for path in sorted((building / HOME).glob("*")):
        path.replace(building / path.name)
    shutil.rmtree(building / HOME, ignore_errors=True)
    (building / PLANTS).mkdir(exist_ok=True)
    url = _server(building, about["server"], database, made)
    shutil.rmtree(building / "server", ignore_errors=True)
    with ServerStore(url) as store, store.writing() as connection:
        # All plants lie below the home now, also those that lay elsewhere.
        connection.execute(sa.update(PLANT).values(folder=sa.literal(f"{PLANTS}/") + PLANT.c.id))
    for plant in about["plants"]:
        folder = building / PLANTS / plant["id"]
        if "schema" in plant:
            _load(database, plant["schema"], folder / plant["records"], made)
            (folder / plant["records"]).unlink()
            address = in_schema(database, plant["schema"])
            _point_to(folder / FILE_NAME, address)
        PlantFolder.open(folder).close()


def _point_to(settings: Path, address: str) -> None:
    def line(found: re.Match[str]) -> str:
        return f'{found[1]}"{address}"'

    settings.write_text(_RECORDS.sub(line, settings.read_text(encoding="utf-8"), count=1), encoding="utf-8")


def _server(building: Path, told: dict[str, Any], database: str, made: list[str]) -> str:
    if told["engine"] == "sqlite":
        (building / SERVER_SQLITE).replace(building / DATABASE)
        return sqlite_url(building / DATABASE)
    if schema_in(database) != told["schema"]:
        raise BackupError(
            text("the tables of the server were in the schema {schema}", schema=told["schema"]),
            where="--database",
            repair=text("add ?options=-csearch_path={schema} to the address", schema=told["schema"]),
        )
    _load(database, told["schema"], building / SERVER_DUMP, made)
    return database


def _load(database: str, schema: str, source: Path, made: list[str]) -> None:
    if make_empty_schema(database, schema):
        made.append(schema)
    load_schema(database, schema, source)
