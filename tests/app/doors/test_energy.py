"""Doors of energy: sums that must close, charts that show what the answer says, and what people enter."""

from __future__ import annotations

import math
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from forgecast.app.doors.energy import DOORS
from forgecast.ground.errors import ForgecastError
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.bill_energy import bill_energy
from tests.app.doors.green_calls import asked, call_of


@pytest.fixture(scope="module")
def plant(sample_plant: Path) -> Iterator[PlantFolder]:
    with PlantFolder.open(sample_plant) as opened:
        yield opened


def test_rests_are_what_a_meter_shows_less_its_submeters(plant: PlantFolder) -> None:
    answer = asked(DOORS, "balance", call_of(plant))
    shown = {one["meter"]: one["quantity"] for one in answer["metered"]}
    assert len(answer["periods"]) == 12
    for tree in answer["carriers"]:
        for node in tree["nodes"]:
            for n, period in enumerate(node["periods"]):
                below = math.fsum(shown[one][n] for one in node["submeters"])
                assert period["rest"] == pytest.approx(shown[node["meter"]][n] - below)
            assert answer["charts"][node["chart"]]["series"][0]["values"] == [one["rest"] for one in node["periods"]]
    whole = asked(DOORS, "balance", call_of(plant), by="total", carrier="electricity")
    assert {one["carrier"] for one in whole["carriers"]} == {"electricity"}


def test_a_baseline_leaves_over_what_it_does_not_expect(plant: PlantFolder) -> None:
    answer = asked(DOORS, "baseline", call_of(plant))
    running = 0.0
    for row in answer["curve"]:
        assert row["left_over"] == pytest.approx(row["measured"] - row["expected"])
        assert row["low_95"] < row["expected"] < row["high_95"]
        running += row["left_over"]
        assert row["cusum"] == pytest.approx(running, abs=1e-6 * row["measured"])
    # Least squares with a constant: what is left over cancels out; rounding of twelve sums of 1e6 kWh.
    assert running == pytest.approx(0.0, abs=1e-3)
    assert answer["drivers"]


def test_savings_are_the_sum_of_their_periods(plant: PlantFolder) -> None:
    (one,) = asked(DOORS, "choices", call_of(plant))["measures"]
    answer = asked(DOORS, "savings", call_of(plant), measure=one["id"])
    assert answer["saved"] == pytest.approx(math.fsum(row["saved"] for row in answer["reporting"]))
    assert answer["low_95"] < answer["saved"] < answer["high_95"]
    cusum = answer["charts"]["cusum"]["series"]
    assert cusum[0]["values"][-1] == pytest.approx(answer["saved"])
    assert cusum[1]["values"][-1] < cusum[0]["values"][-1] < cusum[2]["values"][-1]
    with pytest.raises(ForgecastError, match="no energy measure"):
        asked(DOORS, "savings", call_of(plant), measure="none")


def test_the_bill_is_parted_by_kind_without_a_rest(plant: PlantFolder) -> None:
    june = {"since_on": "2025-06-01", "until_on": "2025-06-30"}
    answer = asked(DOORS, "cost", call_of(plant), **june, day_on="2025-06-10")
    (month,) = answer["months"]
    for kind in answer["by_kind"]:
        assert kind["energy_kWh"] == pytest.approx(month["energy_kWh"][kind["kind"]])
        assert kind["cost_CNY"] == pytest.approx(month["energy_cost"][kind["kind"]])
    # The mean day, hour by hour, is the month's energy over its thirty days.
    mean_day = math.fsum(value for one in answer["charts"]["mean_day"]["series"] for value in one["values"])
    assert mean_day * 30 == pytest.approx(math.fsum(month["energy_kWh"].values()))
    day = answer["charts"]["day"]
    assert answer["day_on"] == "2025-06-10"
    drawn = [[v for v in values if v is not None] for values in zip(*(s["values"] for s in day["series"]), strict=True)]
    assert len(day["times"]) == 96
    assert {len(one) for one in drawn} == {1}  # every quarter hour is of one kind
    duration = answer["charts"]["duration"]["series"][0]["values"]
    assert duration == sorted(duration, reverse=True)
    assert duration[0] == pytest.approx(answer["peak"]["power_kW"])
    assert bill_energy(plant).energy_price == asked(DOORS, "cost", call_of(plant))["energy_price"]


def test_a_power_factor_that_is_none_is_refused(plant: PlantFolder) -> None:
    with pytest.raises(ForgecastError, match="no power factor"):
        asked(DOORS, "cost", call_of(plant), factor=["8.9=1"])


def test_a_plan_moves_every_heat_and_never_costs_more(plant: PlantFolder) -> None:
    answer = asked(DOORS, "shift", call_of(plant), since_on="2025-06-10")
    (day,) = answer["days"]
    charts = answer["charts"][day["day"]]
    assert len(charts["was"]["tasks"]) == len(charts["plan"]["tasks"]) == len(day["heats"])
    assert answer["bound"] <= answer["cost_after"] * (1 + 1e-9)
    assert answer["cost_after"] <= answer["cost_before"]
    was, planned, price = (one["values"] for one in charts["load"]["series"])
    cost = [math.fsum(kW * p for kW, p in zip(load, price, strict=True)) for load in (was, planned)]
    assert cost[0] == pytest.approx(day["cost_before"])
    assert cost[1] == pytest.approx(day["cost_after"])
    with pytest.raises(ForgecastError, match="no stretch"):
        asked(DOORS, "shift", call_of(plant), since_on="2025-06-10", until_on="2025-08-10")


def test_a_diagnosis_is_ranked_by_money_and_figures_name_their_factors(plant: PlantFolder) -> None:
    answer = asked(DOORS, "diagnosis", call_of(plant))
    money = [one["CNY_a_year"]["value"] or 0.0 for one in answer["findings"]]
    assert money == sorted(money, reverse=True)
    assert money[0] > 0.0
    figures = asked(DOORS, "figures", call_of(plant))
    per_tonne = next(one for one in figures["figures"] if one["id"] == "specific_energy")
    assert figures["charts"]["specific_energy"]["series"][0]["values"] == per_tonne["values"]
    assert all(one["source"]["en"] for one in figures["factors"])


def test_a_measure_is_entered_and_can_be_asked_for(sample_plant: Path, tmp_path: Path) -> None:
    shutil.copytree(sample_plant, tmp_path / "plant")
    with PlantFolder.open(tmp_path / "plant") as own:
        done = asked(DOORS, "record-measure", call_of(own), id="EM-77", name="lids", meter="E-COMP",
                     begun_on="2025-09-01", done_on="2025-09-03", expected_saving_kWh=1000.0, cost_CNY=5.0)  # fmt: skip
        assert (done["new"], done["entries"]) == (1, ["EM-77"])
        (row,) = own.records.read("energy_measure", id="EM-77")
        assert (row["expected_saving_kWh"], row["cost"]) == (1000.0, 5.0)
        assert "EM-77" in {one["id"] for one in asked(DOORS, "choices", call_of(own))["measures"]}
