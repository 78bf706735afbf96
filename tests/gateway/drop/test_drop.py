"""A watched folder: half-written files wait, whole ones are taken once, refused ones keep their reasons beside them."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from forgecast.gateway.case_file import read_case
from forgecast.gateway.drop.settings import DropSettings, read_drop
from forgecast.gateway.drop.watch import Taken, Watch, put_away, run_drop
from forgecast.gateway.feed import FeedState
from forgecast.ground.finding import Finding
from forgecast.ground.texts import text
from tests.gateway.collecting import until


def settings(folder: Path, **more: object) -> DropSettings:
    given = {"name": "lab", "folder": folder / "in", "pattern": "*.csv", "map": None, "settle_s": 5.0, "mark": ""}
    (folder / "in").mkdir(exist_ok=True)
    return DropSettings(**(given | more), at="")  # type: ignore[arg-type]


def test_settings_are_meant_from_the_folder_of_the_file(tmp_path):
    (tmp_path / "i.toml").write_text('[[drop]]\nname = "lab"\nfolder = "in"\nmap = "maps/lab.toml"\n', "utf-8")
    (found,) = [read_drop(t) for t in read_case(tmp_path / "i.toml").tables("drop")]
    assert (found.folder, found.map, found.settle_s, found.pattern) == (
        tmp_path / "in", tmp_path / "maps/lab.toml", 5.0, "*",
    )  # fmt: skip


def test_a_file_counts_as_whole_when_it_has_stayed_as_it_is(tmp_path):
    now = 0.0
    watch = Watch(settings(tmp_path), lambda: now)
    path = tmp_path / "in" / "a.csv"
    path.write_text("1", "utf-8")
    for name in ("b.csv.tmp", ".c.csv", "~$d.csv", "e.txt"):
        (tmp_path / "in" / name).write_text("1", "utf-8")
    assert watch.whole() == []
    now = 4.0
    path.write_text("12", "utf-8")  # somebody still writes it
    assert watch.whole() == []
    now = 8.9
    assert watch.whole() == []
    now = 9.0
    assert watch.whole() == [path]
    os.utime(path, (1, 1))
    assert watch.whole() == []


def test_a_mark_says_that_a_file_is_whole(tmp_path):
    watch = Watch(settings(tmp_path, mark=".done"), lambda: 0.0)
    old, new = tmp_path / "in" / "z.csv", tmp_path / "in" / "a.csv"
    for age, path in ((1, old), (2, new)):
        path.write_text("1", "utf-8")
        os.utime(path, (age, age))
    assert watch.whole() == []
    for path in (old, new):
        path.with_name(path.name + ".done").touch()
    assert watch.whole() == [old, new]  # oldest first


def test_a_file_is_put_away_without_replacing_another(tmp_path):
    for expected in ("a.csv", "a (2).csv", "a (3).csv"):
        path = tmp_path / "a.csv"
        path.write_text(expected, "utf-8")
        (tmp_path / "a.csv.done").touch()
        place = put_away(path, "taken", [text("row 3 is doubtful")], ".done")
        assert place == tmp_path / "taken" / expected
        assert place.read_text("utf-8") == expected
        assert "row 3" in place.with_name(place.name + ".findings.txt").read_text("utf-8")
        assert not path.exists()
        assert not (tmp_path / "a.csv.done").exists()


def test_good_and_bad_files_and_a_busy_plant(tmp_path):
    async def go():
        chosen, told, state = settings(tmp_path, settle_s=0.05), list[Finding](), FeedState()
        calls: list[str] = []

        async def take(path: Path) -> Taken | None:
            calls.append(path.name)
            if calls.count(path.name) == 1 and path.name == "busy.csv":
                return None
            if path.name == "bad.csv":
                return Taken(accepted=False, notes=(text("no header"),))
            return Taken(accepted=True, rows=2)

        stop = asyncio.Event()
        work = asyncio.create_task(run_drop(chosen, take, state, told.append, stop))
        for name in ("good.csv", "bad.csv", "busy.csv"):
            (chosen.folder / name).write_text(name, "utf-8")
        await until(lambda: state.batches == 3)
        stop.set()
        await work
        assert sorted(calls) == ["bad.csv", "busy.csv", "busy.csv", "good.csv"]
        assert {p.name for p in (chosen.folder / "taken").iterdir()} == {"good.csv", "busy.csv"}
        assert {p.name for p in (chosen.folder / "refused").iterdir()} == {"bad.csv", "bad.csv.findings.txt"}
        assert [f.code for f in told] == ["file-refused"]
        assert state.rows == 4

    asyncio.run(go())


def test_a_file_refused_while_somebody_writes_it_is_tried_again(tmp_path):
    async def go():
        chosen, state = settings(tmp_path, settle_s=0.05), FeedState()
        path = chosen.folder / "a.csv"
        path.write_text("half", "utf-8")
        calls = 0

        async def take(found: Path) -> Taken | None:
            nonlocal calls
            calls += 1
            if calls == 1:
                found.write_text("half and half", "utf-8")
                return Taken(accepted=False, notes=(text("cut off"),))
            return Taken(accepted=True)

        stop = asyncio.Event()
        work = asyncio.create_task(run_drop(chosen, take, state, lambda _f: None, stop))
        await until(lambda: state.batches == 1)
        stop.set()
        await work
        assert (chosen.folder / "taken" / "a.csv").read_text("utf-8") == "half and half"

    asyncio.run(go())
