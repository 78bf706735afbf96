"""How a server is told to end: the first word lets it end what it does, the second ends it at once."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

#: What a program says that was ended by Ctrl-C.
ENDED_AT_ONCE = 130
_LOOK_S = 0.05


class Ending:
    """Whether the process was told to end, and who is told of it."""

    def __init__(self) -> None:
        # No `threading.Event`: a signal that comes while its lock is held would wait for itself.
        self._told = False
        self._tell: Callable[[], None] | None = None

    @property
    def is_due(self) -> bool:
        """Whether it was told to end."""
        return self._told

    def wait(self, seconds: float) -> bool:
        """Wait until it is told to end, at most so long; tells whether it was."""
        until = time.monotonic() + seconds
        while not self._told and time.monotonic() < until:
            time.sleep(_LOOK_S)
        return self._told

    @contextmanager
    def telling(self, tell: Callable[[], None]) -> Iterator[None]:
        """Have somebody told within the block; at once, if the word came before."""
        self._tell = tell
        try:
            if self.is_due:
                tell()
            yield
        finally:
            self._tell = None

    def now(self) -> None:
        """Tell the process to end what it does."""
        self._told = True
        if self._tell is not None:
            self._tell()

    def heard(self, _number: int, _frame: FrameType | None) -> None:
        """Take a signal."""
        if self.is_due:
            # Whatever is under way is found unfinished by whoever starts next, and is not shown as done.
            os._exit(ENDED_AT_ONCE)
        self.now()


@contextmanager
def listening_for_the_end(*, ctrl_c: bool = True) -> Iterator[Ending]:
    """Take the signals by which a process is told to end, within the block.

    Parameters
    ----------
    ctrl_c : bool
        Whether Ctrl-C is meant for this process; otherwise somebody else of the terminal's group hears it.
    """
    ending = Ending()
    if threading.current_thread() is not threading.main_thread():
        yield ending
        return
    numbers = [signal.SIGTERM, *([signal.SIGBREAK] if hasattr(signal, "SIGBREAK") else [])]
    before = {number: signal.signal(number, ending.heard) for number in numbers}
    before[signal.SIGINT] = signal.signal(signal.SIGINT, ending.heard if ctrl_c else signal.SIG_IGN)
    try:
        yield ending
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
