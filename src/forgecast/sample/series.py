"""Writing the made-up plant's series: a Parquet file a month, and the electricity company's quarter hours."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
from numpy.typing import NDArray

from forgecast.ground.dates import HOUR_US, from_us
from forgecast.sample.files import LABEL, write_bytes
from forgecast.sample.plan import SampleYear, Size
from forgecast.sample.readings import Readings
from forgecast.sample.table import master_rows
from forgecast.sample.tags import Tag

#: Readings held at once: tags are written in groups of about so many readings (32 MB of columns).
_GROUP_READINGS = 1_000_000
SCHEMA = pa.schema(
    [("tag", pa.string()), ("t", pa.int64()), ("value", pa.float64()), ("flag", pa.int8())],
    metadata={"synthetic": LABEL},
)


@dataclass(frozen=True, slots=True)
class QuarterFile:
    """What the electricity company's file holds.

    Parameters
    ----------
    readings : int
        Repeated ones included.
    missing, repeated : int
        Readings left out in the gap, and written twice.
    repeated_rows : tuple of int
        First and last row (the header is row 1) of the repeated readings of the first tag.
    """

    readings: int
    missing: int
    repeated: int
    repeated_rows: tuple[int, int]


def write_months(
    folder: Path,
    plan: SampleYear,
    source: Readings,
    tags: Sequence[Tag],
    size: Size,
    progress: Callable[[float], None],
) -> tuple[tuple[Path, ...], int]:
    """Write one Parquet file a month, sorted by tag and time, and return the files and how many readings they hold.

    Columns are tag, t (microseconds UTC), value and flag. Memory holds some tags of one month at a time.
    """
    paths, written = [], 0
    for month in range(1, 13):
        begin, end = plan.month_bounds(month)
        group = max(_GROUP_READINGS // max((end - begin) // size.interval_us, 1), 1)
        path = folder / f"readings_{plan.year}-{month:02d}.parquet"
        with pq.ParquetWriter(
            path,
            SCHEMA,
            compression="zstd",
            use_dictionary=["tag", "value", "flag"],
            column_encoding={"t": "DELTA_BINARY_PACKED"},
        ) as writer:
            ordered = sorted(tags, key=lambda tag: tag.id)
            for first in range(0, len(ordered), group):
                table = _columns(source, ordered[first : first + group], month, size)
                writer.write_table(table, row_group_size=_GROUP_READINGS)
                written += table.num_rows
                progress((month - 1 + min(first + group, len(ordered)) / len(ordered)) / 12)
        paths.append(path)
    return tuple(paths), written


def _columns(source: Readings, tags: Sequence[Tag], month: int, size: Size) -> pa.Table:
    made = [source.month(tag, month, size.interval_us) for tag in tags]
    lengths = [one.t.size for one in made]
    names = pa.DictionaryArray.from_arrays(
        pa.array(np.repeat(np.arange(len(tags), dtype=np.int16), lengths)), pa.array([tag.id for tag in tags])
    )
    columns = [
        names.cast(pa.string()),
        pa.array(np.concatenate([one.t for one in made])),
        pa.array(np.concatenate([one.value for one in made])),
        pa.array(np.concatenate([one.flag for one in made])),
    ]
    return pa.Table.from_arrays(columns, schema=SCHEMA)


def write_quarters(path: Path, plan: SampleYear, source: Readings) -> QuarterFile:
    """Write the main meter's quarter hours as text: three tags, plant-local stamps, a gap and a repeated stretch."""
    months = [source.quarters(month) for month in range(1, 13)]
    t = np.concatenate([one[0] for one in months])
    gap = plan.meter_gap.bounds(plan.zone)
    there = (t <= gap[0]) | (t > gap[1])
    kept = t[there]
    again = [plan.instant(moment) for moment in plan.repeated]
    low, high = int(np.searchsorted(kept, again[0])), int(np.searchsorted(kept, again[1], side="right"))
    order = np.concatenate((np.arange(high), np.arange(low, high), np.arange(high, kept.size)))
    stamps = local_stamps(kept, plan.zone).take(pa.array(order))
    parts = []
    for number, row in enumerate(master_rows("tag_15min"), start=1):
        value = np.concatenate([one[number] for one in months])[there][order]
        parts.append(pa.table({"tag": pa.array([row["id"]] * order.size), "time": stamps, "value": pa.array(value)}))
    page = io.BytesIO()
    pa_csv.write_csv(pa.concat_tables(parts), page, pa_csv.WriteOptions(quoting_style="none"))
    write_bytes(path, page.getvalue())
    return QuarterFile(3 * order.size, 3 * int(np.sum(~there)), 3 * (high - low), (2 + high, 1 + 2 * high - low))


def local_stamps(t: NDArray[np.int64], zone: str) -> pa.Array:
    """Return instants as plant-local text; the offset is written too where the zone changes its clock in the year."""
    hours, inverse = np.unique(t // HOUR_US, return_inverse=True)
    offsets = np.array(
        [(from_us(int(hour) * HOUR_US, zone).utcoffset() or timedelta()) // timedelta(microseconds=1) for hour in hours]
    )
    local = pa.array(t + offsets[inverse]).cast(pa.timestamp("us")).cast(pa.timestamp("s"))
    written = pa.compute.strftime(local, format="%Y-%m-%d %H:%M")
    if len(set(offsets.tolist())) == 1:
        return written
    shown = [
        f"{'-' if off < 0 else '+'}{abs(off) // HOUR_US:02d}:{abs(off) % HOUR_US // 60_000_000:02d}" for off in offsets
    ]
    return pa.compute.binary_join_element_wise(written, pa.array([shown[at] for at in inverse]), "")
