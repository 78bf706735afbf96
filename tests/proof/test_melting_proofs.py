"""Proofs of charges: against brute force, corners and chance; build-up against its series."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtri

from forgecast.melting.charge_mix import cheapest_charge
from forgecast.melting.generations import build_up
from forgecast.melting.material import ChargeProblem, Content, Furnace, Limit, Material, Recoveries, Recovery
from forgecast.melting.mix_model import build, quantile
from tests.melting.charges import SURE, iron, large, material


def _meets(problem, masses) -> bool:
    """Return whether masses meet all that is asked of the mean, computed here from the definitions."""
    liquid = sum(m.metal_yield * kg for m, kg in zip(problem.materials, masses, strict=True))
    if not problem.furnace.liquid_least - 1e-9 <= liquid <= problem.furnace.liquid_most + 1e-9:
        return False
    for limit in problem.limits:
        held = sum(
            weight * m.contents[e].mean * kg
            for e, weight in limit.weights.items()
            for m, kg in zip(problem.materials, masses, strict=True)
        )
        low = -math.inf if limit.lowest is None else limit.lowest
        high = math.inf if limit.highest is None else limit.highest
        if not low - 1e-12 <= held / liquid <= high + 1e-12:
            return False
    return True


@pytest.mark.parametrize("seed", range(8))
def test_whole_pieces_equal_brute_force(seed):
    """Four materials in pieces of 100 kg, every combination of up to ten pieces tried: 14,641 charges."""
    rng = np.random.default_rng(seed)
    materials = tuple(
        material(
            f"m{i}",
            float(rng.uniform(2, 5)),
            float(rng.uniform(0, 4)),
            float(rng.uniform(0, 3)),
            0.3,
            float(rng.uniform(0, 0.6)),
            piece_mass=100.0,
            most=1000.0,
        )
        for i in range(4)
    )
    limits = (
        Limit("C", {"C": 1.0}, 0.012, 0.026),
        Limit("Cu", {"Cu": 1.0}, None, 0.0035),
        Limit("CE", {"C": 1.0, "Si": 1 / 3}, 0.015, 0.035),
    )
    problem = ChargeProblem(materials, limits, Furnace(1000.0, 1000.0), SURE)
    best = math.inf
    for pieces in itertools.product(range(11), repeat=4):
        if sum(pieces) == 10 and _meets(problem, [100.0 * n for n in pieces]):
            best = min(best, sum(100.0 * n * m.price for n, m in zip(pieces, materials, strict=True)))
    mix = cheapest_charge(problem, gap=0.0)
    assert mix.feasible == math.isfinite(best)
    if mix.feasible:
        assert mix.cost == pytest.approx(best, rel=1e-9)


@pytest.mark.parametrize("seed", range(8))
def test_any_mass_equals_the_best_corner(seed):
    """A linear program's optimum is a corner: for five materials every corner is computed and the best one taken."""
    rng = np.random.default_rng(100 + seed)
    held = rng.uniform(0.0, 0.04, (5, 2))
    price = rng.uniform(2, 5, 5)
    most = rng.uniform(300, 900, 5)
    materials = tuple(
        Material(f"m{i}", "k", {"C": Content(held[i, 0], 0), "Si": Content(held[i, 1], 0)}, price[i], 1.0, most[i])
        for i in range(5)
    )
    limits = (Limit("C", {"C": 1.0}, 0.012, 0.02), Limit("Si", {"Si": 1.0}, 0.015, 0.025))
    problem = ChargeProblem(materials, limits, Furnace(1000.0, 1000.0), SURE)
    # rows a·x <= b of everything but the mass, which is an equation
    rows = np.vstack(
        [held[:, 0] - 0.02, 0.012 - held[:, 0], held[:, 1] - 0.025, 0.015 - held[:, 1], np.eye(5), -np.eye(5)]
    )
    right = np.concatenate([np.zeros(4), most, np.zeros(5)])
    best = math.inf
    for active in itertools.combinations(range(len(rows)), 4):
        system = np.vstack([np.ones(5), rows[list(active)]])
        if abs(np.linalg.det(system)) < 1e-12:
            continue
        x = np.linalg.solve(system, np.concatenate([[1000.0], right[list(active)]]))
        if np.all(rows @ x <= right + 1e-7):
            best = min(best, float(price @ x))
    mix = cheapest_charge(problem)
    assert mix.feasible == math.isfinite(best)
    if mix.feasible:
        assert mix.cost == pytest.approx(best, rel=1e-6)  # the solver's feasibility tolerance, 1e-7 of a bound of 0.02


def test_one_uncertain_scrap_has_the_share_that_algebra_gives():
    """Cheap scrap with copper 0.4 % ± 0.05 % in clean iron: share = w_max / (mean + z spread)."""
    cheap = Material("cheap", "k", {"Cu": Content(0.004, 0.0005)}, 1.0, 1.0, 1e5)
    clean = Material("clean", "k", {"Cu": Content(0.0, 0.0)}, 2.0, 1.0, 1e5)
    problem = ChargeProblem(
        (cheap, clean), (Limit("Cu", {"Cu": 1.0}, None, 0.002),), Furnace(1000.0, 1000.0), SURE, confidence=0.975
    )
    share = 0.002 / (0.004 + ndtri(0.975) * 0.0005)
    mix = cheapest_charge(problem)
    assert mix.masses[0] == pytest.approx(1000.0 * share, rel=2e-5)  # cuts lie outside the cone by 1e-5 of the spread
    assert mix.kept[0].probability == pytest.approx(0.975, abs=1e-5)


@pytest.mark.parametrize("joint", [False, True])
def test_the_chance_of_every_limit_holds_in_a_hundred_thousand_draws(joint):
    """Contents drawn 1e5 times: each limit (or all together) is met as often as asked, less three standard errors."""
    problem = replace(iron(spread=0.08), confidence=0.95, joint=joint)
    problem = replace(problem, recoveries=Recoveries(tuple(replace(r, mean=0.97) for r in SURE.rows)))
    mix = cheapest_charge(problem)
    assert mix.feasible
    rng = np.random.default_rng(4)
    draws = 100_000
    held = dict.fromkeys(("C", "Si", "Mn", "Cu"), np.zeros(draws))
    for m, kg in zip(problem.materials, mix.masses, strict=True):
        for e in held:
            drawn = rng.normal(m.contents[e].mean, m.contents[e].spread, draws)
            held[e] = held[e] + 0.97 * drawn * kg / mix.liquid_mass
    ok = np.ones(draws, dtype=bool)
    slack = 3.0 * math.sqrt(0.95 * 0.05 / draws)
    for limit in problem.limits:
        value = sum(w * held[e] for e, w in limit.weights.items())
        for bound, sign in ((limit.lowest, 1.0), (limit.highest, -1.0)):
            if bound is None:
                continue
            met = sign * (value - bound) >= 0.0
            ok &= met
            assert met.mean() >= 0.95 - slack
            told = next(k for k in mix.kept if k.name == limit.name and (k.side == "lowest") == (sign > 0))
            assert met.mean() == pytest.approx(told.probability, abs=4e-3)  # 3 standard errors near 0.9 are 0.003
    assert not joint or ok.mean() >= 0.95 - slack
    assert any(k.binds for k in mix.kept)


def test_recoveries_that_vary_by_the_heat_are_in_the_chance_too():
    """A recovery common to two materials: drawn once a heat, the limit is still met as often as asked."""
    recoveries = Recoveries((Recovery("alloy", "Mn", 0.85, 0.06), Recovery("base", "Mn", 1.0, 0.0)))
    materials = (
        Material("rich", "alloy", {"Mn": Content(0.75, 0.01)}, 9.0, 1.0, 10.0),
        Material("poor", "alloy", {"Mn": Content(0.60, 0.01)}, 8.0, 1.0, 1e5),
        Material("base", "base", {"Mn": Content(0.002, 0.0002)}, 3.0, 1.0, 1e5),
    )
    problem = ChargeProblem(
        materials, (Limit("Mn", {"Mn": 1.0}, 0.012, None),), Furnace(1000.0, 1000.0), recoveries, confidence=0.95
    )
    mix = cheapest_charge(problem)
    rng = np.random.default_rng(5)
    recovery = rng.normal(0.85, 0.06, 100_000)
    content = [rng.normal(m.contents["Mn"].mean, m.contents["Mn"].spread, 100_000) for m in materials]
    held = (recovery * (content[0] * mix.masses[0] + content[1] * mix.masses[1]) + content[2] * mix.masses[2]) / 1000.0
    # the product of two normals is a little skew: third moment adds under 0.002 here
    assert (held >= 0.012).mean() == pytest.approx(0.95, abs=0.004)


def test_the_spread_of_a_sum_is_the_spread_of_its_draws():
    """Products of wide contents and recoveries, a recovery common to a kind: variance against 4e5 draws."""
    recoveries = Recoveries((Recovery("a", "C", 0.8, 0.3), Recovery("a", "Si", 0.7, 0.2), Recovery("b", "*", 1.0, 0.0)))
    recoveries = recoveries.with_own(Recovery("b", "C", 0.9, 0.1), Recovery("b", "Si", 1.0, 0.0))
    materials = tuple(
        Material(f"m{i}", kind, {"C": Content(0.03, 0.02), "Si": Content(0.02, 0.01)}, 1.0, 1.0, 1e5)
        for i, kind in enumerate(("a", "a", "b"))
    )
    limit = Limit("CE", {"C": 1.0, "Si": 1 / 3}, None, 1.0)
    model = build(ChargeProblem(materials, (limit,), Furnace(1.0, 1.0), recoveries, confidence=0.9))
    mass = np.array([0.5, 0.3, 0.2])
    told = np.linalg.norm(model.elements.spread(model.elements.weights(limit.weights)) @ mass)
    rng = np.random.default_rng(9)
    n, held = 400_000, np.zeros(400_000)
    for element, weight, of_a, of_b in (("C", 1.0, (0.8, 0.3), (0.9, 0.1)), ("Si", 1 / 3, (0.7, 0.2), (1.0, 0.0))):
        drawn = {"a": rng.normal(*of_a, n), "b": rng.normal(*of_b, n)}
        for m, kg in zip(materials, mass, strict=True):
            content = m.contents[element]
            held += weight * kg * drawn[m.kind] * rng.normal(content.mean, content.spread, n)
    assert told == pytest.approx(
        np.std(held), rel=0.006
    )  # three standard errors, for tails a little heavier than normal


def test_together_is_asked_of_each_by_its_share():
    """Bonferroni: ten bounds at 95 % together are each at 99.5 %."""
    assert quantile(0.95, 10) == pytest.approx(float(ndtri(0.995)))
    assert quantile(0.95, 1) == pytest.approx(float(ndtri(0.95)))
    assert quantile(0.5, 1) == 0.0


def test_uncertainty_costs_and_never_pays():
    """The asked probability tightens every bound, so the cost rises with it, and the mean's cost bounds it below."""
    costs = [cheapest_charge(replace(large(30), confidence=p)).cost for p in (0.5, 0.8, 0.9, 0.95)]
    assert costs == sorted(costs)
    assert costs[0] < costs[-1]


def test_the_cuts_meet_the_cone_and_their_cost_is_the_least():
    """At the optimum of a cone program no direction is cheaper: checked by a general solver started there."""
    from scipy.optimize import minimize

    problem = replace(iron(spread=0.08), confidence=0.95)
    mix = cheapest_charge(problem)
    program = mix.model.program
    held = minimize(
        lambda x: float(program.cost @ x) / 3000.0,
        mix.answer.x,
        jac=lambda _: program.cost / 3000.0,
        bounds=list(zip(program.lower, np.minimum(program.upper, 10.0), strict=True)),
        constraints=[
            {"type": "ineq", "fun": lambda x: program.bounds - program.rows @ x},
            {"type": "ineq", "fun": lambda x: -np.array([c.value(x) for c in program.cones])},
        ],
        method="SLSQP",
        options={"ftol": 1e-12, "maxiter": 200},
    )
    assert max(c.value(mix.answer.x) for c in program.cones) <= 1e-6
    assert mix.cost <= 3000.0 * held.fun * (1.0 + 2e-5)  # the cone is laid wider by 1e-5


@given(
    st.floats(0.0, 0.01), st.floats(0.0, 0.01), st.floats(0.05, 0.9), st.floats(0.5, 1.0), st.integers(1, 30)
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_build_up_follows_its_recursion(start, fresh, share, recovery, generations):
    """w(n+1) = f + q w(n), step by step, and the sum of the series where it settles."""
    found = build_up(start, fresh, 0.0, returns_share=share, recovery=recovery, generations=generations)
    at = start
    for told in found.contents:
        assert told == pytest.approx(at, rel=1e-9, abs=1e-15)
        at = fresh + share * recovery * at
    series = fresh * sum((share * recovery) ** n for n in range(3000))
    assert found.steady == pytest.approx(series, rel=1e-9, abs=1e-15)


def test_the_spread_settles_where_a_thousand_heats_do():
    rng = np.random.default_rng(3)
    found = build_up(0.0, 0.001, 0.0002, returns_share=0.6, recovery=0.95, generations=5)
    at, seen = found.steady, []
    for _ in range(40_000):
        at = rng.normal(0.001, 0.0002) + 0.57 * at
        seen.append(at)
    # standard error of a standard deviation of 40,000 values with correlation time ~2 is about 0.6 %
    assert np.std(seen) == pytest.approx(found.steady_spread, rel=0.02)
