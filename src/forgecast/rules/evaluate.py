"""Applying rulebooks to facts: one verdict for each requirement and subject."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import partial

from forgecast.ground.texts import Text, bilingual, text
from forgecast.rules.binding import Binding, Stretch, bind
from forgecast.rules.book import CHECK_TEXTS, Book, Check, Comparison, DatedValue, Policy, Requirement, Window
from forgecast.rules.expression import ALWAYS, Answer, Lack, Need
from forgecast.rules.fact import AnyFigure, FactBase, Figure, HourlyFigure, SampledFigure, Subject, WindowFigure
from forgecast.rules.judging import Finding, judge_figures
from forgecast.rules.scene import SubjectScene
from forgecast.rules.trace import answer_node, decision_nodes, fact_node, figure_node, limit_nodes
from forgecast.rules.verdict import Confidence, Limit, TraceNode, Verdict, Word
from forgecast.rules.window import windowed

#: Subject id of the verdict that says a plant's list of a kind is not known.
ANY = "*"


def evaluate(books: Book | Iterable[Book], facts: FactBase, *, policy: Policy) -> tuple[Verdict, ...]:
    """Return the verdicts of books on a fact base, in the order of books, requirements and subjects.

    Parameters
    ----------
    books : Book or iterable of Book
        With their overlays laid on.
    facts : FactBase
    policy : Policy

    Returns
    -------
    tuple of Verdict
        One for each requirement and subject of its kind. A kind the plant has not listed gives one more verdict,
        `not known`, that names the record to import; a kind listed as empty gives one `not applicable`.
    """
    chosen = (books,) if isinstance(books, Book) else tuple(books)
    return tuple(
        judge(book, requirement, subject, facts, policy)
        for book in chosen
        for requirement in book.requirements
        for subject in judged_subjects(requirement, facts)
    )


def judged_subjects(requirement: Requirement, facts: FactBase) -> tuple[Subject, ...]:
    """Return the subjects a requirement is judged on; `ANY` stands for those a list that is not complete may lack."""
    kind = requirement.kind
    found = facts.of_kind(kind)
    if kind == "site":
        return found
    if requirement.subject_id is not None:
        named = tuple(s for s in found if s.id == requirement.subject_id)
        return named or (Subject(kind, requirement.subject_id, requirement.subject_id),)
    if kind not in facts.complete_kinds or not found:
        return (*found, Subject(kind, ANY, ANY))
    return found


@dataclass(slots=True)
class _Draft:
    """A verdict in the making."""

    word: Word = Word.NOT_KNOWN
    reasons: list[Text] = field(default_factory=list)
    missing: list[Text] = field(default_factory=list)
    nodes: list[TraceNode] = field(default_factory=list)
    finding: Finding | None = None
    limit: DatedValue | None = None


def judge(book: Book, requirement: Requirement, subject: Subject, facts: FactBase, policy: Policy) -> Verdict:
    """Return the verdict of one requirement on one subject."""
    scene = SubjectScene(book, subject, facts, policy)
    draft = _Draft()
    if subject.id == ANY and requirement.kind in facts.complete_kinds:
        draft.word = Word.NOT_APPLICABLE
        draft.reasons.append(text("the record `{record}` lists no such thing", record=requirement.kind))
    else:
        _decide(draft, requirement, scene, facts)
    return _verdict(draft, book, requirement, scene, facts)


def _decide(draft: _Draft, requirement: Requirement, scene: SubjectScene, facts: FactBase) -> None:
    scope, applies = scene.book.scope.evaluate(scene), requirement.applies.evaluate(scene)
    draft.nodes.extend(_applies_nodes(requirement, scene, scope, applies))
    if scope.value is False or applies.value is False:
        draft.word = Word.NOT_APPLICABLE
        if scope.value is False:
            draft.reasons.append(text("outside the scope of the book: {expression}", expression=scene.book.scope.text))
        else:
            draft.reasons.append(text("does not apply: {expression}", expression=requirement.applies.text))
        return
    binding = bind(requirement, scene, facts.start, facts.end)
    draft.nodes.extend(limit_nodes(requirement, binding, scene))
    if not binding.stretches:
        draft.word = Word.NOT_APPLICABLE
        draft.reasons.append(_not_in_force(requirement))
        return
    draft.limit = binding.stretches[-1].binding
    if scene.subject.id == ANY:
        draft.reasons.append(text("no list of the plant's {record} records is complete", record=requirement.kind))
        draft.missing.append(text("import the record `{record}`", record=requirement.kind))
        return
    if scope.value is None or applies.value is None:
        draft.reasons.append(text("whether the requirement applies cannot be told: facts are missing"))
        draft.missing.extend(scene.need_text(need) for need in (*scope.needs, *applies.needs))
        return
    if _unclear(draft, requirement, scene):
        return
    if requirement.check is Check.FIGURE:
        _check_figure(draft, requirement, scene, binding)
    else:
        _check_state(draft, requirement, scene, binding)
    if requirement.due is not None and draft.word is Word.NOT_MET and facts.end <= requirement.due:
        draft.word = Word.PARTLY
        draft.reasons.append(text("the goal is due on {due}; until then it is on the way", due=str(requirement.due)))


def _applies_nodes(
    requirement: Requirement, scene: SubjectScene, scope: Answer, applies: Answer
) -> Iterable[TraceNode]:
    book = scene.book
    if book.scope is not ALWAYS:
        what = text("scope of the book: {expression}", expression=book.scope.text)
        yield answer_node("applies", what, scope, scene, f"{book.id}/limits.yaml:book.scope")
    if requirement.applies is not ALWAYS:
        what = text("applies if: {expression}", expression=requirement.applies.text)
        yield answer_node("applies", what, applies, scene, f"{requirement.entry}.applies")


def _not_in_force(requirement: Requirement) -> Text:
    starts = [value.validity.start for value in requirement.values if value.validity.start is not None]
    if not starts:
        return text("no limit held in the period")
    return text("no limit held in the period; the first one begins on {start}", start=str(min(starts)))


def _unclear(draft: _Draft, requirement: Requirement, scene: SubjectScene) -> bool:
    stopped = False
    for case in requirement.unclear:
        answer = case.when.evaluate(scene)
        if answer.value is False:
            continue
        stopped = True
        what = text("the clause leaves open: {expression}", expression=case.when.text)
        draft.nodes.append(answer_node("applies", what, answer, scene, requirement.entry))
        if answer.value is None:
            draft.reasons.append(text("whether the clause settles this case cannot be told: facts are missing"))
            draft.missing.extend(scene.need_text(need) for need in answer.needs)
        else:
            draft.reasons.append(case.reason)
    return stopped


def _check_figure(draft: _Draft, requirement: Requirement, scene: SubjectScene, binding: Binding) -> None:
    figures = _figures(requirement, scene)
    for figure in figures:
        draft.nodes.append(_figure_node(figure, requirement, scene))
    sound = tuple(f for f in figures if not f.unit or f.unit == requirement.unit)
    assert requirement.comparison is not None  # noqa: S101  (the reader refuses a figure without one)
    needs = _open_window(requirement, scene)
    if needs:
        draft.reasons.append(text("the window the limit is on is not verified"))
        draft.missing.extend(needs)
        return
    rule = requirement.decision or scene.policy.decision
    policy = scene.policy if rule is scene.policy.decision else replace(scene.policy, decision=rule)
    windowed_ = None
    if requirement.window is not None:
        windowed_ = partial(_windowed, requirement.window, scene.book)
        if any(isinstance(figure, SampledFigure) for figure in sound):
            draft.reasons.append(text("single tests are no evidence for a statistic over many hours; not judged"))
    finding = judge_figures(sound, requirement.comparison, binding, scene.period, policy, windowed=windowed_)
    draft.finding, draft.word, draft.limit = finding, finding.word, finding.limit
    draft.nodes.extend(decision_nodes(finding, rule, requirement.unit))
    draft.reasons.extend(finding.reasons)
    if finding.uncertainty_missing:
        draft.missing.append(text("state the uncertainty of `{figure}`", figure=requirement.figure))
    _explain_open(draft, scene, finding.unsettled)
    if len(sound) < len(figures):
        units = ", ".join(sorted({f.unit for f in figures if f not in sound}))
        draft.reasons.append(
            text("a figure is in {got}, the limit in {want}; it was not judged", got=units, want=requirement.unit)
        )
        if draft.word is Word.MET:
            draft.word = Word.PARTLY
    if finding.evidence_missing:
        # What is measured but cannot be used says itself what it lacks; only without it is a measurement asked for.
        unusable = [figure.why_missing for figure in sound if isinstance(figure, Figure) and figure.why_missing]
        draft.missing.extend(unusable or [scene.figure_text(requirement.figure)])


def _open_window(requirement: Requirement, scene: SubjectScene) -> list[Text]:
    """Return what is missing for the window statistic of a requirement: its numbers that are not verified."""
    window = requirement.window
    names = () if window is None else tuple(filter(None, (window.valid, window.hours, window.percent)))
    unverified = [n for n in names if scene.book.parameters[n].confidence is Confidence.UNVERIFIED]
    return [scene.need_text(Need(f"param.{name}", Lack.UNVERIFIED)) for name in unverified]


def _windowed(window: Window, book: Book, figure: HourlyFigure, stretch: Stretch) -> WindowFigure:
    return windowed(figure, window, book.parameters, stretch)


def _figures(requirement: Requirement, scene: SubjectScene) -> tuple[AnyFigure, ...]:
    """Return the figures of the requirement's name, or the numeric fact of that name as a figure."""
    figures = scene.subject.figures.get(requirement.figure, ())
    fact = scene.subject.facts.get(requirement.figure)
    if figures or fact is None:
        return figures
    number = float(fact.value) if isinstance(fact.value, int | float) and not isinstance(fact.value, bool) else None
    return (Figure(fact.name, number, fact.unit, None, None, fact.origin),)


def _figure_node(figure: AnyFigure, requirement: Requirement, scene: SubjectScene) -> TraceNode:
    fact = scene.subject.facts.get(requirement.figure)
    if fact is not None and not scene.subject.figures.get(requirement.figure):
        return fact_node(f"{requirement.kind}.{fact.name}", fact)
    return figure_node(figure)


def _check_state(draft: _Draft, requirement: Requirement, scene: SubjectScene, binding: Binding) -> None:
    unsettled = [s for s in binding.stretches if s.binding is None or s.open_values or s.needs]
    assert requirement.state is not None  # noqa: S101  (the reader gives every state check its expression)
    answer = requirement.state.evaluate(scene)
    what = bilingual(
        "{check}: {expression}",
        "{check}：{expression}",
        check=CHECK_TEXTS[requirement.check],
        expression=requirement.state.text,
    )
    draft.nodes.append(answer_node("state", what, answer, scene, requirement.entry))
    if unsettled:
        _explain_open(draft, scene, unsettled)
        return
    if answer.value is None:
        draft.reasons.append(text("facts that decide it are missing"))
        draft.missing.extend(scene.need_text(need) for need in answer.needs)
        return
    kept = answer.value is not (requirement.check is Check.PROHIBITED)
    if kept:
        draft.word = Word.MET
        draft.reasons.append(text("the facts show it as required"))
    elif requirement.check is Check.ADVISED:
        draft.word = Word.PARTLY
        draft.reasons.append(text("advised, not required: nothing is broken, but the advice is not followed yet"))
    else:
        _check_partly(draft, requirement, scene)


def _check_partly(draft: _Draft, requirement: Requirement, scene: SubjectScene) -> None:
    answer = None if requirement.partly is None else requirement.partly.evaluate(scene)
    if answer is None or answer.value is False:
        draft.word = Word.NOT_MET
        draft.reasons.append(text("the facts show that it is not as required"))
    elif answer.value:
        draft.word = Word.PARTLY
        draft.reasons.append(text("the facts show it as required in part"))
    else:
        draft.reasons.append(text("facts that decide it are missing"))
        draft.missing.extend(scene.need_text(need) for need in answer.needs)


def _explain_open(draft: _Draft, scene: SubjectScene, stretches: Iterable[Stretch]) -> None:
    if draft.word is not Word.NOT_KNOWN:
        return
    open_values = {id(value): value for stretch in stretches for value in stretch.open_values}
    book = scene.book.id
    for value in open_values.values():
        if value.pending is not None:
            draft.reasons.append(value.pending)
        else:
            draft.reasons.append(
                text("the number {place} is not verified, so no verdict may rest on it", place=value.entry)
            )
        # One sentence for each book: what is open in it is entered in one go.
        draft.missing.append(
            text("enter what {book} leaves open from your own copy: `forgecast rules fill {book} PLANT`", book=book)
        )
    needs = dict.fromkeys(need for stretch in stretches for need in stretch.needs)
    if needs:
        draft.reasons.append(text("which limit holds cannot be told: facts are missing"))
        draft.missing.extend(scene.need_text(need) for need in needs)


def _verdict(draft: _Draft, book: Book, requirement: Requirement, scene: SubjectScene, facts: FactBase) -> Verdict:
    subject, finding = scene.subject, draft.finding
    value = None if finding is None or finding.value is None or not math.isfinite(finding.value) else finding.value
    missing = tuple(dict.fromkeys(draft.missing)) if draft.word in {Word.NOT_KNOWN, Word.PARTLY} else ()
    tree = TraceNode(
        "clause", requirement.title, str(draft.word), requirement.entry,
        (*draft.nodes, *(TraceNode("missing", item) for item in missing)),
    )  # fmt: skip
    return Verdict(
        id=f"{book.id}/{requirement.id}/{subject.id}",
        word=draft.word,
        force=requirement.force,
        book=book.id,
        book_version=book.version,
        requirement=requirement.id,
        clause=requirement.clause,
        title=requirement.title,
        subject_kind=subject.kind,
        subject_id=subject.id,
        subject_name=subject.name,
        start=facts.start,
        end=facts.end,
        figure_name=requirement.figure,
        figure_value=value,
        figure_unit=requirement.unit,
        limit=_limit(requirement, draft.limit),
        reasons=tuple(dict.fromkeys(draft.reasons)),
        missing=missing,
        exceedances=() if finding is None else finding.exceedances,
        hours_over=None if finding is None else finding.hours_over,
        hours_valid=None if finding is None else finding.hours_valid,
        hours_expected=None if finding is None else finding.hours_expected,
        tree=tree,
        conformity=None if finding is None else finding.conformity,
    )


def _limit(requirement: Requirement, value: DatedValue | None) -> Limit | None:
    if value is None:
        return None
    comparison: Comparison | Check = requirement.comparison or requirement.check
    return Limit(
        value=value.value,
        unit=requirement.unit,
        comparison=str(comparison),
        basis=requirement.basis,
        layer=str(value.layer),
        clause=value.clause,
        source=value.source,
        confidence=value.confidence,
    )
