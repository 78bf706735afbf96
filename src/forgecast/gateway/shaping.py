"""A table as its map wants it: columns put together, and the rows above the first one of values left out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from forgecast.gateway.mapping import FileMap
from forgecast.gateway.table import Batch, RawTable, as_text
from forgecast.gateway.taking import header_index

#: What a spreadsheet shows behind a date that was entered without a time of day.
_NO_CLOCK = r"[ T]00:00(:00)?(\.0+)?$"


def shaped(table: RawTable, entry: FileMap | None) -> RawTable:
    """Return a table with the columns that a map's `join` makes, from its `first_row` on.

    Raises
    ------
    ImportRefusedError
        If `join` names a header that the file does not have.
    """
    if entry is None or not (entry.join or entry.first_row):
        return table
    joined = [
        [header_index(table, part, f"{entry.place}.join.{header}") for part in parts]
        for header, parts in entry.join.items()
    ]
    # The rows of nominal values and limits stand above the first one; whoever reads them leaves them out himself.
    first = 0 if entry.wide is not None else entry.first_row or 0

    def batches() -> Iterator[tuple[Batch, float]]:
        for batch, share in table.batches():
            columns = (*batch.columns, *(side_by_side([batch.columns[i] for i in parts]) for parts in joined))
            rows = batch.rows
            if rows.size and rows[0] < first:
                keep = rows >= first
                columns, rows = tuple(column.filter(pa.array(keep)) for column in columns), rows[keep]
            yield Batch(columns, rows), share

    return replace(table, header=(*table.header, *entry.join), batches=batches)


def side_by_side(parts: list[pa.Array]) -> pa.Array:
    """Return the cells of columns with a blank between them; missing where one of them is."""
    texts = [pc.utf8_trim_whitespace(as_text(part).cast(pa.string())) for part in parts]
    texts[:-1] = [pc.replace_substring_regex(cells, _NO_CLOCK, "") for cells in texts[:-1]]
    return pc.binary_join_element_wise(*texts, " ", null_handling="emit_null")
