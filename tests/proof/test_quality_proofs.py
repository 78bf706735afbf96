"""Proofs of the quality sciences: each states a problem whose solution is known, and its solution."""

from __future__ import annotations

import csv
import gzip
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forgecast.quality.control_chart import share_chart
from forgecast.quality.scrap import scrap_table, wilson_interval


def test_wilson_against_published_intervals():
    """R. G. Newcombe, Statistics in Medicine 17 (1998) 857-872, Table I, method 3 (score without correction), 95 %."""
    published = {
        (81, 263): (0.2553, 0.3662),
        (15, 148): (0.0624, 0.1605),
        (0, 20): (0.0000, 0.1611),
        (1, 29): (0.0061, 0.1718),
    }
    for (scrap, inspected), bounds in published.items():
        low, high = wilson_interval(scrap, inspected)
        # Half a last digit as printed.
        assert (float(low), float(high)) == pytest.approx(bounds, abs=0.00005)


@given(st.integers(1, 100_000), st.floats(0.0, 1.0), st.floats(0.5, 0.999))
def test_wilson_bounds_solve_the_score_equation(inspected, part, confidence):
    """The bounds are the shares p at which the observed count lies z standard errors of p away.

    Solution: (k/n - p)^2 = z^2 p (1-p) / n at both bounds; they lie in [0, 1] on either side of k/n.
    """
    scrap = round(part * inspected)
    low, high = (float(bound) for bound in wilson_interval(scrap, inspected, confidence=confidence))
    z = NormalDist().inv_cdf(0.5 + confidence / 2.0)
    share = scrap / inspected
    assert 0.0 <= low <= share <= high <= 1.0
    for bound in (low, high):
        # Exact ends at 0 and 1 satisfy it trivially; elsewhere rounding of a difference of near numbers.
        assert (share - bound) ** 2 == pytest.approx(z**2 * bound * (1.0 - bound) / inspected, rel=1e-6, abs=1e-15)


def test_share_chart_by_hand():
    """Six months of 100 pieces with 10, 12, 10, 12, 10, 12 scrap.

    Solution: p = 0.11, sigma = sqrt(0.11*0.89/100) = 0.031289; |z| steps are 0.02/0.031289 = 0.6392, over 1.128 is
    below 1, so the limits are those of counting: 0.11 + 3*0.031289 = 0.203867 and 0.016133. With ten times the
    pieces and the same spread of shares sigma falls to 0.0098945, steps are 2.0213 and widen the limits by 1.7914.
    """
    scrap = np.array([10, 12, 10, 12, 10, 12])
    small = share_chart(scrap, np.full(6, 100))
    assert small.widening == 1.0
    assert (small.lower[0], small.upper[0]) == pytest.approx((0.016133, 0.203867), abs=1e-6)
    large = share_chart(scrap * 10, np.full(6, 1000))
    # d2 = 2/sqrt(pi) = 1.12838; four digits as worked out above.
    assert large.widening == pytest.approx(2.0213 / 1.12838, abs=1e-4)
    assert large.upper[0] == pytest.approx(0.11 + 3 * 0.0098945 * 2.0213 / 1.12838, abs=1e-6)


@pytest.mark.real_data
def test_scrap_of_a_die_casting_cell(shared):
    """README of hpdc-kamp: 1 894 try shots, all rejects; without them part a rejects 2.8 %, part b 0.35 %."""
    with gzip.open(shared / "data/hpdc-kamp/shots_labelled.csv.gz", "rt", encoding="utf-8") as file:
        rows = [(row["part"], row["tryshot_signal"] == "D", int(row["passorfail"])) for row in csv.DictReader(file)]
    parts, trial, failed = (np.array(column) for column in zip(*rows, strict=True))
    got = scrap_table(parts, failed.astype(np.int8), trial=trial.astype(bool))
    assert got.groups == ("a", "b")
    assert int(got.trial.sum()) == 1894
    assert int((got.inspected + got.trial).sum()) == 90_177
    # Half a last digit of the README's percentages.
    assert got.rate.tolist() == [pytest.approx(0.028, abs=0.0005), pytest.approx(0.0035, abs=0.00005)]
    # Counting the try shots as production would show a quality problem that is none.
    mixed = scrap_table(parts, failed.astype(np.int8))
    assert mixed.rate[0] > got.high[0]
