"""Parquet files as tables: one batch a row group, columns in the types they have."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from forgecast.gateway.delimited import refused
from forgecast.gateway.table import Batch, RawTable

_MOST_ROWS = 2_000_000


def read_parquet(name: str, source: Callable[[], BinaryIO]) -> RawTable:
    """Open a Parquet file.

    Parameters
    ----------
    name : str
        File name for findings.
    source : callable
        Opens the file; it is opened anew for every reading.

    Raises
    ------
    ImportRefusedError
        If it is damaged, or a column is of a type that no table has (a list, say).
    """
    try:
        with source() as raw, pq.ParquetFile(raw) as file:
            schema, total = file.schema_arrow, max(file.metadata.num_rows, 1)
            headers = tuple(str(n) for n in schema.names)
            texts = [f.name for f in schema if pa.types.is_string(f.type) or pa.types.is_large_string(f.type)]
    except (pa.ArrowException, OSError, ValueError, UnicodeError) as broken:
        raise refused(name, str(broken)) from None

    def batches() -> Iterator[tuple[Batch, float]]:
        done = 0
        try:
            with source() as raw, pq.ParquetFile(raw, read_dictionary=texts) as file:
                for arrow in file.iter_batches(batch_size=_MOST_ROWS, use_threads=False):
                    rows = np.arange(done, done + arrow.num_rows, dtype=np.int64) + 2
                    done += arrow.num_rows
                    yield Batch(tuple(_plain(column) for column in arrow.columns), rows), min(1.0, done / total)
        except (pa.ArrowException, OSError, ValueError, UnicodeError) as broken:
            raise refused(name, str(broken)) from None

    return RawTable(name, "", headers, batches)


def _plain(column: pa.Array) -> pa.Array:
    """Return numbers and instants as they are, everything else as text."""
    kind = column.type
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        return column
    if pa.types.is_dictionary(kind) and pa.types.is_string(kind.value_type):
        # A damaged file can hold bytes that are no text; they are refused here, not where they are first shown.
        column.dictionary.validate(full=True)
        return column
    if pa.types.is_decimal(kind):
        return column.cast(pa.float64())
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        return column.cast(pa.timestamp("us", getattr(kind, "tz", None)), safe=False)
    words = column.cast(pa.string())
    words.validate(full=True)
    return words
