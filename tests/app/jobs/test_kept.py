"""What a long run keeps of itself outlives its attempt, and nothing else does; its files leave in one archive."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from forgecast.app.api.archive import archived
from forgecast.app.doors.answers import job_folder
from forgecast.app.jobs.places import KEPT, clear_away, make_room
from forgecast.store.server.jobs import Job, State


def job(attempts: int) -> Job:
    return Job(
        id="a" * 32, plant_id="p", plant_folder="p", account_id=1, by="x", door="casting/freeze", question={},
        language="en", rights=frozenset(), answer_key="", state=State.RUNNING, priority=10, submitted_us=1,
        begun_us=2, ended_us=None,
        beat_us=None, share=0.0, said=None, worker="w", attempts=attempts, stop_asked_by=None, error=None,
    )  # fmt: skip


def test_the_next_attempt_finds_what_the_last_one_kept(tmp_path: Path) -> None:
    first = make_room(tmp_path, job(1))
    (first / "half.txt").write_text("half", encoding="utf-8")
    kept = job_folder(tmp_path, job(1).id) / KEPT
    kept.mkdir()
    (kept / "run.keep").write_text("kept", encoding="utf-8")
    make_room(tmp_path, job(2))
    assert not first.exists()
    assert (kept / "run.keep").read_text(encoding="utf-8") == "kept"


@pytest.mark.parametrize("state", [State.DONE, State.STOPPED, State.FAILED])
def test_an_ended_job_keeps_nothing_of_it(tmp_path: Path, state: State) -> None:
    make_room(tmp_path, job(1))
    kept = job_folder(tmp_path, job(1).id) / KEPT
    kept.mkdir()
    clear_away(tmp_path, job(1), state)
    assert not kept.exists()


def test_an_archive_holds_every_file_as_it_is(tmp_path: Path) -> None:
    contents = {"a.bin": bytes(range(256)) * 5000, "empty.txt": b"", "über.csv": b"x,y\n"}
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    pieces = list(archived({name: tmp_path / name for name in contents}))
    assert len(pieces) > 2
    with zipfile.ZipFile(io.BytesIO(b"".join(pieces))) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == contents
