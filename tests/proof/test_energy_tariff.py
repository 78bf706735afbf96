"""Proofs of tariffs, meter trees and shifted melting: by brute force, by Monte Carlo, by trying everything."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise, product
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from forgecast.energy.idle_loss import holding, mean_of_blocks, share_within
from forgecast.energy.melt_shift import Run, shift_runs
from forgecast.energy.meter_tree import balance_tree
from forgecast.energy.plant_clock import plant_clock
from forgecast.energy.tariff import Hours, Tariff, bill, minute_of_day, months_of, priced
from forgecast.ground.errors import ForgecastError

QUARTER = 900_000_000
ALL = frozenset(range(1, 13))
SUMMER = frozenset({6, 7, 8})
HOURS = (
    Hours("valley", ALL, minute_of_day("22:00"), minute_of_day("06:00"), 0.3),
    Hours("flat", ALL, 360, 600, 0.6),
    Hours("peak", ALL - SUMMER, 600, 1320, 1.0),
    Hours("sharp", SUMMER, 600, 1320, 1.3),
)


def _price(moment: datetime) -> float:
    """Return the price by the clock on the wall, in plain Python."""
    minute = 60 * moment.hour + moment.minute
    if minute >= 1320 or minute < 360:
        return 0.3
    if minute < 600:
        return 0.6
    return 1.3 if moment.month in (6, 7, 8) else 1.0


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"])
def test_every_quarter_hour_of_a_year_has_the_price_of_the_clock_on_the_wall(zone):
    """35,040 quarter hours one by one with Python's own clock, over both changes of daylight saving."""
    start = datetime(2024, 12, 31, tzinfo=UTC)
    times = int(start.timestamp()) * 1_000_000 + np.arange(366 * 96, dtype=np.int64) * QUARTER
    got = priced(times, [Tariff("T", date(2020, 1, 1), None, HOURS)], zone)
    place = ZoneInfo(zone)
    moments = [(start + timedelta(minutes=15 * n)).astimezone(place) for n in range(times.size)]
    assert got.price.tolist() == [_price(moment) for moment in moments]
    clock = plant_clock(times, zone)
    assert clock.minute.tolist() == [60 * m.hour + m.minute for m in moments]
    assert clock.weekday.tolist() == [m.weekday() for m in moments]
    assert (clock.month_of_year == [m.month for m in moments]).all()


def test_a_bill_is_the_sum_over_quarter_hours():
    """A quarter of a year in Berlin, added up one by one: energy by kind, demand, power factor, adjustment."""
    place = ZoneInfo("Europe/Berlin")
    start = datetime(2025, 3, 1, tzinfo=place).astimezone(UTC)
    count = int((datetime(2025, 6, 1, tzinfo=place) - datetime(2025, 3, 1, tzinfo=place)).total_seconds()) // 900
    count -= 4  # the clock goes forward: an hour less has passed than the wall shows
    times = int(start.timestamp()) * 1_000_000 + np.arange(count, dtype=np.int64) * QUARTER
    rng = np.random.default_rng(4)
    energy, reactive = rng.uniform(50, 250, count), rng.uniform(10, 120, count)
    tariff = Tariff("T", date(2020, 1, 1), None, HOURS, "metered_demand", 38.0, required_power_factor=0.9)
    moments = [datetime.fromtimestamp(int(t) // 1_000_000, place) for t in times]
    table = {round(0.01 * n, 2): 0.001 * (100 - n) for n in range(50, 101)}
    bills = bill(times, energy, [tariff], "Europe/Berlin", interval=900.0, reactive_kvarh=reactive, factor_table=table)
    assert [one.month for one in bills] == ["2025-03", "2025-04", "2025-05"]
    for one in bills:
        part = [n for n, m in enumerate(moments) if f"{m:%Y-%m}" == one.month]
        cost = sum(energy[n] * _price(moments[n]) for n in part)
        demand = max(energy[n] * 4 for n in part) * 38.0
        p, q = sum(energy[n] for n in part), sum(reactive[n] for n in part)
        factor = p / np.hypot(p, q)
        share = 0.001 * (100 - round(100 * factor))
        # Sums of some thousand products, added up in another order.
        assert sum(one.energy_cost.values()) == pytest.approx(cost, rel=1e-12)
        assert one.demand_cost == pytest.approx(demand, rel=1e-12)
        assert one.power_factor == pytest.approx(factor, rel=1e-12)
        assert one.total == pytest.approx((cost + demand) * (1 + share), rel=1e-12)
    # March has an hour less than thirty-one days.
    assert sum(1 for m in moments if m.month == 3) == 31 * 96 - 4


def test_a_bill_without_a_table_or_a_price_has_no_total():
    times = np.arange(96, dtype=np.int64) * QUARTER + 1_748_736_000_000_000  # 2025-06-01T00:00Z
    plain = Tariff("T", date(2020, 1, 1), None, HOURS, "none")
    (one,) = bill(times, np.ones(96), [plain], "UTC", interval=900.0)
    assert one.total == pytest.approx(4 * (8 * 0.3 + 4 * 0.6 + 12 * 1.3))
    strict = Tariff("T", date(2020, 1, 1), None, HOURS, "none", required_power_factor=0.9)
    (one,) = bill(times, np.ones(96), [strict], "UTC", interval=900.0, reactive_kvarh=np.ones(96))
    assert (one.total, one.factor_cost) == (None, None)
    assert "0.71 is not given" in str(one.reasons[-1])
    gap = Tariff("T", date(2020, 1, 1), None, HOURS[:2], "none")
    (one,) = bill(times, np.ones(96), [gap], "UTC", interval=900.0)
    assert (one.total, one.unpriced_kWh) == (None, 48.0)
    missing = np.ones(96)
    missing[5] = np.nan
    (one,) = bill(times, missing, [plain], "UTC", interval=900.0)
    assert (one.total, one.missing_intervals) == (None, 1)
    (one,) = bill(times, np.ones(96), [Tariff("T", date(2026, 1, 1), None, HOURS, "none")], "UTC", interval=900.0)
    assert one.total is None


def test_hours_that_overlap_are_refused_and_written_words_are_read():
    twice = (*HOURS, Hours("deep_valley", frozenset({1}), 120, 240, 0.1))
    with pytest.raises(ForgecastError, match="two prices hold in month 1 at 02:00"):
        priced(np.array([0], dtype=np.int64), [Tariff("T", date(2020, 1, 1), None, twice)], "UTC")
    assert months_of("11-2、7") == {11, 12, 1, 2, 7}
    assert (minute_of_day("24:00"), minute_of_day("8:30")) == (1440, 510)
    for written in ("13", "0", "", "x"):
        with pytest.raises(ForgecastError):
            months_of(written)
    for written in ("24:01", "8.30", "08:60"):
        with pytest.raises(ForgecastError):
            minute_of_day(written)


def test_a_later_version_of_a_contract_wins():
    old = Tariff("T", date(2020, 1, 1), None, (Hours("flat", ALL, 0, 1440, 0.5),))
    new = Tariff("T", date(2025, 7, 1), None, (Hours("flat", ALL, 0, 1440, 0.7),))
    last = int(datetime(2025, 6, 30, 15, 45, tzinfo=UTC).timestamp()) * 1_000_000  # 23:45 in Shanghai
    got = priced(np.array([last, last + QUARTER], dtype=np.int64), [new, old], "Asia/Shanghai")
    assert got.price.tolist() == [0.5, 0.7]


RUNS = st.lists(
    st.tuples(st.integers(0, 1), st.integers(1, 2), st.integers(0, 4), st.integers(200, 900)), min_size=1, max_size=3
)


@given(RUNS, st.lists(st.floats(0.1, 1.5), min_size=7, max_size=7), st.integers(900, 2000), st.integers(0, 80))
@settings(max_examples=40)
def test_the_plan_is_the_best_of_all(shapes, price, capacity, heel):
    """Every choice of starts is tried; the plan must cost as little as the best allowed one, and its bound prove it."""
    runs = [Run(f"H{n}", f"F{f}", s, float(kW), start, 0, 6, 100.0) for n, (f, s, start, kW) in enumerate(shapes)]
    heels = {f"F{n}": float(heel) for n in range(2)}
    assume(heel < 200)
    best = None
    for starts in product(range(7), repeat=len(runs)):
        load, busy, cost = np.full(7, 2.0 * heel), np.zeros((2, 10)), 2.0 * heel * sum(price)
        for run, start in zip(runs, starts, strict=True):
            ready, planned = start + run.slots, run.start + run.slots
            for slot in range(start, max(ready, planned)):
                if slot >= 7:
                    cost = np.inf
                    break
                more = run.power_kW - heel if slot < ready else max(run.hold_kW - heel, 0.0)
                load[slot] += more
                cost += more * price[slot]
                busy[int(run.furnace[1]), slot] += 1
        if load.max() <= capacity + 1e-9 and busy.max() <= 1 and (best is None or cost < best) and np.isfinite(cost):
            best = cost
    if best is None:
        with pytest.raises(ForgecastError, match="no plan keeps"):
            shift_runs(runs, price, capacity_kW=float(capacity), heel_kW=heels)
        return
    got = shift_runs(runs, price, capacity_kW=float(capacity), heel_kW=heels)
    # HiGHS keeps its constraints and its whole numbers to 1e-6.
    assert got.cost_after == pytest.approx(best, rel=1e-6)
    assert got.bound <= got.cost_after * (1 + 1e-9)
    assert got.proven
    assert got.peak_after <= capacity * (1 + 1e-6)


def test_carbon_moves_a_heat_only_once_it_has_a_price():
    run = [Run("H", "F", 1, 1000.0, 0, 0, 3)]
    price, carbon = [0.50, 0.51, 0.9, 0.9], [0.9, 0.1, 0.5, 0.5]
    assert shift_runs(run, price, carbon=carbon).starts == (0,)
    got = shift_runs(run, price, carbon=carbon, carbon_price=0.1)
    assert got.starts == (1,)
    assert (got.carbon_before, got.carbon_after) == (900.0, 100.0)


def test_the_uncertainty_of_a_rest_is_that_of_random_meters():
    """100,000 draws of meters with their classes: the rest scatters by what the tree says.

    The standard deviation from so many draws is known to 0.2 %; four times that is allowed.
    """
    true = {"M": 1000.0, "A": 600.0, "B": 330.0}
    classes = {"M": 0.005, "A": 0.01, "B": 0.02}
    (node,) = balance_tree({"M": "", "A": "M", "B": "M"}, {k: [v] for k, v in true.items()}, accuracy=classes)
    rng = np.random.default_rng(100)
    draws = {k: v * (1 + classes[k] / 1.959963984540054 * rng.normal(size=100_000)) for k, v in true.items()}
    rests = draws["M"] - draws["A"] - draws["B"]
    assert 1.959963984540054 * rests.std() == pytest.approx(node.uncertainty[0], rel=0.009)
    assert node.rest[0] == pytest.approx(70.0)


@given(st.lists(st.tuples(st.integers(0, 90), st.integers(1, 30)), max_size=6))
def test_shares_of_intervals_by_counting_minutes(stretches):
    """Minutes counted one by one against the shares of quarter hours."""
    minutes = np.zeros(130, dtype=bool)
    for first, length in stretches:
        minutes[first : first + length] = True
    starts = np.arange(0, 120, 15, dtype=np.int64)
    got = share_within(starts, 15, [(first, first + length) for first, length in stretches])
    assert got == pytest.approx([minutes[s : s + 15].mean() for s in starts], abs=1e-12)


def test_holding_power_is_found_again_with_its_interval():
    """A furnace that melts at 1200 kW and holds at 90 kW, read with noise: 95 of 100 intervals must hold the 90.

    120 draws: the standard error of the share is 0.02; three are allowed.
    """
    rng = np.random.default_rng(90)
    starts = np.arange(400, dtype=np.int64) * QUARTER
    melting = [(int(starts[n]), int(starts[n] + 4 * QUARTER)) for n in range(0, 396, 10)]
    held = [(b, a) for (_, b), (a, _) in pairwise(melting)]
    melts = share_within(starts, QUARTER, melting)
    holds = share_within(starts, QUARTER, held)
    inside = 0
    for _ in range(120):
        power = 1200.0 * melts + 90.0 * holds + rng.normal(0, 15, 400)
        got = holding(starts, power, length_us=QUARTER, melting=melting, held=held)
        inside += got.power_kW.low <= 90.0 <= got.power_kW.high
    assert inside / 120 >= 0.95 - 0.06
    assert got.melting_kW == pytest.approx(1200.0, abs=10.0)
    assert got.hours == pytest.approx(holds.sum() / 4)


def test_a_mean_of_days_holds_the_truth():
    """Days of different length whose level differs from day to day: the interval of the mean by days.

    300 draws of 20 days: standard error 0.013; three are allowed.
    """
    rng = np.random.default_rng(12)
    inside = 0
    for _ in range(300):
        lengths = rng.integers(5, 15, 20)
        days = np.repeat(np.arange(20), lengths)
        values = 100.0 + np.repeat(rng.normal(0, 10, 20), lengths) + rng.normal(0, 2, days.size)
        got = mean_of_blocks(values, days)
        inside += got.low <= 100.0 <= got.high
    assert inside / 300 >= 0.95 - 0.04


def test_a_holding_power_below_zero_is_no_answer():
    """Heats written a quarter too long: what the furnace does not draw there would be booked as holding below zero."""
    starts = np.arange(400, dtype=np.int64) * QUARTER
    melts = [(int(k * 4 * QUARTER), int((k * 4 + 3) * QUARTER)) for k in range(100)]
    held = [(int((k * 4 + 2.4) * QUARTER), int((k * 4 + 4) * QUARTER)) for k in range(100)]
    power = np.where(np.arange(400) % 4 < 2, 1000.0, 0.0)
    found = holding(starts, power, length_us=QUARTER, melting=melts, held=held)
    assert found.power_kW.value is None
    assert "below zero" in str(found.power_kW.why_missing)
