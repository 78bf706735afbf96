"""A new plant of a server: its folder, and its records where the server's own database is."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, TypeAlias

import sqlalchemy as sa

from forgecast.ground.dates import CHINA
from forgecast.store.server.plant_schema import drop_schema, make_schema
from forgecast.tasks.new_plant import new_plant

#: Where the records of a new plant are: with the server's (a schema of its own in PostgreSQL), or a file of its folder.
RecordsIn: TypeAlias = Literal["server", "file"]


def make_plant(
    folder: Path, *, name: str, id_: str, database: str, records: RecordsIn = "server", zone_name: str = CHINA
) -> None:
    """Make the folder of a new plant; where that fails, nothing is left.

    Parameters
    ----------
    folder : Path
        A name that is free, or an empty folder.
    name, id_ : str
    database : str
        Address of the server's database.
    records : str
    zone_name : str

    Raises
    ------
    PlantError
        If something is there already, a setting is wrong, or the place cannot be written.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    if records == "file" or sa.make_url(database).get_backend_name() != "postgresql":
        new_plant(folder, name=name, id=id_, zone_name=zone_name)
        return
    address = make_schema(database, id_)
    try:
        new_plant(folder, name=name, id=id_, zone_name=zone_name, records=address)
    except BaseException:
        drop_schema(database, id_)
        raise
