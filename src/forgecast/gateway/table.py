"""A table as a file holds it, before anybody knows what its columns mean."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from forgecast.gateway.defects import FindingLog


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Some rows of a table: one Arrow array a column, and the row of the file each stands in."""

    columns: tuple[pa.Array, ...]
    rows: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class RawTable:
    """One table of a file: a CSV file, a sheet of a workbook, a Parquet file.

    Parameters
    ----------
    name : str
        File name; with ``!sheet`` behind it for a sheet.
    sheet : str
        Name of the sheet; empty for other files.
    header : tuple of str
        Headers as written, one a column.
    batches : callable
        Yields the rows in order; may be called again to read anew. Each batch comes with the share of the file read.
    report : callable
        Adds what the reader itself found (ragged rows) to a log, after the batches were read.
    """

    name: str
    sheet: str
    header: tuple[str, ...]
    batches: Callable[[], Iterator[tuple[Batch, float]]]
    report: Callable[[FindingLog], None] = field(default=lambda _log: None)


def whole(table: RawTable, progress: Callable[[float], None] | None = None) -> Batch:
    """Return all rows of a table at once."""
    batches = []
    for batch, share in table.batches():
        batches.append(batch)
        if progress is not None:
            progress(share)
    if not batches:
        return Batch(tuple(pa.array([], pa.string()) for _ in table.header), np.zeros(0, np.int64))
    columns = tuple(
        pa.concat_arrays([_undictionaried(batch.columns[i]) for batch in batches]) for i in range(len(table.header))
    )
    return Batch(columns, np.concatenate([batch.rows for batch in batches]))


def _undictionaried(column: pa.Array) -> pa.Array:
    return column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column


def as_text(column: pa.Array) -> pa.Array:
    """Return a column as text; whole numbers without a point, instants in ISO 8601."""
    kind = column.type
    if pa.types.is_string(kind):
        return column
    if pa.types.is_floating(kind):
        cells = column.to_pylist()
        return pa.array(
            [None if c is None else str(int(c)) if c.is_integer() and abs(c) < 1e15 else repr(c) for c in cells],
            pa.string(),
        )
    return column.cast(pa.string())
