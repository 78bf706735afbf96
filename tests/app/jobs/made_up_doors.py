"""Doors that behave as doors of the shelf may, at their worst."""

from __future__ import annotations

import math
import os
import signal
import time
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from forgecast.app.doors.door import Call, Door, Question, Way
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text, verbatim
from forgecast.store.server.rights import Right


class Number(Question):
    n: int = 0
    seconds: float = 0.0


class Anything(BaseModel):
    model_config = {"extra": "allow"}


def ran(plant: Path) -> list[str]:
    """Return what was begun, one word for each time."""
    path = plant.parent / "ran.txt"
    return path.read_text().split() if path.exists() else []


def let_go(plant: Path, n: int = 0) -> None:
    """Let the run ``t/held`` of a number go on from its half to its end."""
    _gate(plant, n).touch()


def _gate(plant: Path, n: int) -> Path:
    return plant.parent / f"go-{n}"


def _note(call: Call, word: object) -> None:
    # One write of a file opened for appending is never mixed with another's.
    file = os.open(call.plant.path.parent / "ran.txt", os.O_APPEND | os.O_CREAT | os.O_WRONLY)
    os.write(file, f"{word}\n".encode())
    os.close(file)


def _double(call: Call, question: Number) -> dict[str, Any]:
    _note(call, question.n)
    time.sleep(question.seconds)
    return {"twice": 2 * question.n, "by": call.by}


def _files(call: Call, question: Number) -> dict[str, Any]:
    _begin_files(call, question)
    until = time.monotonic() + question.seconds
    while time.monotonic() < until:
        call.progress(1 - (until - time.monotonic()) / question.seconds, text("solving for {n} s", n=question.seconds))
        time.sleep(0.02)
    return _end_files(call, question)


def _held(call: Call, question: Number) -> dict[str, Any]:
    """Do as `_files` does, but stay at the half until let go: it is under way, however late a test looks at it."""
    _begin_files(call, question)
    while not _gate(call.plant.path, question.n).exists():
        call.progress(0.5, text("solving for {n} s", n=question.seconds))
        time.sleep(0.02)
    return _end_files(call, question)


def _begin_files(call: Call, question: Number) -> None:
    _note(call, question.n)
    assert call.folder is not None
    (call.folder / "deep").mkdir()
    (call.folder / "begun.txt").write_text("begun", encoding="utf-8")


def _end_files(call: Call, question: Number) -> dict[str, Any]:
    assert call.folder is not None
    (call.folder / "deep" / "page.html").write_text("<script>alert(1)</script>", encoding="utf-8")
    (call.folder / "结果.csv").write_text("a,b\n" * 1000, encoding="utf-8")
    return {"n": question.n, "language": call.language}


def _deaf(call: Call, question: Number) -> dict[str, Any]:
    _note(call, question.n)
    time.sleep(question.seconds)
    return {}


def _dies(call: Call, question: Number) -> dict[str, Any]:
    _note(call, question.n)
    os.kill(os.getpid(), signal.SIGSEGV if hasattr(signal, "SIGSEGV") else signal.SIGTERM)
    time.sleep(60)
    return {}


def _refuses(_call: Call, _question: Number) -> dict[str, Any]:
    raise ForgecastError(verbatim("no"), where="here", repair=verbatim("ask otherwise"))


def _defect(_call: Call, _question: Number) -> dict[str, Any]:
    return {"secret": {}["of the traceback"]}


def _not_a_number(_call: Call, _question: Number) -> dict[str, Any]:
    return {"value": math.nan}


def _fills_disk(_call: Call, question: Number) -> dict[str, Any]:
    import resource

    # No file of this process may become larger: the system refuses the rest, as it does on a full disk.
    resource.setrlimit(resource.RLIMIT_FSIZE, (question.n, question.n))
    return {"long": "x" * (question.n * 4)}


def _uploaded(call: Call, question: Number) -> dict[str, Any]:
    return {"name": call.upload(f"{question.n:032d}").name}


_ALL = {
    "t/double": (_double, Way.FIGURE),
    "t/files": (_files, Way.RUN),
    "t/held": (_held, Way.RUN),
    "t/deaf": (_deaf, Way.RUN),
    "t/dies": (_dies, Way.RUN),
    "t/refuses": (_refuses, Way.RUN),
    "t/defect": (_defect, Way.RUN),
    "t/not-a-number": (_not_a_number, Way.RUN),
    "t/fills-disk": (_fills_disk, Way.RUN),
    "t/uploaded": (_uploaded, Way.RUN),
}
DOORS: dict[str, Door[Any]] = {
    name: Door("t", name.partition("/")[2], verbatim(name), Right.SEE, way, Number, Anything, run)
    for name, (run, way) in _ALL.items()
}


def shelf(name: str) -> Door[Any]:
    if name not in DOORS:
        raise ForgecastError(verbatim(name), repair=verbatim("-"))
    return DOORS[name]
