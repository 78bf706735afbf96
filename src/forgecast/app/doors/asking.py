"""Asks a door on behalf of somebody: checks the right, answers at once, or says which job works the answer out."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from forgecast.app.doors.answers import answer_key, answer_path, kept_answer, last_answer, plant_state, question_key
from forgecast.app.doors.door import Call, Door, Question, Way
from forgecast.app.server.house import House
from forgecast.app.server.refusals import NotPermittedError, NotThereError, WorkFailedError
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Language, Text
from forgecast.store.server.jobs import Job, State, latest_of, new_job, submit
from forgecast.store.server.rights import Right
from forgecast.store.server.uploads import upload_path


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, as far as one plant is concerned.

    Parameters
    ----------
    account_id : int
    by : str
        Name that stands behind a change.
    language : Language
    rights : frozenset of Right
        In this plant; empty where the plant is not to be seen.
    """

    account_id: int
    by: str
    language: Language
    rights: frozenset[Right]


@dataclass(frozen=True, slots=True)
class Answered:
    """What came back.

    Parameters
    ----------
    content : bytes or None
        JSON in UTF-8; None while a job works it out.
    job : Job or None
        Job that works, or has worked, on it.
    as_of_us : int
        When the content was worked out.
    fresh : bool
        Whether it holds for the plant as it is now; an older one may be shown meanwhile, with its time.
    """

    content: bytes | None
    job: Job | None
    as_of_us: int
    fresh: bool = True

    def read(self) -> Any:  # noqa: ANN401  (JSON)
        """Return the content as JSON values; None while there is none."""
        return None if self.content is None else json.loads(self.content)


def ask(
    house: House, asker: Asker, plant_id: str, door: Door[Any], question: Question, *, older: bool = False
) -> Answered:
    """Ask a door of a plant.

    Parameters
    ----------
    house : House
    asker : Asker
    plant_id : str
    door : Door
    question : Question
        Of the door's form.
    older : bool
        Whether the last answer will do while a figure is worked out anew.

    Raises
    ------
    NotThereError
        If the asker may not see the plant.
    NotPermittedError
        If he sees it and lacks the right.
    ForgecastError
        What the task raises.
    """
    check_right(asker, plant_id, door.right)
    if door.way is Way.READ and (door.steady or door.kept_s):
        return _given_again(house, asker, plant_id, door, question)
    if door.way in {Way.READ, Way.CHANGE}:
        return Answered(_now(house, asker, plant_id, door, question), None, _now_us())
    if door.way is Way.RUN:
        return Answered(None, _submitted(house, asker, plant_id, door, question, ""), _now_us())
    return _figure(house, asker, plant_id, door, question, older=older)


def _now(house: House, asker: Asker, plant_id: str, door: Door[Any], question: Question) -> bytes:
    call = _call(house, asker, plant_id)
    try:
        return as_bytes(door.run(call, question))
    except ForgecastError as error:
        hide_folder(error, call.plant.path, plant_id)
        raise


def _given_again(house: House, asker: Asker, plant_id: str, door: Door[Any], question: Question) -> Answered:
    # The state is taken before the answer: what changes meanwhile makes the kept one old, never a new one wrong.
    state, asked = plant_state(house.plant(plant_id)), question_key(door, question)
    kept = house.reads.find(plant_id, asked, state)
    if kept is not None and (door.steady or _now_us() - kept[1] <= 1e6 * door.kept_s):
        return Answered(kept[0], None, kept[1])
    with house.reads.renewing(plant_id, asked) as first:
        # Whoever asks while another works it out anew gets the last answer, a moment older.
        if kept is None or first:
            kept = _now(house, asker, plant_id, door, question), _now_us()
            house.reads.keep(plant_id, asked, state, *kept)
    return Answered(kept[0], None, kept[1])


def check_right(asker: Asker, plant_id: str, right: Right) -> None:
    """Refuse whoever lacks a right; a plant he may not see is not there for him.

    Raises
    ------
    NotThereError, NotPermittedError
    """
    if not asker.rights:
        raise NotThereError(plant_id)
    if right not in asker.rights:
        raise NotPermittedError(right, plant_id)


def hide_folder(error: ForgecastError, folder: Path, plant_id: str) -> None:
    """Name the plant where an error names its folder: where that lies on the server is nobody's business."""
    error.where = error.where.replace(str(folder), plant_id)


def as_bytes(content: object) -> bytes:
    """Return JSON in UTF-8; a number that is none (NaN) is a defect of the door."""
    return json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode("utf-8")


def _figure(house: House, asker: Asker, plant_id: str, door: Door[Any], question: Question, *, older: bool) -> Answered:
    asked = question_key(door, question)
    key = answer_key(asked, plant_state(house.plant(plant_id)))
    found = _kept(answer_path(house.home, plant_id, key))
    if found is not None:
        return Answered(*found)
    job = latest_of(house.store, key)
    if job is None or job.state is State.DONE:
        job = _submitted(house, asker, plant_id, door, question, key)
    if job.state in {State.FAILED, State.STOPPED}:
        job = _begun_again(house, asker, plant_id, door, question, key)
    last = last_answer(house.home, plant_id, asked) if older else None
    kept = _kept(last) if last is not None else None
    if kept is not None:
        return Answered(kept[0], job, kept[2], fresh=False)
    return Answered(None, job, _now_us())


def _begun_again(house: House, asker: Asker, plant_id: str, door: Door[Any], question: Question, key: str) -> Job:
    """Return a new job for a figure whose last one gave no answer; one that failed just now tells why instead."""
    job = _submitted(house, asker, plant_id, door, question, key)
    if job.state in {State.FAILED, State.STOPPED}:
        raise WorkFailedError(job.error)
    return job


def _kept(path: Path) -> tuple[bytes, None, int] | None:
    try:
        return path.read_bytes(), None, path.stat().st_mtime_ns // 1_000
    except FileNotFoundError:
        return None


def _submitted(house: House, asker: Asker, plant_id: str, door: Door[Any], question: Question, key: str) -> Job:
    new = new_job(
        plant_id,
        asker.account_id,
        door.id,
        question.model_dump_json(),
        answer_key=key,
        language=asker.language,
        rights=asker.rights,
    )
    lies = answer_path(house.home, plant_id, key).is_file
    with house.store.writing() as connection:
        return submit(connection, new, answer_lies=lies)


def _call(house: House, asker: Asker, plant_id: str) -> Call:
    plant = house.plant(plant_id)
    return Call(
        plant=plant,
        by=asker.by,
        language=asker.language,
        progress=_silent,
        folder=None,
        upload=lambda upload_id: upload_path(house.store, house.home, plant_id, upload_id),
        rights=asker.rights,
        kept=lambda door, question: kept_answer(house.home, plant_id, house.plant(plant_id), door, question),
    )


def _silent(_share: float, _said: Text | None = None, /) -> None:
    return


def _now_us() -> int:
    return time.time_ns() // 1_000
