"""Ctrl-C: the first asks, the second leaves, and afterwards all is as before."""

from __future__ import annotations

import os
import signal
import sys
import threading

import pytest

from forgecast.app.cli.stopping import stoppable

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals are sent by number")


def interrupt() -> None:
    os.kill(os.getpid(), signal.SIGINT)


def test_the_first_asks_and_the_second_leaves(capsys: pytest.CaptureFixture[str]) -> None:
    before = signal.getsignal(signal.SIGINT)
    with stoppable("en") as asked:
        assert not asked()
        interrupt()
        assert asked()
        assert "Ctrl-C again" in capsys.readouterr().err
        with pytest.raises(KeyboardInterrupt):
            interrupt()
    assert signal.getsignal(signal.SIGINT) is before


def test_in_a_thread_nothing_is_caught() -> None:
    said = []

    def run() -> None:
        with stoppable("en") as asked:
            said.append(asked())

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert said == [False]
