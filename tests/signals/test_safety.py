"""Early warning: the interval holds what it says; hazards are data; incidents follow from times."""

from __future__ import annotations

import numpy as np
import pytest

from forgecast.plant.record import record
from forgecast.signals.alarm.definition import Alarm, Kind
from forgecast.signals.alarm.event import Event, What
from forgecast.signals.lasting import lasting
from forgecast.signals.safety.early_warning import moves, time_to_limit
from forgecast.signals.safety.hazard import hazard_signals, unwatched
from forgecast.signals.safety.incident import draft_incidents

S = 1_000_000


def ramp(seed: int, slope: float = 0.01, n: int = 400) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    t = np.arange(n, dtype=np.int64) * 10 * S
    return t, 20.0 + slope * t / S + rng.normal(0.0, 3.0, n), np.zeros(n, np.int8)


def test_an_exact_line_reaches_its_limit_when_it_must() -> None:
    t = np.arange(20, dtype=np.int64) * S
    flag = np.zeros(20, np.int8)
    up = time_to_limit(t, 2.0 * t / S, flag, 100.0, upwards=True)
    down = time_to_limit(t, 50.0 - 2.0 * t / S, flag, 0.0, upwards=False)
    assert up is not None
    assert down is not None
    assert (up.expected, up.earliest, up.latest) == pytest.approx((31.0, 31.0, 31.0))
    assert (down.expected, down.level, down.slope) == pytest.approx((6.0, 12.0, 2.0))


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    true = (100.0 - 20.0) / 0.01 - 3990.0
    found = [time_to_limit(*ramp(seed), 100.0, upwards=True) for seed in range(400)]
    held = np.mean([one is not None and one.earliest <= true <= one.latest for one in found])
    print(f"interval of 90 % held {100 * held:.1f} % of 400 ramps")
    # The slope's interval is meant to hold 90 %; that of a count of 400 has a standard deviation of 1.5 %. The level
    # is taken with the slope, so the interval of the time is close to that of the slope: 4 standard deviations.
    assert 0.84 <= held <= 0.96


def test_standing_still_is_no_trend() -> None:
    warned = [time_to_limit(*ramp(seed, slope=0.0), 100.0, upwards=True) for seed in range(200)]
    # Of a two-sided interval of 90 % five in a hundred lie above zero by chance.
    assert np.mean([one is not None for one in warned]) < 0.12
    assert time_to_limit(*ramp(0, slope=-0.01), 100.0, upwards=True) is None
    assert time_to_limit(*ramp(0, n=11), 100.0, upwards=True) is None
    assert moves(*ramp(0), upwards=True)
    assert not moves(*ramp(0), upwards=False)


def test_beyond_the_limit_no_time_is_left_and_bad_readings_do_not_speak() -> None:
    t, value, flag = ramp(0)
    now = time_to_limit(t, value, flag, 30.0, upwards=True)
    assert now is not None
    assert now.expected == now.earliest == now.latest == 0.0
    assert time_to_limit(t, value, flag + np.int8(1), 100.0, upwards=True) is None


def test_hazards_are_words_of_the_records() -> None:
    hazards = {choice.code for field in record("incident").fields if field.name == "hazard" for choice in field.choices}
    measures = {choice.code for field in record("tag").fields if field.name == "measures" for choice in field.choices}
    for signal in hazard_signals():
        assert signal.hazard in hazards
        assert signal.measures in measures
        assert signal.why.say("zh") != signal.why.say("en")
    assert {signal.together for signal in hazard_signals() if signal.hazard == "run_out"} == {"lining"}


def test_series_that_nobody_watches_are_named() -> None:
    found = unwatched({"F": "cooling_water_flow", "P": "active_power", "C": "ambient_carbon_monoxide"}, {("F", "down")})
    assert [(tag, signal.hazard) for tag, signal in found] == [("C", "carbon_monoxide")]
    assert len(unwatched({"F": "cooling_water_flow"}, {("F", "up")})) == 1


WATER = Alarm("W", "F", Kind.LOW, 20.0, hazard="cooling_water", equipment="EF1", on_delay=30.0)
GAS = Alarm("G", "CO", Kind.HIGH, 20.0, hazard="carbon_monoxide", equipment="CU1")
PROCESS = Alarm("P", "X", Kind.HIGH, 1.0)


def test_rings_close_together_are_one_incident_and_those_of_the_process_none() -> None:
    told = [
        Event("W", 100 * S, What.RAISED, 19.0), Event("W", 160 * S, What.RETURNED), Event("W", 900 * S, What.RAISED),
        Event("G", 120 * S, What.RAISED, 30.0), Event("P", 130 * S, What.RAISED), Event("W", 1000 * S, What.RETURNED),
        Event("W", 9000 * S, What.RAISED), Event("W", 9050 * S, What.ACKNOWLEDGED, by="Li"),
    ]  # fmt: skip
    alarms = {alarm.id: alarm for alarm in (WATER, GAS, PROCESS)}
    first, gas, last = draft_incidents(told, alarms, {"W": 120.0})
    assert (first.hazard, len(first.rings), first.began_at // S, first.ended_at) == ("cooling_water", 2, 70, 1000 * S)
    assert (gas.hazard, gas.equipment, gas.ended_at, gas.handled_at) == ("carbon_monoxide", "CU1", None, None)
    assert (last.handled_by, last.handled_at, last.ended_at) == ("Li", 9050 * S, None)
    assert [one.say("en") for one in last.evaluation] == [
        "acknowledged after 50 s, within the 2 min allowed", "it is still going on"]  # fmt: skip
    assert [one.say("en") for one in gas.evaluation] == ["nobody has acknowledged it", "it is still going on"]


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.5, "0.5 s"), (90, "90 s"), (120, "2 min"), (7200, "2 h"), (172_800, "2 days")]
)
def test_spans_of_time_are_said_in_the_unit_that_suits_them(seconds: float, said: str) -> None:
    assert lasting(seconds).say("en") == said
