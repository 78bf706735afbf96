"""Every name by which people call the fields of the records, and the words of their values."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from forgecast.gateway.header import folded, names_its_unit
from forgecast.gateway.propose.labels import Label, label, likeness
from forgecast.plant.record import Field, Record, record, records


@dataclass(frozen=True, slots=True)
class FieldNames:
    """A field of a record, and its names made ready to be compared.

    Parameters
    ----------
    record : str
    field : Field
    own : tuple of Label
        The record's own names and aliases, and those that `header_words.csv` gives for this very record.
    shared : tuple of Label
        Those it gives for every record with such a field; they say a little less.
    """

    record: str
    field: Field
    own: tuple[Label, ...]
    shared: tuple[Label, ...]

    def likeness(self, name: Label) -> float:
        """Return how like a name is to the best of the field's."""
        own = max((likeness(name, one) for one in self.own), default=0.0)
        shared = max((likeness(name, one) for one in self.shared), default=0.0)
        return max(own, 0.97 * shared)


@lru_cache(maxsize=1)
def vocabulary() -> dict[str, tuple[FieldNames, ...]]:
    """Return the names of every field by record."""
    words = _header_words()
    return {
        one.name: tuple(
            FieldNames(
                one.name,
                field,
                tuple(label(name) for name in (*_names(one, field), *words.get((one.name, field.name), ()))),
                tuple(label(name) for name in words.get(("*", field.name), ())),
            )
            for field in one.fields
        )
        for one in records().values()
    }


def _names(one: Record, field: Field) -> Iterator[str]:
    yield field.name
    if names_its_unit(field):
        yield field.name.rsplit("_", 1)[0]
    yield field.header.say("zh")
    yield from field.aliases
    if field.name == "id":
        yield f"{one.title.say('en')} id"
        yield f"{one.title.say('zh')}号"


@lru_cache(maxsize=1)
def record_names() -> tuple[tuple[str, Label], ...]:
    """Return the names that files and sheets of a record go by."""
    words = _header_words()
    return tuple(
        (name, label(title))
        for name, one in records().items()
        for title in (name, one.title.say("en"), one.title.say("zh"), *words.get((name, ""), ()))
    )


@lru_cache(maxsize=1)
def known_labels() -> frozenset[str]:
    """Return every name of every field, folded: a row that holds many of them holds the headers."""
    return frozenset(
        name.whole for fields in vocabulary().values() for field in fields for name in (*field.own, *field.shared)
    )


@lru_cache(maxsize=1)
def _header_words() -> dict[tuple[str, str], tuple[str, ...]]:
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for row in _rows("header_words"):
        key = (row["record"], row["field"])
        found[key] = (*found.get(key, ()), *filter(None, row["words"].split(";")))
    return found


def _rows(name: str) -> list[dict[str, str]]:
    place = resources.files("forgecast") / "gateway" / "propose" / f"{name}.csv"
    return list(csv.DictReader(io.StringIO(place.read_text(encoding="utf-8"))))


@lru_cache(maxsize=1)
def _value_words() -> dict[tuple[str, str], str]:
    return {
        (row["kind"], folded(word)): row["code"] for row in _rows("value_words") for word in row["words"].split(";")
    }


def value_word(field: Field, word: str) -> str | None:
    """Return the word of a record that a word of a file means, or None where nothing says so."""
    kind = "flag" if field.kind == "flag" else field.name
    code = _value_words().get((kind, folded(word)))
    if code is None or field.kind == "flag":
        return code
    return code if any(choice.code == code for choice in field.choices) else None


def required(name: str) -> tuple[Field, ...]:
    """Return the fields that every row of a record needs."""
    return tuple(field for field in record(name).fields if field.required or field.key)
