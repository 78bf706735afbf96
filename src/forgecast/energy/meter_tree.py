"""Balance of a tree of meters, any depth: the unmetered rest at every node, with its uncertainty and its bounds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from forgecast.energy.month import FloatArray
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Text, text

#: ``rest``: known and not below zero beyond its uncertainty; ``negative``: below zero beyond it; ``unjudged``: known,
#: but no accuracy says how well; ``not_known``: a reading is missing.
State: TypeAlias = Literal["rest", "negative", "unjudged", "not_known"]


@dataclass(frozen=True, slots=True, eq=False)
class MeterNode:
    """A meter that has submeters, period by period.

    Parameters
    ----------
    meter : str
    depth : int
        0 for a main meter.
    children : tuple of str
        Direct submeters in the same unit.
    other_unit : tuple of str
        Submeters whose unit is another one: they are no part of the balance.
    main, submetered, rest : (n,) float64 array
        The meter, its submeters, their difference; NaN where a reading is missing.
    uncertainty : (n,) float64 array
        Half width of the rest's 95 % interval; NaN where a reading or an accuracy is missing.
    low, high : (n,) float64 array
        Bounds of the rest: the 95 % interval where all is read, else what is still possible; NaN where open.
    states : tuple of State
    reasons : tuple of (Text or None)
    """

    meter: str
    depth: int
    children: tuple[str, ...]
    other_unit: tuple[str, ...]
    main: FloatArray
    submetered: FloatArray
    rest: FloatArray
    uncertainty: FloatArray
    low: FloatArray
    high: FloatArray
    states: tuple[State, ...]
    reasons: tuple[Text | None, ...]


def tree_order(parents: Mapping[str, str]) -> tuple[tuple[str, int], ...]:
    """Return all meters with their depth, each after its parent.

    Parameters
    ----------
    parents : mapping of str to str
        Parent of each meter; empty for a main meter.

    Raises
    ------
    ForgecastError
        If a parent is not a meter, or the parents run in a circle.
    """
    depths: dict[str, int] = {}
    for meter in parents:
        chain: list[str] = []
        at = meter
        while at not in depths and at:
            if at in chain:
                loop = " > ".join([*chain[chain.index(at) :], at])
                raise ForgecastError(
                    text("the parents of the meters run in a circle: {loop}", loop=loop),
                    where=f"meter {at}",
                    repair=text("correct the field parent: a main meter has none"),
                )
            if at not in parents:
                raise ForgecastError(
                    text(
                        "{parent} is the parent of {meter}, but no such meter is on record", parent=at, meter=chain[-1]
                    ),
                    where=f"meter {chain[-1]}",
                    repair=text("add that meter, or correct the field parent"),
                )
            chain.append(at)
            at = parents[at]
        for below in reversed(chain):
            above = parents[below]
            depths[below] = depths[above] + 1 if above else 0
    children: dict[str, list[str]] = {}
    for meter, parent in parents.items():
        children.setdefault(parent, []).append(meter)
    order: list[tuple[str, int]] = []
    waiting = list(reversed(children.get("", [])))
    while waiting:
        meter = waiting.pop()
        order.append((meter, depths[meter]))
        waiting.extend(reversed(children.get(meter, [])))
    return tuple(order)


def balance_tree(
    parents: Mapping[str, str],
    quantities: Mapping[str, ArrayLike],
    *,
    units: Mapping[str, str] | None = None,
    accuracy: Mapping[str, float] | None = None,
) -> tuple[MeterNode, ...]:
    """Balance each meter that has submeters against them.

    Parameters
    ----------
    parents : mapping of str to str
        Parent of each meter; empty for a main meter.
    quantities : mapping of str to (n,) array
        What each meter showed in each period; NaN where it was not read, which is never taken as zero.
    units : mapping of str to str or None
        Unit of each meter; None means that all have the same.
    accuracy : mapping of str to float or None
        Half width of the 95 % interval of each meter's reading as a share of it [1]; a meter without one is missing.

    Returns
    -------
    tuple of MeterNode
        In the order of the tree.

    Raises
    ------
    ForgecastError
        As `tree_order`.

    Notes
    -----
    Equations: rest = E − Σ E_i; U² = (a E)² + Σ (a_i E_i)²: the root of the sum of squares, the law of propagation for
    independent errors (JCGM 100:2008, 5.1.2). Classes of one maker's meters on one set of transformers are not
    independent; their common error then cancels in part and U is too wide, not too narrow. Where submeters are
    missing, what is left for them and the rest together is E less those read, and neither is below zero.
    """
    order = tree_order(parents)
    own_units, classes = units or {}, accuracy or {}
    nodes = []
    for meter, depth in order:
        below = [one for one in parents if parents[one] == meter]
        if not below:
            continue
        same = tuple(one for one in below if own_units.get(one) == own_units.get(meter))
        others = tuple(one for one in below if one not in same)
        nodes.append(_node(meter, depth, same, others, quantities, classes))
    return tuple(nodes)


def _node(
    meter: str,
    depth: int,
    same: tuple[str, ...],
    others: tuple[str, ...],
    quantities: Mapping[str, ArrayLike],
    classes: Mapping[str, float],
) -> MeterNode:
    main = np.asarray(quantities[meter], dtype=np.float64)
    parts = np.array([np.asarray(quantities[one], dtype=np.float64) for one in same]).reshape(len(same), main.size)
    submetered = parts.sum(axis=0) if same else np.full(main.shape, np.nan)
    rest = main - submetered
    squares = (classes.get(meter, np.nan) * main) ** 2
    for one, part in zip(same, parts, strict=True):
        # A meter that showed nothing adds no uncertainty, whatever its class.
        squares = squares + np.where(part == 0.0, 0.0, (classes.get(one, np.nan) * part) ** 2)
    uncertainty = np.sqrt(squares)
    low, high = rest - uncertainty, rest + uncertainty
    partly = np.isnan(rest) & np.isfinite(main)
    known = np.nansum(parts, axis=0) if same else np.zeros(main.shape)
    low = np.where(np.isnan(rest), 0.0, low)
    high = np.where(partly, np.maximum(main - known, 0.0), high)
    states: list[State] = []
    reasons: list[Text | None] = []
    for at in range(main.size):
        missing = [one for one, part in zip(same, parts, strict=True) if np.isnan(part[at])]
        state, reason = _state(float(main[at]), float(rest[at]), float(uncertainty[at]), missing, named=bool(same))
        if state == "unjudged":
            silent = [one for one in (meter, *same) if one not in classes]
            reason = text("no accuracy is on record for {meters}", meters=", ".join(silent))
        states.append(state)
        reasons.append(reason)
    return MeterNode(
        meter, depth, same, others, main, submetered, rest, uncertainty, low, high, tuple(states), tuple(reasons)
    )


def _state(
    main: float, rest: float, uncertainty: float, missing: Sequence[str], *, named: bool
) -> tuple[State, Text | None]:
    if not named:
        return "not_known", text("its submeters count in another unit")
    if np.isnan(main):
        return "not_known", text("the meter itself was not read")
    if missing:
        return "not_known", text("not read: {meters}", meters=", ".join(missing))
    if np.isnan(uncertainty):
        return "unjudged", None
    if rest < -uncertainty:
        return "negative", text("the submeters show more than the meter above them, beyond what their classes allow")
    return "rest", None
