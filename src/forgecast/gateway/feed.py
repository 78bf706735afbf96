"""Feeds: the last stretch of a gateway, where readings become numbered batches and are made durable before the answer.

A gateway hands its readings over with `Feed.put`, which returns once they are durable; only then does the gateway
acknowledge them to its instrument. While one batch is being written, the next one gathers, so many instruments share
one write. Where the store is slow or refuses, the feed fills up and `put` waits: each protocol then slows its sender
down by its own means, and nothing that was handed over is dropped.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from forgecast.ground.errors import UnitError
from forgecast.ground.finding import Finding, Place, Severity
from forgecast.ground.texts import Text, text
from forgecast.ground.units import KINDS, scale
from forgecast.signals.batch import NotStoredError, Sink, batch_of

#: Tag, time in microseconds UTC, value in the tag's unit, flag.
Reading: TypeAlias = tuple[str, int, float, int]
#: Who is told of a finding.
Tell: TypeAlias = Callable[[Finding], None]


@dataclass(slots=True)
class FeedState:
    """What a gateway has done since it was started; the status page shows it.

    Parameters
    ----------
    connected : bool
    batches, rows : int
        Made durable.
    waiting : int
        Rows handed over and not yet durable.
    last_us : int
        Latest instant of a reading made durable, microseconds UTC; 0 before the first.
    stored_us : int
        When that was; 0 before the first.
    reconnects : int
        Connections after the first.
    findings : int
    slow_s : float
        How long the instrument was held up because the store was slower.
    """

    connected: bool = False
    batches: int = 0
    rows: int = 0
    waiting: int = 0
    last_us: int = 0
    stored_us: int = 0
    reconnects: int = 0
    findings: int = 0
    slow_s: float = 0.0


class TagUnits:
    """The units of the record `tag`, and how a value in another unit becomes one in the tag's.

    Parameters
    ----------
    units : mapping of str to str or None
        Unit by tag (empty where the tag has none); None where nothing is known of tags, as on a box that only
        forwards: then values are passed on as they are.
    tell : callable
    source : str
        Named in findings.
    """

    def __init__(self, units: Mapping[str, str] | None, tell: Tell, source: str) -> None:
        self._units, self._tell, self._source = units, tell, source
        self._known: dict[tuple[str, str], tuple[float, float] | None] = {}

    def scale(self, tag: str, unit: str) -> tuple[float, float] | None:
        """Return (factor, offset) into the tag's unit; None where a value may not be taken, which is told once."""
        key = (tag, unit)
        if key not in self._known:
            self._known[key] = self._found(tag, unit)
        return self._known[key]

    def _found(self, tag: str, unit: str) -> tuple[float, float] | None:
        if self._units is None:
            return 1.0, 0.0
        if tag not in self._units:
            self._tell(
                finding(
                    "undescribed-tag", Severity.NOTE, self._source, tag, unit,
                    text("the tag {tag} is in no row of the record `tag`", tag=tag),
                    text("import a tag.csv that says what it measures and in which unit; until then no rule uses it"),
                )
            )  # fmt: skip
            return 1.0, 0.0
        wanted = self._units[tag]
        if unit == wanted:
            return 1.0, 0.0
        if not unit or not wanted:
            self._tell(
                finding(
                    "unit-not-said", Severity.REFUSED, self._source, tag, unit or wanted,
                    text("only one of instrument and record says a unit for {tag}, and units are not guessed", tag=tag),
                    text("write the unit in instruments.toml and in the record `tag`; until then nothing is taken"),
                )
            )  # fmt: skip
            return None
        try:
            return conversion(unit, wanted)
        except UnitError as error:
            self._tell(
                finding("unit-does-not-fit", Severity.REFUSED, self._source, tag, unit, error.what, error.repair)
            )
            return None


def conversion(unit: str, wanted: str) -> tuple[float, float]:
    """Return (factor, offset) from one unit into another, whatever kind of quantity both measure.

    Raises
    ------
    UnitError
        If no kind of quantity is measured in both.
    """
    for kind in KINDS:
        try:
            return scale(kind, unit, wanted)
        except UnitError:
            continue
    raise UnitError(
        text("{unit} does not measure what {wanted} measures", unit=unit, wanted=wanted),
        repair=text("correct the unit in instruments.toml or in the record `tag`; until then nothing is taken"),
    )


def finding(
    code: str, severity: Severity, source: str, column: str, value: object, reason: Text, repair: Text
) -> Finding:
    """Return a finding of a gateway, placed at its name and at the node, topic or register."""
    return Finding(code, severity, Place(source, column=column), str(value), reason, repair)


class Feed:
    """Gathers the readings of one source into batches and makes them durable.

    Parameters
    ----------
    source : str
        Name under which the batches are numbered.
    sink : Sink
        Called in a thread, one call at a time.
    tell : callable
        Is told findings.
    units : mapping of str to str or None
        Units of the tags (`TagUnits`).
    limit : int
        Rows that may wait; beyond them `put` does not return before there is room.
    linger_s : float
        How long a batch gathers at least.
    retry_s : tuple of float
        First and longest pause after the sink has refused.
    """

    def __init__(
        self,
        source: str,
        sink: Sink,
        tell: Tell,
        units: Mapping[str, str] | None = None,
        *,
        limit: int = 20_000,
        linger_s: float = 0.1,
        retry_s: tuple[float, float] = (0.5, 30.0),
    ) -> None:
        self.source = source
        self.state = FeedState()
        self.units = TagUnits(units, self.tell, source)
        self._sink, self._tell = sink, tell
        self._limit, self._linger_s, self._retry_s = limit, linger_s, retry_s
        self._waiting: list[tuple[Sequence[Reading], asyncio.Future[None]]] = []
        self._some, self._room = asyncio.Event(), asyncio.Event()
        self._seq: int | None = None
        self._said_slow = False

    def tell(self, one: Finding) -> None:
        """Pass a finding on and count it."""
        self.state.findings += 1
        self._tell(one)

    def reading(self, tag: str, t: int, value: float, flag: int, unit: str) -> Reading | None:
        """Return a reading in the tag's unit; None where it may not be taken (told)."""
        found = self.units.scale(tag, unit)
        return None if found is None else (tag, t, value * found[0] + found[1], flag)

    async def put(self, readings: Sequence[Reading]) -> None:
        """Hand readings over; returns once they are durable, however long that takes."""
        if not readings:
            return
        begun = time.monotonic()
        while self.state.waiting >= self._limit:
            self._tell_slow()
            self._room.clear()
            await self._room.wait()
        self.state.slow_s += time.monotonic() - begun
        durable: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((readings, durable))
        self.state.waiting += len(readings)
        self._some.set()
        await durable

    async def run(self) -> None:
        """Write batches until cancelled; `settled` waits for what was handed over."""
        while True:
            await self._some.wait()
            await asyncio.sleep(self._linger_s)
            taken, self._waiting = self._waiting, []
            self._some.clear()
            await self._store([one for readings, _ in taken for one in readings])
            for _, durable in taken:
                if not durable.done():
                    durable.set_result(None)
            self._room.set()

    async def settled(self, patience_s: float) -> bool:
        """Wait until all that was handed over is durable; return False if it still is not after a while."""
        until = time.monotonic() + patience_s
        while self.state.waiting and time.monotonic() < until:
            await asyncio.sleep(0.01)
        return not self.state.waiting

    async def _store(self, readings: Sequence[Reading]) -> None:
        if self._seq is None:
            self._seq = await asyncio.to_thread(self._sink.last, self.source)
        batch = batch_of(self.source, self._seq + 1, readings)
        pause, longest = self._retry_s
        refused = False
        while True:
            try:
                await asyncio.to_thread(self._sink.take, batch)
                break
            except NotStoredError as error:
                if not refused:
                    self.tell(
                        finding("not-stored", Severity.DOUBTFUL, self.source, "", len(batch), error.what, error.repair)
                    )
                refused = True
                await asyncio.sleep(pause)
                pause = min(2 * pause, longest)
        self._seq = batch.seq
        self.state.batches += 1
        self.state.rows += len(batch)
        self.state.waiting -= len(batch)
        self.state.last_us = max(self.state.last_us, int(batch.t.max()))
        self.state.stored_us = now_us()

    def _tell_slow(self) -> None:
        if self._said_slow:
            return
        self._said_slow = True
        self.tell(
            finding(
                "store-too-slow", Severity.NOTE, self.source, "", self.state.waiting,
                text("{count} readings wait for the store, so the instrument is held up", count=self.state.waiting),
                text("see whether the disk is slow or full; nothing that was taken is lost"),
            )
        )  # fmt: skip


def now_us() -> int:
    """Return the machine's clock, microseconds UTC."""
    return time.time_ns() // 1_000


async def backing_off(pauses: BackOff, stop: asyncio.Event) -> None:
    """Wait for the next pause of a back-off, or until the gateway is asked to stop."""
    try:
        await asyncio.wait_for(stop.wait(), pauses.next())
    except TimeoutError:
        return


class BackOff:
    """Pauses between attempts: each twice the one before, up to a longest one.

    Parameters
    ----------
    first_s, longest_s : float
    """

    def __init__(self, first_s: float = 0.5, longest_s: float = 30.0) -> None:
        self._first_s, self._longest_s = first_s, longest_s
        self._next_s = first_s

    def next(self) -> float:
        """Return the next pause in seconds."""
        pause, self._next_s = self._next_s, min(2 * self._next_s, self._longest_s)
        return pause

    def done(self) -> None:
        """Begin anew: an attempt went well."""
        self._next_s = self._first_s
