"""Check rulebooks: those that ship, books in folders, and what plants keep of their own."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.resources.abc import Traversable
from pathlib import Path

from forgecast.ground.errors import BookError, ForgecastError
from forgecast.ground.finding import Finding, Place, Severity
from forgecast.ground.texts import text
from forgecast.plant.record import records
from forgecast.rules.check import problems
from forgecast.rules.shelf import folder_files, full_shelf, packaged_folders

BOOKS = "books"
Checked = tuple[str, tuple[Finding, ...]]


def check_books(names: Iterable[str]) -> list[Checked]:
    """Return what is wrong with each rulebook, and notes on what is open in it.

    Parameters
    ----------
    names : iterable of str
        Ids of books that ship, folders of books, or plant folders; empty means every book that ships.

    Returns
    -------
    list of (str, tuple of Finding)

    Raises
    ------
    ForgecastError
        If a name is neither.
    """
    packaged = {folder.name: folder for folder in packaged_folders()}
    asked = tuple(names)
    found: list[Checked] = []
    for name in asked or tuple(packaged):
        place = Path(name)
        if name in packaged:
            found.append(_book(packaged[name]))
        elif (place / "limits.yaml").is_file():
            found.append(_book(place))
        elif place.is_dir():
            found.extend(_plant(place))
        else:
            raise ForgecastError(
                text("there is no rulebook named {name}", name=name),
                repair=text("use one of: {names}", names=", ".join(packaged)),
            )
    return found


def check_own_books(plant: Path) -> list[Checked]:
    """Return what is wrong with the books and overlays a plant keeps of its own (see `check_books`)."""
    return list(_plant(plant))


def _fields() -> dict[str, list[str]]:
    return {record.name: [field.name for field in record.fields] for record in records().values()}


def _book(folder: Traversable) -> Checked:
    try:
        return folder.name, problems(folder_files(folder), name=folder.name, known_fields=_fields())
    except BookError as error:
        return folder.name, (_refused(error),)


def _plant(folder: Path) -> Iterable[Checked]:
    """Yield each book of a plant, then whether all its overlays can be laid on."""
    own = folder / BOOKS
    if own.is_dir():
        for place in sorted(own.iterdir()):
            if (place / "limits.yaml").is_file():
                yield _book(place)
    try:
        full_shelf([own]).overlaid()
    except BookError as error:
        yield str(own), (_refused(error),)
    else:
        yield str(own), ()


def _refused(error: BookError) -> Finding:
    return Finding("unreadable", Severity.REFUSED, Place(str(error.where)), "", error.what, error.repair)
