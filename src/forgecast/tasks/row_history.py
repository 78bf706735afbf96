"""Tell the history of a row: all its versions, who wrote them, when, and out of which file."""

from __future__ import annotations

from collections.abc import Sequence

from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text
from forgecast.plant.record import record
from forgecast.plant.rows import Value
from forgecast.store.history import Version
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.record_entry import read_entries


def row_history(plant: PlantFolder, name: str, key: Sequence[str]) -> tuple[Version, ...]:
    """Return the versions of a row, oldest first.

    Parameters
    ----------
    plant : PlantFolder
    name : str
        Record.
    key : sequence of str
        Its key as text, one for each key field; times in the plant's zone.

    Raises
    ------
    ForgecastError
        If there is no such record or row, or the key has other parts.
    """
    kind = record(name)
    if len(key) != len(kind.key):
        raise ForgecastError(
            text("a row of {record} is known by {names}", record=kind.title, names=", ".join(kind.key)),
            repair=text("give these {count} values in this order", count=len(kind.key)),
        )
    given: dict[str, Value] = dict(zip(kind.key, key, strict=True))
    rows = read_entries(name, [given], plant.settings.zone)[0][0]
    found = plant.history(name, [rows.columns[field][0] for field in kind.key])
    if not found:
        raise ForgecastError(
            text("the record {record} has no row {key}", record=kind.title, key=", ".join(key)),
            repair=text("look at `forgecast plant show`, and at the spelling of the key"),
        )
    return found
