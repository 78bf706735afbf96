"""Proofs of the stack sciences: each states a problem whose solution is known, and its solution."""

from __future__ import annotations

import csv
import gzip

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forgecast.environment.hour import hourly_means, hourly_partials, joined
from forgecast.environment.mass_flow import mass_flow_kg_h, period_mass
from forgecast.environment.missing import Missing
from forgecast.environment.stack import standard_dry_flow, to_dry_gas, to_reference_oxygen, to_standard_state
from forgecast.ground.dates import HOUR_US, MINUTE_US

GAS_CONSTANT = 8.314462618  # J/(mol K), CODATA


@given(st.floats(0.1, 1e4), st.floats(0.0, 15.0), st.floats(0.0, 2.0), st.sampled_from([3.0, 8.0, 12.0, 15.0]))
def test_dilution_with_air_leaves_the_converted_concentration(value, oxygen, air, reference):
    """A flue gas is diluted; the converted concentration must not move.

    Problem: one volume of gas with concentration c and oxygen O is mixed with a volumes of air (21 % oxygen).
    Solution: c' = c/(1+a), O' = (O + 21 a)/(1+a), so 21 - O' = (21 - O)/(1+a) and c'/(21-O') = c/(21-O): equation
    (1) of GB 39726-2020 gives the same for both. The gas at reference oxygen is the identity.
    """
    diluted = (oxygen + 21.0 * air) / (1.0 + air)
    before = to_reference_oxygen([value], [oxygen], reference).values[0]
    after = to_reference_oxygen([value / (1.0 + air)], [diluted], reference).values[0]
    # 21 - O loses up to two digits to cancellation.
    assert after == pytest.approx(before, rel=1e-12)
    assert to_reference_oxygen([value], [reference], reference).values[0] == pytest.approx(value, rel=1e-15)


@given(st.floats(0.1, 1e4), st.floats(0.0, 20.5), st.floats(0.0, 20.5))
def test_conversion_there_and_back(value, oxygen, reference):
    """Converting to reference R from measured M and back to M from R gives the value again: the factors are inverse."""
    there = to_reference_oxygen([value], [oxygen], reference).values
    back = to_reference_oxygen(there, [reference], oxygen).values[0]
    assert back == pytest.approx(value, rel=1e-13)


@given(st.floats(0.5, 50.0), st.floats(280.0, 900.0), st.floats(7e4, 1.1e5), st.floats(0.0, 0.55))
def test_state_and_moisture_against_counted_moles(volume, temperature, pressure, moisture):
    """A duct section holds gas and a known mass of dust; its concentration at standard state is asked.

    Problem: volume V at T and p with moisture share X holds 7 g of dust.
    Solution: dry moles n = (1-X) p V / (R T); at 273.15 K and 101.325 kPa they fill n R T0 / p0, so the standard dry
    concentration is 7 g over that volume, and the standard dry flow of V per second is that volume per second.
    """
    dust_mg = 7000.0
    moles = (1.0 - moisture) * pressure * volume / (GAS_CONSTANT * temperature)
    standard_volume = moles * GAS_CONSTANT * 273.15 / 101_325.0
    at_standard = to_standard_state([dust_mg / volume], temperature, pressure).values
    assert to_dry_gas(at_standard, moisture).values[0] == pytest.approx(dust_mg / standard_volume, rel=1e-12)
    flow = standard_dry_flow([volume], temperature, pressure, moisture).values[0]
    assert flow == pytest.approx(standard_volume, rel=1e-12)


def test_hourly_masses_add_up_to_the_integral():
    """A stack emits at a known rate; the sum of hourly masses must be the integral.

    Problem: constant flow 12 000 m3/h, concentration c(t) = 20 + 3 t mg/m3 (t in hours) for 24 h, read every minute
    at mid-minute.
    Solution: the integral is 12 000 (20*24 + 3*24**2/2) / 1e6 = 16.128 kg; mid-point reading is exact for a line.
    """
    times = np.arange(24 * 60, dtype=np.int64) * MINUTE_US + MINUTE_US // 2
    values = 20.0 + 3.0 * times / HOUR_US
    means = hourly_means(hourly_partials(times, values), expected_per_hour=60, minimum_share=0.75)
    mass = period_mass(mass_flow_kg_h(means.means.values, 12_000.0).values)
    assert mass.mass == pytest.approx(16.128, rel=1e-12)
    assert (mass.covered_hours, mass.missing_hours) == (24, 0)


@given(
    st.lists(st.integers(-5 * HOUR_US, 5 * HOUR_US), min_size=1, max_size=60, unique=True),
    st.integers(0, 60),
    st.randoms(use_true_random=False),
)
def test_partials_of_parts_are_partials_of_the_whole(stamps, cut, chance):
    """An hourly mean may be built from sums kept per file; it must equal the mean of the samples themselves.

    Problem: samples at any times, good or bad, kept in two files split anywhere.
    Solution: group the samples by floor(t / 1 h) one by one and take the mean of the good ones.
    """
    times = np.sort(np.array(stamps, dtype=np.int64))
    values = np.array([chance.uniform(-10.0, 1000.0) for _ in stamps])
    good = np.array([chance.random() < 0.8 for _ in stamps])
    parts = joined(
        hourly_partials(times[:cut], values[:cut], good[:cut]), hourly_partials(times[cut:], values[cut:], good[cut:])
    )
    by_hour: dict[int, list[float]] = {}
    for t, value, is_good in zip(times.tolist(), values.tolist(), good.tolist(), strict=True):
        by_hour.setdefault(t // HOUR_US, [])
        if is_good:
            by_hour[t // HOUR_US].append(value)
    means = hourly_means(parts, expected_per_hour=1, minimum_share=1.0)
    expected = {hour: sum(v) / len(v) for hour, v in by_hour.items() if v}
    got = dict(zip(means.valid_hours.tolist(), means.valid_values.tolist(), strict=True))
    # Sums of up to 60 numbers of size 1000 in another order.
    assert got == pytest.approx(expected, rel=1e-12, abs=1e-10)
    for hour, lowest, highest in zip(parts.hours.tolist(), parts.lowest, parts.highest, strict=True):
        kept = by_hour[hour]
        assert (lowest, highest) == (min(kept), max(kept)) if kept else np.isnan(lowest)


@pytest.mark.real_data
def test_gas_turbine_hours(shared):
    """Real hourly NOx and CO of a gas turbine, 2011 to 2015 (README of cems-gas-turbine).

    Problem: 36 733 hourly values without time stamps; published means CO 2.372 and NOx 65.293 mg/m3; no oxygen.
    Solution: taken as an unbroken row of hours, each is valid and the mean is the published one; the stretches over
    any limit hold exactly the hours over it; conversion to reference oxygen is missing for every hour, not 1:1.
    """
    with gzip.open(
        shared / "data/cems-gas-turbine/gas_turbine_co_nox_2011_2015.csv.gz", "rt", encoding="utf-8"
    ) as file:
        rows = list(csv.DictReader(file))
    nox = np.array([float(row["NOX"]) for row in rows])
    co = np.array([float(row["CO"]) for row in rows])
    times = np.arange(nox.size, dtype=np.int64) * HOUR_US
    hours = hourly_means(hourly_partials(times, nox), expected_per_hour=1, minimum_share=1.0)
    assert hours.valid_hours.size == 36_733
    # Half a last digit of the published means.
    assert hours.valid_values.mean() == pytest.approx(65.293, abs=0.0005)
    assert co.mean() == pytest.approx(2.372, abs=0.0005)
    converted = to_reference_oxygen(hours.valid_values, np.full(nox.size, np.nan), 8.0)
    assert converted.counts() == {Missing.NO_OXYGEN: 36_733}
