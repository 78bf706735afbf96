"""Judge a plant by all its books: gather its facts, lay on its overlays and permit limits, give every verdict."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from forgecast.ground.finding import Finding
from forgecast.rules.book import Book, Policy
from forgecast.rules.decision import Uncertainty
from forgecast.rules.evaluate import evaluate
from forgecast.rules.fact import AnyFigure, FactBase, Subject, WindowFigure
from forgecast.rules.overlay import PermitLimit, permit_book, permit_overlay, with_overlay
from forgecast.rules.shelf import full_shelf
from forgecast.rules.verdict import Verdict, Word
from forgecast.tasks.join_record_facts import with_record_facts
from forgecast.tasks.permit_limits import permit_limits, without_law
from forgecast.tasks.plant_facts import PlantFacts, plant_facts
from forgecast.tasks.plant_view import PlantView, Row

#: The book whose reference oxygen and standard state stacks are brought to.
EMISSION_BOOK = "gb_39726_2020"
#: An uncertainty that holds for every subject.
EVERY = "all"


@dataclass(frozen=True, slots=True)
class JudgedPlant:
    """What a plant was judged by, and what came of it.

    Parameters
    ----------
    books : tuple of Book
        With overlays and permit limits laid on; the permit's own book last, where it limits what the law does not.
    facts : PlantFacts
    policy : Policy
    verdicts : tuple of Verdict
        In the order of books, requirements and subjects.
    findings : tuple of Finding
    """

    books: tuple[Book, ...]
    facts: PlantFacts
    policy: Policy
    verdicts: tuple[Verdict, ...]
    findings: tuple[Finding, ...]


def judge_plant(
    view: PlantView,
    *,
    progress: Callable[[float], None] | None = None,
    replaced: Callable[[FactBase], FactBase] | None = None,
) -> JudgedPlant:
    """Judge a plant for the period of a view.

    Parameters
    ----------
    view : PlantView
    progress : callable or None
        Told the fraction done.
    replaced : callable or None
        Changes the facts before they are judged ("what if").
    """
    tell = progress or (lambda _done: None)
    limits, undated = permit_limits(view)
    books = assessed_books(view, limits)
    tell(0.1)
    emission = next(book for book in books if book.id == EMISSION_BOOK)
    facts = plant_facts(view, emission, *(b for b in books if b.references and b is not emission))
    base = with_uncertainties(with_record_facts(view, facts.base), view.rows("measurement_uncertainty"))
    facts = replace(facts, base=base if replaced is None else replaced(base))
    tell(0.7)
    settings = view.folder.settings
    policy = Policy(minimum_coverage=settings.minimum_coverage, decision=settings.decision_rule)
    verdicts = evaluate(books, facts.base, policy=policy)
    beside = without_law(limits, verdicts)
    if beside:
        permit = permit_book(beside, version=view.at.isoformat())
        books = (*books, permit)
        verdicts = (
            *verdicts,
            *(v for v in evaluate(permit, facts.base, policy=policy) if v.word is not Word.NOT_APPLICABLE),
        )
    tell(1.0)
    return JudgedPlant(books, facts, policy, verdicts, (*undated, *facts.findings))


def assessed_books(view: PlantView, limits: tuple[PermitLimit, ...]) -> tuple[Book, ...]:
    """Return the books a plant is assessed by: those shipped and its own, with its overlays and permit limits on."""
    books = full_shelf([view.folder.path / "books"]).overlaid()
    if not limits:
        return books
    return tuple(
        with_overlay(book, permit_overlay(book, limits, version=view.at.isoformat()))
        if book.id == EMISSION_BOOK
        else book
        for book in books
    )


def with_uncertainties(base: FactBase, rows: Iterable[Row]) -> FactBase:
    """Return facts whose figures carry the uncertainties on record.

    Parameters
    ----------
    base : FactBase
    rows : iterable of Row
        Of the record `measurement_uncertainty`: `quantity` is the name of a figure, `instrument` the subject it was
        measured on (``DA001``) or ``all``; the uncertainty is in the unit of the figure as it is judged.

    Returns
    -------
    FactBase
        A figure that states its own uncertainty keeps it; one row for the subject goes before one for all.
    """
    stated: dict[tuple[str, str], Uncertainty] = {}
    for row in rows:
        standard = row.number_of("expanded") / row.number_of("coverage_factor")
        if standard >= 0.0:
            stated[row.text("quantity"), row.text("instrument")] = Uncertainty(absolute=standard)
    if not stated:
        return base

    def told(figure: AnyFigure, owner: Subject) -> AnyFigure:
        known = stated.get((figure.name, owner.id)) or stated.get((figure.name, EVERY))
        if known is None or figure.uncertainty is not None or isinstance(figure, WindowFigure):
            return figure
        return replace(figure, uncertainty=known)

    def of(owner: Subject) -> Subject:
        return replace(
            owner, figures={name: tuple(told(f, owner) for f in some) for name, some in owner.figures.items()}
        )

    return replace(base, site=of(base.site), subjects=tuple(of(owner) for owner in base.subjects))
