"""The stacks now: the last finished hour, where the running one is heading, and the readings an hour rests on."""

from __future__ import annotations

from pathlib import Path

import pytest

from forgecast.ground.dates import HOUR_US, MINUTE_US
from forgecast.rules.verdict import Word
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.hour_calendar import HourState
from forgecast.tasks.hour_readings import hour_readings
from forgecast.tasks.stacks_today import stacks_today
from tests.tasks.test_judge_live_hours import DAY, TEN, a_plant, minutes


def test_a_running_plant_shows_its_last_hour_and_where_the_running_one_is_heading(tmp_path: Path) -> None:
    with PlantFolder.open(a_plant(tmp_path)) as plant, plant.live(seals=False) as store:
        store.take(minutes(TEN, 60, 350.0))
        store.take(minutes(TEN + HOUR_US, 30, 280.0, seq=2))
        found = stacks_today(plant, now_us=TEN + HOUR_US + 30 * MINUTE_US)
    (nox,) = (one for one in found.stacks if one.judged.pollutant == "nox")
    assert (found.day, found.live) == (DAY, True)
    assert nox.last is not None
    assert (nox.last.hour, nox.last.value, nox.last.limit) == (TEN // HOUR_US, 350.0, 300.0)
    assert len(nox.states) == 11  # midnight to eleven o'clock
    assert nox.states[-1] == HourState.OVER
    assert nox.word is Word.NOT_MET
    assert nox.ahead is not None
    # Half an hour at 280: it ends at 280 if it goes on, and the rest may average 2 · 300 − 280.
    assert nox.ahead.forecast.projected == pytest.approx(280.0)
    assert nox.ahead.forecast.allowed == pytest.approx(320.0)
    assert not nox.ahead.forecast.threatens
    assert "300 mg/m3 are allowed" in str(nox.ahead.what)


def test_a_running_hour_that_goes_wrong_threatens(tmp_path: Path) -> None:
    with PlantFolder.open(a_plant(tmp_path)) as plant, plant.live(seals=False) as store:
        store.take(minutes(TEN, 30, 340.0))
        found = stacks_today(plant, now_us=TEN + 30 * MINUTE_US)
    (nox,) = (one for one in found.stacks if one.judged.pollutant == "nox")
    assert nox.ahead is not None
    assert nox.ahead.forecast.threatens
    assert HourState.OVER not in nox.states  # a forecast is no verdict


def test_an_hour_of_live_readings_is_shown_reading_by_reading(tmp_path: Path) -> None:
    with PlantFolder.open(a_plant(tmp_path)) as plant, plant.live(seals=False) as store:
        store.take(minutes(TEN, 60, 350.0))
        store.take(minutes(TEN + HOUR_US, 5, 100.0, seq=2))
        (nox,) = (one for one in hour_readings(plant, "DA1", TEN // HOUR_US) if one.measures == "nox")
    # Minute means bear the end of their minute: the hour holds the sixty up to and with eleven o'clock.
    assert (len(nox.readings), nox.expected) == (60, 60.0)
    assert set(nox.readings.value.tolist()) == {350.0}
