"""Doors of carbon: sums that must close, sources that are named, files that open, and factors people enter."""

from __future__ import annotations

import math
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from forgecast.app.doors.carbon import DOORS
from forgecast.ground.errors import ForgecastError
from forgecast.store.plant_folder import PlantFolder
from tests.app.doors.green_calls import asked, call_of


@pytest.fixture(scope="module")
def plant(sample_plant: Path) -> Iterator[PlantFolder]:
    with PlantFolder.open(sample_plant) as opened:
        yield opened


def test_scopes_are_the_sums_of_their_items_and_months(plant: PlantFolder) -> None:
    answer = asked(DOORS, "inventory", call_of(plant))
    for total in answer["totals"]:
        lines = [one for one in answer["lines"] if one["scope"] == total["scope"]]
        known = math.fsum(one["emission_kgCO2e"] for one in lines if one["emission_kgCO2e"] is not None)
        assert (total["known_kgCO2e"] or 0.0) == pytest.approx(known)
        if total["missing"]:
            assert total["total_kgCO2e"] is None
    for item in answer["items"]:
        if item["emission_kgCO2e"] is None:
            assert item["why_missing"]
        else:
            assert item["emission_kgCO2e"] == pytest.approx(item["quantity"] * item["factor_value"] * _of_a_unit(item))
            assert item["source"]["en"]
            assert item["source"]["zh"]
    drawn = {one["name"]["en"][0]: one["values"] for one in answer["charts"]["months"]["series"]}
    two = next(one for one in answer["totals"] if one["scope"] == 2)
    assert math.fsum(drawn["2"]) * 1000.0 == pytest.approx(two["known_kgCO2e"])


def _of_a_unit(item: dict[str, Any]) -> float:
    """Return how many units of the factor one unit of the quantity is."""
    of, per = item["unit"], item["factor_unit"].partition("/")[2]
    return 1000.0 if (of, per) == ("t", "kg") else 1.0 if of == per else float("nan")


def test_a_footprint_is_the_sum_of_its_lines_within_its_interval(plant: PlantFolder) -> None:
    products = asked(DOORS, "products", call_of(plant))["products"]
    answer = asked(DOORS, "product", call_of(plant), product=products[0]["id"])
    known = math.fsum(one["kgCO2e_per_kg"] for one in answer["lines"] if one["kgCO2e_per_kg"] is not None)
    assert answer["known_kgCO2e_per_kg"] == pytest.approx(known)
    assert answer["low_kgCO2e_per_kg"] <= known <= answer["high_kgCO2e_per_kg"]
    steps = answer["charts"]["stages"]["steps"]
    assert math.fsum(one["value"] for one in steps[:-1]) == pytest.approx(steps[-1]["value"])
    shares = [one["variance_share"] for one in answer["lines"] if one["variance_share"] is not None]
    assert math.fsum(shares) == pytest.approx(1.0, abs=0.05)  # shares are drawn; negative ones are shown as none
    with pytest.raises(ForgecastError):
        asked(DOORS, "product", call_of(plant), product="no such")


def test_a_good_owes_what_is_embedded_less_its_allocation(plant: PlantFolder, tmp_path: Path) -> None:
    good = asked(DOORS, "good", call_of(plant), cn_code="73261990", price_EUR_t=80.0, import_year=2026)
    (owed,) = good["owed"]
    net = max(owed["embedded_tCO2e_per_t"] - owed["free_allocation_tCO2e_per_t"], 0.0)
    assert owed["net_tCO2e_per_t"] == pytest.approx(net)
    assert owed["cost_EUR_per_t"] == pytest.approx(80.0 * net)
    own = asked(DOORS, "cbam", call_of(plant), product="F-301", price_EUR_t=80.0, import_year=2026)
    assert own["cn_code"].startswith("7326")
    made = asked(DOORS, "importer-sheet", call_of(plant, tmp_path), product="F-301", import_year=2026)
    assert made["headline"] == own["headline"]
    assert openpyxl.load_workbook(tmp_path / made["files"][0]).sheetnames == ["CBAM"]


def test_a_factor_of_ones_own_is_listed_with_its_source_and_counts(sample_plant: Path, tmp_path: Path) -> None:
    shutil.copytree(sample_plant, tmp_path / "plant")
    with PlantFolder.open(tmp_path / "plant") as own:
        before = asked(DOORS, "factors", call_of(own), day_on="2025-12-31")
        done = asked(DOORS, "record-factor", call_of(own), id="EF-77", item="new_sand", category="material",
                     value=0.02, unit="kgCO2e/kg", uncertainty_percent=20.0, source="declaration 7")  # fmt: skip
        assert done["new"] == 1
        after = asked(DOORS, "factors", call_of(own), day_on="2025-12-31")
        assert after["own"] == before["own"] + 1
        mine = next(one for one in after["factors"] if one["id"] == "EF-77")
        assert (mine["value"], mine["unit"], mine["relative_uncertainty"]) == (0.02, "kgCO2e/kg", 0.2)
        assert "declaration 7" in mine["source"]["en"]
