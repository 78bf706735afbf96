"""Ctrl-C in a long run: the first asks it to end with what it has, the second leaves at once."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import click

from forgecast.ground.texts import Language, text


@contextmanager
def stoppable(language: Language) -> Iterator[Callable[[], bool]]:
    """Yield a function that tells whether the user has asked to stop.

    Outside the main thread, where no signal can be caught, it always says no.
    """
    asked = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield asked.is_set
        return

    def stop(number: int, frame: FrameType | None) -> None:
        del number, frame
        if asked.is_set():
            raise KeyboardInterrupt
        asked.set()
        message = text("Stopping; what is there will be written. Ctrl-C again leaves at once, without it.")
        click.echo(f"\n{message.say(language)}", err=True)

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield asked.is_set
    finally:
        signal.signal(signal.SIGINT, before)
