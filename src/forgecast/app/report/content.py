"""What a report says: an assessment bound to one language, grouped and rounded once for every door."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from forgecast.app.report.card import VerdictCard, card_of, curve_index, distance, subject_text, urgency
from forgecast.app.report.figure import FigureGroup, figure_groups
from forgecast.app.report.numbers import (
    count,
    local_hour,
    long_day,
    pretty_text,
    shown_limit_with_unit,
    shown_with_unit,
)
from forgecast.app.report.quality import QualityGroup, quality_groups
from forgecast.app.report.settle import RecordGroup, record_groups, silent_books, silent_groups
from forgecast.app.report.words import (
    CONFIDENCE_TEXTS,
    LABELS,
    PRINCIPLES,
    SEVERITY_MEANINGS,
    SEVERITY_TEXTS,
    WORD_KEYS,
    WORD_MEANINGS,
    WORD_ORDER,
    WORD_SIGNS,
    named,
    word_text,
)
from forgecast.ground.texts import Language, Text, text
from forgecast.plant.record import records
from forgecast.rules.verdict import Verdict, Word
from forgecast.tasks.assessment import Assessment, Curve


@dataclass(frozen=True, slots=True)
class WordCount:
    """How many verdicts bear a word, and what the word means."""

    key: str
    word: str
    sign: str
    number: int
    meaning: str


@dataclass(frozen=True, slots=True)
class AbsentRow:
    """A requirement that does not apply, with all the subjects it does not apply to."""

    title: str
    clause: str
    word: str
    sign: str
    key: str
    subjects: str
    cards: tuple[VerdictCard, ...]


@dataclass(frozen=True, slots=True)
class BookTable:
    """All verdicts of a book: those that ask for attention, the kept ones, and in one row each what does not apply."""

    title: str
    version: str
    open: tuple[VerdictCard, ...]
    settled: tuple[VerdictCard, ...]
    absent: tuple[AbsentRow, ...]


@dataclass(frozen=True, slots=True)
class FileRow:
    """An imported file."""

    name: str
    sha256: str
    imported_at: str
    fed: str
    rows: str


@dataclass(frozen=True, slots=True)
class CitationRow:
    """A book, table or method, and how well it is known."""

    what: str
    edition: str
    source: str
    confidence_key: str
    confidence: str


@dataclass(frozen=True, slots=True)
class Report:
    """Everything a report says, in one language; doors only set it."""

    language: Language
    plant: str
    plant_id: str
    zone: str
    synthetic: bool
    version: str
    period: str
    judged: str
    judged_iso: str
    summary: tuple[str, ...]
    total: int
    counts: tuple[WordCount, ...]
    labels: dict[str, str]
    quality: tuple[QualityGroup, ...]
    not_met: tuple[VerdictCard, ...]
    partly: tuple[VerdictCard, ...]
    not_known: tuple[RecordGroup, ...]
    open_count: int
    figures: tuple[FigureGroup, ...]
    curves: tuple[Curve, ...]
    free_curves: tuple[int, ...]
    books: tuple[BookTable, ...]
    files: tuple[FileRow, ...]
    citations: tuple[CitationRow, ...]
    weights: tuple[tuple[str, str], ...]
    sureness: tuple[str, ...]
    principles: tuple[str, ...]
    lower_bound: frozenset[int]

    def upper(self, curve: int) -> bool:
        """Return whether the limit of a curve bounds it from above."""
        return curve not in self.lower_bound


def content_of(assessment: Assessment, language: Language) -> Report:
    """Return what a report on an assessment says in one language."""
    verdicts = sorted(assessment.verdicts, key=urgency)
    titles = {citation.id: citation.what.say(language) for citation in assessment.citations}
    cards = [
        card_of(verdict, language, assessment.zone, book_title=titles.get(verdict.book, ""), curves=assessment.curves)
        for verdict in verdicts
    ]
    by_key = {word: [card for card in cards if card.key == WORD_KEYS[word]] for word in WORD_ORDER}
    quality = quality_groups(assessment.findings, language)
    waiting = [*by_key[Word.NOT_KNOWN], *(card for card in by_key[Word.PARTLY] if card.missing)]
    silent = silent_books(verdicts)
    unheard = [card for card in by_key[Word.NOT_KNOWN] if card.book in silent]
    asked = record_groups([card for card in waiting if card.book not in silent], language)
    records = (*asked, *silent_groups(unheard, language))
    drawn = {card.curve for word in (Word.NOT_MET, Word.PARTLY) for card in by_key[word]}
    return Report(
        language=language,
        plant=assessment.plant_name or assessment.plant_id,
        plant_id=assessment.plant_id,
        zone=assessment.zone,
        synthetic=assessment.synthetic,
        version=assessment.version,
        period=_period(assessment, language),
        judged=long_day(assessment.at, language),
        judged_iso=assessment.at.isoformat(),
        summary=_summary(assessment, verdicts, quality, records, language),
        total=len(cards),
        counts=_counts(verdicts, language),
        labels=_labels(assessment, language),
        quality=quality,
        not_met=tuple(by_key[Word.NOT_MET]),
        partly=tuple(by_key[Word.PARTLY]),
        not_known=records,
        open_count=len(by_key[Word.NOT_KNOWN]),
        figures=figure_groups(assessment.figures, language),
        curves=assessment.curves,
        free_curves=tuple(i for i in range(len(assessment.curves)) if i not in drawn),
        books=_books(cards, verdicts),
        files=tuple(
            FileRow(f.name, f.sha256, local_hour(f.imported_at, assessment.zone), _fed(f.fed, language), count(f.rows))
            for f in assessment.files
        ),
        citations=tuple(
            CitationRow(
                what=pretty_text(c.what.say(language)),
                edition=c.edition,
                source=c.source.say(language),
                confidence_key=c.confidence,
                confidence=named(CONFIDENCE_TEXTS, c.confidence, language),
            )
            for c in assessment.citations
        ),
        weights=tuple((SEVERITY_TEXTS[s].say(language), SEVERITY_MEANINGS[s].say(language)) for s in SEVERITY_TEXTS),
        sureness=tuple(name.say(language) for name in CONFIDENCE_TEXTS.values()),
        principles=tuple(principle.say(language) for principle in PRINCIPLES),
        lower_bound=_lower_bounds(verdicts, assessment.curves),
    )


def _fed(name: str, language: Language) -> str:
    """Return what a file fed: the record's name in words, or the series as it is called."""
    known = records().get(name)
    return name if known is None else known.title.say(language)


def _lower_bounds(verdicts: Sequence[Verdict], curves: Sequence[Curve]) -> frozenset[int]:
    return frozenset(
        curve_index(verdict, curves)
        for verdict in verdicts
        if verdict.limit is not None and verdict.limit.comparison.startswith(">")
    )


def _labels(assessment: Assessment, language: Language) -> dict[str, str]:
    values = {"zone": assessment.zone, "version": assessment.version, "page": "{page}", "pages": "{pages}"}
    return {name: Text(label.template, label.zh, tuple(values.items())).say(language) for name, label in LABELS.items()}


def _period(assessment: Assessment, language: Language) -> str:
    last = assessment.end - timedelta(days=1)
    start, end = long_day(assessment.start, language), long_day(last, language)
    return f"{start}—{end}" if language == "zh" else f"{start} – {end}"


def _counts(verdicts: Sequence[Verdict], language: Language) -> tuple[WordCount, ...]:
    numbers = Counter(verdict.word for verdict in verdicts)
    return tuple(
        WordCount(
            key=WORD_KEYS[word],
            word=word_text(word, language),
            sign=WORD_SIGNS[word],
            number=numbers[word],
            meaning=WORD_MEANINGS[word].say(language),
        )
        for word in WORD_ORDER
    )


def _books(cards: Sequence[VerdictCard], verdicts: Sequence[Verdict]) -> tuple[BookTable, ...]:
    rank = {WORD_KEYS[word]: place for place, word in enumerate(WORD_ORDER)}
    versions = {verdict.book: verdict.book_version for verdict in verdicts}
    tables = []
    for book in sorted(versions):
        members = sorted((card for card in cards if card.book == book), key=lambda card: (rank[card.key], card.id))
        tables.append(
            BookTable(
                title=members[0].book_title,
                version=versions[book],
                open=tuple(card for card in members if rank[card.key] < rank[WORD_KEYS[Word.MET]]),
                settled=tuple(card for card in members if card.key == WORD_KEYS[Word.MET]),
                absent=_absent([card for card in members if card.key == WORD_KEYS[Word.NOT_APPLICABLE]]),
            )
        )
    return tuple(tables)


def _absent(cards: Sequence[VerdictCard]) -> tuple[AbsentRow, ...]:
    gathered: dict[tuple[str, str], list[VerdictCard]] = {}
    for card in cards:
        gathered.setdefault((card.title, card.clause), []).append(card)
    return tuple(
        AbsentRow(
            title=title,
            clause=clause,
            word=members[0].word,
            sign=members[0].sign,
            key=members[0].key,
            subjects=", ".join(dict.fromkeys(card.subject_id for card in members)),
            cards=tuple(members),
        )
        for (title, clause), members in gathered.items()
    )


def _summary(
    assessment: Assessment,
    verdicts: Sequence[Verdict],
    quality: Sequence[QualityGroup],
    records: Sequence[RecordGroup],
    language: Language,
) -> tuple[str, ...]:
    numbers = Counter(verdict.word for verdict in verdicts)
    sentences = [
        text(
            "{plant} was judged as of {at} for the period {period}. Of {all} requirements, the verdict is “not met” "
            "for {not_met}, “partly” for {partly}, “not known” for {not_known}, “met” for {met} and “not applicable” "
            "for {not_applicable}.",
            plant=assessment.plant_name or assessment.plant_id,
            at=long_day(assessment.at, language),
            period=_period(assessment, language),
            all=len(verdicts),
            not_met=numbers[Word.NOT_MET],
            partly=numbers[Word.PARTLY],
            not_known=numbers[Word.NOT_KNOWN],
            met=numbers[Word.MET],
            not_applicable=numbers[Word.NOT_APPLICABLE],
        )
    ]
    refused = sum(group.total for group in quality if group.severity_key == "refused")
    if quality:
        sentences.append(
            text(
                "Kinds of defect in the records: {kinds}; values concerned: {values}, of which refused: {refused}.",
                kinds=len(quality),
                values=count(sum(group.total for group in quality)),
                refused=count(refused),
            )
        )
    over = [v for v in verdicts if v.word is Word.NOT_MET and 1.0 < distance(v) < float("inf")]
    if over:
        worst = max(over, key=distance)
        assert worst.limit is not None  # noqa: S101  (a finite distance has a limit)
        sentences.append(
            text(
                "Furthest beyond its limit: {title}, {subject}, with {value} against {limit}.",
                title=pretty_text(worst.title.say(language)),
                subject=subject_text(worst, language),
                value=shown_with_unit(worst.figure_value, worst.figure_unit, worst.limit.value),
                limit=shown_limit_with_unit(worst.limit.value, worst.limit.unit, worst.limit.comparison),
            )
        )
    named_records = [group for group in records if group.record]
    if named_records and named_records[0].alone > 1:
        sentences.append(
            text(
                "The one record that would settle most open verdicts ({alone}): {record}",
                alone=named_records[0].alone,
                record=named_records[0].record,
            )
        )
    sentences.extend(_unheard(verdicts))
    return tuple(sentence.say(language) for sentence in sentences)


def _unheard(verdicts: Sequence[Verdict]) -> Iterable[Text]:
    """Return the sentence that names the books of which nothing is on record, if there are some."""
    silent = silent_books(verdicts)
    if silent:
        waiting = sum(verdict.book in silent and verdict.word is Word.NOT_KNOWN for verdict in verdicts)
        yield text(
            "Nothing is on record yet for {books} rulebooks ({waiting} requirements): {names}.",
            books=len(silent),
            waiting=waiting,
            names=", ".join(sorted(silent)),
        )
