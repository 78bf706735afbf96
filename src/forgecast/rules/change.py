"""The smallest changes that would let a requirement pass: of its figure, or of the facts its expressions read.

Found by trying: each fact is given every value it may have, alone first, then with one or two others, and the
requirement is judged anew. What a change would cost, or break under another requirement, is told beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import combinations, islice, product

from forgecast.ground.texts import Text, bilingual, text
from forgecast.rules.book import Book, Policy, Requirement
from forgecast.rules.evaluate import ANY, evaluate, judge
from forgecast.rules.fact import Fact, FactBase, FactValue, Origin, Subject
from forgecast.rules.trace import value_text
from forgecast.rules.verdict import Verdict, Word

#: Facts changed together at most, and ways tried for one verdict at most.
MOST_FACTS, MOST_TRIES = 3, 3000
#: A number this share beyond a number of the book stands for "above" and "below" it.
_BESIDE = 1e-6
PASSING = frozenset({Word.MET, Word.NOT_APPLICABLE})


@dataclass(frozen=True, slots=True)
class FigureChange:
    """A change of the figure: `change` below zero lowers it; `target` is the deciding value afterwards."""

    figure: str
    unit: str
    change: float
    target: float

    def say(self) -> Text:
        """Return it in words."""
        by, to = f"{abs(self.change):.4g}", f"{self.target:.6g}"
        if self.change < 0:
            return text("lower {figure} by {by} {unit}, to {to}", figure=self.figure, by=by, unit=self.unit, to=to)
        return text("raise {figure} by {by} {unit}, to {to}", figure=self.figure, by=by, unit=self.unit, to=to)


@dataclass(frozen=True, slots=True)
class FactChange:
    """Another value of one fact: its full name, its value now and then, and its unit."""

    name: str
    now: FactValue
    then: FactValue
    unit: str = ""

    def say(self) -> Text:
        """Return it in words: ``furnace: cupola → induction_furnace``."""
        field = self.name.partition(".")[2]
        now, then = value_text(self.now, self.unit), value_text(self.then, self.unit)
        return bilingual("{name}: {now} → {then}", "{name}：{now} → {then}", name=field, now=now, then=then)


@dataclass(frozen=True, slots=True)
class Alternative:
    """Facts that, changed together, let the requirement pass.

    Parameters
    ----------
    facts : tuple of FactChange
    word : Word
        `met` or `not applicable`.
    then : tuple of Verdict
        Other requirements of the same book on the same subject that would not be met then, the figures being as they
        are: a cupola that becomes a furnace of another kind has the limits of that kind to keep.
    """

    facts: tuple[FactChange, ...]
    word: Word
    then: tuple[Verdict, ...]


@dataclass(frozen=True, slots=True)
class WaysToPass:
    """What would make a verdict pass; both may be empty."""

    verdict: Verdict
    figure: FigureChange | None
    alternatives: tuple[Alternative, ...]

    def as_json(self) -> dict[str, object]:
        """Return it as every JSON answer shows it."""
        figure = self.figure
        return {
            "verdict": self.verdict.id,
            "word": str(self.verdict.word),
            "figure": None
            if figure is None
            else {"name": figure.figure, "unit": figure.unit, "change": figure.change, "target": figure.target},
            "facts": [
                {
                    "change": [
                        {"fact": c.name, "now": value_text(c.now, c.unit), "then": value_text(c.then, c.unit)}
                        for c in one.facts
                    ],
                    "word": str(one.word),
                    "then_not_met": [verdict.id for verdict in one.then],
                }
                for one in self.alternatives
            ],
        }


def ways_to_pass(
    book: Book,
    requirement: Requirement,
    subject: Subject,
    facts: FactBase,
    policy: Policy,
    *,
    choices: Mapping[str, tuple[FactValue, ...]],
) -> WaysToPass | None:
    """Return the smallest changes that let a requirement pass, or None where it is not `not met` or `partly`.

    Parameters
    ----------
    book : Book
        With its overlays laid on.
    requirement : Requirement
    subject : Subject
    facts : FactBase
    policy : Policy
    choices : mapping of str to tuple of FactValue
        By full name (``stack.furnace``): the values a fact may be turned to; a text without any is left as it is. Yes
        and no are known; a number is tried at, above and below each number of the book in its unit.

    Returns
    -------
    WaysToPass or None
        Facts of the book's scope, the site's where another thing is judged, and those that say for whom a limit of the
        site holds are never changed: they say what the plant is, not what it does.
    """
    verdict = judge(book, requirement, subject, facts, policy)
    if verdict.word not in {Word.NOT_MET, Word.PARTLY} or subject.id == ANY:
        return None
    found: list[Alternative] = []
    for size in range(1, MOST_FACTS + 1):
        for changes in islice(_changes(book, requirement, subject, choices, size), MOST_TRIES):
            other, base = _changed(subject, facts, changes)
            word = judge(book, requirement, other, base, policy).word
            if word in PASSING:
                found.append(Alternative(changes, word, _then(book, requirement, other, base, policy)))
        if found:
            break
    ordered = sorted(found, key=lambda one: (len(one.facts), len(one.then), one.word is not Word.MET))
    return WaysToPass(verdict, _figure_change(verdict), tuple(ordered))


def _figure_change(verdict: Verdict) -> FigureChange | None:
    conformity, value = verdict.conformity, verdict.figure_value
    if conformity is None or value is None or not conformity.change:
        return None
    return FigureChange(verdict.figure_name, verdict.figure_unit, conformity.change, value + conformity.change)


def _changes(
    book: Book,
    requirement: Requirement,
    subject: Subject,
    choices: Mapping[str, tuple[FactValue, ...]],
    size: int,
) -> Iterator[tuple[FactChange, ...]]:
    """Yield every way to change so many facts at once."""
    options = [one for name in _free(book, requirement) if (one := _options(book, name, subject, choices))]
    for some in combinations(options, size):
        yield from product(*some)


def _free(book: Book, requirement: Requirement) -> tuple[str, ...]:
    """Return the full names of the facts that may be changed."""
    expressions = [requirement.applies, requirement.state, requirement.partly]
    expressions += [case.when for case in requirement.unclear]
    fixed = {*book.scope.names, f"{requirement.kind}.id"}
    addressed = [name for value in requirement.values for name in value.addressed.names]
    if requirement.kind == "site":
        fixed.update(addressed)
    names = [name for one in expressions if one is not None for name in one.names]
    own = [name for name in dict.fromkeys([*names, *addressed]) if name.partition(".")[0] == requirement.kind]
    return tuple(name for name in own if name not in fixed)


def _options(
    book: Book, name: str, subject: Subject, choices: Mapping[str, tuple[FactValue, ...]]
) -> tuple[FactChange, ...]:
    """Return the other values of a fact; none where it is not known: a missing fact is found out, not changed."""
    fact = subject.facts.get(name.partition(".")[2])
    if fact is None:
        return ()
    now = fact.value
    if isinstance(now, bool):
        values: tuple[FactValue, ...] = (not now,)
    elif isinstance(now, int | float):
        edges = [number.value for number in book.parameters.values() if number.unit == fact.unit]
        values = tuple(edge * share for edge in edges for share in (1.0, 1.0 + _BESIDE, 1.0 - _BESIDE))
    else:
        values = choices.get(name, ())
    return tuple(FactChange(name, now, value, fact.unit) for value in values if value != now)


def _changed(subject: Subject, facts: FactBase, changes: tuple[FactChange, ...]) -> tuple[Subject, FactBase]:
    """Return subject and facts with other values in place."""
    values = dict(subject.facts)
    for change in changes:
        field = change.name.partition(".")[2]
        values[field] = Fact(field, change.then, change.unit, Origin(text("as if it were so")))
    other = replace(subject, facts=values)
    if subject.kind == "site":
        return other, replace(facts, site=other)
    return other, replace(facts, subjects=tuple(other if one is subject else one for one in facts.subjects))


def _then(
    book: Book, requirement: Requirement, subject: Subject, facts: FactBase, policy: Policy
) -> tuple[Verdict, ...]:
    """Return the other requirements of the book that the changed subject would not meet."""
    others = tuple(one for one in book.requirements if one.kind == requirement.kind and one.id != requirement.id)
    alone = facts if subject.kind == "site" else replace(facts, subjects=(subject,))
    judged = evaluate(replace(book, requirements=others), alone, policy=policy)
    return tuple(v for v in judged if v.word is Word.NOT_MET and v.subject_id == subject.id)
