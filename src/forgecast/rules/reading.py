"""From a rulebook's folder to its values; a limit that is not complete is refused here, with its place.

Two keys of a requirement say more than which limit holds; both may stand in the head of the book for all:

``decision``
    ``simple_acceptance``, ``shared_risk``, ``guarded_acceptance`` or ``guarded_rejection``: how the standard
    uncertainty of a figure bears on the word. Without the key the plant's declared rule holds, without that one simple
    acceptance.
``window``
    ``{statistic: mean, over: day, valid: name}``: the statistic of an hourly figure that is compared in place of each
    hour. ``statistic`` is ``mean`` or ``percentile`` (then ``percent: name``), ``over`` is ``day``, ``month``,
    ``period`` or ``rolling`` (then ``hours: name``). Each ``name`` is one of the book's ``parameters``; ``valid`` is
    the least share (``%``) or number (``h``) of valid hours a window needs to count.

Expressions may read ``period.first`` and ``period.last``, the first and the last day judged.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from forgecast.ground.dates import Validity
from forgecast.ground.errors import BookError
from forgecast.ground.texts import Text, bilingual, text
from forgecast.rules.book import (
    Book,
    Check,
    Comparison,
    DatedValue,
    Layer,
    Parameter,
    ReferenceValue,
    Requirement,
    Span,
    Statistic,
    Unclear,
    Window,
)
from forgecast.rules.decision import DecisionRule
from forgecast.rules.expression import ALWAYS, Expression, Grammar, compile_expression, literals
from forgecast.rules.source import Entry, read_yaml
from forgecast.rules.verdict import Confidence, Force

_REQUIREMENT_FIELDS = (
    "id", "clause", "title", "subject", "subject_id", "force", "applies", "figure", "required", "prohibited",
    "advised", "partly", "unit", "comparison", "basis", "unclear", "due", "limits", "source", "confidence",
    "decision", "window",
)  # fmt: skip
_LIMIT_FIELDS = ("value", "from", "until", "for", "clause", "source", "confidence", "pending")


@dataclass(frozen=True)
class _Defaults:
    """What entries inherit from the head of the book."""

    head: Entry
    validity: tuple[Entry, ...]
    params: frozenset[str]
    definitions: Mapping[str, str]

    def word(self, entry: Entry, name: str) -> str:
        return entry.word(name) if entry.has(name) or not self.head.has(name) else self.head.word(name)

    def both(self, entry: Entry, name: str) -> Text:
        return entry.both(name) if entry.has(name) or not self.head.has(name) else self.head.both(name)

    def confidence(self, *entries: Entry) -> Confidence:
        for entry in (*entries, self.head):
            if entry.has("confidence"):
                return entry.choice("confidence", Confidence)
        return entries[0].choice("confidence", Confidence)

    def source(self, *entries: Entry) -> Text:
        for entry in (*entries, self.head):
            if entry.has("source"):
                return entry.said("source")
        return entries[0].said("source")

    def expression(self, entry: Entry, name: str, kind: str, *others: str) -> Expression:
        """Compile a field of an entry, joined by `and` with other conditions."""
        sources = [entry.word(name)] if entry.has(name) else []
        return self.joined([*sources, *others], kind, entry.below(name))

    def joined(self, sources: Sequence[str], kind: str, place: str) -> Expression:
        if not sources:
            return ALWAYS
        source = sources[0] if len(sources) == 1 else " and ".join(f"({part})" for part in sources)
        if literals(source, place):
            raise BookError(
                text("`{expression}` holds a bare number", expression=source),
                where=place,
                repair=text("give the number a name under `parameters`, with its source, and write param.name"),
            )
        return compile_expression(source, Grammar(kind, self.params, self.definitions, place))


def book_from(files: Mapping[str, str], *, name: str) -> Book:
    """Build a book from the texts of its files.

    Parameters
    ----------
    files : mapping of str to str
        ``limits.yaml`` (needed), ``book.md`` and ``CHANGES.md``.
    name : str
        Name of the folder, which must be the book's id.

    Raises
    ------
    BookError
        With file, entry and repair, for the first thing that is not as it must be.
    """
    content = files["limits.yaml"].replace("\r\n", "\n")
    document = Entry.of(read_yaml(content, f"{name}/limits.yaml"), f"{name}/limits.yaml").only(
        "book", "validity", "definitions", "parameters", "evidence", "references", "requirements"
    )
    digest = hashlib.sha256(content.encode()).hexdigest()
    return book_of(
        document, name=name, digest=digest, prose=files.get("book.md", ""), changes=files.get("CHANGES.md", "")
    )


def book_of(document: Entry, *, name: str, digest: str, prose: str = "", changes: str = "") -> Book:
    """Build a book from its parsed document (`book_from` reads it from text)."""
    head = document.entry("book").only(
        "id", "title", "layer", "version", "source", "confidence", "scope", "basis", "comparison", "unit", "force",
        "decision", "window",
    )  # fmt: skip
    if head.word("id") != name:
        raise BookError(
            text("the book calls itself {got}, its folder {want}", got=head.word("id"), want=name),
            where=head.place,
            repair=text("give both the same name"),
        )
    parameters = {p.name: p for p in (_parameter(e, head) for e in document.entries("parameters"))}
    definitions = _definitions(document)
    defaults = _Defaults(head, tuple(document.entries("validity")), frozenset(parameters), definitions)
    layer = head.choice("layer", Layer)
    requirements = tuple(_requirement(e, defaults, layer) for e in document.entries("requirements"))
    _refuse_twice([(r.id, r.entry) for r in requirements])
    references = tuple(_reference(e, defaults) for e in document.entries("references"))
    evidence = document.entry("evidence") if document.has("evidence") else Entry({}, document.below("evidence"))
    return Book(
        id=name,
        title=head.both("title"),
        layer=layer,
        version=head.word("version"),
        digest=digest,
        scope=defaults.expression(head, "scope", "site"),
        requirements=requirements,
        references=references,
        parameters=parameters,
        definitions=definitions,
        evidence={figure: evidence.both(figure) for figure in evidence.data},
        prose=prose,
        changes=changes,
    )


def _definitions(document: Entry) -> dict[str, str]:
    if not document.has("definitions"):
        return {}
    entry = document.entry("definitions")
    found = {name: entry.word(name) for name in entry.data}
    for name, source in found.items():
        if literals(source, entry.below(name)):
            raise BookError(
                text("`{expression}` holds a bare number", expression=source),
                where=entry.below(name),
                repair=text("give the number a name under `parameters`, with its source, and write param.name"),
            )
    return found


def _parameter(entry: Entry, head: Entry) -> Parameter:
    entry.only("id", "value", "unit", "clause", "source", "confidence")
    defaults = _Defaults(head, (), frozenset(), {})
    return Parameter(
        name=entry.word("id"),
        value=entry.number("value"),
        unit=entry.word("unit"),
        clause=entry.said("clause"),
        source=defaults.source(entry),
        confidence=defaults.confidence(entry),
        entry=entry.place,
    )


def _reference(entry: Entry, defaults: _Defaults) -> ReferenceValue:
    entry.only(
        "id", "quantity", "subject", "value", "unit", "applies", "unclear", "title", "clause", "source", "confidence"
    )
    kind = entry.word("subject")
    return ReferenceValue(
        id=entry.word("id"),
        quantity=entry.word("quantity"),
        kind=kind,
        value=entry.number_or_none("value"),
        unit=entry.word("unit"),
        applies=defaults.expression(entry, "applies", kind),
        unclear=entry.both("unclear") if entry.has("unclear") else None,
        title=entry.both("title"),
        clause=entry.said("clause"),
        source=defaults.source(entry),
        confidence=defaults.confidence(entry),
        entry=entry.place,
    )


def _requirement(entry: Entry, defaults: _Defaults, layer: Layer) -> Requirement:
    entry.only(*_REQUIREMENT_FIELDS)
    kind = entry.word("subject")
    check = _check(entry)
    is_figure = check is Check.FIGURE
    partly = defaults.expression(entry, "partly", kind) if entry.has("partly") else None
    force = entry.choice("force", Force) if entry.has("force") else Force.DUTY
    if not entry.has("force") and defaults.head.has("force"):
        force = defaults.head.choice("force", Force)
    return Requirement(
        id=entry.word("id"),
        clause=entry.said("clause"),
        title=entry.both("title"),
        kind=kind,
        subject_id=entry.word("subject_id") if entry.has("subject_id") else None,
        force=force,
        check=check,
        applies=defaults.expression(entry, "applies", kind),
        figure=entry.word("figure") if is_figure else "",
        unit=defaults.word(entry, "unit") if is_figure else "",
        comparison=_comparison(entry, defaults) if is_figure else None,
        basis=defaults.both(entry, "basis"),
        state=None if is_figure else defaults.expression(entry, str(check), kind),
        partly=partly,
        unclear=tuple(_unclear(e, defaults, kind) for e in entry.entries("unclear")),
        due=entry.day("due"),
        values=_values(entry, defaults, layer, kind, is_figure=is_figure),
        entry=entry.place,
        decision=_holder(entry, defaults.head, "decision").choice("decision", DecisionRule)
        if is_figure and _holder(entry, defaults.head, "decision").has("decision")
        else None,
        window=_window(_holder(entry, defaults.head, "window"), defaults.params) if is_figure else None,
    )


def _holder(entry: Entry, head: Entry, name: str) -> Entry:
    return entry if entry.has(name) else head


def _window(holder: Entry, params: frozenset[str]) -> Window | None:
    if not holder.has("window"):
        return None
    entry = holder.entry("window").only("statistic", "over", "valid", "hours", "percent")
    statistic, over = entry.choice("statistic", Statistic), entry.choice("over", Span)
    needed = ["valid"]
    needed += ["percent"] if statistic is Statistic.PERCENTILE else []
    needed += ["hours"] if over is Span.ROLLING else []
    names = {name: entry.word(name) for name in needed}
    entry.only("statistic", "over", *needed)
    for field, name in names.items():
        if name not in params:
            raise BookError(
                text("there is no number named {name} under `parameters`", name=name),
                where=entry.below(field),
                repair=text("add it there with value, unit, clause, source and confidence"),
            )
    return Window(statistic, over, names["valid"], names.get("hours", ""), names.get("percent", ""))


def _comparison(entry: Entry, defaults: _Defaults) -> Comparison:
    holder = entry if entry.has("comparison") or not defaults.head.has("comparison") else defaults.head
    return holder.choice("comparison", Comparison)


def _check(entry: Entry) -> Check:
    found = [check for check in Check if entry.has(str(check))]
    if len(found) != 1:
        raise BookError(
            text("the requirement must look at exactly one thing"),
            where=entry.place,
            repair=text("write one of: {words}", words=", ".join(Check)),
        )
    return found[0]


def _unclear(entry: Entry, defaults: _Defaults, kind: str) -> Unclear:
    entry.only("when", "en", "zh")
    return Unclear(defaults.expression(entry, "when", kind), bilingual(entry.word("en"), entry.word("zh")))


def _values(entry: Entry, defaults: _Defaults, layer: Layer, kind: str, *, is_figure: bool) -> tuple[DatedValue, ...]:
    limits = list(entry.entries("limits"))
    if not limits and not is_figure:
        limits = [Entry({}, entry.below("state"))]
    found = []
    for limit in limits:
        limit.only(*_LIMIT_FIELDS)
        pending = limit.both("pending") if limit.has("pending") else None
        value = limit.number_or_none("value") if pending is not None or not is_figure else limit.number("value")
        for start, until, sources in _validities(limit, defaults):
            found.append(
                DatedValue(
                    value=value,
                    validity=Validity(start, until),
                    addressed=defaults.joined(sources, kind, limit.below("for")),
                    layer=layer,
                    clause=(limit if limit.has("clause") else entry).said("clause"),
                    source=defaults.source(limit, entry),
                    confidence=defaults.confidence(limit, entry),
                    pending=pending,
                    entry=limit.place,
                )
            )
    if not found:
        raise BookError(
            text("the requirement has no limit"),
            where=entry.place,
            repair=text("add `limits:` with value, dates and source"),
        )
    return tuple(found)


def _validities(limit: Entry, defaults: _Defaults) -> list[tuple[date | None, date | None, list[str]]]:
    """Return (from, until, conditions) of a limit: its own dates, else those of the head of the book."""
    own = [limit.word("for")] if limit.has("for") else []
    if limit.has("from") or limit.has("until"):
        return [(*_dates(limit), own)]
    if not defaults.validity:
        raise BookError(
            text("the limit has no date"),
            where=limit.place,
            repair=text("add `from:` here, or `validity:` to the book where it holds for all"),
        )
    return [
        (*_dates(v.only("from", "until", "for")), own + ([v.word("for")] if v.has("for") else []))
        for v in defaults.validity
    ]


def _dates(entry: Entry) -> tuple[date | None, date | None]:
    start, until = entry.day("from"), entry.day("until")
    if start is None:
        entry.word("from")
    if start is not None and until is not None and until <= start:
        raise BookError(
            text("the limit ends on {until}, not after it begins on {start}", until=str(until), start=str(start)),
            where=entry.place,
            repair=text("`until` is the first day on which the limit no longer holds"),
        )
    return start, until


def _refuse_twice(names: Sequence[tuple[str, str]]) -> None:
    seen = set()
    for name, place in names:
        if name in seen:
            raise BookError(
                text("the id {name} stands twice", name=name),
                where=place,
                repair=text("give each requirement an id of its own"),
            )
        seen.add(name)
