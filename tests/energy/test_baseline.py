"""Baselines, specific energy and trends: degenerate input gives a reason."""

from __future__ import annotations

import numpy as np
import pytest

from forgecast.energy.baseline import expected_energy, fit_baseline, outside_band, specific_energy
from forgecast.energy.trend import monthly_trend

YEAR = [f"2025-{m:02d}" for m in range(1, 13)]


def test_too_few_months_give_no_line():
    got = fit_baseline([1.0, 2.0, 3.0, np.nan, 5.0, 6.0], [1.0, 2.0, np.nan, 4.0, 5.0, 6.0])
    assert got.per_tonne is None
    assert (got.months, got.left_out) == (4, 2)
    assert "4 months" in str(got.why_missing)
    # Two points always lie on a line; they never make a baseline.
    assert fit_baseline([1.0, 2.0], [1.0, 2.0], minimum_months=1).per_tonne is None


def test_equal_production_has_no_slope():
    energy = np.arange(8.0)
    for production in (np.full(8, 123.4), np.zeros(8), np.full(8, 0.1 + 0.2)):
        got = fit_baseline(production, energy)
        assert got.per_tonne is None
        assert "same in every month" in str(got.why_missing)


def test_energy_that_does_not_vary_has_no_r2():
    got = fit_baseline(np.arange(8.0), np.full(8, 50.0))
    assert (got.per_tonne, got.base, got.r2) == (0.0, 50.0, None)


def test_an_odd_month_lies_outside_the_band_of_the_others():
    rng = np.random.default_rng(7)
    production = np.linspace(800.0, 1300.0, 24)
    energy = 60_000.0 + 700.0 * production + rng.normal(0.0, 5_000.0, 24)
    band = expected_energy(fit_baseline(production, energy), [1000.0, 1000.0, np.nan])
    # The residual scatter is 5 000; 40 000 above the line is eight of it, and t(22) at 95 % is about two.
    assert outside_band(band, [800_000.0, 760_000.0, 1.0]).tolist() == [True, False, False]
    assert np.all(band.low[:2] < band.value[:2])
    assert np.isnan(expected_energy(fit_baseline([], []), [1.0]).value).all()


def test_specific_energy_by_month_and_together():
    got = specific_energy([700.0, 100.0, np.nan, 900.0], [1.0, 0.0, 1.0, 1.0])
    assert got.monthly[[0, 3]].tolist() == [700.0, 900.0]
    assert np.isnan(got.monthly[[1, 2]]).all()
    # A month that stood still still burnt its 100: (700 + 100 + 900) / 2.
    assert (got.overall, got.months, got.left_out) == (850.0, 3, 1)
    assert specific_energy([1.0], [0.0]).overall is None
    assert specific_energy([np.nan], [1.0]).why_missing is not None


def test_a_trend_keeps_the_place_of_missing_months():
    values = np.array([2.0 * m for m in range(12)])
    values[[1, 2, 7]] = np.nan
    got = monthly_trend(YEAR, values)
    assert got.slope_per_year == pytest.approx(24.0, rel=1e-12)
    assert (got.months, got.direction) == (9, "rising")
    assert monthly_trend(YEAR, -values).direction == "falling"


def test_one_wild_month_does_not_tilt_the_trend():
    values = np.array([100.0 - m for m in range(12)])
    values[11] = 500.0
    got = monthly_trend(YEAR, values)
    assert got.slope_per_year == pytest.approx(-12.0, rel=1e-12)


def test_no_trend_is_claimed_from_noise_or_from_too_little():
    assert monthly_trend(YEAR, [5.0, 7.0, 4.0, 6.0, 5.5, 6.5, 4.5, 7.5, 5.0, 6.0, 4.0, 7.0]).direction == "unclear"
    assert monthly_trend(YEAR, np.full(12, 3.0)).direction == "unclear"
    few = monthly_trend(YEAR[:4], [1.0, 2.0, 3.0, 4.0])
    assert (few.slope_per_year, few.low_per_year, few.direction) == (12.0, None, "unclear")
    none = monthly_trend(YEAR[:3], [1.0, 2.0, 3.0])
    assert none.slope_per_year is None
    assert none.why_missing is not None
