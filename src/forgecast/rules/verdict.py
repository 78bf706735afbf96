"""Verdicts: one of five words for one requirement on one subject, with the tree that led to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from forgecast.ground.texts import Text, bilingual, text
from forgecast.rules.decision import Conformity


class Word(StrEnum):
    """The five words a verdict can be."""

    MET = "met"
    NOT_MET = "not met"
    PARTLY = "partly"
    NOT_APPLICABLE = "not applicable"
    NOT_KNOWN = "not known"


WORD_TEXTS: dict[Word, Text] = {
    Word.MET: bilingual("met", "符合"),
    Word.NOT_MET: bilingual("not met", "不符合"),
    Word.PARTLY: bilingual("partly", "部分符合"),
    Word.NOT_APPLICABLE: bilingual("not applicable", "不适用"),
    Word.NOT_KNOWN: bilingual("not known", "无法判定"),
}


class Confidence(StrEnum):
    """How well a number of a rulebook is known."""

    PRIMARY = "primary"
    SECONDARY = "secondary"
    UNVERIFIED = "unverified"


CONFIDENCE_TEXTS: dict[Confidence, Text] = {
    Confidence.PRIMARY: text("read in the original"),
    Confidence.SECONDARY: text("read in a text that cites it"),
    Confidence.UNVERIFIED: text("not verified"),
}


class Force(StrEnum):
    """What stands behind a requirement: only a duty can be broken; a goal is aimed at, an advice may be followed."""

    DUTY = "duty"
    GOAL = "goal"
    ADVICE = "advice"


FORCE_TEXTS: dict[Force, Text] = {
    Force.DUTY: bilingual("duty", "强制要求"),
    Force.GOAL: bilingual("goal", "目标"),
    Force.ADVICE: bilingual("advice", "鼓励事项"),
}


@dataclass(frozen=True, slots=True)
class TraceNode:
    """One step of a verdict's tree: clause -> requirement -> figure -> facts -> rows.

    Parameters
    ----------
    kind : str
        ``clause``, ``applies``, ``state``, ``limit``, ``figure``, ``fact``, ``row`` or ``missing``.
    what : Text
    value : str
        The value as used, with its unit; empty where the node has none.
    place : str
        ``file:row:column``, tag, or ``book:entry``; empty where there is none.
    children : tuple of TraceNode
    """

    kind: str
    what: Text
    value: str = ""
    place: str = ""
    children: tuple[TraceNode, ...] = ()

    def as_json(self) -> dict[str, object]:
        """Return the node and all below it."""
        return {
            "kind": self.kind,
            "what": self.what.as_json(),
            "value": self.value,
            "place": self.place,
            "children": [child.as_json() for child in self.children],
        }


@dataclass(frozen=True, slots=True)
class Limit:
    """The number (or the required state) a verdict was decided by, with the layer that bound."""

    value: float | None
    unit: str
    comparison: str
    basis: Text
    layer: str
    clause: Text
    source: Text
    confidence: Confidence

    def as_json(self) -> dict[str, object]:
        """Return the limit as every JSON answer shows it."""
        return {
            "value": self.value,
            "unit": self.unit,
            "comparison": self.comparison,
            "basis": self.basis.as_json(),
            "layer": self.layer,
            "clause": self.clause.as_json(),
            "source": self.source.as_json(),
            "confidence": str(self.confidence),
        }


@dataclass(frozen=True, slots=True)
class Exceedance:
    """A stretch in which a limit was not kept: first and last hour (UTC, ISO 8601), hours over, worst value."""

    start: str
    end: str
    hours: int
    worst: float

    def as_json(self) -> dict[str, object]:
        """Return the stretch as every JSON answer shows it."""
        return {"start": self.start, "end": self.end, "hours": self.hours, "worst": self.worst}


@dataclass(frozen=True, slots=True)
class Verdict:
    """One word for one requirement on one subject in one period.

    Parameters
    ----------
    id : str
        ``book/requirement/subject-id``: stable, what `forgecast why` takes.
    word : Word
    force : Force
        Whether it is a duty of law, a goal or an advice; `--strict` counts duties only.
    book, book_version, requirement : str
    clause : Text
    title : Text
        The requirement in a sentence.
    subject_kind, subject_id, subject_name : str
    start, end : date
        Judged stretch, end exclusive.
    figure_name : str
    figure_value : float or None
        The deciding value (worst hour, the share, the count).
    figure_unit : str
    limit : Limit or None
    reasons : tuple of Text
        Why this word, most important first.
    missing : tuple of Text
        Which record or field would settle a `not known` or complete a `partly`.
    exceedances : tuple of Exceedance
    hours_over, hours_valid, hours_expected : int or None
        For hourly figures.
    tree : TraceNode
    conformity : Conformity or None
        The decision rule the word rests on, and how probably the deciding value keeps the limit; None for a state.
    """

    id: str
    word: Word
    force: Force
    book: str
    book_version: str
    requirement: str
    clause: Text
    title: Text
    subject_kind: str
    subject_id: str
    subject_name: str
    start: date
    end: date
    figure_name: str
    figure_value: float | None
    figure_unit: str
    limit: Limit | None
    reasons: tuple[Text, ...]
    missing: tuple[Text, ...]
    exceedances: tuple[Exceedance, ...]
    hours_over: int | None
    hours_valid: int | None
    hours_expected: int | None
    tree: TraceNode
    conformity: Conformity | None = None

    def as_json(self) -> dict[str, object]:
        """Return the verdict with its tree, in both languages."""
        return {
            "id": self.id,
            "word": str(self.word),
            "force": str(self.force),
            "book": self.book,
            "book_version": self.book_version,
            "requirement": self.requirement,
            "clause": self.clause.as_json(),
            "title": self.title.as_json(),
            "subject": {"kind": self.subject_kind, "id": self.subject_id, "name": self.subject_name},
            "period": {"start": self.start.isoformat(), "end": self.end.isoformat()},
            "figure": {"name": self.figure_name, "value": self.figure_value, "unit": self.figure_unit},
            "limit": None if self.limit is None else self.limit.as_json(),
            "reasons": [reason.as_json() for reason in self.reasons],
            "missing": [missing.as_json() for missing in self.missing],
            "exceedances": [stretch.as_json() for stretch in self.exceedances],
            "hours": {"over": self.hours_over, "valid": self.hours_valid, "expected": self.hours_expected},
            "conformity": None if self.conformity is None else self.conformity.as_json(),
            "tree": self.tree.as_json(),
        }
