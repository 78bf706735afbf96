"""Floods, bad actors and alarms tried on the past: counted by hand, and against plain counting."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forgecast.signals.alarm.definition import Alarm, Kind, Priority
from forgecast.signals.alarm.event import Event, What
from forgecast.signals.alarm.review import Ring, chattering, floods_of, review, rings_of, targets
from forgecast.signals.alarm.trial import Known, calmest, try_alarm, try_settings
from forgecast.signals.gate.doubt import Doubt, Reason
from forgecast.signals.reading import GOOD, Readings

S = 1_000_000
MINUTE = 60 * S


def ring(second: float, alarm: str = "A") -> Ring:
    return Ring(alarm, round(second * S), None, None)


def test_a_flood_begins_with_ten_in_ten_minutes_and_ends_below_five() -> None:
    rings = [ring(30.0 * n, f"A{n}") for n in range(12)]
    [flood] = floods_of(rings)
    assert (flood.start, flood.count, flood.peak, flood.first) == (0, 12, 12, "A0")
    # From 600 s on the first ones leave the window; with the eighth, rung at 210 s, four are left.
    assert flood.end == 810 * S
    assert floods_of(rings[:9]) == ()
    assert floods_of(rings, operators=2) == ()


def test_a_ring_that_takes_the_place_of_another_ends_no_flood() -> None:
    # At 600 s six leave, and one comes: five stay in the window, as many as a flood needs to go on.
    (flood,) = floods_of([ring(second) for second in (0, 0, 0, 0, 0, 0, 10, 20, 30, 40, 600)])
    assert flood.end == 610 * S


@given(st.lists(st.integers(0, 4000), max_size=60))
@settings(max_examples=200)
def test_floods_against_a_look_at_every_second(seconds: list[int]) -> None:
    seconds.sort()
    found = floods_of([ring(second) for second in seconds])
    expected, flooded, counts = [], False, np.bincount(np.array(seconds, np.int64), minlength=6000)
    window = np.convolve(counts, np.ones(600, np.int64))[:6000]  # rings of the last 600 s, this second's included
    for second in range(6000):
        if not flooded and window[second] >= 10:
            flooded = True
            expected.append([second, None])
        elif flooded and window[second] < 5:
            flooded = False
            expected[-1][1] = second
    assert [flood.end // S for flood in found] == [end for _, end in expected]
    assert sum(flood.count for flood in found) <= len(seconds)


def events(*told: tuple[int, What], alarm: str = "A", until: int | None = None) -> list[Event]:
    return [Event(alarm, second * S, what, until=until) for second, what in told]


def test_what_nobody_could_hear_is_no_ring_until_it_comes_out() -> None:
    hidden = events((0, What.SUPPRESSED), (10, What.RAISED), (20, What.RETURNED), (30, What.RAISED),
                    (40, What.UNSUPPRESSED), (50, What.RETURNED))  # fmt: skip
    rings, masked = rings_of(hidden)
    assert [(one.at // S, one.returned_at) for one in rings] == [(40, 50 * S)]
    assert [at // S for at in masked] == [10, 30]


def test_a_review_counts_by_hand() -> None:
    alarms = {name: Alarm(name, "T", Kind.HIGH, 1.0, priority=priority)
              for name, priority in (("A", Priority.LOW), ("B", Priority.HIGH), ("C", Priority.LOW))}  # fmt: skip
    log = [
        *events((0, What.RAISED), (10, What.RETURNED), (20, What.RAISED), (30, What.RETURNED), (40, What.RAISED),
                (5000, What.RETURNED)),
        *events((100, What.RAISED), (200, What.ACKNOWLEDGED), alarm="B"),
        *events((90_000, What.RAISED), alarm="C"),
    ]  # fmt: skip
    found = review(log, alarms, 0, 100_000 * S)
    assert found.most == (("A", 3), ("B", 1), ("C", 1))
    assert found.chattering == (("A", 3),)
    assert found.fleeting == (("A", 2),)
    assert found.standing == (("B", pytest.approx(99_900.0)),)
    assert found.priorities[Priority.LOW] == pytest.approx(0.8)
    assert found.per_ten_minutes == pytest.approx(5 * 600 / 100_000)
    later = review(log, alarms, 50 * S, 100_000 * S)
    assert [one.alarm for one in later.rings] == ["B", "C"]


def test_three_rings_spread_over_more_than_a_minute_do_not_chatter() -> None:
    assert chattering([ring(0), ring(30), ring(61)]) == ()
    assert chattering([ring(0), ring(30), ring(60), ring(500)]) == (("A", 3),)


def test_figures_of_the_standards_say_how_well_they_are_known() -> None:
    known = targets()
    assert (known["flood_begins"].value, known["flood_ends"].value) == (10.0, 5.0)
    assert known["flood_begins"].confidence == "secondary"
    assert known["chatter_rings"].confidence == "unverified"


HIGH = Alarm("A", "T", Kind.HIGH, 10.0)


def noisy(n: int = 5000, seed: int = 0) -> Readings:
    """Return a slow wave with noise that crosses 10 now and then, read every 10 s."""
    rng = np.random.default_rng(seed)
    t = np.arange(n, dtype=np.int64) * 10 * S
    value = 8.0 + 2.0 * np.sin(np.arange(n) / 200.0) + rng.normal(0.0, 0.4, n)
    return Readings("T", t, value, np.zeros(n, np.int8))


def test_a_trial_without_delay_or_deadband_counts_every_crossing() -> None:
    series = noisy()
    trial = try_alarm(HIGH, series)
    above = series.value > 10.0
    assert len(trial.rings) == int((above & ~np.concatenate(([False], above[:-1]))).sum())
    # Each reading holds for ten seconds, the last one not at all.
    assert trial.active == pytest.approx(10.0 * above[:-1].sum())


def test_deadband_and_delay_make_an_alarm_calmer() -> None:
    settings_tried = try_settings(HIGH, noisy(), deadbands=[0.0, 0.5, 1.0, 2.0])
    counts = [len(one.trial.rings) for one in settings_tried]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] > 5 * counts[-1] > 0
    longer = [len(one.trial.rings) for one in try_settings(HIGH, noisy(), on_delays=[0.0, 30.0, 120.0])]
    assert longer[0] > longer[1] > longer[2]


def test_known_events_are_noticed_with_their_lead_and_the_rest_is_false() -> None:
    t = np.arange(400, dtype=np.int64) * 10 * S
    value = np.full(400, 5.0)
    value[50] = 20.0  # alone: false
    value[100:150] = 20.0  # before and into what happened
    value[300:310] = 20.0  # too late for what happened at 2000 s
    series = Readings("T", t, value, np.zeros(400, np.int8))
    known = [Known("one", 1100 * S, 1400 * S), Known("two", 2000 * S, 2100 * S)]
    trial = try_alarm(HIGH, series, known=known, early=300.0)
    assert [(one.ring is not None, one.lead) for one in trial.noticed] == [(True, 100.0), (False, None)]
    assert [one.at // S for one in trial.false_rings or ()] == [500, 3000]
    assert trial.attention(60.0) == 120.0
    assert try_alarm(HIGH, series).false_rings is None
    best = calmest(try_settings(HIGH, series, on_delays=[0.0, 50.0, 600.0], known=known, early=300.0), HIGH)
    assert best is not None
    assert best.alarm.on_delay == 50.0
    assert calmest(try_settings(HIGH, series, on_delays=[0.0, 50.0]), HIGH) is None


def test_rings_of_a_sensor_that_is_doubted_are_told_apart() -> None:
    t = np.arange(100, dtype=np.int64) * 10 * S
    value = np.full(100, 5.0)
    value[[20, 60]] = 20.0
    doubts = [Doubt(200 * S, 200 * S, Reason.SPIKE, 1, 0.9), Doubt(0, 990 * S, Reason.GAP, 5, 0.9)]
    trial = try_alarm(HIGH, Readings("T", t, value, np.zeros(100, np.int8)), doubts=doubts)
    assert [one.at // S for one in trial.doubtful] == [200]
    assert len(trial.rings) == 2


def test_a_suppressed_alarm_does_not_ring_in_a_trial() -> None:
    t = np.arange(100, dtype=np.int64) * 10 * S
    value = np.where((np.arange(100) % 20) == 10, 20.0, 5.0)
    power = np.where(np.arange(100) < 50, 0.0, 100.0)
    flag = np.full(100, GOOD, np.int8)
    alarm = replace(HIGH, suppress_tag="P", suppress_below=10.0)
    trial = try_alarm(alarm, Readings("T", t, value, flag), suppressing=Readings("P", t - 1, power, flag))
    assert ([one.at // S for one in trial.rings], trial.hidden) == ([500, 700, 900], 2)
