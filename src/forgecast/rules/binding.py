"""Which of a requirement's dated numbers hold on which days, for one subject, and which of them binds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from forgecast.rules.book import DatedValue, Requirement
from forgecast.rules.expression import Answer, Need, Scene


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of days, end exclusive, on which the same numbers hold.

    Parameters
    ----------
    start, end : date
    binding : DatedValue or None
        The strictest number that certainly holds; None where none does.
    strictest : float or None
        The strictest number that certainly or possibly holds (a fact about its addressees is missing).
    open_values : tuple of DatedValue
        Numbers that hold or may hold and on which no verdict may rest.
    needs : tuple of Need
        Facts that would tell whether the possible ones hold.
    """

    start: date
    end: date
    binding: DatedValue | None
    strictest: float | None
    open_values: tuple[DatedValue, ...]
    needs: tuple[Need, ...]


@dataclass(frozen=True, slots=True)
class Binding:
    """The stretches of the judged period on which a number holds or may hold, and what was asked to find them."""

    stretches: tuple[Stretch, ...]
    asked: tuple[tuple[DatedValue, Answer], ...]

    @property
    def days(self) -> int:
        """Return the number of days judged."""
        return sum((stretch.end - stretch.start).days for stretch in self.stretches)


def bind(requirement: Requirement, scene: Scene, start: date, end: date) -> Binding:
    """Return what holds for a subject on the days from `start` until before `end`."""
    asked = []
    for value in requirement.values:
        if _overlaps(value, start, end):
            answer = value.addressed.evaluate(scene)
            if answer.value is not False:
                asked.append((value, answer))
    if not asked:
        return Binding((), ())
    days = {start, end}
    for value, _answer in asked:
        days.update(d for d in (value.validity.start, value.validity.end) if d is not None and start < d < end)
    stretches: list[Stretch] = []
    ordered = sorted(days)
    before: tuple[int, ...] = ()
    for first, after in pairwise(ordered):
        active = tuple(i for i, (value, _answer) in enumerate(asked) if first in value.validity)
        if stretches and active == before and stretches[-1].end == first:
            last = stretches.pop()
            first = last.start  # noqa: PLW2901  (nothing changed on that day: one stretch)
        if active:
            stretches.append(_stretch(requirement, first, after, [asked[i] for i in active]))
        before = active
    return Binding(tuple(stretches), tuple(asked))


def _overlaps(value: DatedValue, start: date, end: date) -> bool:
    validity = value.validity
    return (validity.start is None or validity.start < end) and (validity.end is None or start < validity.end)


def _stretch(requirement: Requirement, start: date, end: date, active: list[tuple[DatedValue, Answer]]) -> Stretch:
    certain = [value for value, answer in active if value.decides and answer.value]
    possible = [value for value, answer in active if value.decides and answer.value is None]
    needs = [need for _value, answer in active if answer.value is None for need in answer.needs]
    open_values = tuple(value for value, _answer in active if not value.decides)
    sign = 1.0 if requirement.comparison is None or requirement.comparison.caps else -1.0

    def strictness(value: DatedValue) -> float:
        return sign * (0.0 if value.value is None else value.value)

    binding = min(certain, key=strictness, default=None)
    strictest = min([*certain, *possible], key=strictness, default=None)
    return Stretch(
        start, end, binding, None if strictest is None else strictest.value, open_values, tuple(dict.fromkeys(needs))
    )
