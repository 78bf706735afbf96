"""Rulebooks as frozen values: requirements, their dated limits, named numbers, reference values, and overlays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from forgecast.ground.dates import Validity
from forgecast.ground.texts import Text, bilingual
from forgecast.rules.decision import DecisionRule
from forgecast.rules.expression import Expression
from forgecast.rules.verdict import Confidence, Force


class Layer(StrEnum):
    """Who set a number; later layers may only make a rule stricter."""

    NATIONAL = "national"
    PROVINCE = "province"
    CITY = "city"
    PERMIT = "permit"


LAYER_TEXTS: dict[Layer, Text] = {
    Layer.NATIONAL: bilingual("national", "国家"),
    Layer.PROVINCE: bilingual("province", "省级"),
    Layer.CITY: bilingual("city", "市级"),
    Layer.PERMIT: bilingual("permit", "排污许可证"),
}


class Comparison(StrEnum):
    """How a figure must stand to its limit."""

    AT_MOST = "<="
    BELOW = "<"
    AT_LEAST = ">="
    ABOVE = ">"

    @property
    def caps(self) -> bool:
        """Return whether the limit bounds from above (the smaller limit is the stricter)."""
        return self in {Comparison.AT_MOST, Comparison.BELOW}


class Check(StrEnum):
    """What a requirement looks at: a figure against a limit, or a state that facts describe."""

    FIGURE = "figure"
    REQUIRED = "required"
    PROHIBITED = "prohibited"
    ADVISED = "advised"


CHECK_TEXTS: dict[Check, Text] = {
    Check.FIGURE: bilingual("figure", "指标"),
    Check.REQUIRED: bilingual("required", "要求"),
    Check.PROHIBITED: bilingual("prohibited", "禁止"),
    Check.ADVISED: bilingual("advised", "鼓励"),
}


@dataclass(frozen=True, slots=True)
class DatedValue:
    """One number (or, for a state, the rule itself) with its dates, its addressees and its source.

    Parameters
    ----------
    value : float or None
        None for a state, and for a number the book cannot know (`pending` says why).
    validity : Validity
        First day it holds, and the first day it no longer does.
    addressed : Expression
        For whom (``for`` in the file).
    layer : Layer
    clause, source : Text
    confidence : Confidence
    pending : Text or None
        What has to happen or be looked up before the number can decide anything.
    entry : str
        ``file:entry``, where it stands.
    """

    value: float | None
    validity: Validity
    addressed: Expression
    layer: Layer
    clause: Text
    source: Text
    confidence: Confidence
    pending: Text | None
    entry: str

    @property
    def decides(self) -> bool:
        """Return whether a verdict may rest on it."""
        return self.pending is None and self.confidence is not Confidence.UNVERIFIED


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number that expressions use by name (``param.trigger``), sourced like a limit."""

    name: str
    value: float
    unit: str
    clause: Text
    source: Text
    confidence: Confidence
    entry: str


@dataclass(frozen=True, slots=True)
class Unclear:
    """A case the clause does not settle: where `when` is true the verdict is `not known`, with this reason."""

    when: Expression
    reason: Text


class Statistic(StrEnum):
    """What is computed over the valid hours of a window."""

    MEAN = "mean"
    PERCENTILE = "percentile"


class Span(StrEnum):
    """What a window is; the whole stretch on which a limit holds, or a part of the calendar within it."""

    DAY = "day"
    MONTH = "month"
    PERIOD = "period"
    ROLLING = "rolling"


@dataclass(frozen=True, slots=True)
class Window:
    """A statistic that a requirement compares in place of each hour, and when a window counts.

    Numbers are names of the book's `parameters`, so each has its source; one that is not verified leaves the verdict
    `not known`.

    Parameters
    ----------
    statistic : Statistic
    over : Span
    valid : str
        Least valid hours of a window: a parameter in ``h``, or in ``%`` of the hours due in it. A window with fewer
        is missing.
    hours : str
        Length of a rolling window (a parameter in ``h``); empty for the others.
    percent : str
        Which percentile (a parameter in ``%``); empty for a mean.
    """

    statistic: Statistic
    over: Span
    valid: str
    hours: str = ""
    percent: str = ""


@dataclass(frozen=True, slots=True)
class Requirement:
    """One requirement: whom it applies to, what it looks at, and its dated limits.

    Parameters
    ----------
    id : str
    clause, title : Text
    kind : str
        Kind of subject.
    subject_id : str or None
        Only the subject of that id (a declared measure).
    force : Force
    check : Check
    applies : Expression
    figure : str
        Figure, or numeric fact, that is compared; empty for a state.
    unit : str
    comparison : Comparison or None
    basis : Text
        Averaging basis.
    state : Expression or None
        What must (not) be true.
    partly : Expression or None
        Where the state is not as it must be but this is true, the word is `partly`.
    unclear : tuple of Unclear
    due : date or None
        Day by which a goal is to be reached; before it a goal not yet reached is `partly`.
    values : tuple of DatedValue
    entry : str
    decision : DecisionRule or None
        How measurement uncertainty bears on the word; None leaves it to the plant's declared rule.
    window : Window or None
        The statistic of an hourly figure that is compared; None compares each hour.
    """

    id: str
    clause: Text
    title: Text
    kind: str
    subject_id: str | None
    force: Force
    check: Check
    applies: Expression
    figure: str
    unit: str
    comparison: Comparison | None
    basis: Text
    state: Expression | None
    partly: Expression | None
    unclear: tuple[Unclear, ...]
    due: date | None
    values: tuple[DatedValue, ...]
    entry: str
    decision: DecisionRule | None = None
    window: Window | None = None


@dataclass(frozen=True, slots=True)
class ReferenceValue:
    """A number the book lays down for a computation (reference oxygen, standard state), for whom it holds.

    `value` None with `unclear` False means: the measured value is used as it is.
    """

    id: str
    quantity: str
    kind: str
    value: float | None
    unit: str
    applies: Expression
    unclear: Text | None
    title: Text
    clause: Text
    source: Text
    confidence: Confidence
    entry: str


@dataclass(frozen=True, slots=True)
class Book:
    """A rulebook as read from its folder.

    Parameters
    ----------
    id : str
        Name of its folder.
    title : Text
    layer : Layer
    version : str
        Edition and revision; changes with every change of the rules.
    digest : str
        SHA-256 of the files the rules were read from, overlays included.
    scope : Expression
        To whom the book as a whole applies (facts of the site).
    requirements : tuple of Requirement
    references : tuple of ReferenceValue
    parameters : mapping of str to Parameter
    definitions : mapping of str to str
        Named expressions.
    evidence : mapping of str to Text
        For each figure: which record, field or tag gives it.
    prose : str
        ``book.md``: the clauses in own words.
    changes : str
        ``CHANGES.md``.
    """

    id: str
    title: Text
    layer: Layer
    version: str
    digest: str
    scope: Expression
    requirements: tuple[Requirement, ...]
    references: tuple[ReferenceValue, ...]
    parameters: Mapping[str, Parameter]
    definitions: Mapping[str, str]
    evidence: Mapping[str, Text]
    prose: str
    changes: str

    def requirement(self, name: str) -> Requirement:
        """Return the requirement of an id.

        Raises
        ------
        KeyError
            If there is none.
        """
        for requirement in self.requirements:
            if requirement.id == name:
                return requirement
        raise KeyError(name)


@dataclass(frozen=True, slots=True)
class OverlayValue:
    """A number a later layer sets for a requirement of a book, or the reader's own copy of an open one.

    Fields that are None are taken from the open value it fills; `addressed` is an expression as text. A state that
    is open is confirmed without a value. `parameter` names an open number of the book instead of a requirement;
    `limit` picks one of several open limits by its place in the list, from 0.
    """

    requirement: str
    value: float | None
    unit: str | None
    start: date | None
    until: date | None
    addressed: str | None
    clause: Text
    source: Text
    confidence: Confidence
    entry: str
    parameter: str = ""
    limit: str = ""


@dataclass(frozen=True, slots=True)
class Overlay:
    """Numbers one layer adds to a book."""

    id: str
    book: str
    layer: Layer
    title: Text
    version: str
    values: tuple[OverlayValue, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """The reader's choices that are not law.

    Parameters
    ----------
    minimum_coverage : float
        Share of the hours due that must have a valid mean before "no hour above the limit" counts as `met`;
        below it the word is `partly`.
    decision : DecisionRule
        The plant's declared rule for requirements that name none.
    """

    minimum_coverage: float = field(kw_only=True)
    decision: DecisionRule = field(default=DecisionRule.SIMPLE, kw_only=True)
