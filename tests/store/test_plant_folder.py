from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from forgecast.ground.errors import PlantError
from forgecast.store import plant_folder
from forgecast.store.plant_folder import PlantFolder
from forgecast.store.settings import PlantSettings

SETTINGS = PlantSettings("p1", "一号厂")


def test_a_new_plant_holds_what_it_needs_and_nothing_else(folder):
    assert sorted(path.name for path in folder.iterdir()) == ["plant.toml", "records.sqlite", "telemetry"]
    with PlantFolder.open(folder) as plant:
        assert plant.settings == SETTINGS
        assert plant.records.filled() == frozenset()
        assert plant.telemetry.tags() == ()


def test_an_empty_folder_may_become_a_plant(tmp_path):
    (tmp_path / "plant").mkdir()
    PlantFolder.create(tmp_path / "plant", SETTINGS).close()
    assert (tmp_path / "plant" / "plant.toml").is_file()


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_what_is_there_is_never_written_over(tmp_path, kind):
    place = tmp_path / "plant"
    if kind == "file":
        place.write_text("mine")
    else:
        place.mkdir()
        (place / "mine.txt").write_text("mine")
    before = sorted(path.name for path in tmp_path.rglob("*"))
    with pytest.raises(PlantError, match="something here already"):
        PlantFolder.create(place, SETTINGS)
    assert sorted(path.name for path in tmp_path.rglob("*")) == before


@pytest.mark.parametrize("step", ["bring_up_to_date", "sync_folder"])
def test_a_creation_that_breaks_leaves_nothing(tmp_path, monkeypatch, step):
    def broken(*_args, **_more):
        raise OSError(28, "No space left on device", "records.sqlite")

    monkeypatch.setattr(plant_folder, step, broken)
    with pytest.raises(PlantError, match="disk is full"):
        PlantFolder.create(tmp_path / "plant", SETTINGS)
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_setting_makes_no_folder(tmp_path):
    with pytest.raises(PlantError, match="plant id"):
        PlantFolder.create(tmp_path / "plant", PlantSettings("two words", "x"))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_without_settings_is_no_plant(tmp_path):
    with pytest.raises(PlantError, match="no plant folder"):
        PlantFolder.open(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_missing_records_are_not_replaced_by_empty_ones(folder):
    (folder / "records.sqlite").unlink()
    with pytest.raises(PlantError, match="records of this plant are missing"):
        PlantFolder.open(folder)
    assert not (folder / "records.sqlite").exists()


def test_damaged_records_are_named(folder):
    (folder / "records.sqlite").write_bytes(b"this was a database once" * 100)
    with pytest.raises(PlantError, match="damaged"):
        PlantFolder.open(folder)


def test_records_of_a_newer_forgecast_are_refused(folder):
    with closing(sqlite3.connect(folder / "records.sqlite")) as database:
        database.execute("update alembic_version set version_num = '9999'")
        database.commit()
    with pytest.raises(PlantError, match="of version 9999"):
        PlantFolder.open(folder)


@pytest.mark.parametrize("url", ["mysql://u@h/d", "postgresql+nodriver://u@h/d", "what://"])
def test_a_database_that_cannot_be_used_is_named(folder, url):
    toml = folder / "plant.toml"
    toml.write_text(toml.read_text("utf-8").replace('"records.sqlite"', f'"{url}"'), "utf-8")
    with pytest.raises(PlantError, match="cannot be used"):
        PlantFolder.open(folder)


def test_a_password_is_not_shown(folder):
    toml = folder / "plant.toml"
    toml.write_text(toml.read_text("utf-8").replace('"records.sqlite"', '"mysql://u:secret@h/d"'), "utf-8")
    with pytest.raises(PlantError) as caught:
        PlantFolder.open(folder)
    assert "secret" not in caught.value.say("en")


def test_the_database_is_durable_and_lets_readers_read(plant):
    with plant._database.connect() as connection:
        assert connection.exec_driver_sql("pragma journal_mode").scalar_one() == "wal"
        assert connection.exec_driver_sql("pragma synchronous").scalar_one() == 2


def test_a_plant_may_be_moved(folder, tmp_path, put, readings):
    with PlantFolder.open(folder) as plant:
        put(plant, readings("a", (0, 1.0)))
    moved = folder.rename(tmp_path / "elsewhere 别处")
    with PlantFolder.open(Path(moved)) as plant:
        assert plant.telemetry.series("a").value.tolist() == [1.0]
