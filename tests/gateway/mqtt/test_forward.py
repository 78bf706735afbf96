"""Store and forward over a real broker: both ends stopped under load, nothing lost, nothing doubled, in order."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from forgecast.gateway.case_file import read_case
from forgecast.gateway.feed import FeedState
from forgecast.gateway.mqtt import forward
from forgecast.gateway.mqtt.client import Message
from forgecast.gateway.mqtt.forward import ForwardSettings, read_forward, run_receiver, run_sender, sent
from forgecast.gateway.mqtt.outbox import FileOutbox
from forgecast.gateway.mqtt.packed import PackingError, packed, unpacked
from forgecast.signals.batch import Batch, NotStoredError, batch_of
from tests.gateway.collecting import Kept, until
from tests.gateway.mqtt.broker import Mosquitto


def batch(source: str, seq: int, rows: int = 3) -> Batch:
    return batch_of(source, seq, [(f"t{k}", 1_000_000 * seq + k, float(seq), k % 3) for k in range(rows)])


def same(a: Batch, b: Batch) -> bool:
    return packed(a) == packed(b)


def line(folder: Path, name: str, port: int, table: str = "forward") -> ForwardSettings:
    path = folder / f"{name}.toml"
    path.write_text(f'[{table}]\nname = "{name}"\nplant = "foundry"\nhost = "127.0.0.1"\nport = {port}\n', "utf-8")
    return read_forward(read_case(path).table(table, ""))


def test_batches_survive_packing_and_damage_is_seen():
    one = batch("box.furnace", 7)
    assert same(unpacked(packed(one)), one)
    assert unpacked(packed(one)).tags == ("t0", "t1", "t2")
    empty = batch_of("a", 1, [])
    assert len(unpacked(packed(empty))) == 0
    content = bytearray(packed(one))
    for place in (0, 9, len(content) - 3):
        damaged = content.copy()
        damaged[place] ^= 1
        with pytest.raises(PackingError):
            unpacked(bytes(damaged))
    with pytest.raises(PackingError):
        unpacked(b"")


def test_an_outbox_keeps_until_told_and_goes_on_after_a_restart(tmp_path):
    with FileOutbox(tmp_path / "outbox.sqlite") as box:
        first = box.last("a")
        for n in (1, 2, 3):
            assert box.take(batch("a", first + n))
        assert box.take(batch("b", first + 1))
        assert not box.take(batch("a", first + 2))  # a repeat
        assert box.count() == 4
        assert box.forget("a", first + 2) == 2
        assert not box.take(batch("a", first + 2))  # known, though it has gone
    with FileOutbox(tmp_path / "outbox.sqlite") as box:
        assert box.last("a") == first + 3
        assert [(b.source, b.seq - first) for _, b in box.waiting(10)] == [("a", 3), ("b", 1)]
        ((place, _),) = box.waiting(1)
        assert [b.source for _, b in box.waiting(10, place)] == ["b"]
    # A box set up anew does not begin with numbers the plant has seen.
    with FileOutbox(tmp_path / "other.sqlite") as box:
        assert box.last("a") >= first


def test_an_outbox_that_cannot_be_written_says_so(tmp_path):
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(NotStoredError):
        FileOutbox(tmp_path / "file" / "outbox.sqlite")
    box = FileOutbox(tmp_path / "outbox.sqlite")
    box._database.execute("pragma max_page_count = 1")
    with pytest.raises(NotStoredError):
        box.take(batch("a", box.last("a") + 1, 5_000))
    box._database.execute("pragma max_page_count = 100000")
    assert box.take(batch("a", box.last("a") + 1, 5_000))
    box.close()


def test_the_plant_takes_a_batch_only_behind_the_one_before(tmp_path):
    async def go():
        sink, settings = Kept(), line(tmp_path, "p", 1, "receive")

        async def take(*contents: bytes) -> list[dict[str, object]]:
            messages = [Message("forecast/foundry/box/batch", one, 1, 1, False, 0, 0) for one in contents]
            answers = await forward._take(messages, settings, sink, FeedState(), lambda _f: None)
            return [answer for _, answer in answers]

        assert await take(sent(batch("s", 5), 0, 1)) == [{"source": "s", "last": 5}]
        # 6 was lost: 7 is not taken, else 6 would pass for a repeat when it comes at last
        assert await take(sent(batch("s", 7), 6, 1)) == [{"source": "s", "last": 5, "again": 1}]
        assert await take(sent(batch("s", 6), 5, 2)) == [{"source": "s", "last": 6}]
        assert await take(sent(batch("s", 6), 5, 2)) == [{"source": "s", "last": 6}]
        assert await take(sent(batch("s", 7), 6, 2)) == [{"source": "s", "last": 7}]
        assert await take(b"nonsense") == []
        # What comes together is written once; a repeat in between, and another source, change nothing.
        together = [sent(one, before, 2) for one, before in (
            (batch("s", 8), 7), (batch("z", 3, 2), 0), (batch("s", 8), 7), (batch("s", 9, 5), 8), (batch("s", 11), 10),
        )]  # fmt: skip
        assert await take(*together) == [{"source": "s", "last": 9, "again": 2}, {"source": "z", "last": 3}]
        joined = sink.batches[3]
        assert (joined.seq, len(joined), joined.tags) == (9, 8, ("t0", "t1", "t2", "t3", "t4"))
        assert [joined.tags[k] for k in joined.tag] == ["t0", "t1", "t2", "t0", "t1", "t2", "t3", "t4"]
        assert list(joined.t) == [*batch("s", 8).t, *batch("s", 9, 5).t]
        assert [(b.source, b.seq) for b in sink.batches] == [("s", 5), ("s", 6), ("s", 7), ("s", 9), ("z", 3)]

    asyncio.run(go())


@contextlib.asynccontextmanager
async def plant(settings: ForwardSettings, sink: Kept) -> AsyncIterator[FeedState]:
    stop, state = asyncio.Event(), FeedState()
    work = asyncio.create_task(run_receiver(settings, sink, state, lambda _f: None, stop))
    yield state
    stop.set()
    await work


@contextlib.asynccontextmanager
async def box(settings: ForwardSettings, outbox: FileOutbox) -> AsyncIterator[FeedState]:
    stop, wake, state = asyncio.Event(), asyncio.Event(), FeedState()
    loop = asyncio.get_running_loop()
    outbox.arrived = lambda: loop.call_soon_threadsafe(wake.set)
    work = asyncio.create_task(run_sender(settings, outbox, state, lambda _f: None, stop, wake))
    yield state
    stop.set()
    wake.set()
    await work


def in_order(sink: Kept, first: int, count: int) -> bool:
    """Return whether the plant has the readings of each batch of both sources, once and in the order of numbers."""
    wanted = [row for n in range(first + 1, first + count + 1) for row in batch("a", n).t]
    return all([int(t) for b in sink.batches if b.source == s for t in b.t] == wanted for s in ("a", "b"))


async def _through_breaks(folder: Path, broker: Mosquitto, *, wait_s: float) -> None:
    """Load goes on while broker, plant and both go and come back; the box itself is restarted with its file."""
    sink, count = Kept(), 0
    at_plant, at_box = line(folder, "plant", broker.port, "receive"), line(folder, "box1", broker.port)
    outbox = FileOutbox(folder / "outbox.sqlite")
    first = outbox.last("a")

    async def load(batches: int) -> None:
        nonlocal count
        for _ in range(batches):
            count += 1
            for source in ("a", "b"):
                await asyncio.to_thread(outbox.take, batch(source, first + count))
            await asyncio.sleep(wait_s)

    async with contextlib.AsyncExitStack() as stack:
        await stack.enter_async_context(box(at_box, outbox))
        async with plant(at_plant, sink):
            await load(20)
            await until(lambda: in_order(sink, first, 20))
            await until(lambda: outbox.count() == 0)
            await asyncio.to_thread(broker.kill)
            await load(50)
        assert in_order(sink, first, 20)
        await load(20)
        assert outbox.count() == 140
        await asyncio.to_thread(broker.start)  # the broker is back, the plant is not yet
        await load(20)
        async with plant(at_plant, sink):
            await until(lambda: in_order(sink, first, count), seen=lambda: (count, len(sink.batches), outbox.count()))
            sink.full = True  # now the plant's disk is full
            await load(20)
            sink.full = False
            await until(lambda: in_order(sink, first, count))
            await until(lambda: outbox.count() == 0)
    outbox.close()
    # The box restarts: its numbers go on, and nothing comes twice.
    with FileOutbox(folder / "outbox.sqlite") as again:
        assert again.last("a") == first + count
        again.take(batch("a", first + count + 1))
        again.take(batch("b", first + count + 1))
        async with box(at_box, again), plant(at_plant, sink):
            await until(lambda: in_order(sink, first, count + 1))


def test_broker_and_plant_stopped_under_load_lose_and_double_nothing(tmp_path):
    with Mosquitto(tmp_path) as broker:
        asyncio.run(_through_breaks(tmp_path, broker, wait_s=0.001))


@pytest.mark.slow
def test_a_longer_break_with_slow_load(tmp_path):
    with Mosquitto(tmp_path) as broker:
        asyncio.run(_through_breaks(tmp_path, broker, wait_s=0.1))
