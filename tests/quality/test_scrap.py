"""Scrap, yield and control limits: who is counted, and who is not."""

from __future__ import annotations

import numpy as np
import pytest

from forgecast.ground.errors import ForgecastError
from forgecast.quality.control_chart import share_chart
from forgecast.quality.metal_yield import metal_yield, scrap_mass_share
from forgecast.quality.scrap import Outcome, outcomes, pareto, scrap_rate, scrap_table


def test_trial_shots_rework_and_missing_results_are_counted_apart():
    groups = ["B", "A", "A", "A", "A", "A", "B"]
    results = outcomes(["good", "reject", "good", "rework", None, "reject", ""])
    trial = np.array([False, False, False, False, False, True, False])
    got = scrap_table(groups, results, trial=trial)
    assert got.groups == ("A", "B")
    assert got.good.tolist() == [1, 1]
    assert got.scrap.tolist() == [1, 0]
    assert got.rework.tolist() == [1, 0]
    assert got.not_known.tolist() == [1, 1]
    assert got.trial.tolist() == [1, 0]
    assert got.rate.tolist() == [1 / 3, 0.0]
    assert got.overall().inspected == 4
    assert got.overall().scrap == 1


def test_a_row_may_stand_for_many_pieces():
    got = scrap_table(["A", "A"], outcomes(["good", "reject"]), pieces=[97, 3])
    assert got.rate.tolist() == [0.03]
    assert got.inspected.tolist() == [100]


def test_a_group_in_which_nothing_was_inspected_has_no_rate():
    got = scrap_table(["A"], outcomes([""]))
    assert np.isnan([got.rate[0], got.low[0], got.high[0]]).all()
    none = got.overall()
    assert none.rate is None
    assert none.why_missing is not None
    assert scrap_table([], outcomes([])).groups == ()


def test_impossible_counts_and_words_are_refused():
    with pytest.raises(ForgecastError, match="impossible"):
        scrap_rate(3, 2)
    with pytest.raises(ForgecastError, match="perhaps is no inspection result"):
        outcomes(["good", "perhaps"])


def test_every_outcome_is_a_word_of_the_records():
    assert outcomes(["good", "reject", "rework", ""]).tolist() == list(Outcome)


def test_pareto_puts_the_most_frequent_first_and_the_unnamed_aside():
    got = pareto(["cold shut", "porosity", "", "porosity", "shrinkage", "cold shut"], pieces=[1, 5, 4, 1, 1, 2])
    assert got.names == ("porosity", "cold shut", "shrinkage")
    assert got.counts.tolist() == [6, 3, 1]
    assert got.cumulative.tolist() == pytest.approx([0.6, 0.9, 1.0])
    assert got.unnamed == 4
    tied = pareto(["b", "a"])
    assert tied.names == ("a", "b")
    assert pareto([""]).names == ()


def test_metal_yield_by_month_and_together():
    got = metal_yield([60.0, 50.0, np.nan, 120.0, 0.0], [100.0, 100.0, 100.0, 100.0, 0.0])
    assert got.monthly[:2].tolist() == [0.6, 0.5]
    assert np.isnan(got.monthly[2:]).all()
    assert got.overall == 0.55
    assert (got.months, got.left_out, got.contradictory) == (2, 1, (3,))
    assert metal_yield([np.nan], [1.0]).overall is None
    assert "more came out" in str(metal_yield([2.0], [1.0]).why_missing)


def test_scrap_by_mass():
    got = scrap_mass_share([5.0, np.nan], [95.0, 100.0])
    assert (got.overall, got.left_out) == (0.05, 1)


def test_a_month_with_twice_the_scrap_stands_out_and_the_others_do_not():
    inspected = np.full(12, 1000)
    scrap = np.array([30, 33, 28, 31, 29, 34, 27, 32, 30, 80, 31, 29])
    got = share_chart(scrap, inspected)
    assert np.flatnonzero(got.signal).tolist() == [9]
    assert got.centre == pytest.approx(scrap.sum() / 12_000, rel=1e-12)


def test_with_many_pieces_usual_scatter_between_months_is_no_signal():
    rng = np.random.default_rng(2002)
    inspected = np.full(24, 200_000)
    # Shares scatter by 0.2 points between months; counting alone scatters by 0.04.
    scrap = np.rint(inspected * rng.normal(0.03, 0.002, 24))
    got = share_chart(scrap, inspected)
    assert not got.signal.any()
    assert got.widening > 2.0


def test_charts_that_cannot_be_drawn():
    few = share_chart([1, 2], [10, 10])
    assert few.centre is None
    assert few.why_missing is not None
    clean = share_chart(np.zeros(8), np.full(8, 100))
    assert (clean.centre, bool(clean.signal.any())) == (0.0, False)
    gap = share_chart([1, 2, 1, 2, 1, 2, 0], [100, 100, 100, 100, 100, 100, 0])
    assert np.isnan(gap.share[6])
    assert not gap.signal[6]
