"""The defects that each data README states are found, and counted as it counts them."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from forgecast.gateway.file import Taken, take
from forgecast.gateway.read_map import read_map
from forgecast.ground.dates import to_us
from tests.gateway.writing import NOW, told

pytestmark = pytest.mark.real_data


def take_with(root: Path, path: Path, name: str) -> Taken:
    (entry,) = read_map(root / "examples" / "maps" / f"{name}.toml").for_file(path.name)
    return take(path, map=entry, zone="Asia/Shanghai", now=NOW)


@pytest.fixture(scope="module")
def steel(root: Path, shared: Path) -> Taken:
    return take_with(root, shared / "data" / "steel-energy-15min" / "steel_industry_2018.csv.gz", "steel_energy")


@pytest.fixture(scope="module")
def shots(root: Path, shared: Path) -> Taken:
    return take_with(root, shared / "data" / "hpdc-kamp" / "shots_labelled.csv.gz", "hpdc_kamp")


@pytest.fixture(scope="module")
def turbine(root: Path, shared: Path) -> Taken:
    return take_with(root, shared / "data" / "cems-gas-turbine" / "gas_turbine_co_nox_2011_2015.csv.gz", "gas_turbine")


def test_steel_midnights(steel: Taken) -> None:
    """Parsed as written, 365 steps jump back; mended, the series is a gap-free year of quarter hours."""
    assert told(steel, "midnight-of-same-day") == [("doubtful", "date", 365, 97, 35041)]
    assert len(steel.readings) == 4
    for readings in steel.readings:
        assert len(readings) == 35040
        assert set(np.diff(readings.t).tolist()) == {15 * 60 * 1_000_000}


def test_steel_has_no_other_defect(steel: Taken) -> None:
    assert [(f.code, str(f.severity)) for f in steel.findings] == [
        ("midnight-of-same-day", "doubtful"), ("mixed-date-formats", "note"),
    ]  # fmt: skip


def test_steel_energy_is_that_of_the_readme(steel: Taken) -> None:
    energy = next(r for r in steel.readings if r.tag == "E-MAIN")
    # the README gives the mean to three decimals and the maximum to two
    assert energy.value.mean() == pytest.approx(27.387, abs=5e-4)
    assert energy.value.max() == pytest.approx(157.18, abs=5e-3)
    assert (energy.value == 0).sum() == 1


@pytest.mark.parametrize(
    ("column", "codes", "count"),
    [
        ("molten_volume", ("sentinel-value",), 44_995),  # 49.9 % of 90,177
        ("low_section_speed", ("sentinel-value",), 1),  # 65534
        ("lower_mold_temp2", ("decimal-slip",), 4),  # 1449
        ("sleeve_temperature", ("decimal-slip", "out-of-range"), 3),  # > 900
        ("molten_temp", ("decimal-slip", "out-of-range"), 21),  # < 200
        ("physical_strength", ("out-of-range",), 14),  # 0
        ("biscuit_thickness", ("decimal-slip",), 193),  # > 150
        ("registration_time", ("duplicate-time",), 289),
    ],
)
def test_shots(shots: Taken, column: str, codes: tuple[str, ...], count: int) -> None:
    found = [f for f in shots.findings if f.place.column == column and f.code in codes]
    assert sum(f.count for f in found) == count
    assert {f.code for f in found} == set(codes)


def test_shots_have_no_defect_beside_those_and_three_that_the_readme_leaves_out(shots: Taken) -> None:
    """Volumes of 0 and 2767 cm3 and a biscuit of 0 mm lie outside the plausible range of the record too."""
    stated = 44_995 + 1 + 4 + 3 + 21 + 14 + 193 + 289
    volume = [
        (f.code, f.count) for f in shots.findings if f.place.column == "molten_volume" and f.severity == "refused"
    ]
    biscuit = told(shots, "out-of-range")
    assert sorted(volume) == [("decimal-slip", 2), ("out-of-range", 376)]
    assert ("refused", "biscuit_thickness", 1, 89518, 89518) in biscuit
    assert sum(f.count for f in shots.findings) == stated + 2 + 376 + 1


def test_shots_are_all_taken(shots: Taken) -> None:
    (rows,) = shots.rows
    assert len(rows) == 90_177
    trial = np.array(rows.columns["trial"], dtype=bool)
    reject = np.array([word == "reject" for word in rows.columns["result"]])
    assert trial.sum() == 1_894
    assert reject[trial].all(), "all try shots are labelled reject"
    part = np.array(rows.columns["data_part"])
    # the README gives the shares as 2.8 % and 0.35 %
    assert reject[~trial & (part == "a")].mean() == pytest.approx(0.028, abs=5e-4)
    assert reject[~trial & (part == "b")].mean() == pytest.approx(0.0035, abs=5e-5)


def test_shots_stop_and_lack_values_as_the_readme_says(shots: Taken) -> None:
    (rows,) = shots.rows
    at = np.sort(np.array(rows.columns["shot_at"], dtype=np.int64))
    assert (np.diff(at) > 8 * 3600 * 1_000_000).sum() == 11, "stops longer than eight hours"
    unmeasured = sum(f.count for f in shots.findings if f.place.column == "molten_volume" and f.value == "-1")
    # the README gives the share to a tenth of a per cent
    assert 100 * unmeasured / len(rows) == pytest.approx(49.9, abs=0.05)
    assert len(set(rows.columns["id"])) == len(rows), "every shot can be traced by its number"


@pytest.fixture(scope="module")
def shafts(root: Path, shared: Path) -> Taken:
    return take_with(root, shared / "data" / "forge-afrc-cmm" / "CMMData.xlsx", "afrc_cmm")


def test_shafts_are_all_taken_but_the_blank(shafts: Taken) -> None:
    described, measured = shafts.rows
    assert (described.record, len(described)) == ("characteristic", 16)
    assert (measured.record, len(measured)) == ("measurement", 87 * 16)
    assert "Blank" not in measured.columns["piece"]
    assert [(f.code, str(f.severity), f.place.row, f.count) for f in shafts.findings] == [
        ("rows-left-out", "note", 92, 1)
    ], "nothing is refused, and the blank is told"


def test_every_number_of_the_shafts_is_that_of_the_tidy_table(root: Path, shared: Path) -> None:
    """All 1,408 numbers, the blank's too, and the limits that were read from the unlabelled rows."""
    folder = shared / "data" / "forge-afrc-cmm"
    (entry,) = read_map(root / "examples" / "maps" / "afrc_cmm.toml").for_file("CMMData.xlsx")
    described, measured = take(folder / "CMMData.xlsx", map=replace(entry, leave_out={}), zone="UTC", now=NOW).rows
    with (folder / "cmm_tidy.csv").open(encoding="utf-8") as file:
        tidy = list(csv.DictReader(file))
    assert len(tidy) == len(measured) == 1408
    london = ZoneInfo("Europe/London")
    ours = {
        (str(piece), str(name)): (value, sequence, at)
        for piece, name, value, sequence, at in zip(
            *(measured.columns[n] for n in ("piece", "characteristic", "value", "sequence", "measured_at")), strict=True
        )
    }
    limits = {
        str(name): (nominal, lower, upper)
        for name, nominal, lower, upper in zip(
            *(described.columns[n] for n in ("name", "nominal", "lower", "upper")), strict=True
        )
    }
    for row in tidy:
        moment = datetime.strptime(f"{row['date_dmy']} {row['time']}", "%d/%m/%Y %H:%M:%S").replace(tzinfo=london)
        assert ours[row["part_id"], row["feature"]] == (float(row["measured"]), int(row["seq"]), to_us(moment))
        nominal, lower, upper = limits[row["feature"]]
        assert nominal == float(row["nominal"])
        # a sum of two binary numbers: equal to the last bit or the one before
        assert lower == pytest.approx(float(row["nominal"]) + float(row["tol_lower"]), rel=1e-15)
        assert upper == pytest.approx(float(row["nominal"]) + float(row["tol_upper"]), rel=1e-15)


def test_shafts_come_in_the_order_in_which_they_were_measured(shafts: Taken) -> None:
    """What control charts need: by sequence and by time is the same order, 1 to 87."""
    measured = shafts.rows[1]
    bore = [i for i, name in enumerate(measured.columns["characteristic"]) if name == "42 dia @140"]
    sequence = [measured.columns["sequence"][i] for i in bore]
    at = [measured.columns["measured_at"][i] for i in bore]
    assert sequence == list(range(1, 88))
    assert at == sorted(at)


def test_turbine(turbine: Taken) -> None:
    assert told(turbine, "duplicate-row") == [("doubtful", "", 7, 26401, 27393)]
    assert told(turbine, "assumed-time") == [("doubtful", "", 36_733, 2, 36_734)]
    (humidity,) = [f for f in turbine.findings if f.code == "out-of-range"]
    assert (humidity.place.column, humidity.value) == ("AH", "100.2")
    assert {f.code for f in turbine.findings} == {"duplicate-row", "assumed-time", "out-of-range"}
    humid = next(r for r in turbine.readings if r.tag == "GT-AIR-RH")
    assert len(humid) == 36_733 - humidity.count
    assert humid.value.max() <= 100


def test_turbine_means_are_those_of_the_readme(turbine: Taken) -> None:
    means = {readings.tag: readings.value.mean() for readings in turbine.readings}
    # given to three decimals
    assert means["DA-GT-CO"] == pytest.approx(2.372, abs=5e-4)
    assert means["DA-GT-NOX"] == pytest.approx(65.293, abs=5e-4)
    assert all(len(r) == 36_733 for r in turbine.readings if r.tag.startswith("DA-GT"))


def test_nothing_claims_a_reference_oxygen(turbine: Taken) -> None:
    (tags,) = turbine.tags
    assert "oxygen_corrected" not in tags.columns
