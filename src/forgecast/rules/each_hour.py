"""The word of every single hour: what a requirement says of each 1-h mean, as it would judge that hour alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from forgecast.ground.dates import HOUR_US, day_start_us
from forgecast.ground.texts import Text
from forgecast.rules.binding import Binding, Stretch, bind
from forgecast.rules.book import Book, Check, Comparison, DatedValue, Policy, Requirement
from forgecast.rules.decision import DecisionRule
from forgecast.rules.fact import FactBase, Subject
from forgecast.rules.judging import breaks, outcomes
from forgecast.rules.scene import SubjectScene
from forgecast.rules.verdict import Word

#: Words of an hour by their number in `EachHour.word`.
HOUR_WORDS = (Word.MET, Word.NOT_MET, Word.NOT_KNOWN, Word.NOT_APPLICABLE)
_MET, _OVER, _OPEN, _NONE = range(4)


@dataclass(frozen=True, slots=True)
class LayerLimit:
    """A number of one layer that certainly holds on some days, end exclusive."""

    layer: str
    value: float
    clause: Text
    start: date
    end: date


@dataclass(frozen=True, slots=True, eq=False)
class EachHour:
    """What a requirement says of each hour.

    Parameters
    ----------
    word : (n,) uint8 array
        Index into `HOUR_WORDS`; `not applicable` where no limit holds.
    limit : (n,) float64 array
        The strictest number that certainly holds; NaN where none does.
    binding : tuple of DatedValue
        The numbers that bind somewhere.
    bound : (n,) int64 array
        Index into `binding`; -1 where none binds.
    layers : tuple of LayerLimit
        Every number that certainly holds, with its days, the laxer ones too.
    """

    word: NDArray[np.uint8]
    limit: NDArray[np.float64]
    binding: tuple[DatedValue, ...]
    bound: NDArray[np.int64]
    layers: tuple[LayerLimit, ...]


def judge_each_hour(  # noqa: PLR0917  (what `judge` takes, and the hours)
    book: Book,
    requirement: Requirement,
    subject: Subject,
    facts: FactBase,
    policy: Policy,
    hours: NDArray[np.int64],
    values: NDArray[np.float64],
    zone: str,
) -> EachHour | None:
    """Return the word of every hour, or None where the requirement does not apply to the subject.

    Parameters
    ----------
    book : Book
        With its overlays laid on.
    requirement : Requirement
        One that compares a figure with a limit.
    subject : Subject
    facts : FactBase
        Its period must hold the hours.
    policy : Policy
    hours : (n,) int64 array
        Hours since 1970-01-01T00:00Z, ascending.
    values : (n,) float64 array
        In the unit of the requirement; NaN is `not known`.
    zone : str
        IANA zone in which limits begin at local midnight.

    Returns
    -------
    EachHour or None
        Each word is that of `forgecast.rules.evaluate.judge` for a figure that holds this hour alone.
    """
    if requirement.check is not Check.FIGURE or requirement.comparison is None or requirement.window is not None:
        return None
    rule = requirement.decision or policy.decision
    scene = SubjectScene(book, subject, facts, policy)
    scope, applies = book.scope.evaluate(scene), requirement.applies.evaluate(scene)
    if scope.value is False or applies.value is False:
        return None
    binding = bind(requirement, scene, facts.start, facts.end)
    if not binding.stretches:
        return None
    stopped = scope.value is None or applies.value is None
    stopped = stopped or any(case.when.evaluate(scene).value is not False for case in requirement.unclear)
    word = np.full(hours.shape, _NONE, dtype=np.uint8)
    limit = np.full(hours.shape, np.nan)
    bound = np.full(hours.shape, -1, dtype=np.int64)
    numbers: list[DatedValue] = []
    for stretch in binding.stretches:
        # Limits begin at local midnight: the first hour that starts at or after it is the first one judged.
        edges = [-(-day_start_us(day, zone) // HOUR_US) for day in (stretch.start, stretch.end)]
        part = slice(*(int(at) for at in np.searchsorted(hours, edges)))
        word[part] = _OPEN if stopped else _words(stretch, values[part], requirement.comparison, rule)
        if stretch.binding is not None and stretch.binding.value is not None:
            limit[part], bound[part] = stretch.binding.value, len(numbers)
            numbers.append(stretch.binding)
    return EachHour(word, limit, tuple(numbers), bound, _layers(binding))


def _words(
    stretch: Stretch, values: NDArray[np.float64], comparison: Comparison, rule: DecisionRule
) -> NDArray[np.uint8]:
    there = np.isfinite(values)
    number = np.where(there, values, 0.0)
    over = doubt = np.zeros(values.shape, dtype=np.bool_)
    if stretch.binding is not None and stretch.binding.value is not None:
        # An hour alone carries no uncertainty: where the rule needs one, the hour is open.
        told = outcomes(number, None, comparison, stretch.binding.value, rule)
        over, doubt = told.over, told.open
    settled = np.zeros(values.shape, dtype=np.bool_)
    if stretch.binding is not None and not stretch.open_values and stretch.strictest is not None:
        same = stretch.strictest == stretch.binding.value
        settled = np.full(values.shape, same) | ~breaks(number, comparison, stretch.strictest)
    words = np.where(over, _OVER, np.where(settled & ~doubt, _MET, _OPEN))
    return np.where(there, words, _OPEN).astype(np.uint8)


def _layers(binding: Binding) -> tuple[LayerLimit, ...]:
    return tuple(
        LayerLimit(str(value.layer), value.value, value.clause, stretch.start, stretch.end)
        for stretch in binding.stretches
        for value, answer in binding.asked
        if value.decides and answer.value and value.value is not None and stretch.start in value.validity
    )
