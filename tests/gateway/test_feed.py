"""The feed: readings become numbered batches, the answer waits for the disk, and units are never guessed."""

from __future__ import annotations

import asyncio
import threading

import pytest

from forgecast.gateway.feed import BackOff, Feed, conversion
from forgecast.ground.errors import ForgecastError, UnitError
from forgecast.ground.texts import text
from forgecast.signals.batch import Batch
from tests.gateway.collecting import Kept, until


def reading(n: int) -> tuple[str, int, float, int]:
    return ("a", 1_000_000 * n, float(n), 0)


async def started(sink: Kept, **more: object) -> tuple[Feed, asyncio.Task[None], list[str]]:
    told: list[str] = []
    feed = Feed("s", sink, lambda f: told.append(f.code), linger_s=0.0, retry_s=(0.01, 0.02), **more)  # type: ignore[arg-type]
    return feed, asyncio.create_task(feed.run()), told


class OneByOne(Kept):
    """A sink that takes a batch each time it is let, however long it is not."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0
        self.let = threading.Semaphore(0)

    def take(self, batch: Batch) -> bool:
        self.asked += 1
        assert self.let.acquire(timeout=300)
        return super().take(batch)


def test_what_is_put_at_once_is_written_once_and_each_waits_for_the_disk():
    async def go():
        sink = OneByOne()
        feed, writer, _ = await started(sink)
        first = asyncio.create_task(feed.put([reading(1)]))
        await until(lambda: sink.asked == 1)
        others = [asyncio.create_task(feed.put([reading(n)])) for n in range(2, 12)]
        await until(lambda: feed.state.waiting == 11)
        sink.let.release()
        await first
        assert len(sink.batches) == 1
        assert not any(one.done() for one in others)
        sink.let.release()
        await asyncio.gather(*others)
        assert [len(b) for b in sink.batches] == [1, 10]
        assert [b.seq for b in sink.batches] == [1, 2]
        assert (feed.state.batches, feed.state.rows, feed.state.waiting) == (2, 11, 0)
        assert feed.state.last_us == 11_000_000
        writer.cancel()

    asyncio.run(go())


def test_a_restarted_feed_goes_on_behind_the_last_number():
    async def go():
        sink = Kept()
        for _ in range(2):
            feed, writer, _ = await started(sink)
            await feed.put([reading(1)])
            writer.cancel()
        assert [b.seq for b in sink.batches] == [1, 2]

    asyncio.run(go())


def test_a_full_disk_holds_the_answer_back_and_is_told_once():
    async def go():
        sink = Kept()
        feed, writer, told = await started(sink)
        sink.full = True
        put = asyncio.create_task(feed.put([reading(1)]))
        await until(lambda: told)
        await asyncio.sleep(0.1)  # several attempts go by
        assert not put.done()
        assert told == ["not-stored"]
        assert not await feed.settled(0.02)
        sink.full = False
        await put
        assert await feed.settled(300.0)
        assert [b.seq for b in sink.batches] == [1]
        writer.cancel()

    asyncio.run(go())


def test_where_too_much_waits_the_instrument_is_held_up():
    async def go():
        sink = Kept()
        feed, writer, told = await started(sink, limit=3)
        sink.full = True
        puts = [asyncio.create_task(feed.put([reading(n)])) for n in range(10)]
        await until(lambda: "store-too-slow" in told)
        assert feed.state.waiting == 3
        assert told.count("store-too-slow") == 1
        sink.full = False
        await asyncio.gather(*puts)
        assert sorted(v for *_, v, _ in sink.rows()) == [float(n) for n in range(10)]
        assert feed.state.slow_s > 0.0
        writer.cancel()

    asyncio.run(go())


def test_another_error_of_the_sink_ends_the_feed_and_answers_nobody():
    class Broken(Kept):
        def take(self, _batch: object) -> bool:
            raise ForgecastError(text("another process writes here"), repair=text("end it"))

    async def go():
        feed, writer, _ = await started(Broken())
        put = asyncio.create_task(feed.put([reading(1)]))
        with pytest.raises(ForgecastError):
            await writer
        assert not put.done()
        put.cancel()

    asyncio.run(go())


@pytest.mark.parametrize(
    ("unit", "wanted", "one"),
    [
        ("MW", "kW", 1_000.0), ("K", "°C", -272.15), ("°F", "°C", -17.2222),
        ("t/h", "kg/h", 1_000.0), ("bar", "kPa", 100.0),
    ],
)  # fmt: skip
def test_units_are_converted(unit, wanted, one):
    factor, offset = conversion(unit, wanted)
    assert factor + offset == pytest.approx(one, abs=1e-4)  # (1 - 32) / 1.8 = -17.2222, to its four digits


@pytest.mark.parametrize(("unit", "wanted"), [("kW", "kWh"), ("kVA", "kW"), ("bar", "°C")])
def test_units_that_do_not_fit_are_refused(unit, wanted):
    with pytest.raises(UnitError):
        conversion(unit, wanted)


def test_each_doubt_about_a_unit_is_told_once_and_only_fitting_values_are_taken():
    told = []
    feed = Feed("s", Kept(), told.append, {"P": "kW", "bare": "", "T": "°C"})
    assert feed.reading("P", 5, 1.5, 0, "MW") == ("P", 5, 1500.0, 0)
    assert feed.reading("bare", 5, 1.5, 0, "") == ("bare", 5, 1.5, 0)
    assert feed.reading("new", 5, 1.5, 0, "kW") == ("new", 5, 1.5, 0)
    for _ in range(2):
        assert feed.reading("T", 5, 1.5, 0, "bar") is None
        assert feed.reading("P", 5, 1.5, 0, "") is None
        assert feed.reading("bare", 5, 1.5, 0, "kW") is None
    assert [f.code for f in told] == ["undescribed-tag", "unit-does-not-fit", "unit-not-said", "unit-not-said"]
    # A box that only forwards knows no tags and passes values on.
    assert Feed("s", Kept(), told.append, None).reading("T", 5, 1.5, 0, "bar") == ("T", 5, 1.5, 0)


def test_pauses_double_up_to_the_longest_and_begin_anew():
    pauses = BackOff(0.5, 3.0)
    assert [pauses.next() for _ in range(5)] == [0.5, 1.0, 2.0, 3.0, 3.0]
    pauses.done()
    assert pauses.next() == 0.5
