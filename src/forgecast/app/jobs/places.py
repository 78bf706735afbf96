"""Where a job's answer and files lie once it is done, and how they get there in one step."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from forgecast.app.doors.answers import answer_path, job_folder
from forgecast.app.jobs.child import ANSWER, FILES
from forgecast.store.durable import sync_folder
from forgecast.store.server.jobs import Job, State

#: What a long run keeps of itself while it works, so that the next attempt goes on from it.
KEPT = "_kept"


def attempt_folder(home: Path, job: Job) -> Path:
    """Return the folder in which an attempt at a job works; nothing in it is ever shown."""
    return job_folder(home, job.id) / f"_attempt-{job.attempts}"


def make_room(home: Path, job: Job) -> Path:
    """Make the empty folder of an attempt; what attempts before it have left is gone, but for what was to be kept."""
    whole = job_folder(home, job.id)
    for path in whole.iterdir() if whole.is_dir() else ():
        if path.name != KEPT:
            shutil.rmtree(path, ignore_errors=True)
            if path.is_file():
                path.unlink(missing_ok=True)
    folder = attempt_folder(home, job)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def publish(home: Path, job: Job) -> None:
    """Give the answer and the files of an attempt the names under which they are looked for."""
    attempt, answer = attempt_folder(home, job), answer_of(home, job)
    answer.parent.mkdir(parents=True, exist_ok=True)
    if not job.answer_key and (attempt / FILES).exists():
        shutil.rmtree(files_of(home, job), ignore_errors=True)
        (attempt / FILES).rename(files_of(home, job))
    if (attempt / ANSWER).exists():  # else this is called again after the database refused
        os.replace(attempt / ANSWER, answer)  # noqa: PTH105  (the one call that is atomic on every system)
    sync_folder(answer.parent)


def clear_away(home: Path, job: Job, state: State) -> None:
    """Remove what an ended job needs no more: of a done run its attempt's folder, of all others everything."""
    if state is State.DONE and not job.answer_key:
        shutil.rmtree(attempt_folder(home, job), ignore_errors=True)
        shutil.rmtree(job_folder(home, job.id) / KEPT, ignore_errors=True)
    else:
        shutil.rmtree(job_folder(home, job.id), ignore_errors=True)


def answer_of(home: Path, job: Job) -> Path:
    """Return the file of a job's answer; it counts once the job is done."""
    return answer_path(home, job.plant_id, job.answer_key) if job.answer_key else job_folder(home, job.id) / ANSWER


def files_of(home: Path, job: Job) -> Path:
    """Return the folder of a run's files; they count once the job is done."""
    return job_folder(home, job.id) / FILES
