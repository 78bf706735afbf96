"""`forgecast plant compact` and `keep`: what a person sees, in both languages, and what stays."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from forgecast.app.cli.main import main
from forgecast.ground.dates import DAY_US, MINUTE_US
from forgecast.signals.reading import Readings
from forgecast.store.importing import Source
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.new_plant import new_plant

START = 1_735_689_600_000_000  # 2025-01-01T00:00Z
RULE = '\n[[telemetry.keep]]\ntags = ["VIB-*"]\nraw_days = 30\nmeans_minutes = 10\n'


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("COLUMNS", "140")
    made: Path = tmp_path / "plant"
    new_plant(made, name="Plant")
    with PlantFolder.open(made) as plant:
        for day in range(3):
            t = START + day * DAY_US + np.arange(100) * MINUTE_US
            flag = np.zeros(t.size, np.int8)
            with plant.importing(Source(f"{day}", f"{day}", f"{day}", 1)) as entry:
                entry.put_readings([Readings(tag, t, np.arange(100.0), flag) for tag in ("VIB-1", "T-1")])
    return made


@pytest.fixture
def call(capsys, folder):
    def called(name: str, *words: str) -> str:
        with pytest.raises(SystemExit) as left:
            main(["plant", name, str(folder), *words])
        assert left.value.code == 0
        return str(capsys.readouterr().out)

    return called


def _rows(folder: Path) -> dict[str, int]:
    with PlantFolder.open(folder) as plant:
        return {tag: span.rows for tag, span in plant.telemetry.spans().items()}


def test_small_files_are_put_together(call, folder):
    told = json.loads(call("compact", "--json", "--by", "王工"))
    assert (told["periods"], told["files_before"], told["files_after"]) == (["2025-01"], 3, 1)
    assert call("compact") == "There is nothing to put together.\n"
    assert _rows(folder) == {"T-1": 300, "VIB-1": 300}


def test_without_rules_it_says_how_one_is_written(call):
    assert "every reading is kept" in call("keep", "--apply")


def test_looking_changes_nothing_and_applying_does(call, folder):
    with (folder / "plant.toml").open("a", encoding="utf-8") as file:
        file.write(RULE)
    shown = call("keep")
    assert "300 readings would go" in shown
    assert "hours, means of 10 min" in shown
    assert _rows(folder) == {"T-1": 300, "VIB-1": 300}
    told = json.loads(call("keep", "--apply", "--json"))
    assert (told["applied"], told["readings"]) == (True, 300)
    assert told["stretches"][0]["tags"] == {"VIB-1": {"raw_days": 30, "means_minutes": 10}}
    assert _rows(folder) == {"T-1": 300}
    assert call("keep") == "No reading is older than its rule keeps it.\n"


def test_readings_that_close_an_interval_count_to_the_window_before(call, folder):
    with (folder / "plant.toml").open("a", encoding="utf-8") as file:
        file.write(RULE)
    tags = folder.parent / "tag.csv"
    tags.write_text("id,measures,unit,reading\nVIB-1,vibration,mm/s,mean\n", encoding="utf-8")
    with pytest.raises(SystemExit) as left:
        main(["plant", "import", str(folder), str(tags)])
    assert left.value.code == 0
    call("keep", "--apply")
    with PlantFolder.open(folder) as plant:
        means = plant.telemetry.means()
    assert means.start[0] == START - 10 * MINUTE_US
    assert means.n[:2].tolist() == [1, 10]
