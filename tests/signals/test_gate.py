"""The quality gate: faults with known truth are found, real series raise no storm, and batches make no difference."""

from __future__ import annotations

import csv
import gzip
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from forgecast.signals.gate.certificate import certify, digest
from forgecast.signals.gate.doubt import Doubt, Reason, lowered
from forgecast.signals.gate.gate import Bounds, Gate, check, in_order
from forgecast.signals.gate.profile import Profile, learn_profile
from forgecast.signals.reading import DOUBTFUL, GOOD, INVALID, Readings
from tests.signals.faults import INTERVAL, SECOND, Series, clean, gaps, score, spikes, stuck, unit

HISTORY = clean(seed=99)
USUAL = learn_profile(HISTORY.t, HISTORY.value, HISTORY.flag)


def judged(series: Series, profile: Profile = USUAL, bounds: Bounds | None = None) -> tuple[Doubt, ...]:
    return check(series.t, series.value, series.flag, profile, bounds)


def test_a_clean_series_raises_no_doubt() -> None:
    for seed in range(5):
        assert judged(clean(seed=seed)) == ()


@pytest.mark.parametrize("own", [False, True], ids=["judged by earlier readings", "judged by itself"])
def test_spikes_are_found_and_nothing_else(own: bool) -> None:
    found = []
    for seed in range(5):
        series = spikes(clean(seed=seed), np.random.default_rng(seed))
        profile = learn_profile(series.t, series.value, series.flag) if own else USUAL
        doubts = judged(series, profile)
        assert {doubt.reason for doubt in doubts} <= {Reason.SPIKE}
        found.append(score(doubts, Reason.SPIKE, series))
    precision, recall = np.mean(found, axis=0)
    print(f"spikes: precision {precision:.3f}, recall {recall:.3f}")
    # Spikes of 8 K and more stand 40 standard deviations of the noise off, and lie at least seven readings apart, so
    # each has clean neighbours: none may be missed. A reading beside a spike has the clean median on both sides.
    assert precision == 1.0
    assert recall == 1.0


def test_a_stuck_sensor_is_found_with_its_length() -> None:
    found = []
    for seed in range(5):
        series = stuck(clean(seed=seed), np.random.default_rng(seed))
        found.append(score(judged(series), Reason.STILL, series))
    precision, recall = np.mean(found, axis=0)
    print(f"stuck: precision {precision:.4f}, recall {recall:.4f}")
    # The value at which it sticks may have been shown just before or after, too: a reading or two of a thousand.
    assert precision > 0.99
    assert recall == 1.0


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("× 1000 (k, m)", lambda v: v * 1000.0),
        ("÷ 1000 (k, m)", lambda v: v / 1000.0),
        ("× 10", lambda v: v * 10.0),
        ("÷ 100 (%)", lambda v: v / 100.0),
        ("× 3600 (h, s)", lambda v: v * 3600.0),
        ("°C → °F", lambda v: v * 1.8 + 32.0),
        ("°C → K", lambda v: v + 273.15),
    ],
)
def test_a_changed_unit_is_found_and_named(name: str, change) -> None:  # type: ignore[no-untyped-def]
    found, named = [], []
    for seed in range(5):
        series = unit(clean(seed=seed), np.random.default_rng(seed), change)
        doubts = judged(series)
        found.append(score(doubts, Reason.UNIT_SLIP, series))
        named += [doubt.note for doubt in doubts if doubt.reason is Reason.UNIT_SLIP]
    precision, recall = np.mean(found, axis=0)
    print(f"unit {name}: precision {precision:.3f}, recall {recall:.3f}, named {Counter(named)}")
    # The usual range of 30 to 46 °C and none of these factors overlap, so every reading shows it.
    assert (precision, recall) == (1.0, 1.0)
    assert set(named) == {name}


def test_gaps_are_found_each_with_what_is_missing() -> None:
    for seed in range(5):
        series, truth = gaps(clean(seed=seed), np.random.default_rng(seed))
        doubts = [doubt for doubt in judged(series) if doubt.reason is Reason.GAP]
        assert {(doubt.start, doubt.end) for doubt in doubts} == truth
        assert all(doubt.count == (doubt.end - doubt.start) // INTERVAL - 1 for doubt in doubts)


def test_declared_bounds_are_kept() -> None:
    series = clean()
    doubts = [d for d in judged(series, bounds=Bounds(high=43.0)) if d.reason is Reason.BOUNDS]
    said = np.zeros(series.t.size, np.bool_)
    for doubt in doubts:
        said |= (series.t >= doubt.start) & (series.t <= doubt.end)
    assert (said == (series.value > 43.0)).all()
    assert max(doubt.size for doubt in doubts) == pytest.approx(float(series.value.max()) - 43.0)


def test_the_square_wave_of_a_machine_is_no_fault() -> None:
    rng = np.random.default_rng(1)
    t = np.arange(5000, dtype=np.int64) * INTERVAL
    on = (np.arange(5000) // 60) % 2 == 0
    for value in (on.astype(np.float64), np.where(on, 180.0, 0.0) + np.where(on, rng.normal(0.0, 4.0, 5000), 0.0)):
        flag = np.zeros(5000, np.int8)
        assert check(t, value, flag, learn_profile(t, value, flag)) == ()


def test_values_a_series_rests_on_are_no_stuck_sensor() -> None:
    series = clean()
    value = series.value.copy()
    for start in (1000, 3000, 5000, 7000):
        value[start : start + 700] = 30.0
    value[8000:8600] = 41.3
    profile = learn_profile(series.t, value, series.flag)
    still = [d for d in check(series.t, value, series.flag, profile) if d.reason is Reason.STILL]
    assert profile.rests == (30.0,)
    assert [doubt.size for doubt in still] == [41.3]


@pytest.mark.parametrize(
    ("shift", "reason"),
    [
        (0, None),
        (20, None),
        (8 * 3600, Reason.ZONE_SLIP),
        (-8 * 3600, Reason.ZONE_SLIP),
        (86400, Reason.DAY_SHIFT),
        (700, Reason.DRIFT),
        (-700, Reason.DRIFT),
    ],
)
def test_a_clock_that_is_off_is_called_what_it_is(shift: int, reason: Reason | None) -> None:
    series = clean(500)
    late = np.random.default_rng(0).integers(0, 5 * SECOND, 500)
    arrived = series.t + late
    doubts = check(series.t + shift * SECOND, series.value, series.flag, USUAL, arrived=arrived)
    assert {doubt.reason for doubt in doubts} == ({reason} if reason else set())


def test_a_backlog_sent_after_an_outage_is_no_fault() -> None:
    series = clean(500)
    arrived = series.t + SECOND
    arrived[100:300] = arrived[300] + np.arange(200) * 1000  # all at once when the line is back
    assert check(series.t, series.value, series.flag, USUAL, arrived=arrived) == ()


def test_single_readings_from_the_future_are_found() -> None:
    series = clean(500)
    arrived = series.t + SECOND
    arrived[200] = series.t[200] - 400 * SECOND
    doubts = check(series.t, series.value, series.flag, USUAL, arrived=arrived)
    assert [(doubt.reason, doubt.start) for doubt in doubts] == [(Reason.FUTURE, int(series.t[200]))]


def test_doubts_lower_flags_and_never_raise_them() -> None:
    t = np.arange(6, dtype=np.int64)
    flag = np.array([GOOD, GOOD, INVALID, DOUBTFUL, GOOD, GOOD], np.int8)
    doubts = (Doubt(1, 3, Reason.STILL, 3, 1.0), Doubt(3, 5, Reason.GAP, 1, 1.0))
    assert lowered(t, flag, doubts).tolist() == [GOOD, DOUBTFUL, INVALID, DOUBTFUL, GOOD, GOOD]
    assert flag.tolist() == [GOOD, GOOD, INVALID, DOUBTFUL, GOOD, GOOD]


def test_a_certificate_counts_what_is_there_and_names_what_is_missing() -> None:
    t = np.array([0, 1, 2, 5, 6], np.int64) * 10 * SECOND
    readings = Readings("T", t, np.arange(5.0), np.array([GOOD, GOOD, INVALID, DOUBTFUL, GOOD], np.int8))
    found = certify(readings, 0, 100 * SECOND, INTERVAL, (Doubt(int(t[1]), int(t[1]), Reason.SPIKE, 1, 1.0),))
    assert (found.due, found.present, found.good, found.doubtful, found.invalid) == (10, 5, 2, 2, 1)
    assert found.missing == ((20 * SECOND, 50 * SECOND), (60 * SECOND, 100 * SECOND))
    assert (found.longest, found.age) == (40.0, 40.0)
    assert not found.complete
    whole = Readings("T", np.arange(10, dtype=np.int64) * INTERVAL, np.ones(10), np.zeros(10, np.int8))
    assert certify(whole, 0, 100 * SECOND, INTERVAL).complete
    assert certify(Readings("T", t[:0], np.empty(0), readings.flag[:0]), 0, 100, 10).missing == ((0, 100),)
    # Nobody can say what is missing where no interval is known.
    assert certify(whole, 0, 100 * SECOND, None).due is None
    assert not certify(whole, 0, 100 * SECOND, None).complete


def test_another_state_of_a_series_has_another_digest() -> None:
    one = Readings("T", np.array([1, 2], np.int64), np.array([1.0, 2.0]), np.zeros(2, np.int8))
    assert digest(one) == digest(Readings("T", one.t.copy(), one.value.copy(), one.flag.copy()))
    others = (
        Readings("U", one.t, one.value, one.flag),
        Readings("T", one.t + 1, one.value, one.flag),
        Readings("T", one.t, one.value + 1e-12, one.flag),
        Readings("T", one.t, one.value, one.flag + np.int8(1)),
    )
    assert len({digest(one), *map(digest, others)}) == 5


@st.composite
def spoilt(draw: st.DrawFn) -> tuple[Series, list[int], NDArray[np.int64]]:
    """Return a series with all faults at once, where to cut it into batches, and arrivals."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n = draw(st.integers(1, 1200))
    series = clean(n, seed=draw(st.integers(0, 5)))
    value, t, flag = series.value.copy(), series.t.copy(), series.flag.copy()
    for _ in range(draw(st.integers(0, 4))):
        start = int(rng.integers(0, n))
        part = slice(start, start + int(rng.integers(1, 500)))
        match draw(st.integers(0, 5)):
            case 0:
                value[part] = value[part.start]
            case 1:
                value[part] *= rng.choice([10.0, 0.1, 1000.0, 3.6])
            case 2:
                t[part.start :] += int(rng.integers(1, 100)) * INTERVAL
            case 3:
                flag[part] = INVALID
            case 4:
                value[int(rng.integers(0, n))] += 30.0
            case _:
                t[part] -= int(rng.choice([3600, 8 * 3600, 17])) * SECOND
    cuts = sorted(draw(st.lists(st.integers(0, n), max_size=8)))
    arrived = np.arange(n, dtype=np.int64) * INTERVAL + rng.integers(0, 90 * SECOND, n)
    return Series(t, value, flag, series.spoilt), cuts, arrived


@given(spoilt(), st.booleans())
@settings(max_examples=150)
def test_batches_make_no_difference(made: tuple[Series, list[int], NDArray[np.int64]], told: bool) -> None:
    series, cuts, arrived = made
    bounds = Bounds(20.0, 43.0)
    whole = check(series.t, series.value, series.flag, USUAL, bounds, arrived=arrived if told else None)
    gate = Gate(USUAL, bounds)
    found = []
    for start, end in zip([0, *cuts], [*cuts, series.t.size], strict=True):
        part = slice(start, end)
        came = arrived[part] if told else None
        found += gate.push(series.t[part], series.value[part], series.flag[part], came)
    assert in_order([*found, *gate.finish()]) == whole


def test_of_two_factors_that_overlap_the_one_that_explains_more_is_said_whatever_the_batches() -> None:
    """350 is 3.6 and 10 times a usual value, 700 only 10 times: the whole stretch is a slip by 10."""
    usual = Profile(INTERVAL, float("inf"), None, 10.0, 100.0, 30.0, states=False)
    value = np.concatenate((np.full(20, 30.0), np.full(20, 350.0), np.full(20, 700.0), np.full(20, 30.0)))
    t, flag = np.arange(80, dtype=np.int64) * INTERVAL, np.zeros(80, np.int8)
    [whole] = check(t, value, flag, usual)
    assert (whole.note, whole.start // INTERVAL, whole.end // INTERVAL) == ("× 10", 20, 59)
    for cut in range(80):
        gate = Gate(usual)
        found = [*gate.push(t[:cut], value[:cut], flag[:cut]), *gate.push(t[cut:], value[cut:], flag[cut:])]
        assert in_order([*found, *gate.finish()]) == (whole,)


def test_a_reading_on_the_way_of_a_step_is_no_spike() -> None:
    series = clean(200)
    value = np.where(np.arange(200) < 100, 38.0, 138.0)
    value[100] = 90.0
    assert not any(doubt.reason is Reason.SPIKE for doubt in check(series.t, value, series.flag, USUAL))


def steel(shared: Path) -> tuple[NDArray[np.int64], NDArray[np.int64], dict[str, NDArray[np.float64]]]:
    """Return the times as the file has them, the true ones, and the columns."""
    with gzip.open(shared / "data" / "steel-energy-15min" / "steel_industry_2018.csv.gz", "rt") as file:
        head, *rows = csv.reader(file)
    as_written = [round(datetime.strptime(row[0], "%d/%m/%Y %H:%M").replace(tzinfo=UTC).timestamp()) for row in rows]
    written = np.array(as_written, np.int64) * SECOND
    true = written[0] + np.arange(written.size, dtype=np.int64) * 900 * SECOND
    names = [n for n in head if n.endswith(("kWh", "kVarh", "Factor"))]
    return written, true, {name: np.array([float(row[head.index(name)]) for row in rows]) for name in names}


@pytest.mark.real_data
def test_a_year_of_a_steel_works_raises_no_storm(shared: Path) -> None:
    _, t, columns = steel(shared)
    assert len(columns) == 5
    for name, value in columns.items():
        flag = np.zeros(value.size, np.int8)
        counts = Counter(doubt.reason for doubt in check(t, value, flag, learn_profile(t, value, flag)))
        print(name, dict(counts))
        # The README of the data says: a gap-free year without a fault but its clock; 35 of 35,040 is one a thousand.
        assert set(counts) <= {Reason.SPIKE}
        assert counts[Reason.SPIKE] <= 35


@pytest.mark.real_data
def test_the_clock_of_the_steel_works_is_off_by_a_day_at_each_midnight(shared: Path) -> None:
    written, _, columns = steel(shared)
    value = columns["Usage_kWh"]
    flag = np.zeros(value.size, np.int8)
    doubts = check(written, value, flag, learn_profile(written, value, flag, interval=900.0))
    # The README of the data: 365 last rows of a day bear the date before.
    assert Counter(d.reason for d in doubts if d.reason is not Reason.GAP) == {Reason.DAY_SHIFT: 365}


@pytest.mark.real_data
def test_five_years_of_a_gas_turbine(shared: Path) -> None:
    path = shared / "data" / "cems-gas-turbine" / "gas_turbine_co_nox_2011_2015.csv.gz"
    with gzip.open(path, "rt") as file:
        head, *rows = csv.reader(file)
    t = np.arange(len(rows), dtype=np.int64) * 3600 * SECOND
    for at, name in enumerate(head[1:], start=1):
        value = np.array([float(row[at]) for row in rows])
        flag = np.zeros(value.size, np.int8)
        doubts = check(t, value, flag, learn_profile(t, value, flag, interval=3600.0))
        counts = Counter(doubt.reason for doubt in doubts)
        print(name, dict(counts))
        # Carbon monoxide shoots up for an hour whenever the turbine starts; even so fewer than 2 hours in a thousand.
        assert counts[Reason.SPIKE] <= 0.002 * value.size
        assert counts[Reason.UNIT_SLIP] == 0
        for doubt in doubts:
            if doubt.reason is Reason.STILL:
                within = value[(t >= doubt.start) & (t <= doubt.end)]
                assert np.unique(within).size == 1
                assert within.size > 20
