"""Proofs of corrections, learnt recoveries and fading: against algebra, and against truths hidden in noise."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.special import ndtri

from forgecast.melting.correction import Bath, correct_bath
from forgecast.melting.learning import fit_fade, learn_recovery
from forgecast.melting.material import Content, Limit, Material, Recoveries, Recovery

FESI = Material("FeSi75", "fesi", {"Si": Content(0.75, 0.0)}, 9.0, 0.95, 500.0)


def test_one_addition_equals_its_equation():
    """(m0 w0 + r c x) / (m0 + y x) = w, solved for x by hand."""
    bath = Bath(1000.0, {"Si": Content(0.015, 0.0)}, {})
    limits = (Limit("Si", {"Si": 1.0}, 0.020, 0.022),)
    found = correct_bath(
        bath, (FESI,), limits, Recoveries((Recovery("fesi", "Si", 0.9, 0.0),)), capacity=1200.0, confidence=0.5
    )
    x = 1000.0 * (0.020 - 0.015) / (0.9 * 0.75 - 0.020 * 0.95)
    assert found.additions[0] == pytest.approx(x, rel=1e-5)  # the solver's 1e-7 of a bath is 1e-5 of the addition


def test_the_sample_is_the_doubt_and_the_limit_is_kept_off_by_it():
    """With doubt from the sample alone: m0 w0 + r c x − w (m0 + y x) = z m0 u."""
    bath = Bath(1000.0, {"Si": Content(0.015, 0.0004)}, {})
    limits = (Limit("Si", {"Si": 1.0}, 0.020, 0.030),)
    found = correct_bath(
        bath, (FESI,), limits, Recoveries((Recovery("fesi", "Si", 0.9, 0.0),)), capacity=1200.0, confidence=0.95
    )
    x = 1000.0 * (0.020 - 0.015 + ndtri(0.95) * 0.0004) / (0.9 * 0.75 - 0.020 * 0.95)
    assert found.additions[0] == pytest.approx(x, rel=2e-5)
    assert found.outlook[0].from_sample == pytest.approx(1.0)
    assert "100 % of that doubt" in found.outlook[0].words.say("en")


def test_the_promise_holds_in_a_hundred_thousand_heats():
    """Sample, content, recovery and fade drawn at random: magnesium is enough as often as promised."""
    mg = Material("MgFeSi", "mgfesi", {"Mg": Content(0.06, 0.002)}, 12.0, 0.9, 100.0)
    recoveries = Recoveries((Recovery("mgfesi", "Mg", 0.5, 0.03),))
    bath = Bath(1000.0, {"Mg": Content(0.0003, 0.00002)}, {"Mg": (0.8, 0.02)})
    found = correct_bath(
        bath, (mg,), (Limit("Mg", {"Mg": 1.0}, 0.0004, 0.0007),), recoveries, capacity=1100.0, confidence=0.95
    )
    rng = np.random.default_rng(8)
    n, x = 100_000, float(found.additions[0])
    held = 1000.0 * rng.normal(0.0003, 0.00002, n) * rng.normal(0.8, 0.02, n)
    held += x * rng.normal(0.06, 0.002, n) * rng.normal(0.5, 0.03, n)
    # 3 standard errors of a share of 0.95 are 0.002; products of normals are skew by under 0.002 more
    assert (held / (1000.0 + 0.9 * x) >= 0.0004).mean() == pytest.approx(0.95, abs=0.004)


def test_a_hidden_recovery_is_found_within_its_own_uncertainty():
    """200 plants of 30 heats: the true mean lies within 1.96 uncertainties in 95 % of them, the scatter is unbiased."""
    rng = np.random.default_rng(2)
    inside, scatters = 0, []
    for _ in range(200):
        added = rng.uniform(2.0, 12.0, 30)
        gained = added * rng.normal(0.87, 0.04, 30) + rng.normal(0.0, 0.2, 30)
        found = learn_recovery(added, gained, np.full(30, 0.2))
        inside += abs(found.mean - 0.87) <= 1.96 * found.uncertainty
        scatters.append(found.scatter)
    # 200 draws of 0.95: three standard errors are 0.046; the scatter is plugged in, which costs another 2 %
    assert inside / 200 >= 0.88
    assert np.mean(scatters) == pytest.approx(0.04, abs=0.004)


def test_with_exact_gains_the_scatter_is_the_sample_s_own():
    """Noise next to nothing: the restricted likelihood gives the variance over n − 1, unbiased for five heats too."""
    ratios = np.array([0.80, 0.85, 0.91, 0.88, 0.95])
    found = learn_recovery(np.full(5, 10.0), 10.0 * ratios, np.full(5, 1e-4))
    assert found.scatter == pytest.approx(np.std(ratios, ddof=1), rel=1e-3)
    assert found.uncertainty == pytest.approx(np.std(ratios, ddof=1) / math.sqrt(5), rel=1e-3)


def test_without_scatter_the_posterior_is_the_textbook_one():
    """Exact gains: the weighted mean of prior and data, precisions added."""
    prior = Recovery("x", "Si", 0.90, 0.02)
    added, noise = np.array([10.0, 10.0]), np.array([0.3, 0.3])
    found = learn_recovery(added, np.array([8.5, 8.5]), noise, prior=prior)
    precision = 1 / 0.02**2 + 2 / 0.03**2
    assert found.scatter == 0.0
    assert found.mean == pytest.approx((0.90 / 0.02**2 + 2 * 0.85 / 0.03**2) / precision, rel=1e-12)
    assert found.uncertainty == pytest.approx(precision**-0.5, rel=1e-12)


def test_fading_is_found_exactly_without_noise_and_fairly_with_it():
    """w0 exp(−k t): exact data give the parameters; with noise the truth lies within the uncertainty stated."""
    t = np.tile([0.0, 300.0, 600.0, 900.0], 3)
    ladles = np.repeat(["a", "b", "c"], 4)
    starts = np.repeat([0.00050, 0.00055, 0.00045], 4)
    true = starts * np.exp(-4e-4 * t)
    exact = fit_fade(t, true, np.full(12, 1e-5), list(ladles))
    assert exact.rate == pytest.approx(4e-4, rel=1e-6)
    assert exact.starts == pytest.approx([0.00050, 0.00055, 0.00045], rel=1e-6)
    assert exact.fit == pytest.approx(1.0)
    rng = np.random.default_rng(6)
    pulls, fits = [], []
    for _ in range(150):
        found = fit_fade(t, true + rng.normal(0, 1e-5, 12), np.full(12, 1e-5), list(ladles))
        pulls.append((found.rate - 4e-4) / found.rate_uncertainty)
        fits.append(found.fit)
    # mean and width of 150 standard normal pulls: three standard errors are 0.25 and 0.17
    assert abs(np.mean(pulls)) < 0.25
    assert np.std(pulls) == pytest.approx(1.0, abs=0.17)
    assert np.mean(fits) == pytest.approx(0.5, abs=0.08)


def test_a_ladle_may_be_poured_until_its_equation_says():
    """Nearly exact samples: t = ln(w0 / w_min) / k."""
    t = np.array([0.0, 300.0, 600.0])
    fade = fit_fade(t, 0.0005 * np.exp(-4e-4 * t), np.full(3, 1e-10), ["a"] * 3)
    assert fade.pour_before("a", 0.00035) == pytest.approx(math.log(0.0005 / 0.00035) / 4e-4, rel=1e-4)
    assert fade.kept(600.0)[0] == pytest.approx(math.exp(-0.24), rel=1e-6)
