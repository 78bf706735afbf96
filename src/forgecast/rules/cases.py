"""The cases of a rulebook: sentences with facts and the word expected, run against the book they belong to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from forgecast.ground.dates import CHINA, HOUR_US, day_start_us
from forgecast.ground.errors import BookError
from forgecast.ground.texts import Text, bilingual, text
from forgecast.rules.book import Book, Overlay, Policy
from forgecast.rules.decision import Uncertainty
from forgecast.rules.evaluate import judge
from forgecast.rules.fact import AnyFigure, Fact, FactBase, FactValue, Figure, HourlyFigure, Origin, Subject
from forgecast.rules.overlay import overlay_of, with_overlay
from forgecast.rules.reference import reference_value
from forgecast.rules.source import Entry, read_yaml
from forgecast.rules.verdict import Word

POLICY = Policy(minimum_coverage=0.75)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")

_CASE_FIELDS = (
    "id", "en", "zh", "requirement", "reference", "subject", "site", "facts", "figures", "at", "until",
    "overlay", "expect",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Case:
    """One sentence that must come true.

    Parameters
    ----------
    id : str
    sentence : Text
    requirement : str
        Id of the requirement judged; empty where a reference value is asked.
    reference : str
        Quantity asked (``oxygen``); empty where a requirement is judged.
    facts : FactBase
    subject : Subject
    overlay : Overlay or None
        Laid on before judging.
    expect : str
        One of the five words; for a reference a number, ``as measured``, ``unclear`` (the clause) or
        ``not known`` (the facts).
    entry : str
    """

    id: str
    sentence: Text
    requirement: str
    reference: str
    facts: FactBase
    subject: Subject
    overlay: Overlay | None
    expect: str
    entry: str


def cases_from(content: str, *, name: str) -> tuple[Case, ...]:
    """Read the cases of a book.

    Raises
    ------
    BookError
        With place and repair, where a case is not complete.
    """
    place = f"{name}/cases.yaml"
    document = Entry.of(read_yaml(content, place), place).only("defaults", "subjects", "overlays", "cases")
    defaults = (document.entry("defaults") if document.has("defaults") else Entry({}, place)).only("site", "at")
    subjects = document.entry("subjects") if document.has("subjects") else Entry({}, place)
    overlays = {
        overlay.id: overlay
        for overlay in (
            overlay_of(document.entry("overlays").entry(key), name=key)
            for key in (document.entry("overlays").data if document.has("overlays") else ())
        )
    }
    return tuple(_case(entry, defaults, subjects, overlays) for entry in document.entries("cases"))


def _case(entry: Entry, defaults: Entry, subjects: Entry, overlays: Mapping[str, Overlay]) -> Case:
    entry.only(*_CASE_FIELDS)
    start = entry.day("at") or defaults.day("at")
    if start is None:
        entry.word("at")
        raise AssertionError
    end = entry.day("until") or start + timedelta(days=1)
    site = {**_mapping(defaults, "site"), **_mapping(entry, "site")}
    # `subject: cupola` takes the facts of that name from the head of the file; `stack` alone starts empty.
    named = Entry.of(subjects.data.get(entry.word("subject"), {"kind": entry.word("subject")}), entry.place)
    facts = {k: v for k, v in named.data.items() if k not in {"kind", "id"}} | _mapping(entry, "facts")
    kind = named.word("kind")
    figures = _mapping(entry, "figures")
    owner = Subject(kind, named.word_or("id", "X1"), "X1", _facts(facts, kind), _figures(figures, start, end))
    site_subject = Subject("site", "site", "site", _facts(site, "site"))
    if kind == "site":
        site_subject = owner = Subject("site", "site", "site", _facts({**site, **facts}, "site"), owner.figures)
    if entry.has("overlay") and entry.word("overlay") not in overlays:
        raise BookError(
            text("there is no overlay named {name} in this file", name=entry.word("overlay")),
            where=entry.place,
            repair=text("add it under `overlays`"),
        )
    return Case(
        id=entry.word("id"),
        sentence=bilingual(entry.word("en"), entry.word("zh")),
        requirement=entry.word_or("requirement", ""),
        reference=entry.word_or("reference", ""),
        facts=FactBase(site_subject, () if kind == "site" else (owner,), start, end, frozenset({"site", kind})),
        subject=owner,
        overlay=overlays[entry.word("overlay")] if entry.has("overlay") else None,
        expect=entry.word("expect"),
        entry=entry.place,
    )


def _mapping(entry: Entry, name: str) -> dict[str, object]:
    return dict(entry.entry(name).data) if entry.has(name) else {}


def _origin(place: str) -> Origin:
    return Origin(bilingual("as the case says", "按用例所述"), place)


def _facts(values: Mapping[str, object], kind: str) -> dict[str, Fact]:
    """Return facts; one written as null is missing, and one written as a day (``1997-01-01``) is a date."""
    found = {}
    for name, value in values.items():
        if isinstance(value, str | int | float | bool):
            found[name] = Fact(name, _value(value), "", _origin(f"{kind}.{name}"))
    return found


def _value(written: str | float | bool) -> FactValue:  # noqa: FBT001
    if isinstance(written, str):
        return date.fromisoformat(written) if _DAY.fullmatch(written) else written
    return written if isinstance(written, bool) else float(written)


def _figures(values: Mapping[str, object], start: date, end: date) -> dict[str, tuple[AnyFigure, ...]]:
    """Return figures: a number, ``{value, uncertainty}``, or ``{hours: [...], due: 24}`` from the first midnight on."""
    found: dict[str, tuple[AnyFigure, ...]] = {}
    for name, value in values.items():
        uncertainty = None
        if isinstance(value, Mapping) and "hours" in value:
            found[name] = (_hourly(name, Entry.of(value, f"figures.{name}"), start),)
            continue
        if isinstance(value, Mapping):
            entry = Entry.of(value, f"figures.{name}").only("value", "uncertainty")
            number, uncertainty = entry.number("value"), Uncertainty(absolute=entry.number("uncertainty"))
        elif isinstance(value, int | float):
            number = float(value)
        else:
            continue
        found[name] = (Figure(name, number, "", start, end, _origin(name), None, uncertainty),)
    return found


def _hourly(name: str, entry: Entry, start: date) -> HourlyFigure:
    values = entry.only("hours", "due").data["hours"]
    if not isinstance(values, list) or not all(isinstance(v, int | float) for v in values):
        raise BookError(
            text("{name} is no list of hourly values", name=name),
            where=entry.place,
            repair=text("write hours: [40, 41.5, …], one for each hour from midnight on"),
        )
    first = day_start_us(start, CHINA) // HOUR_US
    due = int(entry.number("due")) if entry.has("due") else len(values)
    return HourlyFigure(
        name, "", first + np.arange(len(values)), np.asarray(values, dtype=np.float64), due, CHINA, _origin(name)
    )


def outcome(book: Book, case: Case) -> str:
    """Return what the book says to a case."""
    laid = book if case.overlay is None else with_overlay(book, case.overlay)
    if case.reference:
        answer = reference_value(laid, case.reference, case.subject, case.facts)
        if not answer.known:
            return str(Word.NOT_KNOWN) if answer.title is None else "unclear"
        return "as measured" if answer.value is None else f"{answer.value:.12g}"
    return str(judge(laid, laid.requirement(case.requirement), case.subject, case.facts, POLICY).word)


def failures(book: Book, cases: Iterable[Case]) -> list[tuple[Case, str]]:
    """Return the cases that do not come true, with what the book says instead."""
    return [(case, said) for case in cases if (said := outcome(book, case)) != case.expect]
