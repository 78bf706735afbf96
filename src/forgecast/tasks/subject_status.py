"""Tell how a heat, a piece, a nonconformity … stands: its state, how it came there, what may be decided next."""

from __future__ import annotations

from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text
from forgecast.plant.lifecycle import BEGINS, subject_title
from forgecast.store.guard import Standing
from forgecast.store.plant_folder import PlantFolder


def subject_status(plant: PlantFolder, kind: str, number: str) -> Standing:
    """Return how a subject of decisions stands.

    Parameters
    ----------
    plant : PlantFolder
    kind : str
        One of `forgecast.plant.lifecycle.BEGINS`.
    number : str

    Raises
    ------
    ForgecastError
        If nothing of that kind is decided on, or there is no such row.
    """
    if kind not in BEGINS:
        raise ForgecastError(
            text("nothing is decided on {kind}", kind=kind),
            repair=text("use one of: {names}", names=", ".join(BEGINS)),
        )
    found = plant.standing(kind, number)
    if found is None:
        raise ForgecastError(
            text("the record {record} has no row for {id}", record=subject_title(kind), id=number),
            repair=text("import its row, or look at the spelling"),
        )
    return found
