"""Calendar windows: days of 23 and 25 hours, months, shifts; added up from hours as from readings."""

from __future__ import annotations

from datetime import date, time

import numpy as np
import pytest

from forgecast.ground.dates import DAY_US, HOUR_US, MINUTE_US, Period, Shift, ShiftCalendar
from forgecast.ground.errors import PlantError
from forgecast.signals.reading import Readings
from forgecast.store import questions
from forgecast.store.importing import Source
from forgecast.store.plant_folder import PlantFolder
from forgecast.store.settings import PlantSettings
from forgecast.store.windows import Windows, day_windows, month_windows, shift_windows

SPRING = Period(date(2025, 3, 28), date(2025, 4, 2))


def test_days_of_the_change_of_clocks():
    windows = day_windows(SPRING, "Europe/Berlin")
    assert windows.names == ("2025-03-28", "2025-03-29", "2025-03-30", "2025-03-31", "2025-04-01")
    assert ((windows.end - windows.start) // HOUR_US).tolist() == [24, 24, 23, 24, 24]
    autumn = day_windows(Period(date(2025, 10, 26), date(2025, 10, 27)), "Europe/Berlin")
    assert ((autumn.end - autumn.start) // HOUR_US).tolist() == [25]


def test_months_are_whole():
    windows = month_windows(Period(date(2024, 2, 5), date(2024, 3, 2)), "Asia/Shanghai")
    assert windows.names == ("2024-02", "2024-03")
    assert ((windows.end - windows.start) // DAY_US).tolist() == [29, 31]


def test_shifts_last_until_the_next_one():
    calendar = ShiftCalendar((Shift("day", time(7, 50)), Shift("night", time(19, 20))), "Europe/Berlin")
    windows = shift_windows(Period(date(2025, 3, 29), date(2025, 3, 31)), calendar)
    assert windows.names == ("2025-03-29 day", "2025-03-29 night", "2025-03-30 day", "2025-03-30 night")
    lengths = ((windows.end - windows.start) // MINUTE_US).tolist()
    assert lengths == [690, 750 - 60, 690, 750]  # the night of the change has an hour less
    assert windows.step_us == 10 * MINUTE_US


def test_each_instant_lies_in_one_window_or_none():
    windows = Windows(("a", "b"), np.array([0, 30]) * MINUTE_US, np.array([20, 60]) * MINUTE_US)
    t = np.array([-1, 0, 19, 20, 29, 30, 59, 60]) * MINUTE_US
    assert windows.of(t).tolist() == [-1, 0, 0, -1, -1, 1, 1, -1]
    step, number = windows.steps()
    assert windows.step_us == 10 * MINUTE_US
    assert dict(zip(step.tolist(), number.tolist(), strict=True)) == {0: 0, 1: 0, 3: 1, 4: 1, 5: 1}


@pytest.fixture(scope="module")
def plant(tmp_path_factory):
    rng = np.random.default_rng(8)
    with PlantFolder.create(tmp_path_factory.mktemp("windows") / "plant", PlantSettings("p", "p")) as made:
        t = day_windows(SPRING, "Europe/Berlin").start[0] + np.flatnonzero(rng.random(5 * 1440) > 0.3) * MINUTE_US
        with made.importing(Source("a", "a", "a", 1)) as entry:
            for tag in ("a", "b"):
                flag = rng.choice(np.array([0, 0, 1], np.int8), t.size)
                entry.put_readings([Readings(tag, t, np.round(rng.normal(9, 1, t.size), 1), flag)])
        yield made


@pytest.mark.parametrize("windows", [day_windows(SPRING, "Europe/Berlin"), month_windows(SPRING, "UTC")])
def test_from_hours_as_from_readings(plant, windows):
    found = plant.telemetry.by_window(windows)
    asked = questions.by_window(plant.telemetry.scan(), windows).collect()
    assert [found.tags[k] for k in found.tag] == asked["tag"].to_list()
    for name in ("window", "n", "n_good", "min", "max"):
        assert getattr(found, name).tolist() == asked[name].to_list(), name
    # Up to 1,440 doubles of about 9 in another order.
    np.testing.assert_allclose(found.mean, asked["mean"].to_numpy(), rtol=1e-12)
    assert len(found) > 3


def test_a_reading_that_closes_the_day_belongs_to_it(plant):
    windows = day_windows(SPRING, "Europe/Berlin")
    instants, closing = (
        plant.telemetry.by_window(windows, ["a"]),
        plant.telemetry.by_window(windows, ["a"], closing="a"),
    )
    midnight = np.isin(np.append(windows.start, windows.end[-1]), plant.telemetry.series("a").t).astype(int)
    assert (closing.n - instants.n).tolist() == np.diff(midnight).tolist()
    assert np.diff(midnight).any()


def test_half_an_hour_cannot_be_cut_out_of_hours(plant):
    with pytest.raises(PlantError, match="whole hours"):
        plant.telemetry.by_window(day_windows(SPRING, "Asia/Kolkata"))


def test_no_windows_nothing_found(plant):
    assert len(plant.telemetry.by_window(Windows((), np.empty(0, np.int64), np.empty(0, np.int64)))) == 0
    later = day_windows(Period(date(2026, 1, 1), date(2026, 1, 2)), "UTC")
    assert len(plant.telemetry.by_window(later)) == 0
