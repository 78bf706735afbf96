"""The first sheet: the index as an interval, the seven directions, the counts of words, and what would raise it."""

from __future__ import annotations

from forgecast.app.report.numbers import ABSENT
from forgecast.app.standing.radar import draw_radar
from forgecast.app.standing_report.directions import interval_cells, verdicts_of, would_raise
from forgecast.app.standing_report.drawn import picture_of
from forgecast.app.standing_report.sheet import Cell, Fact, Facts, Listing, Sheet, Words
from forgecast.app.standing_report.verdicts import word_facts
from forgecast.ground.texts import Language, text
from forgecast.rules.verdict import WORD_TEXTS, Word
from forgecast.tasks.report_standing import Standing
from forgecast.tasks.score_plant import scheme_note

#: So many levers are shown.
_LEVERS = 6


def first_sheet(found: Standing, language: Language) -> Sheet:
    """Return the first sheet."""
    total, band = found.score.score.total, found.score.band
    low, high, value, known = (cell.said for cell in interval_cells(total))
    facts = Facts(
        (
            Fact(text("index, least to most possible of 100").say(language), f"{low}–{high}"),
            Fact(text("over what is known").say(language), value),
            Fact(text("known [%]").say(language), known),
            Fact(text("under other weights").say(language), f"{band.low:.0f}–{band.high:.0f}"),
        )
    )
    said = text(
        "The development index lies between {low} and {high} of 100 points, because {open} % of it is not known. What "
        "is not known counts neither for nor against the plant.",
        low=low,
        high=high,
        open=f"{100.0 - 100.0 * total.coverage:.0f}",
    )
    alt = text("Radar of the seven directions: least possible, most possible, and over what is known")
    return Sheet(
        "index",
        text("Development index").say(language),
        (
            facts,
            Words((said.say(language),)),
            # On paper the page itself has the title and the note of the picture.
            picture_of(
                lambda path: draw_radar(found.score, path, language), alt.say(language), share=0.74, cut=(0.085, 0.06)
            ),
            word_facts(found.assessment.verdicts, language),
            _directions(found, language),
            _levers(found, language),
            Words((scheme_note().say(language),), small=True),
        ),
    )


def _directions(found: Standing, language: Language) -> Listing:
    rows = []
    for one in found.score.score.directions:
        verdicts = verdicts_of(found, one.direction.id)
        missed, unknown = (sum(v.word is word for v in verdicts) for word in (Word.NOT_MET, Word.NOT_KNOWN))
        rows.append(
            (
                Cell(one.direction.title.say(language)),
                *interval_cells(one.interval),
                Cell(str(missed) if verdicts else ABSENT),
                Cell(str(unknown) if verdicts else ABSENT),
            )
        )
    heads = (text("Direction"), text("least possible"), text("most possible"), text("over what is known"),
             text("known [%]"), WORD_TEXTS[Word.NOT_MET], WORD_TEXTS[Word.NOT_KNOWN])  # fmt: skip
    return Listing(
        text("Directions").say(language),
        tuple(one.say(language) for one in heads),
        tuple(rows),
        (1, 0, 0, 0, 0, 0, 0),
        frozenset(range(1, 7)),
    )


def _levers(found: Standing, language: Language) -> Listing:
    levers = [one for one in found.score.score.levers if one.by_doing + one.by_showing >= 0.05][:_LEVERS]
    rows = tuple(
        (
            Cell(one.indicator.title.say(language)),
            Cell(_points(one.by_doing)),
            Cell(_points(one.by_showing)),
            Cell(would_raise(found, one.indicator, language)),
        )
        for one in levers
    )
    heads = (text("Indicator"), text("by doing better"), text("by showing it"), text("What to do"))
    return Listing(
        text("What would raise it most [points]").say(language),
        tuple(one.say(language) for one in heads),
        rows,
        (3.4, 0, 0, 6.0),
        frozenset({1, 2}),
        empty=text("Everything is known and earned.").say(language),
    )


def _points(value: float) -> str:
    return f"{value:.1f}" if value >= 0.05 else ABSENT
