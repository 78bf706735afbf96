"""Jobs: work that takes longer than a page may wait, in a queue that any number of workers share.

A job is queued, running, and then done, failed or stopped. Its worker holds it by name and attempt: what somebody does
who has lost it meanwhile (a machine that slept, say) changes nothing. No decision rests on clocks that differ.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, RowMapping

from forgecast.ground.dates import SECOND_US
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import LANGUAGES, Language, Text, text, unpacked
from forgecast.store.server.database import ServerStore
from forgecast.store.server.rights import Right
from forgecast.store.server.tables import ACCOUNT, JOB, PLANT

#: Figures go before runs: somebody looks at a page and waits for them.
FIGURE_PRIORITY = 0
RUN_PRIORITY = 10
#: A job whose worker has ended is begun again once; twice in a row it is the job.
MOST_ATTEMPTS = 2
#: A figure that failed or was stopped is not begun again within this time.
JUST_NOW_US = 60 * SECOND_US


class State(StrEnum):
    """Where a job is."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"


#: Nothing happens to a job any more.
ENDED = (State.DONE, State.FAILED, State.STOPPED)


@dataclass(frozen=True, slots=True)
class Job:
    """One job as it stands.

    Parameters
    ----------
    id, plant_id, door : str
    account_id : int
    by : str
        Name of the account that asked first.
    plant_folder : str
        As the server knows it.
    question : mapping
        What the door is asked, as JSON.
    language : Language
        Of files that are written in one language.
    rights : frozenset of Right
        Of the account in the plant when it asked.
    answer_key : str
        Under which an equal figure is found; empty for a run.
    state : State
    priority : int
    submitted_us, begun_us, ended_us, beat_us : int or None
        Microseconds UTC.
    share : float
        0 to 1.
    said : Text or None
        What is being done.
    worker : str or None
    attempts : int
    stop_asked_by : str or None
    error : mapping or None
        In the one JSON error shape.
    """

    id: str
    plant_id: str
    plant_folder: str
    account_id: int
    by: str
    door: str
    question: Mapping[str, Any]
    language: Language
    rights: frozenset[Right]
    answer_key: str
    state: State
    priority: int
    submitted_us: int
    begun_us: int | None
    ended_us: int | None
    beat_us: int | None
    share: float
    said: Text | None
    worker: str | None
    attempts: int
    stop_asked_by: str | None
    error: Mapping[str, Any] | None

    @property
    def ended(self) -> bool:
        """Tell whether nothing happens to it any more."""
        return self.state in ENDED


@dataclass(frozen=True, slots=True)
class Beat:
    """What a worker learns when it tells that it lives: whether the job is still its own, and who asks it to stop."""

    held: bool
    stop_asked_by: str | None


@dataclass(frozen=True, slots=True)
class NewJob:
    """A job to be put into the queue (see `new_job`)."""

    plant_id: str
    account_id: int
    door: str
    asked: str
    answer_key: str
    priority: int


def new_job(
    plant_id: str,
    account_id: int,
    door: str,
    asked: str,
    *,
    answer_key: str = "",
    language: Language = "en",
    rights: Collection[Right] = (),
) -> NewJob:
    """Return a job to be submitted.

    Parameters
    ----------
    plant_id : str
    account_id : int
    door : str
        ``area/name``.
    asked : str
        The question as JSON.
    answer_key : str
        Of a figure: equal for equal questions to an unchanged plant. Empty for a run; each run is a job of its own.
    language : Language
        Of files that are written in one language.
    rights : collection of Right
        Of whoever asks, in the plant, as they are now: the work is done with them, whenever its turn comes.
    """
    told = {"question": json.loads(asked), "language": language, "rights": sorted(rights)}
    packed = json.dumps(told, ensure_ascii=False, allow_nan=False)
    return NewJob(plant_id, account_id, door, packed, answer_key, FIGURE_PRIORITY if answer_key else RUN_PRIORITY)


def submit(connection: Connection, new: NewJob, *, answer_lies: Callable[[], bool] = lambda: True) -> Job:
    """Put a job into the queue; an equal figure that is there already is returned instead.

    Parameters
    ----------
    connection : Connection
        Of `ServerStore.writing`; whoever asks for the same figure at the same moment waits until it ends.
    new : NewJob
    answer_lies : callable
        Tells whether the answer of a done job still lies in its file; else it is made again.

    Returns
    -------
    Job
        New, or the equal one that is queued, running or done, or that failed or was stopped just now (so that whoever
        follows it by asking again learns so).
    """
    if new.answer_key:
        _one_at_a_time(connection, new.answer_key)
        found = _equal(connection, new.answer_key)
        if found is not None and (found.state is not State.DONE or answer_lies()):
            return found
    made = secrets.token_hex(16)
    connection.execute(
        sa.insert(JOB).values(
            id=made,
            plant_id=new.plant_id,
            account_id=new.account_id,
            door=new.door,
            asked=new.asked,
            answer_key=new.answer_key,
            state=State.QUEUED,
            priority=new.priority,
            submitted_us=now_us(connection),
            share_done=0.0,
            attempts=0,
        )
    )
    return _the(connection, made)


def claim(store: ServerStore, worker: str, *, up_to_priority: int = RUN_PRIORITY) -> Job | None:
    """Take the next job for a worker.

    The smallest priority goes first; among plants the one with the fewest running jobs, then the one that was served
    longest ago; within a plant the oldest. No job is ever given to two.

    Parameters
    ----------
    store : ServerStore
    worker : str
    up_to_priority : int
        A worker that is kept free for figures takes `FIGURE_PRIORITY` only.
    """
    if not _any_waits(store, up_to_priority):
        return None
    with store.writing() as connection:
        for plant, priority in _order_of_plants(connection, up_to_priority):
            asked = (
                sa.select(JOB.c.id)
                .where(JOB.c.state == State.QUEUED, JOB.c.plant_id == plant, JOB.c.priority == priority)
                .order_by(JOB.c.submitted_us, JOB.c.id)
                .limit(1)
                .with_for_update(skip_locked=True)
            )
            found = connection.execute(asked).scalar_one_or_none()
            if found is None:
                continue
            now = now_us(connection)
            connection.execute(
                sa.update(JOB)
                .where(JOB.c.id == found)
                .values(
                    state=State.RUNNING,
                    worker=worker,
                    begun_us=now,
                    beat_us=now,
                    attempts=JOB.c.attempts + 1,
                    share_done=0.0,
                    said=None,
                )
            )
            return _the(connection, str(found))
    return None


def beat(store: ServerStore, job: Job, share: float, said: Text | None) -> Beat:
    """Tell that a job's worker lives and how far the job is; a share never goes back."""
    packed = None if said is None else json.dumps(said.packed(), ensure_ascii=False)
    share = min(max(share, 0.0), 1.0)
    with store.writing() as connection:
        values: dict[str, Any] = {
            # It must differ each time, whatever clocks do: others watch whether it changes.
            "beat_us": sa.case((JOB.c.beat_us >= now_us(connection), JOB.c.beat_us + 1), else_=now_us(connection)),
            "share_done": sa.case((JOB.c.share_done > share, JOB.c.share_done), else_=share),
        }
        if packed is not None:
            values["said"] = packed
        held = connection.execute(sa.update(JOB).where(_held(job)).values(values)).rowcount == 1
        asked_by = connection.execute(sa.select(JOB.c.stop_asked_by).where(JOB.c.id == job.id)).scalar_one_or_none()
        return Beat(held, asked_by)


def finish(store: ServerStore, job: Job, publish: Callable[[], None]) -> bool:
    """Give out a job's answer and call the job done, if its worker still holds it.

    Parameters
    ----------
    store : ServerStore
    job : Job
        As it was claimed.
    publish : callable
        Gives the files their names. It is called while nobody else can get hold of the job; where the process dies
        after it, the job is still running, so nothing is shown, and it is begun again.

    Returns
    -------
    bool
        Whether it was still held.
    """
    with store.writing() as connection:
        held = connection.execute(sa.select(JOB.c.id).where(_held(job)).with_for_update()).scalar_one_or_none()
        if held is None:
            return False
        publish()
        _end(connection, job.id, State.DONE, share_done=1.0)
    return True


def fail(store: ServerStore, job: Job, error: Mapping[str, Any]) -> bool:
    """Call a job failed, with its error in the one JSON shape; tells whether its worker still held it."""
    return _give_up(store, job, State.FAILED, json.dumps(dict(error), ensure_ascii=False))


def stopped(store: ServerStore, job: Job) -> bool:
    """Call a job stopped; tells whether its worker still held it."""
    return _give_up(store, job, State.STOPPED, None)


def give_back(store: ServerStore, job: Job) -> bool:
    """Put a job back into the queue as if it had not been begun: its worker is told to end."""
    with store.writing() as connection:
        values = {"state": State.QUEUED, "worker": None, "share_done": 0.0, "said": None, "attempts": job.attempts - 1}
        return connection.execute(sa.update(JOB).where(_held(job)).values(values)).rowcount == 1


def take_back(store: ServerStore, job: Job) -> Job | None:
    """Take a job from a worker that has ended or fallen silent.

    Parameters
    ----------
    store : ServerStore
    job : Job
        As it was seen; if its worker has told anything since, it keeps the job.

    Returns
    -------
    Job or None
        As it is now: queued again, stopped if that was asked for, or failed after `MOST_ATTEMPTS`. None where its
        worker lives.
    """
    if job.stop_asked_by is not None:
        values: dict[str, Any] = {"state": State.STOPPED}
    elif job.attempts >= MOST_ATTEMPTS:
        values = {
            "state": State.FAILED,
            "error": json.dumps(ended_without_answer(job.id).as_json(), ensure_ascii=False),
        }
    else:
        values = {"state": State.QUEUED, "share_done": 0.0, "said": None}
    with store.writing() as connection:
        if values["state"] in ENDED:
            values["ended_us"] = now_us(connection)
        asked = sa.update(JOB).where(_held(job), JOB.c.beat_us == job.beat_us).values(values | {"worker": None})
        if connection.execute(asked).rowcount != 1:
            return None
        return _the(connection, job.id)


def ask_to_stop(store: ServerStore, job_id: str, by: str) -> Job | None:
    """Ask a job to stop: one that waits is stopped at once, one that runs soon, one that has ended stays as it is."""
    with store.writing() as connection:
        found = connection.execute(sa.select(JOB.c.state).where(JOB.c.id == job_id).with_for_update()).scalar()
        if found is None:
            return None
        if found == State.QUEUED:
            _end(connection, job_id, State.STOPPED, stop_asked_by=by)
        elif found == State.RUNNING:
            asked = sa.update(JOB).where(JOB.c.id == job_id, JOB.c.stop_asked_by.is_(None)).values(stop_asked_by=by)
            connection.execute(asked)
        return _the(connection, job_id)


def job_of(store: ServerStore, job_id: str) -> Job | None:
    """Return a job by its id."""
    with store.reading() as connection:
        return _one(connection, JOB.c.id == job_id)


def latest_of(store: ServerStore, answer_key: str) -> Job | None:
    """Return the job of a figure that was submitted last, whatever became of it."""
    with store.reading() as connection:
        asked = _jobs().where(JOB.c.answer_key == answer_key).order_by(JOB.c.submitted_us.desc(), JOB.c.id.desc())
        row = connection.execute(asked.limit(1)).mappings().first()
        return None if row is None else _job(row)


def running(store: ServerStore) -> list[Job]:
    """Return all jobs that run."""
    with store.reading() as connection:
        return [_job(row) for row in connection.execute(_jobs().where(JOB.c.state == State.RUNNING)).mappings()]


def jobs_of_plant(
    store: ServerStore, plant_id: str, *, limit: int = 100, after: str = "", doors: Sequence[str] | None = None
) -> tuple[list[Job], str | None]:
    """Return jobs of a plant, the latest first, and the cursor of the next page (None at the end).

    Parameters
    ----------
    store : ServerStore
    plant_id : str
    limit : int
    after : str
        The cursor the page before gave; empty for the first page.
    doors : sequence of str or None
        Only jobs of these doors.

    Raises
    ------
    ForgecastError
        If the cursor is none that was given.
    """
    asked = _jobs().where(JOB.c.plant_id == plant_id)
    if doors is not None:
        asked = asked.where(JOB.c.door.in_(list(doors)))
    if after:
        submitted, _, last = after.partition("-")
        if not submitted.isdigit() or len(submitted) > 18 or not last:
            raise ForgecastError(
                text("there is no page after {after}", after=after),
                where="after",
                repair=text("give what `next` of the page before said, or nothing for the first page"),
            )
        then = int(submitted)
        earlier = JOB.c.submitted_us < then
        asked = asked.where(earlier | ((JOB.c.submitted_us == then) & (JOB.c.id < last)))
    asked = asked.order_by(JOB.c.submitted_us.desc(), JOB.c.id.desc()).limit(limit + 1)
    with store.reading() as connection:
        found = [_job(row) for row in connection.execute(asked).mappings()]
    if len(found) <= limit:
        return found, None
    return found[:limit], f"{found[limit - 1].submitted_us}-{found[limit - 1].id}"


def count_of_states(store: ServerStore) -> dict[State, int]:
    """Return how many jobs are in each state."""
    with store.reading() as connection:
        rows = connection.execute(sa.select(JOB.c.state, sa.func.count()).group_by(JOB.c.state)).all()
    return dict.fromkeys(State, 0) | {State(state): int(count) for state, count in rows}


def forget_old(store: ServerStore, *, ended_before_us: int) -> int:
    """Delete the rows of jobs that ended long ago; their folders are swept after that. Returns how many."""
    with store.writing() as connection:
        old = sa.delete(JOB).where(JOB.c.state.in_(ENDED), JOB.c.ended_us < ended_before_us)
        return connection.execute(old).rowcount


def known_jobs(store: ServerStore) -> frozenset[str]:
    """Return the ids of all jobs."""
    with store.reading() as connection:
        return frozenset(connection.execute(sa.select(JOB.c.id)).scalars())


def ended_without_answer(job_id: str) -> ForgecastError:
    """Return the error of a job whose worker ended twice."""
    return ForgecastError(
        text("the worker ended without an answer"),
        where=job_id,
        repair=text("ask for it again; if it ends the same way, ask for less, or see the log of the server"),
    )


def now_us(connection: Connection) -> int:
    """Return the instant by the clock of the database, which all who share it agree on."""
    if connection.dialect.name != "postgresql":
        return time.time_ns() // 1_000
    asked = sa.text("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint")
    return int(connection.execute(asked).scalar_one())


def _one_at_a_time(connection: Connection, answer_key: str) -> None:
    # SQLite has one writer at a time anyway.
    if connection.dialect.name == "postgresql":
        number = int.from_bytes(hashlib.sha256(answer_key.encode()).digest()[:8], "big", signed=True)
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(number)))


def _equal(connection: Connection, answer_key: str) -> Job | None:
    alive = JOB.c.state.in_((State.QUEUED, State.RUNNING, State.DONE))
    just_ended = JOB.c.ended_us.between(now_us(connection) - JUST_NOW_US, now_us(connection))
    asked = _jobs().where(JOB.c.answer_key == answer_key, alive | just_ended)
    row = connection.execute(asked.order_by(JOB.c.submitted_us.desc(), JOB.c.id.desc()).limit(1)).mappings().first()
    return None if row is None else _job(row)


def _any_waits(store: ServerStore, up_to_priority: int) -> bool:
    waits = sa.select(JOB.c.id).where(JOB.c.state == State.QUEUED, JOB.c.priority <= up_to_priority).limit(1)
    with store.reading() as connection:
        return connection.execute(waits).first() is not None


def _order_of_plants(connection: Connection, up_to_priority: int) -> list[tuple[str, int]]:
    waiting = (
        sa.select(JOB.c.plant_id, JOB.c.priority)
        .where(JOB.c.state == State.QUEUED, JOB.c.priority <= up_to_priority)
        .distinct()
    )
    queues = [(str(plant), int(priority)) for plant, priority in connection.execute(waiting)]
    if len(queues) < 2:
        return queues
    busy = sa.func.sum(sa.case((JOB.c.state == State.RUNNING, 1), else_=0))
    served = (
        sa.select(JOB.c.plant_id, busy, sa.func.max(JOB.c.begun_us))
        .where(JOB.c.plant_id.in_({plant for plant, _ in queues}))
        .group_by(JOB.c.plant_id)
    )
    rank = {str(plant): (int(count or 0), int(last or 0)) for plant, count, last in connection.execute(served)}
    return sorted(queues, key=lambda queue: (queue[1], *rank[queue[0]], queue[0]))


def _held(job: Job) -> sa.ColumnElement[bool]:
    return sa.and_(
        JOB.c.id == job.id,
        JOB.c.state == State.RUNNING,
        JOB.c.worker == job.worker,
        JOB.c.attempts == job.attempts,
    )


def _give_up(store: ServerStore, job: Job, state: State, error: str | None) -> bool:
    with store.writing() as connection:
        values = {"state": state, "error": error, "ended_us": now_us(connection)}
        return connection.execute(sa.update(JOB).where(_held(job)).values(values)).rowcount == 1


def _end(connection: Connection, job_id: str, state: State, **more: object) -> None:
    values = {"state": state, "ended_us": now_us(connection), **more}
    connection.execute(sa.update(JOB).where(JOB.c.id == job_id).values(values))


def _jobs() -> sa.Select[Any]:
    joined = JOB.join(PLANT, PLANT.c.id == JOB.c.plant_id).join(ACCOUNT, ACCOUNT.c.id == JOB.c.account_id)
    return sa.select(JOB, PLANT.c.folder.label("plant_folder"), ACCOUNT.c.name.label("by")).select_from(joined)


def _one(connection: Connection, condition: sa.ColumnElement[bool]) -> Job | None:
    row = connection.execute(_jobs().where(condition)).mappings().first()
    return None if row is None else _job(row)


def _the(connection: Connection, job_id: str) -> Job:
    found = _one(connection, JOB.c.id == job_id)
    assert found is not None  # noqa: S101  (written in this transaction)
    return found


def _job(row: RowMapping) -> Job:
    asked = json.loads(row["asked"])
    language: Language = "zh" if asked["language"] == LANGUAGES[1] else "en"
    return Job(
        id=row["id"],
        plant_id=row["plant_id"],
        plant_folder=row["plant_folder"],
        account_id=row["account_id"],
        by=row["by"],
        door=row["door"],
        question=asked["question"],
        language=language,
        rights=frozenset(map(Right, asked["rights"])),
        answer_key=row["answer_key"],
        state=State(row["state"]),
        priority=row["priority"],
        submitted_us=row["submitted_us"],
        begun_us=row["begun_us"],
        ended_us=row["ended_us"],
        beat_us=row["beat_us"],
        share=row["share_done"],
        said=None if row["said"] is None else unpacked(json.loads(row["said"])),
        worker=row["worker"],
        attempts=row["attempts"],
        stop_asked_by=row["stop_asked_by"],
        error=None if row["error"] is None else json.loads(row["error"]),
    )
