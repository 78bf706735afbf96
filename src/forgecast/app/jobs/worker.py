"""A worker: takes jobs from the queue and has each worked out in a child process, which it can end at any moment."""

from __future__ import annotations

import contextlib
import json
import logging
import multiprocessing
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import connection as wires
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from forgecast.app.doors.shelf import door_of
from forgecast.app.jobs.child import Order, Shelf, child_process
from forgecast.app.jobs.low_priority import limit_threads, spare_threads
from forgecast.app.jobs.places import clear_away, make_room, publish
from forgecast.app.jobs.watch import Watch, tidy
from forgecast.app.server.running_settings import read_running
from forgecast.ground.errors import ForgecastError, PlantError
from forgecast.ground.texts import Text, text
from forgecast.store.database import boundary
from forgecast.store.server import jobs
from forgecast.store.server.database import ServerStore
from forgecast.store.server.jobs import FIGURE_PRIORITY, RUN_PRIORITY, Job, State
from forgecast.store.server.presence import Presence

_LOG = logging.getLogger("forgecast.jobs")
#: Between two looks into an empty queue; a page waits at most so much longer for a figure [s].
POLL_S = 0.15
#: Between two words about a job that is under way: while it tells how far it is, and while it does not [s].
TELLING_S, QUIET_S = 0.5, 1.0
#: A job that is asked to stop and does not is ended after this [s].
STOP_S = 10.0
#: A job under way when the server shuts down may take so long to end; then it goes back into the queue [s].
GRACE_S = 10.0
_WATCH_S, _TIDY_S = 2.0, 3600.0
#: A child has seen so many figures when a new one takes its place: memory that was lost comes back.
_FIGURES_A_CHILD = 200
_READY_S = 120.0
_INSIST_S = 60.0


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """How a worker works.

    Parameters
    ----------
    home : Path
        Of the server.
    url : str
        Of its database.
    shelf : callable
        Returns the door of a name; a function of a module, since it is named to other processes.
    figures_only : bool
        Whether it is kept free for figures, for which somebody waits.
    tidies : bool
        Whether it also clears away what is old.
    set_up : callable or None
        Sets up the log of a process; a function of a module.
    stop_s, grace_s : float
    """

    home: Path
    url: str
    shelf: Shelf = door_of
    figures_only: bool = False
    tidies: bool = False
    set_up: Callable[[], None] | None = None
    stop_s: float = STOP_S
    grace_s: float = GRACE_S


class _Child:
    """The child process, kept warm between figures: loading the program takes longer than most of them."""

    def __init__(self, settings: WorkerSettings) -> None:
        self._settings = settings
        self._process: BaseProcess | None = None
        self.line: Connection | None = None
        self._figures = 0

    def ready(self) -> bool:
        """Start it if it is not there, and tell whether it is ready."""
        if self.line is None:
            self._start()
        line = self.line
        assert line is not None  # noqa: S101  (started)
        try:
            if line.poll(_READY_S) and line.recv()[0] == "ready":
                return True
        except (EOFError, OSError):
            pass
        self.end()
        return False

    def is_silent(self) -> bool:
        """Tell whether it waits for work: one that has died in the meantime has closed its line."""
        return self.line is not None and not self.line.poll(0)

    def give(self, order: Order) -> None:
        assert self.line is not None  # noqa: S101  (ready)
        self._figures += 1
        with contextlib.suppress(OSError):  # that it has died is noticed by whoever listens
            self.line.send(order)

    def ask_to_stop(self) -> None:
        if self.line is not None:
            with contextlib.suppress(OSError):
                self.line.send("stop")

    def used_up(self, *, was_run: bool) -> bool:
        return was_run or self._figures >= _FIGURES_A_CHILD

    def end(self) -> int | None:
        """End it at once; returns the code it ended with, where it had ended by itself."""
        process, line = self._process, self.line
        self._process = self.line = None
        if line is not None:
            line.close()
        if process is None:
            return None
        process.join(0.5)
        code = process.exitcode
        process.kill()
        process.join()
        process.close()
        return code

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self.line, theirs = context.Pipe()
        wanted = self._settings
        told = (theirs, wanted.shelf, wanted.home, wanted.url, wanted.set_up)
        self._process = context.Process(target=child_process, args=told, name="job", daemon=True)
        self._process.start()
        theirs.close()
        self._figures = 0


class _Worker:
    def __init__(self, settings: WorkerSettings, orders: Connection, store: ServerStore, name: str) -> None:
        self._settings, self._orders, self._store, self._name = settings, orders, store, name
        self._child = _Child(settings)
        self._is_ready = False
        self._watch = Watch(store, settings.home)
        self._watched = self._tidied = -_TIDY_S
        self._end_by: float | None = None

    def drain(self, *_: object) -> None:
        if self._end_by is None:
            self._end_by = time.monotonic() + self._settings.grace_s

    def run(self) -> None:
        try:
            while self._end_by is None:
                try:
                    self._once()
                except ForgecastError as error:
                    # The database is away, its disk is full, or the settings are being edited: all may pass.
                    _LOG.exception("worker %s: %s", self._name, error.say("en"))
                    self._wait(2.0)
        finally:
            self._child.end()

    def _once(self) -> None:
        now = time.monotonic()
        if now - self._watched > _WATCH_S:
            self._watched = now
            self._watch.look()
        if self._settings.tidies and now - self._tidied > _TIDY_S:
            self._tidied = now
            tidy(self._store, self._settings.home, read_running(self._settings.home).keep)
        if self._is_ready and not self._child.is_silent():
            self._child.end()
            self._is_ready = False
        if not self._is_ready:
            self._is_ready = self._child.ready()
            if not self._is_ready:
                _LOG.error("worker %s: the process for jobs does not start", self._name)
                self._wait(5.0)
            return
        highest = FIGURE_PRIORITY if self._settings.figures_only else RUN_PRIORITY
        job = jobs.claim(self._store, self._name, up_to_priority=highest)
        if job is None:
            self._wait(POLL_S)
        else:
            self._work(job)

    def _wait(self, seconds: float) -> None:
        if self._orders.poll(seconds):
            self._hear()

    def _hear(self) -> None:
        try:
            self._orders.recv()
            self.drain()
        except (EOFError, OSError):
            self._end_by = time.monotonic()  # whoever started this has died: end at once

    def _work(self, job: Job) -> None:
        begun = time.monotonic()
        try:
            with boundary(str(self._settings.home)):
                folder = make_room(self._settings.home, job)
        except PlantError as error:
            refused = error.as_json()
            self._insist(lambda: jobs.fail(self._store, job, refused))
            return
        self._child.give(
            Order(
                job.id,
                job.plant_id,
                (self._settings.home / job.plant_folder).resolve(),
                job.door,
                json.dumps(job.question),
                job.language,
                job.by,
                job.rights,
                folder,
                is_run=not job.answer_key,
            )
        )
        outcome = _Course(self._store, job, self._child, self._orders, self).follow()
        state = self._settle(job, outcome)
        if outcome[0] in {"killed", "died", "given-back", "lost"} or self._child.used_up(was_run=not job.answer_key):
            self._child.end()
            self._is_ready = False
        if state is not None:
            clear_away(self._settings.home, job, state)
        _LOG.info("job %s (%s): %s after %.2f s", job.id, job.door, outcome[0], time.monotonic() - begun)

    def _settle(self, job: Job, outcome: tuple[Any, ...]) -> State | None:
        """Enter how a job ended; None where it was no longer held."""
        kind, store, home = outcome[0], self._store, self._settings.home
        if kind == "lost":
            return None
        if kind == "given-back":
            self._child.end()  # before somebody else gets it
            self._insist(lambda: jobs.give_back(store, job))
            return None
        if kind == "done":
            try:
                return State.DONE if self._insist(lambda: jobs.finish(store, job, lambda: publish(home, job))) else None
            except PlantError as error:
                outcome = ("failed", error.as_json())
        if kind in {"stopped", "killed"}:
            return State.STOPPED if self._insist(lambda: jobs.stopped(store, job)) else None
        error_json = outcome[1] if outcome[0] == "failed" else _reason(job, outcome).as_json()
        return State.FAILED if self._insist(lambda: jobs.fail(store, job, error_json)) else None

    def _insist(self, what: Callable[[], bool]) -> bool:
        """Do something with the database, again and again for a while where it refuses."""
        until = time.monotonic() + _INSIST_S
        while True:
            try:
                return what()
            except PlantError as error:
                if time.monotonic() > until or self._end_by is not None:
                    raise
                _LOG.warning("worker %s: %s", self._name, error.say("en"))
                time.sleep(1.0)

    @property
    def end_by(self) -> float | None:
        return self._end_by

    @property
    def stop_s(self) -> float:
        return self._settings.stop_s

    def hear(self) -> None:
        self._hear()


class _Course:
    """Follows one job in its child until it ends, telling the database that it lives and how far it is."""

    def __init__(self, store: ServerStore, job: Job, child: _Child, orders: Connection, worker: _Worker) -> None:
        self._store, self._job, self._child, self._orders, self._worker = store, job, child, orders, worker
        self._share = 0.0
        self._said: Text | None = None
        self._told = True
        self._beat_at = time.monotonic()
        self._stop_by: float | None = None

    def follow(self) -> tuple[Any, ...]:
        while True:
            ended = self._listen()
            if ended is not None:
                return ended
            now = time.monotonic()
            end_by = self._worker.end_by
            if end_by is not None and now >= end_by:
                return ("given-back",)
            if self._stop_by is not None and now > self._stop_by:
                self._child.end()
                return ("killed",)
            if now - self._beat_at >= (QUIET_S if self._told else TELLING_S) and not self._beat():
                return ("lost",)

    def _listen(self) -> tuple[Any, ...] | None:
        line = self._child.line
        assert line is not None  # noqa: S101  (a job is under way in it)
        heard = wires.wait([line, self._orders] if self._worker.end_by is None else [line], TELLING_S / 2)
        if self._orders in heard:
            self._worker.hear()
        if line not in heard:
            return None
        try:
            said = line.recv()
        except (EOFError, OSError):
            return "died", self._child.end()
        if said[0] != "progress":
            return tuple(said)
        self._share, self._said, self._told = said[1], said[2], False
        return None

    def _beat(self) -> bool:
        """Tell that the job is worked at; tells whether it is still held."""
        self._beat_at = time.monotonic()
        try:
            heard = jobs.beat(self._store, self._job, self._share, self._said)
        except PlantError as error:
            _LOG.warning("job %s: %s", self._job.id, error.say("en"))
            return True
        self._told = True
        if heard.stop_asked_by is not None and self._stop_by is None:
            self._child.ask_to_stop()
            self._stop_by = time.monotonic() + self._worker.stop_s
        return heard.held


def run_worker(settings: WorkerSettings, orders: Connection) -> None:
    """Work until told to end, or until whoever started this has died.

    Parameters
    ----------
    settings : WorkerSettings
    orders : Connection
        Anything that comes over it means: end what is under way, take nothing new.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    limit_threads(spare_threads())
    if settings.set_up is not None:
        settings.set_up()
    with ServerStore(settings.url) as store, Presence(settings.home, "worker") as presence:
        worker = _Worker(settings, orders, store, presence.name)
        signal.signal(signal.SIGTERM, worker.drain)
        worker.run()


def _reason(job: Job, outcome: tuple[Any, ...]) -> ForgecastError:
    if outcome[0] == "died":
        code = outcome[1]
        return ForgecastError(
            text("the process of this job ended without an answer (code {code})", code=str(code)),
            where=job.id,
            repair=text("it may have needed more memory than there is: ask for less; the server's log has the rest"),
        )
    _LOG.error("job %s (%s): a defect\n%s", job.id, job.door, outcome[1])
    made = ForgecastError(
        text("this is a defect of Forgecast, not of your data; nothing was changed by it"),
        where=job.id,
        repair=text("report it with the number shown here; the server's log has the rest"),
    )
    made.code = "defect"
    return made
