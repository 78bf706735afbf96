"""The least-cost charge: what to melt so that every limit holds with a stated probability."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy

from forgecast.ground.texts import Text, text
from forgecast.melting.cone import Answer, solve
from forgecast.melting.material import ChargeProblem, FloatArray
from forgecast.melting.mix_model import Bound, Model, build, cone_of


@dataclass(frozen=True, slots=True)
class Kept:
    """How a bound stands in a charge.

    Parameters
    ----------
    name, side : str
    bound, expected, spread : float
        The bound, and mean and standard deviation of what it bounds [1]; for a ratio, the ratio of the means, and the
        spread of first order.
    probability : float
        That the bound holds, contents and recoveries being normal [1].
    binds : bool
        Whether the charge would be cheaper without it.
    """

    name: str
    side: str
    bound: float
    expected: float
    spread: float
    probability: float
    binds: bool


@dataclass(frozen=True, slots=True, eq=False)
class ChargeMix:
    """The cheapest charge, or that there is none.

    Parameters
    ----------
    feasible : bool
    masses : (materials,) float64 array
        Mass of each material of the problem [kg]; NaN without a solution, 0 for those left out.
    pieces : (materials,) float64 array
        Whole pieces; NaN where the material comes in any mass.
    cost, least_cost : float
        Of the charge, the price of carbon included, and the bound that no charge undercuts [currency].
    carbon : float
        Of the charge [kgCO2]; NaN where a used material's carbon is not known.
    liquid_mass : float
        [kg]
    contents, spreads : mapping of str to float
        Mean and standard deviation of each limited element in the metal [1].
    kept : tuple of Kept
    left_out, notes : tuple of Text
        Materials that could not be judged, and unverified numbers the result rests on.
    rounds : int
        Programs solved.
    model : Model
    answer : Answer
    """

    feasible: bool
    masses: FloatArray
    pieces: FloatArray
    cost: float
    least_cost: float
    carbon: float
    liquid_mass: float
    contents: dict[str, float]
    spreads: dict[str, float]
    kept: tuple[Kept, ...]
    left_out: tuple[Text, ...]
    notes: tuple[Text, ...]
    rounds: int
    model: Model
    answer: Answer

    @property
    def cost_per_tonne(self) -> float:
        """Return the cost of a tonne of liquid metal [currency/t]."""
        return 1000.0 * self.cost / self.liquid_mass


def cheapest_charge(problem: ChargeProblem, *, gap: float = 1e-3) -> ChargeMix:
    """Return the least-cost charge.

    Parameters
    ----------
    problem : ChargeProblem
    gap : float
        Share of the cost by which a charge with whole pieces may miss the cheapest one [1]; without pieces there is
        no gap. `ChargeMix.least_cost` says what cannot be undercut. A tenth of the gap takes about five times as long.

    Raises
    ------
    MeltingError
        If a required material lacks data, or nothing can be judged. A problem without solution is no error: see
        `ChargeMix.feasible` and `forgecast.melting.conflict`.

    Notes
    -----
    A second-order cone program with whole numbers (`forgecast.melting.mix_model.build`), solved by
    `forgecast.melting.cone.solve`. Probabilities are exact for normal contents with certain recoveries, and of second
    order in the recoveries' spread otherwise. The mass charged is one draw of each material: pieces that vary
    independently of each other vary less, so the charge is on the safe side. The yield is taken as certain.
    """
    model = build(problem)
    answer = solve(model.program, gap=gap)
    count = len(problem.materials)
    if answer.status != "optimal":
        nothing = np.full(count, np.nan)
        return ChargeMix(
            feasible=False,
            masses=nothing,
            pieces=nothing,
            cost=np.nan,
            least_cost=np.nan,
            carbon=np.nan,
            liquid_mass=np.nan,
            contents={},
            spreads={},
            kept=(),
            left_out=model.left_out,
            notes=model.notes,
            rounds=answer.rounds,
            model=model,
            answer=answer,
        )
    amounts = np.where(model.program.whole, np.round(answer.x), answer.x)
    mass = amounts * model.unit
    masses, pieces = np.zeros(count), np.full(count, np.nan)
    masses[model.usable] = mass
    pieces[model.usable] = np.where(model.program.whole, amounts, np.nan)
    liquid = float(model.metal_yield @ mass)
    carbons = [m.carbon for m in problem.materials]
    carbon = sum((np.nan if c is None else c) * kg for c, kg in zip(carbons, masses, strict=True) if kg > 0.0)
    contents, spreads = {}, {}
    for element in model.elements.names:
        factors = model.elements.weights({element: 1.0})
        contents[element] = float(model.elements.recovered(factors) @ mass) / liquid
        spreads[element] = float(np.linalg.norm(model.elements.spread(factors) @ mass)) / liquid
    kept = tuple(_kept(model, answer, number, mass) for number in range(len(model.bounds)))
    return ChargeMix(
        feasible=True,
        masses=masses,
        pieces=pieces,
        cost=float(model.program.cost @ amounts),
        least_cost=answer.least_cost,
        carbon=float(carbon),
        liquid_mass=liquid,
        contents=contents,
        spreads=spreads,
        kept=kept,
        left_out=model.left_out,
        notes=model.notes,
        rounds=answer.rounds,
        model=model,
        answer=answer,
    )


def _kept(model: Model, answer: Answer, number: int, mass: FloatArray) -> Kept:
    bound = model.bounds[number]
    cone = cone_of(bound, model.elements, model.metal_yield, np.ones(len(mass)), 1.0)
    length = float(np.linalg.norm(cone.spread @ mass))
    off = -float(cone.row @ mass)
    below = model.elements
    amount = float(below.recovered(below.weights(bound.limit.weights)) @ mass)
    per = bound.limit.per
    whole = float(model.metal_yield @ mass) if per is None else float(below.recovered(below.weights(per)) @ mass)
    size = abs(bound.value) if bound.value != 0.0 else 1e-3
    probability = float(scipy.special.ndtr(off / length)) if length > 0.0 else float(off >= -1e-6 * whole)
    marginal = answer.cone_marginals[number]
    binds = bool(marginal < 0.0) if np.isfinite(marginal) else _tight(model, answer, number)
    return Kept(bound.limit.name, bound.side, bound.value, amount / whole, length * size / whole, probability, binds)


def _tight(model: Model, answer: Answer, number: int) -> bool:
    return bool(model.program.cones[number].value(answer.x) >= -1e-6)


def words_of_bound(bound: Bound) -> Text:
    """Return a bound in words ("copper at most 0.3 %")."""
    shown = f"{100.0 * bound.value:.4g} %" if bound.limit.per is None else f"{bound.value:.4g}"
    if bound.side == "highest":
        return text("{limit} at most {value}", limit=bound.limit.name, value=shown)
    return text("{limit} at least {value}", limit=bound.limit.name, value=shown)
