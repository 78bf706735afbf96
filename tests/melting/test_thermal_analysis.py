"""Cooling curves: what they refuse, estimates and how well they are known, features of Al-Si."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from forgecast.melting.cooling_curve import curve_features, newtonian_fraction
from forgecast.melting.error import MeltingError
from forgecast.melting.material import Content
from forgecast.melting.smoothing import smooth_rate
from forgecast.melting.thermal_estimate import (
    alsi_eutectic,
    alsi_features,
    calibrate,
    carbon_of_liquidus,
    iron_features,
    liquidus_equivalent,
    shipped_formula,
)
from tests.melting.cups import Cup, sampled


def _features():
    return curve_features(*sampled(Cup(), noise=0.1), window=4.0)


def test_the_equivalent_follows_the_published_formula():
    """TL = 1625 − 110 CEL, by hand for the TL found."""
    features = _features()
    assert features.liquidus is not None
    found = liquidus_equivalent(features)
    by_hand = (1625.0 - (features.liquidus.high.temperature - 273.15)) / 110.0 / 100.0
    assert found.value == pytest.approx(by_hand, rel=1e-12)
    assert found.usable
    assert found.uncertainty == pytest.approx(features.temperature_uncertainty / 11000.0)


def test_carbon_follows_from_the_liquidus_and_the_spectrometer():
    """TL = 1625 − 110 C − 25 Si + 3 Mn − 35 P − 71 S − 2 Ni − 7 Cr, put back together by hand."""
    features = _features()
    assert features.liquidus is not None
    per_cent = {"Si": 2.0, "Mn": 0.6, "P": 0.04, "S": 0.08, "Ni": 0.1, "Cr": 0.2}
    others = {e: Content(v / 100, 0.0) for e, v in per_cent.items()}
    found = carbon_of_liquidus(features, others)
    c = 100.0 * found.value
    factors = {"Si": -25, "Mn": 3, "P": -35, "S": -71, "Ni": -2, "Cr": -7}
    liquidus = 1625 - 110 * c + sum(factors[e] * v for e, v in per_cent.items())
    assert liquidus + 273.15 == pytest.approx(features.liquidus.high.temperature, abs=1e-9)
    wide = carbon_of_liquidus(features, {**others, "Si": Content(0.02, 0.001)})
    assert wide.uncertainty == pytest.approx(math.hypot(found.uncertainty, 25 / 110 * 0.001))
    with pytest.raises(MeltingError, match="needs the contents"):
        carbon_of_liquidus(features, {"Si": Content(0.02, 0.0)})
    with pytest.raises(MeltingError, match="named white-cup"):
        shipped_formula("white-cup")


def test_a_curve_without_liquidus_gives_no_equivalent():
    features = replace(_features(), liquidus=None)
    with pytest.raises(MeltingError, match="no liquidus"):
        liquidus_equivalent(features)
    assert math.isnan(alsi_features(features, 1450.0).liquidus_undercooling)
    with pytest.raises(MeltingError, match="no eutectic"):
        alsi_features(replace(features, eutectic=None), 1450.0)


def test_an_own_calibration_finds_the_relation_and_knows_its_range():
    rng = np.random.default_rng(0)
    arrests = np.column_stack([rng.uniform(1430, 1500, 60), rng.uniform(1385, 1400, 60)])
    carbon = 0.1 - 5e-5 * arrests[:, 0] + 3e-5 * (arrests[:, 1] - 1390) + rng.normal(0, 2e-4, 60)
    own = calibrate(arrests, carbon)
    # 57 degrees of freedom: three standard errors of a standard deviation are 28 %
    assert own.residual == pytest.approx(2e-4, rel=0.3)
    for k, true in ((1, -5e-5), (2, 3e-5)):
        assert abs(own.coefficients[k] - true) < 4.0 * math.sqrt(own.covariance[k, k])
    inside, outside = own.estimate([1460.0, 1392.0]), own.estimate([1600.0, 1392.0])
    assert inside.usable
    assert not outside.usable
    assert outside.uncertainty > inside.uncertainty
    assert inside.value == pytest.approx(0.1 - 5e-5 * 1460 + 6e-5, abs=2e-4)
    with pytest.raises(MeltingError, match="do not settle"):
        calibrate(arrests[:4], carbon[:4])
    with pytest.raises(MeltingError, match="do not settle"):
        calibrate(np.column_stack([arrests[:, 0], 2.0 * arrests[:, 0]]), carbon)


def test_the_eutectic_of_an_aluminium_alloy_by_hand():
    """Si 7, Mg 0.35, Fe 0.1: 577 − 12.5 / 7 (4.43 · 0.35 + 1.43 · 0.1) = 573.976 °C."""
    contents = {"Si": 0.07, "Mg": 0.0035, "Fe": 0.001, "Cu": 0.0, "Zn": 0.0, "Mn": 0.0, "Ni": 0.0}
    found = alsi_eutectic(contents)
    assert found.value - 273.15 == pytest.approx(577 - 12.5 / 7 * (4.43 * 0.35 + 1.43 * 0.1), rel=1e-9)
    assert math.isnan(found.uncertainty)
    with pytest.raises(MeltingError, match="needs the contents"):
        alsi_eutectic({"Si": 0.07})


def test_modification_and_refinement_are_differences_of_temperatures():
    features = _features()
    assert features.eutectic is not None
    found = alsi_features(features, features.eutectic.high.temperature + 6.0)
    assert found.depression == pytest.approx(6.0)
    assert found.eutectic_recalescence == features.eutectic.recalescence
    assert found.liquidus_undercooling == 0.0  # the cup's dendrites grow without undercooling


def test_undercooling_is_told_against_the_measured_eutectics():
    features = _features()
    assert features.eutectic is not None
    assert features.end is not None
    low = features.eutectic.low.temperature
    found = iron_features(features, low + 20.0, low - 15.0)
    assert found.undercooling == pytest.approx(20.0)
    assert found.above_white_low == pytest.approx(15.0)
    assert found.above_white_high == pytest.approx(15.0 + features.eutectic.recalescence)
    assert found.above_white_end == pytest.approx(features.end.temperature - low + 15.0)
    assert found.recalescence_rate > 0.3
    with pytest.raises(MeltingError, match="not below"):
        iron_features(features, low, low + 1.0)
    with pytest.raises(MeltingError, match="no eutectic"):
        iron_features(replace(features, eutectic=None), 2.0, 1.0)


def test_readings_on_unequal_steps_are_joined():
    t, y = sampled(Cup(), noise=0.1)
    keep = np.ones(t.size, dtype=bool)
    keep[np.random.default_rng(3).integers(0, t.size, 200)] = False
    found = curve_features(t[keep], y[keep], window=4.0)
    whole = curve_features(t, y, window=4.0)
    assert found.eutectic is not None
    assert whole.eutectic is not None
    assert found.eutectic.high.temperature == pytest.approx(whole.eutectic.high.temperature, abs=0.2)


def test_a_curve_that_only_cools_shows_no_arrest():
    t = np.arange(0.0, 100.0, 0.1)
    found = curve_features(t, 300.0 + 1200.0 * np.exp(-t / 300.0))
    assert found.eutectic is None
    assert found.liquidus is None
    assert "no arrest" in found.missing[0].say("en")


@pytest.mark.parametrize(
    ("time", "temperature", "window", "says"),
    [
        ([0.0, 1.0], [1.0], 1.0, "one length"),
        (np.arange(20.0), np.full(20, np.nan), 9.0, "numbers"),
        (np.r_[np.arange(20.0), 3.0], np.ones(21), 9.0, "do not rise"),
        (np.arange(20.0), np.ones(20), 2.0, "does not suit"),
        (np.arange(20.0), np.ones(20), 19.0, "does not suit"),
    ],
)
def test_a_curve_that_cannot_be_smoothed_is_refused(time, temperature, window, says):
    with pytest.raises(MeltingError, match=says):
        smooth_rate(time, temperature, window=window)


def test_a_baseline_needs_liquid_and_solid():
    curve = smooth_rate(*sampled(Cup(), noise=0.1), window=4.0)
    with pytest.raises(MeltingError, match="too little"):
        newtonian_fraction(curve, start=2.0, end=180.0, surroundings=300.0)
    with pytest.raises(MeltingError, match="not hotter"):
        newtonian_fraction(curve, start=35.0, end=180.0, surroundings=1500.0)
