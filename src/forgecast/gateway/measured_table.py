"""Tables of measured values: columns found by their names, units from their headers or told, never guessed."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from forgecast.gateway.case_file import CaseError
from forgecast.gateway.file import open_tables
from forgecast.gateway.header import folded, split_unit
from forgecast.gateway.number import read_numbers
from forgecast.gateway.table import Batch, RawTable, as_text, whole
from forgecast.ground.errors import UnitError
from forgecast.ground.texts import Text, text
from forgecast.ground.units import to_si

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A column a table is read for.

    Parameters
    ----------
    key : str
    kind : str
        A name of `forgecast.ground.units.KINDS`; empty for a column of words.
    names : tuple of str
        Headers it is known by, without their units, in both languages.
    example : str
        A header as it is written, with its unit.
    needed : bool
    """

    key: str
    kind: str
    names: tuple[str, ...]
    example: str
    needed: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class MeasuredTable:
    """A table as it was read.

    Parameters
    ----------
    name : str
    numbers : mapping of str to (n,) array
        By key, SI; NaN where a cell is empty.
    words : mapping of str to tuple of str
        By key; empty where a cell is.
    headers : mapping of str to str
        By key, as the file has them.
    rows : (n,) array
        Row of the file.
    """

    name: str
    numbers: Mapping[str, FloatArray]
    words: Mapping[str, tuple[str, ...]]
    headers: Mapping[str, str]
    rows: IntArray

    def place(self, n: int, key: str = "") -> str:
        """Return ``file:row: header`` of a value."""
        column = f": {self.headers[key]}" if key in self.headers else ""
        return f"{self.name}:{int(self.rows[n])}{column}"


def told_columns(options: Sequence[str], wanted: Sequence[Wanted]) -> dict[str, str]:
    """Return what options such as ``stress=sigma [MPa]`` say, by key.

    Raises
    ------
    CaseError
        If one has no equals sign or names no column that is read.
    """
    found = {}
    for option in options:
        key, equals, header = option.partition("=")
        if not equals or key.strip() not in {one.key for one in wanted} or not header.strip():
            raise CaseError(
                text("{option} names no column", option=option),
                where="--column",
                repair=text(
                    "write one of {keys}, an equals sign and the header with its unit, such as {example}",
                    keys=", ".join(one.key for one in wanted),
                    example=f"{wanted[-1].key}={wanted[-1].example}",
                ),
            )
        found[key.strip()] = header.strip()
    return found


def read_measured(
    path: Path, wanted: Sequence[Wanted], told: Mapping[str, str] | None = None, *, unit: str = ""
) -> MeasuredTable:
    """Read a table.

    Parameters
    ----------
    path : Path
        CSV or another delimited text, XLSX or Parquet.
    wanted : sequence of Wanted
    told : mapping of str to str or None
        By key the header meant, with its unit in brackets where the file's header has none.
    unit : str
        Of columns whose unit neither header nor `told` says.

    Raises
    ------
    CaseError
        If a needed column is missing, two columns can be meant, a unit is missing, unknown or contradicted, or a cell
        is no number.
    ImportRefusedError
        If the file cannot be read.
    """
    table = open_tables(path, None, {})[0]
    batch = whole(table)
    numbers: dict[str, FloatArray] = {}
    words: dict[str, tuple[str, ...]] = {}
    headers: dict[str, str] = {}
    for one in wanted:
        asked = (told or {}).get(one.key, "")
        column = _column(table, one, asked)
        if column is None:
            continue
        headers[one.key] = table.header[column]
        if not one.kind:
            words[one.key] = tuple((word or "").strip() for word in as_text(batch.columns[column]).to_pylist())
            continue
        known = _unit(table, column, one, asked, unit)
        numbers[one.key] = np.asarray(to_si(_numbers(table, batch, column), one.kind, known), dtype=np.float64)
    return MeasuredTable(table.name, numbers, words, headers, np.asarray(batch.rows, dtype=np.int64))


def _column(table: RawTable, one: Wanted, asked: str) -> int | None:
    """Return the column meant; None where there is none and none is needed."""
    if asked:
        name = split_unit(asked)[0]
        chosen = [n for n, header in enumerate(table.header) if header in (asked, name)]
        chosen = chosen or [
            n for n, header in enumerate(table.header) if split_unit(header)[0] in (name, asked)
        ]  # fmt: skip
    else:
        known = {folded(name) for name in one.names}
        chosen = [n for n, header in enumerate(table.header) if folded(split_unit(header)[0]) in known]
    if len(chosen) == 1:
        return chosen[0]
    if not chosen and not one.needed and not asked:
        return None
    option = f"--column '{one.key}=…'"
    raise CaseError(
        text("{count} columns of this file can be the {name}", count=len(chosen), name=one.key),
        where=table.name,
        repair=text(
            "head the column as {example}, or name it: {option}; its columns are {columns}",
            example=one.example,
            option=option,
            columns=", ".join(header for header in table.header if header) or "—",
        ),
    )


def _unit(table: RawTable, column: int, one: Wanted, asked: str, other: str) -> str:
    header, where = table.header[column], f"{table.name}: {table.header[column]}"
    written, said = split_unit(header)[1], None if asked == header else split_unit(asked)[1]
    for unit in (said, written):
        if unit is not None:
            _check(unit, one, where)
    if said is not None and written is not None and to_si(1.0, one.kind, said) != to_si(1.0, one.kind, written):
        raise CaseError(
            text("the header says {unit} and the call says {asked}", unit=written, asked=said),
            where=where,
            repair=text("keep the one that is right"),
        )
    unit = said or written or other
    if unit == other and unit:
        _check(unit, one, where)
    if not unit:
        raise CaseError(
            text("nothing says in which unit this column is written"),
            where=where,
            repair=text(
                "head the column as {example}, or tell its unit: {option}",
                example=one.example,
                option=f"--column '{one.key}={header} [{split_unit(one.example)[1]}]'",
            ),
        )
    return unit


def _check(unit: str, one: Wanted, where: str) -> None:
    try:
        to_si(0.0, one.kind, unit)
    except UnitError as error:
        raise CaseError(error.what, where=where, repair=_repair(error.repair, one)) from None


def _repair(known: Text, one: Wanted) -> Text:
    return known if not one.example else text("head the column as {example}", example=one.example)


def _numbers(table: RawTable, batch: Batch, column: int) -> FloatArray:
    got = read_numbers(batch.columns[column])
    bad = np.flatnonzero(got.wrong)
    if bad.size:
        raise CaseError(
            text("{word} is no number", word=str(as_text(batch.columns[column])[int(bad[0])].as_py())),
            where=f"{table.name}:{int(batch.rows[bad[0]])}: {unicodedata.normalize('NFKC', table.header[column])}",
            repair=text("write a plain number, or leave the cell empty where there is no reading"),
        )
    return np.asarray(got.value, dtype=np.float64)
