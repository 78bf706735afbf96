"""Where answers that were worked out are kept, and under which key: the same question to the same plant, once."""

from __future__ import annotations

import hashlib
import json
import time
from pathlib import Path
from typing import Any

from forgecast import __version__
from forgecast.app.doors.door import Door, Kept, Question
from forgecast.ground.dates import local_day
from forgecast.metal.grade_own import FOLDER as GRADES
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.fill_book import BOOKS

#: Folders of a server's home.
ANSWERS, JOBS, UPLOADS = "answers", "jobs", "uploads"
_KEY_LENGTH = 24


def plant_state(plant: PlantFolder) -> str:
    """Return what a figure of a plant may depend on: its trail, its settings, the version, and the day there.

    Two equal states give equal figures. Readings count once they are sealed; a figure of this minute is a READ.
    """
    day = local_day(time.time_ns() // 1_000, plant.settings.zone)
    seen = (plant.audit_head().hash, repr(plant.settings), __version__, day.isoformat(), *_own_files(plant))
    return _short("\n".join(seen))


def _own_files(plant: PlantFolder) -> list[str]:
    """Return which files the plant's own rulebooks and grades stand in, and when each was last written.

    No trail tells of them.
    """
    files = (path for name in (BOOKS, GRADES) for path in (plant.path / name).rglob("*") if path.is_file())
    return sorted(f"{path.relative_to(plant.path).as_posix()} {path.stat().st_mtime_ns}" for path in files)


def question_key(door: Door[Any], question: Question) -> str:
    """Return the name of a question, whatever the plant holds."""
    asked = json.dumps(question.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)
    return _short(f"{door.id}\n{asked}")


def answer_key(question: str, state: str) -> str:
    """Return the name of an answer from those of its question and the plant's state."""
    return f"{question}-{state}"


def answer_path(home: Path, plant_id: str, key: str) -> Path:
    """Return the file of a figure's answer."""
    return home / ANSWERS / plant_id / f"{key}.json"


def last_answer(home: Path, plant_id: str, question: str) -> Path | None:
    """Return the newest answer to a question, of whatever state; None where it was never answered."""
    found = [(path.stat().st_mtime_ns, path) for path in (home / ANSWERS / plant_id).glob(f"{question}-*.json")]
    return max(found)[1] if found else None


def kept_answer(home: Path, plant_id: str, plant: PlantFolder, door: Door[Any], question: Question) -> Kept | None:
    """Return the answer a FIGURE has for the plant as it is, else the newest of an earlier state; None without any."""
    asked = question_key(door, question)
    now = answer_path(home, plant_id, answer_key(asked, plant_state(plant)))
    for path, fresh in ((now, True), (last_answer(home, plant_id, asked), False)):
        if path is None:
            continue
        try:
            return Kept(path, path.stat().st_mtime_ns // 1_000, fresh)
        except FileNotFoundError:  # not there yet, or just cleared away
            continue
    return None


def job_folder(home: Path, job_id: str) -> Path:
    """Return the folder of a job: ``answer.json`` once it is done, and ``files`` of a run."""
    return home / JOBS / job_id


def _short(words: str) -> str:
    return hashlib.sha256(words.encode("utf-8")).hexdigest()[:_KEY_LENGTH]
