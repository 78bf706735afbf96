"""Other processes as a test sees them: any of them may end between two looks."""

from __future__ import annotations

import contextlib

import psutil


def command_of(process: psutil.Process) -> str:
    """Return the command of a process; one that has just ended, taken leave of or not, has none."""
    with contextlib.suppress(psutil.NoSuchProcess):  # a zombie is one of them
        return " ".join(process.cmdline())
    return ""


def kill_family(pid: int) -> None:
    """Kill a process and all it has started."""
    with contextlib.suppress(psutil.NoSuchProcess):
        first = psutil.Process(pid)
        for one in (*first.children(recursive=True), first):
            with contextlib.suppress(psutil.NoSuchProcess):
                one.kill()
