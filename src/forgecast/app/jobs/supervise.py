"""Starts the workers of a server, starts them again when they end, and lets them end what they do at its shutdown."""

from __future__ import annotations

import atexit
import dataclasses
import logging
import threading
import time
from types import TracebackType
from typing import Self

from forgecast.app.jobs.kept import Kept
from forgecast.app.jobs.worker import WorkerSettings, run_worker

_LOG = logging.getLogger("forgecast.processes")
#: Two, so that a figure never waits for a run.
WORKERS = 2
_LOOK_S = 0.25
#: What a worker may need beyond its grace to end [s].
_LEEWAY_S = 5.0


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
            Kept(
                f"worker {number + 1}",
                run_worker,
                (dataclasses.replace(settings, figures_only=count > 1 and number == 0, tidies=number == 0),),
            )
            for number in range(count)
        ]
        self._ending = threading.Event()
        self._renewing = threading.Event()
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

    def renew(self) -> None:
        """Start each anew, one after the other, as after an update of the program; returns at once.

        What one works at has its grace to end; otherwise it goes back into the queue, for whoever comes to it next.
        """
        self._renewing.set()

    def as_json(self) -> list[dict[str, object]]:
        """Return how each is: its process, how often it was started, what it is for."""
        only = len(self._workers) > 1
        return [
            {"name": one.name, "pid": one.pid, "starts": one.starts, "figures_only": only and number == 0}
            for number, one in enumerate(self._workers)
        ]

    def _look_after(self) -> None:
        while not self._ending.is_set():
            if self._renewing.is_set():
                self._renewing.clear()
                self._renew_all()
            for worker in self._workers:
                worker.look_after()
            self._ending.wait(_LOOK_S)

    def _renew_all(self) -> None:
        for worker in self._workers:
            if self._ending.is_set():
                return
            _LOG.warning("%s is renewed", worker.name)
            worker.drain()
            worker.end(time.monotonic() + self._grace_s + _LEEWAY_S)
            worker.start()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.drain()
