"""Starts the workers of a server, starts them again when they end, and lets them end what they do at its shutdown."""

from __future__ import annotations

import atexit
import contextlib
import dataclasses
import logging
import multiprocessing
import threading
import time
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from types import TracebackType
from typing import Self

from forgecast.app.jobs.worker import WorkerSettings, run_worker

_LOG = logging.getLogger("forgecast.jobs")
#: Two, so that a figure never waits for a run.
WORKERS = 2
_LOOK_S = 0.25
_FIRST_PAUSE_S, _LONGEST_PAUSE_S, _STEADY_S = 0.5, 30.0, 60.0
#: What a worker may need beyond its grace to end [s].
_LEEWAY_S = 5.0


class _One:
    """One worker, which may be started many times."""

    def __init__(self, settings: WorkerSettings, name: str) -> None:
        self.settings, self.name = settings, name
        self.starts = 0
        self._process: BaseProcess | None = None
        self._orders: Connection | None = None
        self._begun = self._due = 0.0
        self._pause = _FIRST_PAUSE_S

    @property
    def pid(self) -> int | None:
        return None if self._process is None else self._process.pid

    def look_after(self) -> None:
        now = time.monotonic()
        if self._process is not None:
            if self._process.is_alive():
                return
            _LOG.error("%s ended with code %s; it is started again", self.name, self._process.exitcode)
            self._let_go()
            self._pause = _FIRST_PAUSE_S if now - self._begun > _STEADY_S else min(2 * self._pause, _LONGEST_PAUSE_S)
            self._due = now + self._pause
        if now >= self._due:
            self._start()

    def drain(self) -> None:
        if self._orders is not None:
            with contextlib.suppress(OSError):
                self._orders.send("end")

    def end(self, until: float) -> None:
        if self._process is None:
            return
        self._process.join(max(0.1, until - time.monotonic()))
        if self._process.is_alive():
            _LOG.error("%s does not end; it is killed, its job goes back into the queue", self.name)
            self._process.kill()
            self._process.join()
        self._let_go()

    def _start(self) -> None:
        # Not a daemon: it has a child of its own. When this process dies, the pipe tells it.
        context = multiprocessing.get_context("spawn")
        hears, self._orders = context.Pipe(duplex=False)
        self._process = context.Process(target=run_worker, args=(self.settings, hears), name=self.name)
        self._process.start()
        hears.close()
        self._begun = time.monotonic()
        self.starts += 1

    def _let_go(self) -> None:
        if self._orders is not None:
            self._orders.close()
        if self._process is not None:
            self._process.close()
        self._process = self._orders = None


class Workers:
    """The workers of a server; use it in a ``with`` block.

    Parameters
    ----------
    settings : WorkerSettings
        Of each; which one is kept free for figures, and which one tidies, is decided here.
    count : int
        With two or more, the first is kept free for figures. 0 starts none: workers of other machines do the work.
    """

    def __init__(self, settings: WorkerSettings, count: int = WORKERS) -> None:
        self._grace_s = settings.grace_s
        self._workers = [
            _One(
                dataclasses.replace(settings, figures_only=count > 1 and number == 0, tidies=number == 0),
                f"worker {number + 1}",
            )
            for number in range(count)
        ]
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._look_after, name="workers", daemon=True)

    def start(self) -> None:
        """Start them; returns at once."""
        # Before the interpreter waits for its child processes at its end, tell them to end.
        atexit.register(self.drain)
        self._thread.start()

    def drain(self) -> None:
        """Let each end what it does, or put it back into the queue, and wait for that."""
        atexit.unregister(self.drain)
        self._ending.set()
        if self._thread.is_alive():
            self._thread.join()
        for worker in self._workers:
            worker.drain()
        until = time.monotonic() + self._grace_s + _LEEWAY_S
        for worker in self._workers:
            worker.end(until)

    def as_json(self) -> list[dict[str, object]]:
        """Return how each is: its process, how often it was started, what it is for."""
        return [
            {"name": one.name, "pid": one.pid, "starts": one.starts, "figures_only": one.settings.figures_only}
            for one in self._workers
        ]

    def _look_after(self) -> None:
        while not self._ending.is_set():
            for worker in self._workers:
                worker.look_after()
            self._ending.wait(_LOOK_S)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.drain()
