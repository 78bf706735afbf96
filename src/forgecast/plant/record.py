"""Records and their fields, read from `records/*.csv`; database, import, docs and doors are built from them."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from forgecast.ground.errors import ForgecastError, TableError
from forgecast.ground.texts import Text, bilingual, text
from forgecast.ground.units import KINDS

#: Kinds of field that are no quantity. Every other kind is a name of `units.KINDS`.
PLAIN_KINDS = ("text", "code", "integer", "flag", "date", "month", "time")


@dataclass(frozen=True, slots=True)
class Choice:
    """One word a `code` field may hold."""

    code: str
    zh: str


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a record.

    Parameters
    ----------
    name : str
        English name; carries its unit only where that is not the SI one.
    kind : str
        One of `PLAIN_KINDS`, or a kind of quantity of `units.KINDS`.
    unit : str
        Unit the value is kept in; empty where it has none.
    key : bool
        Whether it is part of the record's natural key.
    required : bool
        Whether a row without it is refused.
    refers : str
        Record whose key it holds; empty where none.
    choices : tuple of Choice
        What a `code` may be.
    low, high : float or None
        Plausible range, both ends included; a value outside is a finding and is not taken in.
    header : Text
        Column header in both languages.
    sentence : Text
        What it means, in both languages.
    aliases : tuple of str
        Other headers it is known by.
    """

    name: str
    kind: str
    unit: str
    key: bool
    required: bool
    refers: str
    choices: tuple[Choice, ...]
    low: float | None
    high: float | None
    header: Text
    sentence: Text
    aliases: tuple[str, ...]

    @property
    def is_number(self) -> bool:
        """Whether the value is a floating number."""
        return self.kind in KINDS


@dataclass(frozen=True, slots=True)
class Record:
    """A kind of record: its fields and its natural key."""

    name: str
    title: Text
    fields: tuple[Field, ...]

    @property
    def key(self) -> tuple[str, ...]:
        """Names of the fields of the natural key."""
        return tuple(field.name for field in self.fields if field.key)

    @property
    def clock(self) -> Field | None:
        """Time that every row states, else the first: when a mould was made may be left out, when poured not."""
        times = [field for field in self.fields if field.kind == "time"]
        return next((field for field in times if field.required), next(iter(times), None))

    def field(self, name: str) -> Field:
        """Return a field by its name.

        Raises
        ------
        KeyError
            If the record has no such field.
        """
        for field in self.fields:
            if field.name == name:
                return field
        raise KeyError(name)


@lru_cache(maxsize=1)
def records() -> dict[str, Record]:
    """Return all records by name, in the order in which they are best imported."""
    return {row["record"]: _read(row["record"], bilingual(row["en"], row["zh"])) for row in _lines("index")}


def record(name: str) -> Record:
    """Return a record by its name.

    Raises
    ------
    ForgecastError
        If there is no such record; the names are listed.
    """
    try:
        return records()[name]
    except KeyError:
        raise ForgecastError(
            text("there is no record named {name}", name=name),
            repair=text("use one of: {names}", names=", ".join(records())),
        ) from None


def _lines(name: str) -> list[dict[str, str]]:
    place = resources.files("forgecast") / "records" / f"{name}.csv"
    return list(csv.DictReader(io.StringIO(place.read_text(encoding="utf-8"))))


def _read(name: str, title: Text) -> Record:
    fields = tuple(_field(name, number, row) for number, row in enumerate(_lines(name), start=2))
    return Record(name, title, fields)


def _field(record_name: str, line: int, row: dict[str, str]) -> Field:
    kind, choices = row["kind"], []
    for part in filter(None, row["one_of"].split("|")):
        code, _, zh = part.partition("=")
        choices.append(Choice(code, zh))
    if kind not in PLAIN_KINDS and kind not in KINDS:
        raise TableError(
            text("the kind {kind} is not known", kind=kind),
            where=f"records/{record_name}.csv:{line}",
            repair=text("use one of: {names}", names=", ".join((*PLAIN_KINDS, *KINDS))),
        )
    return Field(
        name=row["name"],
        kind=kind,
        unit=row["unit"],
        key=row["key"] == "1",
        required=row["required"] == "1",
        refers=row["refers"],
        choices=tuple(choices),
        low=float(row["low"]) if row["low"] else None,
        high=float(row["high"]) if row["high"] else None,
        header=bilingual(row["name"], row["zh_name"]),
        sentence=bilingual(row["en"], row["zh"]),
        aliases=tuple(filter(None, row["aliases"].split(";"))),
    )
