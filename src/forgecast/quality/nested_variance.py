"""Nested variance: how much of the scatter arises between heats, ladles, moulds and cavities, and how much within."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text
from forgecast.quality.scrap import FloatArray, IntArray
from forgecast.quality.shewhart_chart import measured


@dataclass(frozen=True, slots=True, eq=False)
class NestedVariance:
    """Variance components of a nested classification.

    Parameters
    ----------
    method : {'anova', 'reml'}
    levels : tuple of str
        Names from the coarsest to the finest, then ``within``.
    variances : (k+1,) float64 array
        Of each level and within the finest [square of the unit]; never below zero.
    negative : tuple of str
        Levels whose estimate came out below zero and stands as zero (``anova`` only).
    groups : (k,) int64 array
        Groups of each level.
    degrees_of_freedom : (k+1,) int64 array
    mean : float
        Of all values (``anova``), or the weighted one that goes with the variances (``reml``).
    values : int
        Values used; those missing or without a group are left out.
    """

    method: Literal["anova", "reml"]
    levels: tuple[str, ...]
    variances: FloatArray
    negative: tuple[str, ...]
    groups: IntArray
    degrees_of_freedom: IntArray
    mean: float
    values: int

    @property
    def shares(self) -> FloatArray:
        """Return each component as share of their sum [1]; NaN where nothing scatters."""
        total = float(self.variances.sum())
        return self.variances / total if total > 0.0 else np.full(self.variances.shape, np.nan)


@dataclass(frozen=True, slots=True, eq=False)
class _Tree:
    """Groups of every level, the coarsest first: the parent of each in the level above, and of each value."""

    parents: tuple[IntArray, ...]
    leaf: IntArray

    @property
    def groups(self) -> IntArray:
        return np.array([parent.size for parent in self.parents], dtype=np.int64)


def nested_variance(
    values: ArrayLike, levels: Sequence[tuple[str, ArrayLike]], *, method: Literal["anova", "reml"] = "reml"
) -> NestedVariance:
    """Return the variance components of values in nested groups, balanced or not.

    Parameters
    ----------
    values : (n,) array
        NaN where missing.
    levels : sequence of (name, (n,) array of labels)
        From the coarsest to the finest: heat, ladle, mould, cavity. A label need be unique within its parent only; an
        empty one or None means not known, and the value is left out.
    method : {'anova', 'reml'}
        Mean squares set equal to what is expected of them: unbiased, in closed form, may fall below zero. Restricted
        maximum likelihood: the best one for unbalanced data; equal to the first where data are balanced and no
        component falls below zero.

    Raises
    ------
    ForgecastError
        If labels differ in number from values, or a level has no more groups than the one above it (or there is no more
        than one value a finest group), so that its variance cannot be told apart.

    Notes
    -----
    Model: value = mean + a_heat + b_ladle(heat) + … + e, all independent and normal with mean 0. Expected mean squares
    for unequal numbers: C. E. Gates and C. Shiue, Biometrics 18 (1962) 529-536 (not read; derived and proved here).
    REML: H. D. Patterson and R. Thompson, Biometrika 58 (1971) 545-554, doi:10.1093/biomet/58.3.545; the likelihood is
    summed from the finest groups upwards, so it takes one pass over the values.
    """
    x = measured(values, 1)
    if not levels or any(np.shape(labels) != x.shape for _, labels in levels):
        raise ForgecastError(
            text("there are {n} values and another number of labels, or no level at all", n=x.size),
            repair=text("give every value one label of each level"),
        )
    known = ~np.isnan(x)
    columns = []
    for _, labels in levels:
        column = np.array(
            ["" if label is None else str(label) for label in np.asarray(labels, dtype=object)], dtype=str
        )
        known &= column != ""
        columns.append(column)
    names = (*(name for name, _ in levels), "within")
    tree = _tree([column[known] for column in columns])
    x = x[known]
    freedom = np.diff(np.concatenate([[min(1, x.size)], tree.groups, [x.size]]))
    for name, free in zip(names, freedom, strict=True):
        if free < 1:
            raise ForgecastError(
                text("the scatter of level {level} cannot be told from the next: no group holds two of it", level=name),
                repair=text("leave the level out, or measure more than one in some of the groups above it"),
            )
    raw = _by_mean_squares(x, tree, freedom)
    negative = tuple(name for name, value in zip(names, raw, strict=True) if value < 0.0)
    if method == "anova":
        kept = np.maximum(raw, 0.0)
        return NestedVariance("anova", names, kept, negative, tree.groups, freedom, float(x.mean()), x.size)
    found, mean = _by_likelihood(x, tree, raw)
    return NestedVariance("reml", names, found, (), tree.groups, freedom, mean, x.size)


def restricted_deviance(
    variances: ArrayLike, values: ArrayLike, parents: Sequence[IntArray], leaf: IntArray
) -> tuple[float, float]:
    """Return minus twice the restricted log likelihood, constants left out, and the mean that goes with it.

    Parameters
    ----------
    variances : (k+1,) array
        Of the levels from the coarsest, then within, the last above zero.
    values : (n,) array
    parents : sequence of k int64 arrays
        For each group of a level, the number of its group in the level above (0 in the coarsest).
    leaf : (n,) int64 array
        Group of the finest level of each value.

    Notes
    -----
    Equations: children with variances v and values x join to weight W = Σ1/v and mean m = Σ(x/v)/W and add
    Σ log v + log W + Σ (x-m)²/v; the group then stands for a value m of variance 1/W + σ² of its level. At the top this
    is the restricted likelihood itself, for a flat prior of the mean.
    """
    sigma = np.asarray(variances, dtype=np.float64)
    x = np.asarray(values, dtype=np.float64)
    v = np.full(x.size, sigma[-1])
    own = leaf
    deviance = 0.0
    for level in range(len(parents), -1, -1):
        count = parents[level - 1].size if level else 1
        weight = np.bincount(own, weights=1.0 / v, minlength=count)
        middle = np.bincount(own, weights=x / v, minlength=count) / weight
        deviance += float(np.log(v).sum() + np.log(weight).sum() + ((x - middle[own]) ** 2 / v).sum())
        if level == 0:
            break
        x, v, own = middle, 1.0 / weight + sigma[level - 1], parents[level - 1]
    return deviance, float(middle[0])


def _tree(columns: list[NDArray[np.str_]]) -> _Tree:
    above = np.zeros(columns[0].size, dtype=np.int64)
    parents = []
    for column in columns:
        _, code = np.unique(column, return_inverse=True)
        _, first, number = np.unique(
            above * (int(code.max(initial=0)) + 1) + code, return_index=True, return_inverse=True
        )
        parents.append(above[first].astype(np.int64))
        above = number.astype(np.int64)
    return _Tree(tuple(parents), above)


def _by_mean_squares(x: FloatArray, tree: _Tree, freedom: IntArray) -> FloatArray:
    """Return the components that make every sum of squares equal to its expectation."""
    depth = len(tree.parents)
    # Sums and numbers of values of the groups of each level, 0 the whole and the last one the values themselves.
    own = [np.zeros(x.size, dtype=np.int64)] + [np.zeros(0, dtype=np.int64)] * depth
    own[depth] = tree.leaf
    for level in range(depth, 1, -1):
        own[level - 1] = tree.parents[level - 1][own[level]]
    centred = x - x.mean()
    explained = np.zeros(depth + 2)
    load = np.zeros((depth + 2, depth + 1))
    sizes = [np.bincount(group).astype(np.float64) for group in own]
    for level in range(depth + 1):
        sums = np.bincount(own[level], weights=centred)
        explained[level] = float((sums**2 / sizes[level]).sum())
        # Of Σ n_g ȳ_g² over the groups g of this level, a component of level j brings N where j is this level or
        # coarser, and Σ n_h²/n_g over its groups h within g where it is finer; the scatter within brings one a group.
        for finer in range(1, depth + 1):
            inside = np.zeros(sizes[finer].size, dtype=np.int64)
            inside[own[finer]] = own[level]
            finely = float((sizes[finer] ** 2 / sizes[level][inside]).sum())
            load[level, finer - 1] = x.size if finer <= level else finely
        load[level, depth] = sizes[level].size
    explained[depth + 1] = float((centred**2).sum())
    load[depth + 1] = x.size
    mean_squares = np.diff(explained) / freedom
    found = np.linalg.solve(np.diff(load, axis=0) / freedom[:, None], mean_squares)
    return np.asarray(found, dtype=np.float64)


def _by_likelihood(x: FloatArray, tree: _Tree, start: FloatArray) -> tuple[FloatArray, float]:
    """Return the components of highest restricted likelihood and the mean that goes with them."""
    from scipy.optimize import minimize  # noqa: PLC0415  (loads slowly)

    scale = float(x.var(ddof=1))
    if not scale > 0.0:
        return np.zeros(start.size), float(x.mean())
    centre, spread = float(x.mean()), float(np.sqrt(scale))
    z = (x - centre) / spread
    floor = 1e-9
    # Components may differ a thousandfold, so each is counted in what the mean squares say of it; where they say
    # nothing of use, in a fiftieth of the whole.
    unit = np.where(start > 1e-6 * scale, start / scale, 0.02)

    def deviance(times: FloatArray) -> float:
        return restricted_deviance(times * unit, z, tree.parents, tree.leaf)[0]

    bounds = [(0.0, None)] * (start.size - 1) + [(floor / float(unit[-1]), None)]
    options = {"ftol": 1e-15, "gtol": 1e-9, "maxiter": 500}
    best = minimize(deviance, np.ones(start.size), jac="3-point", method="L-BFGS-B", bounds=bounds, options=options)
    theta = np.asarray(best.x, dtype=np.float64) * unit
    return theta * scale, centre + spread * restricted_deviance(theta, z, tree.parents, tree.leaf)[1]
