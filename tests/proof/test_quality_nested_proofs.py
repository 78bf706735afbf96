"""Proofs of nested variance: by hand, against dense matrices, and by simulation."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from forgecast.quality.nested_variance import nested_variance, restricted_deviance

SEEDS = st.integers(0, 2**32 - 1)


def uneven(rng, heats=6):
    """Return labels of heats, moulds and cavities with one to four of each in the next."""
    rows = [
        (f"H{h}", f"M{m}", f"C{c}")
        for h in range(heats)
        for m in range(rng.integers(1, 5))
        for c in range(rng.integers(1, 4))
        for _ in range(rng.integers(1, 4))
    ]
    # One of each with a sister, so that every component can be told.
    rows += [("H0", "MX", "C0"), ("H0", "MX", "C0"), ("H0", "MX", "C1"), ("H1", "MX", "C0")]
    return [np.array(column) for column in zip(*rows, strict=True)]


def dense(labels):
    """Return the matrix of each level that says which values share a group, and the identity."""
    found = []
    for depth in range(1, len(labels) + 1):
        paths = np.array(["/".join(row) for row in zip(*labels[:depth], strict=True)])
        found.append((paths[:, None] == paths[None, :]).astype(float))
    return [*found, np.eye(len(labels[0]))]


def names(labels):
    return list(zip(("heat", "mould", "cavity"), labels, strict=False))


def test_two_heats_two_moulds_two_castings():
    """Values 1 3 | 5 7 and 11 13 | 13 19, two castings a mould, two moulds a heat.

    Solution: means of moulds 2 6 12 16, of heats 4 14, of all 9. SS within 2 + 2 + 2 + 18 = 24 (4), moulds
    2·(4·4) = 32 (2), heats 4·2·25 = 200 (1). MS 6, 16, 200; components 6, (16-6)/2 = 5, (200-16)/4 = 46.
    """
    x = [1.0, 3.0, 5.0, 7.0, 11.0, 13.0, 13.0, 19.0]
    levels = [("heat", list("AAAABBBB")), ("mould", [1, 1, 2, 2, 1, 1, 2, 2])]
    got = nested_variance(x, levels, method="anova")
    assert got.levels == ("heat", "mould", "within")
    assert got.variances == pytest.approx([46.0, 5.0, 6.0], rel=1e-12)
    assert (got.groups.tolist(), got.degrees_of_freedom.tolist()) == ([2, 4], [1, 2, 4])
    assert got.shares.sum() == pytest.approx(1.0, rel=1e-14)
    # Balanced, and nothing below zero: both methods agree. The place of a flat minimum, whose height is good to 1e-15,
    # is good to the root of that, and its gradient comes from differences.
    assert nested_variance(x, levels).variances == pytest.approx(got.variances, rel=1e-5)


@settings(max_examples=25, deadline=None)
@given(SEEDS)
@example(278921)  # the within component is a hundredth of the whole
def test_balanced_data_give_the_same_by_both_methods(seed):
    rng = np.random.default_rng(seed)
    heat, mould, cavity, _ = (axis.ravel() for axis in np.indices((6, 4, 3, 3)))
    x = (
        5.0 * rng.normal(size=6)[heat]
        + 3.0 * rng.normal(size=(6, 4))[heat, mould]
        + 2.0 * rng.normal(size=(6, 4, 3))[heat, mould, cavity]
        + rng.normal(size=heat.size)
    )
    levels = names([heat, mould, cavity])
    by_squares = nested_variance(x, levels, method="anova")
    if not by_squares.negative:
        assert nested_variance(x, levels).variances == pytest.approx(by_squares.variances, rel=1e-5)


@settings(max_examples=25, deadline=None)
@given(SEEDS)
def test_expected_mean_squares_of_uneven_data_against_projections(seed):
    """The mean squares' expectations from dense projections: E[y'Ay] = Σ σ² tr(A ZZ'); solved for the components."""
    rng = np.random.default_rng(seed)
    labels = uneven(rng)
    x = rng.normal(size=labels[0].size)
    shared = dense(labels)
    ones = np.ones((x.size, x.size)) / x.size
    # A matrix of who shares a group, over the group's size, projects on the groups' means.
    onto = [ones, *(matrix / matrix.sum(axis=1, keepdims=True) for matrix in shared)]
    between = [finer - coarser for coarser, finer in pairwise(onto)]
    load = np.array([[np.trace(a @ matrix) for matrix in shared] for a in between])
    wanted = np.linalg.solve(load, [x @ a @ x for a in between])
    got = nested_variance(x, names(labels), method="anova")
    assert got.variances == pytest.approx(np.maximum(wanted, 0.0), rel=1e-9, abs=1e-10)
    assert got.negative == tuple(name for name, value in zip(got.levels, wanted, strict=True) if value < 0.0)


@settings(max_examples=25, deadline=None)
@given(SEEDS, st.lists(st.floats(0.0, 5.0), min_size=3, max_size=3), st.floats(0.1, 5.0))
def test_the_restricted_likelihood_against_dense_matrices(seed, between, within):
    """-2 log L = log|V| + log(1'V⁻¹1) + (y-m)'V⁻¹(y-m), m = 1'V⁻¹y/1'V⁻¹1, with V built value by value."""
    rng = np.random.default_rng(seed)
    labels = uneven(rng)
    x = rng.normal(size=labels[0].size)
    variances = [*between, within]
    v = sum(s * matrix for s, matrix in zip(variances, dense(labels), strict=True))
    inverse = np.linalg.inv(v)
    weight = inverse.sum()
    mean = inverse.sum(axis=0) @ x / weight
    wanted = np.linalg.slogdet(v)[1] + math.log(weight) + (x - mean) @ inverse @ (x - mean)
    paths = [np.array(["/".join(row) for row in zip(*labels[:depth], strict=True)]) for depth in (1, 2, 3)]
    parents, above = [], np.zeros(x.size, dtype=np.int64)
    for path in paths:
        _, first, number = np.unique(path, return_index=True, return_inverse=True)
        parents.append(above[first])
        above = number
    got, centre = restricted_deviance(variances, x, parents, above)
    assert got == pytest.approx(wanted, rel=1e-9, abs=1e-9)
    assert centre == pytest.approx(mean, rel=1e-8, abs=1e-10)


@settings(max_examples=10, deadline=None)
@given(SEEDS)
def test_no_other_components_are_likelier(seed):
    """The dense likelihood at the components found is not exceeded nearby, nor at those of the mean squares."""
    rng = np.random.default_rng(seed)
    labels = uneven(rng)
    shared = dense(labels)
    heat = np.unique(labels[0], return_inverse=True)[1]
    x = 2.0 * rng.normal(size=heat.max() + 1)[heat] + rng.normal(size=heat.size)

    def deviance(variances):
        v = sum(s * matrix for s, matrix in zip(variances, shared, strict=True))
        inverse = np.linalg.inv(v)
        mean = inverse.sum(axis=0) @ x / inverse.sum()
        return np.linalg.slogdet(v)[1] + math.log(inverse.sum()) + (x - mean) @ inverse @ (x - mean)

    got = nested_variance(x, names(labels))
    best = deviance(got.variances)
    # The height of the top is good to rounding of sums of some hundred logarithms.
    assert best <= deviance(nested_variance(x, names(labels), method="anova").variances) + 1e-7
    for level in range(4):
        for step in (-0.02, 0.02):
            other = got.variances.copy()
            other[level] = max(other[level] + step, 0.0)
            assert best <= deviance(other) + 1e-7


def test_components_are_unbiased():
    """400 plants of uneven heats (variance 4), moulds (1), cavities (0.25) and castings (1): means within five errors.

    By mean squares as they are; kept above zero they would be biased, so only sets with none below zero would be wrong
    to choose: the variances here are such that few fall below zero, which the slack of 2 % takes in.
    """
    rng = np.random.default_rng(1962)
    found = []
    for _ in range(400):
        labels = uneven(rng, heats=30)
        heat, mould, cavity = (
            np.unique(["/".join(row) for row in zip(*labels[:depth], strict=True)], return_inverse=True)[1]
            for depth in (1, 2, 3)
        )
        x = (
            2.0 * rng.normal(size=heat.max() + 1)[heat]
            + rng.normal(size=mould.max() + 1)[mould]
            + 0.5 * rng.normal(size=cavity.max() + 1)[cavity]
            + rng.normal(size=heat.size)
        )
        found.append(nested_variance(x, names(labels), method="anova").variances)
    slack = 5 * np.std(found, axis=0) / 20.0 + 0.02
    assert (np.abs(np.mean(found, axis=0) - [4.0, 1.0, 0.25, 1.0]) < slack).all()
