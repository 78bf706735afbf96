"""The cheapest portfolio: closed forms, every choice tried, and properties of the optimum under random plans."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forgecast.planning.outcome import outcome
from forgecast.planning.portfolio import Model, cheapest
from forgecast.planning.problem import Credit, Effect, Problem, Stream
from forgecast.planning.reach import compromise, frontier, nothing
from forgecast.planning.robust import robustness
from tests.planning.making import by_trying, goal, measure, problem

#: Money is solved in 10^4 CNY to 1e-6 of it, and the rows of goals to 1e-7 of their size.
CENTS = 0.02

STREAMS = (Stream("a", {"pm": 8.0, "kWh": 3e6}), Stream("b", {"pm": 4.0, "coke": 900.0, "kWh": 5e5}))


def test_a_goal_that_needs_one_measure_costs_its_annuity() -> None:
    # Paid in 2026, works from 2027, nine of its fifteen years fall into the horizon of ten from 2026.
    filters = measure("filters", Effect("s", "pm", factor=0.6), cost=1000.0, lifetime=15.0, delay=1, yearly_cost=7.0)
    found = cheapest(problem((filters,), (goal("pm", 7.0),)))
    assert found is not None
    r = 0.08
    annuity = 1000.0 * r / (1.0 - (1.0 + r) ** -15)
    # The annuities of nine years, seen from the year of payment, and nine years' upkeep, seen from 2026.
    capital = sum(annuity / (1.0 + r) ** k for k in range(1, 10))
    upkeep = sum(7.0 / (1.0 + r) ** k for k in range(1, 10))
    assert found.outcome.cost == pytest.approx(capital + upkeep, rel=1e-12)
    assert found.starts == {"filters": 2027}
    assert found.outcome.paid == (1000.0, 0.0)
    assert found.outcome.indicators["pm"] == (10.0, 6.0)


def test_two_measures_on_one_stack_do_not_add() -> None:
    # 0.5 · 0.5 leaves a quarter: 7.5 t less and not 10 t. A goal of 2 t needs the third.
    halves = [measure(name, Effect("s", "pm", factor=0.5), cost=100.0) for name in ("x", "y")]
    third = measure("z", Effect("s", "pm", factor=0.8), cost=500.0)
    asked = problem((*halves, third), (goal("pm", 2.0),))
    found = cheapest(asked)
    assert found is not None
    assert set(found.starts) == {"x", "y", "z"}
    assert found.outcome.indicators["pm"][-1] == pytest.approx(2.0)
    assert cheapest(replace(asked, goals=(goal("pm", 1.999),))) is None


def test_a_conversion_goes_first_and_a_yield_bears_on_what_it_adds() -> None:
    convert = measure(
        "induction",
        Effect("b", "coke", factor=0.0, converts=True),
        Effect("b", "kWh", addition=4e6, converts=True),
        cost=1.0,
    )
    yields = measure("yield", Effect("b", "coke", factor=0.95), Effect("b", "kWh", factor=0.95), cost=1.0)
    asked = problem((convert, yields), (goal("energy", 920.0),), STREAMS)
    found = cheapest(asked)
    assert found is not None
    assert set(found.starts) == {"induction", "yield"}
    kwh = 3e6 + 0.95 * (5e5 + 4e6)
    assert found.outcome.indicators["energy"][-1] == pytest.approx(0.000123 * kwh)


def test_a_saving_is_taken_without_any_goal_and_put_off_without_a_saving() -> None:
    leaks = measure("leaks", Effect("a", "kWh", factor=0.9), cost=1e5)
    asked = problem((leaks,), (), STREAMS, prices={"kWh": 0.7})
    found = cheapest(asked)
    assert found is not None
    assert found.starts == {"leaks": 2026}
    # 10 % of 3 GWh at 0.7 CNY over ten years, less the whole price (it lives ten years): no approximation.
    saved = sum(0.1 * 3e6 * 0.7 / 1.08**k for k in range(10))
    assert found.outcome.cost == pytest.approx(1e5 - saved, rel=1e-12)
    dear = cheapest(replace(asked, measures=(replace(leaks, cost=saved * 1.001),)))
    assert dear is not None
    assert dear.starts == {}


def test_a_credit_holds_in_its_years_only() -> None:
    tools = measure("tools", Effect("s", "pm", factor=0.5), cost=1000.0, credits=(Credit(0.1, 2024, 2026),))
    assert tools.net_cost(2026) == pytest.approx(900.0)
    assert tools.net_cost(2027) == 1000.0


def test_the_budget_of_a_year_spreads_measures() -> None:
    asked = problem(
        tuple(measure(n, Effect("s", "pm", factor=0.8), cost=100.0) for n in "xyz"),
        (goal("pm", 5.2),),
        budget=200.0,
    )
    found = cheapest(asked)
    assert found is not None
    assert max(found.outcome.paid) <= 200.0
    assert sum(found.outcome.paid) == 300.0
    assert cheapest(replace(asked, budget=100.0)) is None
    told = compromise(replace(asked, budget=100.0))
    assert told is not None
    assert told.budget_binds


def test_what_cannot_be_reached_is_proven_with_the_best_that_can() -> None:
    halve = measure("halve", Effect("s", "pm", factor=0.5))
    asked = problem((halve,), (goal("pm", 3.0), goal("pm", 6.0, 2026, name="near")))
    told = compromise(asked)
    assert told is not None
    far, near = told.reaches
    assert (far.best, far.now, far.reachable) == (5.0, 10.0, False)
    assert near.reachable
    assert [one.id for one in told.conflict] == ["pm-2027"]
    assert [one.id for one in told.kept] == ["near"]
    assert not told.budget_binds
    assert told.best_given_up[0].best == 5.0


def test_a_conflict_is_the_smallest_set() -> None:
    # Each goal alone can be kept; the two measures exclude each other; the third goal is easy.
    streams = (Stream("a", {"pm": 8.0}), Stream("b", {"coke": 900.0}))
    low_pm = measure("x", Effect("a", "pm", factor=0.5), excludes=frozenset({"y"}))
    low_coke = measure("y", Effect("b", "coke", factor=0.5), excludes=frozenset({"x"}))
    goals = (goal("pm", 9.0, name="easy"), goal("pm", 5.0), goal("energy", 500.0))
    told = compromise(problem((low_pm, low_coke), goals, streams))
    assert told is not None
    assert {one.id for one in told.conflict} == {"pm-2027", "energy-2027"}
    assert all(one.reachable for one in told.reaches)
    assert len(told.kept) == 2


def test_a_frontier_is_falling_and_holds_both_ends() -> None:
    steps = tuple(measure(f"m{k}", Effect("s", "pm", addition=-1.0 - 0.3 * k), cost=100.0 * 2**k) for k in range(5))
    asked = problem(steps, ())
    points = frontier(asked, "pm", points=12)
    costs, values = [p.cost for p in points], [p.value for p in points]
    assert costs == sorted(costs)
    assert values == sorted(values, reverse=True)
    assert values[0] == 10.0
    assert values[-1] == pytest.approx(10.0 - sum(1.0 + 0.3 * k for k in range(5)))
    for point in points:
        best = by_trying(replace(asked, goals=(goal("pm", point.value),)))
        assert best is not None
        assert best[0] == pytest.approx(point.cost, abs=CENTS)


def test_robustness_counts_what_stays() -> None:
    # The twin that is ten times dearer is never taken, however far 30 % goes; a quotation does not move.
    cheap, dear = (measure(n, Effect("s", "pm", factor=0.6), cost=c) for n, c in (("cheap", 100.0), ("dear", 1000.0)))
    asked = problem((cheap, dear), (goal("pm", 7.0),))
    plan = cheapest(asked)
    assert plan is not None
    seen = robustness(asked, plan, draws=30)
    assert seen.stays == {"cheap": 1.0}
    assert seen.solved == 30
    assert plan.outcome.cost * 0.7 <= seen.cost_low < seen.cost_high <= plan.outcome.cost * 1.3
    # 4 t off is needed to 3 t: the effect may fall to 75 %, which is 55/60 of the draws; 30 draws scatter by 5 %.
    assert 0.7 <= seen.holds["pm-2027"] <= 1.0
    quoted = replace(asked, measures=tuple(replace(one, estimate=False) for one in asked.measures))
    fixed = robustness(quoted, plan, draws=5)
    assert fixed.cost_low == pytest.approx(fixed.cost_high)


@st.composite
def plans(draw: st.DrawFn) -> Problem:
    names = "mnopq"[: draw(st.integers(1, 5))]
    made = []
    for name in names:
        effects = tuple(
            Effect(
                stream.id,
                resource,
                factor=draw(st.sampled_from([0.0, 0.4, 0.7, 0.9, 1.0, 1.2])),
                addition=draw(st.sampled_from([0.0, 0.0, -0.1, 0.05])) * stream.base[resource],
                converts=draw(st.booleans()),
            )
            for stream in STREAMS
            for resource in stream.base
            if draw(st.booleans())
        )
        others = st.frozensets(st.sampled_from([n for n in names if n != name] or ["none"]), max_size=1)
        made.append(
            measure(
                name,
                *effects,
                cost=draw(st.integers(0, 50)) * 1e4,
                yearly_cost=draw(st.integers(-2, 5)) * 1e4,
                lifetime=draw(st.sampled_from([3.0, 8.0, 20.0])),
                delay=draw(st.integers(0, 1)),
                excludes=draw(others) if draw(st.booleans()) else frozenset(),
                requires=draw(others) if draw(st.integers(0, 3)) == 0 else frozenset(),
            )
        )
    goals = tuple(
        goal(name, draw(st.floats(0.3, 1.1)) * full, draw(st.sampled_from([2026, 2027])), name=name)
        for name, full in (("pm", 12.0), ("energy", 1303.5))
        if draw(st.booleans())
    )
    budget = draw(st.sampled_from([None, 3e5, {2026: 2e5, 2027: 6e5}]))
    return problem(tuple(made), goals, STREAMS, prices={"kWh": 0.7, "coke": 2500.0}, budget=budget)


@settings(max_examples=60)
@given(plans())
def test_the_solver_finds_what_trying_all_finds(asked: Problem) -> None:
    found, tried = cheapest(asked), by_trying(asked)
    assert (found is None) == (tried is None)
    if found is not None and tried is not None:
        assert found.outcome.broken == ()
        assert found.outcome.cost == pytest.approx(tried[0], abs=CENTS)


@settings(max_examples=40)
@given(plans())
def test_one_more_measure_never_makes_it_dearer(asked: Problem) -> None:
    fewer, all_of_them = cheapest(replace(asked, measures=asked.measures[:-1])), cheapest(asked)
    if fewer is not None:
        assert all_of_them is not None
        assert all_of_them.outcome.cost <= fewer.outcome.cost + CENTS


@settings(max_examples=40)
@given(plans(), st.floats(0.5, 1.0))
def test_a_tighter_goal_is_never_cheaper(asked: Problem, share: float) -> None:
    loose = cheapest(asked)
    tight = cheapest(replace(asked, goals=tuple(replace(one, bound=one.bound * share) for one in asked.goals)))
    if tight is not None:
        assert loose is not None
        assert tight.outcome.cost >= loose.outcome.cost - CENTS


@settings(max_examples=30)
@given(plans())
def test_a_compromise_keeps_as_many_goals_as_can_be_kept(asked: Problem) -> None:
    told = compromise(asked)
    if told is None:
        assert cheapest(asked) is not None
        return
    assert by_trying(asked) is None
    assert by_trying(replace(asked, goals=told.kept)) is not None
    assert by_trying(replace(asked, goals=told.conflict)) is None
    for one in told.conflict:
        assert by_trying(replace(asked, goals=tuple(g for g in told.conflict if g is not one))) is not None


@settings(max_examples=30)
@given(plans())
def test_rows_and_the_plain_evaluator_agree(asked: Problem) -> None:
    model = Model(replace(asked, goals=(), budget=None))
    found = model.solve()
    assert found is not None
    assert outcome(asked, found.starts).cost == pytest.approx(found.outcome.cost)
    # Nothing done costs nothing and changes nothing.
    assert outcome(asked, {}).cost == 0.0
    assert {k: v[0] for k, v in outcome(asked, {}).indicators.items()} == pytest.approx(nothing(asked))
