"""One row a piece and one column a dimension: measurements out of it, and the dimensions with their limits."""

from __future__ import annotations

from collections.abc import Callable
from fnmatch import fnmatchcase

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from forgecast.gateway.columns import match_columns
from forgecast.gateway.header import Match, split_unit
from forgecast.gateway.mapping import WideMap
from forgecast.gateway.number import read_numbers
from forgecast.gateway.record_rows import cells_of, finished, wanted_rows
from forgecast.gateway.table import Batch, RawTable, as_text, whole
from forgecast.gateway.taking import Taking, header_index
from forgecast.ground.errors import ImportRefusedError
from forgecast.ground.finding import Severity
from forgecast.ground.texts import text
from forgecast.plant.record import record
from forgecast.plant.rows import RecordRows, Value

_OWN = frozenset(("characteristic", "value"))


def take_wide(
    table: RawTable, wide: WideMap, taking: Taking, progress: Callable[[float], None] | None = None
) -> tuple[RecordRows, ...]:
    """Read a table whose columns are dimensions of a product.

    Parameters
    ----------
    table : RawTable
    wide : WideMap
    taking : Taking
    progress : callable or None
        Called with the share of the file that was read.

    Returns
    -------
    tuple of RecordRows
        Rows of `characteristic`, one for each product and dimension, and of `measurement`, one for each cell with a
        number; an empty cell is no measurement.

    Raises
    ------
    ImportRefusedError
        If no header fits the patterns, or a field that every measurement needs has no column.
    """
    dimensions = _dimensions(table, wide, taking)
    kind = record("measurement")
    matches = match_columns(table, kind, taking, elsewhere=_OWN, wide=frozenset(dimensions))
    batch = whole(table, progress)
    table.report(taking.log)
    head = {row for row in (wide.nominal, wide.lower, wide.upper) if row is not None}
    first = 0 if taking.map is None or taking.map.first_row is None else taking.map.first_row
    body = wanted_rows(table, batch.columns, batch.rows, taking)
    body &= ~np.isin(batch.rows, list(head)) & (batch.rows >= first)
    measured = _measured(table, batch, body, dimensions, matches, taking)
    products = sorted({str(p) for p in measured.columns.get("product", []) if p is not None})
    taken = finished(measured, kind, {m.field.name: m.header for m in matches}, taking)
    described = _described(table, batch, wide, dimensions, products, taking)
    return (described, taken) if len(described) else (taken,)


def _dimensions(table: RawTable, wide: WideMap, taking: Taking) -> list[int]:
    """Return the columns that are dimensions."""
    entry = taking.map
    named = set() if entry is None else {header_index(table, c.header, entry.place) for c in entry.columns}
    left_out = () if entry is None else entry.ignore
    found = [
        index
        for index, header in enumerate(table.header)
        if header
        and index not in named
        and header not in left_out
        and any(fnmatchcase(header.casefold(), pattern.casefold()) for pattern in wide.columns)
    ]
    if found:
        return found
    raise ImportRefusedError(
        text(
            "no header fits {patterns}; the headers are: {headers}",
            patterns=", ".join(wide.columns), headers=", ".join(h for h in table.header if h)[:400],
        ),
        where=f"{table.name} ({entry.place if entry else ''}.wide.columns)",
        repair=text("name the columns that are dimensions in the map under `wide`"),
    )  # fmt: skip


def _measured(
    table: RawTable,
    batch: Batch,
    body: NDArray[np.bool_],
    dimensions: list[int],
    matches: list[Match],
    taking: Taking,
) -> RecordRows:
    """Return one row for each number, piece by piece in the order of the file."""
    kind, chosen, rows = record("measurement"), pa.array(body), batch.rows[body]
    shared: dict[str, list[Value]] = {
        match.field.name: cells_of(batch.columns[match.index].filter(chosen), match, rows, taking) for match in matches
    }
    for name, word in ({} if taking.map is None else taking.map.constants).items():
        match = Match(-1, name, kind.field(name), kind.field(name).unit)
        shared[name] = cells_of(pa.array([word], pa.string()), match, rows[:1], taking) * int(rows.size)
    values = [
        cells_of(batch.columns[i].filter(chosen), Match(i, table.header[i], kind.field("value"), None), rows, taking)
        for i in dimensions
    ]
    places = [
        (row, column)
        for row in range(rows.size)
        for column in range(len(dimensions))
        if values[column][row] is not None
    ]
    columns = {name: [cells[row] for row, _ in places] for name, cells in shared.items()}
    names = [split_unit(table.header[i])[0] for i in dimensions]
    columns["characteristic"] = [names[column] for _, column in places]
    columns["value"] = [values[column][row] for row, column in places]
    return RecordRows("measurement", columns, rows[[row for row, _ in places]], table.sheet)


def _described(
    table: RawTable, batch: Batch, wide: WideMap, dimensions: list[int], products: list[str], taking: Taking
) -> RecordRows:
    """Return one row for each product and dimension, with its limits and unit."""
    limits = {name: _in_row(table, batch, row, dimensions, taking) for name, row in _rows(wide).items()}
    nominal, lower, upper = limits["nominal"], limits["lower"], limits["upper"]
    if wide.deviation:
        lower, upper = nominal + lower, nominal + upper
    crossed = lower > upper
    if crossed.any():
        first = int(np.flatnonzero(crossed)[0])
        taking.log.add(
            "limits-crossed",
            Severity.REFUSED,
            text("the lower limit {low} lies above the upper one {high}", low=f"{lower[first]:.10g}",
                 high=f"{upper[first]:.10g}"),
            text("correct the rows `lower` and `upper` under `wide` in the map; a deviation carries its sign"),
            column=table.header[dimensions[first]],
            rows=np.array([wide.lower or 0] * int(crossed.sum()), np.int64),
        )  # fmt: skip
        lower, upper = np.where(crossed, np.nan, lower), np.where(crossed, np.nan, upper)
    count = len(products)
    names: list[Value] = [split_unit(table.header[i])[0] for i in dimensions]
    units: list[Value] = [_unit(table.header[i], wide) for i in dimensions]
    columns: dict[str, list[Value]] = {
        "product": [product for product in products for _ in dimensions],
        "name": names * count,
        "unit": units * count,
    }
    for name, found in (("nominal", nominal), ("lower", lower), ("upper", upper)):
        numbers: list[Value] = [None if np.isnan(x) else float(x) for x in found]
        columns[name] = numbers * count
    row = wide.nominal or wide.lower or wide.upper or 0
    return RecordRows("characteristic", columns, np.full(count * len(dimensions), row, np.int64), table.sheet)


def _rows(wide: WideMap) -> dict[str, int | None]:
    return {"nominal": wide.nominal, "lower": wide.lower, "upper": wide.upper}


def _in_row(
    table: RawTable, batch: Batch, row: int | None, dimensions: list[int], taking: Taking
) -> NDArray[np.float64]:
    """Return the numbers of one row of the file, NaN where it has none."""
    if row is None:
        return np.full(len(dimensions), np.nan)
    at = np.flatnonzero(batch.rows == row)
    if at.size == 0:
        raise ImportRefusedError(
            text("the file has no row {row} below its headers", row=row),
            where=f"{table.name} ({taking.map.place if taking.map else ''}.wide)",
            repair=text("correct `nominal`, `lower` and `upper` under `wide` in the map"),
        )
    cells = pa.array([as_text(batch.columns[i])[int(at[0])].as_py() for i in dimensions], pa.string())
    numbers = read_numbers(cells, decimal=taking.decimal)
    for wrong in np.flatnonzero(numbers.wrong):
        taking.log.add(
            "not-a-number",
            Severity.REFUSED,
            text("the limit of a dimension is no number"),
            text("correct the cell, or the rows `nominal`, `lower` and `upper` under `wide` in the map"),
            column=table.header[dimensions[int(wrong)]],
            rows=np.array([row], np.int64),
            value=str(cells[int(wrong)].as_py()),
        )
    return numbers.value


def _unit(header: str, wide: WideMap) -> str | None:
    """Return the unit of a column: as the map says, else as its header says; None where neither does."""
    for pattern, unit in wide.units.items():
        if fnmatchcase(header.casefold(), pattern.casefold()):
            return unit
    return split_unit(header)[1]
