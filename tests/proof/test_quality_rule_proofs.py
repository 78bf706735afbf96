"""Proofs of the rules of control charts: a naive reading of each rule, point by point, and known run lengths."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from forgecast.quality.chart_rules import NELSON, WESTERN_ELECTRIC, Rule, find_signals

# Multiples of a half hit the zones' edges and the centre line exactly; None is a missing point.
POINTS = st.lists(st.one_of(st.none(), st.sampled_from([0.5 * k for k in range(-8, 9)])), max_size=60)
FLAT = st.lists(st.sampled_from([-0.5, 0.0, 0.5, 1.0]), min_size=10, max_size=60)


def completes(rule: Rule, window: list[float]) -> bool:
    """Say whether the last point of a stretch completes the rule, as its sentence reads."""
    last = window[-rule.of :]
    sides = (list(last), [-z for z in last])
    if rule.pattern == "most_beyond":
        return any(s[-1] > rule.deviations and sum(z > rule.deviations for z in s) >= rule.run for s in sides)
    if len(last) < rule.run:
        return False
    steps = [b - a for a, b in pairwise(last)]
    return {
        "beyond": abs(last[-1]) > rule.deviations,
        "one_side": any(all(z > 0 for z in s) for s in sides),
        "trend": all(s > 0 for s in steps) or all(s < 0 for s in steps),
        "alternating": all(s != 0 for s in steps) and all(a * b < 0 for a, b in pairwise(steps)),
        "inside": all(abs(z) < rule.deviations for z in last),
        "outside": all(abs(z) > rule.deviations for z in last),
    }[rule.pattern]


def naive(rule: Rule, points: list[float | None], stage: list[int]) -> list[bool]:
    found, window = [], []
    for at, point in enumerate(points):
        if point is None or (at and stage[at] != stage[at - 1]):
            window = []
        if point is None:
            found.append(False)
            continue
        window.append(point)
        found.append(completes(rule, window))
    return found


@settings(max_examples=300, deadline=None)
@given(st.one_of(POINTS, FLAT), st.lists(st.integers(0, 1), min_size=60, max_size=60), st.booleans())
@example([1.5, -1.5] * 8, [0] * 60, False)
@example([0.5 * k for k in range(6)], [0, *[1] * 59], True)
@example([0.5, -0.5] * 7, [0, *[1] * 59], True)
@example([2.5, None, 2.5, 0.0, 2.5], [0] * 60, False)
def test_every_rule_as_its_sentence_reads(points, labels, staged):
    stage = labels[: len(points)] if staged else [0] * len(points)
    values = np.array([math.nan if p is None else p for p in points], dtype=float)
    # The chart's own scale must not matter: centre 7, deviation 0.25 are exact in binary.
    got = find_signals(7.0 + 0.25 * values, 7.0, 0.25, rules=NELSON + WESTERN_ELECTRIC, stage=stage)
    for rule, flagged in zip(got.rules, got.flagged, strict=True):
        assert flagged.tolist() == naive(rule, points, stage), rule.name


@pytest.mark.parametrize("rule", NELSON + WESTERN_ELECTRIC, ids=lambda rule: rule.name)
def test_the_shortest_pattern_is_flagged_and_one_point_less_is_not(rule):
    """The shortest pattern each rule's sentence allows, built by hand; its last point is the first one flagged."""
    up = rule.deviations + 0.5
    shortest = {
        "beyond": [3.5],
        "one_side": [0.1] * rule.run,
        "trend": [-0.2 + 0.1 * k for k in range(rule.run)],
        "alternating": [0.1 * (-1) ** k for k in range(rule.run)],
        "most_beyond": [up] + [0.0] * (rule.of - rule.run) + [up] * (rule.run - 1),
        "inside": [0.9 * (-1) ** (k // 2) for k in range(rule.run)],
        "outside": [1.5 * (-1) ** (k // 2) for k in range(rule.run)],
    }[rule.pattern]
    got = find_signals(shortest, 0.0, 1.0, rules=(rule,))
    assert got.of(rule.name).tolist() == [len(shortest) - 1]
    assert not find_signals(shortest[1:], 0.0, 1.0, rules=(rule,)).any.any()


def first_signals(rules, runs, length, seed, shift=0.0):
    z = np.random.default_rng(seed).normal(shift, 1.0, (runs, length))
    flagged = find_signals(z.ravel(), 0.0, 1.0, rules=rules, stage=np.repeat(np.arange(runs), length)).any
    by_run = flagged.reshape(runs, length)
    # A run that never signals counts as its whole length; its probability is exp(-length/ARL).
    return np.where(by_run.any(axis=1), by_run.argmax(axis=1) + 1.0, float(length))


def test_false_alarms_of_three_deviations():
    """Points beyond three deviations: geometric with p = 2 Φ(-3) = 0.0026998, so one in 370.4.

    Solution: the share of flagged points of 400 000; tolerance four standard errors, √(p/n) = 8.2e-5.
    """
    z = np.random.default_rng(1924).normal(size=400_000)
    share = find_signals(z, 0.0, 1.0, rules=NELSON[:1]).any.mean()
    assert share == pytest.approx(math.erfc(3.0 / math.sqrt(2.0)), abs=4 * 8.2e-5)


def test_run_length_of_the_western_electric_rules():
    """In control, the four rules together signal once in 91.75 points.

    Solution: C. W. Champ and W. H. Woodall, Technometrics 29 (1987) 393-399, doi:10.1080/00401706.1987.10488266, as
    NIST/SEMATECH's e-Handbook 6.3.2 quotes it. Tolerance four standard errors of 3 000 runs (deviation about 91);
    exp(-1000/91.75) = 2e-5 of the runs are cut off.
    """
    got = first_signals(WESTERN_ELECTRIC, 3000, 1000, 1956)
    assert got.mean() == pytest.approx(91.75, abs=4 * got.std() / math.sqrt(3000))
