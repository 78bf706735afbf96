"""Words for many plants: what `evaluate` says, without reasons and trees, for rolling up a whole region.

Most plants of a trade share most facts. What a requirement makes of the facts it reads (does it apply, which numbers
hold on which days, is the state as required) is worked out once for each combination of them and kept; what is left for
each plant is to look its facts up and to compare its figure.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from forgecast.rules.binding import Binding, bind
from forgecast.rules.book import Book, Check, Comparison, Policy, Requirement
from forgecast.rules.decision import DecisionRule
from forgecast.rules.evaluate import ANY, judge, judged_subjects
from forgecast.rules.expression import Expression
from forgecast.rules.fact import Fact, FactBase, Figure, SampledFigure, Subject
from forgecast.rules.judging import EQUAL_WITHIN
from forgecast.rules.scene import SubjectScene
from forgecast.rules.verdict import Word

#: Combinations of facts kept for one requirement; beyond it they are forgotten and worked out anew.
MOST_KEPT = 20_000


@dataclass(frozen=True, slots=True)
class ToldWord:
    """The word of one requirement on one subject."""

    book: str
    requirement: str
    kind: str
    subject: str
    word: Word


@dataclass(frozen=True, slots=True)
class _Plain:
    """A number that holds on all days judged, and nothing open beside it: one comparison settles it."""

    limit: float
    comparison: Comparison
    due: bool


class _Prepared:
    """A requirement with the names it reads, and what it made of combinations of facts so far."""

    def __init__(self, book: Book, requirement: Requirement) -> None:
        self.book, self.requirement = book, requirement
        read: list[Expression | None] = [book.scope, requirement.applies, requirement.state, requirement.partly]
        read += [value.addressed for value in requirement.values] + [case.when for case in requirement.unclear]
        names = dict.fromkeys(name for one in read if one is not None for name in one.names)
        roots = {name.partition(".")[0] for name in names}
        fields = [name.partition(".") for name in names]
        kind = requirement.kind
        self.own = tuple(field for root, _dot, field in fields if root == kind and field != "id")
        self.site = () if kind == "site" else tuple(field for root, _dot, field in fields if root == "site")
        self.named = f"{kind}.id" in names
        # A rule that a figure triggers, or that compares a statistic, is judged in full each time.
        self.whole = "figure" in roots or requirement.window is not None or "site.id" in names
        self.kept: dict[object, Word | _Plain | None] = {}

    def key(self, subject: Subject, site: Subject) -> object:
        own = tuple([_value(subject.facts.get(field)) for field in self.own])
        other = tuple([_value(site.facts.get(field)) for field in self.site])
        return (own, other, subject.id) if self.named else (own, other)


def _value(fact: Fact | None) -> object:
    # The kind belongs to it: yes equals 1 in Python, and not in a rule.
    return None if fact is None else (type(fact.value), fact.value, fact.unit)


class WordJudge:
    """Gives the words of books on the facts of one plant after the other.

    Parameters
    ----------
    books : iterable of Book
        With their overlays laid on.
    start, end : date
        The judged stretch, end exclusive; the facts of every plant must be of it.
    policy : Policy
    """

    def __init__(self, books: Iterable[Book], start: date, end: date, *, policy: Policy) -> None:
        self.start, self.end, self.policy = start, end, policy
        self._prepared = [_Prepared(book, requirement) for book in books for requirement in book.requirements]

    def words(self, facts: FactBase) -> Iterator[ToldWord]:
        """Yield the word of every requirement on every subject of its kind, in the order of `evaluate`.

        Raises
        ------
        ValueError
            If the facts are of another stretch of days.
        """
        if (facts.start, facts.end) != (self.start, self.end):
            message = "the facts are of other days than the judge was made for"
            raise ValueError(message)
        listed: dict[tuple[str, str | None], tuple[Subject, ...]] = {}
        for one in self._prepared:
            requirement = one.requirement
            who = (requirement.kind, requirement.subject_id)
            if who not in listed:
                listed[who] = judged_subjects(requirement, facts)
            for subject in listed[who]:
                word = self._word(one, subject, facts)
                yield ToldWord(one.book.id, requirement.id, requirement.kind, subject.id, word)

    def _word(self, one: _Prepared, subject: Subject, facts: FactBase) -> Word:
        if one.whole:
            return judge(one.book, one.requirement, subject, facts, self.policy).word
        key = one.key(subject, facts.site)
        if subject.id == ANY:
            # Whether the list is complete decides then, beside the facts of the site.
            key = (key, ANY, one.requirement.kind in facts.complete_kinds)
        try:
            known = one.kept[key]
        except KeyError:
            if len(one.kept) >= MOST_KEPT:
                one.kept.clear()
            known = one.kept[key] = self._prepare(one, subject, facts)
        if isinstance(known, Word):
            return known
        name = one.requirement.figure
        if not subject.figures.get(name) and name not in subject.facts:
            return Word.NOT_KNOWN
        word = None if known is None else _compared(known, one.requirement, subject, (self.start, self.end))
        return judge(one.book, one.requirement, subject, facts, self.policy).word if word is None else word

    def _prepare(self, one: _Prepared, subject: Subject, facts: FactBase) -> Word | _Plain | None:
        """Return what the facts alone settle: a word, the number to compare with, or None where more is needed."""
        requirement = one.requirement
        if requirement.check is not Check.FIGURE or subject.id == ANY:
            return judge(one.book, requirement, subject, facts, self.policy).word
        bare = Subject(subject.kind, subject.id, subject.name, subject.facts)
        word = judge(one.book, requirement, bare, facts, self.policy).word
        scene = SubjectScene(one.book, bare, facts, self.policy)
        if word is Word.NOT_APPLICABLE:
            return word
        answers = [one.book.scope.evaluate(scene).value, requirement.applies.evaluate(scene).value]
        unclear = [case.when.evaluate(scene).value for case in requirement.unclear]
        if None in answers or any(answer is not False for answer in unclear):
            return Word.NOT_KNOWN
        return self._plain(requirement, bind(requirement, scene, self.start, self.end))

    def _plain(self, requirement: Requirement, binding: Binding) -> _Plain | None:
        rule = requirement.decision or self.policy.decision
        if rule is not DecisionRule.SIMPLE or len(binding.stretches) != 1 or requirement.comparison is None:
            return None
        (stretch,) = binding.stretches
        limit = None if stretch.binding is None else stretch.binding.value
        whole = (stretch.start, stretch.end) == (self.start, self.end)
        if limit is None or not whole or stretch.open_values or stretch.strictest != limit:
            return None
        due = requirement.due is not None and self.end <= requirement.due
        return _Plain(limit, requirement.comparison, due)


def _compared(known: _Plain, requirement: Requirement, subject: Subject, period: tuple[date, date]) -> Word | None:
    """Return the word of plain numbers against a plain limit; None where `judge` has to say."""
    values = _values(requirement, subject, period)
    if not values:
        return Word.NOT_KNOWN
    missed = False
    for value in values:
        if value is None or not math.isfinite(value):
            return None
        missed = missed or _misses(value, known.limit, known.comparison)
    if not missed:
        return Word.MET
    return Word.PARTLY if known.due else Word.NOT_MET


def _values(requirement: Requirement, subject: Subject, period: tuple[date, date]) -> list[float | None]:
    """Return the values of a requirement's figures in a period; a None where more than a number is to be looked at."""
    figures = subject.figures.get(requirement.figure)
    if not figures:
        fact = subject.facts.get(requirement.figure)
        plain = fact is not None and fact.unit in {"", requirement.unit} and type(fact.value) in {int, float}
        return [float(fact.value)] if fact is not None and plain else []  # type: ignore[arg-type]
    found: list[float | None] = []
    for figure in figures:
        if figure.unit not in {"", requirement.unit}:
            return [None]
        if isinstance(figure, Figure):
            starts = figure.start is None or figure.start < period[1]
            found.append(figure.value if starts and (figure.end is None or figure.end > period[0]) else None)
        elif isinstance(figure, SampledFigure):
            found.extend(value for day, value, _origin in figure.samples if period[0] <= day < period[1])
        else:
            return [None]
    return found


def _misses(value: float, limit: float, comparison: Comparison) -> bool:
    """Return whether a value misses a limit, as `forgecast.rules.judging.breaks` says of many."""
    at = abs(value - limit) <= EQUAL_WITHIN * abs(limit)
    if comparison is Comparison.AT_MOST:
        return value > limit and not at
    if comparison is Comparison.BELOW:
        return value >= limit or at
    if comparison is Comparison.AT_LEAST:
        return value < limit and not at
    return value <= limit or at
