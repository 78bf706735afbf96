"""One sheet for each direction of the index: its indicators, their evidence, and the verdicts that feed it."""

from __future__ import annotations

from collections.abc import Iterable

from forgecast.app.report.numbers import ABSENT, pretty_text, pretty_unit
from forgecast.app.report.words import CONFIDENCE_TEXTS, named
from forgecast.app.standing_report.sheet import Block, Cell, Fact, Facts, Listing, Sheet, Words
from forgecast.app.standing_report.verdicts import verdict_blocks, word_facts
from forgecast.ground.texts import Language, Text, text
from forgecast.rules.index.scheme import Direction, Indicator
from forgecast.rules.index.score import Interval, Reading
from forgecast.rules.verdict import WORD_TEXTS, Verdict, Word
from forgecast.tasks.evidence_of_plant import AGREEMENT_TEXTS, Evidence
from forgecast.tasks.report_standing import Standing

#: Figures of the enterprise, and the record that tells each.
_TOLD_BY: dict[str, Text] = {
    "rd_intensity": text("record `year_figure`, indicators rd_expense and revenue of the same year"),
    "market_share": text("record `year_figure`, indicator market_share"),
    "class_one_rights": text("record `intellectual_property`"),
}


def direction_sheet(found: Standing, direction: Direction, interval: Interval | None, language: Language) -> Sheet:
    """Return the sheet of one direction."""
    verdicts = verdicts_of(found, direction.id)
    blocks: list[Block] = [_facts(direction, interval, language), _indicators(found, direction, language)]
    evidence = _evidence(found, direction, language)
    if evidence.rows:
        blocks.append(evidence)
    if verdicts:
        blocks.append(word_facts(verdicts, language))
    blocks += verdict_blocks(verdicts, found.assessment, found.confidences, language)
    own: list[Direction | Indicator] = [direction, *found.score.scheme.of(direction.id)]
    sources = dict.fromkeys(
        text(
            "{source} ({confidence})",
            source=one.source,
            confidence=named(CONFIDENCE_TEXTS, one.confidence, language),
        ).say(language)
        for one in own
    )
    label = text("Bands and weights: {sources}", sources=("；" if language == "zh" else "; ").join(sources))
    blocks.append(Words((pretty_text(label.say(language)),), small=True))
    return Sheet(direction.id, direction.title.say(language), tuple(blocks))


def verdicts_of(found: Standing, direction: str) -> tuple[Verdict, ...]:
    """Return the verdicts that feed a direction: of the books it counts, and of the figures it reads, on the site."""
    indicators = found.score.scheme.of(direction)
    books = {book for one in indicators if one.kind == "verdicts" for book in one.of.split(";")}
    figures = {one.of for one in indicators if one.kind == "figure"}
    return tuple(
        one
        for one in found.assessment.verdicts
        if one.book in books or (one.subject_kind == "site" and one.figure_name in figures)
    )


def other_verdicts(found: Standing) -> tuple[Verdict, ...]:
    """Return the verdicts that feed no direction."""
    fed = {one.id for direction in found.score.scheme.directions for one in verdicts_of(found, direction.id)}
    return tuple(one for one in found.assessment.verdicts if one.id not in fed)


def would_show(found: Standing, indicator: Indicator, language: Language) -> str:
    """Return which record would show more of an indicator; a dash where all of it is known."""
    reading = found.score.readings.get(indicator.id)
    if reading is None or reading.known >= 1.0:
        return ABSENT
    if indicator.kind == "evidence":
        said = next(one.proof for one in found.evidence if one.id == indicator.of)
    elif indicator.kind == "figure":
        said = _figure_record(found, indicator, reading)
    else:
        return _most_asked(found, indicator, reading, language)
    return pretty_text(said.say(language))


def would_raise(found: Standing, indicator: Indicator, language: Language) -> str:
    """Return what raises an indicator: the record that shows more of it, or what is to be done better."""
    reading = found.score.readings.get(indicator.id)
    if reading is None or reading.known < 1.0:
        return would_show(found, indicator, language)
    if indicator.kind == "evidence":
        said = next(one.proof for one in found.evidence if one.id == indicator.of)
    elif indicator.best is not None:
        best = f"{indicator.best:g} {indicator.unit}".strip()
        said = text("now {value}; {best} earns all of it", value=reading.shown, best=best)
    else:
        missed = sum(
            one.book in indicator.of.split(";") and one.word is Word.NOT_MET for one in found.assessment.verdicts
        )
        said = text("{count} verdicts are not met", count=missed)
    return pretty_text(said.say(language)).replace(" -", " −")


def _figure_record(found: Standing, indicator: Indicator, reading: Reading) -> Text:
    for one in found.assessment.figures:
        if one.id == indicator.of and one.why_missing is not None:
            return one.why_missing
    for verdict in found.assessment.verdicts:
        if verdict.figure_name == indicator.of and verdict.missing:
            return verdict.missing[0]
    return _TOLD_BY.get(indicator.of) or reading.why or text("the figure `{name}` is missing", name=indicator.of)


def _most_asked(found: Standing, indicator: Indicator, reading: Reading, language: Language) -> str:
    """Return the record that most open verdicts of the books wait for."""
    waiting: dict[str, int] = {}
    for verdict in found.assessment.verdicts:
        if verdict.book in indicator.of.split(";") and verdict.word in (Word.NOT_KNOWN, Word.PARTLY):
            for missing in verdict.missing:
                said = pretty_text(missing.say(language))
                waiting[said] = waiting.get(said, 0) + 1
    if waiting:
        return max(waiting, key=lambda said: waiting[said])
    return ABSENT if reading.why is None else reading.why.say(language)


def interval_cells(interval: Interval | None) -> tuple[Cell, Cell, Cell, Cell]:
    """Return lowest, highest, over what is known, and how much that is."""
    if interval is None:
        return Cell(ABSENT), Cell(ABSENT), Cell(ABSENT), Cell(ABSENT)
    value = ABSENT if interval.value is None else f"{interval.value:.0f}"
    return (
        Cell(f"{interval.low:.0f}"),
        Cell(f"{interval.high:.0f}"),
        Cell(value),
        Cell(f"{100 * interval.coverage:.0f}"),
    )


def _facts(direction: Direction, interval: Interval | None, language: Language) -> Facts:
    low, high, value, known = (cell.said for cell in interval_cells(interval))
    return Facts(
        (
            Fact(
                text("least to most possible [points]").say(language), ABSENT if interval is None else f"{low}–{high}"
            ),
            Fact(text("over what is known").say(language), value),
            Fact(text("known [%]").say(language), known),
            Fact(text("weight in the index [%]").say(language), f"{100 * direction.weight:.1f}"),
        )
    )


def _indicators(found: Standing, direction: Direction, language: Language) -> Listing:
    heads = (text("Indicator"), text("weight [%]"), text("value"), text("band (worst … best)"), text("known [%]"),
             text("earned [%]"), text("Evidence"), text("Would show more"))  # fmt: skip
    rows = tuple(_indicator(found, one, language) for one in found.score.scheme.of(direction.id))
    return Listing(
        text("Indicators").say(language),
        tuple(one.say(language) for one in heads),
        rows,
        (3.4, 0, 0, 2.0, 0, 0, 2.4, 3.6),
        frozenset({1, 2, 4, 5}),
    )


def _indicator(found: Standing, one: Indicator, language: Language) -> tuple[Cell, ...]:
    reading = found.score.readings.get(one.id)
    band = ABSENT if one.worst is None else f"{one.worst:g} … {one.best:g} {pretty_unit(one.unit)}".strip()
    known = earned = ABSENT
    if reading is None:
        value = Cell(text("does not apply").say(language))
    elif reading.known == 0.0:
        value = Cell(WORD_TEXTS[Word.NOT_KNOWN].say(language), "", "not-known")
        known = "0"
    else:
        value = Cell(pretty_text(reading.shown).replace("-", "−"))
        known, earned = f"{100 * reading.known:.0f}", f"{100 * reading.earned / reading.known:.0f}"
    return (
        Cell(one.title.say(language)),
        Cell(f"{100 * one.weight:.0f}"),
        value,
        Cell(band.replace("-", "−")),
        Cell(known),
        Cell(earned),
        Cell(_shown_how(found, one, reading).say(language)),
        Cell(would_show(found, one, language)),
    )


def _shown_how(found: Standing, indicator: Indicator, reading: Reading | None) -> Text:
    if indicator.kind == "evidence":
        return _kind(next(one for one in found.evidence if one.id == indicator.of))
    if reading is None:
        return text("does not apply")
    return text("derived from records") if reading.known > 0.0 else WORD_TEXTS[Word.NOT_KNOWN]


def _kind(one: Evidence) -> Text:
    if one.shown.degree is None:
        return WORD_TEXTS[Word.NOT_KNOWN] if one.claim is None else text("claimed only: earns nothing")
    if one.claim is None:
        return text("derived from records")
    return text("derived and claimed: {agreement}", agreement=AGREEMENT_TEXTS[one.agreement])


def _evidence(found: Standing, direction: Direction, language: Language) -> Listing:
    asked = [one.of for one in found.score.scheme.of(direction.id) if one.kind == "evidence"]
    heads = (text("Question"), text("seen in the records"), text("shown [%]"), text("claimed [%]"), text("reconciled"),
             text("would prove it"))  # fmt: skip
    return Listing(
        text("Evidence").say(language),
        tuple(one.say(language) for one in heads),
        tuple(_evidence_rows((one for one in found.evidence if one.id in asked), language)),
        (2.8, 4.0, 0, 0, 2.2, 4.4),
        frozenset({2, 3}),
    )


def _evidence_rows(items: Iterable[Evidence], language: Language) -> Iterable[tuple[Cell, ...]]:
    for one in items:
        old = ""
        if one.fresh is False:
            old = text("too old: the newest row is {age} days old, {limit} are allowed", age=one.age_days or 0,
                       limit=one.fresh_days or 0).say(language)  # fmt: skip
        yield (
            Cell(one.title.say(language)),
            Cell(pretty_text(one.shown.figure.say(language)), old),
            Cell(ABSENT if one.degree is None else f"{100 * one.degree:.0f}"),
            Cell(ABSENT if one.claim is None else f"{100 * one.claim.degree:.0f}"),
            Cell(AGREEMENT_TEXTS[one.agreement].say(language)),
            Cell(pretty_text(one.proof.say(language))),
        )
