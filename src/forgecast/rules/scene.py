"""What an expression sees: the facts and figures of one subject, those of the site, and the book's numbers."""

from __future__ import annotations

from datetime import timedelta

from forgecast.ground.texts import Text, bilingual, text
from forgecast.rules.book import Book, Parameter, Policy
from forgecast.rules.expression import Lack, Need
from forgecast.rules.fact import AnyFigure, Fact, FactBase, FactValue, Subject
from forgecast.rules.judging import peak
from forgecast.rules.verdict import Confidence


class SubjectScene:
    """The scene of one subject of one fact base under one book."""

    __slots__ = ("_facts", "book", "period", "policy", "subject")

    def __init__(self, book: Book, subject: Subject, facts: FactBase, policy: Policy) -> None:
        self.book = book
        self.subject = subject
        self._facts = facts
        self.policy = policy
        self.period = (facts.start, facts.end)

    def look(self, name: str) -> FactValue | Need:
        """Return the value of a full name, or what is lacking."""
        root, _dot, field = name.partition(".")
        if root == "param":
            parameter = self.book.parameters[field]
            return Need(name, Lack.UNVERIFIED) if parameter.confidence is Confidence.UNVERIFIED else parameter.value
        if root == "figure":
            figures = self.subject.figures.get(field, ())
            if not figures:
                return Need(name)
            highest = peak(figures, self.period, self.policy)
            return Need(name) if highest is None else highest
        if root == "period":
            # Periods end before their last day plus one.
            return self.period[0] if field == "first" else self.period[1] - timedelta(days=1)
        owner = self._facts.site if root == "site" else self.subject
        if field == "id":
            return owner.id
        fact = owner.facts.get(field)
        return Need(name) if fact is None else fact.value

    def unit(self, name: str) -> str:
        """Return the unit of a full name; empty where it has none."""
        parameter = self.parameter(name)
        if parameter is not None:
            return parameter.unit
        fact = self.fact(name)
        if fact is not None:
            return fact.unit
        figures = self.figures(name)
        return figures[0].unit if figures else ""

    def parameter(self, name: str) -> Parameter | None:
        """Return the book's number of a full name, if it names one."""
        root, _dot, field = name.partition(".")
        return self.book.parameters.get(field) if root == "param" else None

    def fact(self, name: str) -> Fact | None:
        """Return the fact of a full name, if there is one."""
        root, _dot, field = name.partition(".")
        if root in {"param", "figure", "period"}:
            return None
        return (self._facts.site if root == "site" else self.subject).facts.get(field)

    def figures(self, name: str) -> tuple[AnyFigure, ...]:
        """Return the figures of a full name, if it names some."""
        root, _dot, field = name.partition(".")
        return self.subject.figures.get(field, ()) if root == "figure" else ()

    def need_text(self, need: Need) -> Text:
        """Return the sentence that says which record and field would settle it."""
        root, _dot, field = need.name.partition(".")
        if root == "param":
            return text("the book's number {name} is not verified: enter it from your own copy", name=field)
        if root == "figure":
            return self.figure_text(field)
        owner = self._facts.site.id if root == "site" else self.subject.id
        match need.lack:
            case Lack.KIND:
                return text(
                    "record `{record}`, field `{field}` of {owner}: the value is not of the kind the rule compares",
                    record=root, field=field, owner=owner,
                )  # fmt: skip
            case Lack.UNIT:
                return text(
                    "record `{record}`, field `{field}` of {owner}: the unit is not the one the rule compares",
                    record=root, field=field, owner=owner,
                )  # fmt: skip
            case _ if field in self.book.evidence:
                return self.figure_text(field, owner)
            case _:
                return text("record `{record}`, field `{field}` of {owner}", record=root, field=field, owner=owner)

    def figure_text(self, figure: str, owner: str = "") -> Text:
        """Return the sentence that says which record or tag gives a figure; of the subject, where no owner is named."""
        owner = owner or self.subject.id
        known = self.book.evidence.get(figure)
        if known is None:
            return text("figure `{figure}` of {owner}", figure=figure, owner=owner)
        return bilingual("{evidence} ({owner})", "{evidence}（{owner}）", evidence=known, owner=owner)
