"""One file, one transaction: what the disk or another process does in between changes nothing."""

from __future__ import annotations

import errno
import os
import threading
from pathlib import Path

import pytest
from sqlalchemy import event

from forgecast.ground.errors import PlantError
from forgecast.ground.finding import Finding, Place, Severity
from forgecast.ground.texts import bilingual, text
from forgecast.store.importing import Source
from forgecast.store.plant_folder import PlantFolder

JANUARY = 1_735_689_600_000_000
#: Where the name behind a file handle can be asked; elsewhere the test sees the order of renaming and commit only.
PROC = Path("/proc/self/fd").is_dir()
HEAT = {"id": "H1", "tapped_at": JANUARY, "furnace": "F1", "alloy": "QT450"}


def _state(plant: PlantFolder):
    return (
        plant.records.read("heat"), plant.records.findings(), plant.records.imports(),
        plant.telemetry.files("raw"), plant.telemetry.files("hourly"), sorted(plant.path.rglob("*.parquet")),
    )  # fmt: skip


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES, errno.EIO])
@pytest.mark.parametrize("step", [(name, at) for name in ("replace", "fsync") for at in range(4)])
def test_whatever_the_disk_refuses_nothing_is_in(plant, put, heats, readings, monkeypatch, number, step):
    put(plant, heats(HEAT), readings("a", (JANUARY, 1.0)))
    before = _state(plant)
    calls = []
    name, at = step
    real = getattr(os, name)

    def failing(*args, **more):
        calls.append(args)
        if len(calls) == at + 1:
            raise OSError(number, os.strerror(number))
        return real(*args, **more)

    with monkeypatch.context() as broken:
        broken.setattr(os, name, failing)
        with pytest.raises(PlantError) as caught:
            put(
                plant,
                heats(HEAT | {"furnace": "F2"}),
                readings("a", (JANUARY, 2.0), (JANUARY + 40 * 86_400_000_000, 1)),
            )
    assert len(calls) == at + 1
    assert caught.value.repair.say("en")
    assert caught.value.exit_code == 2
    assert _state(plant) == before
    assert not list(plant.path.rglob("_part*"))


def test_an_error_of_the_caller_takes_everything_back(plant, put, heats, readings):
    put(plant, heats(HEAT), readings("a", (JANUARY, 1.0)))
    before = _state(plant)

    def import_and_stumble():
        with plant.importing(Source("x.csv", "x.csv", "0" * 64, 1)) as entry:
            entry.put_rows(heats(HEAT | {"furnace": "F2"}))
            entry.put_readings([readings("a", (JANUARY, 5.0))])
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_and_stumble()
    assert _state(plant) == before


def test_files_reach_the_disk_before_the_commit_that_names_them(plant, put, readings, monkeypatch):
    steps: list[tuple[str, str]] = []
    fsync, replace = os.fsync, os.replace
    names: dict[int, str] = {}
    real_open = os.open

    def opening(path, *args, **more):
        handle = real_open(path, *args, **more)
        names[handle] = str(path)
        return handle

    def forcing(handle):
        place = names.get(handle) or str(Path(f"/proc/self/fd/{handle}").readlink()) if PROC else "?"
        steps.append(("fsync", Path(place).name))
        return fsync(handle)

    def renaming(old, new):
        steps.append(("rename", Path(new).name))
        return replace(old, new)

    monkeypatch.setattr(os, "open", opening)
    monkeypatch.setattr(os, "fsync", forcing)
    monkeypatch.setattr(os, "replace", renaming)
    event.listen(plant._database, "commit", lambda _connection: steps.append(("commit", "")))
    put(plant, readings("a", (JANUARY, 1.0)))
    commit = len(steps) - 1 - [kind for kind, _ in reversed(steps)].index("commit")
    files = [(plant.path / file.path).name for level in ("raw", "hourly") for file in plant.telemetry.files(level)]
    assert len(files) == 2
    for name in files:
        renamed = steps.index(("rename", name))
        assert renamed < commit
        if PROC:
            forced = steps.index(("fsync", f"_part-{name}"))
            folder = max(i for i, step in enumerate(steps[:commit]) if step == ("fsync", "month=2025-01"))
            assert forced < renamed < folder < commit
            assert ("fsync", "telemetry") in steps[:commit]


def test_a_second_writer_is_told_that_the_plant_is_busy(folder, heats):
    with PlantFolder.open(folder) as one, PlantFolder.open(folder, busy_timeout_s=0.05) as two:
        with one.importing(Source("a", "a", "a", 1)) as entry:
            entry.put_rows(heats(HEAT))
            with pytest.raises(PlantError, match="another import is writing"), two.importing(Source("b", "b", "b", 1)):
                pass
            assert two.records.read("heat") == ()  # readers go on, and see what was committed
        assert len(two.records.read("heat")) == 1


def test_two_imports_at_once_wait_for_each_other(folder, heats, readings):
    def work(number):
        with PlantFolder.open(folder) as plant:
            source = Source(f"{number}.csv", f"{number}.csv", str(number), 1)
            with plant.importing(source) as entry:
                entry.put_rows(heats(HEAT | {"id": f"H{number}"}))
                entry.put_readings([readings("a", (JANUARY + number, float(number)))])

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with PlantFolder.open(folder) as plant:
        assert plant.records.count("heat") == 4
        assert plant.telemetry.series("a").value.tolist() == [0.0, 1.0, 2.0, 3.0]


def test_findings_come_back_in_both_languages(plant):
    finding = Finding(
        "decimal-slip",
        Severity.DOUBTFUL,
        Place("炉次.csv", 14, 15, "出炉温度"),
        "14800",
        text("the value is {value}; {why}", value=14800.0, why=bilingual("too hot", "过热")),
        bilingual("divide by ten", "除以十"),
        2,
    )
    with plant.importing(Source("炉次.csv", "炉次.csv", "1", 1)) as entry:
        entry.put_findings([finding], rows_refused=3)
    assert plant.records.findings() == (finding,)
    assert plant.records.imports()[0].counts["rows_refused"] == 3


def test_findings_of_a_file_that_was_corrected_are_settled(plant, heats):
    def bring(content, rows, path="heats.csv", findings=1):
        with plant.importing(Source("heats.csv", path, content, 1)) as entry:
            entry.put_rows(heats(*rows))
            note = Finding("doubt", Severity.DOUBTFUL, Place("heats.csv", 3), content, text("a"), text("b"))
            entry.put_findings([note] * findings)

    two = [HEAT, HEAT | {"id": "H2"}]
    bring("first", two)
    bring("elsewhere", [HEAT | {"id": "H9"}], path="other/heats.csv")
    bring("corrected", [HEAT | {"furnace": "F2"}, *two[1:], HEAT | {"id": "H3"}], findings=0)
    assert [f.value for f in plant.records.findings() if f.code == "doubt"] == ["elsewhere"]
    # The next month under the same name says nothing about the rows that are there: their findings stay.
    bring("next month", [HEAT | {"id": "H4"}])
    bring("month after", [HEAT | {"id": "H5"}], findings=0)
    assert [f.value for f in plant.records.findings() if f.code == "doubt"] == ["elsewhere", "next month"]


def test_what_was_taken_in_is_known_again_by_its_bytes_and_its_map(plant):
    with plant.importing(Source("a.csv", "a.csv", "bytes", 1, "map")):
        pass
    assert plant.imported_before("bytes", "map") == 1
    assert plant.imported_before("bytes", "other map") is None
    assert plant.imported_before("bytes") is None
