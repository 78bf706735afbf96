"""The manifest: the list of Parquet files that hold a plant's series; a file that is not on it does not exist."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal, TypeAlias

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from forgecast.ground.dates import MINUTE_US
from forgecast.store.durable import remove_file
from forgecast.store.tables import table

#: What a file holds: readings, or the partials of their hours; and where a rule has let the readings go
#: (`forgecast.store.retention`), the partials and the means that stay.
Level: TypeAlias = Literal["raw", "hourly", "kept_hourly", "means"]
#: A file that a merge has replaced stays this long, for the readers that were given its name before.
GRACE_US = 10 * MINUTE_US


@dataclass(frozen=True, slots=True)
class Span:
    """How many readings a tag has, and the first and last instant, microseconds UTC."""

    rows: int
    t_lo: int
    t_hi: int

    def meets(self, t_lo: int, t_hi: int) -> bool:
        """Whether it shares an instant with a stretch, both ends included."""
        return self.t_lo <= t_hi and t_lo <= self.t_hi


@dataclass(frozen=True, slots=True)
class SeriesFile:
    """A Parquet file of readings (`raw`), of their hourly partials, or of what stayed of them.

    Parameters
    ----------
    path : str
        Relative to the plant folder, with ``/``.
    level : Level
    period : str
        UTC month ``YYYY-MM`` or day ``YYYY-MM-DD``, as its file is named.
    contents : mapping of str to Span
        By tag: readings, first and last instant (of the readings, for every level).
    rows, bytes : int
    sha256 : str
    """

    path: str
    level: Level
    period: str
    contents: Mapping[str, Span]
    rows: int
    bytes: int
    sha256: str

    def meets(self, tags: Collection[str] | None, start: int | None, end: int | None) -> bool:
        """Whether it may hold readings of the tags in the stretch; the end is exclusive, None means open."""
        names = self.contents if tags is None else [name for name in tags if name in self.contents]
        low = -(2**63) if start is None else start
        high = 2**63 if end is None else end - 1
        return any(self.contents[name].meets(low, high) for name in names)


def live_files(connection: Connection) -> tuple[SeriesFile, ...]:
    """Return the files that make up the series now, by level, month and path."""
    t = table("series_file")
    rows = connection.execute(
        sa.select(t.c.path, t.c.level, t.c.period, t.c.contents, t.c.rows, t.c.bytes, t.c.sha256)
        .where(t.c.retired_at.is_(None))
        .order_by(t.c.level, t.c.period, t.c.path)
    )
    return tuple(_file(*row) for row in rows)


@lru_cache(maxsize=512)  # the manifest is asked many times for one answer, and a file never changes
def _file(path: str, level: Level, period: str, contents: str, rows: int, size: int, sha256: str) -> SeriesFile:
    spans = {tag: Span(*span) for tag, span in json.loads(contents).items()}
    return SeriesFile(path, level, period, spans, rows, size, sha256)


def list_files(connection: Connection, import_id: int, files: Sequence[SeriesFile]) -> None:
    """Put new files on the manifest."""
    if not files:
        return
    connection.execute(
        sa.insert(table("series_file")),
        [
            {
                "import_id": import_id,
                "level": file.level,
                "period": file.period,
                "path": file.path,
                "contents": json.dumps(
                    {tag: [s.rows, s.t_lo, s.t_hi] for tag, s in file.contents.items()}, ensure_ascii=False
                ),
                "rows": file.rows,
                "bytes": file.bytes,
                "sha256": file.sha256,
            }
            for file in files
        ],
    )


def retire_files(connection: Connection, paths: Sequence[str], now_us: int) -> None:
    """Take files off the series; they stay on the disk for `GRACE_US`."""
    t = table("series_file")
    if paths:
        connection.execute(sa.update(t).where(t.c.path.in_(paths)).values(retired_at=now_us))


def sweep(connection: Connection, folder: Path, now_us: int) -> None:
    """Remove what no reader can need: files of broken imports, and retired files after their grace.

    Only the one writer may call this, inside its transaction: then a file that is not on the manifest belongs to an
    import that never ended.
    """
    t = table("series_file")
    late = connection.execute(sa.select(t.c.path).where(t.c.retired_at < now_us - GRACE_US)).scalars().all()
    gone = [path for path in late if remove_file(folder / path)]
    if gone:
        connection.execute(sa.delete(t).where(t.c.path.in_(gone)))
    listed = set(connection.execute(sa.select(t.c.path)).scalars())
    telemetry = folder / "telemetry"
    for path in sorted(telemetry.rglob("*")):
        if path.suffix in {".parquet", ".spool"} and path.relative_to(folder).as_posix() not in listed:
            remove_file(path)
