"""The rulebooks of a plant: what they ask, what is open in them, and entering that from one's own copy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Any

from forgecast.app.doors.door import Call, Door, NoQuestion, Way
from forgecast.app.doors.rules import forms
from forgecast.app.doors.rules.forms import Told
from forgecast.ground.texts import text
from forgecast.rules.book import Book, DatedValue, Requirement
from forgecast.rules.shelf import packaged_folders
from forgecast.rules.verdict import Confidence
from forgecast.store.server.rights import Right
from forgecast.tasks.fill_book import OwnCopy, book_of_plant, books_of_plant, fill_book, open_entries


def _books(call: Call, _question: NoQuestion) -> Mapping[str, Any]:
    shipped = {folder.name for folder in packaged_folders()}
    return {"books": [_row(book, own=book.id not in shipped) for book in books_of_plant(call.plant)]}


def _row(book: Book, *, own: bool) -> Told:
    values = [value for one in book.requirements for value in one.values]
    starts = [value.validity.start for value in values if value.validity.start is not None]
    known = Counter(str(value.confidence) for value in values)
    known.update(str(number.confidence) for number in book.parameters.values())
    sources = list({one.source.say("en"): one.source.as_json() for one in values}.values())
    return {
        "id": book.id,
        "title": book.title.as_json(),
        "version": book.version,
        "layer": str(book.layer),
        "requirements": len(book.requirements),
        "open": len(open_entries(book)),
        "own": own,
        "known": dict(known),
        "from_on": _day(min(starts, default=None)),
        "sources": sources,
    }


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _book(call: Call, question: forms.BookAsked) -> Mapping[str, Any]:
    book = book_of_plant(call.plant, question.book)
    return {
        "id": book.id,
        "title": book.title.as_json(),
        "version": book.version,
        "digest": book.digest,
        "layer": str(book.layer),
        "scope": book.scope.text,
        "requirements": [_requirement(one) for one in book.requirements],
        "parameters": [
            {
                "name": number.name,
                "value": number.value,
                "unit": number.unit,
                "clause": number.clause.as_json(),
                "source": number.source.as_json(),
                "confidence": str(number.confidence),
            }
            for number in book.parameters.values()
        ],
        "prose": book.prose,
        "changes": book.changes,
    }


def _requirement(one: Requirement) -> Told:
    return {
        "id": one.id,
        "clause": one.clause.as_json(),
        "title": one.title.as_json(),
        "kind": one.kind,
        "force": str(one.force),
        "check": str(one.check),
        "applies": one.applies.text,
        "figure": one.figure,
        "unit": one.unit,
        "comparison": "" if one.comparison is None else str(one.comparison),
        "basis": one.basis.as_json(),
        "state": "" if one.state is None else one.state.text,
        "due_on": _day(one.due),
        "values": [_value(value) for value in one.values],
    }


def _value(value: DatedValue) -> Told:
    return {
        "value": value.value,
        "from_on": _day(value.validity.start),
        "until_on": _day(value.validity.end),
        "for": value.addressed.text if value.addressed.names else "",
        "layer": str(value.layer),
        "clause": value.clause.as_json(),
        "source": value.source.as_json(),
        "confidence": str(value.confidence),
        "decides": value.decides,
        "pending": None if value.pending is None else value.pending.as_json(),
    }


def _open(call: Call, question: forms.BookAsked) -> Mapping[str, Any]:
    book = book_of_plant(call.plant, question.book)
    return {
        "book": book.id,
        "title": book.title.as_json(),
        "open": [one.as_json() for one in open_entries(book)],
    }


def _fill(call: Call, given: forms.OwnCopyGiven) -> Mapping[str, Any]:
    copy = OwnCopy(
        given.name,
        given.value,
        given.unit,
        given.clause.strip(),
        given.source.strip(),
        Confidence(given.confidence),
        given.from_on,
        given.until_on,
        given.addressed,
    )
    path = fill_book(call.plant, given.book, copy)
    left = open_entries(book_of_plant(call.plant, given.book))
    return {"file": path.name, "open": [one.as_json() for one in left]}


DOORS: tuple[Door[Any], ...] = (
    Door("rules", "books", text("The rulebooks the plant is judged by, and how well their numbers are known."),
         Right.SEE, Way.READ, NoQuestion, forms.BooksAnswer, _books),
    Door("rules", "book", text("One rulebook: requirements with limits, dates, layers and sources."), Right.SEE,
         Way.READ, forms.BookAsked, forms.BookAnswer, _book),
    Door("rules", "open", text("What is open in a rulebook, to be entered from your own copy."), Right.SEE, Way.READ,
         forms.BookAsked, forms.OpenAnswer, _open),
    Door("rules", "fill", text("Enter an open number of a rulebook from your own copy; it decides from then on."),
         Right.ENVIRONMENT, Way.CHANGE, forms.OwnCopyGiven, forms.FilledAnswer, _fill),
)  # fmt: skip
