"""The state machine of an alarm: nothing lost, nothing doubled; the same in pieces, after a stop, from its journal."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forgecast.signals.alarm.definition import Alarm, Kind
from forgecast.signals.alarm.event import Event, Shown, What, standing_of
from forgecast.signals.alarm.machine import Watching, advance, resume, see, suppress, told, watch
from forgecast.signals.reading import DOUBTFUL, GOOD, INVALID, Readings

S = 1_000_000
HIGH = Alarm("A", "T", Kind.HIGH, 10.0, deadband=2.0, on_delay=3.0, off_delay=2.0)


def readings(*pairs: tuple[int, float], flag: int = GOOD) -> Readings:
    """Return readings from (second, value)."""
    return Readings(
        "T",
        np.array([t for t, _ in pairs], np.int64) * S,
        np.array([value for _, value in pairs]),
        np.full(len(pairs), flag, np.int8),
    )


def told_of(alarm: Alarm, series: Readings, until: int | None = None) -> list[tuple[str, float]]:
    """Return what happened and at which second."""
    end = None if until is None else until * S
    events = watch(alarm, series.t, series.value, series.flag, until=end)[1]
    return [(str(event.what), event.at / S) for event in events]


def test_a_delay_deadband_and_return() -> None:
    series = readings((0, 9), (1, 11), (2, 9), (3, 11), (5, 12), (8, 9), (9, 8), (10, 9), (11, 8), (20, 8))
    # Above from 3 on, so raised at 6; 8 is within 10 - 2 from 9 on, but 10 shows 9 again; returned at 11 + 2.
    assert told_of(HIGH, series) == [("raised", 6), ("returned", 13)]


def test_a_reading_at_the_very_end_of_a_delay_decides() -> None:
    assert told_of(HIGH, readings((0, 11), (3, 9))) == []
    assert told_of(HIGH, readings((0, 11), (3, 11))) == [("raised", 3)]
    assert told_of(HIGH, readings((0, 11), (4, 9))) == [("raised", 3)]


def test_low_rate_and_stale() -> None:
    low = Alarm("A", "T", Kind.LOW, 5.0, deadband=1.0)
    assert told_of(low, readings((0, 6), (1, 4), (2, 5.5), (3, 6.0))) == [("raised", 1), ("returned", 3)]
    rate = Alarm("A", "T", Kind.RATE, 2.0)
    assert told_of(rate, readings((0, 0), (1, 1), (2, 5), (3, 5.5))) == [("raised", 2), ("returned", 3)]
    assert told_of(rate, readings((0, 0), (2, -8), (4, -8))) == [("raised", 2), ("returned", 4)]
    stale = Alarm("A", "T", Kind.STALE, 10.0)
    assert told_of(stale, readings((0, 1), (5, 1), (30, 1)), until=60) == [
        ("raised", 15), ("returned", 30), ("raised", 40)]  # fmt: skip


def test_only_good_readings_return_and_only_hazards_hear_doubtful_ones() -> None:
    quick = replace(HIGH, on_delay=0.0, off_delay=0.0)
    risky = replace(quick, hazard="carbon_monoxide")
    doubtful = readings((0, 20), (1, 1), flag=DOUBTFUL)
    assert told_of(quick, doubtful) == []
    assert told_of(risky, doubtful) == [("raised", 0)]
    assert told_of(risky, readings((0, 20), flag=INVALID)) == []
    # What only bad readings tell is told by the alarm on readings that stay away.
    stale = Alarm("A", "T", Kind.STALE, 10.0)
    watching, _ = see(stale, Watching(), 0, 1.0)
    watching, events = see(stale, watching, 20 * S, 1.0, INVALID)
    assert [(event.what, event.at) for event in events] == [(What.RAISED, 10 * S)]


def test_the_states_of_the_standard() -> None:
    quick = replace(HIGH, on_delay=0.0, off_delay=0.0)
    watching = Watching()
    seen = [watching.standing.shown(0)]
    watching, _ = see(quick, watching, 1 * S, 20.0)
    seen.append(watching.standing.shown(1 * S))
    acknowledged = told(watching, Event("A", 2 * S, What.ACKNOWLEDGED))
    seen.append(acknowledged.standing.shown(2 * S))
    returned, _ = see(quick, watching, 3 * S, 0.0)
    seen.append(returned.standing.shown(3 * S))
    seen.append(see(quick, acknowledged, 3 * S, 0.0)[0].standing.shown(3 * S))
    shelved = told(watching, Event("A", 2 * S, What.SHELVED, until=10 * S))
    seen += [shelved.standing.shown(9 * S), shelved.standing.shown(10 * S)]
    seen.append(told(watching, Event("A", 2 * S, What.OUT_OF_SERVICE)).standing.shown(3 * S))
    assert seen == [
        Shown.NORMAL, Shown.UNACKNOWLEDGED, Shown.ACKNOWLEDGED, Shown.RETURNED_UNACKNOWLEDGED, Shown.NORMAL,
        Shown.SHELVED, Shown.UNACKNOWLEDGED, Shown.OUT_OF_SERVICE,
    ]  # fmt: skip


def test_a_shelved_alarm_comes_back_by_itself_and_once() -> None:
    watching = told(Watching(), Event("A", 0, What.SHELVED, until=10 * S))
    watching, before = advance(HIGH, watching, 10 * S)
    watching, events = advance(HIGH, watching, 11 * S)
    _, again = advance(HIGH, watching, 12 * S)
    assert (before, again) == ([], [])
    assert [(event.what, event.at) for event in events] == [(What.UNSHELVED, 10 * S)]


def test_suppressed_by_design_while_the_furnace_is_off() -> None:
    alarm = replace(HIGH, suppress_tag="P", suppress_below=5.0)
    watching, off = suppress(alarm, Watching(), 1 * S, 0.0)
    watching, same = suppress(alarm, watching, 2 * S, 1.0)
    assert watching.standing.shown(2 * S) is Shown.SUPPRESSED
    watching, on = suppress(alarm, watching, 3 * S, 80.0)
    late, none = suppress(alarm, watching, 2 * S, 0.0)
    assert [event.what for event in off + same + on] == [What.SUPPRESSED, What.UNSUPPRESSED]
    assert (late, none) == (watching, [])


VALUES = st.sampled_from([0.0, 7.9, 8.0, 9.0, 10.0, 10.1, 20.0])


@st.composite
def series_of(draw: st.DrawFn) -> Readings:
    seconds = draw(st.lists(st.integers(0, 60), unique=True, max_size=40).map(sorted))
    flags = draw(st.lists(st.sampled_from([GOOD] * 6 + [DOUBTFUL, INVALID]), min_size=40, max_size=40))
    values = draw(st.lists(VALUES, min_size=40, max_size=40))
    n = len(seconds)
    return Readings("T", np.array(seconds, np.int64) * S, np.array(values[:n]), np.array(flags[:n], np.int8))


ALARMS = st.builds(
    Alarm,
    id=st.just("A"),
    tag=st.just("T"),
    kind=st.sampled_from(Kind),
    limit=st.sampled_from([4.0, 9.0, 10.0]),
    deadband=st.sampled_from([0.0, 2.0]),
    on_delay=st.sampled_from([0.0, 3.0, 7.0]),
    off_delay=st.sampled_from([0.0, 2.0, 9.0]),
    hazard=st.sampled_from(["", "fire"]),
)


def one_by_one(alarm: Alarm, series: Readings, end: int) -> tuple[Watching, list[Event]]:
    watching, events = Watching(), []
    for t, value, flag in zip(series.t, series.value, series.flag, strict=True):
        watching, more = see(alarm, watching, int(t), float(value), int(flag))
        events += more
    watching, more = advance(alarm, watching, end)
    return watching, events + more


@given(ALARMS, series_of())
@settings(max_examples=400)
def test_at_once_is_as_one_by_one(alarm: Alarm, series: Readings) -> None:
    singly = one_by_one(alarm, series, 100 * S)
    at_once = watch(alarm, series.t, series.value, series.flag, until=100 * S)
    assert at_once[1] == singly[1]
    assert at_once[0].standing == singly[0].standing


@given(ALARMS, series_of(), st.lists(st.integers(0, 60), max_size=6), st.booleans())
@settings(max_examples=400)
def test_batches_and_the_passing_of_time_make_no_difference(
    alarm: Alarm, series: Readings, cuts: list[int], ticks: bool
) -> None:
    watching, events = Watching(), []
    edges = sorted(cut * S for cut in cuts)
    for low, high in zip([-1, *edges], [*edges, 61 * S], strict=True):
        part = (series.t > low) & (series.t <= high)
        watching, more = watch(alarm, series.t[part], series.value[part], series.flag[part], watching)
        events += more
        if ticks:
            # A clock may tick at any moment up to the next reading.
            watching, more = advance(alarm, watching, high + 1)
            events += more
    watching, more = advance(alarm, watching, 100 * S)
    assert events + more == one_by_one(alarm, series, 100 * S)[1]


@given(ALARMS, series_of())
@settings(max_examples=300)
def test_raises_and_returns_take_turns_and_the_journal_tells_the_standing(alarm: Alarm, series: Readings) -> None:
    watching, events = one_by_one(alarm, series, 100 * S)
    kinds = [event.what for event in events]
    assert kinds == [What.RAISED, What.RETURNED] * (len(kinds) // 2) + [What.RAISED] * (len(kinds) % 2)
    times = [event.at for event in events]
    assert times == sorted(set(times))
    assert len({(event.at, event.number) for event in events}) == len(events)
    assert standing_of(reversed(events)) == standing_of(events) == watching.standing


@given(ALARMS, series_of(), st.integers(0, 60))
@settings(max_examples=400)
def test_a_stop_loses_and_doubles_nothing(alarm: Alarm, series: Readings, stop: int) -> None:
    """Watch until a stop, forget everything but the journal and the stored readings, and go on."""
    whole = one_by_one(alarm, series, 100 * S)[1]
    known = series.t <= stop * S
    journal = watch(alarm, series.t[known], series.value[known], series.flag[known])[1]
    watching, missed = resume(alarm, journal, series.t, series.value, series.flag)
    watching, last = advance(alarm, watching, 100 * S)
    assert journal + missed + last == whole


@given(series_of(), st.sampled_from([0, 3, 7]), st.sampled_from([0, 2, 9]))
@settings(max_examples=300)
def test_against_a_clock_that_looks_every_second(series: Readings, on_delay: int, off_delay: int) -> None:
    alarm = replace(HIGH, on_delay=float(on_delay), off_delay=float(off_delay))
    good = dict(zip((series.t // S).tolist(), zip(series.value, series.flag, strict=True), strict=True))
    value, active, since, expected = float("nan"), False, None, []
    for second in range(99):
        if second in good and good[second][1] == GOOD:
            value = float(good[second][0])
        wants = value <= 8.0 if active else value > 10.0
        since = (second if since is None else since) if wants else None
        if since is not None and second - since >= (off_delay if active else on_delay):
            active, since = not active, None
            expected.append((second * S, What.RAISED if active else What.RETURNED))
            # Its counterpart begins with the next reading at the soonest, as no value is both.
    found = one_by_one(alarm, series, 99 * S)[1]
    assert [(event.at, event.what) for event in found] == expected


@given(st.permutations([
    Event("A", 1, What.RAISED), Event("A", 3, What.RETURNED), Event("A", 5, What.RAISED),
    Event("A", 4, What.ACKNOWLEDGED), Event("A", 6, What.SHELVED, until=9), Event("A", 7, What.UNSHELVED),
    Event("A", 8, What.SUPPRESSED),
]))  # fmt: skip
def test_the_order_in_which_a_journal_is_read_does_not_matter(events: list[Event]) -> None:
    standing = standing_of(events)
    assert (standing.active, standing.acknowledged, standing.suppressed) == (True, False, True)
    assert not standing.shelved(8)


@pytest.mark.parametrize("what", [What.NOTIFIED, What.NOT_NOTIFIED])
def test_a_note_that_somebody_was_told_changes_no_state(what: What) -> None:
    assert standing_of([Event("A", 1, what)]) == standing_of([])
