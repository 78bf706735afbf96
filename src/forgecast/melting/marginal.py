"""What binds a charge, in words: what loosening a limit or having more of a material would save, and how far."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from forgecast.ground.texts import Text, text
from forgecast.melting.charge_mix import ChargeMix, cheapest_charge, words_of_bound
from forgecast.melting.cone import solve
from forgecast.melting.error import MeltingError
from forgecast.melting.material import ChargeProblem
from forgecast.melting.mix_model import Bound, build, cone_of, quantile, scale_of, with_bound

#: A saving is told as far as the true cost follows it within this share.
STRAIGHT = 0.05
_BISECTIONS = 7


@dataclass(frozen=True, slots=True)
class Marginal:
    """What moving one bound of a charge does to its cost.

    Parameters
    ----------
    name, side : str
        Limit and side (``lowest``, ``highest``), or material and ``stock``, ``least`` or ``price``.
    value : float
        The bound as it stands: content [1], mass [kg] or price [currency/kg].
    saving : float
        Saved for a unit of loosening: currency for content 1 and the whole charge, or currency/kg; for ``price`` how
        far the price is above the one at which the material enters [currency/kg].
    valid_low, valid_high : float
        Between these values of the bound the saving holds within `STRAIGHT`; for a price the entry price and infinity.
    words : Text
    """

    name: str
    side: str
    value: float
    saving: float
    valid_low: float
    valid_high: float
    words: Text


def explain_charge(problem: ChargeProblem, mix: ChargeMix, *, reach: float = 0.5) -> tuple[Marginal, ...]:
    """Return what binds a charge, the dearest first.

    Parameters
    ----------
    problem : ChargeProblem
    mix : ChargeMix
        Its solution.
    reach : float
        Share of a bound's value up to which the range of validity is looked for [1].

    Raises
    ------
    MeltingError
        If the problem has no solution.

    Notes
    -----
    By the envelope theorem dcost/dbound is the marginal of the bound's cone times the change of the cone with the
    bound at the optimum. The range is found by solving again with the bound moved: the cost of a linear program is
    convex in a right-hand side, so it leaves its tangent once and for good.
    Whole pieces have no marginals: those of the same charge without them are told.
    """
    if not mix.feasible:
        raise MeltingError(
            text("a charge without solution has no prices of its limits"),
            repair=text("ask which limits conflict"),
        )
    if any(m.piece_mass is not None for m in problem.materials):
        problem = replace(problem, materials=tuple(replace(m, piece_mass=None) for m in problem.materials))
        mix = cheapest_charge(problem)
    found = [*_of_limits(problem, mix, reach), *_of_materials(problem, mix, reach)]
    size = {"stock": 1.0, "least": 1.0, "price": 0.0}
    return tuple(sorted(found, key=lambda m: -abs(m.saving) * size.get(m.side, abs(m.value) / 10.0)))


def _of_limits(problem: ChargeProblem, mix: ChargeMix, reach: float) -> list[Marginal]:
    found, model, answer = [], mix.model, mix.answer
    scaled = model.unit / problem.furnace.liquid_most
    factor = quantile(problem.confidence, len(model.bounds) if problem.joint else 1)
    for number, bound in enumerate(model.bounds):
        marginal = answer.cone_marginals[number]
        if not marginal < -1e-9:
            continue
        step = 1e-6 * scale_of(bound)
        here = cone_of(bound, model.elements, model.metal_yield, scaled, factor).value(answer.x)
        loose = bound.value + (step if bound.side == "highest" else -step)
        there = cone_of(bound, model.elements, model.metal_yield, scaled, factor, loose).value(answer.x)
        saving = float(-marginal * (here - there) / step)

        def cost(value: float, bound: Bound = bound) -> float:
            other = bound.limit.highest if bound.side == "lowest" else bound.limit.lowest
            crossed = other is not None and (value > other if bound.side == "lowest" else value < other)
            return float("inf") if crossed else _cost(with_bound(problem, bound, value))

        sense = 1.0 if bound.side == "highest" else -1.0
        low, high = _range(cost, bound.value, -sense * saving, mix.cost, reach * scale_of(bound))
        found.append(
            Marginal(
                bound.limit.name,
                bound.side,
                bound.value,
                saving,
                low,
                high,
                _limit_words(problem, mix, bound, saving, low, high),
            )
        )
    return found


def _limit_words(problem: ChargeProblem, mix: ChargeMix, bound: Bound, saving: float, low: float, high: float) -> Text:
    step = 0.01 * scale_of(bound)
    ratio = bound.limit.per is not None
    return text(
        "“{bound}” binds: loosened by {step} it saves {saving} {currency} a tonne of metal; "
        "this holds from {low} to {high}",
        bound=words_of_bound(bound),
        step=_shown(step, ratio=ratio),
        saving=f"{1000.0 * saving * step / mix.liquid_mass:.3g}",
        currency=problem.currency,
        low=_shown(low, ratio=ratio),
        high=_shown(high, ratio=ratio),
    )


def _shown(value: float, *, ratio: bool) -> str:
    return f"{value:.4g}" if ratio else f"{100.0 * value:.4g} %"


def _of_materials(problem: ChargeProblem, mix: ChargeMix, reach: float) -> list[Marginal]:
    found, model, answer = [], mix.model, mix.answer
    for column, position in enumerate(model.usable):
        material, unit = problem.materials[int(position)], model.unit[column]
        more = -float(answer.upper_marginals[column]) / unit
        less = float(answer.lower_marginals[column]) / unit
        if more > 1e-9:
            found.append(_stock(problem, mix, int(position), more, reach))
        elif less > 1e-9 and material.least > 0.0:
            found.append(_least(problem, mix, int(position), less, reach))
        elif less > 1e-9:
            enters = material.price - less
            found.append(
                Marginal(
                    material.name,
                    "price",
                    material.price,
                    less,
                    enters,
                    float("inf"),
                    text(
                        "{material} is not used; it enters the charge below {price} {currency}/t",
                        material=material.name,
                        price=f"{1000.0 * enters:.5g}",
                        currency=problem.currency,
                    ),
                )
            )
    return found


def _stock(problem: ChargeProblem, mix: ChargeMix, position: int, more: float, reach: float) -> Marginal:
    material = problem.materials[position]

    def cost(value: float) -> float:
        return _cost(_with(problem, position, most=value))

    low, high = _range(cost, material.most, -more, mix.cost, reach * material.most)
    words = text(
        "all of {material} is used: a tonne more of it would save {saving} {currency}; "
        "this holds from {low} kg to {high} kg",
        material=material.name,
        saving=f"{1000.0 * more:.4g}",
        currency=problem.currency,
        low=f"{low:.5g}",
        high=f"{high:.5g}",
    )
    return Marginal(material.name, "stock", material.most, more, low, high, words)


def _least(problem: ChargeProblem, mix: ChargeMix, position: int, less: float, reach: float) -> Marginal:
    material = problem.materials[position]

    def cost(value: float) -> float:
        return _cost(_with(problem, position, least=value))

    low, high = _range(cost, material.least, less, mix.cost, reach * material.least)
    words = text(
        "{material} is used only because it must be: a tonne less of it saves {saving} {currency}; "
        "this holds from {low} kg to {high} kg",
        material=material.name,
        saving=f"{1000.0 * less:.4g}",
        currency=problem.currency,
        low=f"{low:.5g}",
        high=f"{high:.5g}",
    )
    return Marginal(material.name, "least", material.least, less, low, high, words)


def _with(problem: ChargeProblem, position: int, **changes: float) -> ChargeProblem:
    materials = list(problem.materials)
    material = materials[position]
    most, least = changes.get("most", material.most), changes.get("least", material.least)
    materials[position] = replace(
        material, least=min(least, most), most=max(most, least) if "least" in changes else most
    )
    return replace(problem, materials=tuple(materials))


def _cost(problem: ChargeProblem) -> float:
    answer = solve(build(problem).program)
    return answer.cost if answer.status == "optimal" else float("inf")


def _range(
    cost: Callable[[float], float], value: float, slope: float, here: float, reach: float
) -> tuple[float, float]:
    """Return how far down and up the cost follows its tangent within `STRAIGHT`."""
    ends = []
    for sense in (-1.0, 1.0):
        good, bad = 0.0, reach
        for _ in range(_BISECTIONS):
            way = bad if good == 0.0 and bad == reach else 0.5 * (good + bad)
            told = slope * sense * way
            true = cost(value + sense * way) - here
            if np.isfinite(true) and abs(true - told) <= STRAIGHT * abs(told) + 1e-7 * abs(here):
                good = way
                if way == reach:
                    break
            elif bad == way == reach:
                bad = reach * (1.0 - 1e-9)  # the end itself is bad; from here on the middle is asked
            else:
                bad = way
        ends.append(value + sense * good)
    return ends[0], ends[1]
