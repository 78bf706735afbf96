"""Doors of the plan: the task's plan with what its charts draw."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from forgecast.app.doors.plan import DOORS
from forgecast.ground.errors import ForgecastError
from forgecast.planning.library import kinds
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.plan_plant import plan_plant
from tests.app.doors.calls import Asking

DOOR = {door.name: door for door in DOORS}


@pytest.fixture(scope="module")
def plant(sample_plant: Path) -> Iterator[PlantFolder]:
    with PlantFolder.open(sample_plant) as opened:
        yield opened


@pytest.fixture(scope="module")
def ask(plant: PlantFolder, tmp_path_factory: pytest.TempPathFactory) -> Asking:
    return Asking(plant, tmp_path_factory.mktemp("asked"))


def test_the_plan_is_that_of_the_task(ask: Asking, plant: PlantFolder):
    told = ask(DOOR["plan"], draws=0)
    answer = plan_plant(plant, draws=0)
    assert {one["id"] for one in told["measures"]} == set(answer.plan.starts)
    assert told["net_present_cost_CNY"] == pytest.approx(answer.plan.outcome.cost, rel=1e-12)  # the same arithmetic
    assert told["reached"] == answer.reached
    assert all(goal["title"]["zh"] for goal in told["goals"])


def test_a_waterfall_leads_from_today_to_the_plan(ask: Asking):
    told = ask(DOOR["plan"], draws=0)
    assert told["charts"]["waterfalls"]
    last = str(told["years"][-1])
    for name, chart in told["charts"]["waterfalls"].items():
        first, *steps, end = chart["steps"]
        assert first["value"] == told["indicators"][name]["before"]
        assert first["total"]
        assert end["total"]
        # Sums of doubles in another order agree to about 1e-12 of the whole.
        assert first["value"] + sum(one["value"] for one in steps) == pytest.approx(end["value"], rel=1e-9)
        assert end["value"] == pytest.approx(told["indicators"][name][last], rel=1e-9)


def test_each_measure_has_its_bar(ask: Asking):
    told = ask(DOOR["plan"], draws=0)
    names = {one["name"]["en"] for one in told["charts"]["gantt"]["tasks"]}
    for one in told["measures"]:
        title = one["title"]["en"] + (f" · {one['subject']}" if one["subject"] else "")
        assert title in names


def test_a_goal_that_nothing_reaches_is_proven(ask: Asking):
    told = ask(DOOR["plan"], goals=["particulate=-99.9%"], draws=0)
    assert not told["reached"]
    alone = next(one for one in told["cannot"]["each_alone"] if one["goal"].startswith("particulate"))
    assert not alone["reachable"]
    assert alone["best"] > alone["bound"]


def test_budgets_and_prices_are_read_as_on_the_command_line(ask: Asking):
    told = ask(DOOR["plan"], budget=["2026=0", "2027=0"], draws=0, until=2027)
    assert told["budget_CNY"] == {"2026": 0.0, "2027": 0.0}
    assert all(paid == 0.0 for paid in told["paid_CNY"].values())
    with pytest.raises(ForgecastError, match="no budget"):
        ask(DOOR["plan"], budget=["much"])
    with pytest.raises(ForgecastError, match="no price"):
        ask(DOOR["plan"], prices=["gas:3"])


def test_the_library_has_every_measure_with_its_source(ask: Asking):
    told = ask(DOOR["measures"])["measures"]
    assert {one["kind"] for one in told} == set(kinds())
    assert all(one["source"]["en"] and one["confidence"] for one in told)
