"""Correcting a bath: what to add after a sample so that the metal meets its limits, and how sure that is."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np

from forgecast.ground.texts import Text, text
from forgecast.melting.charge_mix import ChargeMix, cheapest_charge
from forgecast.melting.error import MeltingError
from forgecast.melting.material import (
    ChargeProblem,
    Content,
    FloatArray,
    Furnace,
    Limit,
    Material,
    Recoveries,
    Recovery,
)

Objective: TypeAlias = Literal["cost", "mass"]

#: Kind of material under which the bath stands in a problem.
BATH = "bath"
_SEARCH = 12


@dataclass(frozen=True, slots=True)
class Bath:
    """The metal in the furnace or ladle.

    Parameters
    ----------
    mass : float
        [kg]
    sample : mapping of str to Content
        What the spectrometer says of each element, with its standard deviation for this sample [1].
    kept : mapping of str to tuple of float
        Share of an element that is left when the additions have dissolved and the metal is poured, and its standard
        deviation [1]: a fade of magnesium, a burn-off. An element that is not named is kept.
    tap_most : float
        Mass that may be tapped to make room for dilution [kg].
    tap_cost : float
        Cost of tapping a kilogram [currency/kg].
    """

    mass: float
    sample: Mapping[str, Content]
    kept: Mapping[str, tuple[float, float]]
    tap_most: float = 0.0
    tap_cost: float = 0.0


@dataclass(frozen=True, slots=True)
class Outlook:
    """What an element will be after the correction.

    Parameters
    ----------
    element : str
    expected, spread : float
        [1]
    from_sample : float
        Share of the variance that comes from the sample and its fading; the rest from the additions [1]; NaN without
        any.
    words : Text
    """

    element: str
    expected: float
    spread: float
    from_sample: float
    words: Text


@dataclass(frozen=True, slots=True, eq=False)
class Correction:
    """What to add, or that no addition does it.

    Parameters
    ----------
    feasible : bool
    additions : (n,) float64 array
        Mass of each addition [kg].
    tapped : float
        Mass tapped before [kg].
    cost : float
        Of the additions and of tapping [currency].
    confidence : float
        Probability with which every limit is met [1]: the one asked for, or the best that can be reached.
    outlook : tuple of Outlook
    notes : tuple of Text
    mix : ChargeMix
        The charge behind it, the bath as its first material.
    problem : ChargeProblem
    """

    feasible: bool
    additions: FloatArray
    tapped: float
    cost: float
    confidence: float
    outlook: tuple[Outlook, ...]
    notes: tuple[Text, ...]
    mix: ChargeMix
    problem: ChargeProblem


def correct_bath(
    bath: Bath,
    additions: tuple[Material, ...],
    limits: tuple[Limit, ...],
    recoveries: Recoveries,
    *,
    capacity: float,
    confidence: float = 0.95,
    objective: Objective = "cost",
    accept_unverified: bool = False,
    currency: str = "CNY",
) -> Correction:
    """Return the cheapest or smallest additions that bring a bath into its limits with a probability.

    Parameters
    ----------
    bath : Bath
    additions : tuple of Material
        Ferro-alloys, carburiser, pure metals, clean metal for dilution; their `Material.kind` finds the recovery.
    limits : tuple of Limit
    recoveries : Recoveries
    capacity : float
        Most liquid metal after the additions [kg].
    confidence : float
        Probability of each limit [1]. Where it cannot be had, the highest that can is sought and told.
    objective : {'cost', 'mass'}
        What is made least: money, or the mass of the additions and of what is tapped.
    accept_unverified : bool
        See `forgecast.melting.material.ChargeProblem`.
    currency : str

    Raises
    ------
    MeltingError
        If the bath's sample lacks a limited element, or the bath's masses are no masses.

    Notes
    -----
    w = (m0 w0 κ + Σ r c x) / (m0 + Σ y x): a charge whose bath is a material that must be used, with the sample's
    standard deviation as its spread and the share kept as its recovery (`forgecast.melting.charge_mix`).
    """
    if not 0.0 < bath.mass < math.inf or not 0.0 <= bath.tap_most <= bath.mass or bath.mass - bath.tap_most > capacity:
        raise MeltingError(
            text("a bath of {mass} kg does not fit {capacity} kg", mass=bath.mass, capacity=capacity),
            repair=text("give the bath's mass, what may be tapped, and a capacity that holds the rest"),
        )
    problem = _problem(
        bath,
        additions,
        limits,
        recoveries,
        capacity,
        confidence,
        objective=objective,
        currency=currency,
        accept_unverified=accept_unverified,
    )
    notes: list[Text] = []
    mix = cheapest_charge(problem)
    if not mix.feasible:
        best = _best_confidence(problem)
        if best is not None:
            problem, mix = best
            notes.append(
                text(
                    "{asked} cannot be promised: with these additions and this sample at most {best} can",
                    asked=f"{100.0 * confidence:.4g} %",
                    best=f"{100.0 * problem.confidence:.3g} %",
                )
            )
        else:
            notes.append(text("no addition brings the bath into its limits, not even on average"))
    masses = mix.masses
    tapped = bath.mass - float(masses[0])
    added = masses[1:]
    priced = np.array([m.price for m in additions])
    return Correction(
        feasible=mix.feasible,
        additions=added,
        tapped=tapped,
        cost=float(priced @ added) + bath.tap_cost * tapped,
        confidence=problem.confidence if mix.feasible else math.nan,
        outlook=_outlook(mix) if mix.feasible else (),
        notes=(*notes, *mix.left_out, *mix.notes),
        mix=mix,
        problem=problem,
    )


def _problem(
    bath: Bath,
    additions: tuple[Material, ...],
    limits: tuple[Limit, ...],
    recoveries: Recoveries,
    capacity: float,
    confidence: float,
    *,
    objective: Objective,
    currency: str,
    accept_unverified: bool,
) -> ChargeProblem:
    elements = tuple(dict.fromkeys(e for limit in limits for e in limit.elements))
    of_bath = [Recovery(BATH, e, *bath.kept.get(e, (1.0, 0.0))) for e in elements]
    tap = bath.tap_cost if objective == "cost" else 1.0
    metal = Material(BATH, BATH, bath.sample, -tap, 1.0, bath.mass, bath.mass - bath.tap_most)
    priced = additions if objective == "cost" else tuple(replace(m, price=1.0) for m in additions)
    return ChargeProblem(
        (metal, *priced),
        limits,
        Furnace(min(bath.mass - bath.tap_most, capacity) or 1e-6 * capacity, capacity),
        recoveries.with_own(*of_bath),
        confidence=confidence,
        currency=currency,
        accept_unverified=accept_unverified,
    )


def _best_confidence(problem: ChargeProblem) -> tuple[ChargeProblem, ChargeMix] | None:
    """Return the problem with the highest confidence that has a solution, or None where not even the mean has."""
    low, high = 0.5, problem.confidence
    best_problem = replace(problem, confidence=low)
    best = cheapest_charge(best_problem)
    if not best.feasible:
        return None
    for _ in range(_SEARCH):
        tried = replace(problem, confidence=0.5 * (low + high))
        mix = cheapest_charge(tried)
        if mix.feasible:
            low, best_problem, best = tried.confidence, tried, mix
        else:
            high = tried.confidence
    return best_problem, best


def _outlook(mix: ChargeMix) -> tuple[Outlook, ...]:
    found, model = [], mix.model
    mass = mix.masses[model.usable]
    at_bath = model.elements.kinds.index(BATH)
    alone = np.zeros_like(mass)
    alone[at_bath] = mass[at_bath]
    for element in model.elements.names:
        spread = model.elements.spread(model.elements.weights({element: 1.0}))
        whole, part = float(np.sum((spread @ mass) ** 2)), float(np.sum((spread @ alone) ** 2))
        share = part / whole if whole > 0.0 else math.nan
        expected, deviation = mix.contents[element], mix.spreads[element]
        words = text(
            "{element} will be {expected} ± {width} (95 %); {share} of that doubt comes from the sample, "
            "the rest from the additions",
            element=element,
            expected=f"{100.0 * expected:.4g} %",
            width=f"{196.0 * deviation:.2g} %",
            share="—" if math.isnan(share) else f"{100.0 * share:.0f} %",
        )
        found.append(Outlook(element, expected, deviation, share, words))
    return tuple(found)
