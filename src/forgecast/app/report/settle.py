"""What is not known, gathered by the record that would settle it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from forgecast.app.report.card import VerdictCard
from forgecast.ground.texts import Language, text
from forgecast.rules.verdict import TraceNode, Verdict, Word


@dataclass(frozen=True, slots=True)
class RecordGroup:
    """A record that is missing, and the verdicts that wait for it.

    `record` is empty where no record is named: then `reason` says why the verdicts are open.
    """

    record: str
    reason: str
    waiting: int
    alone: int
    tally: str
    cards: tuple[VerdictCard, ...]


def record_groups(cards: Sequence[VerdictCard], language: Language) -> tuple[RecordGroup, ...]:
    """Return open verdicts by missing record, the record that settles most verdicts alone first.

    A verdict that waits for several records stands under each of them; one that names none stands under its reason.
    """
    by_record: dict[str, list[VerdictCard]] = {}
    by_reason: dict[str, list[VerdictCard]] = {}
    for card in cards:
        for record in dict.fromkeys(card.missing):
            by_record.setdefault(record, []).append(card)
        if not card.missing:
            reason = card.reasons[0] if card.reasons else card.caution
            by_reason.setdefault(reason, []).append(card)
    groups = [_group(record, "", members, language) for record, members in by_record.items()]
    groups.sort(key=lambda group: (-group.alone, -group.waiting, group.record))
    return (
        *groups,
        *(_group("", reason, members, language) for reason, members in sorted(by_reason.items())),
    )


def silent_books(verdicts: Iterable[Verdict]) -> frozenset[str]:
    """Return the books of which a plant has nothing on record: no verdict but `not known`, and no figure in any."""
    by_book: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        if verdict.word is not Word.NOT_APPLICABLE:
            by_book.setdefault(verdict.book, []).append(verdict)
    return frozenset(
        book
        for book, members in by_book.items()
        if all(verdict.word is Word.NOT_KNOWN and not _has_figure(verdict.tree) for verdict in members)
    )


def _has_figure(node: TraceNode) -> bool:
    return node.kind == "figure" or any(_has_figure(child) for child in node.children)


def silent_groups(cards: Sequence[VerdictCard], language: Language) -> tuple[RecordGroup, ...]:
    """Return one group for each book of which nothing is on record."""
    by_book: dict[str, list[VerdictCard]] = {}
    for card in cards:
        by_book.setdefault(card.book_title or card.book, []).append(card)
    return tuple(
        _group(
            "", text("nothing is on record for this rulebook: {title}", title=title).say(language), members, language
        )
        for title, members in sorted(by_book.items())
    )


def _group(record: str, reason: str, members: list[VerdictCard], language: Language) -> RecordGroup:
    alone = sum(len(card.missing) == 1 for card in members)
    tally = text("verdicts waiting: {waiting} · settled by this alone: {alone}", waiting=len(members), alone=alone)
    open_only = text("verdicts open: {waiting}", waiting=len(members))
    return RecordGroup(
        record=record,
        reason=reason,
        waiting=len(members),
        alone=alone,
        tally=(tally if record else open_only).say(language),
        cards=tuple(members),
    )
