"""Overlays: numbers a later layer (province, city, permit) or the reader's own copy adds to a book.

An overlay never weakens: its numbers stand beside the book's, and the strictest that holds decides. Only what is open
(unverified, or pending) is replaced, and only by an entry of the same layer that names its source: a limit, a state
that is confirmed, or a number of `parameters`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from forgecast.ground.dates import Validity
from forgecast.ground.errors import BookError
from forgecast.ground.texts import Text, bilingual, text, verbatim
from forgecast.rules.book import Book, Check, DatedValue, Layer, Overlay, OverlayValue, Parameter, Requirement
from forgecast.rules.expression import ALWAYS, Expression, Grammar, compile_expression
from forgecast.rules.reading import book_of
from forgecast.rules.source import Entry, read_yaml
from forgecast.rules.verdict import Confidence

_ORDER = tuple(Layer)


def overlay_from(content: str, *, name: str) -> Overlay:
    """Read an overlay file.

    Raises
    ------
    BookError
        With the entry and the repair, where a number lacks its source, clause, confidence or requirement.
    """
    return overlay_of(Entry.of(read_yaml(content, name), name), name=name)


def overlay_of(document: Entry, *, name: str) -> Overlay:
    """Build an overlay from its parsed document (`overlay_from` reads it from text)."""
    document.only("overlay", "limits")
    head = document.entry("overlay").only("book", "layer", "title", "version", "source", "clause", "confidence")
    return Overlay(
        id=name,
        book=head.word("book"),
        layer=head.choice("layer", Layer),
        title=head.both("title"),
        version=head.word("version"),
        values=tuple(_value(entry, head) for entry in document.entries("limits")),
    )


def _value(entry: Entry, head: Entry) -> OverlayValue:
    entry.only(
        "requirement", "parameter", "limit", "value", "unit", "from", "until", "for", "clause", "source", "confidence"
    )
    holder = entry if entry.has("confidence") else head
    if entry.has("parameter"):
        entry.only("parameter", "value", "unit", "clause", "source", "confidence")
    return OverlayValue(
        requirement="" if entry.has("parameter") else entry.word("requirement"),
        parameter=entry.word_or("parameter", ""),
        limit=str(entry.data["limit"]) if entry.has("limit") else "",
        value=entry.number_or_none("value"),
        unit=entry.word("unit") if entry.has("unit") else None,
        start=entry.day("from"),
        until=entry.day("until"),
        addressed=entry.word("for") if entry.has("for") else None,
        clause=(entry if entry.has("clause") or not head.has("clause") else head).said("clause"),
        source=(entry if entry.has("source") or not head.has("source") else head).said("source"),
        confidence=holder.choice("confidence", Confidence),
        entry=entry.place,
    )


def with_overlay(book: Book, overlay: Overlay) -> Book:
    """Return a book with an overlay laid on.

    Raises
    ------
    BookError
        If the overlay names a requirement the book does not have, another unit, an earlier layer, or tries to
        replace a number that is known.
    """
    if _ORDER.index(overlay.layer) < _ORDER.index(book.layer):
        raise BookError(
            text("a {over} overlay cannot lie on a {under} book", over=str(overlay.layer), under=str(book.layer)),
            where=overlay.id,
            repair=text("lay it on a book of its own layer or an earlier one"),
        )
    requirements = {requirement.id: requirement for requirement in book.requirements}
    parameters = dict(book.parameters)
    for value in overlay.values:
        if value.parameter:
            parameters[value.parameter] = _parameter(book, overlay.layer, value)
            continue
        requirement = requirements.get(value.requirement)
        if requirement is None:
            raise BookError(
                text("the book {book} has no limit named {name}", book=book.id, name=value.requirement),
                where=value.entry,
                repair=text("use the id of one of its requirements"),
            )
        requirements[requirement.id] = _laid(book, requirement, overlay.layer, value)
    # The digest names exactly the rules in use, so a replay with other overlays is refused.
    digest = hashlib.sha256(f"{book.digest}\n{overlay!r}".encode()).hexdigest()
    return replace(book, requirements=tuple(requirements.values()), parameters=parameters, digest=digest)


def _parameter(book: Book, layer: Layer, value: OverlayValue) -> Parameter:
    """Return an open number of the book as the reader's own copy states it."""
    old = book.parameters.get(value.parameter)
    if old is None or old.confidence is not Confidence.UNVERIFIED or layer is not book.layer:
        raise BookError(
            text("the book {book} has no open number named {name}", book=book.id, name=value.parameter),
            where=value.entry,
            repair=text("only a number of `parameters` that is not verified can be entered, in the layer of its book"),
        )
    _same_unit(value, old.unit)
    return replace(
        old,
        value=old.value if value.value is None else value.value,
        clause=value.clause,
        source=value.source,
        confidence=value.confidence,
        entry=value.entry,
    )


def _same_unit(value: OverlayValue, unit: str) -> None:
    if value.unit is not None and value.unit != unit:
        raise BookError(
            text("the unit is {got}; the book has {want}", got=value.unit, want=unit),
            where=value.entry,
            repair=text("convert the number to {want}", want=unit),
        )


def _fills(old: DatedValue, layer: Layer, value: OverlayValue) -> bool:
    """Return whether an entry of an overlay is meant for an open value."""
    return old.layer is layer and not old.decides and value.limit in {"", old.entry.rpartition(".")[2]}


def _laid(book: Book, requirement: Requirement, layer: Layer, value: OverlayValue) -> Requirement:
    _same_unit(value, requirement.unit)
    fills = [old for old in requirement.values if _fills(old, layer, value)]
    if fills and value.confidence is not Confidence.UNVERIFIED:
        return _filled(book, requirement, layer, value)
    if value.limit or requirement.check is not Check.FIGURE:
        raise BookError(
            text("{name} has nothing open that this entry could fill", name=requirement.id),
            where=value.entry,
            repair=text("see what is open with `forgecast rules fill {book} PLANT`", book=book.id),
        )
    if layer is book.layer:
        raise BookError(
            text("the {layer} number of {name} is known and cannot be replaced", layer=str(layer), name=requirement.id),
            where=value.entry,
            repair=text("give the overlay the layer that set the number: province, city or permit"),
        )
    if value.value is None or value.start is None or value.unit is None:
        raise BookError(
            text("the number needs `value`, `unit` and `from`"),
            where=value.entry,
            repair=text("add what is missing; only a number that fills an open one inherits them"),
        )
    added = DatedValue(
        value=value.value,
        validity=Validity(value.start, value.until),
        addressed=_compiled(book, requirement, value, None),
        layer=layer,
        clause=value.clause,
        source=value.source,
        confidence=value.confidence,
        pending=None,
        entry=value.entry,
    )
    return replace(requirement, values=(*requirement.values, added))


def _filled(book: Book, requirement: Requirement, layer: Layer, value: OverlayValue) -> Requirement:
    values: list[DatedValue] = []
    for old in requirement.values:
        if not _fills(old, layer, value):
            values.append(old)
            continue
        number = old.value if value.value is None else value.value
        if number is None and requirement.check is Check.FIGURE:
            raise BookError(
                text("the number of {name} is open and `value` is missing", name=requirement.id),
                where=value.entry,
                repair=text("enter the value as your copy of the document states it"),
            )
        if value.addressed is not None:
            # Filled for some only: for all others the number stays open.
            rest = _compiled(book, requirement, value, old.addressed, negated=True)
            values.append(replace(old, addressed=rest))
        starts = [day for day in (old.validity.start, value.start) if day is not None]
        ends = [day for day in (old.validity.end, value.until) if day is not None]
        values.append(
            DatedValue(
                value=number,
                validity=Validity(max(starts, default=None), min(ends, default=None)),
                addressed=_compiled(book, requirement, value, old.addressed),
                layer=layer,
                clause=value.clause,
                source=value.source,
                confidence=value.confidence,
                pending=None,
                entry=value.entry,
            )
        )
    return replace(requirement, values=tuple(values))


def _compiled(
    book: Book, requirement: Requirement, value: OverlayValue, old: Expression | None, *, negated: bool = False
) -> Expression:
    parts = [] if old is None or old is ALWAYS else [f"({old.text})"]
    if value.addressed is not None:
        parts.append(f"not ({value.addressed})" if negated else f"({value.addressed})")
    if not parts:
        return ALWAYS
    grammar = Grammar(requirement.kind, frozenset(book.parameters), book.definitions, value.entry)
    return compile_expression(" and ".join(parts), grammar)


@dataclass(frozen=True, slots=True)
class PermitLimit:
    """A limit from the plant's own permit: for one stack and one figure, with the day it begins."""

    stack: str
    figure: str
    value: float
    unit: str
    start: date
    until: date | None
    permit: str
    entry: str


PERMIT_TITLE: Text = bilingual("Limits of the plant's own permit", "本厂排污许可证限值")


def permit_overlay(book: Book, limits: Iterable[PermitLimit], *, version: str) -> Overlay:
    """Return the plant's permit limits as an overlay on every requirement of a book on the same figure of a stack."""
    by_figure: dict[str, list[PermitLimit]] = {}
    for limit in limits:
        by_figure.setdefault(limit.figure, []).append(limit)
    values = [
        OverlayValue(
            requirement=requirement.id,
            value=limit.value,
            unit=limit.unit,
            start=limit.start,
            until=limit.until,
            addressed=f"id == {limit.stack!r}",
            clause=verbatim(limit.permit),
            source=verbatim(limit.permit),
            confidence=Confidence.PRIMARY,
            entry=limit.entry,
        )
        for requirement in book.requirements
        if requirement.kind == "stack" and requirement.check is Check.FIGURE
        for limit in by_figure.get(requirement.figure, ())
    ]
    return Overlay("permit", book.id, Layer.PERMIT, PERMIT_TITLE, version, tuple(values))


def permit_book(limits: Iterable[PermitLimit], *, version: str) -> Book:
    """Return the plant's permit limits as a book of their own, one requirement a figure.

    It judges every permitted stack and figure, those included for which no national limit exists.
    """
    by_figure: dict[tuple[str, str], list[PermitLimit]] = {}
    for limit in limits:
        by_figure.setdefault((limit.figure, limit.unit), []).append(limit)
    requirements = []
    for (figure, unit), rows in sorted(by_figure.items()):
        stacks = sorted({row.stack for row in rows})
        requirements.append(
            {
                "id": figure,
                "clause": ", ".join(sorted({row.permit for row in rows})),
                "title": {"en": f"Permit limit of {figure}", "zh": f"排污许可限值：{figure}"},
                "subject": "stack",
                "figure": figure,
                "unit": unit,
                "applies": f"id in ({', '.join(repr(stack) for stack in stacks)},)",
                "limits": [
                    {
                        "value": row.value,
                        "from": row.start.isoformat(),
                        **({} if row.until is None else {"until": row.until.isoformat()}),
                        "for": f"id == {row.stack!r}",
                        "clause": row.permit,
                        "source": row.permit,
                    }
                    for row in rows
                ],
            }
        )
    head = {
        "id": "permit",
        "title": {"en": str(PERMIT_TITLE), "zh": PERMIT_TITLE.say("zh")},
        "layer": "permit",
        "version": version,
        "confidence": "primary",
        "comparison": "<=",
        "basis": {"en": "1-h mean, at the reference oxygen of the standard", "zh": "1小时均值，按标准基准氧含量折算"},
    }
    document = {"book": head, "requirements": requirements}
    digest = hashlib.sha256(repr(document).encode()).hexdigest()
    return book_of(Entry(document, "permit"), name="permit", digest=digest)
