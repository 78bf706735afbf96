"""What is not known, gathered by the record that would settle it: from verdicts in their published form."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from forgecast.app.doors.rules.forms import Told
from forgecast.ground.texts import Text, text

#: What a sentence about a missing thing names: a book with open numbers, or a record.
BOOK_TO_FILL = re.compile(r"`forgecast rules fill (\w+) ")
_RECORD = re.compile(r"record `(\w+)`")


def settling(verdicts: Sequence[Told], titles: Mapping[str, Told]) -> list[Told]:
    """Return what would settle open verdicts, the record that settles most by itself first.

    Parameters
    ----------
    verdicts : sequence of Told
    titles : mapping of str to Told
        Titles of the books.

    Returns
    -------
    list of Told
        Each with ``record`` (or, where none is named, ``reason``), ``waiting``, ``alone`` and the ids of ``verdicts``;
        ``book`` is one with open numbers, ``record_name`` the record to fill in, where the sentence names one.
        A book of which nothing is on record is one entry, at the end.
    """
    silent = silent_books(verdicts)
    waiting: dict[str, tuple[Told, list[Told]]] = {}
    unnamed: dict[str, tuple[Told, list[Told]]] = {}
    quiet: dict[str, list[Told]] = {}
    for one in verdicts:
        if one["word"] != "not known":
            continue
        if one["book"] in silent:
            quiet.setdefault(one["book"], []).append(one)
            continue
        for record in one["missing"]:
            waiting.setdefault(record["en"], (record, []))[1].append(one)
        if not one["missing"]:
            reason = next(iter(one["reasons"]), one["title"])
            unnamed.setdefault(reason["en"], (reason, []))[1].append(one)
    named = [_entry("record", words, members) for words, members in waiting.values()]
    named.sort(key=lambda entry: (-entry["alone"], -entry["waiting"], entry["record"]["en"]))
    others = [_entry("reason", words, members) for words, members in unnamed.values()]
    books = [_entry("reason", _nothing(titles.get(name), name).as_json(), some) for name, some in quiet.items()]
    return [*named, *sorted(others, key=lambda entry: -entry["waiting"]), *books]


def silent_books(verdicts: Iterable[Told]) -> frozenset[str]:
    """Return the books of which a plant has nothing on record: no verdict but `not known`, and no figure in any."""
    by_book: dict[str, list[Told]] = {}
    for one in verdicts:
        if one["word"] != "not applicable":
            by_book.setdefault(one["book"], []).append(one)
    return frozenset(
        name
        for name, members in by_book.items()
        if all(one["word"] == "not known" and not _has_figure(one["tree"]) for one in members)
    )


def _has_figure(node: Mapping[str, Any]) -> bool:
    return node["kind"] == "figure" or any(_has_figure(child) for child in node["children"])


def _nothing(title: Told | None, name: str) -> Text:
    said = Text("{en}", "{zh}", (("en", title["en"]), ("zh", title["zh"]))) if title else name
    return text("nothing is on record for this rulebook: {title}", title=said)


def _entry(kind: str, words: Mapping[str, Any], members: Sequence[Told]) -> Told:
    said = str(words["en"])
    book, record = BOOK_TO_FILL.search(said), _RECORD.search(said)
    return {
        "book": book[1] if book else None,
        "record_name": record[1] if record else None,
        "record": dict(words) if kind == "record" else None,
        "reason": dict(words) if kind == "reason" else None,
        "waiting": len(members),
        "alone": sum(len(one["missing"]) == 1 for one in members),
        "verdicts": [one["id"] for one in members],
        "first": [{"id": one["id"], "title": one["title"]} for one in members[:5]],
    }
