"""Numbers a book lays down for computations: which reference oxygen and which standard state hold for a stack."""

from __future__ import annotations

from dataclasses import dataclass, replace

from forgecast.ground.texts import Text, text, verbatim
from forgecast.rules.book import Book, Policy, ReferenceValue
from forgecast.rules.fact import FactBase, Subject
from forgecast.rules.scene import SubjectScene
from forgecast.rules.verdict import Confidence

OXYGEN = "oxygen"


@dataclass(frozen=True, slots=True)
class Reference:
    """The answer: a number to convert to, or none because the measured value is used, or not known and why.

    Parameters
    ----------
    known : bool
        Whether the book and the facts settle it. Where not, nothing may be converted and no figure judged.
    value : float or None
        None with `known` True: the measured value is used as it is.
    unit : str
    title : Text or None
        The rule in words.
    clause, source : Text
    missing : tuple of Text
        Which record and field would settle it, or why the clause itself does not.
    covered : bool
        False where the book certainly has nothing to say about the stack: outside its scope, or no entry applies.
    """

    known: bool
    value: float | None
    unit: str
    title: Text | None
    clause: Text
    source: Text
    missing: tuple[Text, ...] = ()
    covered: bool = True


def reference_value(book: Book, quantity: str, subject: Subject, facts: FactBase) -> Reference:
    """Return the reference value of a quantity for a subject.

    Parameters
    ----------
    book : Book
    quantity : str
        ``oxygen`` (%), ``temperature`` (K) or ``pressure`` (Pa).
    subject : Subject
        A stack with its facts.
    facts : FactBase
        For the facts of the site.

    Returns
    -------
    Reference
        The entry of the book that applies, provided no other applies or may apply too.
    """
    scene = SubjectScene(book, subject, facts, Policy(minimum_coverage=1.0))
    scope = book.scope.evaluate(scene)
    missing = [scene.need_text(need) for need in scope.needs]
    if scope.value is False:
        why = text("outside the scope of the book: {expression}", expression=book.scope.text)
        return replace(_unknown([why]), covered=False)
    holding: list[ReferenceValue] = []
    for entry in book.references:
        if entry.quantity != quantity or entry.kind != subject.kind:
            continue
        answer = entry.applies.evaluate(scene)
        missing.extend(scene.need_text(need) for need in answer.needs)
        if answer.value:
            holding.append(entry)
    if len(holding) > 1:
        names = ", ".join(entry.id for entry in holding)
        missing.append(text("more than one entry of the book holds: {names}", names=names))
    return _settled(holding[0]) if holding and not missing else _unknown(missing)


def reference_oxygen(book: Book, stack: Subject, facts: FactBase) -> Reference:
    """Return the reference oxygen content of a stack, %."""
    return reference_value(book, OXYGEN, stack, facts)


def _unknown(missing: list[Text]) -> Reference:
    reasons = missing or [text("the book lays nothing down for it")]
    return Reference(
        known=False,
        value=None,
        unit="",
        title=None,
        clause=verbatim(""),
        source=verbatim(""),
        missing=tuple(dict.fromkeys(reasons)),
        covered=bool(missing),
    )


def _settled(entry: ReferenceValue) -> Reference:
    doubt = entry.unclear
    if doubt is None and entry.confidence is Confidence.UNVERIFIED:
        doubt = text("the number {place} is not verified, so no verdict may rest on it", place=entry.entry)
    return Reference(
        known=doubt is None,
        value=entry.value if doubt is None else None,
        unit=entry.unit,
        title=entry.title,
        clause=entry.clause,
        source=entry.source,
        missing=() if doubt is None else (doubt,),
    )
