"""The words of a report: headings, labels, the five words of a verdict and what each means."""

from __future__ import annotations

from functools import lru_cache

from forgecast.ground.finding import Severity
from forgecast.ground.texts import Language, Text, bilingual, text
from forgecast.plant.record import records
from forgecast.rules.verdict import CONFIDENCE_TEXTS as RULE_CONFIDENCE_TEXTS
from forgecast.rules.verdict import WORD_TEXTS, Word

#: Order in which the words are counted and shown: what needs attention first.
WORD_ORDER = (Word.NOT_MET, Word.PARTLY, Word.NOT_KNOWN, Word.MET, Word.NOT_APPLICABLE)

#: A sign beside each word, so that colour is never needed to tell them apart.
WORD_SIGNS: dict[Word, str] = {
    Word.NOT_MET: "×",
    Word.PARTLY: "◐",
    Word.NOT_KNOWN: "?",
    Word.MET: "✓",
    Word.NOT_APPLICABLE: "–",
}

WORD_KEYS: dict[Word, str] = {
    Word.NOT_MET: "not-met",
    Word.PARTLY: "partly",
    Word.NOT_KNOWN: "not-known",
    Word.MET: "met",
    Word.NOT_APPLICABLE: "not-applicable",
}

WORD_MEANINGS: dict[Word, Text] = {
    Word.NOT_MET: text(
        "The records show that the requirement was broken, for a single hour at least. The worst value, the hours and "
        "the rows are named."
    ),
    Word.PARTLY: text(
        "The requirement is kept in part: some of what it asks is shown by the records, or a goal is under way but not "
        "yet reached."
    ),
    Word.NOT_KNOWN: text(
        "The records do not allow an answer, or the number of the rule is not verified. This is neither good nor bad; "
        "the record that would settle it is named."
    ),
    Word.MET: text("The records cover the requirement and show that it was kept throughout the period."),
    Word.NOT_APPLICABLE: text("The requirement does not address this plant, machine, stack or period."),
}

SEVERITY_TEXTS: dict[Severity, Text] = {
    Severity.REFUSED: text("refused"),
    Severity.DOUBTFUL: text("doubtful"),
    Severity.NOTE: text("note"),
}

SEVERITY_MEANINGS: dict[Severity, Text] = {
    Severity.REFUSED: text("left out; no figure rests on it"),
    Severity.DOUBTFUL: text("kept, but somebody should look at it"),
    Severity.NOTE: text("worth knowing"),
}

CONFIDENCE_TEXTS: dict[str, Text] = {
    **{str(confidence): name for confidence, name in RULE_CONFIDENCE_TEXTS.items()},
    "declared": text("declared by this program"),
}

SUBJECT_TEXTS: dict[str, Text] = {
    "site": text("Site"),
    "stack": text("Stack"),
    "equipment": text("Equipment"),
    "process": text("Process"),
    "measure": text("Measure"),
    "permit": text("Permit"),
    "project": text("Project"),
    "honour": text("Title held"),
    "investment": text("Purchase"),
    "industry": text("Industry"),
}

GROUP_TEXTS: dict[str, Text] = {
    "production": text("Production"),
    "quality": text("Quality"),
    "energy": text("Energy"),
    "carbon": text("Carbon"),
    "environment": text("Environment"),
    "resources": text("Resources"),
}

NODE_TEXTS: dict[str, Text] = {
    "clause": text("clause"),
    "applies": text("applies"),
    "state": text("state"),
    "limit": text("limit"),
    "figure": text("figure"),
    "fact": text("fact"),
    "row": text("row"),
    "missing": text("missing"),
}

#: Words a verdict's tree holds as values; everything else there is a number, a date or the plant's own words.
VALUE_TEXTS: dict[str, Text] = {
    "true": bilingual("true", "是"),
    "false": bilingual("false", "否"),
    "unknown": bilingual("unknown", "未知"),
    **{str(word): said for word, said in WORD_TEXTS.items()},
}

LABELS: dict[str, Text] = {
    "assessment": text("Plant assessment"),
    "period": text("Period"),
    "judged": text("Judged as of"),
    "plant_id": text("Plant number"),
    "zone": text("Time zone"),
    "quality": text("Data quality"),
    "not_met": text("What is not met"),
    "partly": text("What is partly met"),
    "not_known": text("What is not known, and which record would settle it"),
    "figures": text("Key figures"),
    "curves": text("Further curves"),
    "verdicts": text("All verdicts"),
    "sources": text("Where everything came from"),
    "guide": text("How to read this report"),
    "nav_quality": text("Data quality"),
    "nav_not_met": text("Not met"),
    "nav_partly": text("Partly met"),
    "nav_not_known": text("Not known"),
    "nav_figures": text("Key figures"),
    "nav_verdicts": text("All verdicts"),
    "nav_sources": text("Sources"),
    "nav_guide": text("How to read"),
    "skip": text("To the content"),
    "what": text("What"),
    "where": text("Where"),
    "count": text("Count"),
    "repair": text("Repair"),
    "requirement": text("Requirement"),
    "subject": text("Subject"),
    "word": text("Verdict"),
    "value": text("Value"),
    "worst_value": text("Deciding value"),
    "worst_hour": text("Worst hour"),
    "limit": text("Limit"),
    "hours_over": text("Hours over"),
    "hours": text("Hours"),
    "clause": text("Clause"),
    "source": text("Source"),
    "from": text("From"),
    "to": text("To"),
    "worst": text("Worst"),
    "missing": text("Would complete it"),
    "reasons": text("Why"),
    "why": text("The way to this verdict"),
    "name": text("Verdict id"),
    "figure": text("Figure"),
    "trend": text("Trend by month"),
    "trend_short": text("Months"),
    "change": text("Change in a year"),
    "files": text("Imported files"),
    "file": text("File"),
    "sha256": text("SHA-256"),
    "imported": text("Imported"),
    "rows": text("Rows"),
    "fed": text("Fed"),
    "citations": text("Books, factors and methods"),
    "edition": text("Edition"),
    "confidence": text("How well known"),
    "value_axis": text("Value"),
    "time_axis": text("Time ({zone})"),
    "over_axis": text("over the limit"),
    "gap_axis": text("no valid value"),
    "series_axis": text("measured"),
    "version": text("Forgecast {version}"),
    "page": text("Page {page} of {pages}"),
    "synthetic_short": text("SYNTHETIC"),
    "synthetic": text("Synthetic: the records behind this report are made up. It describes no real plant."),
    "no_findings": text("No defect was found in the records."),
    "none_not_met": text("No requirement was found broken."),
    "none_partly": text("No requirement is met only in part."),
    "none_not_known": text("Every requirement could be judged."),
    "no_figures": text("No key figure was computed."),
    "no_verdicts": text("No requirement was judged."),
    "no_files": text("No file was imported."),
    "no_citations": text("No book or table was used."),
    "unverified": text("The limit is not verified; it decides nothing."),
    "words": text("The five words"),
    "weights": text("The weight of a defect"),
    "sureness": text("How well a number is known"),
    "principles": text("What this report rests on"),
}

PRINCIPLES: tuple[Text, ...] = (
    text(
        "A missing value stays missing. It is never taken as zero, as “no” or as “met”; what depends on it is “not "
        "known”."
    ),
    text("Every number of law or science carries its source. A number nobody has verified decides nothing."),
    text("Values are rounded for reading, never across a limit: a value above its limit is always printed above it."),
    text("Each verdict can be asked for its reasons, down to file and row: forgecast why PLANT VERDICT-ID."),
    text("This report is computed from the plant's own records. It replaces no inspection and no legal advice."),
)


def label(name: str, language: Language) -> str:
    """Return a label in one language."""
    return LABELS[name].say(language)


def word_text(word: Word, language: Language) -> str:
    """Return a verdict's word in one language."""
    return WORD_TEXTS[word].say(language)


@lru_cache(maxsize=1)
def code_names() -> tuple[str, ...]:
    """Return the names that stand in backticks in our sentences and are set off in a report: records, fields, keys."""
    keys = {"day_first", "met", "missing", "partly", "time", "books"}
    fields = {field.name for record in records().values() for field in record.fields}
    return tuple(sorted({*keys, *records(), *fields}))


def named(names: dict[str, Text], key: str, language: Language) -> str:
    """Return the words for a code, or the code itself where nobody has named it."""
    known = names.get(key)
    return key.replace("_", " ") if known is None else known.say(language)
