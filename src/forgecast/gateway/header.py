"""Column headers as plants write them: names in either language, units in brackets, and the record they belong to."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from forgecast.ground.errors import UnitError
from forgecast.ground.units import KINDS, scale, spelled
from forgecast.plant.record import Field, Record, records

_BRACKETED = re.compile(r"^(?P<name>.+?)\s*[(\[{【〔]\s*(?P<unit>[^()\[\]{}【】〔〕]+?)\s*[)\]}】〕]$")
_DIVIDED = re.compile(r"^(?P<name>.+?)\s*/\s*(?P<unit>[^/]+(?:/[^/]+)?)$")
_PERCENT = re.compile(r"^(?P<name>.+?)\s*(?P<unit>[%‰])$")
_SUFFIX = {"°C": "degC", "%": "percent"}


@dataclass(frozen=True, slots=True)
class Match:
    """A column of a file and the field it feeds.

    Parameters
    ----------
    index : int
        Column, 0 for the first.
    header : str
    field : Field
    unit : str or None
        Unit the column is written in; None where neither header nor map tells and the field needs one.
    """

    index: int
    header: str
    field: Field
    unit: str | None


def folded(word: str) -> str:
    """Return a word as it is compared: no blanks, joints, case or full-width forms."""
    return re.sub(r"[\s_\-·:：]+", "", unicodedata.normalize("NFKC", word)).casefold()


def split_unit(header: str) -> tuple[str, str | None]:
    """Split ``出炉温度(℃)``, ``mass [kg]``, ``出炉量/t`` or ``C%`` into name and unit; None where there is no unit."""
    plain = unicodedata.normalize("NFKC", header).strip()
    for pattern in (_BRACKETED, _DIVIDED, _PERCENT):
        match = pattern.match(plain)
        if match is not None:
            try:
                spelled(match["unit"])
            except UnitError:
                continue
            return match["name"].strip(), match["unit"]
    return plain, None


def names_its_unit(field: Field) -> bool:
    """Whether a field's name says the unit it is kept in (``tap_temperature_degC``)."""
    return bool(field.unit) and field.name.endswith(_suffix(field))


def _suffix(field: Field) -> str:
    return "_" + _SUFFIX.get(field.unit, field.unit.replace("/", "_"))


def _stem(field: Field) -> str:
    return field.name.removesuffix(_suffix(field)) if field.unit else field.name


def needs_unit(field: Field) -> bool:
    """Whether a column of this field must say its unit."""
    return field.kind in KINDS and field.unit != ""


def field_of(record: Record, header: str) -> tuple[Field, str | None] | None:
    """Return the field a header names and the unit it tells, or None.

    A header is a field's English or Chinese name or one of its aliases, with or without its unit. A quantity without a
    unit in the header is taken in its documented unit only where the header is the field's own name and that name
    carries the unit; otherwise the unit is None, and nobody guesses it.
    """
    whole = folded(header)
    name, unit = split_unit(header)
    for field in record.fields:
        if whole == folded(field.name):
            return field, field.unit if names_its_unit(field) else None
    for field in record.fields:
        if whole in _names(field):
            return field, _fitting(field, unit)
    if unit is not None:
        short = folded(name)
        for field in record.fields:
            if short in {*_names(field), folded(field.name), folded(_stem(field))}:
                return field, unit
    for field in record.fields:
        if whole == folded(_stem(field)):
            return field, None
    return None


def _names(field: Field) -> set[str]:
    return {folded(field.header.say("zh")), *(folded(alias) for alias in field.aliases)}


def _fitting(field: Field, unit: str | None) -> str | None:
    if unit is None or not needs_unit(field):
        return None
    try:
        scale(field.kind, unit, field.unit)
    except UnitError:
        return None
    return unit


def template_header(field: Field, *, zh: bool) -> str:
    """Return the header of our own template for a field: its name, with the unit in brackets where one is needed."""
    name = field.header.say("zh" if zh else "en")
    carried = not zh and names_its_unit(field)
    return f"{name} [{field.unit}]" if needs_unit(field) and not carried else name


def nearest(word: str, names: Iterable[str], count: int = 3) -> tuple[str, ...]:
    """Return the names most like a word, best first; none where nothing is like it."""
    known = {folded(name): name for name in names}
    close = difflib.get_close_matches(folded(word)[:80], list(known), n=count, cutoff=0.5)
    return tuple(known[name] for name in close)


def field_names(record: Record) -> list[str]:
    """Return every header a record answers to."""
    return [name for f in record.fields for name in (f.name, f.header.say("zh"), *f.aliases)]


def record_named(name: str) -> str | None:
    """Return the record that a file or sheet name names (``heats_2025.csv``, ``炉次.xlsx``), or None.

    The longest name that occurs wins, so ``stack_test_2025`` is a stack test and not a stack.
    """
    tokens = [t for t in re.split(r"[^0-9a-z]+", unicodedata.normalize("NFKC", name).casefold()) if t]
    words = " " + " ".join(tokens) + " "
    found: list[tuple[int, str]] = []
    for record in records().values():
        found += [(len(form), record.name) for form in _english(record) if f" {form} " in words]
        title = record.title.say("zh")
        if title in name:
            found.append((2 * len(title), record.name))
    best = max(found, default=None)
    return None if best is None or len({n for size, n in found if size == best[0]}) > 1 else best[1]


def _english(record: Record) -> Iterable[str]:
    title = re.sub(r"[^0-9a-z]+", " ", record.title.say("en").casefold()).strip()
    for word in (record.name.replace("_", " "), title):
        yield word
        yield word + "s"
        yield word + "es"
        if word.endswith("y"):
            yield word[:-1] + "ies"


def records_by_headers(headers: Sequence[str]) -> list[tuple[str, int, tuple[str, ...]]]:
    """Return (record, headers known, required fields absent) for every record that knows a header, best first."""
    scored = []
    for record in records().values():
        known = {found[0].name for header in headers if (found := field_of(record, header)) is not None}
        absent = tuple(f.name for f in record.fields if f.required and f.name not in known)
        if known:
            scored.append((record.name, len(known), absent))
    return sorted(scored, key=lambda row: (len(row[2]) > 0, -row[1], len(row[2])))


def header_row(rows: Sequence[Sequence[str]], names: Iterable[str]) -> int:
    """Return which of the first rows of a sheet holds the headers: the one with most known names, else the fullest."""
    known = {folded(name) for name in names}
    best, best_score = 0, (-1, -1)
    for number, cells in enumerate(rows[:15]):
        filled = [cell for cell in cells if cell.strip()]
        hits = sum(folded(c) in known or folded(split_unit(c)[0]) in known for c in filled)
        wordy = sum(not re.fullmatch(r"[-+0-9.,:/ ]*", c) for c in filled)
        score = (hits, wordy if hits == 0 and len(filled) > 1 else 0)
        if score > best_score:
            best, best_score = number, score
    return best
