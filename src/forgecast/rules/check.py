"""What is wrong with a rulebook: everything a walk over its requirements and cases can find."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from forgecast.ground.errors import BookError
from forgecast.ground.finding import Finding, Place, Severity
from forgecast.ground.texts import Text, text
from forgecast.rules.book import Book, Check, DatedValue, Parameter, ReferenceValue, Requirement
from forgecast.rules.cases import Case, cases_from, failures
from forgecast.rules.expression import ALWAYS
from forgecast.rules.reading import book_from
from forgecast.rules.verdict import Confidence, Word

_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_WORD = re.compile(r"[a-z]{3,}")


def problems(
    files: Mapping[str, str], *, name: str, known_fields: Mapping[str, Iterable[str]] | None = None
) -> tuple[Finding, ...]:
    """Return the problems of a rulebook, none if it is complete.

    Parameters
    ----------
    files : mapping of str to str
        Texts of ``book.md``, ``limits.yaml``, ``cases.yaml`` and ``CHANGES.md``.
    name : str
        Name of its folder.
    known_fields : mapping of str to iterable of str or None
        For each kind of record its fields; where given, an expression that reads any other fact is a problem.
    """
    try:
        book = book_from(files, name=name)
        cases = cases_from(files.get("cases.yaml", ""), name=name)
    except BookError as error:
        return (_finding("unreadable", error.where, error.what, error.repair),)
    return (
        *_about_cases(book, cases),
        *_about_texts(book),
        *_about_names(book, {k: frozenset(v) for k, v in (known_fields or {}).items()}),
        *_about_confidence(book),
    )


def _finding(code: str, place: str, reason: Text, repair: Text, severity: Severity = Severity.REFUSED) -> Finding:
    return Finding(code, severity, Place(place), "", reason, repair)


def _about_cases(book: Book, cases: tuple[Case, ...]) -> Iterable[Finding]:
    known = {requirement.id for requirement in book.requirements}
    for case in cases:
        if case.requirement not in known and not case.reference:
            yield _finding(
                "case-without-rule", case.entry,
                text("the case names a requirement that is not in the book: {name}", name=case.requirement),
                text("use the id of a requirement"),
            )  # fmt: skip
    runnable = [case for case in cases if case.reference or case.requirement in known]
    for case, said in failures(book, runnable):
        yield _finding(
            "case-fails", case.entry,
            text("the case expects {want}, the book says {got}", want=case.expect, got=said),
            text("correct the rule or the case"),
        )  # fmt: skip
    for requirement in book.requirements:
        words = {case.expect for case in cases if case.requirement == requirement.id}
        for lacking in sorted(needed_words(requirement) - words):
            yield _finding(
                "case-missing", requirement.entry,
                text("no case of {name} expects {word}", name=requirement.id, word=lacking),
                text("add a case on that side of the rule"),
            )  # fmt: skip


def needed_words(requirement: Requirement) -> set[str]:
    """Return the words that a requirement's cases must reach between them."""
    needed = {str(Word.MET)}
    needed.add(str(Word.PARTLY if requirement.check is Check.ADVISED else Word.NOT_MET))
    if requirement.due is not None:
        needed.add(str(Word.PARTLY))
    if requirement.applies is not ALWAYS:
        needed.add(str(Word.NOT_APPLICABLE))
    if requirement.unclear:
        needed.add(str(Word.NOT_KNOWN))
    return needed


def _about_texts(book: Book) -> Iterable[Finding]:
    for requirement in book.requirements:
        if f"`{requirement.id}`" not in book.prose:
            yield _finding(
                "clause-missing", f"{book.id}/book.md",
                text("the clause of {name} is not told in book.md", name=requirement.id),
                text("write what the clause says, in both languages, with the id in backticks beside it"),
            )  # fmt: skip
        if requirement.check is Check.FIGURE and requirement.figure not in book.evidence:
            yield _finding(
                "evidence-missing", requirement.entry,
                text("nothing says which record gives {figure}", figure=requirement.figure),
                text("add it under `evidence`, in both languages"),
            )  # fmt: skip
    sentences = (book.title, *(r.title for r in book.requirements), *(r.basis for r in book.requirements))
    for said in (*sentences, *(said for said in _cited(book) if _WORD.search(said.say("en")))):
        if not _CHINESE.search(said.say("zh")):
            yield _finding(
                "not-translated", book.id, text("`{sentence}` has no Chinese", sentence=str(said)),
                text("write the Chinese beside it"),
            )  # fmt: skip
    if book.version not in book.changes:
        yield _finding(
            "change-not-told", f"{book.id}/CHANGES.md",
            text("version {version} is not in CHANGES.md", version=book.version),
            text("say what changed, from which day and under which clause"),
        )  # fmt: skip


def _cited(book: Book) -> Iterable[Text]:
    """Return every clause and source of the book once; a bare number such as ``4.1`` needs no Chinese."""
    values = [value for requirement in book.requirements for value in requirement.values]
    sourced: tuple[DatedValue | Parameter | ReferenceValue, ...] = (
        *values, *book.parameters.values(), *book.references
    )  # fmt: skip
    clauses = (requirement.clause for requirement in book.requirements)
    return dict.fromkeys((*clauses, *(said for one in sourced for said in (one.clause, one.source))))


def _about_names(book: Book, known: Mapping[str, frozenset[str]]) -> Iterable[Finding]:
    if not known:
        return
    for requirement in book.requirements:
        expressions = [requirement.applies, requirement.state, requirement.partly]
        expressions += [value.addressed for value in requirement.values] + [u.when for u in requirement.unclear]
        names = {name for expression in expressions if expression is not None for name in expression.names}
        for name in sorted(names):
            record, _dot, field = name.partition(".")
            # What a task derives from records says under `evidence` which ones.
            if record in known and field not in known[record] and field not in book.evidence:
                yield _finding(
                    "unknown-fact", requirement.entry,
                    text("record `{record}` has no field `{field}`", record=record, field=field),
                    text("use one of its fields, or say under `evidence` which record gives it"),
                )  # fmt: skip


def _about_confidence(book: Book) -> Iterable[Finding]:
    for requirement in book.requirements:
        for value in requirement.values:
            if value.confidence is Confidence.UNVERIFIED:
                yield _finding(
                    "unverified", value.entry, text("the number is not verified: its verdicts are not known"),
                    text("enter it from your own copy as an overlay with your source"), Severity.NOTE,
                )  # fmt: skip
