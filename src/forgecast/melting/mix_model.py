"""A charge as a mathematical program: rows for mass and shares, a cone for each bound of composition."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np
import scipy

from forgecast.ground.texts import Text, text
from forgecast.melting.cone import Cone, Program
from forgecast.melting.error import MeltingError
from forgecast.melting.material import ChargeProblem, FloatArray, Limit, Material

Side: TypeAlias = Literal["lowest", "highest"]


@dataclass(frozen=True, slots=True, eq=False)
class Elements:
    """Contents and recoveries of the usable materials for the limited elements.

    Parameters
    ----------
    names : tuple of str
        Elements.
    content, content_spread, recovery, recovery_spread : (materials, elements) float64 array
        [1].
    kinds : (materials,) tuple of str
    """

    names: tuple[str, ...]
    content: FloatArray
    content_spread: FloatArray
    recovery: FloatArray
    recovery_spread: FloatArray
    kinds: tuple[str, ...]

    def weights(self, weights: Mapping[str, float]) -> FloatArray:
        """Return the factors of a weighted sum as a vector over the elements."""
        return np.array([weights.get(name, 0.0) for name in self.names])

    def recovered(self, factors: FloatArray) -> FloatArray:
        """Return the weighted sum of recovered elements in a unit of each material [1]."""
        return np.asarray((self.content * self.recovery) @ factors)

    def spread(self, factors: FloatArray) -> FloatArray:
        """Return the matrix whose product with the masses has the standard deviation of the weighted sum as its length.

        Notes
        -----
        With contents C and recoveries R independent, Var(R C x) = E[R2] Var(C) x2 + Var(R) (E[C] x)2; the recovery is
        common to the materials of a kind, so its part is summed within the kind before it is squared.
        """
        own = np.sqrt((factors**2 * (self.recovery**2 + self.recovery_spread**2) * self.content_spread**2).sum(axis=1))
        rows = [np.diag(own)[own > 0.0]]
        for kind in dict.fromkeys(self.kinds):
            here = np.array([k == kind for k in self.kinds])
            shared = (factors * self.recovery_spread * self.content)[here].T
            part = np.zeros((len(self.names), len(self.kinds)))
            part[:, here] = shared
            rows.append(part[np.any(part != 0.0, axis=1)])
        return np.vstack(rows)


@dataclass(frozen=True, slots=True)
class Bound:
    """One side of a limit as it stands in the program."""

    limit: Limit
    side: Side

    @property
    def value(self) -> float:
        """Return the bound [1]."""
        found = self.limit.lowest if self.side == "lowest" else self.limit.highest
        assert found is not None  # noqa: S101  (made for sides that are there)
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """A charge as a program over the masses of the usable materials, in units of the largest liquid mass.

    Parameters
    ----------
    program : Program
    usable : (n,) int64 array
        Positions of the materials in the problem.
    elements : Elements
    metal_yield : (n,) float64 array
    unit : (n,) float64 array
        Kilograms that one unit of each variable stands for (a piece, or the largest liquid mass).
    bounds : tuple of Bound
        In the order of the program's cones.
    row_names : tuple of Text
        In the order of the program's rows.
    left_out, notes : tuple of Text
        Why materials cannot be judged, and what the result rests on.
    """

    program: Program
    usable: np.ndarray
    elements: Elements
    metal_yield: FloatArray
    unit: FloatArray
    bounds: tuple[Bound, ...]
    row_names: tuple[Text, ...]
    left_out: tuple[Text, ...]
    notes: tuple[Text, ...]


def build(problem: ChargeProblem) -> Model:
    """Return a charge problem as a program.

    Parameters
    ----------
    problem : ChargeProblem

    Raises
    ------
    MeltingError
        If a material that must be used lacks a content, a recovery or its carbon.

    Notes
    -----
    For x_i kilograms of material i with content c, recovery r and yield y the metal holds w = Σ r c x / Σ y x, so
    w ≤ w_max is Σ (r c − w_max y) x ≤ 0: linear, whatever the mass. With spreads, the bound holds with probability p
    for normal contents exactly where Σ (r c − w_max y) x + z(p) σ(x) ≤ 0.
    """
    names = tuple(dict.fromkeys(element for limit in problem.limits for element in limit.elements))
    usable, left_out, doubtful = _usable(problem, names)
    materials = [problem.materials[i] for i in usable]
    elements = _elements(problem, materials, names)
    metal_yield = np.array([m.metal_yield for m in materials])
    largest = problem.furnace.liquid_most
    unit = np.array([largest if m.piece_mass is None else m.piece_mass for m in materials])
    bounds = tuple(
        Bound(limit, side)
        for limit in problem.limits
        for side in ("lowest", "highest")
        if getattr(limit, side) is not None
    )
    factor = quantile(problem.confidence, len(bounds) if problem.joint else 1)
    scaled = unit / largest
    cones = tuple(cone_of(bound, elements, metal_yield, scaled, factor) for bound in bounds)
    rows, right, row_names = _rows(problem, materials, scaled)
    pieces = np.array([m.piece_mass is not None for m in materials])
    lower = np.array([m.least for m in materials]) / unit
    upper = np.array([m.most for m in materials]) / unit
    slack = 1e-9
    program = Program(
        np.array([price(problem, m) for m in materials]) * unit,
        rows,
        right,
        np.where(pieces, np.ceil(lower - slack), lower),
        np.where(pieces, np.floor(np.minimum(upper, 1e9) + slack), upper),
        pieces,
        cones,
    )
    return Model(program, usable, elements, metal_yield, unit, bounds, row_names, left_out, doubtful)


def quantile(confidence: float, limits: int) -> float:
    """Return how many standard deviations a bound is kept off: z(1 − (1 − p) / limits)."""
    return max(float(scipy.special.ndtri(1.0 - (1.0 - confidence) / max(limits, 1))), 0.0)


def price(problem: ChargeProblem, material: Material) -> float:
    """Return what a kilogram costs, its carbon included [currency/kg]."""
    carbon = 0.0 if problem.carbon_price == 0.0 else material.carbon
    assert carbon is not None  # noqa: S101  (left out otherwise)
    return material.price + problem.carbon_price * carbon


def cone_of(
    bound: Bound,
    elements: Elements,
    metal_yield: FloatArray,
    scaled: FloatArray,
    factor: float,
    value: float | None = None,
) -> Cone:
    """Return one side of a limit as a cone over scaled masses, divided by the bound's own size.

    Parameters
    ----------
    bound : Bound
    elements : Elements
    metal_yield, scaled : (n,) float64 array
    factor : float
        Standard deviations.
    value : float or None
        Another value for the bound [1].
    """
    at = bound.value if value is None else value
    factors = elements.weights(bound.limit.weights)
    if bound.limit.per is None:
        row = elements.recovered(factors) - at * metal_yield
    else:
        factors = factors - at * elements.weights(bound.limit.per)
        row = elements.recovered(factors)
    sign = 1.0 if bound.side == "highest" else -1.0
    size = scale_of(bound)
    spread = elements.spread(factors) if factor > 0.0 else np.empty((0, len(metal_yield)))
    return Cone(sign * row * scaled / size, spread * scaled / size, factor)


def scale_of(bound: Bound) -> float:
    """Return the size by which a bound's row is divided, so that the solver's tolerance is a share of the bound."""
    return abs(bound.value) if bound.value != 0.0 else 1e-3


def _usable(problem: ChargeProblem, names: tuple[str, ...]) -> tuple[np.ndarray, tuple[Text, ...], tuple[Text, ...]]:
    keep, left_out, notes = [], [], []
    for position, material in enumerate(problem.materials):
        why, doubt = _why_not(problem, material, names)
        if why is None:
            keep.append(position)
            notes += doubt
        elif material.least > 0.0:
            raise MeltingError(
                why, where=material.name, repair=text("enter what is missing, or do not require the material")
            )
        else:
            left_out.append(why)
    if not keep:
        raise MeltingError(
            text("no material can be judged: {first}", first=left_out[0]),
            repair=text("enter the contents of the limited elements and their recoveries"),
        )
    return np.array(keep, dtype=np.int64), tuple(left_out), tuple(dict.fromkeys(notes))


def _why_not(problem: ChargeProblem, material: Material, names: tuple[str, ...]) -> tuple[Text | None, list[Text]]:
    doubt = []
    if problem.carbon_price != 0.0 and material.carbon is None:
        return text("the carbon of {material} is not known", material=material.name), []
    for element in names:
        content = material.contents.get(element)
        if content is None:
            return text("the {element} of {material} is not known", element=element, material=material.name), []
        if content.mean == 0.0 and content.spread == 0.0:
            continue
        found = problem.recoveries.find(material.kind, element)
        if found is None:
            return (
                text(
                    "there is no recovery of {element} from {material} ({kind})",
                    element=element,
                    material=material.name,
                    kind=material.kind,
                ),
                [],
            )
        if not found.usable:
            words = text(
                "the recovery of {element} from {kind}, {value}, was not read in a source or its spread is not known",
                element=element,
                kind=material.kind,
                value=found.mean,
            )
            if not problem.accept_unverified or math.isnan(found.mean) or math.isnan(found.spread):
                return words, []
            doubt.append(words)
    return None, doubt


def _elements(problem: ChargeProblem, materials: list[Material], names: tuple[str, ...]) -> Elements:
    shape = (len(materials), len(names))
    content, spread, recovery, recovery_spread = np.zeros(shape), np.zeros(shape), np.ones(shape), np.zeros(shape)
    for i, material in enumerate(materials):
        for j, element in enumerate(names):
            content[i, j], spread[i, j] = material.contents[element].mean, material.contents[element].spread
            found = problem.recoveries.find(material.kind, element)
            if found is not None and (content[i, j] > 0.0 or spread[i, j] > 0.0):
                recovery[i, j], recovery_spread[i, j] = found.mean, found.spread
    return Elements(names, content, spread, recovery, recovery_spread, tuple(m.kind for m in materials))


def _rows(
    problem: ChargeProblem, materials: list[Material], scaled: FloatArray
) -> tuple[FloatArray, FloatArray, tuple[Text, ...]]:
    furnace, largest = problem.furnace, problem.furnace.liquid_most
    liquid = np.array([m.metal_yield for m in materials]) * scaled
    rows, right = [liquid, -liquid], [1.0, -furnace.liquid_least / largest]
    names = [text("the most liquid metal"), text("the least liquid metal")]
    if math.isfinite(furnace.charge_most):
        rows.append(scaled)
        right.append(furnace.charge_most / largest)
        names.append(text("the mass that can be charged"))
    for share in problem.shares:
        here = np.array([m.kind in share.kinds for m in materials], dtype=np.float64)
        if share.highest < 1.0:
            rows.append((here - share.highest) * scaled)
            right.append(0.0)
            names.append(text("{share}, upper bound", share=share.name))
        if share.lowest > 0.0:
            rows.append((share.lowest - here) * scaled)
            right.append(0.0)
            names.append(text("{share}, lower bound", share=share.name))
    return np.array(rows), np.array(right), tuple(names)


def with_bound(problem: ChargeProblem, bound: Bound, value: float) -> ChargeProblem:
    """Return the problem with one side of one limit moved."""
    moved = replace(bound.limit, lowest=value) if bound.side == "lowest" else replace(bound.limit, highest=value)
    return replace(problem, limits=tuple(moved if limit is bound.limit else limit for limit in problem.limits))
