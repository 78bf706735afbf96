"""What the doors of the rules are asked, and what they answer."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from forgecast.app.doors.door import Question, Words
from forgecast.app.doors.reported import FIRST_DAY, LAST_DAY

VerdictWord = Literal["not met", "partly", "not known", "met", "not applicable"]
ForceName = Literal["duty", "goal", "advice"]
Told = dict[str, Any]


class Answer(BaseModel):
    """An answer whose names are all known."""

    model_config = ConfigDict(extra="forbid")


class AsOf(Question):
    """A plant as of a day."""

    at: date | None = Field(
        default=None,
        ge=FIRST_DAY,
        le=LAST_DAY,
        description="Day as of which the plant is judged; none means its last record.",
    )


class BookAsked(Question):
    """One rulebook."""

    book: str = Field(min_length=1, max_length=80)


class BookRow(Answer):
    """A rulebook in the list."""

    id: str
    title: Words
    version: str
    layer: str
    requirements: int
    open: int
    own: bool
    known: dict[str, int] = Field(description="How many numbers and rules are known how well.")
    from_on: date | None
    sources: list[Words]


class BooksAnswer(Answer):
    """The rulebooks a plant is judged by."""

    books: list[BookRow]


class BookAnswer(Answer):
    """One rulebook with the plant's overlays on."""

    id: str
    title: Words
    version: str
    digest: str
    layer: str
    scope: str
    requirements: list[Told]
    parameters: list[Told]
    prose: str
    changes: str


class OpenAnswer(Answer):
    """What is open in a rulebook."""

    book: str
    title: Words
    open: list[Told]


class OwnCopyGiven(Question):
    """What somebody has read in his own copy."""

    book: str = Field(min_length=1, max_length=80)
    name: str = Field(min_length=1, max_length=120, description="As the list of open entries names it.")
    value: float | None = Field(default=None, description="None confirms the number the book has, or a rule in words.")
    unit: str = Field(default="", max_length=40)
    clause: str = Field(min_length=1, max_length=300)
    source: str = Field(min_length=1, max_length=500)
    confidence: Literal["primary", "secondary"] = "primary"
    from_on: date | None = None
    until_on: date | None = None
    addressed: str = Field(default="", max_length=300, description="For whom it holds: an expression; empty for all.")


class FilledAnswer(Answer):
    """Where it is kept, and what is still open."""

    file: str
    open: list[Told]


class CheckAnswer(Answer):
    """What is wrong with the rulebooks."""

    complete: bool
    checked: list[Told]


class AssessmentAnswer(Answer):
    """A whole assessment, in the published form (`docs/reference/assessment.schema.json`)."""

    ok: bool
    json_version: int
    forgecast: str
    plant: Told
    at: date
    period: Told
    findings: list[Told]
    verdicts: list[Told]
    figures: list[Told]
    curves: list[Told]
    files: list[Told]
    citations: list[Told]


class Slice(Answer):
    """A part of a kept assessment."""

    at: date
    period: Told
    synthetic: bool
    as_of_at: str = Field(description="When the assessment was worked out.")
    fresh: bool = Field(description="Whether it holds for the plant as it is now.")


class SummaryAsked(AsOf):
    """An assessment in numbers."""

    settle: int = Field(default=12, ge=0, le=200, description="So many records that would settle something are told.")


class SummaryAnswer(Slice):
    """An assessment in numbers."""

    words: dict[str, int]
    forces: dict[str, dict[str, int]]
    books: list[Told]
    subjects: list[Told]
    findings: dict[str, int]
    settle: list[Told]
    settle_more: int


class VerdictsAsked(AsOf):
    """Verdicts narrowed down."""

    word: list[VerdictWord] = Field(default=[], max_length=5)
    force: list[ForceName] = Field(default=[], max_length=3)
    book: list[str] = Field(default=[], max_length=40)
    subject: str = Field(default="", max_length=120, description="Number of a subject.")
    figure: str = Field(default="", max_length=120, description="Name of a figure.")
    search: str = Field(default="", max_length=200, description="Words of title, subject or name, in either language.")
    limit: int = Field(default=100, ge=1, le=1000)
    after: str = Field(default="", max_length=40)


class VerdictsAnswer(Slice):
    """A page of verdicts, the most urgent first."""

    total: int
    rows: list[Told]
    next: str | None


class VerdictAsked(AsOf):
    """One verdict."""

    id: str = Field(min_length=1, max_length=300)


class VerdictAnswer(Slice):
    """One verdict with its tree."""

    verdict: Told
    book_title: Words | None
    has_curve: bool
    others: list[Told]


class CurveAnswer(Slice):
    """The hours of a verdict, as a chart shows them."""

    times: list[int]
    series: list[Told]
    limits: list[Told]


class FiguresAnswer(Slice):
    """Key figures with their months."""

    rows: list[Told]


class FigureAsked(AsOf):
    """One key figure."""

    id: str = Field(min_length=1, max_length=120)


class TrendAnswer(Slice):
    """A key figure with its months, as a chart shows them."""

    figure: Told
    x: list[str]
    series: list[Told]


class FindingsAsked(AsOf):
    """Findings of data quality, page by page."""

    limit: int = Field(default=100, ge=1, le=1000)
    after: str = Field(default="", max_length=40)


class RowsAnswer(Slice):
    """A page of rows."""

    total: int
    rows: list[Told]
    next: str | None


class WaysAnswer(Answer):
    """What would let a verdict pass; null where it passes already, or is not known."""

    ways: Told | None


class SupposedAsked(AsOf):
    """What is supposed to be otherwise."""

    supposed: list[str] = Field(
        min_length=1, max_length=20, description="SUBJECT.field=value, as in DA001.furnace=induction_furnace."
    )


class WhatIfAnswer(Answer):
    """The verdicts that would change."""

    ok: bool
    supposed: list[Told]
    judged: int
    changes: list[Told]


class ChoicesAnswer(Slice):
    """Facts and figures that can be supposed otherwise."""

    subjects: list[Told]


class CompareAsked(Question):
    """Two days of one plant."""

    before: date = Field(ge=FIRST_DAY, le=LAST_DAY)
    after: date | None = Field(
        default=None, ge=FIRST_DAY, le=LAST_DAY, description="None means the plant's last record."
    )


class CompareAnswer(Answer):
    """What two assessments differ in."""

    ok: bool
    before: Told
    after: Told
    same: int
    verdicts: list[Told]
    figures: list[Told]
    books: list[Told]


class ReplayAnswer(Answer):
    """Whether the verdicts came out again byte for byte."""

    at: date
    verdicts: int
    same: bool
    bytes: int
    sha256: str
    sha256_again: str
    books: list[Told]


class FileAsked(AsOf):
    """A file about the plant as of a day."""


class ReportAsked(AsOf):
    """A report."""

    form: Literal["pdf", "html"] = "pdf"


class FilesAnswer(Answer):
    """Files a run has left."""

    files: list[str]
