"""Verdicts of a direction as tables: by book and requirement, and by the record that would settle what is open."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from forgecast.app.report.card import VerdictCard, card_of
from forgecast.app.report.numbers import ABSENT
from forgecast.app.report.settle import record_groups
from forgecast.app.report.words import (
    CONFIDENCE_TEXTS,
    SUBJECT_TEXTS,
    WORD_KEYS,
    WORD_ORDER,
    WORD_SIGNS,
    named,
    word_text,
)
from forgecast.app.standing_report.sheet import Block, Cell, Fact, Facts, Listing, Words
from forgecast.ground.texts import Language, text
from forgecast.rules.verdict import Confidence, Verdict, Word
from forgecast.tasks.assessment import Assessment

#: So many subjects of one requirement are named.
_SUBJECTS = 6
_OPEN = (Word.NOT_KNOWN, Word.PARTLY)


def word_facts(verdicts: Iterable[Verdict], language: Language) -> Facts:
    """Return how often each word comes."""
    counts = Counter(one.word for one in verdicts)
    return Facts(
        tuple(
            Fact(f"{WORD_SIGNS[word]} {word_text(word, language)}", str(counts[word]), WORD_KEYS[word])
            for word in WORD_ORDER
        )
    )


def verdict_blocks(
    verdicts: Sequence[Verdict],
    assessment: Assessment,
    confidences: Mapping[tuple[str, str], Confidence],
    language: Language,
) -> tuple[Block, ...]:
    """Return one table for each book, then the records that would settle what is not known or partly."""
    if not verdicts:
        return (Words((text("No rulebook judges this direction; it rests on figures and evidence.").say(language),)),)
    titles = {one.id: one.what.say(language) for one in assessment.citations}
    cards = {one.id: card_of(one, language, assessment.zone, book_title=titles.get(one.book, "")) for one in verdicts}
    blocks: list[Block] = [
        _book([one for one in verdicts if one.book == book], cards, confidences, language)
        for book in dict.fromkeys(one.book for one in verdicts)
    ]
    asked = [cards[one.id] for one in verdicts if one.word in _OPEN]
    if asked:
        blocks.append(_settled(asked, language))
    return tuple(blocks)


def _book(
    members: Sequence[Verdict],
    cards: Mapping[str, VerdictCard],
    confidences: Mapping[tuple[str, str], Confidence],
    language: Language,
) -> Listing:
    counts = Counter(one.word for one in members)
    tally = " · ".join(f"{counts[word]} {word_text(word, language)}" for word in WORD_ORDER if counts[word])
    gathered: dict[tuple[int, str], list[Verdict]] = {}
    for one in members:
        if one.word is not Word.NOT_APPLICABLE:
            gathered.setdefault((WORD_ORDER.index(one.word), one.requirement), []).append(one)
    rows = tuple(
        _row(same, cards, confidences, language) for _, same in sorted(gathered.items(), key=lambda item: item[0])
    )
    heads = (text("Verdict"), text("Requirement"), text("Clause"), text("For"), text("Value and limit"),
             text("How well known"))  # fmt: skip
    return Listing(
        f"{cards[members[0].id].book_title} — {tally}",
        tuple(one.say(language) for one in heads),
        rows,
        (0, 5.4, 2.6, 3.2, 1.9, 1.9),
        empty=text("Nothing in this book applies to the plant.").say(language),
    )


def _row(
    same: Sequence[Verdict],
    cards: Mapping[str, VerdictCard],
    confidences: Mapping[tuple[str, str], Confidence],
    language: Language,
) -> tuple[Cell, ...]:
    shown = [cards[one.id] for one in same]
    # Where several are gathered the first stands for them: their numbers differ.
    first, count = shown[0], len(shown)
    confidence = confidences.get((same[0].book, same[0].requirement))
    sure = first.confidence or ("" if confidence is None else named(CONFIDENCE_TEXTS, str(confidence), language))
    value = first.value if count == 1 else ABSENT
    limit = first.limit if len({card.limit for card in shown}) == 1 else text("several limits").say(language)
    return (
        Cell(f"{first.sign} {first.word}", f"×{count}" if count > 1 else "", first.key),
        # What is kept needs no name to ask for its reasons; what is open does.
        Cell(first.title, first.id if count == 1 and same[0].word is not Word.MET else ""),
        Cell(first.clause),
        Cell(_subjects(same, shown, language)),
        Cell(value, limit if limit != ABSENT else ""),
        Cell(sure or ABSENT),
    )


def _subjects(same: Sequence[Verdict], cards: Sequence[VerdictCard], language: Language) -> str:
    if all(one.subject_kind == "site" for one in same):
        return named(SUBJECT_TEXTS, "site", language)
    if len(cards) == 1:
        return cards[0].subject
    names = list(dict.fromkeys(card.subject_id for card in cards))
    listed = ", ".join(names[:_SUBJECTS])
    left = len(names) - _SUBJECTS
    return text("{names} and {left} more", names=listed, left=left).say(language) if left > 0 else listed


def _settled(cards: Sequence[VerdictCard], language: Language) -> Listing:
    rows = tuple(
        (
            Cell(group.record or group.reason),
            Cell(str(group.waiting)),
            Cell(", ".join(dict.fromkeys(card.clause for card in group.cards)) if group.waiting <= 2 else ""),
        )
        for group in record_groups(cards, language)
    )
    return Listing(
        text("What is not known, and the record that would settle it").say(language),
        tuple(one.say(language) for one in (text("Record"), text("verdicts waiting"), text("Clause"))),
        rows,
        (11.0, 0, 3.0),
        frozenset({1}),
    )
