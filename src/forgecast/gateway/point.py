"""Points: which value of an instrument is which tag, and in which unit the instrument says it."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from forgecast.gateway.case_file import CaseTable
from forgecast.ground.errors import UnitError
from forgecast.ground.texts import text
from forgecast.ground.units import spelled

#: What a source or gateway may be called: it stands in file names and topics.
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True)
class Point:
    """One value of an instrument and the tag it is.

    Parameters
    ----------
    tag : str
        Name of the tag; with ``{1}``, ``{2}`` … where it is made from parts of a topic.
    unit : str
        Unit in which the instrument gives it; empty where it has none or none is said.
    at : str
        Place in `instruments.toml`.
    words : mapping of str to float
        What the words of an enumeration count as.
    """

    tag: str
    unit: str
    at: str
    words: Mapping[str, float] = field(default_factory=dict)

    def number(self, value: object) -> float | None:
        """Return a value as a number, switches as 0 and 1, words as the map says; None where it is none."""
        if isinstance(value, bool):
            return float(value)
        if isinstance(value, int | float):
            found = float(value)
            return found if math.isfinite(found) else None
        return self.words.get(value) if isinstance(value, str) else None


#: Keys of a point that `read_point` takes.
POINT_KEYS = ("tag", "unit", "words")


def read_point(table: CaseTable) -> Point:
    """Return the point of a table of `instruments.toml`.

    Raises
    ------
    CaseError
        If the tag is missing, the unit is not known, or a word counts as no number.
    """
    unit = table.word("unit")
    if unit:
        try:
            spelled(unit)
        except UnitError as error:
            table.refuse("unit", error.what, error.repair)
    words = {}
    if table.has("words"):
        inner = table.table("words", "")
        words = {name: read_number(inner, name) for name in inner.content}
    return Point(table.word("tag", 'tag = "F1.power"'), unit, table.at(), words)


def read_number(table: CaseTable, key: str, otherwise: float | None = None) -> float:
    """Return a plain number of a table.

    Raises
    ------
    CaseError
        If it is no number, or is absent and nothing stands in for it.
    """
    value = table.content.get(key, otherwise)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        table.refuse(key, text("a number is wanted"), text("write {key} = 1.5, without quotes", key=key))
    return float(value)


def read_whole(table: CaseTable, key: str, low: int, high: int, otherwise: int | None = None) -> int:
    """Return a whole number of a table within bounds.

    Raises
    ------
    CaseError
        If it is none, lies outside, or is absent and nothing stands in for it.
    """
    value = table.content.get(key, otherwise)
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        table.refuse(
            key,
            text("a whole number from {low} to {high} is wanted", low=low, high=high),
            text("write {key} = {low}, without quotes", key=key, low=low),
        )
    return value


def read_name(table: CaseTable) -> str:
    """Return the name of a gateway.

    Raises
    ------
    CaseError
        If it is missing or holds anything but letters, digits, ``.``, ``_`` and ``-``.
    """
    name = table.word("name", 'name = "furnace-1"')
    if NAME.fullmatch(name) is None:
        table.refuse(
            "name",
            text("{name} cannot name a gateway", name=name),
            text("use 1 to 64 letters, digits, `.`, `_` or `-`, beginning with a letter or digit"),
        )
    return name


def read_one_of(table: CaseTable, key: str, words: tuple[str, ...]) -> str:
    """Return a word that is one of several, the first of them where it is absent.

    Raises
    ------
    CaseError
        If it is another one.
    """
    word = table.word(key) or words[0]
    if word not in words:
        table.refuse(
            key, text("{word} is not known here", word=word), text("use one of: {names}", names=", ".join(words))
        )
    return word
