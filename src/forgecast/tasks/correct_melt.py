"""Correct a melt: what to add after a sample, with what fades until pouring and what past heats have taught."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from forgecast.gateway.case_file import CaseError
from forgecast.gateway.correction_case import CorrectionCase
from forgecast.ground.texts import Text, text
from forgecast.melting.correction import Bath, Correction, correct_bath
from forgecast.melting.learning import LearntRecovery
from forgecast.melting.material import Recoveries, Recovery
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.melt_history import MeltHistory

#: Elements that fade on holding, so that nobody forgets it: without a told fading they are refused.
FADING = frozenset(("Mg",))


@dataclass(frozen=True, slots=True)
class Faded:
    """How much of an element is left at pouring.

    Parameters
    ----------
    element : str
    kept, spread : float
        [1]
    basis : Text
    """

    element: str
    kept: float
    spread: float
    basis: Text


@dataclass(frozen=True, slots=True)
class Learnt:
    """A recovery that past heats have taught."""

    kind: str
    element: str
    found: LearntRecovery


@dataclass(frozen=True, slots=True, eq=False)
class CorrectionAnswer:
    """A correction with what it rests on.

    Parameters
    ----------
    title : str
    case : CorrectionCase
    correction : Correction
    faded : tuple of Faded
    learnt : tuple of Learnt
    notes : tuple of Text
    """

    title: str
    case: CorrectionCase
    correction: Correction
    faded: tuple[Faded, ...]
    learnt: tuple[Learnt, ...]
    notes: tuple[Text, ...]

    def as_json(self) -> dict[str, object]:
        """Return the answer with units in the names; what is not known is null."""
        found = self.correction
        return {
            "title": self.title,
            "feasible": found.feasible,
            "currency": self.case.currency,
            "asked_confidence": self.case.confidence,
            "confidence": _known(found.confidence),
            "additions": [
                {"material": one.material.name, "kind": one.material.kind, "mass_kg": _known(mass)}
                for one, mass in zip(self.case.additions, found.additions, strict=True)
            ],
            "tapped_kg": _known(found.tapped),
            "cost": _known(found.cost),
            "outlook": [
                {
                    "element": one.element,
                    "expected": one.expected,
                    "spread": one.spread,
                    "from_sample": _known(one.from_sample),
                    "words": one.words.as_json(),
                }
                for one in found.outlook
            ],
            "limits": [
                {
                    "name": kept.name,
                    "side": kept.side,
                    "bound": kept.bound,
                    "expected": kept.expected,
                    "spread": kept.spread,
                    "probability": kept.probability,
                    "binds": kept.binds,
                }
                for kept in found.mix.kept
            ],
            "faded": [
                {"element": one.element, "kept": one.kept, "spread": one.spread, "basis": one.basis.as_json()}
                for one in self.faded
            ],
            "learnt": [
                {
                    "kind": one.kind,
                    "element": one.element,
                    "mean": one.found.mean,
                    "uncertainty": one.found.uncertainty,
                    "scatter": one.found.scatter,
                    "heats": one.found.heats,
                    "odd": list(one.found.odd),
                }
                for one in self.learnt
            ],
            "notes": [note.as_json() for note in self.notes],
        }


def correct_melt(case: CorrectionCase, plant: PlantFolder | None = None) -> CorrectionAnswer:
    """Return the additions that bring a bath into its limits.

    Parameters
    ----------
    case : CorrectionCase
    plant : PlantFolder or None
        Whose past heats teach recoveries and the fading of magnesium.

    Raises
    ------
    CaseError
        If a limited element fades and nobody has told how, or a spread is not told.
    MeltingError
        If the bath's sample lacks a limited element, or its masses are no masses.

    Notes
    -----
    What fades in the bath fades in the additions too: their recovery of the element is multiplied by the share kept,
    the spreads taken as independent. A recovery learnt from the plant's heats starts from the case's own, or from a
    shipped one that was read, and goes before both.
    """
    limited = tuple(dict.fromkeys(e for limit in case.limits for e in limit.elements))
    history = None if plant is None else MeltHistory(plant, {e: c.spread for e, c in case.sample.items()})
    notes: list[Text] = []
    learnt = () if history is None else _learnt(case, history, limited, notes)
    recoveries = case.recoveries.with_own(*(one.found.as_recovery(one.kind, one.element) for one in learnt))
    faded = _faded(case, history, limited)
    bath = Bath(
        case.mass,
        case.sample,
        {one.element: (one.kept, one.spread) for one in faded},
        case.tap_most,
        case.tap_cost,
    )
    correction = correct_bath(
        bath,
        case.materials(),
        case.limits,
        _faded_too(case, recoveries, faded),
        capacity=case.capacity,
        confidence=case.confidence,
        objective=case.objective,
        accept_unverified=case.accept_unverified,
        currency=case.currency,
    )
    return CorrectionAnswer(case.title, case, correction, faded, learnt, (*correction.notes, *notes))


def _learnt(
    case: CorrectionCase, history: MeltHistory, limited: tuple[str, ...], notes: list[Text]
) -> tuple[Learnt, ...]:
    if case.bath_mass_doubt is None:
        notes.append(
            text("nothing was learnt from past heats: the case does not say how well the bath's mass is known there")
        )
        return ()
    found: dict[tuple[str, str], Learnt] = {}
    for one in case.additions:
        kind = one.material.kind
        for element in limited:
            content = one.material.contents.get(element)
            if (kind, element) in found or content is None or content.mean == 0.0:
                continue
            learnt = history.recovery(kind, element, case.bath_mass_doubt, case.recoveries.find(kind, element))
            if learnt is not None:
                found[kind, element] = Learnt(kind, element, learnt)
    return tuple(found.values())


def _faded(case: CorrectionCase, history: MeltHistory | None, limited: tuple[str, ...]) -> tuple[Faded, ...]:
    found = []
    for element in sorted({*case.fades, *(FADING & set(limited))}):
        if case.time_to_pouring is None:
            raise CaseError(
                text("{element} fades, and the time to pouring is not told", element=element),
                where=f"{case.path}: bath",
                repair=text('write time_to_pouring = "8 min" into [bath], from the sample to the end of pouring'),
            )
        stated = case.fades.get(element)
        if stated is not None:
            kept, spread = stated.kept(case.time_to_pouring)
            found.append(Faded(element, kept, spread, text("half-life stated in the case")))
            continue
        fade = None if history is None else history.fade(element)
        if fade is None:
            raise CaseError(
                text("how {element} fades is not known", element=element),
                where=str(case.path),
                repair=text(
                    'state it: [[fade]] with element = "{element}", half_life and half_life_spread; or name a plant '
                    "with ladles sampled twice after their treatment",
                    element=element,
                ),
            )
        kept, spread = fade.kept(case.time_to_pouring)
        basis = text("learnt from {count} ladles of the plant", count=len(fade.ladles))
        found.append(Faded(element, kept, spread, basis))
    return tuple(found)


def _faded_too(case: CorrectionCase, recoveries: Recoveries, faded: tuple[Faded, ...]) -> Recoveries:
    """Return the recoveries of the additions with what fades until pouring taken off."""
    left: Mapping[str, Faded] = {one.element: one for one in faded}
    changed: dict[tuple[str, str], Recovery] = {}
    for addition in case.additions:
        for element, one in left.items():
            kind = addition.material.kind
            found = recoveries.find(kind, element)
            if found is not None:
                spread = math.hypot(found.spread * one.kept, found.mean * one.spread)
                changed[kind, element] = replace(
                    found, kind=kind, element=element, mean=found.mean * one.kept, spread=spread
                )
    return recoveries.with_own(*changed.values())


def _known(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
