"""Mix a charge: the cheapest one that keeps every limit, what binds it, and what comes of it with its own returns."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from forgecast.gateway.charge_case import ChargeCase
from forgecast.ground.texts import Text, text
from forgecast.melting.charge_mix import ChargeMix, cheapest_charge
from forgecast.melting.conflict import Conflict, explain_conflict
from forgecast.melting.error import MeltingError
from forgecast.melting.generations import Generations, charge_over_generations
from forgecast.melting.marginal import Marginal, explain_charge
from forgecast.melting.material import ChargeProblem
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.plant_lots import plant_lots

#: Ranges looked for in a charge of up to `LARGE` materials times bounds, and in a larger one.
RANGES, FEW, LARGE = 8, 1, 400


@dataclass(frozen=True, slots=True, eq=False)
class ChargeAnswer:
    """A charge with all that is said of it.

    Parameters
    ----------
    title : str
    problem : ChargeProblem
    mix : ChargeMix
    mean : ChargeMix
        The cheapest charge that keeps the limits by its means alone: what certainty costs is the difference.
    marginals : tuple of Marginal
        What binds, the dearest first; empty without a solution.
    conflict : Conflict or None
        Why there is no charge; None where there is one.
    returns : str
        Name of the material that is the plant's own returns; empty where generations were not asked for.
    generations : Generations or None
    spreads_told : bool
        Whether every limited content has a spread; where not, no probability is shown.
    notes : tuple of Text
        Lots and materials left out, and unverified numbers the result rests on.
    seconds : float
        The optimiser took, without what explains its answer [s].
    """

    title: str
    problem: ChargeProblem
    mix: ChargeMix
    mean: ChargeMix
    marginals: tuple[Marginal, ...]
    conflict: Conflict | None
    returns: str
    generations: Generations | None
    spreads_told: bool
    notes: tuple[Text, ...]
    seconds: float

    @property
    def certainty_cost(self) -> float:
        """Return what keeping the limits with the probability costs over keeping them on average [currency/t]."""
        return self.mix.cost_per_tonne - self.mean.cost_per_tonne

    def as_json(self) -> dict[str, object]:
        """Return the answer with units in the names; what is not known is null."""
        mix, problem = self.mix, self.problem
        return {
            "title": self.title,
            "feasible": mix.feasible,
            "currency": problem.currency,
            "confidence": problem.confidence,
            "joint": problem.joint,
            "masses": [
                {
                    "material": material.name,
                    "kind": material.kind,
                    "mass_kg": _known(mass),
                    "pieces": _known(pieces),
                    "piece_kg": material.piece_mass,
                    "price_per_t": float(f"{1000.0 * material.price:.12g}"),
                    "mean_mass_kg": _known(mean),
                }
                for material, mass, pieces, mean in zip(
                    problem.materials, mix.masses, mix.pieces, self.mean.masses, strict=True
                )
            ],
            "liquid_mass_kg": _known(mix.liquid_mass),
            "cost": _known(mix.cost),
            "cost_per_t": _known(mix.cost_per_tonne),
            "least_cost": _known(mix.least_cost),
            "mean_cost_per_t": _known(self.mean.cost_per_tonne),
            "carbon_kg": _known(mix.carbon),
            "limits": [
                {
                    "name": kept.name,
                    "side": kept.side,
                    "bound": kept.bound,
                    "expected": kept.expected,
                    "spread": kept.spread if self.spreads_told else None,
                    "probability": kept.probability if self.spreads_told else None,
                    "binds": kept.binds,
                }
                for kept in mix.kept
            ],
            "contents": {
                element: {"mean": mean, "spread": mix.spreads[element] if self.spreads_told else None}
                for element, mean in mix.contents.items()
            },
            "binding": [_marginal(one) for one in self.marginals],
            "conflict": None if self.conflict is None else _conflict(self.conflict),
            "generations": None if self.generations is None else _generations(self.generations),
            "notes": [note.as_json() for note in self.notes],
            "optimiser_s": self.seconds,
        }


def mix_charge(
    case: ChargeCase,
    plant: PlantFolder | None = None,
    *,
    ranges: int | None = None,
    progress: Callable[[float], None] = lambda _share: None,
) -> ChargeAnswer:
    """Return the cheapest charge of a case, what binds it, or why there is none.

    Parameters
    ----------
    case : ChargeCase
    plant : PlantFolder or None
        Whose lots may be charged beside the materials of the case.
    ranges : int or None
        For how many of what binds the range is looked for, which solves the charge over a dozen times for each; without
        it `RANGES`, `FEW` in a large charge.
    progress : callable
        Told the done share.

    Raises
    ------
    CaseError, MeltingError
        If the case lacks what the answer rests on (`forgecast.gateway.charge_case`, `forgecast.melting.charge_mix`).
    """
    lots = None if plant is None else plant_lots(plant, case.lots, case.currency)
    more = () if lots is None else lots.materials
    problem = case.problem(more)
    begun = time.perf_counter()
    mix = cheapest_charge(problem)
    seconds = time.perf_counter() - begun
    mean = mix if problem.confidence == 0.5 else cheapest_charge(replace(problem, confidence=0.5, joint=False))
    told = case.spreads_told(more)
    notes = [*(() if lots is None else lots.notes), *mix.left_out, *mix.notes]
    if not told:
        notes.append(text("not every material has a spread: no probability is told"))
    if ranges is None:
        ranges = RANGES if len(problem.materials) * len(mix.model.bounds) <= LARGE else FEW
    generations = None
    if case.returns is not None and mix.feasible:
        generations = charge_over_generations(problem, case.returns.material, most=case.returns.generations)
    return ChargeAnswer(
        title=case.title,
        problem=problem,
        mix=mix,
        mean=mean,
        marginals=explain_charge(problem, mix, ranges=ranges, progress=progress) if mix.feasible else (),
        conflict=None if mix.feasible else _why_not(problem),
        returns="" if case.returns is None else case.returns.material,
        generations=generations,
        spreads_told=told,
        notes=tuple(notes),
        seconds=seconds,
    )


def _why_not(problem: ChargeProblem) -> Conflict:
    try:
        return explain_conflict(problem)
    except MeltingError as error:
        # No bound alone is to blame (whole pieces, say): then the error's own words are the explanation.
        return Conflict((), (error.what, error.repair), ())


def _known(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _marginal(one: Marginal) -> dict[str, object]:
    return {
        "name": one.name,
        "side": one.side,
        "value": _known(one.value),
        "saving": _known(one.saving),
        "valid_low": _known(one.valid_low),
        "valid_high": _known(one.valid_high),
        "words": one.words.as_json(),
    }


def _conflict(found: Conflict) -> dict[str, object]:
    return {
        "members": [words.as_json() for words in found.members],
        "materials": list(found.materials),
        "relaxations": [
            {
                "name": one.name,
                "side": one.side,
                "value": _known(one.value),
                "needed": _known(one.needed),
                "words": one.words.as_json(),
            }
            for one in found.relaxations
        ],
    }


def _generations(found: Generations) -> dict[str, object]:
    return {
        "settled": found.settled,
        "words": found.words.as_json(),
        "each": [
            {"cost_per_t": _known(mix.cost_per_tonne), "contents": dict(contents)}
            for mix, contents in zip(found.mixes, found.contents, strict=False)
        ],
    }
