"""A process that imports files and is killed: run by `test_kill.py`, never by pytest.

Its arguments are the plant folder, the step at which it kills itself (0 for never), and the files. A file that ends in
``.json`` is an entry: its rows are recorded by hand, all at once. A step is a call at which the operating system or
the database is asked to change something: each of them is a moment at which a power cut or a `kill -9` may come.
"""

from __future__ import annotations

import itertools
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine

from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.import_files import import_files
from forgecast.tasks.record_entry import record_entries

_DEADLY = getattr(signal, "SIGKILL", signal.SIGTERM)  # on Windows os.kill ends the process at once with any of them


def count_steps(deadly: int) -> Callable[[], int]:
    """Count the steps, and die before and after the one that is deadly (two moments each)."""
    steps = itertools.count(1)
    last = [0]

    def step(*_args: object) -> None:
        last[0] = next(steps)
        if last[0] == deadly:
            os.kill(os.getpid(), _DEADLY)

    def around(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **more: Any) -> Any:
            step()
            done = real(*args, **more)
            step()
            return done

        return call

    for name in ("fsync", "fdatasync", "replace", "pwritev"):
        if hasattr(os, name):  # Windows has neither fdatasync nor pwritev
            setattr(os, name, around(getattr(os, name)))
    Path.unlink = around(Path.unlink)
    for name in ("begin", "commit", "before_cursor_execute", "after_cursor_execute", "checkin"):
        event.listen(Engine, name, step)
    return lambda: last[0]


def take(plant: PlantFolder, file: Path) -> None:
    """Take a file in, or record the rows of an entry."""
    if file.suffix == ".json":
        record_entries(plant, "heat", json.loads(file.read_text(encoding="utf-8")), by="王工")
    else:
        import_files(plant, [file], by="Anna")


def main() -> None:
    folder, deadly, *files = sys.argv[1:]
    steps = count_steps(int(deadly))
    with PlantFolder.open(Path(folder)) as plant:
        sys.stdout.write("begins\n")
        sys.stdout.flush()
        for file in files:
            take(plant, Path(file))
            sys.stdout.write(f"in {file}\n")
            sys.stdout.flush()
    sys.stdout.write(f"steps {steps()}\n")


if __name__ == "__main__":
    main()
