"""Fill a book: list what is open in it, and keep what the reader enters from his own copy in his plant's folder.

What he enters is an overlay in ``books/own_<book>.yaml`` of the plant folder: it is laid on the book from then on, and
decides. The book itself is never changed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from forgecast.ground.errors import BookError, ForgecastError
from forgecast.ground.texts import Text, bilingual, text
from forgecast.rules.book import Book, Check, DatedValue, Requirement
from forgecast.rules.overlay import overlay_from, with_overlay
from forgecast.rules.shelf import full_shelf, own_shelf
from forgecast.rules.source import Entry, read_yaml
from forgecast.rules.verdict import Confidence
from forgecast.store.durable import DurableFile, sync_folder
from forgecast.store.plant_folder import PlantFolder

BOOKS = "books"
#: How the reader may know what he enters.
KNOWN = (Confidence.PRIMARY, Confidence.SECONDARY)


@dataclass(frozen=True, slots=True)
class OpenEntry:
    """Something of a book on which no verdict may rest.

    Parameters
    ----------
    requirement, parameter : str
        Which one it is; the other is empty.
    limit : str
        Place of the limit among those of its requirement, from 0; empty for a state, a parameter, or the only one.
    title : Text
    clause : Text
    value : float or None
        What the book has, unverified; None where it has nothing.
    unit, comparison : str
    start, until : date or None
    addressed : str
        For whom it holds; empty for all.
    is_state : bool
        Whether it is a rule in words: it is confirmed, without a value.
    why : Text
    """

    requirement: str
    parameter: str
    limit: str
    title: Text
    clause: Text
    value: float | None
    unit: str
    comparison: str
    start: date | None
    until: date | None
    addressed: str
    is_state: bool
    why: Text

    @property
    def name(self) -> str:
        """Return the name `fill_book` takes: ``pm_cupola``, ``pm_cupola.1``, ``param.trigger``."""
        if self.parameter:
            return f"param.{self.parameter}"
        return f"{self.requirement}.{self.limit}" if self.limit else self.requirement

    def as_json(self) -> dict[str, object]:
        """Return it as the command line shows it."""
        return {
            "name": self.name,
            "title": self.title.as_json(),
            "clause": self.clause.as_json(),
            "value": self.value,
            "unit": self.unit,
            "comparison": self.comparison,
            "from": None if self.start is None else self.start.isoformat(),
            "until": None if self.until is None else self.until.isoformat(),
            "for": self.addressed,
            "state": self.is_state,
            "why": self.why.as_json(),
        }


@dataclass(frozen=True, slots=True)
class OwnCopy:
    """What a reader enters for one open thing.

    Parameters
    ----------
    name : str
        As `OpenEntry.name`.
    value : float or None
        None confirms the value the book has.
    unit : str
        Of the value; empty means the book's.
    clause, source : str
        Where he read it.
    confidence : Confidence
        ``primary`` if he read it in the document itself, ``secondary`` in a text that cites it.
    start, until : date or None
        None keeps the dates of the book.
    addressed : str
        For whom it holds, an expression (``id == 'DA001'``); empty for all the book means.
    """

    name: str
    value: float | None
    unit: str
    clause: str
    source: str
    confidence: Confidence
    start: date | None = None
    until: date | None = None
    addressed: str = ""


def books_of_plant(folder: PlantFolder) -> tuple[Book, ...]:
    """Return all books a plant is judged by, with its overlays on.

    Raises
    ------
    BookError
        If a file of the plant's own books is not complete.
    """
    return full_shelf([folder.path / BOOKS]).overlaid()


def book_of_plant(folder: PlantFolder, name: str) -> Book:
    """Return a book as it is laid over in a plant.

    Raises
    ------
    ForgecastError
        If there is no such book, or a file of the plant's own books is not complete.
    """
    books = books_of_plant(folder)
    for book in books:
        if book.id == name:
            return book
    raise ForgecastError(
        text("there is no rulebook named {name}", name=name),
        repair=text("use one of: {names}", names=", ".join(book.id for book in books)),
    )


def open_entries(book: Book) -> tuple[OpenEntry, ...]:
    """Return what is open in a book, numbers of expressions first: many verdicts may hang on one of them."""
    found: list[OpenEntry] = []
    for number in book.parameters.values():
        if number.confidence is Confidence.UNVERIFIED:
            users = [r.id for r in book.requirements if f"param.{number.name}" in _names(r)]
            title = bilingual("number used by {names}", "用于：{names}", names=", ".join(users) or "—")
            found.append(
                OpenEntry("", number.name, "", title, number.clause, number.value, number.unit, "", None, None, "",
                          is_state=False, why=_UNVERIFIED)
            )  # fmt: skip
    for requirement in book.requirements:
        groups: dict[str, DatedValue] = {}
        for value in requirement.values:
            if not value.decides and value.layer is book.layer:
                groups.setdefault(value.entry, value)
        several = len({value.entry for value in requirement.values}) > 1
        found.extend(_open(requirement, value, several=several) for value in groups.values())
    return tuple(found)


_UNVERIFIED = text("not verified")


def _names(requirement: Requirement) -> set[str]:
    window = requirement.window
    numbers = () if window is None else (window.valid, window.hours, window.percent)
    expressions = [requirement.applies, requirement.state, requirement.partly]
    expressions += [value.addressed for value in requirement.values] + [case.when for case in requirement.unclear]
    return {name for one in expressions if one is not None for name in one.names} | {f"param.{n}" for n in numbers}


def _open(requirement: Requirement, value: DatedValue, *, several: bool) -> OpenEntry:
    is_state = requirement.check is not Check.FIGURE
    return OpenEntry(
        requirement=requirement.id,
        parameter="",
        limit=value.entry.rpartition(".")[2] if several else "",
        title=requirement.title,
        clause=value.clause,
        value=value.value,
        unit=requirement.unit,
        comparison="" if requirement.comparison is None else str(requirement.comparison),
        start=value.validity.start,
        until=value.validity.end,
        addressed="" if not value.addressed.names else value.addressed.text,
        is_state=is_state,
        why=_UNVERIFIED if value.pending is None else value.pending,
    )


def own_file(folder: PlantFolder, book: str) -> Path:
    """Return where a plant keeps what its reader has entered for a book."""
    return folder.path / BOOKS / f"own_{book}.yaml"


def fill_book(folder: PlantFolder, name: str, copy: OwnCopy) -> Path:
    """Keep what a reader entered from his own copy, and return the file it stands in.

    Parameters
    ----------
    folder : PlantFolder
    name : str
        Id of the book.
    copy : OwnCopy

    Raises
    ------
    ForgecastError
        If nothing of that name is open, the value is missing or has another unit, or clause or source is empty.
    """
    book = book_of_plant(folder, name)
    entry = _entry(book, copy)
    path = own_file(folder, book.id)
    entries = [*_kept(path), entry]
    content = _written(book, entries)
    # Laid on as an assessment will: what would be refused then is refused now, and nothing is written.
    shelf = full_shelf([folder.path / BOOKS])
    overlay = overlay_from(content, name=path.name)
    others = tuple(one for one in shelf.overlays if one.id != path.name)
    laid = next(one for one in replace(shelf, overlays=others).overlaid() if one.id == book.id)
    with_overlay(laid, overlay)
    path.parent.mkdir(exist_ok=True)
    file = DurableFile(path)
    try:
        file.write(content.encode("utf-8"))
        file.publish()
    except BaseException:
        file.abandon()
        raise
    sync_folder(path.parent)
    own_shelf([folder.path / BOOKS])
    return path


def _entry(book: Book, copy: OwnCopy) -> dict[str, object]:
    found = {one.name: one for one in open_entries(book)}
    one = found.get(copy.name)
    if one is None:
        raise ForgecastError(
            text("nothing named {name} is open in {book}", name=copy.name, book=book.id),
            repair=text("open are: {names}", names=", ".join(found) or "—"),
        )
    if copy.confidence not in KNOWN:
        raise ForgecastError(
            text("{value} is no way to know a number", value=str(copy.confidence)),
            repair=text("use one of: {names}", names=", ".join(KNOWN)),
        )
    if one.is_state and copy.value is not None:
        raise ForgecastError(
            text("{name} is a rule in words and has no value", name=copy.name),
            repair=text("leave the value out: entering clause and source confirms it"),
        )
    if not one.is_state and one.value is None and copy.value is None:
        raise BookError(
            text("the number of {name} is open and `value` is missing", name=copy.name),
            where=copy.name,
            repair=text("enter the value as your copy of the document states it"),
        )
    entry: dict[str, object] = {"parameter": one.parameter} if one.parameter else {"requirement": one.requirement}
    if one.limit:
        entry["limit"] = one.limit
    if copy.value is not None:
        entry |= {"value": copy.value, "unit": copy.unit or one.unit}
    if not one.parameter:
        entry |= {key: day.isoformat() for key, day in (("from", copy.start), ("until", copy.until)) if day is not None}
        entry |= {"for": copy.addressed} if copy.addressed else {}
    return entry | {"clause": copy.clause, "source": copy.source, "confidence": str(copy.confidence)}


def _kept(path: Path) -> list[dict[str, object]]:
    """Return the entries the file has."""
    if not path.is_file():
        return []
    document = Entry.of(read_yaml(path.read_text(encoding="utf-8"), path.name), path.name)
    return [dict(entry.data) for entry in document.entries("limits")]


def _written(book: Book, entries: list[dict[str, object]]) -> str:
    """Return the overlay as YAML; each value is written as JSON writes it, which is YAML too."""
    head = {
        "book": book.id,
        "layer": str(book.layer),
        "title": {"en": "Numbers from our own copy", "zh": "取自本厂所持文本的数值"},
        "version": "1",
    }
    lines = [
        "# Entered with `forgecast rules fill`; each entry says where it was read. It may be edited by hand.",
        "# 由forgecast rules fill录入，每条均注明出处；可手工修改。",
        "overlay:",
        *(f"  {key}: {_flow(value)}" for key, value in head.items()),
        "limits:",
        *(f"  - {_flow(entry)}" for entry in entries),
    ]
    return "\n".join(lines) + "\n"


def _flow(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_flow(inner)}" for key, inner in value.items()) + "}"
    return json.dumps(value, ensure_ascii=False)
