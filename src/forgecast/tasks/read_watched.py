"""Read the values somebody wants to watch, out of a plant or a file."""

from __future__ import annotations

from pathlib import Path

from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.watched import Wanted, Watched
from forgecast.tasks.watched_file import watched_in_file
from forgecast.tasks.watched_records import watched_in_plant


def read_watched(source: Path, wanted: Wanted) -> Watched:
    """Read values in order of time, with their labels.

    Parameters
    ----------
    source : Path
        A plant folder, or a CSV, XLSX or Parquet file with headers.
    wanted : Wanted

    Raises
    ------
    ForgecastError
        If the source does not hold what is wanted; what it holds is listed.
    """
    if not source.is_dir():
        return watched_in_file(source, wanted)
    if any("." not in field for field in wanted.fields):
        raise ForgecastError(
            text("{fields} names no field of a record", fields=", ".join(wanted.fields)),
            where=str(source),
            repair=text("write record.field, such as shot.cast_pressure_bar, or measurement.NAME of a characteristic"),
        )
    with PlantFolder.open(source) as folder:
        return watched_in_plant(folder, wanted)
