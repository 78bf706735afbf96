"""A verdict as a reader sees it: every number set, every text in one language."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from forgecast.app.report.numbers import (
    ABSENT,
    count,
    local_hour,
    pretty_text,
    shown_limit_with_unit,
    shown_with_unit,
)
from forgecast.app.report.words import (
    CONFIDENCE_TEXTS,
    NODE_TEXTS,
    SUBJECT_TEXTS,
    VALUE_TEXTS,
    WORD_KEYS,
    WORD_SIGNS,
    label,
    named,
    word_text,
)
from forgecast.ground.texts import Language, text
from forgecast.rules.book import LAYER_TEXTS
from forgecast.rules.verdict import FORCE_TEXTS, Confidence, Exceedance, Force, Limit, TraceNode, Verdict
from forgecast.tasks.assessment import Curve

#: How many stretches over a limit a card lists; the worst ones, in order of time.
_STRETCHES = 5
_LAYERS = {str(layer): name for layer, name in LAYER_TEXTS.items()}


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch over a limit, in local time."""

    start: str
    end: str
    hours: str
    worst: str


@dataclass(frozen=True, slots=True)
class WhyNode:
    """A step of the way to a verdict."""

    kind: str
    kind_text: str
    what: str
    value: str
    place: str
    children: tuple[WhyNode, ...]


@dataclass(frozen=True, slots=True)
class VerdictCard:
    """A verdict ready to be typeset; `curve` is the index of its curve in the report, -1 where it has none."""

    id: str
    key: str
    word: str
    sign: str
    force_key: str
    force: str
    title: str
    subject: str
    subject_id: str
    book: str
    book_title: str
    clause: str
    period: str
    value: str
    limit: str
    basis: str
    layer: str
    source: str
    confidence: str
    caution: str
    worst_hour: str
    hours_over: str
    coverage: str
    reasons: tuple[str, ...]
    missing: tuple[str, ...]
    stretches: tuple[Stretch, ...]
    more_stretches: str
    curve: int
    why: WhyNode


def card_of(
    verdict: Verdict,
    language: Language,
    zone: str,
    *,
    book_title: str = "",
    curves: Sequence[Curve] = (),
) -> VerdictCard:
    """Return a verdict in one language, with the times of `zone` and the curve that belongs to it."""
    limit = verdict.limit
    against = None if limit is None else limit.value
    at = curve_index(verdict, curves)
    stretches, more = _stretches(verdict, against, language, zone)
    return VerdictCard(
        id=verdict.id,
        key=WORD_KEYS[verdict.word],
        word=word_text(verdict.word, language),
        sign=WORD_SIGNS[verdict.word],
        force_key=str(verdict.force),
        force=FORCE_TEXTS[verdict.force].say(language),
        title=pretty_text(verdict.title.say(language)),
        subject=subject_text(verdict, language),
        subject_id=verdict.subject_id,
        book=verdict.book,
        book_title=book_title or verdict.book,
        clause=verdict.clause.say(language),
        period=f"{verdict.start.isoformat()} – {verdict.end.isoformat()}",
        value=shown_with_unit(verdict.figure_value, verdict.figure_unit, against),
        limit=ABSENT if limit is None else shown_limit_with_unit(limit.value, limit.unit, limit.comparison),
        basis="" if limit is None else pretty_text(limit.basis.say(language)),
        layer="" if limit is None else named(_LAYERS, limit.layer, language),
        source="" if limit is None else limit.source.say(language),
        confidence="" if limit is None else named(CONFIDENCE_TEXTS, str(limit.confidence), language),
        caution=_caution(limit, language),
        worst_hour=_worst_hour(verdict, zone, curves[at] if at >= 0 else None),
        hours_over="" if verdict.hours_over is None else _hours(verdict.hours_over),
        coverage=_coverage(verdict, language),
        reasons=tuple(pretty_text(reason.say(language)) for reason in verdict.reasons),
        missing=tuple(pretty_text(missing.say(language)) for missing in verdict.missing),
        stretches=stretches,
        more_stretches=more,
        curve=at,
        why=why_node(verdict.tree, language),
    )


def subject_text(verdict: Verdict, language: Language) -> str:
    """Return the subject of a verdict: its kind, its number and its name."""
    kind = named(SUBJECT_TEXTS, verdict.subject_kind, language)
    if verdict.subject_name in ("", verdict.subject_id):
        return f"{kind} {verdict.subject_id}".strip()
    return f"{kind} {verdict.subject_id} · {verdict.subject_name}"


def why_node(node: TraceNode, language: Language) -> WhyNode:
    """Return a verdict's tree in one language."""
    known = VALUE_TEXTS.get(node.value)
    return WhyNode(
        kind=node.kind,
        kind_text=named(NODE_TEXTS, node.kind, language),
        what=pretty_text(node.what.say(language)),
        value=pretty_text(node.value) if known is None else known.say(language),
        place=node.place,
        children=tuple(why_node(child, language) for child in node.children),
    )


def urgency(verdict: Verdict) -> tuple[int, float, int, str]:
    """Return a sorting key: duties before goals, furthest from the limit first, then most hours over."""
    force = (Force.DUTY, Force.GOAL, Force.ADVICE).index(verdict.force)
    return force, -distance(verdict), -(verdict.hours_over or 0), verdict.id


def distance(verdict: Verdict) -> float:
    """Return how many times a figure lies beyond its limit (1 on it); infinite for a state, which has no number."""
    limit, value = verdict.limit, verdict.figure_value
    if limit is None or limit.value is None or value is None:
        return math.inf
    if limit.comparison.startswith(">"):
        return math.inf if value <= 0.0 else limit.value / value
    return math.inf if limit.value <= 0.0 else value / limit.value


def curve_index(verdict: Verdict, curves: Sequence[Curve]) -> int:
    """Return which curve shows a verdict: of its own id, or ``subject/figure``; -1 where there is none."""
    names = {
        verdict.id,
        f"{verdict.subject_id}/{verdict.figure_name}",
        f"{verdict.subject_kind}/{verdict.subject_id}/{verdict.figure_name}",
    }
    return next((i for i, curve in enumerate(curves) if curve.id in names), -1)


def _caution(limit: Limit | None, language: Language) -> str:
    if limit is not None and limit.confidence is Confidence.UNVERIFIED:
        return label("unverified", language)
    return ""


def _hours(hours: int) -> str:
    return f"{count(hours)}\u00a0h"


def _coverage(verdict: Verdict, language: Language) -> str:
    if verdict.hours_valid is None or verdict.hours_expected is None:
        return ""
    share = "" if not verdict.hours_expected else f"{100.0 * verdict.hours_valid / verdict.hours_expected:.1f}%"
    return text(
        "{valid} valid hours of {expected} due ({share})",
        valid=count(verdict.hours_valid),
        expected=count(verdict.hours_expected),
        share=share or ABSENT,
    ).say(language)


def _worst_hour(verdict: Verdict, zone: str, curve: Curve | None) -> str:
    """Return the hour of the deciding value, or the stretch it lies in where the hour itself is not told."""
    if not verdict.exceedances:
        return ""
    if curve is not None and verdict.figure_value in curve.values:
        return local_hour(curve.t[curve.values.index(verdict.figure_value)], zone)
    low = verdict.limit is not None and verdict.limit.comparison.startswith(">")
    worst = (min if low else max)(verdict.exceedances, key=lambda stretch: stretch.worst)
    start, end = local_hour(worst.start, zone), local_hour(worst.end, zone)
    return start if start == end else f"{start} – {end}"


def _stretches(
    verdict: Verdict, against: float | None, language: Language, zone: str
) -> tuple[tuple[Stretch, ...], str]:
    low = verdict.limit is not None and verdict.limit.comparison.startswith(">")

    def badness(stretch: Exceedance) -> float:
        return -stretch.worst if low else stretch.worst

    kept = sorted(verdict.exceedances, key=badness, reverse=True)[:_STRETCHES]
    left = len(verdict.exceedances) - len(kept)
    lines = tuple(
        Stretch(
            start=local_hour(stretch.start, zone),
            end=local_hour(stretch.end, zone),
            hours=count(stretch.hours),
            worst=shown_with_unit(stretch.worst, verdict.figure_unit, against),
        )
        for stretch in sorted(kept, key=lambda stretch: stretch.start)
    )
    if not left:
        return lines, ""
    note = text(
        "The {shown} worst stretches of {all}; every one is in the JSON answer.",
        shown=len(kept),
        all=count(len(verdict.exceedances)),
    )
    return lines, note.say(language)
