"""Assess a plant: gather its facts, run the sciences, apply the rulebooks, and return one assessment."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date

import numpy as np

import forgecast
from forgecast.energy.factor import Factor
from forgecast.ground.dates import HOUR_US, from_us
from forgecast.ground.finding import Finding, Severity
from forgecast.ground.texts import Text, text, verbatim
from forgecast.rules.book import Book
from forgecast.rules.decision import DECISION_TEXTS
from forgecast.rules.verdict import Verdict, Word
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.assessment import Assessment, Citation, Curve, SourceFile
from forgecast.tasks.data_quality import data_quality
from forgecast.tasks.energy_figures import energy_figures
from forgecast.tasks.judge_plant import judge_plant
from forgecast.tasks.plant_facts import PlantFacts
from forgecast.tasks.plant_view import PlantView, period_of
from forgecast.tasks.record_figures import emission_figures, production_figures, resource_figures
from forgecast.tasks.scrap_figures import scrap_figures

WORD_ORDER = (Word.NOT_MET, Word.PARTLY, Word.NOT_KNOWN, Word.MET, Word.NOT_APPLICABLE)
SEVERITY_ORDER = (Severity.REFUSED, Severity.DOUBTFUL, Severity.NOTE)


def assess_plant(
    folder: PlantFolder, *, at: date | None = None, progress: Callable[[float], None] | None = None
) -> Assessment:
    """Assess a plant over the twelve whole months up to a day.

    Parameters
    ----------
    folder : PlantFolder
    at : date or None
        Day as of which it is judged; None means the day of its last record or reading.
    progress : callable or None
        Told the fraction done.

    Raises
    ------
    ForgecastError
        If the plant holds nothing with a date, or a file it needs is damaged.
    """
    tell = progress or (lambda _done: None)
    period, day = period_of(folder, at)
    view = PlantView(folder, period, day)
    judged = judge_plant(view, progress=lambda done: tell(0.7 * done))
    facts, verdicts = judged.facts, judged.verdicts
    energy = energy_figures(view)
    production, doubts = production_figures(view)
    scrap, signals = scrap_figures(view)
    figures = (
        *production,
        *scrap,
        *energy.figures,
        *emission_figures(view, facts.stacks),
        *resource_figures(view),
    )
    findings = (
        *folder.records.findings(),
        *data_quality(view),
        *judged.findings,
        *energy.findings,
        *doubts,
        *signals,
    )
    tell(1.0)
    return Assessment(
        plant_id=folder.settings.id,
        plant_name=folder.settings.name,
        zone=folder.settings.zone,
        synthetic=folder.settings.synthetic,
        at=day,
        start=period.start,
        end=period.end,
        findings=tuple(sorted(findings, key=_finding_order)),
        verdicts=tuple(sorted(verdicts, key=lambda v: WORD_ORDER.index(v.word))),
        figures=figures,
        curves=(*_exceeded(view, facts, verdicts), *energy.curves),
        files=_files(folder),
        citations=(*_cited_books(judged.books), *_cited_factors(energy.factors), *_methods(folder)),
        version=forgecast.__version__,
    )


def _finding_order(finding: Finding) -> tuple[int, str, str]:
    return SEVERITY_ORDER.index(finding.severity), finding.code, str(finding.place)


def _exceeded(view: PlantView, facts: PlantFacts, verdicts: Iterable[Verdict]) -> list[Curve]:
    """Return the hourly curve of every figure that went over its limit in some hour."""
    first, end = view.hours
    hours: tuple[str, ...] = ()
    curves = []
    for verdict in verdicts:
        hourly = (
            facts.stacks[verdict.subject_id].hourly
            if verdict.subject_kind == "stack" and verdict.subject_id in facts.stacks
            else {}
        )
        values = hourly.get(verdict.figure_name)
        if not verdict.hours_over or verdict.limit is None or values is None:
            continue
        hours = hours or tuple(from_us(hour * HOUR_US, view.zone).isoformat() for hour in range(first, end))
        curves.append(
            Curve(
                id=verdict.id,
                unit=verdict.figure_unit,
                title=text("{title} — {stack}", title=verdict.title, stack=verdict.subject_name),
                t=hours,
                values=tuple(float(value) if np.isfinite(value) else None for value in values),
                limit=verdict.limit.value,
                limit_title=text("limit {clause}", clause=verdict.limit.clause),
            )
        )
    return curves


def _files(folder: PlantFolder) -> tuple[SourceFile, ...]:
    return tuple(
        SourceFile(
            name=file.name,
            sha256=file.sha256,
            imported_at=from_us(file.imported_at).isoformat(),
            fed=", ".join(file.fed),
            rows=sum(count for name, count in file.counts.items() if not name.endswith("refused")),
        )
        for file in folder.records.imports()
    )


def _cited_books(books: Iterable[Book]) -> Iterable[Citation]:
    for book in books:
        levels = [str(value.confidence) for requirement in book.requirements for value in requirement.values]
        weakest = next((level for level in ("unverified", "secondary") if level in levels), "primary")
        source = verbatim(f"{book.id} · SHA-256 {book.digest[:12]}")
        yield Citation(book.id, book.title, book.version, source, weakest)


def _cited_factors(factors: Iterable[Factor]) -> Iterable[Citation]:
    for factor in factors:
        name = f"{factor.kind}/{factor.carrier}"
        yield Citation(name, factor.quantity(), factor.edition, factor.source, str(factor.confidence))


def _methods(folder: PlantFolder) -> Iterable[Citation]:
    settings = folder.settings
    shares: tuple[tuple[Text, str], ...] = (
        (
            text("an hour is valid from {share} % good readings on", share=round(100 * settings.valid_hour_share, 1)),
            "environment.valid_hour_share",
        ),
        (
            text(
                "a stretch without exceedance is `met` only if {share} % of the due hours are valid, else `partly`",
                share=round(100 * settings.minimum_coverage, 1),
            ),
            "environment.minimum_coverage",
        ),
        (DECISION_TEXTS[settings.decision_rule], "environment.decision_rule"),
    )
    for what, name in shares:
        yield Citation(name, what, "", verbatim(f"plant.toml: {name}"), "declared")
