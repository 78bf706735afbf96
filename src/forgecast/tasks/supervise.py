"""Supervises gateway processes: starts them, takes their batches, starts them again, and stops them cleanly."""

from __future__ import annotations

import contextlib
import multiprocessing
import queue
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from types import TracebackType
from typing import Self

from forgecast.gateway.feed import BackOff, finding, now_us
from forgecast.gateway.instruments import kind_of
from forgecast.ground.errors import ForgecastError
from forgecast.ground.finding import Finding, Severity
from forgecast.ground.texts import Text, text, verbatim
from forgecast.signals.batch import Batch, NotStoredError, Sink
from forgecast.tasks.gateway_process import SETTLE_S, GatewayJob, gateway_process

#: A gateway that has said nothing for so long is ended and started again [s].
SILENCE_S = 30.0
#: So long it may take until its first word: a machine that does much else starts it slowly [s].
STARTS_S = 300.0
#: A gateway that has run for so long is started again at once when it fails [s].
STEADY_S = 60.0
#: Batches that may wait for the listeners.
LISTENER_QUEUE = 1_000
_MOST_FINDINGS = 500


class Told:
    """Findings of a running collector: one for each kind and place, with how often and when last. Threads share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: OrderedDict[tuple[str, str], tuple[Finding, int, int, int]] = OrderedDict()
        self._left_out = 0

    def tell(self, one: Finding) -> None:
        """Take a finding in."""
        key, now = (one.code, str(one.place)), now_us()
        with self._lock:
            _, count, first, _ = self._held.get(key, (one, 0, now, now))
            self._held[key] = (one, count + one.count, first, now)
            self._held.move_to_end(key)
            if len(self._held) > _MOST_FINDINGS:
                self._held.popitem(last=False)

    def as_json(self) -> tuple[dict[str, object], ...]:
        """Return the findings, the latest last."""
        with self._lock:
            held = list(self._held.values())
        return tuple(
            one.as_json() | {"count": count, "first_us": first, "last_us": last} for one, count, first, last in held
        )


class _Ears:
    """Gives batches to the listeners in a thread of their own."""

    def __init__(self, listeners: Sequence[Callable[[Batch], None]], told: Told) -> None:
        self._listeners, self._told = listeners, told
        self._queue: queue.Queue[Batch | None] = queue.Queue(LISTENER_QUEUE)
        self._thread = threading.Thread(target=self._listen, name="listeners", daemon=True)
        if listeners:
            self._thread.start()

    def hear(self, batch: Batch) -> None:
        """Pass a batch on; never waits."""
        if not self._listeners:
            return
        try:
            self._queue.put_nowait(batch)
        except queue.Full:
            self._told.tell(
                finding(
                    "listeners-behind", Severity.DOUBTFUL, batch.source, "", len(batch),
                    text("alarms and live verdicts are too slow; a batch went past them (it is stored)"),
                    text("have fewer or simpler ones, or a faster machine; assess the stretch again later"),
                )
            )  # fmt: skip

    def end(self) -> None:
        """Let the listeners have what waits, then end."""
        if self._thread.is_alive():
            with contextlib.suppress(queue.Full):
                self._queue.put(None, timeout=SETTLE_S)
            self._thread.join(SETTLE_S)

    def _listen(self) -> None:
        while True:
            batch = self._queue.get()
            if batch is None:
                return
            for listener in self._listeners:
                try:
                    listener(batch)
                except Exception as error:  # noqa: BLE001  (whatever a listener does, collecting goes on)
                    name = getattr(listener, "__qualname__", type(listener).__name__)
                    self._told.tell(
                        finding(
                            "listener-failed", Severity.DOUBTFUL, batch.source, name, str(error)[:200],
                            text("an alarm or a live verdict failed: {kind}: {why}", kind=type(error).__name__,
                                 why=str(error)),
                            text("see what it needs; collecting goes on"),
                        )
                    )  # fmt: skip


class _Gateway:
    """One gateway: its process, the thread that serves it, and when it is to be started again."""

    def __init__(self, job: GatewayJob, sink: Sink, told: Told, ears: _Ears) -> None:
        self.job = job
        self.state: dict[str, object] = {}
        self.restarts = -1
        self._sink, self._told, self._ears = sink, told, ears
        self._pauses = BackOff(1.0, 60.0)
        self._process: BaseProcess | None = None
        self._orders: Connection | None = None
        self._thread: threading.Thread | None = None
        self._begun = self._due = self._heard = 0.0
        self._serving = self._spoke = False

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.is_alive()

    def start(self) -> None:
        context = multiprocessing.get_context("spawn")
        talk, theirs = context.Pipe()
        hears, self._orders = context.Pipe(duplex=False)
        self._process = context.Process(
            target=gateway_process, args=(self.job, theirs, hears), name=self.job.source, daemon=True
        )
        self._process.start()
        theirs.close()
        hears.close()
        self._begun = self._heard = time.monotonic()
        self._spoke = False
        self.restarts += 1
        self._thread = threading.Thread(target=self._serve, args=(talk,), name=self.job.source, daemon=True)
        self._thread.start()

    def look_after(self) -> None:
        """Start it again where it has ended, end it where it keeps silent."""
        now = time.monotonic()
        if self.running:
            # While the store works on a batch of it, the silence is ours.
            patience = SILENCE_S if self._spoke else STARTS_S
            if not self._serving and now - self._heard > patience and self._process is not None:
                self._tell("gateway-silent", text("the gateway has fallen silent and is started again"), "")
                self._process.kill()
            return
        if self._process is not None:
            self._reap()
            if now - self._begun > STEADY_S:
                self._pauses.done()
            self._due = now + self._pauses.next()
        if now >= self._due:
            self.start()

    def ask_to_stop(self) -> None:
        if self._orders is not None:
            with contextlib.suppress(OSError):
                self._orders.send("stop")

    def end(self, until: float) -> None:
        """Wait for its end, and end it where it does not come."""
        if self._process is None:
            return
        self._process.join(max(0.1, until - time.monotonic()))
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        self._reap()

    def _reap(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.join()
        if self._thread is not None:
            self._thread.join()
        if self._orders is not None:
            self._orders.close()
        self.state["connected"] = False
        code = process.exitcode
        process.close()
        if code:
            self._tell("gateway-ended", text("the process of the gateway ended with code {code}", code=code), str(code))

    def _serve(self, talk: Connection) -> None:
        """Answer the gateway until it is gone."""
        with contextlib.suppress(EOFError, OSError), talk:
            while True:
                kind, content = talk.recv()
                self._heard, self._spoke = time.monotonic(), True
                if kind == "beat":
                    self.state = content
                elif kind == "told":
                    self._told.tell(content)
                elif kind == "failed":
                    what, where, repair = content
                    self._told.tell(
                        finding("gateway-failed", Severity.DOUBTFUL, self.job.settings.name, where, "", what, repair)
                    )
                elif kind == "crashed":
                    self._tell("gateway-crashed", verbatim(content.strip().splitlines()[-1]), content)
                else:
                    self._serving = True
                    try:
                        talk.send(self._answer(kind, content))
                    finally:
                        self._serving, self._heard = False, time.monotonic()

    def _answer(self, kind: str, content: object) -> tuple[str, object]:
        try:
            if kind == "last":
                return "answer", self._sink.last(str(content))
            assert isinstance(content, Batch)  # noqa: S101  (`PipeSink` sends nothing else)
            taken = self._sink.take(content)
        except NotStoredError as error:
            return "not-stored", (error.what, error.where, error.repair)
        except ForgecastError as error:
            return "failed", (error.what, error.where, error.repair)
        if taken:
            self._ears.hear(content)
        return "answer", taken

    def _tell(self, code: str, what: Text, value: str) -> None:
        self._told.tell(
            finding(
                code, Severity.DOUBTFUL, self.job.settings.name, "", value[:2_000],
                what,
                text("nothing, if it happens once: it is started again by itself; else report it with the value shown"),
            )
        )  # fmt: skip

    def as_json(self) -> dict[str, object]:
        return {
            "name": self.job.settings.name,
            "kind": kind_of(self.job.settings),
            "source": self.job.source,
            "running": self.running,
            "restarts": max(self.restarts, 0),
            **self.state,
        }


class Supervised:
    """Gateway processes and what they bring; use it in a ``with`` block.

    Parameters
    ----------
    jobs : sequence of GatewayJob
    sink : Sink
        Called by one thread for each gateway.
    told : Told
    listeners : sequence of callable
        Given each batch once it is durable.
    """

    def __init__(
        self, jobs: Sequence[GatewayJob], sink: Sink, told: Told, listeners: Sequence[Callable[[Batch], None]] = ()
    ) -> None:
        self._ears = _Ears(listeners, told)
        self._gateways = [_Gateway(job, sink, told, self._ears) for job in jobs]

    def look_after(self) -> None:
        """Start what is not running, and what has fallen silent, again; to be called several times a second."""
        for gateway in self._gateways:
            gateway.look_after()

    def stop(self) -> None:
        """Ask all gateways to stop, and wait: what they have acknowledged is durable then."""
        for gateway in self._gateways:
            gateway.ask_to_stop()
        until = time.monotonic() + 2 * SETTLE_S
        for gateway in self._gateways:
            gateway.end(until)
        self._ears.end()

    def as_json(self) -> tuple[dict[str, object], ...]:
        """Return how each gateway is."""
        return tuple(gateway.as_json() for gateway in self._gateways)

    def __enter__(self) -> Self:
        for gateway in self._gateways:
            gateway.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
