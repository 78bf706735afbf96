"""A sink in memory that can refuse, and how a test runs a gateway until a condition holds."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from forgecast.gateway.feed import Feed
from forgecast.ground.finding import Finding
from forgecast.ground.texts import text
from forgecast.signals.batch import Batch, NotStoredError


class Kept:
    """A sink that keeps batches in memory; `full` makes it refuse, `slow_s` makes it take its time."""

    def __init__(self) -> None:
        self.batches: list[Batch] = []
        self.full = False
        self.slow_s = 0.0
        self._lock = threading.Lock()

    def last(self, source: str) -> int:
        return max((b.seq for b in self.batches if b.source == source), default=0)

    def take(self, batch: Batch) -> bool:
        with self._lock:
            time.sleep(self.slow_s)
            if self.full:
                raise NotStoredError(text("the disk is full"), repair=text("make room"))
            if batch.seq <= self.last(batch.source):
                return False
            self.batches.append(batch)
            return True

    def rows(self, tag: str = "") -> list[tuple[str, int, float, int]]:
        with self._lock:
            found = [
                (b.tags[k], int(t), float(v), int(f))
                for b in self.batches
                for k, t, v, f in zip(b.tag, b.t, b.value, b.flag, strict=True)
            ]
        return [row for row in found if not tag or row[0] == tag]


async def until(holds: Callable[[], Any], patience_s: float = 300.0, seen: Callable[[], Any] | None = None) -> None:
    """Wait until a condition holds, and fail if it does not."""
    end = time.monotonic() + patience_s
    while not holds():
        assert time.monotonic() < end, f"the condition did not come about: {seen() if seen else None}"
        await asyncio.sleep(0.01)


@contextlib.asynccontextmanager
async def running(
    gateway: Callable[[Feed, asyncio.Event], Awaitable[None]],
    sink: Kept,
    units: dict[str, str] | None = None,
    source: str = "test",
    limit: int = 20_000,
) -> AsyncIterator[tuple[Feed, list[Finding]]]:
    """Run a gateway with its feed; yields the feed and the list of findings."""
    told: list[Finding] = []
    feed = Feed(source, sink, told.append, units, linger_s=0.01, retry_s=(0.05, 0.1), limit=limit)
    stop = asyncio.Event()
    writer = asyncio.create_task(feed.run())
    work = asyncio.create_task(gateway(feed, stop))
    try:
        yield feed, told
    finally:
        stop.set()
        await asyncio.wait_for(work, 120.0)
        writer.cancel()
        await asyncio.gather(writer, return_exceptions=True)
