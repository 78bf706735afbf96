"""Doors of signals: one look for all, what changed since, what people do to alarms, the past of a series."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from forgecast.app.doors.door import Call
from forgecast.app.doors.signals import DOORS
from forgecast.app.doors.signals.boards import board_of
from forgecast.ground.errors import ForgecastError
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.live_board import LiveBoard
from forgecast.tasks.replay_alarm import replay_alarm
from forgecast.tasks.stretch_of_signal import Span, stretch_of_signal
from forgecast.tasks.watch_signals import SignalWatch
from tests.app.doors.green_calls import asked, call_of
from tests.tasks.melt_plant import empty_plant
from tests.tasks.watched_plants import ALARM, START, S, flow_batch, store, water_plant

#: Readings that stay away.
GAP = (1000, 1090)
N = 3000


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a plant whose water failed for ten minutes, watched; its last reading stands at 29 990 s."""
    folder = tmp_path_factory.mktemp("signals") / "p"
    with water_plant(folder, [ALARM]) as plant:
        seconds, values = readings()
        store(plant, ("EF1.FLOW", seconds, values))
        with SignalWatch(plant, now=lambda: START + 30_000 * S) as watch:
            assert watch.flush()
    return folder


def readings() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    values = 30.0 + rng.normal(0.0, 1.0, N)
    values[2000:2060] = np.linspace(25.0, 5.0, 60)
    keep = np.delete(np.arange(N), slice(*GAP))
    return keep * 10.0, values[keep]


@pytest.fixture
def plant(made: Path, tmp_path: Path) -> Iterator[PlantFolder]:
    shutil.copytree(made, tmp_path / "p")
    with PlantFolder.open(tmp_path / "p") as opened:
        yield opened


def ask(plant: PlantFolder, door: str, **question: Any) -> dict[str, Any]:
    return asked(DOORS, door, call_of(plant), **question)


def test_two_hundred_viewers_share_one_look(plant: PlantFolder) -> None:
    board = LiveBoard(plant, now=lambda: START + 30_000 * S)
    with ThreadPoolExecutor(40) as viewers:
        boards = list(viewers.map(lambda _: board.look(), range(200)))
    assert board.looks == 1
    assert len({id(one) for one in boards}) == 1
    assert board_of(plant) is board_of(plant)


def test_what_has_changed_is_told_and_nothing_else(plant: PlantFolder) -> None:
    clock = [START + 30_000 * S]
    board = LiveBoard(plant, now=lambda: clock[0])
    first = board.look()
    assert [one.tag for one in first.since(0)] == ["EF1.FLOW"]
    clock[0] += 2 * S
    same = board.look()
    assert (same.number, same.since(first.number)) == (first.number, ())
    with plant.live(by="test") as live:
        live.take(flow_batch(1, (30_003.0, 41.0), tag="EF1.POWER"))
        clock[0] += 2 * S
        after = board.look()
    assert after.number == first.number + 1
    assert [(one.tag, one.value) for one in after.since(first.number)] == [("EF1.POWER", 41.0)]
    # A viewer who knows more than the board is of a board before a restart: he is told all.
    assert len(after.since(after.number + 5)) == 2


def test_a_reading_that_becomes_overdue_is_a_change(plant: PlantFolder) -> None:
    clock = [START + 29_995 * S]
    board = LiveBoard(plant, now=lambda: clock[0])
    first = board.look()
    assert not first.series[0].late
    clock[0] += 60 * S
    assert board.look().since(first.number)[0].late


def test_latest_tells_state_and_equipment(plant: PlantFolder) -> None:
    found = ask(plant, "latest")
    [one] = found["series"]
    assert (one["tag"], one["equipment"], one["quality"], one["state"]) == ("EF1.FLOW", "EF1", "good", "waiting")
    assert one["at"] == "2026-03-02T08:19:50Z"
    assert ask(plant, "latest", since=found["number"])["series"] == []
    assert ask(plant, "latest", tags=["other"])["series"] == []


def test_acknowledging_with_a_comment_is_in_the_journal_at_once(plant: PlantFolder) -> None:
    before = ask(plant, "alarms")
    assert (before["waiting"], before["alarms"][0]["state"]) == (1, "returned-unacknowledged")
    done = ask(plant, "act-on-alarm", alarm="EF1-WATER", event="acknowledged", note="pump changed over")
    assert (done["by"], done["note"]) == ("Tester", "pump changed over")
    # Told at once, though the board was looked at within this second.
    assert ask(plant, "alarms")["waiting"] == 0
    newest = ask(plant, "journal", limit=1)
    assert newest["events"] == [done]
    assert newest["next"] == "1"
    with pytest.raises(ForgecastError, match="is normal"):
        ask(plant, "act-on-alarm", alarm="EF1-WATER", event="acknowledged")
    with pytest.raises(ForgecastError, match="for a reason"):
        ask(plant, "act-on-alarm", alarm="EF1-WATER", event="out_of_service")
    with pytest.raises(ForgecastError, match="limited time"):
        ask(plant, "act-on-alarm", alarm="EF1-WATER", event="shelved")
    ask(plant, "act-on-alarm", alarm="EF1-WATER", event="shelved", shelve_s=600.0)
    assert ask(plant, "alarms")["alarms"][0]["state"] == "shelved"
    assert ask(plant, "alarm", alarm="EF1-WATER")["response_time_s"] == 300.0


def test_a_day_is_put_together_and_its_gap_is_empty(plant: PlantFolder) -> None:
    seconds, values = readings()
    found = stretch_of_signal(plant, "EF1.FLOW", Span.DAY, now=START + 30_000 * S)
    assert found.readings == seconds.size
    step = found.step // S
    begin = int(found.t[40] - START) // S
    inside = (seconds >= begin) & (seconds < begin + step)
    assert found.mean[40] == pytest.approx(values[inside].mean(), rel=1e-12)
    assert (found.low[40], found.high[40]) == (values[inside].min(), values[inside].max())
    # Fifteen minutes of readings are not there: at least six steps of two minutes lie wholly in the gap.
    empty = (found.t - START) // S
    missing = np.isnan(found.mean) & (empty >= GAP[0] * 10) & (empty < GAP[1] * 10)
    assert missing.sum() >= 900 // step - 1
    assert np.isnan(found.mean).sum() == missing.sum()


def test_an_hour_is_told_reading_by_reading_with_a_break_in_the_gap(plant: PlantFolder) -> None:
    found = stretch_of_signal(plant, "EF1.FLOW", Span.HOUR, now=START, until=START + 10_950 * S)
    assert found.step == 0
    [gap] = np.flatnonzero(np.isnan(found.mean))
    assert found.t[gap - 1] == START + 9_990 * S
    assert found.t[gap + 1] == START + 10_900 * S


def test_a_week_comes_from_hours_and_the_log_together(plant: PlantFolder) -> None:
    seconds, values = readings()
    with plant.live(by="test") as live:
        # The hour that is sealed in part goes on in the log.
        live.take(flow_batch(1, (30_000.0, 100.0)))
        found = stretch_of_signal(plant, "EF1.FLOW", Span.WEEK, now=START + 30_010 * S)
    hour = 30_000 // 3600
    inside = seconds // 3600 == hour
    [at] = np.flatnonzero(found.t == START + hour * 3600 * S)
    assert found.mean[at] == pytest.approx((values[inside].sum() + 100.0) / (inside.sum() + 1), rel=1e-12)
    assert found.high[at] == 100.0
    assert found.readings == seconds.size + 1


def test_a_chart_of_a_series_has_its_limit_and_what_rang(plant: PlantFolder) -> None:
    chart = ask(plant, "series", tag="EF1.FLOW", span="day")["chart"]
    assert [(one["value"], one["kind"]) for one in chart["limits"]] == [(20.0, "lower")]
    [mark] = chart["marks"]
    assert mark["name"] == "EF1-WATER"
    assert mark["value"] < 20.0
    with pytest.raises(ForgecastError, match="no readings"):
        ask(plant, "series", tag="nothing")


def test_a_trial_is_that_of_its_task_and_may_be_put_on_the_list(plant: PlantFolder) -> None:
    found = ask(plant, "try-alarm", tag="EF1.FLOW", kind="low", limit=10.0, on_delay_s=20.0)
    from forgecast.signals.alarm.definition import Alarm, Kind

    alarm = Alarm("x", "EF1.FLOW", Kind.LOW, 10.0, on_delay=20.0, equipment="EF1")
    task = replay_alarm(plant, alarm)
    assert found["rings"] == len(task.trial.rings) == 1
    assert found["chart"]["limits"][0]["value"] == 10.0
    with pytest.raises(ForgecastError, match="a kind and a limit"):
        ask(plant, "try-alarm", tag="EF1.FLOW", kind="low")
    with pytest.raises(ForgecastError, match="no limit is given"):
        ask(plant, "try-alarm", tag="EF1.FLOW")
    ask(plant, "define-alarm", alarm="EF1-LL", tag="EF1.FLOW", kind="low_low", limit=10.0, priority="high",
        on_delay_s=20.0, response="switch off")  # fmt: skip
    assert ask(plant, "alarm", alarm="EF1-LL")["on_delay_s"] == 20.0
    assert ask(plant, "alarms", everything=True)["total"] == 2
    with pytest.raises(ForgecastError, match="no series"):
        ask(plant, "define-alarm", alarm="Z", tag="nothing", kind="high", limit=1.0, priority="low")


def test_review_and_incidents_count_what_rang(plant: PlantFolder) -> None:
    review = ask(plant, "alarm-review", days=1.0)
    assert (review["rings"], review["most"]) == (1, [{"alarm": "EF1-WATER", "count": 1}])
    assert sum(review["chart"]["series"][0]["values"]) == 1
    found = ask(plant, "incidents")
    assert [(one["alarm"], one["recorded"]) for one in found["incidents"]] == [("EF1-WATER", False)]
    assert ask(plant, "record-incidents")["new"] == found["not_recorded"] == 1
    assert ask(plant, "incidents")["not_recorded"] == 0


def test_the_gate_names_the_gap(plant: PlantFolder) -> None:
    [one] = ask(plant, "gate", tags=["EF1.FLOW"])["series"]
    assert one["longest_gap_s"] == pytest.approx(910.0, abs=10.0)
    assert not one["complete"]
    assert "missing_us" not in one


def test_collecting_tells_why_it_cannot_be_told_and_no_path(plant: PlantFolder) -> None:
    found = ask(plant, "collecting")
    assert found["status"] is None
    assert found["why_no_status"]["what"]["en"].startswith("nothing has been collected")
    assert str(plant.path) not in json.dumps(found)


def test_an_empty_plant_has_an_empty_board(tmp_path: Path) -> None:
    with empty_plant(tmp_path / "e") as plant:
        call: Call = call_of(plant)
        assert asked(DOORS, "latest", call)["series"] == []
        assert asked(DOORS, "alarms", call)["total"] == 0
        assert asked(DOORS, "alarm-review", call)["rings"] == 0
