"""A process that is kept running: started again when it ends, told to end over a line, killed where it does not."""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

_LOG = logging.getLogger("forgecast.processes")
_FIRST_PAUSE_S, _LONGEST_PAUSE_S, _STEADY_S = 0.5, 30.0, 60.0


class Kept:
    """A process that may be started many times.

    Parameters
    ----------
    name : str
    target : callable
        A function of a module. It is given `arguments` and the end of a line: any word on it, or its end, means: end.
    arguments : tuple
    """

    def __init__(self, name: str, target: Callable[..., None], arguments: tuple[Any, ...]) -> None:
        self.name = name
        self.starts = 0
        self.line: Connection | None = None
        self._target, self._arguments = target, arguments
        self._process: BaseProcess | None = None
        self._begun = self._due = 0.0
        self._pause = _FIRST_PAUSE_S

    @property
    def pid(self) -> int | None:
        """Number of the process, while there is one."""
        return None if self._process is None else self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether it runs."""
        return self._process is not None and self._process.is_alive()

    def look_after(self) -> None:
        """Start it where it does not run; one that ends again and again is waited for longer each time."""
        now = time.monotonic()
        if self._process is not None:
            if self._process.is_alive():
                return
            _LOG.error("%s ended with code %s; it is started again", self.name, self._process.exitcode)
            self._let_go()
            self._pause = _FIRST_PAUSE_S if now - self._begun > _STEADY_S else min(2 * self._pause, _LONGEST_PAUSE_S)
            self._due = now + self._pause
        if now >= self._due:
            self.start()

    def start(self) -> None:
        """Start it."""
        # Not a daemon: it may have children of its own. When this process dies, the line tells it.
        context = multiprocessing.get_context("spawn")
        self.line, theirs = context.Pipe()
        self._process = context.Process(target=self._target, args=(*self._arguments, theirs), name=self.name)
        self._process.start()
        theirs.close()
        self._begun = time.monotonic()
        self.starts += 1

    def drain(self) -> None:
        """Tell it to end what it does."""
        if self.line is not None:
            with contextlib.suppress(OSError):
                self.line.send("end")

    def end(self, until: float) -> None:
        """Wait until it has ended; kill it at an instant of the monotonic clock."""
        if self._process is None:
            return
        self._process.join(max(0.1, until - time.monotonic()))
        if self._process.is_alive():
            _LOG.error("%s does not end; it is killed", self.name)
            self._process.kill()
            self._process.join()
        self._let_go()

    def _let_go(self) -> None:
        if self.line is not None:
            self.line.close()
        if self._process is not None:
            self._process.close()
        self._process = self.line = None
