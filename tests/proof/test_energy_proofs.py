"""Proofs of the energy sciences: each states a problem whose solution is known, and its solution."""

from __future__ import annotations

import csv
import gzip
from datetime import date
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from forgecast.energy.baseline import expected_energy, fit_baseline
from forgecast.energy.load_curve import load_figures, power_factor, power_factor_contradictions
from forgecast.energy.month import sums_by_period
from forgecast.energy.trend import monthly_trend
from forgecast.ground.dates import day_start_us, local_to_us, month_start, next_month
from forgecast.ground.errors import ForgecastError

MONTHS = st.integers(3, 24)


@given(st.floats(-1e6, 1e6), st.floats(-1e4, 1e4), st.integers(0, 2**32 - 1))
def test_a_line_is_found_again(base, slope, seed):
    """Months that lie exactly on a line: least squares must return it, without residual and with R2 = 1."""
    production = np.random.default_rng(seed).uniform(100.0, 2000.0, 12)
    energy = base + slope * production
    got = fit_baseline(production, energy)
    size = abs(base) + 2000.0 * abs(slope)
    # Rounding of the largest energy, carried through a fit of twelve months and out to zero production.
    assert got.base == pytest.approx(base, abs=1e-10 * size + 1e-300)
    assert got.per_tonne * 1000.0 == pytest.approx(slope * 1000.0, abs=1e-10 * size + 1e-300)
    assert got.residual_error <= 1e-10 * size + 1e-300


NORRIS_Y = [
    0.1, 338.8, 118.1, 888.0, 9.2, 228.1, 668.5, 998.5, 449.1, 778.9, 559.2, 0.3, 0.1, 778.1, 668.8, 339.3,
    448.9, 10.8, 557.7, 228.3, 998.0, 888.8, 119.6, 0.3, 0.6, 557.6, 339.3, 888.0, 998.5, 778.9, 10.2, 117.6,
    228.9, 668.4, 449.2, 0.2,
]  # fmt: skip
NORRIS_X = [
    0.2, 337.4, 118.2, 884.6, 10.1, 226.5, 666.3, 996.3, 448.6, 777.0, 558.2, 0.4, 0.6, 775.5, 666.9, 338.0,
    447.5, 11.6, 556.0, 228.1, 995.8, 887.6, 120.2, 0.3, 0.3, 556.8, 339.1, 887.2, 999.0, 779.0, 11.1, 118.3,
    229.2, 669.1, 448.9, 0.5,
]  # fmt: skip


def test_norris_certified_values():
    """Linear regression reference data set Norris (NIST, ozone monitors): certified values of line, errors and R2."""
    got = fit_baseline(NORRIS_X, NORRIS_Y)
    # Certified to 15 digits; eleven are asked for, the rest is rounding of 36 sums.
    assert got.base == pytest.approx(-0.262323073774029, rel=1e-11)
    assert got.per_tonne == pytest.approx(1.00211681802045, rel=1e-13)
    assert got.base_error == pytest.approx(0.232818234301152, rel=1e-11)
    assert got.per_tonne_error == pytest.approx(0.429796848199937e-3, rel=1e-11)
    assert got.residual_error == pytest.approx(0.884796396144373, rel=1e-11)
    assert got.r2 == pytest.approx(0.999993745883712, rel=1e-13)


@given(MONTHS, st.integers(0, 2**32 - 1))
def test_least_squares_against_numpy(n, seed):
    """Scattered months: line and standard errors must be those of numpy's own least squares with covariance."""
    rng = np.random.default_rng(seed)
    production, energy = rng.uniform(100.0, 2000.0, n), rng.uniform(1e4, 1e6, n)
    got = fit_baseline(production, energy, minimum_months=3)
    design = np.column_stack([np.ones(n), production])
    solution, squares, *_ = np.linalg.lstsq(design, energy, rcond=None)
    errors = np.sqrt(np.diag(np.linalg.inv(design.T @ design)) * squares[0] / (n - 2))
    # Production is off centre by design; the normal equations of the reference lose a few digits to that.
    assert [got.base, got.per_tonne] == pytest.approx(solution.tolist(), rel=1e-6, abs=1e-3)
    assert [got.base_error, got.per_tonne_error] == pytest.approx(errors.tolist(), rel=1e-6)


def test_the_band_holds_the_share_of_new_months_it_promises():
    """A known line with normal scatter: 95 % of new months must fall into the 95 % band.

    Problem: 3 000 plants with 12 baseline months each and one new month at random production.
    Solution: the share within is 0.95; its standard error with 3 000 draws is 0.004, four of which are allowed.
    """
    rng = np.random.default_rng(39726)
    inside = 0
    for _ in range(3000):
        production = rng.uniform(500.0, 1500.0, 13)
        energy = 50_000.0 + 600.0 * production + rng.normal(0.0, 20_000.0, 13)
        band = expected_energy(fit_baseline(production[:12], energy[:12]), production[12])
        inside += bool(band.low <= energy[12] <= band.high)
    assert inside / 3000 == pytest.approx(0.95, abs=0.016)


@given(arrays.arrays(np.float64, st.integers(4, 20), elements=st.floats(-1e3, 1e3)))
def test_trend_is_the_median_of_all_pairs(values):
    """Theil's slope by its definition, pair by pair; the bounds enclose it."""
    months = [f"{2020 + m // 12}-{m % 12 + 1:02d}" for m in range(values.size)]
    pairs = [(values[j] - values[i]) / (j - i) * 12.0 for i, j in combinations(range(values.size), 2)]
    got = monthly_trend(months, values)
    assert got.slope_per_year == pytest.approx(float(np.median(pairs)), rel=1e-12, abs=1e-12)
    if got.low_per_year is not None:
        assert got.low_per_year <= got.slope_per_year <= got.high_per_year


def test_bounds_of_the_trend_hold_the_true_slope():
    """A straight trend with normal scatter over 24 months: 95 % bounds must hold the slope about 95 % of the time.

    Solution: 0.95 with a standard error of 0.007 in 1 000 draws; the ranks are rounded outward, so the share may be
    higher, and four standard errors lower are allowed.
    """
    rng = np.random.default_rng(1968)
    months = [f"{2024 + m // 12}-{m % 12 + 1:02d}" for m in range(24)]
    held = 0
    for _ in range(1000):
        got = monthly_trend(months, 10.0 + 0.5 * np.arange(24) + rng.normal(0.0, 4.0, 24))
        held += got.low_per_year <= 6.0 <= got.high_per_year
    assert 0.95 - 0.028 <= held / 1000 < 0.98


@pytest.mark.parametrize(
    ("values", "low_rank", "high_rank"),
    [
        ([1.5, 3.2, 5.7, 1.0, 6.3, 3.5, 5.0, 4.1, 9.0, 2.0], 11, 35),
        ([1.0, 1.0, 6.0, 2.0, 3.0, 1.0, 1.0, 9.0, 5.0, 1.0], 12, 34),
    ],
)
def test_ten_months_of_sen(values, low_rank, high_rank):
    """Ranks of the bounds by hand, for ten months: 45 pairs.

    Without ties the variance is 10*9*25/18 = 125 and C = 1.96 * 11.18 = 21.9: the bounds are the slopes of rank
    (45-21.9)/2 = 11.5, rounded down, and (45+21.9)/2 + 1 = 34.5, rounded up. Five equal months take 5*4*15/18 =
    16.7 off the variance: C = 1.96 * 10.41 = 20.4, ranks 12.3 and 33.7.
    """
    slopes = sorted((values[j] - values[i]) / (j - i) * 12.0 for i, j in combinations(range(10), 2))
    got = monthly_trend([f"2025-{m:02d}" for m in range(1, 11)], values)
    assert got.low_per_year == pytest.approx(slopes[low_rank - 1], rel=1e-12)
    assert got.high_per_year == pytest.approx(slopes[high_rank - 1], rel=1e-12)


@pytest.fixture(scope="module")
def steel(shared):
    """Return the steel plant's year: wall-clock stamps as written, kWh, kvarh and recorded power factor."""
    with gzip.open(shared / "data/steel-energy-15min/steel_industry_2018.csv.gz", "rt", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    stamps = []
    for row in rows:
        day, clock = row["date"].split()
        d, m, y = (int(part) for part in day.split("/"))
        hour, minute = (int(part) for part in clock.split(":"))
        stamps.append(np.datetime64(f"{y}-{m:02d}-{d:02d}T{hour:02d}:{minute:02d}", "us").astype(np.int64))
    energy = np.array([float(row["Usage_kWh"]) for row in rows])
    reactive = np.array([float(row["Lagging_Current_Reactive.Power_kVarh"]) for row in rows])
    recorded = np.array([float(row["Lagging_Current_Power_Factor"]) for row in rows])
    return np.array(stamps, dtype=np.int64), energy, reactive, recorded


@pytest.mark.real_data
def test_recorded_power_factor_of_a_steel_plant(steel):
    """README of steel-energy-15min: lagging power factor equals 100 P/sqrt(P2+Q2) to within 0.005 in 35 039 rows."""
    _, energy, reactive, recorded = steel
    loaded = np.isfinite(power_factor(energy, reactive))
    assert int(loaded.sum()) == 35_039
    assert power_factor_contradictions(energy, reactive, recorded).size == 0
    # A decimal slip in one reading is found.
    slipped = energy.copy()
    slipped[1000] *= 10.0
    assert power_factor_contradictions(slipped, reactive, recorded).tolist() == [1000]


@pytest.mark.real_data
def test_the_steel_plants_year_is_whole_once_midnight_belongs_to_the_next_day(steel):
    """Each day's 0:00 row closes the day; as written 365 steps jump back.

    Solution (README): in file order a gap-free year of 35 040 quarters, mean 27.387 kWh, highest 157.18 kWh, which
    is a peak of 628.72 kW; the monthly sums are all there and add up to the year.
    """
    local, energy, _, _ = steel
    assert int((np.diff(local) < 0).sum()) == 365
    with pytest.raises(ForgecastError, match="not strictly ascending"):
        load_figures(local, energy, interval=900.0)
    day_us = 86_400_000_000
    times = local_to_us(np.where(local % day_us == 0, local + day_us, local), "Asia/Seoul")
    got = load_figures(times, energy, interval=900.0)
    assert (got.intervals, got.missing_intervals) == (35_040, 0)
    assert got.peak_kW == pytest.approx(4 * 157.18, rel=1e-12)
    assert got.mean_kW == pytest.approx(4 * 27.387, abs=4 * 0.0005)  # half a last digit of the README's mean
    assert got.base_kW < got.mean_kW < got.peak_kW
    months = [month_start("2018-01")]
    for _ in range(12):
        months.append(next_month(months[-1]))
    assert months[-1] == date(2019, 1, 1)
    edges = np.array([day_start_us(day, "Asia/Seoul") for day in months], dtype=np.int64)
    sums = sums_by_period(times, energy, edges, interval_us=900_000_000)
    assert sums.covered.tolist() == sums.expected.tolist()
    assert sums.total.sum() == pytest.approx(energy.sum(), rel=1e-12)
