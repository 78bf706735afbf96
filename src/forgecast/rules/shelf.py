"""The shelf: rulebooks that ship with Forgecast, and books and overlays that a plant keeps in its own folder."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from forgecast.ground.errors import BookError
from forgecast.ground.texts import text
from forgecast.rules.book import Book, Overlay
from forgecast.rules.overlay import overlay_from, with_overlay
from forgecast.rules.reading import book_from

FILES = ("book.md", "limits.yaml", "cases.yaml", "CHANGES.md")


@dataclass(frozen=True, slots=True)
class Shelf:
    """Books and the overlays that belong to them."""

    books: tuple[Book, ...]
    overlays: tuple[Overlay, ...] = ()

    def overlaid(self) -> tuple[Book, ...]:
        """Return the books with every overlay laid on."""
        known = {book.id for book in self.books}
        for overlay in self.overlays:
            if overlay.book not in known:
                raise BookError(
                    text("there is no book named {name} to lay this on", name=overlay.book),
                    where=overlay.id,
                    repair=text("use one of: {names}", names=", ".join(sorted(known))),
                )
        found = []
        for book in self.books:
            laid = book
            for overlay in self.overlays:
                if overlay.book == book.id:
                    laid = with_overlay(laid, overlay)
            found.append(laid)
        return tuple(found)


def folder_files(folder: Traversable) -> dict[str, str]:
    """Return the texts of a book's files, by name.

    Raises
    ------
    BookError
        If one of the four files is not there.
    """
    found = {}
    for name in FILES:
        place = folder / name
        if not place.is_file():
            raise BookError(
                text("the rulebook has no {file}", file=name),
                where=folder.name,
                repair=text("a rulebook is a folder with {files}", files=", ".join(FILES)),
            )
        try:
            found[name] = place.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            raise BookError(
                text("{file} is not written in UTF-8", file=name),
                where=f"{folder.name}/{name}",
                repair=text("save it as UTF-8"),
            ) from None
    return found


def read_book(folder: Traversable) -> Book:
    """Return the book in a folder.

    Raises
    ------
    BookError
        If a file is missing or an entry is not complete.
    """
    return book_from(folder_files(folder), name=folder.name)


@lru_cache(maxsize=1)
def packaged_books() -> tuple[Book, ...]:
    """Return the books that ship with Forgecast, by name."""
    return tuple(read_book(folder) for folder in packaged_folders())


def packaged_folders() -> tuple[Traversable, ...]:
    """Return the folders of the books that ship with Forgecast, by name."""
    root = resources.files("forgecast") / "rulebooks"
    found = [f for f in root.iterdir() if f.is_dir() and (f / "limits.yaml").is_file()]
    return tuple(sorted(found, key=lambda folder: folder.name))


def own_shelf(folders: Iterable[Path]) -> Shelf:
    """Return the books (folders) and overlays (``*.yaml``) in a plant's own book folders.

    Raises
    ------
    BookError
        If a book or overlay is not complete.
    """
    books: list[Book] = []
    overlays: list[Overlay] = []
    for folder in folders:
        if not folder.is_dir():
            continue
        for place in sorted(folder.iterdir()):
            if place.is_dir() and (place / "limits.yaml").is_file():
                books.append(read_book(place))
            elif place.suffix in {".yaml", ".yml"}:
                overlays.append(overlay_from(place.read_text(encoding="utf-8"), name=place.name))
    return Shelf(tuple(books), tuple(overlays))


def full_shelf(folders: Iterable[Path] = ()) -> Shelf:
    """Return the packaged books together with a plant's own books and overlays."""
    own = own_shelf(folders)
    books = packaged_books()
    taken = {book.id for book in books}
    for book in own.books:
        if book.id in taken:
            raise BookError(
                text("a book named {name} ships with Forgecast", name=book.id),
                where=f"{book.id}/limits.yaml",
                repair=text("rename the folder and the book's id, or write an overlay"),
            )
    return Shelf((*books, *own.books), own.overlays)
