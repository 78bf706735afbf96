"""Collect on a gateway box and forward to the plant: kept on the box's disk until the plant has it."""

from __future__ import annotations

import asyncio
import dataclasses
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from forgecast.gateway.feed import FeedState
from forgecast.gateway.instruments import read_instruments
from forgecast.gateway.mqtt.forward import ForwardSettings, run_sender
from forgecast.gateway.mqtt.outbox import FileOutbox
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text
from forgecast.tasks.collect_signals import STATUS, CollectingStatus, jobs_of, run_gateways
from forgecast.tasks.supervise import Told

OUTBOX = "outbox.sqlite"


class _Line:
    """The line to the plant, in a thread with an event loop of its own."""

    def __init__(self, settings: ForwardSettings, outbox: FileOutbox, told: Told) -> None:
        self.settings, self.outbox, self.state, self._told = settings, outbox, FeedState(), told
        self.error: BaseException | None = None
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="forward", daemon=True)
        self._thread.start()
        self._ready.wait()

    def _run(self) -> None:
        try:
            asyncio.run(self._forward())
        except BaseException as error:  # noqa: BLE001  (told by `as_json`; the box goes on collecting)
            self.error = error
        finally:
            self._ready.set()

    async def _forward(self) -> None:
        self._loop, self._stop, self._wake = asyncio.get_running_loop(), asyncio.Event(), asyncio.Event()
        self._ready.set()
        await run_sender(self.settings, self.outbox, self.state, self._told.tell, self._stop, self._wake)

    def wake(self) -> None:
        """Say that a batch has come into the outbox."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._wake.set)

    def end(self) -> None:
        """Stop forwarding; what waits stays in the outbox."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
            self._loop.call_soon_threadsafe(self._wake.set)
            self._thread.join(15.0)

    def as_json(self) -> tuple[Mapping[str, object], ...]:
        """Return how the line is; batches are those the plant has."""
        waiting = {"waiting": self.outbox.count()}
        return ({
            "name": self.settings.name, "kind": "forward", "source": self.settings.plant,
            "running": self._thread.is_alive(), "restarts": 0, **dataclasses.asdict(self.state), **waiting,
        },)  # fmt: skip


def forward_readings(
    folder: Path,
    *,
    should_stop: Callable[[], bool] = lambda: False,
    watch: Callable[[CollectingStatus], None] = lambda _status: None,
) -> CollectingStatus:
    """Collect from the instruments of a gateway box and forward everything until asked to stop.

    While the broker or the plant is out of reach, readings gather in the outbox; afterwards they are sent in order.
    What waits when the box is stopped is sent when it is started again.

    Parameters
    ----------
    folder : Path
        Folder of the box, with an `instruments.toml` that has a table ``[forward]``.
    should_stop, watch : callable
        As of `collect_signals`.

    Raises
    ------
    CaseError
        If `instruments.toml` is missing or wrong.
    ForgecastError
        If it does not say where to forward to, or has folders of files.
    NotStoredError
        If the outbox cannot be opened.
    """
    instruments = read_instruments(folder)
    if instruments.forward is None:
        raise ForgecastError(
            text("instruments.toml does not say where to forward to"),
            where=str(instruments.path),
            repair=text("write [forward] with name, plant and host, as docs/how_to/connect_instruments.md shows"),
        )
    told = Told()
    with FileOutbox(folder / OUTBOX) as outbox:
        # A box knows no records: units are compared with the tags at the plant's record before, or not at all.
        jobs = jobs_of(instruments, None, "UTC", None, f"{instruments.forward.name}.")
        line = _Line(instruments.forward, outbox, told)
        outbox.arrived = line.wake
        try:
            return run_gateways(
                jobs, outbox, folder / STATUS, should_stop=should_stop, watch=watch, told=told,
                trouble=lambda: "" if line.error is None else str(line.error), beside=line.as_json,
            )  # fmt: skip
        finally:
            line.end()
