"""Alloys and media of the user's own: CSV or TOML tables with the columns of the shipped ones.

CSV: one row for each value with the columns ``property``, ``temperature_degC`` (empty for constants), ``value``,
``unit`` and ``source``; an alloy also has a column ``family``, the same in every row. ``confidence``, ``edition``,
``licence``, ``valid_from_degC`` and ``valid_to_degC`` may be there. The file's name is the material's.

TOML: ``name``, ``title`` (may be left out), ``family`` (alloys), ``source``, and one table for each property::

    [density]
    unit = "kg/m3"
    rows = [[20, 2680], [560, 2565], [615, 2425], [800, 2360]]

    [liquidus]
    unit = "degC"
    value = 615
"""

from __future__ import annotations

import csv
import io
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from forgecast.ground.tables import SourcedTable, parse_table
from forgecast.ground.texts import text, verbatim
from forgecast.metal.alloy import Alloy, family_of
from forgecast.metal.error import MaterialError
from forgecast.metal.media import medium_of
from forgecast.metal.medium import Medium
from forgecast.metal.property import gather

_NEEDED = ("property", "temperature_degC", "value", "unit", "source")
_COLUMNS = (*_NEEDED, "source_zh", "confidence", "edition", "licence", "valid_from_degC", "valid_to_degC", "family")


def read_alloy(path: Path) -> Alloy:
    """Read an alloy from a table of the user's own.

    Parameters
    ----------
    path : Path
        ``.csv`` or ``.toml`` file.

    Returns
    -------
    Alloy

    Raises
    ------
    MaterialError
        If the file cannot be read, lacks a column, a property or its family, or its values contradict each other: a
        solid fraction that rises with temperature, a solidus at or above the liquidus, curves that do not enclose the
        freezing range, a specific heat with latent heat in it, a wrong unit, an implausible value.
    TableError
        If a row breaks the rules of `forgecast.ground.tables.parse_table`.
    """
    table, name, title = _read(path)
    families = {row["family"] for row in table}
    if len(families) != 1:
        raise MaterialError(
            text("the table names {count} families", count=len(families)),
            where=str(path),
            repair=text("write one and the same family into every row"),
        )
    words = verbatim(title)
    return Alloy(
        name=name,
        title=words,
        family=family_of(families.pop(), where=str(path)),
        synonyms=(),
        properties=gather(table, table.rows, words),
    )


def read_medium(path: Path, *, moisture: float | None = None) -> Medium:
    """Read a mould material, die, chill or sleeve from a table of the user's own.

    Parameters
    ----------
    path : Path
        As in `read_alloy`; needed are density, conductivity and specific heat.
    moisture : float or None
        As in `forgecast.metal.media.medium`.

    Raises
    ------
    MaterialError, TableError
        As in `read_alloy`.
    """
    table, name, title = _read(path)
    words = verbatim(title)
    return medium_of(name, words, gather(table, table.rows, words), moisture=moisture)


def _read(path: Path) -> tuple[SourcedTable, str, str]:
    """Return the rows of a file as a sourced table, the material's name and its title."""
    try:
        content = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise MaterialError(
            text("the table cannot be read: {reason}", reason=getattr(error, "strerror", None) or str(error)),
            where=str(path),
            repair=text("give a CSV or TOML file in UTF-8"),
        ) from error
    if path.suffix.lower() == ".toml":
        rows, name, title = _toml(path, content)
    else:
        rows, name, title = _csv(path, content), path.stem, path.stem
    if not rows:
        raise MaterialError(
            text("the table has no rows"),
            where=str(path),
            repair=text("give one row for each property and temperature"),
        )
    lines = io.StringIO()
    writer = csv.writer(lines)
    writer.writerow(_COLUMNS)
    writer.writerows([row.get(column, "") for column in _COLUMNS] for row in rows)
    return parse_table(path.stem, lines.getvalue()), name, title


def _csv(path: Path, content: str) -> list[dict[str, str]]:
    reader = csv.DictReader(io.StringIO(content))
    missing = [column for column in _NEEDED if column not in (reader.fieldnames or ())]
    if missing:
        raise MaterialError(
            text("the table has no column {columns}", columns=", ".join(missing)),
            where=f"{path}:1",
            repair=text("its columns are: {columns}", columns=", ".join(_NEEDED)),
        )
    rows = []
    for row in reader:
        if None in row or None in row.values():
            raise MaterialError(
                text("the row has more or fewer cells than the header"),
                where=f"{path}:{reader.line_num}",
                repair=text("quote cells that contain a comma, and keep one cell a column"),
            )
        rows.append(_completed({key: cell.strip() for key, cell in row.items()}))
    return rows


def _toml(path: Path, content: str) -> tuple[list[dict[str, str]], str, str]:
    try:
        got = tomllib.loads(content)
    except tomllib.TOMLDecodeError as error:
        raise MaterialError(
            text("the file is no TOML: {reason}", reason=str(error)),
            where=str(path),
            repair=text("correct it there"),
        ) from error
    name = str(got.get("name", path.stem))
    rows = []
    for key, entry in got.items():
        if not isinstance(entry, Mapping):
            continue
        shared = {
            "property": key,
            "unit": str(entry.get("unit", "")),
            "source": str(entry.get("source", got.get("source", ""))),
            "confidence": str(entry.get("confidence", got.get("confidence", ""))),
            "licence": str(entry.get("licence", got.get("licence", ""))),
            "family": str(got.get("family", "")),
        }
        pairs = [("", entry["value"])] if "value" in entry else _pairs(entry.get("rows"), key, path)
        rows += [_completed({**shared, "temperature_degC": str(t), "value": str(v)}) for t, v in pairs]
    return rows, name, str(got.get("title", name))


def _pairs(rows: Any, key: str, path: Path) -> list[tuple[Any, Any]]:  # noqa: ANN401  (whatever the file holds)
    good = isinstance(rows, Sequence) and all(isinstance(row, Sequence) and len(row) == 2 for row in rows)
    if not good:
        raise MaterialError(
            text("`{property}` has neither a value nor rows of a temperature and a value", property=key),
            where=str(path),
            repair=text("write value = 615, or rows = [[20, 2680], [560, 2565]]"),
        )
    return [(row[0], row[1]) for row in rows]


def _completed(row: dict[str, str]) -> dict[str, str]:
    """Fill in what only a shipped table has to say: its source in Chinese; a confidence not told is the lowest."""
    row["source_zh"] = row.get("source_zh") or row.get("source", "")
    row["confidence"] = row.get("confidence") or "unverified"
    return row
