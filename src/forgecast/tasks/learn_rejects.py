"""Learn which pieces will be rejected, say honestly how well, explain suspects, and watch whether it still holds.

A model is judged four times: on later days, on moulds it never saw, on new moulds of later days, and, to show by how
much that flatters, on pieces drawn by lot. What it may not see (verdicts in disguise, running numbers) is looked for
and left out; trial shots are neither learnt from nor scored.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date

import numpy as np

from forgecast.ground.dates import local_day
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Text, text
from forgecast.quality.reject.conformal import ANSWER_WORDS, Answer, fewest_for
from forgecast.quality.reject.drift import Watch, watch
from forgecast.quality.reject.explain import Explanation, explain
from forgecast.quality.reject.leak import LeftOut, constants, leaks, running_numbers
from forgecast.quality.reject.model import FEWEST, Boosting, RejectModel, learn
from forgecast.quality.reject.pieces import Feature, InspectedPieces
from forgecast.quality.reject.score import BUDGET, Scores, score
from forgecast.quality.reject.split import (
    Kind,
    Split,
    leave_moulds_out,
    split_at_random,
    split_by_time,
    split_new_moulds,
)
from forgecast.quality.scrap import FloatArray, IntArray
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.inspected_pieces import TakenPieces, inspected_pieces

#: Share of the pieces that the model for use learns from; it is calibrated on the later rest.
LEARN_FOR_USE = 0.8
#: Most suspect pieces whose reasons are gathered, and of those told one by one.
GATHERED, TOLD = 25, 3
#: Most processors that learn at once.
_PROCESSORS = 4


@dataclass(frozen=True, slots=True)
class Judged:
    """A model judged on pieces it did not learn from.

    Parameters
    ----------
    kind : {'later', 'unseen_mould', 'new_mould', 'random'}
    moulds : tuple of str
        Moulds left out of learning.
    flatters : bool
        Whether the score is worth nothing but as a warning.
    learnt, calibrated_rejects : int
        Pieces learnt from, and rejects calibrated on.
    first, last : date
        Days of the pieces judged.
    scores : Scores
    """

    kind: Kind
    moulds: tuple[str, ...]
    flatters: bool
    learnt: int
    calibrated_rejects: int
    first: date
    last: date
    scores: Scores

    def as_json(self) -> dict[str, object]:
        """Return the judgement."""
        return {
            "kind": self.kind,
            "moulds": list(self.moulds),
            "flatters": self.flatters,
            "learnt": self.learnt,
            "calibrated_rejects": self.calibrated_rejects,
            "first": self.first.isoformat(),
            "last": self.last.isoformat(),
            **self.scores.as_json(),
        }


@dataclass(frozen=True, slots=True)
class Reason:
    """What a feature does to the most suspect pieces.

    Parameters
    ----------
    feature : Feature
    push : float
        Mean of what it adds to their probability [1].
    strongest : int
        Pieces in which nothing adds more.
    """

    feature: Feature
    push: float
    strongest: int


@dataclass(frozen=True, slots=True)
class Suspect:
    """A piece without a result yet, and what the model says of it."""

    id: str
    mould: str
    probability: float
    answer: Answer


@dataclass(frozen=True, slots=True, eq=False)
class RejectStudy:
    """What was learnt about rejects, how well, and why.

    Show: `judged` first with their intervals, the random one marked as flattering; `watch.objections()`; then the
    reasons.

    Parameters
    ----------
    taken : TakenPieces
        Pieces learnt from and judged, and what was left out.
    left_out : tuple of LeftOut
        Features that a model may not see, with the reason.
    model : RejectModel
        For use on pieces to come: learnt from the first `LEARN_FOR_USE` of all, calibrated on the later rest.
    seconds : float
        How long that took.
    judged : tuple of Judged
    watch : Watch
        Of the model of the split by time, on the days after.
    reasons : tuple of Reason
        Of the most suspect later pieces, the strongest first.
    explanations : tuple of Explanation
        Of the pieces asked for, else of the most suspect later ones.
    waiting : tuple of Suspect
        Pieces without a result, the most suspect first.
    confidence : float
        Nominal coverage of each class [1].
    notes : tuple of Text
    """

    taken: TakenPieces
    left_out: tuple[LeftOut, ...]
    model: RejectModel
    seconds: float
    judged: tuple[Judged, ...]
    watch: Watch
    reasons: tuple[Reason, ...]
    explanations: tuple[Explanation, ...]
    waiting: tuple[Suspect, ...]
    confidence: float
    notes: tuple[Text, ...]

    def of_kind(self, kind: Kind) -> tuple[Judged, ...]:
        """Return the judgements of one kind."""
        return tuple(one for one in self.judged if one.kind == kind)

    def as_json(self) -> dict[str, object]:
        """Return the study with units and both languages inside."""
        return {
            "ok": True,
            **self.taken.as_json(),
            "confidence": self.confidence,
            "features": [feature.name for feature in self.model.features],
            "left_out": [{"field": one.feature.name, "why": one.why.as_json()} for one in self.left_out],
            "judged": [one.as_json() for one in self.judged],
            "watch": self.watch.as_json(),
            "reasons": [
                {"feature": one.feature.name, "push": one.push, "strongest": one.strongest} for one in self.reasons
            ],
            "explanations": [one.as_json() for one in self.explanations],
            "waiting": [
                {
                    "id": one.id,
                    "mould": one.mould,
                    "probability": one.probability,
                    "answer": ANSWER_WORDS[one.answer].as_json(),
                }
                for one in self.waiting
            ],
            "model": {
                "pieces": self.model.pieces,
                "rejects": self.model.rejects,
                "sha256": self.model.sha256,
                "seed": self.model.boosting.seed,
                "seconds": self.seconds,
            },
            "notes": [note.as_json() for note in self.notes],
        }


def learn_rejects(
    plant: PlantFolder,
    record_name: str = "shot",
    *,
    by: str | None = None,
    confidence: float = 0.9,
    budget: float = BUDGET,
    without: Sequence[str] = (),
    keep: Sequence[str] = (),
    asked: Sequence[str] = (),
    boosting: Boosting | None = None,
    progress: Callable[[float], None] | None = None,
) -> RejectStudy:
    """Learn the rejects of a record and judge what was learnt.

    Parameters
    ----------
    plant : PlantFolder
    record_name : str
        Record with a time, a `result` and numbers.
    by : str or None
        Field by which pieces are grouped: die, product …; None takes the first of those that the record has.
    confidence : float
        Nominal coverage of each class, between 0 and 1.
    budget : float
        Share of all pieces that can be inspected [1].
    without : sequence of str
        Fields known only after the verdict.
    keep : sequence of str
        Fields to keep although they look like a leak.
    asked : sequence of str
        Numbers of pieces to explain, with a result or without.
    boosting : Boosting or None
    progress : callable or None
        Told the share of the work that is done.

    Raises
    ------
    ForgecastError
        If the record cannot be learnt from, a field or piece is not there, or too few pieces have a result.
    """
    taken = inspected_pieces(plant, record_name, by=by, without=without)
    pieces, left_out = _screened(taken.pieces, keep)
    boosting = boosting or Boosting()
    by_time = split_by_time(pieces)
    new = split_new_moulds(pieces)
    splits = [by_time, *([new] if new is not None else []), *leave_moulds_out(pieces)]
    splits.append(split_at_random(pieces, seed=boosting.seed))
    for_use = split_by_time(pieces, learn=LEARN_FOR_USE, calibrate=1.0 - LEARN_FOR_USE)
    tell = _Teller(progress, len(splits) + 2)

    def learnt(split: Split) -> tuple[RejectModel, Judged] | None:
        # A split whose moulds or days hold too few rejects tells nothing; the one by time has to be there.
        if split is not by_time and min(np.bincount(pieces.rejected[split.learn], minlength=2)) < FEWEST:
            return None
        made = learn(pieces, split.learn, split.calibrate, boosting)
        found = _judged(made, pieces, split, confidence, budget, plant.settings.zone)
        tell()
        return made, found

    with ThreadPoolExecutor(min(_PROCESSORS, os.cpu_count() or 1)) as pool:
        made = [one for one in pool.map(learnt, splits) if one is not None]
    judged = tuple(found for _, found in made)
    of_time = made[0][0]
    begun = time.perf_counter()
    model = learn(pieces, for_use.learn, for_use.calibrate, boosting)
    seconds = time.perf_counter() - begun
    tell()
    reasons, told = _reasons(of_time, pieces, by_time, confidence)
    explanations = _asked(asked, taken, pieces, (of_time, by_time.learn), (model, for_use.learn), confidence)
    return RejectStudy(
        taken=taken,
        left_out=left_out,
        model=model,
        seconds=seconds,
        judged=judged,
        watch=watch(of_time, pieces, by_time.learn, by_time.calibrate, by_time.test, confidence),
        reasons=reasons,
        explanations=explanations or told,
        waiting=_waiting(model, taken, confidence),
        confidence=confidence,
        notes=_notes(judged, confidence, new),
    )


class _Teller:
    """Counts steps from several threads and tells their share."""

    def __init__(self, progress: Callable[[float], None] | None, steps: int) -> None:
        self._progress = progress
        self._steps = steps
        self._done: list[None] = []  # appending is safe between threads

    def __call__(self) -> None:
        self._done.append(None)
        if self._progress is not None:
            self._progress(len(self._done) / self._steps)


def _screened(pieces: InspectedPieces, keep: Sequence[str]) -> tuple[InspectedPieces, tuple[LeftOut, ...]]:
    """Return the pieces meant to be good, in time, with the features that a model may see."""
    for name in keep:
        if name not in pieces.names:
            raise ForgecastError(
                text("{name} is no field that could be kept", name=name),
                repair=text("use one of: {names}", names=", ".join(pieces.names)),
            )
    left_out = [one for one in leaks(pieces) if one.feature.name not in keep]
    meant = pieces.without(one.feature.name for one in left_out).without_trials().in_time()
    # Without the trials another verdict may show, and what told trials apart is the same for all.
    for screen in (running_numbers, constants, leaks):
        found = [one for one in screen(meant) if one.feature.name not in keep]
        meant = meant.without(one.feature.name for one in found)
        left_out += found
    if not meant.features:
        raise ForgecastError(
            text("no field is left to learn from"),
            repair=text("take in what was measured on the pieces; `forgecast plant fields` lists the fields"),
        )
    return meant, tuple(left_out)


def _judged(
    model: RejectModel, pieces: InspectedPieces, split: Split, confidence: float, budget: float, zone: str
) -> Judged:
    tested = pieces.rows(split.test)
    probability, possible = model.judge(tested.values, confidence)
    scores = score(
        probability,
        tested.rejected,
        possible,
        tested.block,
        base_rate=model.base_rate,
        budget=budget,
        seed=model.boosting.seed,
    )
    first, last = (local_day(int(t), zone) for t in (tested.time.min(), tested.time.max()))
    return Judged(split.kind, split.moulds, split.flatters, model.pieces, model.reject.size, first, last, scores)


def _reasons(
    model: RejectModel, pieces: InspectedPieces, split: Split, confidence: float
) -> tuple[tuple[Reason, ...], tuple[Explanation, ...]]:
    """Return what makes the most suspect later pieces suspect, over all of them and for the first few."""
    suspicion = model.probability(pieces.values[split.test])
    most = split.test[np.argsort(-suspicion, kind="stable")[:GATHERED]]
    learnt = pieces.rows(split.learn)
    told = [_explained(model, learnt, pieces, int(row), confidence) for row in most]
    pushes = np.array([[_push(one, feature) for feature in model.features] for one in told])
    strongest = np.bincount(pushes.argmax(axis=1), minlength=len(model.features))
    mean = pushes.mean(axis=0)
    order = np.argsort(-mean, kind="stable")
    reasons = (Reason(model.features[at], float(mean[at]), int(strongest[at])) for at in order)
    return tuple(reasons), tuple(told[:TOLD])


def _push(explanation: Explanation, feature: Feature) -> float:
    return next(one.push for one in explanation.pushes if one.feature == feature)


def _explained(
    model: RejectModel, learnt: InspectedPieces, pieces: InspectedPieces, row: int, confidence: float
) -> Explanation:
    piece = (str(pieces.ids[row]), str(pieces.mould[row]), pieces.values[row])
    return explain(model, learnt, piece, confidence=confidence)


def _asked(
    asked: Sequence[str],
    taken: TakenPieces,
    pieces: InspectedPieces,
    by_time: tuple[RejectModel, IntArray],
    for_use: tuple[RejectModel, IntArray],
    confidence: float,
) -> tuple[Explanation, ...]:
    """Explain the pieces asked for: those with a result by the model of the split by time, which knows fewest."""
    found = []
    for name in asked:
        among, (model, learnt) = pieces, by_time
        if name not in set(pieces.ids):
            # Trial shots and pieces that wait for their result have been learnt from by no model.
            model, learnt = for_use
            among = next((one for one in (taken.waiting, taken.pieces) if name in set(one.ids)), pieces)
        rows = np.flatnonzero(among.ids == name)
        if not rows.size:
            raise ForgecastError(
                text("there is no {name} among the pieces", name=name),
                where=taken.record,
                repair=text("give a number as the record holds it, such as {example}", example=str(pieces.ids[0])),
            )
        values = _columns(among, model.features)
        piece = (name, str(among.mould[rows[0]]), values[rows[0]])
        found.append(explain(model, pieces.rows(learnt), piece, confidence=confidence))
    return tuple(found)


def _columns(pieces: InspectedPieces, features: Sequence[Feature]) -> FloatArray:
    return pieces.values[:, [pieces.names.index(feature.name) for feature in features]]


def _waiting(model: RejectModel, taken: TakenPieces, confidence: float) -> tuple[Suspect, ...]:
    values = _columns(taken.waiting, model.features)
    if not len(values):
        return ()
    probability, possible = model.judge(values, confidence)
    answer = possible.answer
    return tuple(
        Suspect(
            str(taken.waiting.ids[row]),
            str(taken.waiting.mould[row]),
            float(probability[row]),
            Answer(int(answer[row])),
        )
        for row in np.argsort(-probability, kind="stable")
    )


def _notes(judged: Sequence[Judged], confidence: float, new: Split | None) -> tuple[Text, ...]:
    notes = []
    by_time = judged[0]
    least = fewest_for(confidence)
    if by_time.calibrated_rejects < least:
        notes.append(
            text(
                "only {count} rejects were there to calibrate on; {confidence:.4g} % needs {least}, so no piece can be "
                "told not to be a reject",
                count=by_time.calibrated_rejects,
                confidence=100.0 * confidence,
                least=least,
            )
        )
    if by_time.scores.skill.value < 0.0:
        notes.append(
            text(
                "on later days the probabilities are worse than always saying the share of rejects learnt: rank pieces "
                "by them, do not take them at their word"
            )
        )
    if not any(one.kind == "unseen_mould" for one in judged):
        notes.append(text("all pieces are of one mould, so nothing is known of moulds never seen"))
    elif new is None:
        notes.append(text("no mould is new in the later half, so nothing is known of the day a new one comes"))
    return tuple(notes)
