"""The metal route: nothing bought is lost or counted twice, and the steady state is the closed form."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forgecast.environment.carbon.route import metal_route, shared_out


def test_cut_off_lays_everything_on_the_good_castings():
    route = metal_route([[1000.0, 600.0]], [400.0], [800.0], [550.0], method="cut_off")
    assert route.per_good_kg.tolist() == [[1.25, 0.75]]


def test_carried_returns_reach_the_steady_state_of_the_closed_form():
    # Every heat: 1000 kg bought and 500 kg returns in, 1000 kg good and 500 kg returned, no loss. In the steady state
    # a good kilogram stands for one bought kilogram, however much circulates.
    n = 60
    route = metal_route(
        np.full((n, 1), 1000.0),
        np.full(n, 500.0),
        np.full(n, 1000.0),
        np.full(n, 500.0),
        method="carried",
        pool=[0.0],
        pool_mass=500.0,
    )
    # The pool begins with metal that stands for nothing; each heat forgets two thirds of that.
    assert route.per_good_kg[-1, 0] == pytest.approx(1.0, abs=(1 / 3) ** (n - 2) + 1e-12)
    assert route.per_good_kg[0, 0] == pytest.approx(2.0 / 3.0)


@settings(deadline=None)
@given(st.integers(1, 8), st.integers(1, 3), st.integers(0, 10_000), st.sampled_from(["cut_off", "carried"]))
def test_good_castings_and_pool_stand_for_everything_bought(n, k, seed, method):
    rng = np.random.default_rng(seed)
    bought = rng.uniform(0.0, 1000.0, (n, k)) * (rng.random((n, k)) < 0.8)
    good = rng.uniform(0.0, 800.0, n) * (rng.random(n) < 0.8)
    returned = rng.uniform(0.0, 400.0, n) * (rng.random(n) < 0.8)
    pool, mass = rng.uniform(0.0, 500.0, k), 10_000.0
    returns_in = rng.uniform(0.0, 500.0, n)
    route = metal_route(bought, returns_in, good, returned, method=method, pool=pool, pool_mass=mass)
    in_good = np.nansum(route.per_good_kg * good[:, None], axis=0)
    begun = pool if method == "carried" else 0.0
    # Sums of a few dozen doubles.
    assert in_good + route.pool == pytest.approx(bought.sum(axis=0) + begun, rel=1e-10)


def test_more_returns_than_there_are_is_refused():
    with pytest.raises(ValueError, match="pool holds"):
        metal_route([[1.0]], [5.0], [1.0], [0.0], method="carried", pool=[1.0], pool_mass=4.0)


def test_a_missing_mass_is_refused():
    with pytest.raises(ValueError, match="good"):
        metal_route([[1.0]], [0.0], [np.nan], [0.0], method="cut_off")


def test_shared_out_adds_up_and_says_when_nothing_tells_how():
    shares = shared_out([100.0, 6.0], [1.0, 3.0, 0.0])
    assert shares.tolist() == [[25.0, 1.5], [75.0, 4.5], [0.0, 0.0]]
    assert np.isnan(shared_out([1.0], [0.0, 0.0])).all()
    with pytest.raises(ValueError, match="driver"):
        shared_out([1.0], [1.0, np.nan])
