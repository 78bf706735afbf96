"""Store and forward: broker and plant stopped for ten minutes under load; nothing is lost, doubled or out of order.

A gateway box takes batches into its outbox without a pause: 4 sources, 10 batches a second each, 50 readings a batch.
A real mosquitto carries them to a real plant folder. After a while both are killed and stay away; then they come back.
Printed: what came in meanwhile, how long catching up took, and whether the plant holds every reading once, each source
in the order of its numbers.

Run: ``python benchmarks/ten_minutes_without_broker.py [--minutes 10]``
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from forgecast.gateway.feed import FeedState
from forgecast.gateway.mqtt.forward import ForwardSettings, run_receiver, run_sender
from forgecast.gateway.mqtt.outbox import FileOutbox
from forgecast.gateway.mqtt.settings import Broker
from forgecast.signals.batch import Batch, Sink
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.new_plant import new_plant
from tests.gateway.mqtt.broker import Mosquitto

SOURCES = tuple(f"box.s{n}" for n in range(4))
EVERY_S, ROWS = 0.1, 50
T0 = 1_790_000_000_000_000


class Watched:
    """The plant's sink, and the times it took in their order."""

    def __init__(self, sink: Sink, taken: dict[str, list[int]]) -> None:
        self._sink, self._taken = sink, taken

    def last(self, source: str) -> int:
        """Return the highest number taken."""
        return self._sink.last(source)

    def take(self, batch: Batch) -> bool:
        """Take a batch and note its number and rows."""
        new = self._sink.take(batch)
        if new:
            self._taken[batch.source] += [int(t) for t in batch.t]
        return new


def batch(source: str, first: int, number: int) -> Batch:
    t = T0 + (number * ROWS + np.arange(ROWS, dtype=np.int64)) * 2_000
    value = (number * ROWS + np.arange(ROWS)).astype(np.float64)
    return Batch(source, first + number, (f"{source}.value",), np.zeros(ROWS, np.int32), t, value,
                 np.zeros(ROWS, np.int8))  # fmt: skip


async def main(minutes: float, folder: Path) -> bool:
    broker = Mosquitto(folder)
    broker.start()
    way = Broker("127.0.0.1", broker.port, "3.1.1", "box")
    outbox = FileOutbox(folder / "outbox.sqlite")
    first = {source: outbox.last(source) for source in SOURCES}
    made = dict.fromkeys(SOURCES, 0)
    taken: dict[str, list[int]] = {source: [] for source in SOURCES}
    loading, stop_box, wake = asyncio.Event(), asyncio.Event(), asyncio.Event()
    loading.set()
    loop = asyncio.get_running_loop()
    outbox.arrived = lambda: loop.call_soon_threadsafe(wake.set)

    async def load(source: str) -> None:
        begun = time.monotonic()
        while loading.is_set():
            made[source] += 1
            await asyncio.to_thread(outbox.take, batch(source, first[source], made[source]))
            await asyncio.sleep(max(0.0, begun + made[source] * EVERY_S - time.monotonic()))

    sender = asyncio.create_task(run_sender(
        ForwardSettings("box", "bench", way, ""), outbox, FeedState(), lambda _f: None, stop_box, wake
    ))  # fmt: skip
    loads = [asyncio.create_task(load(source)) for source in SOURCES]
    new_plant(folder / "plant", name="Bench")

    async def plant_until(ready: asyncio.Event | float) -> None:
        with PlantFolder.open(folder / "plant") as opened, opened.live() as live:
            stop = asyncio.Event()
            there = Broker("127.0.0.1", broker.port, "3.1.1", "plant")
            settings = ForwardSettings("plant", "bench", there, "")
            work = asyncio.create_task(run_receiver(settings, Watched(live, taken), FeedState(), lambda _f: None, stop))
            if isinstance(ready, float):
                await asyncio.sleep(ready)
                await asyncio.to_thread(broker.kill)
            else:
                await ready.wait()
            stop.set()
            await work
            await asyncio.to_thread(live.seal)

    await plant_until(5.0)
    before, began = sum(made.values()), time.monotonic()
    while time.monotonic() - began < 60.0 * minutes:
        await asyncio.sleep(min(10.0, 60.0 * minutes))
    away, waiting = sum(made.values()) - before, outbox.count()
    print(f"broker and plant away for {(time.monotonic() - began) / 60:.1f} min: "
          f"{away:,} batches ({away * ROWS:,} readings) came in; {waiting:,} batches wait")  # fmt: skip
    await asyncio.to_thread(broker.start)
    caught_up, back = asyncio.Event(), time.monotonic()
    plant = asyncio.create_task(plant_until(caught_up))
    while outbox.count() > 2 * len(SOURCES):
        await asyncio.sleep(0.2)
    took = time.monotonic() - back
    print(f"caught up, with the load going on, after {took:.1f} s ({waiting / took:,.0f} batches/s)")
    loading.clear()
    await asyncio.gather(*loads)
    while outbox.count():
        await asyncio.sleep(0.1)
    caught_up.set()
    await plant
    stop_box.set()
    wake.set()
    await sender
    outbox.close()
    broker.stop()
    return right(folder, made, taken)


def right(folder: Path, made: dict[str, int], taken: dict[str, list[int]]) -> bool:
    ok = True
    with PlantFolder.open(folder / "plant") as opened:
        for source in SOURCES:
            rows = made[source] * ROWS
            held = opened.telemetry.series(f"{source}.value")
            due = T0 + (ROWS + np.arange(rows, dtype=np.int64)) * 2_000
            whole = len(held) == rows and bool((held.t == due).all())
            # Batches are joined on the way, so their order is seen at the readings: ascending as they were made.
            order = taken[source] == [int(t) for t in due]
            ok &= whole and order
            print(f"{source}: {made[source]:,} batches made, {len(taken[source]) // ROWS:,} taken, in order: "
                  f"{'yes' if order else 'NO'}; {rows:,} readings due, {len(held):,} held, each once: "
                  f"{'yes' if whole else 'NO'}")  # fmt: skip
    print("nothing lost, nothing doubled, order kept" if ok else "FAILED")
    return ok


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    with tempfile.TemporaryDirectory() as place:
        sys.exit(0 if asyncio.run(main(parser.parse_args().minutes, Path(place))) else 1)
