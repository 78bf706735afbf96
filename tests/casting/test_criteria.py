"""Criteria cell by cell: units, missing values, and pores against independent quadrature and closed forms."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import brentq

from forgecast.casting.criteria import (
    LIMITS,
    NIYAMA_UNITS,
    dimensionless_niyama,
    fed_share,
    freezing_time,
    front_speed,
    niyama,
    niyama_thresholds,
    pore_curve,
)
from forgecast.casting.microstructure import ArmSpacing, arm_spacing_law
from forgecast.casting.pools import JudgingError

#: Solid fraction of A356 as in the tables of an open tool (facts, 2.10), for its shape: a steep eutectic.
A356_DEGC = [547.0, 560.0, 570.0, 574.4, 585.0, 600.0, 610.0, 615.5]
A356_SOLID = [1.0, 0.955, 0.8655, 0.490, 0.4175, 0.268, 0.115, 0.0]


def test_units_of_niyama():
    """1 K^0.5 min^0.5/cm is 7.745967/10 K^0.5 s^0.5/mm."""
    assert NIYAMA_UNITS["K^0.5 min^0.5/cm"] / NIYAMA_UNITS["K^0.5 s^0.5/mm"] == pytest.approx(0.7745967, abs=1e-7)
    # 2 K/mm at 4 K/s.
    assert niyama(2000.0, 4.0) == 1000.0


def test_missing_stays_missing():
    nan = np.nan
    assert np.isnan(niyama([nan, 1.0, 1.0, 1.0], [1.0, nan, 0.0, -2.0])).all()
    assert np.isnan(front_speed([0.0, nan, 1.0], [1.0, 1.0, nan])).all()
    assert freezing_time([1.0, nan, 1.0], [3.0, 3.0, nan]).tolist()[0] == 2.0
    assert np.isnan(freezing_time([nan, 1.0], [3.0, nan])).all()
    assert front_speed([500.0], [2.0]).tolist() == [0.004]
    curve = pore_curve([0.0, 1.0], [1.0, 0.0], 0.05)
    assert np.isnan(curve.pore_fraction(nan))
    assert np.isnan(fed_share(nan, 0.01))
    assert np.isnan(fed_share(nan, 0.0))


def test_dimensionless_niyama_by_hand():
    """G 1000 K/m, 0.25 K/s, l 100 um, dP 1e5 Pa, mu 5 mPa s, b 0.04, dT 50 K: 2000 * 1e-4 * sqrt(1e7) = 632.46."""
    got = dimensionless_niyama(
        1000.0, 0.25, 1e-4, pressure_drop=1e5, viscosity=5e-3, contraction=0.04, freezing_range=50.0
    )
    assert float(got) == pytest.approx(0.2 * np.sqrt(1e5 / (5e-3 * 0.04 * 50.0)), rel=1e-12)


@pytest.mark.parametrize("least_liquid", [0.9, 0.3, 0.05, 0.002])
def test_pores_of_a_straight_solid_fraction(least_liquid):
    """g = theta: I(g) = 180 (1/g + 2 ln g - g), so Ny* = sqrt(I) must give g back, and pores b/(1+b) g."""
    value = np.sqrt(180.0 * (1.0 / least_liquid + 2.0 * np.log(least_liquid) - least_liquid))
    curve = pore_curve([800.0, 900.0], [1.0, 0.0], 0.05)
    # Linear between two thousand knots.
    assert curve.critical_liquid(value) == pytest.approx(least_liquid, rel=1e-4)
    assert curve.pore_fraction(value) == pytest.approx(0.05 / 1.05 * least_liquid, rel=1e-4)
    assert curve.pore_fraction(0.0) == pytest.approx(0.05 / 1.05)


@pytest.mark.parametrize("value", [3.0, 30.0, 100.0, 300.0])
def test_pores_against_quadrature_and_root_finding(value):
    """The course of A356: the drop of pressure by adaptive quadrature and the critical point by root finding."""
    t = np.array(A356_DEGC)
    theta = (t - t[0]) / (t[-1] - t[0])

    def integral(low):
        inside = [k for k in theta if low < k < 1.0]
        edges = [low, *inside, 1.0]

        def f(x):
            g = 1.0 - np.interp(x, theta, A356_SOLID)
            return 180.0 * ((1.0 - g) / g) ** 2

        return sum(quad(f, a, b, limit=200)[0] for a, b in pairwise(edges))

    critical = brentq(lambda low: integral(low) - value**2, 1e-3, 1.0)
    want = 1.0 - np.interp(critical, theta, A356_SOLID)
    got = pore_curve(t + 273.15, A356_SOLID, 0.06)
    assert got.critical_liquid(value) == pytest.approx(want, rel=1e-3)


def test_pores_of_an_isothermal_eutectic_vanish_above_a_value():
    """Half freezes evenly over the range, half at its end at one temperature: the drop stays finite.

    Solution: g = (1 + theta)/2, dtheta = 2 dg: I = 360 (1/g + 2 ln g - g) at g = 1/2; above sqrt(I) nothing opens.
    """
    curve = pore_curve([800.0, 800.0, 900.0], [1.0, 0.5, 0.0], 0.05)
    last = np.sqrt(360.0 * (2.0 + 2.0 * np.log(0.5) - 0.5))
    assert curve.pore_fraction(1.001 * last) == 0.0
    assert curve.critical_liquid(0.999 * last) == pytest.approx(0.5, rel=0.01)


def test_more_niyama_means_fewer_pores():
    curve = pore_curve(A356_DEGC, A356_SOLID, 0.06)
    pores = curve.pore_fraction(np.geomspace(0.1, 1e5, 200))
    assert (np.diff(pores) <= 0.0).all()
    assert pores[0] <= 0.06 / 1.06


def test_fed_share_leaves_the_predicted_pores():
    assert fed_share([0.0, 0.004, 0.01, 0.02], 0.01).tolist() == pytest.approx([1.0, 0.6, 0.0, 0.0])


@pytest.mark.parametrize(
    ("temperature", "solid"), [([1.0, 0.0], [1.0, 0.0]), ([0.0, 1.0], [0.0, 1.0]), ([1.0], [1.0]), ([5.0, 5.0], [1, 0])]
)
def test_a_curve_that_is_none_is_refused(temperature, solid):
    with pytest.raises(JudgingError):
        pore_curve(temperature, solid, 0.05)


@pytest.mark.parametrize("wrong", ["pressure_drop", "viscosity", "contraction", "freezing_range"])
def test_figures_that_are_none_are_refused(wrong):
    right = {"pressure_drop": 1e5, "viscosity": 5e-3, "contraction": 0.04, "freezing_range": 50.0}
    with pytest.raises(JudgingError, match=wrong):
        dimensionless_niyama(1.0, 1.0, 1e-4, **(right | {wrong: 0.0}))


def test_thresholds_on_record():
    values = {round(c.value, 3): c.source.confidence for c in niyama_thresholds()}
    assert values == {1000.0: "secondary", 100.0: "unverified", 774.597: "unverified"}
    assert [c.usable for c in niyama_thresholds("steel")] == [False, False]
    assert all(LIMITS[name] for name in ("freezing_time", "front_speed", "niyama", "dimensionless_niyama"))


def test_arm_spacing():
    law = arm_spacing_law("al45cu")
    # 7.5 um at one second, 7.5 * 10**(0.39 * 2) at a hundred.
    assert law.spacing([1.0, 100.0]) == pytest.approx([7.5e-6, 7.5e-6 * 10**0.78])
    assert law.inside([0.5, 50.0, np.nan]).tolist() == [False, True, False]
    assert np.isnan(law.spacing([0.0, -1.0, np.nan])).all()
    assert not law.usable
    assert arm_spacing_law("alsi7mg").spacing(1.0) == pytest.approx(39.4e-6)


def test_arm_spacing_that_is_not_on_record():
    for name in ("unobtainium", "wcb"):
        with pytest.raises(JudgingError, match=name):
            arm_spacing_law(name)
    with pytest.raises(JudgingError, match="finer"):
        ArmSpacing("cooling_rate", 1e-5, 0.3, 0.1, 10.0, arm_spacing_law("al45cu").source)
