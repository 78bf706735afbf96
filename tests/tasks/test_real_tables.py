"""Real tables through the same tasks that the doors call: imported once, checked, and explained by a proposed map."""

from __future__ import annotations

import tomllib
from collections import Counter
from pathlib import Path

import pytest

from forgecast.gateway.file import take
from forgecast.gateway.propose.proposal import Confidence
from forgecast.gateway.read_map import map_from, read_map
from forgecast.plant.rows import RecordRows
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.check_dimensions import check_dimensions
from forgecast.tasks.import_files import Fed, import_files
from forgecast.tasks.new_plant import new_plant
from forgecast.tasks.propose_map import propose_map, try_map

pytestmark = pytest.mark.real_data


@pytest.fixture
def sheet(shared: Path) -> Path:
    return shared / "data" / "forge-afrc-cmm" / "CMMData.xlsx"


@pytest.fixture(scope="module")
def shots(shared: Path) -> Path:
    return shared / "data" / "hpdc-kamp" / "shots_labelled.csv.gz"


def test_exactly_nine_values_of_the_shafts_are_out_of_tolerance(tmp_path: Path, root: Path, sheet: Path) -> None:
    new_plant(tmp_path / "plant", name="P")
    with PlantFolder.open(tmp_path / "plant") as plant:
        import_files(plant, [sheet], map_path=root / "examples" / "maps" / "afrc_cmm.toml")
        check = check_dimensions(plant, product="AFRC-shaft")
    assert Counter(one.name for one in check.outliers) == {"Top2": 3, "Top4": 6}
    assert {one.word for one in check.outliers} == {"not met"}
    assert check.not_met == 9
    assert sum(dimension.measured for dimension in check.dimensions) == 87 * 16
    assert {d.name: (d.not_met, d.not_known) for d in check.dimensions if d.not_met or d.not_known} == {
        "Top2": (3, 0), "Top4": (6, 0),
    }  # fmt: skip


def test_a_proposed_map_of_the_shafts_needs_only_what_the_sheet_does_not_tell(sheet: Path) -> None:
    made = propose_map(sheet, columns={"#3": "piece", "#4": "sequence"}, constants={"product": "AFRC-shaft"})
    (table,) = made.tables
    assert table.wide is not None
    assert (table.wide.nominal, table.wide.upper, table.wide.lower, table.wide.deviation) == (2, 3, 4, True)
    assert table.day_first is True
    assert [column.odd for column in table.columns if column.odd] == [("Blank",)]
    trial = try_map(sheet, made.map_text)
    assert dict(trial.rows) == {"characteristic": 16, "measurement": 88 * 16}
    assert (trial.refused, trial.cells) == (0, 0)


@pytest.mark.slow
def test_the_shots_are_taken_once_and_no_shot_twice(tmp_path: Path, root: Path, shots: Path) -> None:
    maps = root / "examples" / "maps" / "hpdc_kamp.toml"
    new_plant(tmp_path / "plant", name="P", zone_name="Asia/Seoul")
    with PlantFolder.open(tmp_path / "plant") as plant:
        (first,) = import_files(plant, [shots], map_path=maps).files
        assert [(fed.name, fed.new, fed.changed, fed.same) for fed in first.fed] == [("shot", 90_177, 0, 0)]
        (second,) = import_files(plant, [shots], map_path=maps).files
        assert second.already_in
        (third,) = import_files(plant, [shots], map_path=maps, again=True).files
        assert third.fed == (Fed("shot", 0, 0, 90_177, first.fed[0].refused),)
        assert plant.records.count("shot") == 90_177


@pytest.mark.slow
def test_a_proposed_map_takes_the_same_shots_as_the_shipped_one(root: Path, shots: Path) -> None:
    """For the columns it is sure of: the same rows, value by value; and it finds -1 and 65534 by itself."""
    made = propose_map(shots)
    (table,) = made.tables
    assert table.record == "shot"
    found = {column.key: [value for value, _ in column.stand_ins] for column in table.columns if column.stand_ins}
    assert found == {"molten_volume": [-1.0], "low_section_speed": [65534.0]}
    shipped = read_map(root / "examples" / "maps" / "hpdc_kamp.toml").files[0]
    by_header = {column.header: column.field for column in shipped.columns}
    sure = {c.key: c.chosen.field for c in table.columns if c.chosen is not None and c.confidence is Confidence.SURE}
    assert {header: by_header[header] for header in sure} == sure, "no column is called sure and wrong"
    assert len(sure) >= 20
    ours = _taken(shots, made.map_text)
    theirs = take(shots, map=shipped, zone="Asia/Shanghai").rows[0]
    assert len(ours) == len(theirs) == 90_177
    compared = [name for name in ours.columns if name in sure.values() and name != "shot_at"]
    assert {"id", "die", "running", "locking_force", "number_of_day"} <= set(compared)
    for name in compared:
        assert ours.columns[name] == theirs.columns[name], name
    # without a zone in the map a stamp is in the plant's, which is an hour behind Korea's
    hour = 3_600_000_000
    assert [at - hour for at in _times(ours)] == _times(theirs)


def test_units_given_to_a_proposed_map_take_the_quantities_too(tmp_path: Path, shots: Path) -> None:
    import gzip

    head = tmp_path / "shots_labelled.csv"
    with gzip.open(shots, "rt", encoding="utf-8") as whole:
        head.write_text("".join(line for line, _ in zip(whole, range(2001), strict=False)), encoding="utf-8")
    made = propose_map(head, units={"molten_temp": "°C", "biscuit_thickness": "mm"})
    rows = _taken(head, made.map_text)
    assert len(rows) == 2000
    assert {"melt_temperature_degC", "biscuit_mm"} <= set(rows.columns)
    assert "slow_speed_mm_s" not in rows.columns, "a unit that nobody told is not guessed"


def test_a_year_of_quarter_hours_is_seen_to_be_readings(shared: Path) -> None:
    (table,) = propose_map(shared / "data" / "steel-energy-15min" / "steel_industry_2018.csv.gz").tables
    assert table.record == "series"
    assert table.day_first is True
    units = {column.key: column.unit for column in table.columns if str(column.role) == "tag"}
    assert units["Usage_kWh"] == "kWh"
    assert units["Lagging_Current_Power_Factor"] is None


def _taken(path: Path, map_text: str) -> RecordRows:
    (entry,) = map_from(tomllib.loads(map_text), "m").for_file(path.name)
    (rows,) = take(path, map=entry, zone="Asia/Shanghai").rows
    return rows


def _times(rows: RecordRows) -> list[int]:
    return [at for at in rows.columns["shot_at"] if isinstance(at, int)]
