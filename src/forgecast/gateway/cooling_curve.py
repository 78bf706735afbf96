"""Cooling curves out of text tables: a column of time and one of temperature, each with its unit."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from forgecast.gateway.case_file import CaseError
from forgecast.gateway.file import open_tables
from forgecast.gateway.header import folded, split_unit
from forgecast.gateway.number import read_numbers
from forgecast.gateway.table import Batch, RawTable, as_text, whole
from forgecast.ground.errors import UnitError
from forgecast.ground.texts import text
from forgecast.ground.units import to_si
from forgecast.melting.material import FloatArray


@dataclass(frozen=True, slots=True)
class ColumnAsked:
    """What the user says of a column: its header or the start of it, and its unit; empty where the header says it."""

    name: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class CurveRecord:
    """A recorded curve.

    Parameters
    ----------
    name : str
        Of the file.
    time, temperature : (n,) float64 array
        [s], [K]; rows without one of them are left out.
    left_out : int
        How many.
    columns : tuple of str
        Headers of time and temperature.
    """

    name: str
    time: FloatArray
    temperature: FloatArray
    left_out: int
    columns: tuple[str, str]


def read_curve(path: Path, *, time: ColumnAsked | None = None, temperature: ColumnAsked | None = None) -> CurveRecord:
    """Read a cooling curve.

    Units stand in the headers (``time [s]``, ``T [degC]``, ``温度(℃)``) or are told; they are never guessed.

    Parameters
    ----------
    path : Path
        CSV or another delimited text, XLSX or Parquet.
    time, temperature : ColumnAsked or None
        Needed where headers carry no unit, or several columns have one of the kind.

    Raises
    ------
    CaseError
        If not exactly one column of a kind is found, a unit is missing or contradicted, or a cell is no number.
    ImportRefusedError
        If the file cannot be read.
    """
    table = open_tables(path, None, {})[0]
    batch = whole(table)
    clock, clock_unit = _column(table, "time_span", time or ColumnAsked(), "--time", "time [s]")
    heat, heat_unit = _column(table, "temperature", temperature or ColumnAsked(), "--temperature", "T [degC]")
    t = to_si(_numbers(table, batch, clock), "time_span", clock_unit)
    kelvin = to_si(_numbers(table, batch, heat), "temperature", heat_unit)
    there = np.isfinite(t) & np.isfinite(kelvin)
    return CurveRecord(
        table.name,
        t[there],
        kelvin[there],
        int((~there).sum()),
        (table.header[clock], table.header[heat]),
    )


def _column(table: RawTable, kind: str, asked: ColumnAsked, option: str, example: str) -> tuple[int, str]:
    """Return the column of a kind and the unit it is written in."""
    told = [(n, _unit_of(header, kind)) for n, header in enumerate(table.header)]
    if asked.name:
        names = [(header, split_unit(header)[0]) for header in table.header]
        chosen = [one for one in told if asked.name in names[one[0]]]  # t is not T where both are there
        if not chosen:
            chosen = [one for one in told if folded(asked.name) in map(folded, names[one[0]])]
    else:
        chosen = [(n, unit) for n, unit in told if unit is not None]
    if len(chosen) != 1:
        raise CaseError(
            text("{count} columns of this file can be meant", count=len(chosen)),
            where=f"{table.name}: {option}",
            repair=text(
                "head the column as {example}, or name it: {option}; its columns are {columns}",
                example=example,
                option=f"{option} 'NAME'",
                columns=", ".join(header for header in table.header if header) or "—",
            ),
        )
    column, unit = chosen[0]
    if asked.unit:
        _check_unit(asked.unit, kind, option)
        if unit is not None and to_si(1.0, kind, unit) != to_si(1.0, kind, asked.unit):
            raise CaseError(
                text("the header says {unit} and the call says {asked}", unit=unit, asked=asked.unit),
                where=f"{table.name}: {table.header[column]}",
                repair=text("keep the one that is right"),
            )
        return column, asked.unit
    if unit is None:
        raise CaseError(
            text("nothing says in which unit this column is written"),
            where=f"{table.name}: {table.header[column]}",
            repair=text(
                "head the column as {example}, or tell its unit: {option}", example=example, option=f"{option}-unit"
            ),
        )
    return column, unit


def _unit_of(header: str, kind: str) -> str | None:
    """Return the unit in a header where it is one of the kind."""
    unit = split_unit(header)[1]
    if unit is None:
        return None
    try:
        to_si(0.0, kind, unit)
    except UnitError:
        return None
    return unit


def _check_unit(unit: str, kind: str, option: str) -> None:
    try:
        to_si(0.0, kind, unit)
    except UnitError as error:
        raise CaseError(error.what, where=f"{option}-unit", repair=error.repair) from None


def _numbers(table: RawTable, batch: Batch, column: int) -> FloatArray:
    got = read_numbers(batch.columns[column])
    bad = np.flatnonzero(got.wrong)
    if bad.size:
        raise CaseError(
            text("{word} is no number", word=str(as_text(batch.columns[column])[int(bad[0])].as_py())),
            where=f"{table.name}:{int(batch.rows[bad[0]])}: {table.header[column]}",
            repair=text("write a plain number, or leave the cell empty where there is no reading"),
        )
    return np.asarray(got.value, dtype=np.float64)
