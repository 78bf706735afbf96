"""A map proposed, completed by what a person says, and tried without a plant."""

from __future__ import annotations

from pathlib import Path

import pytest

from forgecast.gateway.read_map import read_map
from forgecast.ground.errors import ForgecastError
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.import_files import import_files
from forgecast.tasks.new_plant import new_plant
from forgecast.tasks.propose_map import propose_map, try_map

BOOK = "炉次,出铁时间,出铁量,出炉温度(℃),判定\n" + "".join(
    f"3-{i:03d},2025-03-01 {8 + i // 6:02d}:{i % 6}5,{1.2 + i / 100:.2f},{1480 + i},{'AB'[i % 2]}\n" for i in range(12)
)


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "熔炼记录2025.csv"
    path.write_text(BOOK, encoding="utf-8")
    return path


def test_what_only_a_person_can_say_is_asked_for(book: Path) -> None:
    made = propose_map(book)
    said = [line.say("en") for line in made.to_do]
    assert any("every row needs `furnace`" in line for line in said)
    assert any("no unit is told for 出铁量; plausible are kg / t" in line or "plausible are t" in line for line in said)
    trial = try_map(book, made.map_text)
    assert trial.error is not None
    assert "furnace" in trial.error.say("en")


def test_a_map_completed_from_outside_goes_in_as_the_trial_says(book: Path, tmp_path: Path) -> None:
    made = propose_map(book, constants={"furnace": "IF1"}, units={"出铁量": "t"})
    assert made.tables[0].missing == ()
    trial = try_map(book, made.map_text)
    assert (dict(trial.rows), trial.refused, trial.cells, trial.error) == ({"heat": 12}, 0, 0, None)
    target = tmp_path / "book.toml"
    target.write_text(made.map_text, encoding="utf-8")
    assert read_map(target).for_file("熔炼记录2026.csv"), "the pattern fits next year's file too"
    new_plant(tmp_path / "plant", name="P")
    with PlantFolder.open(tmp_path / "plant") as plant:
        (report,) = import_files(plant, [book], map_path=target).files
        assert [(fed.name, fed.new) for fed in report.fed] == [("heat", 12)]
        (row,) = plant.records.read("heat", id="3-000")
    assert (row["mass"], row["furnace"], row["tap_temperature_degC"]) == (1200.0, "IF1", 1480.0)


def test_a_trial_counts_what_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "heat.csv"
    rows = "".join(f"H{i},2025-03-01 08:0{i},F1,900\n" for i in range(8))
    path.write_text(f"id,tapped_at,furnace,mass (kg)\n{rows},2025-03-01 09:00,F1,900\nH9,2025-03-01 09:10,F1,much\n")
    trial = try_map(path, propose_map(path).map_text)
    assert (dict(trial.rows), trial.refused, trial.cells) == ({"heat": 9}, 1, 1)
    assert {finding.code for finding in trial.findings} >= {"missing-required", "not-a-number"}


def test_a_column_may_be_told(tmp_path: Path) -> None:
    path = tmp_path / "heat.csv"
    rows = "".join(f"H{i},2025-03-01 08:0{i},F1,{900 + i},{20 + i}\n" for i in range(8))
    path.write_text(f"id,tapped_at,furnace,m1 (kg),m2 (kg)\n{rows}")
    before = {c.key: c.chosen for c in propose_map(path).tables[0].columns}
    assert before["m1 (kg)"] is None
    made = propose_map(path, columns={"m1 (kg)": "出炉质量"})
    (column,) = [c for c in made.tables[0].columns if c.key == "m1 (kg)"]
    assert column.chosen is not None
    assert (column.chosen.field, column.unit, column.is_taken) == ("mass", "kg", True)
    path.write_text(f"id,tapped_at,furnace,mass (kg),m2 (kg)\n{rows}")
    told = {c.key: c.chosen for c in propose_map(path, columns={"m2 (kg)": "mass"}).tables[0].columns}
    assert told["mass (kg)"] is None, "a field is fed by one column only"
    moved = propose_map(path, columns={"tapped_at": "started_at"})
    assert moved.tables[0].missing == ("tapped_at",), "a column feeds one field only"


@pytest.mark.parametrize(
    ("asked", "where", "word"),
    [
        ({"record_name": "heats"}, "", "no record named heats"),
        ({"constants": {"furnase": "F"}}, "--set", "has no field furnase"),
        ({"units": {"出铁": "t"}}, "--unit", "no column is headed"),
        ({"units": {"出铁量": "kWh"}}, "", "no unit of mass"),
        ({"units": {"炉次": "kg"}}, "--unit", "has no unit"),
        ({"columns": {"出铁量": "mas"}}, "", "has no field mas"),
        ({"columns": {"x": "mass"}}, "--column", "no column is headed"),
    ],
)
def test_what_does_not_fit_is_refused(book: Path, asked: dict[str, object], where: str, word: str) -> None:
    with pytest.raises(ForgecastError) as caught:
        propose_map(book, **asked)  # type: ignore[arg-type]
    assert caught.value.where == where
    assert word in caught.value.say("en")


def test_the_json_has_everything_a_page_needs(book: Path) -> None:
    answer = propose_map(book).as_json()
    (table,) = answer["tables"]
    assert table["record"] == "heat"
    assert table["missing"] == ["furnace"]
    by_column = {column["column"]: column for column in table["columns"]}
    assert by_column["出炉温度(℃)"]["field"] == "tap_temperature_degC"
    assert by_column["出炉温度(℃)"]["confidence"] == "sure"
    assert by_column["出铁量"]["unit"] is None
    assert by_column["出铁量"]["taken"] is False
    assert "t" in by_column["出铁量"]["units"]
    assert str(answer["map"]).startswith("# ")
