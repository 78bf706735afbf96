"""Doors of quality: what they tell is what the tasks find, and what was done about a point stands beside it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from forgecast.app.doors.door import Call
from forgecast.app.doors.quality import DOORS
from forgecast.ground.errors import ForgecastError
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.chart_quality import ChartPlan, chart_quality
from forgecast.tasks.contain_signal import contain_signal
from forgecast.tasks.scrap_losses import metal_worth_of_products, scrap_losses
from forgecast.tasks.watched import Wanted
from forgecast.tasks.watched_records import watched_in_plant
from tests.app.doors.green_calls import asked, call_of
from tests.tasks.small_plants import chain, plant_of

FIELD = "heat.tap_temperature_degC"


@pytest.fixture
def plant(tmp_path: Path) -> Iterator[PlantFolder]:
    with PlantFolder.open(chain(tmp_path)) as opened:
        yield opened


@pytest.fixture
def call(plant: PlantFolder) -> Call:
    return call_of(plant)


def ask(call: Call, door: str, **question: Any) -> dict[str, Any]:
    return asked(DOORS, door, call, **question)


def test_losses_count_scrap_and_rework_apart_and_yield_by_month(call: Call) -> None:
    found = ask(call, "losses", by="product")
    # Twenty-four pieces: one reject, one to be reworked (see `chain`).
    [loss] = found["losses"]
    assert (loss["name"], loss["scrapped"], loss["reworked"], loss["inspected"]) == ("P1", 1, 1, 24)
    [month] = found["months"]
    assert (month["month"], month["inspected"], month["good"]) == ("2025-03", 24, 22)
    assert month["low"] < 22 / 24 == month["share"] < month["high"]
    assert found["worth_CNY"] is None
    assert found["unpriced"] == 1
    by_defect = ask(call, "losses", by="defect")["losses"]
    # Good pieces name no defect, so a defect has no number of inspected ones.
    assert [(one["name"], one["inspected"]) for one in by_defect] == [("冷隔", None)]
    assert found["charts"]["yield"]["series"][0]["values"] == [pytest.approx(100 * 22 / 24)]


def test_worth_is_that_of_the_charge_and_own_returns_cost_what_the_rest_does(tmp_path: Path) -> None:
    folder = plant_of(
        tmp_path,
        {
            "alloy": "id,family\nA,grey_iron\nB,grey_iron\n",
            "product": "id,alloy,mass (kg)\nP,A,10\nQ,B,10\n",
            "lot": "id,material,received_at,price_per_t (CNY)\nL,steel_scrap,2025-01-01,3000\n"
            "R,returns,2025-01-01,\nX,steel_scrap,2025-01-01,\n",
            "heat": "id,tapped_at,furnace,alloy,mass (kg)\nH,2025-02-01 10:00,F,A,900\nK,2025-02-01 12:00,F,B,900\n",
            "charge_item": "heat,number,material,lot,mass (kg)\nH,1,steel_scrap,L,500\nH,2,returns,R,500\n"
            "K,1,steel_scrap,X,1000\n",
            "piece": "id,product,made_at,heat,result\n1,P,2025-02-01 11:00,H,reject\n2,P,2025-02-01 11:00,H,good\n"
            "3,Q,2025-02-01 13:00,K,reject\n",
        },
    )
    with PlantFolder.open(folder) as plant:
        # 1500 CNY bought half of the charge, so half of what was tapped: 450 kg; ten of them make a piece.
        assert metal_worth_of_products(plant) == {"P": pytest.approx(1500.0 / 450.0 * 10.0)}
        found = scrap_losses(plant, "product")
    assert found.worth_CNY == pytest.approx(100.0 / 3.0)
    assert found.unpriced == 1


def test_a_chart_tells_the_signals_of_its_task(call: Call, plant: PlantFolder) -> None:
    found = ask(call, "chart", field=FIELD, rules="limits")
    watched = watched_in_plant(plant, Wanted((FIELD,)))
    made = chart_quality(watched, ChartPlan(rules="limits"))
    expected = [(one.name, one.rules) for one in made.groups[0].signals()]
    assert expected
    assert [(one["name"], tuple(one["rules"])) for one in found["signals"]] == expected
    location = found["charts"]["location"]
    assert location["series"][0]["values"] == pytest.approx(made.groups[0].panels[0].values.tolist())
    beyond = {one.name for one in made.groups[0].signals() if one.panel == "individual"}
    assert {mark["name"] for mark in location["marks"]} == beyond
    assert len(location["times"]) == 12


def test_a_note_stands_at_its_point_with_author_and_time(call: Call, plant: PlantFolder) -> None:
    before = ask(call, "chart", field=FIELD, rules="limits")
    [cold] = {one["name"] for one in before["signals"] if one["panel"]["en"] == "single value"}
    note = ask(call, "react", field=FIELD, point=cold, note="Pyrometer lens wiped")
    assert (note["by"], note["point"]) == ("Tester", cold)
    assert note["done_at"] is not None
    assert ask(call, "reactions", field=FIELD)["reactions"] == [note]
    assert ask(call, "reactions", field="heat.mass")["reactions"] == []
    after = ask(call, "chart", field=FIELD, rules="limits")
    [mark] = [one for one in after["charts"]["location"]["marks"] if one["name"] == cold]
    assert mark["tone"] == "good"
    assert "Pyrometer lens wiped (Tester)" in mark["note"]["en"]
    [row] = [row for row in plant.records.read("action") if row["id"] == note["id"]]
    assert (row["owner"], row["what"]) == ("Tester", "Pyrometer lens wiped")
    with pytest.raises(ForgecastError, match="empty"):
        ask(call, "react", field=FIELD, point=cold, note="   ")
    # A second one of the day has the next number.
    assert ask(call, "react", field=FIELD, point=cold, note="again")["id"].endswith("-2")


def test_a_note_of_an_unknown_report_is_refused_and_leaves_nothing(call: Call, plant: PlantFolder) -> None:
    links = plant.audit_head().link
    with pytest.raises(ForgecastError, match="no report N99"):
        ask(call, "react", field=FIELD, point="H6", note="x", nonconformity="N99")
    assert plant.audit_head().link == links


def test_charts_are_parted_by_the_shifts_of_the_plant(tmp_path: Path) -> None:
    times = ("07:59", "08:00", "19:59", "20:00")
    rows = "\n".join(f"H{n},2025-03-01 {at},F,{1400 + n}" for n, at in enumerate(times))
    folder = plant_of(tmp_path, {"heat": f"id,tapped_at,furnace,tap_temperature_degC\n{rows}\n"})
    with PlantFolder.open(folder) as plant:
        watched = watched_in_plant(plant, Wanted((FIELD,), ("shift",)))
    assert watched.labels["shift"].tolist() == ["night", "day", "day", "night"]


def test_choices_name_what_has_words_only(sample_plant: Path) -> None:
    with PlantFolder.open(sample_plant) as plant:
        call = call_of(plant)
        found = {one["field"]: one for one in ask(call, "choices")["quantities"]}
        assert found["piece.result"]["is_result"]
        # The plant has no dies, so nothing can be charted by them.
        assert "die" not in found["piece.result"]["labels"]
        assert {"product", "furnace", "shift"} <= set(found["piece.result"]["labels"])
        assert all(one["by"] in {"", *one["labels"]} for one in found.values())
        assert ask(call, "choices") == ask(call, "choices")


def test_capability_draws_every_value(call: Call) -> None:
    found = ask(call, "capability", field=FIELD, lower=1300.0, upper=1500.0)
    [group] = found["groups"]
    assert sum(group["histogram"]["series"][0]["values"]) == group["points"] == 12
    assert {mark["at"] for mark in group["histogram"]["marks"]} == {1300.0, 1500.0}
    assert group["refused"], "twelve values with one far off say nothing of capability"
    assert group["cpk"] is None


def test_containment_tells_pieces_and_effect_of_its_task(call: Call, plant: PlantFolder) -> None:
    found = ask(call, "contain", field=FIELD)
    task = contain_signal(plant, Wanted((FIELD,)), ChartPlan(rules="limits"))
    assert found["contained"] is task.contained
    assert [one["subjects"] for one in found["suspects"]] == [list(one.subjects) for one in task.suspects]
    done = [effect["done_at"] for one in found["suspects"] for effect in one["effects"]]
    assert done
    assert all(at == "2025-03-06T10:00:00Z" for at in done)  # 18:00 in Shanghai


def test_a_sampling_plan_keeps_both_risks_and_no_smaller_one_does(call: Call) -> None:
    found = ask(call, "sampling", good_share=0.01, bad_share=0.05)

    def accepted(n: int, c: int, share: float) -> float:
        return sum(math.comb(n, k) * share**k * (1 - share) ** (n - k) for k in range(c + 1))

    n, c = found["sample"], found["acceptance"]
    assert accepted(n, c, 0.01) >= 0.95
    assert accepted(n, c, 0.05) <= 0.10
    assert found["producers_risk"] == pytest.approx(1 - accepted(n, c, 0.01), abs=1e-9)
    assert not any(
        accepted(m, k, 0.01) >= 0.95 and accepted(m, k, 0.05) <= 0.10 for k in range(c + 1) for m in (n - 1,)
    )
    with pytest.raises(ForgecastError, match="sample and an acceptance"):
        ask(call, "sampling", good_share=0.01, bad_share=0.05, sample=80)


def test_a_gauge_that_sees_only_parts_has_no_share(plant: PlantFolder, tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    rows = [
        f"{part},{who},{10 * part + 0.001 * rng.normal():.5f}"
        for part in range(1, 6) for who in ("A", "B") for _ in range(2)
    ]  # fmt: skip
    path = tmp_path / "study.csv"
    path.write_text("part,operator,value [mm]\n" + "\n".join(rows) + "\n", encoding="utf-8")
    found = ask(call_of(plant, uploads={"u": path}), "gauge", upload="u")
    # Parts lie 10 mm apart, readings scatter by a micrometre.
    assert found["anova"]["components"]["grr"]["share_of_study_variation"] < 0.001
    assert (found["parts"], found["operators"], found["trials"]) == (5, 2, 2)


def test_other_doors_answer_in_their_forms(sample_plant: Path) -> None:
    with PlantFolder.open(sample_plant) as plant:
        call = call_of(plant)
        ranked = ask(call, "pareto", compare_on="2025-07-01")
        assert sum(row["count"] for row in ranked["rows"]) == ranked["total"]
        assert ranked["chance"] is not None
        page = ask(call, "tolerance", limit=1)
        assert len(page["outliers"]) <= 1
        split = ask(call, "scatter", field=FIELD, within=["furnace"])
        assert sum(level["share"] for level in split["levels"]) == pytest.approx(1.0)
        assert ask(call, "fmea")["failure_modes"]
        with pytest.raises(ForgecastError):
            ask(call, "rejects", record="shot")


@pytest.mark.slow
def test_what_is_out_of_control_broke_a_rule_among_its_last_points(sample_plant: Path) -> None:
    with PlantFolder.open(sample_plant) as plant:
        found = ask(call_of(plant), "out-of-control")
        assert found["charts"] >= len(found["out_of_control"])
        for one in found["out_of_control"][:3]:
            chart = ask(call_of(plant), "chart", field=one["field"], by=one["by"], group=one["group"],
                        rules="nelson-1,nelson-2,nelson-3")  # fmt: skip
            last = max(signal["point"] for signal in chart["signals"] if signal["name"] == one["last"])
            [group] = [group for group in chart["groups"] if group["group"] == one["group"]]
            assert group["points"] - last < found["latest_points"]
