"""The process in which a job is worked out: it may be killed at any moment; nothing half done that is left counts."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import queue
import signal
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, TypeAlias

from forgecast.app.doors.asking import as_bytes, hide_folder
from forgecast.app.doors.door import Call, Door, StoppedError
from forgecast.app.jobs.low_priority import FIGURE_STEPS, RUN_STEPS, give_way
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Language, Text, text
from forgecast.store.durable import DurableFile, sync_folder
from forgecast.store.plant_folder import PlantFolder
from forgecast.store.server.database import ServerStore
from forgecast.store.server.rights import Right
from forgecast.store.server.uploads import upload_path

Shelf: TypeAlias = Callable[[str], Door[Any]]
#: Of the folder of an attempt.
ANSWER, FILES = "answer.json", "files"
_FULL = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}


@dataclass(frozen=True, slots=True)
class Order:
    """What a child is to work out.

    Parameters
    ----------
    job_id, plant_id, door, by : str
    plant_folder : Path
    question : str
        As JSON.
    language : Language
    rights : frozenset of Right
        Of whoever asked.
    folder : Path
        Of this attempt; there already. The answer and the files go there.
    is_run : bool
    """

    job_id: str
    plant_id: str
    plant_folder: Path
    door: str
    question: str
    language: Language
    by: str
    rights: frozenset[Right]
    folder: Path
    is_run: bool


class _Talk:
    """The line to the worker: what it says is heard beside the work; when it is gone, so is this process."""

    def __init__(self, line: Connection) -> None:
        self._line = line
        self._speaking = threading.Lock()
        self.orders: queue.Queue[Order] = queue.Queue()
        self.stop = threading.Event()
        threading.Thread(target=self._hear, name="ears", daemon=True).start()

    def say(self, *words: object) -> None:
        with self._speaking:
            self._line.send(words)

    def _hear(self) -> None:
        while True:
            try:
                said = self._line.recv()
            except (EOFError, OSError):
                # At once: whatever the work is doing, somebody else may be given the job now.
                os._exit(0)
            if said == "stop":
                self.stop.set()
            else:
                self.stop.clear()
                self.orders.put(said)


def child_process(line: Connection, shelf: Shelf, home: Path, url: str, set_up: Callable[[], None] | None) -> None:
    """Work out what comes over the line, one after the other, until it is closed.

    Parameters
    ----------
    line : Connection
        Brings an `Order` or ``"stop"``; is told ``ready``, ``progress``, and one of ``done``, ``stopped``, ``failed``
        and ``defect``.
    shelf : callable
        Returns the door of a name.
    home : Path
        Of the server.
    url : str
        Of its database.
    set_up : callable or None
        Sets up the log.
    """
    # The worker decides when this ends, not the terminal and not the system's goodbye to the whole group.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    give_way(FIGURE_STEPS)
    if set_up is not None:
        set_up()
    talk = _Talk(line)
    with contextlib.suppress(ForgecastError):
        shelf("")  # there is none of that name, but now all doors are loaded
    talk.say("ready")
    while True:
        order = talk.orders.get()
        if order.is_run:
            give_way(RUN_STEPS)
        talk.say(*_outcome(order, talk, shelf, home, url))


def _outcome(order: Order, talk: _Talk, shelf: Shelf, home: Path, url: str) -> tuple[object, ...]:
    try:
        _work(order, talk, shelf, home, url)
    except StoppedError:
        return ("stopped",)
    except ForgecastError as error:
        hide_folder(error, order.plant_folder, order.plant_id)
        refused = error
    except MemoryError:
        refused = _no_memory()
    except Exception as error:  # noqa: BLE001  (whatever a door does, its job ends and the next one is worked out)
        if not (isinstance(error, OSError) and error.errno in _FULL):
            return "defect", traceback.format_exc()
        refused = _disk_full(str(order.folder))
    else:
        return ("done",)
    return "failed", refused.as_json()


def _work(order: Order, talk: _Talk, shelf: Shelf, home: Path, url: str) -> None:
    door = shelf(order.door)
    question = door.asks.model_validate_json(order.question)
    files = order.folder / FILES

    def progress(share: float, said: Text | None = None, /) -> None:
        if talk.stop.is_set():
            raise StoppedError
        talk.say("progress", float(share), said)

    def upload(upload_id: str) -> Path:
        with ServerStore(url) as store:
            return upload_path(store, home, order.plant_id, upload_id)

    if order.is_run:
        files.mkdir()
    with contextlib.closing(PlantFolder.open(order.plant_folder)) as plant:
        call = Call(
            plant=plant,
            by=order.by,
            language=order.language,
            progress=progress,
            folder=files if order.is_run else None,
            upload=upload,
            rights=order.rights,
        )
        answer = as_bytes(door.run(call, question))
    logging.getLogger(__name__).debug("job %s: worked out", order.job_id)
    _keep(order.folder, answer)


def _keep(folder: Path, answer: bytes) -> None:
    """Force the answer and all files of an attempt to the disk."""
    for root, _, names in os.walk(folder):
        for name in names:
            # Windows flushes only what is open for writing.
            with (Path(root) / name).open("rb+") as file:
                os.fsync(file.fileno())
        sync_folder(Path(root))
    made = DurableFile(folder / ANSWER)
    try:
        made.write(answer)
        made.publish()
    except BaseException:
        with contextlib.suppress(OSError):  # on a full disk, what is buffered cannot be written at closing either
            made.abandon()
        raise
    sync_folder(folder)


def _disk_full(where: str) -> ForgecastError:
    return ForgecastError(
        text("the disk of the server is full; nothing of this answer was kept"),
        where=where,
        repair=text("free some space there, and ask again"),
    )


def _no_memory() -> ForgecastError:
    return ForgecastError(
        text("the memory of the server does not suffice for this"),
        repair=text("ask for less (fewer cells, a shorter stretch), or use a machine with more memory"),
    )
