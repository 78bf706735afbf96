"""Measured dimensions against their limits, with and without a measurement uncertainty."""

from __future__ import annotations

from pathlib import Path

import pytest

from forgecast.ground.errors import ForgecastError
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.check_dimensions import DimensionCheck, check_dimensions
from tests.tasks.making import made_plant

CHARACTERISTIC = """product,name,unit,nominal,lower,upper
ring,bore,mm,50,49.9,50.1
ring,face,mm,,,0.2
plate,bore,mm,10,9.9,10.1
ring,mark,,,,
"""
MEASUREMENT = """piece,characteristic,measured_at,product,value,gauge
P1,bore,2025-03-01 08:00,ring,50.1,G1
P2,bore,2025-03-01 08:10,ring,50.104,G1
P3,bore,2025-03-01 08:20,ring,49.85,G1
P4,bore,2025-03-01 08:30,ring,50.11,G2
P1,face,2025-03-01 08:01,ring,0.21,G1
P1,mark,2025-03-01 08:02,ring,1,
P9,bore,2025-03-01 08:40,,50,G1
Q1,bore,2025-03-01 08:50,plate,10.05,G1
"""
UNCERTAINTY = """quantity,instrument,expanded,coverage_factor
bore,G1,0.01,2
"""


def checked(tmp_path: Path, product: str = "", **tables: str) -> DimensionCheck:
    made = {"characteristic": CHARACTERISTIC, "measurement": MEASUREMENT, **tables}
    with PlantFolder.open(made_plant(tmp_path / "made", made)) as plant:
        return check_dimensions(plant, product=product)


def counts(check: DimensionCheck) -> dict[tuple[str, str], tuple[int, int, int]]:
    return {(d.product, d.name): (d.met, d.not_met, d.not_known) for d in check.dimensions}


def test_without_uncertainty_the_value_alone_decides_and_it_is_said(tmp_path: Path) -> None:
    check = checked(tmp_path)
    # 50.1 is the limit itself and meets it; P9 is of no known product, so its limits are not known
    assert counts(check) == {
        ("", "bore"): (0, 0, 1),
        ("plate", "bore"): (1, 0, 0),
        ("ring", "bore"): (1, 3, 0),
        ("ring", "face"): (0, 1, 0),
        ("ring", "mark"): (0, 0, 1),
    }
    assert check.not_met == 4
    assert [(o.piece, o.name) for o in check.outliers] == [
        ("P2", "bore"),
        ("P3", "bore"),
        ("P4", "bore"),
        ("P1", "face"),
    ]
    low = check.outliers[1]
    assert (low.limit, low.beyond) == (49.9, pytest.approx(0.05, abs=1e-12))
    assert low.place == "measurement.csv:4"
    assert len(check.notes) == 1
    assert "simple acceptance: of 3 characteristics" in check.notes[0].say("en")


def test_a_value_near_its_limit_is_not_known_by_its_uncertainty(tmp_path: Path) -> None:
    """U = 0.01 (k = 2): what lies between 50.09 and 50.11 may be either; G2 has no uncertainty on record."""
    check = checked(tmp_path, measurement_uncertainty=UNCERTAINTY)
    bore = counts(check)["ring", "bore"]
    assert bore == (0, 2, 2)
    words = {o.piece: o.word for o in check.outliers if o.name == "bore"}
    assert words == {"P1": "not known", "P2": "not known", "P3": "not met", "P4": "not met"}
    (dimension,) = [d for d in check.dimensions if (d.product, d.name) == ("ring", "bore")]
    assert dimension.expanded == pytest.approx(0.01, rel=1e-12)
    assert dimension.why_not_known is not None


def test_an_uncertainty_for_all_gauges_holds_where_none_is_known_for_the_gauge(tmp_path: Path) -> None:
    every = UNCERTAINTY + "bore,all,0.04,2\n"
    check = checked(tmp_path, measurement_uncertainty=every)
    assert {o.piece: o.word for o in check.outliers if o.name == "bore"}["P4"] == "not known"


def test_one_product_alone_and_one_that_is_not_there(tmp_path: Path) -> None:
    check = checked(tmp_path, product="plate")
    assert counts(check) == {("plate", "bore"): (1, 0, 0)}
    with PlantFolder.open(tmp_path / "made" / "plant") as plant, pytest.raises(ForgecastError, match="disc") as caught:
        check_dimensions(plant, product="disc")
    assert "plate, ring" in caught.value.repair.say("en")


def test_a_piece_tells_its_product_where_the_measurement_does_not(tmp_path: Path) -> None:
    piece = "id,product,made_at\nP9,ring,2025-03-01 07:00\n"
    assert counts(checked(tmp_path, piece=piece))["ring", "bore"] == (2, 3, 0)


def test_a_plant_without_measurements_says_what_to_do(tmp_path: Path) -> None:
    plant = made_plant(tmp_path / "made", {"characteristic": CHARACTERISTIC})
    with PlantFolder.open(plant) as opened, pytest.raises(ForgecastError) as caught:
        check_dimensions(opened)
    assert "forgecast plant fields measurement" in caught.value.repair.say("en")
