"""The made-up plant at work: what its instruments show follows from one story, whoever asks first."""

import numpy as np
import pytest

from forgecast.environment.stack import to_reference_oxygen
from forgecast.ground.dates import HOUR_US, MINUTE_US
from forgecast.sample.live import BLOW_US, STROKE_US, furnace_shows, press_shows, script_of, stack_shows

BEGIN = 1_790_000_000_000_000 // HOUR_US * HOUR_US
SCRIPT = script_of(BEGIN)


def _dust_of_hour(hour: int) -> tuple[float, float]:
    """Return measured and converted mean of an hour of the play."""
    minutes = [stack_shows(SCRIPT, BEGIN + (60 * hour + minute) * MINUTE_US) for minute in range(1, 61)]
    measured = np.array([shown["pm"][0] for shown in minutes])
    oxygen = np.array([shown["o2"][0] for shown in minutes])
    converted = to_reference_oxygen(measured, oxygen, 12.0).values
    return float(measured.mean()), float(np.mean(converted))


def test_the_same_instant_shows_the_same_whatever_was_asked_before():
    at = BEGIN + 71 * MINUTE_US
    first = stack_shows(SCRIPT, at), furnace_shows(SCRIPT, at), press_shows(SCRIPT, at)
    press_shows(SCRIPT, at - MINUTE_US), stack_shows(SCRIPT, BEGIN)
    assert (stack_shows(SCRIPT, at), furnace_shows(SCRIPT, at), press_shows(SCRIPT, at)) == first


def test_torn_bags_show_only_after_conversion():
    # 40 mg/m3 at 12 % oxygen is the limit for a hot-blast cupola (GB 39726-2020, Table 1 and Table 3).
    before, during, after = (_dust_of_hour(hour) for hour in (0, 1, 2))
    assert before[1] < 30.0
    assert during[0] < 40.0 < during[1]
    assert after[1] < 30.0


@pytest.mark.parametrize("minute", [20, 125, 170])
def test_the_cooling_water_carries_away_a_quarter_of_the_power(minute):
    shown = furnace_shows(SCRIPT, BEGIN + minute * MINUTE_US)
    warmed = shown["coolant_temperature"][0] - 26.0
    # 4187 kJ/(m3 K) of water; the display rounds flow to 0.01 m3/h and the temperature scatters by 0.4 K.
    heat_kW = shown["coolant_flow"][0] * warmed * 4187.0 / 3600.0
    assert heat_kW == pytest.approx(0.25 * shown["power"][0], abs=4.0 * 0.4 * 21.0)


def test_the_water_dwindles_and_comes_back():
    flow = [furnace_shows(SCRIPT, BEGIN + minute * MINUTE_US)["coolant_flow"][0] for minute in (95, 130, 140)]
    assert flow[1] < 0.75 * flow[0]
    assert flow[2] == pytest.approx(flow[0], abs=1.0)


def test_a_blow_is_counted_once_and_its_peak_kept():
    begin = BEGIN + 5 * BLOW_US
    during = [press_shows(SCRIPT, begin + step) for step in range(0, STROKE_US, 10_000)]
    after = press_shows(SCRIPT, begin + STROKE_US)
    assert max(shown["force"][0] for shown in during) == pytest.approx(after["peak_force"][0], rel=1e-3)
    assert after["blows"][0] == during[0]["blows"][0] + 1
