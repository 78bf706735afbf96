"""Proofs of thermal analysis: rates of known curves, and cups whose every feature is known from their equations."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.interpolate import PchipInterpolator

from forgecast.melting.cooling_curve import curve_features, newtonian_fraction
from forgecast.melting.smoothing import rate_gain, smooth_rate
from forgecast.melting.thermal_estimate import alsi_features
from tests.melting.cups import Cup, extremes, sampled, solved


def test_a_cubic_shows_exactly_the_bias_that_its_third_derivative_makes():
    """T = t3: the smoothed rate is 3 t2 + bias, and the bias told is the true one (rounding only)."""
    t = np.arange(0.0, 60.0, 0.1)
    curve = smooth_rate(t, t**3, window=4.0)
    inner = slice(25, -25)
    true = curve.rate[inner] - 3.0 * t[inner] ** 2
    assert curve.rate_bias[inner] == pytest.approx(true, rel=1e-5)
    assert true[0] == pytest.approx(0.1**2 * (3 * 20**2 + 3 * 20 - 1) / 5, rel=1e-5)  # T''' h2 beta / 6


def test_a_parabola_has_no_bias():
    t = np.arange(0.0, 60.0, 0.1)
    curve = smooth_rate(t, 3.0 - 2.0 * t + 0.5 * t**2, window=4.0)
    assert curve.rate[30:-30] == pytest.approx((-2.0 + t)[30:-30], abs=1e-9)
    assert np.nanmax(np.abs(curve.rate_bias)) < 1e-8


@pytest.mark.parametrize("period", [3.0, 8.0, 40.0])
def test_a_wave_keeps_the_share_of_its_rate_that_is_told(period):
    t = np.arange(0.0, 120.0, 0.1)
    turn = 2.0 * math.pi / period
    curve = smooth_rate(t, np.sin(turn * t), window=4.0)
    kept = curve.rate[400] / (turn * math.cos(turn * t[400]))
    assert kept == pytest.approx(rate_gain(curve.half, 0.1, period), rel=1e-6)


def test_the_noise_told_is_the_noise_there_is():
    """White noise of 0.3 K on a straight line: readings, smoothed values and rates vary as told."""
    t = np.arange(0.0, 3000.0, 0.1)
    curve = smooth_rate(t, 1500.0 - 0.5 * t + np.random.default_rng(1).normal(0, 0.3, t.size), window=4.0)
    inner = slice(30, -30)
    assert curve.noise == pytest.approx(0.3, rel=0.03)  # 30,000 correlated fourth differences
    # 30,000 rates, of which about 1,000 are independent: 3 standard errors are 7 %
    assert np.std(curve.rate[inner] + 0.5) == pytest.approx(curve.rate_noise, rel=0.08)
    assert np.std(curve.temperature[inner] - 1500.0 + 0.5 * t[inner]) == pytest.approx(
        curve.temperature_noise, rel=0.08
    )


@pytest.mark.parametrize("noise", [0.0, 0.1, 0.3])
@pytest.mark.parametrize("cup", [Cup(), Cup(growth=1.5e-7), Cup(liquidus=1500.0, primary=0.45)])
def test_every_feature_of_a_cup_is_found(cup, noise):
    """TL, TElow, TEhigh, their times and the end against the cup's own equations."""
    features = curve_features(*sampled(cup, noise=noise), window=4.0)
    (low_time, low), (high_time, high) = extremes(cup)
    assert features.liquidus is not None
    assert features.eutectic is not None
    assert features.end is not None
    # the line of the slow part is bent by under 0.1 K within a window; its slope's noise acts over half a window
    doubt = 0.2 + 4.0 * (features.temperature_uncertainty + 2.0 * features.smoothed.rate_noise)
    assert features.liquidus.high.temperature == pytest.approx(cup.liquidus, abs=doubt)
    # the eutectic's low is sharp: the quadratic flattens a curvature of 3 K/s within 4 s
    assert features.eutectic.low.temperature == pytest.approx(low, abs=0.9 + 4 * features.temperature_uncertainty)
    assert features.eutectic.high.temperature == pytest.approx(high, abs=0.1 + 4 * features.temperature_uncertainty)
    assert features.eutectic.recalescence == pytest.approx(high - low, abs=1.0 + 6 * features.temperature_uncertainty)
    assert features.eutectic.low.time == pytest.approx(low_time, abs=0.8)
    # a flat top: within 0.1 K, which noise covers, for 6 s on either side
    assert features.eutectic.high.time == pytest.approx(high_time, abs=8.0 if noise else 1.0)
    _, _, fraction = solved(cup)
    assert fraction(features.end.time) == pytest.approx(1.0, abs=0.01)


def test_the_eutectic_is_the_last_large_arrest_though_the_first_is_larger():
    cup = Cup(primary=0.62)
    features = curve_features(*sampled(cup, noise=0.1), window=4.0)
    assert features.liquidus is not None
    assert features.eutectic is not None
    assert features.liquidus.high.temperature == pytest.approx(cup.liquidus, abs=1.0)
    assert features.eutectic.high.temperature == pytest.approx(extremes(cup)[1][1], abs=0.5)


def test_a_wider_window_flattens_the_low_and_says_so():
    """The bias of the rate beside the sharp low grows with the window, and the low is seen too high."""
    cup = Cup()
    curve = sampled(cup, noise=0.0)
    lows, biases = [], []
    for window in (2.0, 4.0, 8.0, 16.0):
        found = curve_features(*curve, window=window)
        assert found.eutectic is not None
        lows.append(found.eutectic.low.temperature)
        near = np.abs(found.smoothed.time - extremes(cup)[0][0]) < window
        biases.append(np.nanmax(np.abs(found.smoothed.rate_bias[near])))
    assert lows == sorted(lows)
    assert biases == sorted(biases)


@pytest.mark.parametrize(("noise", "within"), [(0.0, 0.01), (0.2, 0.03)])
def test_the_solid_fraction_of_a_cup_is_found(noise, within):
    """Newton's baseline on a cup that obeys it: fraction and latent heat against the truth.

    Without noise the kinks that smoothing rounds remain; noise of 0.2 K adds the doubt of the two cooling constants.
    """
    cup = Cup()
    _, _, fraction = solved(cup)
    curve = smooth_rate(*sampled(cup, noise=noise), window=4.0)
    starts = (cup.start - cup.surroundings, cup.liquidus - cup.surroundings)
    start = math.log(starts[0] / starts[1]) / cup.cooling  # exponential cooling to the liquidus
    found = newtonian_fraction(curve, start=start - 3.0, end=180.0, surroundings=cup.surroundings, margin=2.5)
    true = np.array([fraction(t) for t in found.time])
    assert np.max(np.abs(found.fraction - true)) < within
    assert found.latent_over_capacity == pytest.approx(cup.latent, rel=within)
    assert found.liquid_rate == pytest.approx(cup.cooling, rel=within)
    assert found.solid_rate == pytest.approx(cup.cooling / cup.solid_capacity, rel=within)


def _by_rates(times, rates):
    """Return a curve whose rate runs smoothly through given values, sampled ten times a second, and its truth."""
    rate = PchipInterpolator(times, rates)
    rise = rate.antiderivative()
    t = np.arange(0.0, times[-1], 0.1)
    zeros = [float(z) for z in rate.roots(extrapolate=False)]
    return t, 960.0 + rise(t), [(z, 960.0 + float(rise(z))) for z in zeros]


@pytest.mark.parametrize("noise", [0.0, 0.05])
def test_an_aluminium_curve_shows_refinement_modification_and_a_minor_phase(noise):
    """Primary recalescence, eutectic recalescence and a small late arrest, all with known extremes."""
    times = [0, 20, 30, 36, 44, 60, 120, 132, 140, 160, 300, 330, 345, 352, 362, 380, 440]
    rates = [-1.6, -1.5, -1.3, 0.25, 0.05, -0.2, -0.45, -0.5, 0.3, 0.06, -0.05, -0.5, -0.8, -0.3, -0.75, -0.9, -0.8]
    t, y, zeros = _by_rates(times, rates)
    features = curve_features(t, y + np.random.default_rng(0).normal(0.0, noise, t.size), window=4.0)
    assert features.liquidus is not None
    assert features.eutectic is not None
    (_, first_low), (_, first_high), (_, second_low), (_, second_high) = zeros
    doubt = 0.15 + 4.0 * features.temperature_uncertainty  # extremes rounded by the window: T''' of 0.2 K/s3 and less
    assert features.liquidus.recalescence == pytest.approx(first_high - first_low, abs=doubt)
    assert features.liquidus.recalescence_time == pytest.approx(zeros[1][0] - zeros[0][0], abs=3.0)
    assert features.eutectic.low.temperature == pytest.approx(second_low, abs=doubt)
    assert features.eutectic.high.temperature == pytest.approx(second_high, abs=doubt)
    found = alsi_features(features, second_high + 7.0)
    assert found.depression == pytest.approx(7.0, abs=doubt)
    assert found.liquidus_undercooling == features.liquidus.recalescence
