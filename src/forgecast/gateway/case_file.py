"""A case in a TOML file: read with its lines, so that whatever is wrong in it is said with file and line."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn, TypeAlias

from forgecast.gateway.header import nearest
from forgecast.ground.errors import ForgecastError, UnitError
from forgecast.ground.texts import Text, text
from forgecast.ground.units import KINDS, to_si

#: Way to a value: keys, and numbers of tables in a list (0 the first).
Way: TypeAlias = tuple[str | int, ...]

_HEAD = re.compile(r"^\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"^\s*((?:[\w-]+|\"[^\"]*\"|'[^']*')(?:\s*\.\s*(?:[\w-]+|\"[^\"]*\"|'[^']*'))*)\s*=")
_QUANTITY = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(.*?)\s*")
_ELEMENT = re.compile(r"[A-Z][a-z]?")


class CaseError(ForgecastError):
    """A case cannot be read: which file, line and key, what is wrong, and how it is written."""

    code = "case"


def read_case(path: Path) -> CaseTable:
    """Read a case as its outermost table.

    Parameters
    ----------
    path : Path
        TOML in UTF-8.

    Raises
    ------
    CaseError
        If the file is absent, no UTF-8 or no TOML.
    """
    try:
        content = path.read_bytes().decode("utf-8-sig")
        return CaseTable(tomllib.loads(content), path, (), _lines(content))
    except OSError as broken:
        raise CaseError(
            text("the case cannot be read: {why}", why=str(broken.strerror or broken)),
            where=str(path),
            repair=text("give the path of a TOML file"),
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as broken:
        line = re.search(r"line (\d+)", str(broken))
        raise CaseError(
            text("the case is no TOML: {why}", why=str(broken)),
            where=f"{path}:{line[1]}" if line else str(path),
            repair=text("correct that line; text stands in double quotes, tables begin with [furnace] or [[material]]"),
        ) from None


def case_told(content: Mapping[str, object], name: str) -> CaseTable:
    """Return a case that was filled in and not written as a file; what is wrong in it is said by its keys.

    Parameters
    ----------
    content : mapping
        As the TOML would hold it.
    name : str
        What to call it in an error.
    """
    return CaseTable(content, Path(name), (), {})


def _lines(content: str) -> dict[Way, int]:
    """Return the line in which each table and key begins; what stands inside a value has the line of its key."""
    found: dict[Way, int] = {}
    counts: dict[Way, int] = {}
    table: Way = ()
    for number, line in enumerate(content.splitlines(), start=1):
        head = _HEAD.match(line)
        if head is not None:
            table = _placed(_keys(head[2]), counts)
            if head[1] == "[[":
                counts[table] = counts.get(table, -1) + 1
                table = (*table, counts[table])
            found.setdefault(table, number)
        elif (key := _KEY.match(line)) is not None:
            found.setdefault((*table, *_keys(key[1])), number)
    return found


def _keys(dotted: str) -> Way:
    return tuple(part.strip().strip("\"'") for part in dotted.split("."))


def _placed(keys: Way, counts: Mapping[Way, int]) -> Way:
    """Return the way of a header: below a list of tables it means the last of them."""
    way: Way = ()
    for place, key in enumerate(keys):
        way = (*way, key)
        if way in counts and place < len(keys) - 1:
            way = (*way, counts[way])
    return way


class CaseTable:
    """A table of a case that knows its place and says what is wrong in it.

    Parameters
    ----------
    content : object
        As the TOML holds it.
    path : Path
    way : Way
        Of the table.
    lines : mapping of Way to int
    """

    def __init__(self, content: object, path: Path, way: Way, lines: Mapping[Way, int]) -> None:
        self.path = path
        self._way = way
        self._lines = lines
        if not isinstance(content, Mapping):
            raise CaseError(
                text("a table is wanted here"),
                where=self.at(),
                repair=text("write it as [table] or as {{ key = value }}"),
            )
        self.content: Mapping[str, object] = content

    def at(self, key: str = "") -> str:
        """Return ``file:line: key``, the nearest line above where the key has none of its own."""
        way: Way = (*self._way, key) if key else self._way
        near = way
        while near and near not in self._lines:
            near = near[:-1]
        line = f":{self._lines[near]}" if near in self._lines else ""
        name = ".".join(f"[{part + 1}]" if isinstance(part, int) else part for part in way).replace(".[", "[")
        return f"{self.path}{line}: {name}" if name else f"{self.path}{line}"

    def refuse(self, key: str, what: Text, repair: Text) -> NoReturn:
        """Raise the error for a key."""
        raise CaseError(what, where=self.at(key), repair=repair)

    @contextmanager
    def placed(self, key: str = "") -> Iterator[None]:
        """Give an error of a science that comes up inside its place in the file."""
        try:
            yield
        except CaseError:
            raise
        except ForgecastError as error:
            place = f"{self.at(key)} ({error.where})" if error.where else self.at(key)
            raise CaseError(error.what, where=place, repair=error.repair) from error

    def only(self, *keys: str) -> None:
        """Refuse a key that means nothing, with the nearest that does."""
        for key in self.content:
            if key not in keys:
                close = nearest(key, keys, 1)
                repair = (
                    text("did you mean {names}?", names=close[0])
                    if close
                    else text("the keys here are: {keys}", keys=", ".join(keys))
                )
                self.refuse(key, text("the key {key} means nothing here", key=key), repair)

    def has(self, key: str) -> bool:
        """Return whether a key is there."""
        return key in self.content

    def need(self, key: str, example: str) -> object:
        """Return the value of a key that must be there."""
        if key not in self.content:
            self.refuse(key, text("{key} is missing", key=key), text("write {example}", example=example))
        return self.content[key]

    def word(self, key: str, example: str = "") -> str:
        """Return a text; empty where it is absent and no example says that it has to be there."""
        value = self.need(key, example) if example else self.content.get(key, "")
        if not isinstance(value, str) or (example and not value.strip()):
            self.refuse(key, text("text is wanted, in double quotes"), text('write {key} = "…"', key=key))
        return value.strip()

    def flag(self, key: str) -> bool:
        """Return a switch; off where it is absent."""
        value = self.content.get(key, False)
        if not isinstance(value, bool):
            self.refuse(key, text("true or false is wanted"), text("write {key} = true, without quotes", key=key))
        return value

    def count(self, key: str) -> int | None:
        """Return a whole number from 1 on; None where it is absent."""
        value = self.content.get(key)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
            self.refuse(key, text("a whole number from 1 on is wanted"), text("write {key} = 20", key=key))
        return None if value is None else int(value)

    def words(self, key: str, example: str) -> tuple[str, ...]:
        """Return a list of texts that must be there."""
        value = self.need(key, example)
        if not isinstance(value, list) or not value or not all(isinstance(one, str) for one in value):
            self.refuse(
                key, text("a list of words is wanted"), text("write {example}", example=example)
            )  # fmt: skip
        return tuple(value)

    def table(self, key: str, example: str) -> CaseTable:
        """Return a table that must be there."""
        return CaseTable(self.need(key, example), self.path, (*self._way, key), self._lines)

    def tables(self, key: str) -> list[CaseTable]:
        """Return a list of tables; empty where it is absent."""
        value = self.content.get(key, [])
        if not isinstance(value, list):
            self.refuse(
                key,
                text("a list of tables is wanted here"),
                text("begin each with a line [[{key}]]", key=key),
            )
        return [CaseTable(one, self.path, (*self._way, key, number), self._lines) for number, one in enumerate(value)]

    def quantity(self, key: str, kind: str, example: str) -> float:
        """Return a number with a unit that must be there, in SI."""
        return quantity_of(self.need(key, f'{key} = "{example}"'), kind, self.at(key), example)

    def maybe(self, key: str, kind: str, example: str) -> float | None:
        """Return a number with a unit in SI; None where it is absent."""
        return self.quantity(key, kind, example) if key in self.content else None

    def price(self, key: str, currency: str, example: str) -> float:
        """Return a price for a mass that must be there [currency/kg]."""
        return price_of(self.need(key, f'{key} = "{example}"'), currency, self.at(key))

    def elements(self, key: str, factor: float = 1.0) -> dict[str, float]:
        """Return numbers by element, multiplied by a factor; empty where the table is absent.

        Raises
        ------
        CaseError
            If a key is no symbol of an element, or a value no number.
        """
        if key not in self.content:
            return {}
        inner = self.table(key, "")
        found = {}
        for name, value in inner.content.items():
            if _ELEMENT.fullmatch(name) is None:
                inner.refuse(
                    name,
                    text("{name} is no symbol of an element", name=name),
                    text("write symbols as chemistry does: C, Si, Mn, Cu"),
                )
            if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
                inner.refuse(
                    name, text("a number is wanted"), text("write {key} = 1.5, without quotes", key=name)
                )  # fmt: skip
            found[name] = plain(factor * float(value))
        return found


def plain(value: float) -> float:
    """Return a number to twelve digits: nobody writes more, and 95 % is 0.95 and not 0.9500000000000001."""
    return float(f"{value:.12g}")


def split_quantity(words: object, where: str, example: str) -> tuple[float, str]:
    """Return the number and the unit of a quantity as it is written.

    Raises
    ------
    CaseError
        If it is no number with a unit: a bare number is refused, for units are not guessed.
    """
    found = _QUANTITY.fullmatch(words) if isinstance(words, str) else None
    if found is None or not found[2]:
        bare = found is not None or isinstance(words, int | float)
        raise CaseError(
            text("{words} has no unit, and units are not guessed", words=str(words))
            if bare
            else text("{words} is no number with a unit", words=str(words)),
            where=where,
            repair=text("write a number and its unit, such as {example}", example=f'"{example}"'),
        )
    return float(found[1]), found[2]


def quantity_of(words: object, kind: str, where: str, example: str) -> float:
    """Return a quantity written as a number and a unit (``3000 kg``) in SI.

    Raises
    ------
    CaseError
        As `split_quantity`, and if the unit is unknown or of another kind.
    """
    number, unit = split_quantity(words, where, example)
    try:
        value = plain(float(to_si(number, kind, unit)))
    except UnitError as error:
        raise CaseError(error.what, where=where, repair=error.repair) from None
    if not math.isfinite(value):
        raise CaseError(
            text("{words} is no {kind}", words=str(words), kind=KINDS[kind].title),
            where=where,
            repair=text("write a number and its unit, such as {example}", example=f'"{example}"'),
        )
    return value


def price_of(words: object, currency: str, where: str) -> float:
    """Return a price for a mass (``3100 CNY/t``) in the currency of the case [currency/kg].

    Raises
    ------
    CaseError
        If it is written otherwise, or in another currency: rates of exchange are not guessed.
    """
    number, unit = split_quantity(words, where, f"3100 {currency}/t")
    return plain(number * price_factor(unit, currency, where))


def price_factor(unit: str, currency: str, where: str) -> float:
    """Return what a price in a unit such as ``CNY/t`` is multiplied by to be for a kilogram.

    Raises
    ------
    CaseError
        As `price_of`.
    """
    money, _, mass = unit.replace(" ", "").rpartition("/")
    try:
        known = 1.0 if money == currency else float(to_si(1.0, "money", money)) if currency == "CNY" else math.nan
        per = float(to_si(1.0, "mass", mass))
    except UnitError:
        known = per = math.nan
    if not math.isfinite(known / per):
        raise CaseError(
            text("{unit} is no price for a mass in {currency}", unit=unit, currency=currency),
            where=where,
            repair=text("write a number and its unit, such as {example}", example=f'"3100 {currency}/t"'),
        )
    return known / per


def carbon_factor(unit: str, where: str) -> float:
    """Return what carbon in a unit such as ``kgCO2/kg`` is multiplied by to be kilograms for a kilogram.

    Raises
    ------
    CaseError
        If it is no mass for a mass.
    """
    above, _, below = unit.replace(" ", "").replace("CO2e", "").replace("CO2", "").rpartition("/")
    try:
        return float(to_si(1.0, "mass", above)) / float(to_si(1.0, "mass", below))
    except UnitError:
        raise CaseError(
            text("{unit} is no mass of carbon dioxide for a mass", unit=unit),
            where=where,
            repair=text("write a number and its unit, such as {example}", example='"1.9 kgCO2/kg"'),
        ) from None
