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
        Between these values of the bound the saving holds within `STRAIGHT`; for a price the entry price and infinity;
        NaN where it was not looked for.
    words : Text
    """

    name: str
    side: str
    value: float
    saving: float
    valid_low: float
    valid_high: float
    words: Text


def explain_charge(
    problem: ChargeProblem,
    mix: ChargeMix,
    *,
    reach: float = 0.5,
    ranges: int | None = None,
    progress: Callable[[float], None] = lambda _share: None,
) -> tuple[Marginal, ...]:
    """Return what binds a charge, the dearest first.

    Parameters
    ----------
    problem : ChargeProblem
    mix : ChargeMix
        Its solution.
    reach : float
        Share of a bound's value up to which the range of validity is looked for [1].
    ranges : int or None
        For how many of the dearest the range is looked for, which takes many solutions each; None for all.
    progress : callable
        Told the done share.

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
    drafts = [*_of_limits(problem, mix, reach), *_of_materials(problem, mix, reach)]
    size = {"stock": 1.0, "least": 1.0, "price": 0.0}
    drafts.sort(key=lambda d: -abs(d.saving) * size.get(d.side, abs(d.value) / 10.0))
    most = len(drafts) if ranges is None else ranges
    told = []
    for number, draft in enumerate(drafts):
        told.append(_told(draft, mix, ranged=number < most))
        progress(min((number + 1) / max(min(most, len(drafts)), 1), 1.0))
    return tuple(told)


@dataclass(frozen=True, slots=True)
class _Draft:
    """A marginal whose range has not been looked for.

    Parameters
    ----------
    name, side : str
    value, saving : float
    slope : float
        Change of the cost for a unit of the bound.
    reach : float
        How far the range is looked for.
    cost : callable or None
        Cost with the bound moved to a value; None for a price, which has no range.
    words : Text
    shown : callable
        A value of the bound in words.
    """

    name: str
    side: str
    value: float
    saving: float
    slope: float
    reach: float
    cost: Callable[[float], float] | None
    words: Text
    shown: Callable[[float], str]


def _told(draft: _Draft, mix: ChargeMix, *, ranged: bool) -> Marginal:
    if draft.cost is None:
        enters = draft.value - draft.saving
        return Marginal(draft.name, draft.side, draft.value, draft.saving, enters, float("inf"), draft.words)
    if not ranged:
        nothing = float("nan")
        return Marginal(draft.name, draft.side, draft.value, draft.saving, nothing, nothing, draft.words)
    low, high = _range(draft.cost, draft.value, draft.slope, mix.cost, draft.reach)
    words = text(
        "{saving}; this holds from {low} to {high}", saving=draft.words, low=draft.shown(low), high=draft.shown(high)
    )
    return Marginal(draft.name, draft.side, draft.value, draft.saving, low, high, words)


def _of_limits(problem: ChargeProblem, mix: ChargeMix, reach: float) -> list[_Draft]:
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

        def shown(value: float, bound: Bound = bound) -> str:
            return _shown(value, ratio=bound.limit.per is not None)

        sense = 1.0 if bound.side == "highest" else -1.0
        words = text(
            "“{bound}” binds: loosened by {step} it saves {saving} {currency} a tonne of metal",
            bound=words_of_bound(bound),
            step=shown(0.01 * scale_of(bound)),
            saving=f"{10.0 * saving * scale_of(bound) / mix.liquid_mass:.3g}",
            currency=problem.currency,
        )
        found.append(
            _Draft(
                bound.limit.name,
                bound.side,
                bound.value,
                saving,
                -sense * saving,
                reach * scale_of(bound),
                cost,
                words,
                shown,
            )
        )
    return found


def _shown(value: float, *, ratio: bool) -> str:
    return f"{value:.4g}" if ratio else f"{100.0 * value:.4g} %"


def _kilograms(value: float) -> str:
    return f"{value:.5g} kg"


def _of_materials(problem: ChargeProblem, mix: ChargeMix, reach: float) -> list[_Draft]:
    found, model, answer = [], mix.model, mix.answer
    for column, position in enumerate(model.usable):
        material, unit = problem.materials[int(position)], model.unit[column]
        more = -float(answer.upper_marginals[column]) / unit
        less = float(answer.lower_marginals[column]) / unit
        if more > 1e-9:
            found.append(_stock(problem, int(position), more, reach))
        elif less > 1e-9 and material.least > 0.0:
            found.append(_least(problem, int(position), less, reach))
        elif less > 1e-9:
            words = text(
                "{material} is not used; it enters the charge below {price} {currency}/t",
                material=material.name,
                price=f"{1000.0 * (material.price - less):.5g}",
                currency=problem.currency,
            )
            found.append(_Draft(material.name, "price", material.price, less, 0.0, 0.0, None, words, _kilograms))
    return found


def _stock(problem: ChargeProblem, position: int, more: float, reach: float) -> _Draft:
    material = problem.materials[position]

    def cost(value: float) -> float:
        return _cost(_with(problem, position, most=value))

    words = text(
        "all of {material} is used: a tonne more of it would save {saving} {currency}",
        material=material.name,
        saving=f"{1000.0 * more:.4g}",
        currency=problem.currency,
    )
    return _Draft(
        material.name, "stock", material.most, more, -more, reach * material.most, cost, words, _kilograms
    )  # fmt: skip


def _least(problem: ChargeProblem, position: int, less: float, reach: float) -> _Draft:
    material = problem.materials[position]

    def cost(value: float) -> float:
        return _cost(_with(problem, position, least=value))

    words = text(
        "{material} is used only because it must be: a tonne less of it saves {saving} {currency}",
        material=material.name,
        saving=f"{1000.0 * less:.4g}",
        currency=problem.currency,
    )
    return _Draft(
        material.name, "least", material.least, less, less, reach * material.least, cost, words, _kilograms
    )  # fmt: skip


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
