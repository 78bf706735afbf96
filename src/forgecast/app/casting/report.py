"""The page of a run: what was asked, what came out, whether the casting is sound, and what that rests on."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Final

from forgecast import __version__
from forgecast.app.casting.outcome import Cavity, Figure, Judgement, Outcome, Place, Setting, Spot
from forgecast.app.report import fonts
from forgecast.app.report.numbers import ABSENT, long_day, shown_with_unit
from forgecast.app.report.typeset import cleaned, compiled
from forgecast.app.report.words import CONFIDENCE_TEXTS
from forgecast.ground.citation import Source
from forgecast.ground.texts import Language, Text, text
from forgecast.rules.verdict import WORD_TEXTS, Word

#: So many hot spots, cavities and notes stand on the page; all of them stand in the summary.
_MOST: Final = 5

LABELS: Final[dict[str, Text]] = {
    "report": text("Casting simulation"),
    "judgements": text("Is the casting sound?"),
    "no_judgements": text("Soundness was not judged in this run."),
    "criterion": text("Criterion"),
    "word": text("Verdict"),
    "value": text("Value"),
    "threshold": text("Threshold"),
    "basis": text("Why, and where the threshold comes from"),
    "spots": text("Hot spots"),
    "no_spots": text("No hot spot was found."),
    "cavities": text("Shrinkage cavities"),
    "no_cavities": text("No cavity was found."),
    "number": text("No."),
    "lies_in": text("Lies in"),
    "place": text("x, y, z [mm]"),
    "solid_after": text("Solid after"),
    "volume": text("Volume"),
    "figures": text("Figures and residuals"),
    "figure": text("Figure"),
    "inputs": text("Inputs and what they rest on"),
    "input": text("Input"),
    "source": text("Source (how well it is known)"),
    "given": text("given by the caller"),
    "assumed": text("assumed; nobody gave it"),
    "notes": text("To be read with it"),
    "version": text("Forgecast {version}", version=__version__),
}


def write_page(outcome: Outcome, folder: Path, language: Language) -> Path:
    """Write ``report.pdf``; the pictures of the run must lie in the same folder.

    Raises
    ------
    ForgecastError
        If a typeface is not installed.
    """
    data = cleaned(_document(outcome, folder, language), fonts.legible)
    template = resources.files("forgecast.app.casting") / "report.typ"
    path = folder / "report.pdf"
    path.write_bytes(compiled(template.read_bytes(), data, outcome.made, pictures=folder))
    return path


def lead_of(outcome: Outcome) -> Text | None:
    """Return the answer in a sentence, or None where nothing was judged."""
    words = {judgement.word for judgement in outcome.judgements}
    if "not met" in words:
        return text("The casting is not sound by at least one criterion.")
    if "not known" in words:
        return text("Whether the casting is sound is not known: at least one criterion could not be judged.")
    if "met" in words:
        return text("The casting is sound by every criterion that applies.")
    return None


def _document(outcome: Outcome, folder: Path, language: Language) -> dict[str, object]:
    labels = {name: said.say(language) for name, said in LABELS.items()}
    day = outcome.made
    lead = lead_of(outcome)
    left = {"spots": len(outcome.spots), "cavities": len(outcome.cavities)}
    notes = [note.say(language) for note in outcome.notes[:_MOST]]
    if max(left.values()) > _MOST or len(outcome.notes) > _MOST:
        notes.append(text("More hot spots, cavities or notes than fit here stand in summary.json.").say(language))
    return {
        "language": language,
        "labels": labels,
        "version": __version__,
        "document_title": f"{outcome.title} · {labels['report']}",
        "part": outcome.title if len(outcome.title) <= 60 else f"{outcome.title[:59]}…",
        "made": [day.year, day.month, day.day],
        "made_said": f"{long_day(day.date(), language)} {day:%H:%M} {day.tzname() or ''}".strip(),
        "lead": "" if lead is None else lead.say(language),
        "judgements": [_judgement(one, language) for one in outcome.judgements],
        "spots": [_spot(spot, language) for spot in outcome.spots[:_MOST]],
        "cavities": [_cavity(cavity, language) for cavity in outcome.cavities[:_MOST]],
        "figures": [_figure(figure, language) for figure in outcome.figures],
        "residuals": [_figure(figure, language) for figure in outcome.residuals],
        "inputs": [_input(setting, language) for setting in outcome.settings],
        "notes": notes,
        "pictures": _pictures(folder, outcome, language),
        "foot_left": " · ".join(f"{name} SHA-256 {value[:16]}" for name, value in outcome.hashes.items()),
        "foot_right": text("All figures with units, sources and timings: summary.json").say(language),
    }


def _pictures(folder: Path, outcome: Outcome, language: Language) -> list[dict[str, str]]:
    names = {
        "sections.png": text("Three sections of {part} coloured by solidification time", part=outcome.title),
        "hot_spots.png": text("{part} looked through, its hot spots numbered", part=outcome.title),
        "porosity.png": text("{part} as an X-ray would show its voids", part=outcome.title),
    }
    return [{"name": n, "alt": said.say(language)} for n, said in names.items() if (folder / n).is_file()]


def _judgement(judgement: Judgement, language: Language) -> dict[str, str]:
    return {
        "criterion": judgement.criterion.say(language),
        "word": judgement.word,
        "said": WORD_TEXTS[Word(judgement.word)].say(language),
        "value": judgement.value.say(language),
        "threshold": judgement.threshold.say(language),
        "reason": judgement.reason.say(language),
        "source": _source(judgement.source, language),
    }


def _source(source: Source | None, language: Language) -> str:
    if source is None:
        return ""
    return f"{source.source.say(language)} ({CONFIDENCE_TEXTS[source.confidence].say(language)})"


def _input(setting: Setting, language: Language) -> dict[str, str]:
    return {
        "title": setting.title.say(language),
        "value": setting.value.say(language),
        "source": _source(setting.source, language) or LABELS["assumed" if setting.assumed else "given"].say(language),
    }


def _figure(figure: Figure, language: Language) -> dict[str, str]:
    return {
        "title": figure.title.say(language),
        "value": shown_figure(figure),
        "note": "" if figure.note is None else figure.note.say(language),
    }


def shown_figure(figure: Figure) -> str:
    """Return a figure's value and unit as a person reads them; a residual far below one keeps its power of ten."""
    value = figure.value
    if value is not None and figure.unit == "1" and 0 < abs(value) < 1e-3:
        return f"{value:.1e}".replace("e-0", "e-").replace("-", "−")
    return shown_with_unit(value, figure.unit)


def shown_place(place: Place) -> str:
    """Return a place as x, y, z in millimetres."""
    # Adding zero turns a rounded −0.0 into 0.0.
    return ", ".join(f"{round(1000 * part, 1) + 0.0:.1f}" for part in place).replace("-", "−")


def _spot(spot: Spot, language: Language) -> dict[str, str]:
    return {
        "number": str(spot.number),
        "body": spot.body.say(language),
        "place": shown_place(spot.place),
        "value": shown_with_unit(spot.time, "s") if spot.time == spot.time else ABSENT,
    }


def _cavity(cavity: Cavity, language: Language) -> dict[str, str]:
    return {
        "number": str(cavity.number),
        "body": cavity.body.say(language),
        "place": shown_place(cavity.place),
        "value": shown_with_unit(1e6 * cavity.volume, "cm3"),
    }
