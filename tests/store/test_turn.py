"""Turns of writers: in the order in which they came, whoever dies, and nobody waits for ever."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from forgecast.ground.errors import PlantError
from forgecast.store.turn import _draw, holder_of, turn

HOLDS = """
import sys, time
from pathlib import Path
from forgecast.store.turn import turn
with turn(Path(sys.argv[1]), by="night shift", what="heats.csv", patience_s=1):
    print("holds", flush=True)
    time.sleep(3600)
"""


#: Longer than any machine stalls: who waits so long waits in vain.
PATIENCE_S = 300.0


@pytest.fixture
def line(tmp_path: Path) -> Path:
    return tmp_path / "records.sqlite-writers"


def _until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.001)


def test_turns_are_taken_in_the_order_in_which_they_were_asked_for(line):
    order: list[int] = []

    def write(number: int) -> None:
        with turn(line, by=f"{number}", what="x", patience_s=PATIENCE_S):
            order.append(number)

    with turn(line, by="first", what="x", patience_s=PATIENCE_S):
        threads = []
        for number in range(6):
            threads.append(threading.Thread(target=write, args=(number,)))
            threads[-1].start()
            _until(lambda number=number: len(list(line.glob("*.ticket"))) == number + 2)
        assert order == []
    for thread in threads:
        thread.join()
    assert order == list(range(6))
    assert list(line.glob("*.ticket")) == []


def test_only_one_holds_the_turn(line):
    inside, most = 0, 0

    def write() -> None:
        nonlocal inside, most
        for _ in range(20):
            with turn(line, by="x", what="x", patience_s=PATIENCE_S):
                inside += 1
                most = max(most, inside)
                time.sleep(0.0005)
                inside -= 1

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1


def _holder(line: Path) -> subprocess.Popen[str]:
    child = subprocess.Popen([sys.executable, "-c", HOLDS, str(line)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    assert child.stdout.readline() == "holds\n"
    return child


def test_who_waits_too_long_is_told_who_holds_it(line):
    child = _holder(line)
    begun = time.monotonic()
    with pytest.raises(PlantError) as caught, turn(line, by="Anna", what="x", patience_s=0.2):
        pass
    assert 0.2 <= time.monotonic() - begun < 60  # and not until the other has ended, in an hour
    said = caught.value.say("en")
    assert f"night shift (heats.csv, process {child.pid} @ " in said
    assert len(list(line.glob("*.ticket"))) == 1  # the one that gave up has left the line
    child.kill()
    child.communicate()


def test_a_writer_that_was_killed_holds_nobody_up(line):
    child = _holder(line)
    found = holder_of(line)
    assert found is not None
    assert found.by == "night shift"
    os.kill(child.pid, getattr(signal, "SIGKILL", signal.SIGTERM))
    child.communicate()
    begun = time.monotonic()
    with turn(line, by="Anna", what="x", patience_s=PATIENCE_S):
        assert time.monotonic() - begun < PATIENCE_S / 5
        assert len(list(line.glob("*.ticket"))) == 1
    assert holder_of(line) is None


def test_waiting_goes_on_as_long_as_the_line_moves(line, monkeypatch):
    """Three writers of 0.5 s each before it: longer together than the patience with any one of them."""
    line.mkdir()
    before = [_draw(line, by="x", what="x", patience_s=PATIENCE_S) for _ in range(3)]
    now = 0.0

    def sleep(seconds: float) -> None:
        # The clock of the test: on one that goes on by itself, a machine that stalls would let a writer take too long.
        nonlocal now
        now += seconds
        if before and now >= 0.5 * (4 - len(before)):
            path, file = before.pop(0)
            file.close()
            path.unlink()

    clock = SimpleNamespace(monotonic=lambda: now, sleep=sleep, time_ns=time.time_ns)
    monkeypatch.setattr("forgecast.store.turn.time", clock)
    with turn(line, by="Anna", what="x", patience_s=0.6):
        assert before == []
        assert 1.5 <= now < 1.6
