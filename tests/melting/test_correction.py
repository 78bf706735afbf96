"""Corrections, learnt recoveries and fading: what they refuse and what they say."""

from __future__ import annotations

import math

import numpy as np
import pytest

from forgecast.melting.correction import Bath, correct_bath
from forgecast.melting.error import MeltingError
from forgecast.melting.learning import fit_fade, learn_recovery
from forgecast.melting.material import Content, Limit, Material, Recoveries, Recovery

RECOVERIES = Recoveries(
    (Recovery("fesi", "Si", 0.9, 0.02), Recovery("*", "Si", 1.0, 0.0), Recovery("*", "C", 0.9, 0.02))
)
FESI = Material("FeSi75", "fesi", {"Si": Content(0.75, 0.005), "C": Content(0.001, 0.0)}, 9.0, 0.95, 500.0)
SICA = Material("Si metal", "pure", {"Si": Content(0.98, 0.001), "C": Content(0.0, 0.0)}, 30.0, 0.98, 500.0)
STEEL = Material("steel", "steel", {"Si": Content(0.002, 0.0005), "C": Content(0.001, 0.0002)}, 3.0, 0.98, 5000.0)
SILICON = (Limit("Si", {"Si": 1.0}, 0.0195, 0.0215),)


def bath(si=0.015, spread=0.0003, **more) -> Bath:
    return Bath(1000.0, {"Si": Content(si, spread), "C": Content(0.034, 0.0003)}, {}, **more)


def test_the_dear_but_concentrated_addition_wins_by_mass_and_the_cheap_one_by_cost():
    by_cost = correct_bath(bath(), (FESI, SICA), SILICON, RECOVERIES, capacity=1200.0)
    by_mass = correct_bath(bath(), (FESI, SICA), SILICON, RECOVERIES, capacity=1200.0, objective="mass")
    assert by_cost.additions[0] > 1.0
    assert by_cost.additions[1] == pytest.approx(0.0, abs=1e-6)
    assert by_mass.additions[1] > 1.0
    assert by_mass.additions.sum() < by_cost.additions.sum()
    assert by_mass.cost > by_cost.cost


def test_a_bath_too_rich_is_diluted_and_tapped_where_it_must_be():
    full = correct_bath(bath(0.024, tap_most=500.0, tap_cost=0.5), (FESI, STEEL), SILICON, RECOVERIES, capacity=1000.0)
    assert full.feasible
    assert full.tapped > 10.0
    liquid = 1000.0 - full.tapped + 0.98 * full.additions[1] + 0.95 * full.additions[0]
    assert liquid <= 1000.0 + 1e-3
    room = correct_bath(bath(0.024, tap_most=500.0, tap_cost=0.5), (FESI, STEEL), SILICON, RECOVERIES, capacity=2000.0)
    assert room.tapped == pytest.approx(0.0, abs=1e-3)


def test_what_cannot_be_promised_is_told_with_the_best_that_can():
    wide = bath(0.015, 0.0008)
    found = correct_bath(wide, (FESI,), SILICON, RECOVERIES, capacity=1200.0, confidence=0.999)
    assert found.feasible
    assert 0.5 <= found.confidence < 0.999
    assert "cannot be promised" in found.notes[0].say("en")
    # Half the window over the spread bounds what can be promised from above.
    assert found.confidence < 0.5 * (1.0 + math.erf(0.001 / 0.0008 / math.sqrt(2.0)))


def test_a_bath_beyond_help_is_told():
    found = correct_bath(bath(0.03), (FESI,), SILICON, RECOVERIES, capacity=1200.0)
    assert not found.feasible
    assert "not even on average" in found.notes[0].say("en")


def test_a_sample_without_a_limited_element_is_an_error():
    blind = Bath(1000.0, {"C": Content(0.034, 0.0)}, {})
    with pytest.raises(MeltingError, match="Si of bath"):
        correct_bath(blind, (FESI,), SILICON, RECOVERIES, capacity=1200.0)
    with pytest.raises(MeltingError, match="does not fit"):
        correct_bath(bath(), (FESI,), SILICON, RECOVERIES, capacity=900.0)


def test_an_unverified_prior_is_no_belief():
    added, gained, noise = np.full(5, 10.0), np.array([8.1, 8.3, 7.9, 8.2, 8.0]), np.full(5, 0.1)
    plain = learn_recovery(added, gained, noise)
    doubtful = learn_recovery(added, gained, noise, prior=Recovery("x", "Si", 0.95, 0.001, "unverified"))
    believed = learn_recovery(added, gained, noise, prior=Recovery("x", "Si", 0.95, 0.001))
    # What was learnt is the plant's own recovery for the next charge, with the spread of a single heat.
    assert plain.as_recovery("x", "Si") == Recovery("x", "Si", plain.mean, plain.next_spread, "own")
    assert doubtful.mean == plain.mean
    assert believed.mean > 0.94


def test_a_heat_that_does_not_fit_is_named_and_a_missing_one_counted():
    rng = np.random.default_rng(0)
    added = np.full(40, 10.0)
    gained = 9.0 + rng.normal(0, 0.05, 40)
    gained[7], gained[3] = 5.0, np.nan
    found = learn_recovery(added, gained, np.full(40, 0.05))
    assert found.odd == (7,)
    assert (found.heats, found.left_out) == (39, 1)
    with pytest.raises(MeltingError, match="tell nothing"):
        learn_recovery([10.0], [9.0], [0.1])
    with pytest.raises(MeltingError, match="not above 0"):
        learn_recovery([10.0, 0.0], [9.0, 1.0], [0.1, 0.1])


def test_samples_that_tell_no_rate_are_refused():
    with pytest.raises(MeltingError, match="no rate"):
        fit_fade([0.0, 0.0], [0.05, 0.04], [0.001, 0.001], ["a", "b"])
    with pytest.raises(MeltingError, match="no rate"):
        fit_fade([0.0, 60.0], [0.05, math.nan], [0.001, 0.001], ["a", "a"])


def test_a_ladle_that_starts_too_low_may_not_be_poured_at_all():
    fade = fit_fade([0, 300, 600], [0.0005, 0.00045, 0.0004], np.full(3, 1e-5), ["a"] * 3)
    assert fade.pour_before("a", 0.001) == 0.0
    assert fade.pour_before("a", 0.00035) > 600.0
