"""What the index is computed from: words of books, figures and evidence, and how each becomes a reading."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from forgecast.ground.texts import Text, text
from forgecast.rules.index.scheme import Indicator, Scheme
from forgecast.rules.index.score import Reading
from forgecast.rules.verdict import Verdict, Word

#: Figures that make sense only for a plant of this route, and the figure that says whether it has it.
ROUTE_OF: Mapping[str, str] = {
    "yield_casting": "good_casting",
    "scrap_casting": "good_casting",
    "pm_emission_change": "good_casting",
    "yield_forging": "good_forging",
    "scrap_forging": "good_forging",
    "forging_energy_change": "good_forging",
}


@dataclass(frozen=True, slots=True)
class IndexInputs:
    """What is known of one plant for the index.

    Parameters
    ----------
    words : mapping of str to mapping of str to int
        By book: how many verdicts of each word.
    figures : mapping of str to float or None
        None: it could not be computed.
    evidence : mapping of str to float or None
        Degree shown, 0 to 1. What is only claimed is not in here: a claim earns nothing.
    duties_broken : int or None
        Duties that are `not met`; None where no book was applied.
    duties_open : int
        Duties that are `not known` or `partly`.
    beside : frozenset of str
        Figures that a book says do not apply to this plant.
    """

    words: Mapping[str, Mapping[str, int]]
    figures: Mapping[str, float | None]
    evidence: Mapping[str, float | None] = field(default_factory=dict)
    duties_broken: int | None = None
    duties_open: int = 0
    beside: frozenset[str] = frozenset()


def inputs_of(
    verdicts: Iterable[Verdict], figures: Mapping[str, float | None], evidence: Mapping[str, float | None]
) -> IndexInputs:
    """Return the inputs of a plant from its verdicts, its figures and its evidence.

    Figures that a book judged on the site are taken from its verdicts.
    """
    words: dict[str, Counter[str]] = {}
    found = dict(figures)
    broken = unsettled = count = 0
    beside: set[str] = set()
    judged: set[str] = set()
    for verdict in verdicts:
        count += 1
        words.setdefault(verdict.book, Counter())[str(verdict.word)] += 1
        if verdict.force == "duty":
            broken += verdict.word is Word.NOT_MET
            unsettled += verdict.word in (Word.NOT_KNOWN, Word.PARTLY)
        if verdict.subject_kind == "site" and verdict.figure_name:
            if verdict.word is Word.NOT_APPLICABLE:
                beside.add(verdict.figure_name)
            else:
                judged.add(verdict.figure_name)
                found.setdefault(verdict.figure_name, verdict.figure_value)
    return IndexInputs(
        words, found, dict(evidence), broken if count else None, unsettled, frozenset(beside - judged - set(figures))
    )


def readings_of(scheme: Scheme, inputs: IndexInputs) -> dict[str, Reading]:
    """Return the reading of each indicator that applies; one that does not apply is left out."""
    readings = {}
    for indicator in scheme.indicators:
        reading = reading_of(indicator, inputs)
        if reading is not None:
            readings[indicator.id] = reading
    return readings


def reading_of(indicator: Indicator, inputs: IndexInputs) -> Reading | None:
    """Return what is known of one indicator, or None where it does not apply to the plant."""
    if indicator.kind == "verdicts":
        return _of_words(indicator, inputs)
    if indicator.kind == "evidence":
        degree = inputs.evidence.get(indicator.of)
        if degree is None:
            return Reading(0.0, 0.0, "", text("no record shows it"))
        return Reading(1.0, min(max(degree, 0.0), 1.0), f"{100 * degree:.3g} %")
    if indicator.of in inputs.beside or not _of_its_route(indicator.of, inputs):
        return None
    value = inputs.figures.get(indicator.of)
    if value is None or not math.isfinite(value):
        return Reading(0.0, 0.0, "", text("the figure `{name}` is missing", name=indicator.of))
    return Reading(1.0, indicator.earned(value), f"{value:.4g} {indicator.unit}".strip())


def _of_its_route(name: str, inputs: IndexInputs) -> bool:
    """Return whether a figure makes sense for what the plant makes; where that is not known, every figure does."""
    route = ROUTE_OF.get(name)
    known = set(ROUTE_OF.values()) & set(inputs.figures)
    return route is None or not known or route in known


def _of_words(indicator: Indicator, inputs: IndexInputs) -> Reading | None:
    counts: Counter[str] = Counter()
    for book in indicator.of.split(";"):
        counts.update(inputs.words.get(book, {}))
    met, missed = counts[str(Word.MET)], counts[str(Word.NOT_MET)]
    total = met + missed + counts[str(Word.PARTLY)] + counts[str(Word.NOT_KNOWN)]
    if total == 0:
        return None
    open_ = total - met - missed
    why: Text | None = text("{count} verdicts are not known or partly", count=open_) if open_ else None
    return Reading((met + missed) / total, met / total, f"{met}/{total}", why)
