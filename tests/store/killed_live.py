"""A process that takes live readings, seals them, and is killed: run by `test_live_kill.py`, never by pytest.

Its arguments are the plant folder, the step at which it kills itself (0 for never), the number of the last batch, and
after how many batches it seals. It says ``begins`` and the number of every batch that was answered. Numbers 1 to 100 of
each hundred come in order of time; every seventh batch corrects readings of an earlier one, every eleventh is late.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from forgecast.signals.batch import Batch
from forgecast.store.plant_folder import PlantFolder
from tests.store.killed_import import count_steps
from tests.store.live_batches import T, batch

SOURCES = ("s1", "s2")


def numbered(seq: int, source: str) -> Batch:
    """Return the batch of a number, the same in every process."""
    back = 3 if seq % 7 == 0 else 40 if seq % 11 == 0 else 0
    first = T + (seq - back) * 7_000_000 * 60
    points = [(f"{source}.T{k}", first + s * 1_000_000, seq + k / 10) for s in range(20) for k in range(3)]
    return batch(seq, *points, source=source)


def main() -> None:
    folder, deadly, last, sealed_each = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    threaded = sealed_each < 0
    with PlantFolder.open(folder) as plant:
        steps = count_steps(deadly)
        with plant.live(seal_rows=2_000 if threaded else 10**9) as live:
            _say("begins")
            for seq in range(1, last + 1):
                for source in SOURCES:
                    live.take(numbered(seq, source))
                    _say(f"{source} {seq}")
                if not threaded and seq % sealed_each == 0:
                    live.seal()
    _say(f"steps {steps()}")


def _say(what: str) -> None:
    os.write(1, f"{what}\n".encode())


if __name__ == "__main__":
    main()
