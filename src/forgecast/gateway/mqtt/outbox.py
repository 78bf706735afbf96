"""The outbox of a gateway box: batches on its own disk until the plant has said that it keeps them."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from forgecast.gateway.mqtt.packed import packed, unpacked
from forgecast.ground.texts import text
from forgecast.signals.batch import Batch, NotStoredError

_TABLES = """
create table if not exists batch (
    place integer primary key autoincrement, source text not null, seq integer not null, content blob not null,
    unique (source, seq)
);
create table if not exists taken (source text primary key, seq integer not null) without rowid;
create table if not exists begun (seq integer not null);
"""


class FileOutbox:
    """An `Outbox` in one SQLite file; each batch is forced to the disk before `take` returns. Threads may share it.

    Numbers begin with the milliseconds at which the file was made: were the box set up anew, its numbers would go on
    above those that the plant knows already, and nothing would pass for a repeat.

    Parameters
    ----------
    path : Path
    arrived : callable
        Called after each batch, in the thread that brought it.

    Raises
    ------
    NotStoredError
        If the file cannot be opened.
    """

    def __init__(self, path: Path, arrived: Callable[[], None] = lambda: None) -> None:
        self.path, self.arrived = path, arrived
        self._lock = threading.Lock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._database = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
            self._database.execute("pragma journal_mode = wal")
            self._database.execute("pragma synchronous = full")  # the log is forced to the disk at each commit
            self._database.executescript(_TABLES)
            self._begun = self._first()
        except (OSError, sqlite3.Error) as error:
            raise self._not_stored(error) from error

    def _first(self) -> int:
        self._database.execute("insert into begun select ? where not exists (select 1 from begun)", (_now_ms(),))
        return int(self._database.execute("select seq from begun").fetchone()[0])

    def last(self, source: str) -> int:
        """Return the highest number taken from a source; before the first that with which this file begins."""
        with self._lock:
            row = self._database.execute("select seq from taken where source = ?", (source,)).fetchone()
        return self._begun if row is None else int(row[0])

    def take(self, batch: Batch) -> bool:
        """Make a batch durable; return False for a repeat (`forgecast.signals.batch.Sink`)."""
        content = packed(batch)
        with self._lock:
            try:
                self._database.execute("begin immediate")
                changed = self._database.execute(
                    "insert into taken values (?, ?) on conflict (source) do update set seq = excluded.seq "
                    "where excluded.seq > seq",
                    (batch.source, batch.seq),
                ).rowcount
                if changed:
                    self._database.execute(
                        "insert into batch (source, seq, content) values (?, ?, ?)", (batch.source, batch.seq, content)
                    )
                self._database.execute("commit")
            except sqlite3.Error as error:
                if self._database.in_transaction:
                    self._database.execute("rollback")
                raise self._not_stored(error) from error
        if changed:
            self.arrived()
        return bool(changed)

    def waiting(self, limit: int, after: int = 0) -> Sequence[tuple[int, Batch]]:
        """Return batches in the order in which they were taken (`forgecast.signals.batch.Outbox`)."""
        with self._lock:
            rows = self._database.execute(
                "select place, content from batch where place > ? order by place limit ?", (after, limit)
            ).fetchall()
        return [(int(place), unpacked(content)) for place, content in rows]

    def forget(self, source: str, seq: int) -> int:
        """Let go of a source's batches up to a number (`forgecast.signals.batch.Outbox`)."""
        with self._lock:
            try:
                return self._database.execute("delete from batch where source = ? and seq <= ?", (source, seq)).rowcount
            except sqlite3.Error as error:
                raise self._not_stored(error) from error

    def count(self) -> int:
        """Return how many batches wait."""
        with self._lock:
            return int(self._database.execute("select count(*) from batch").fetchone()[0])

    def close(self) -> None:
        """Let go of the file; what waits stays in it."""
        with self._lock:
            self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _not_stored(self, error: Exception) -> NotStoredError:
        return NotStoredError(
            text("the outbox cannot be written: {why}", why=str(error)),
            where=str(self.path),
            repair=text("make room on the disk, or see whether it is broken; nothing that was acknowledged is lost"),
        )


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
