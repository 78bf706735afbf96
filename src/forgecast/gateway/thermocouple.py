"""Thermocouple records out of text tables: a column of time, and one a thermocouple with its place in the header."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from forgecast.casting.thermocouple import RecordError, ThermocoupleRecord
from forgecast.gateway.file import open_tables
from forgecast.gateway.header import split_unit
from forgecast.gateway.number import read_numbers
from forgecast.gateway.table import Batch, RawTable, as_text, whole
from forgecast.ground.errors import UnitError
from forgecast.ground.texts import text
from forgecast.ground.units import to_si

F8 = NDArray[np.float64]

_PLACED = re.compile(r"^(?P<name>.*?)\s*@\s*(?P<place>[-+0-9.,;eE\s]+?)\s*(?P<unit>[^\W\d]+)$")


def read_thermocouples(path: Path) -> ThermocoupleRecord:
    """Read a table of thermocouple temperatures.

    Headers carry all units: ``time [s]``; ``TC1 @ 5 mm [degC]`` for a plate (0 the interface, negative in the casting),
    ``TC1 @ 10 25 -4 mm [degC]`` for a place in a layout. Columns of anything else are left alone; blank cells and words
    such as ``N/A`` are gaps.

    Parameters
    ----------
    path : Path
        CSV or another delimited text, XLSX or Parquet.

    Raises
    ------
    RecordError
        If there is not exactly one column of time, a thermocouple has no place or no unit, places differ in their
        number of coordinates, or a cell is no number; and as `ThermocoupleRecord`.
    ImportRefusedError
        If the file cannot be read.
    """
    table = open_tables(path, None, {})[0]
    batch = whole(table)
    clock = [(n, unit) for n, header in enumerate(table.header) if (unit := _unit_of(header, "time_span"))]
    if len(clock) != 1:
        raise RecordError(
            text("{count} columns have a unit of time in their header", count=len(clock)),
            where=table.name,
            repair=text("head exactly one column with its unit of time: time [s]"),
        )
    names, places, columns = [], [], []
    for n, header in enumerate(table.header):
        if "@" in unicodedata.normalize("NFKC", header) or _unit_of(header, "temperature"):
            name, place = _placed(table, header)
            unit = _unit_of(header, "temperature")
            if unit is None:
                raise RecordError(
                    text("nothing says in which unit this column is written"),
                    where=f"{table.name}: {header}",
                    repair=text("write °C, K or °F into the header: {name} @ 5 mm [degC]", name=name),
                )
            names.append(name)
            places.append(place)
            columns.append(to_si(_numbers(table, batch, n), "temperature", unit))
    if len({len(place) for place in places}) > 1:
        raise RecordError(
            text("some thermocouples have one coordinate and others three"),
            where=table.name,
            repair=text("give all of them as many: one in a plate, three in a layout"),
        )
    return ThermocoupleRecord(
        table.name,
        to_si(_numbers(table, batch, clock[0][0]), "time_span", clock[0][1]),
        np.column_stack(columns) if columns else np.zeros((len(batch.rows), 0)),
        tuple(names),
        np.array(places, dtype=np.float64).reshape(len(places), len(places[0]) if places else 1),
    )


def _unit_of(header: str, kind: str) -> str | None:
    """Return the unit in a header where it is one of that kind."""
    unit = split_unit(header)[1]
    if unit is None or "@" in unit:
        return None
    try:
        to_si(0.0, kind, unit)
    except UnitError:
        return None
    return unit


def _placed(table: RawTable, header: str) -> tuple[str, tuple[float, ...]]:
    """Return the name and the place [m] that a header gives."""
    found = _PLACED.match(split_unit(header)[0])
    try:
        numbers = (
            [] if found is None else [float(part) for part in re.split(r"[,;\s]+", found["place"].strip()) if part]
        )
        place = () if found is None else tuple(to_si(number, "length", found["unit"]) for number in numbers)
    except (ValueError, UnitError):
        place = ()
    if found is None or len(place) not in (1, 3):
        raise RecordError(
            text("the header does not say where the thermocouple sits, or not in a unit of length"),
            where=f"{table.name}: {header}",
            repair=text("write one coordinate or three: name @ 5 mm [degC], name @ 10 25 -4 mm [degC]"),
        )
    return found["name"].strip() or header, place


def _numbers(table: RawTable, batch: Batch, column: int) -> F8:
    got = read_numbers(batch.columns[column])
    bad = np.flatnonzero(got.wrong)
    if bad.size:
        raise RecordError(
            text("{word} is no number", word=str(as_text(batch.columns[column])[int(bad[0])].as_py())),
            where=f"{table.name}:{int(batch.rows[bad[0]])}: {table.header[column]}",
            repair=text("write a plain number, or leave the cell empty where there is no reading"),
        )
    return got.value
