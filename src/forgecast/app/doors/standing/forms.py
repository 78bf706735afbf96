"""What the doors of standing are asked, and what they answer."""

from __future__ import annotations

from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from forgecast.app.doors.door import Question, Words
from forgecast.app.doors.reported import FIRST_DAY, LAST_DAY

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
        description="Day as of which the plant is seen; none means its last record.",
    )


class NowAnswer(Answer):
    """What is open at this minute."""

    now_at: str
    alarms: list[Told]
    held: list[Told]
    data: Told


class HomeAnswer(Answer):
    """A plant at a glance."""

    plant: Told
    at: date
    period: Told
    score: Told
    directions: list[Told]
    words: dict[str, int]
    urgent: list[Told]
    urgent_more: int
    settle: list[Told]
    settle_more: int
    book_titles: dict[str, Words | None]
    figures: list[Told]
    since: Told | None = Field(description="What became otherwise since the same day a month before.")
    duties: list[Told]
    duty_counts: dict[str, int]
    findings: dict[str, int]


class ScoreAnswer(Answer):
    """The development index with its intervals, indicators and levers."""

    ok: bool
    plant: Told
    at: date
    scheme: Told
    score: Told
    under_other_weights: Told
    directions: list[Told]
    levers: list[Told]
    radar: Told = Field(description="The directions as a radar chart.")


class EvidenceAnswer(Answer):
    """What is shown beside what is claimed."""

    ok: bool
    plant: str
    at: date
    evidence: list[Told]


class OthersAsked(Question):
    """Which plants to compare or to add up."""

    assessments: list[str] = Field(
        default=[], max_length=200, description="Uploads: files of `forgecast assess --json`."
    )
    generated: int | None = Field(
        default=None, ge=5, le=2000, description="So many generated plants; they are synthetic."
    )
    seed: int = Field(default=7, ge=0, le=1_000_000)
    all_groups: bool = Field(default=False, description="Compare with every plant, whatever it makes.")


class PeersAnswer(Answer):
    """Where the plant stands among its peers; none of them is told."""

    ok: bool
    group: Told
    peers: int
    least_peers: int
    below: float | None
    directions: dict[str, float | None]
    rank_known: list[int]
    rank_sure: list[int]
    dominated_by: int
    dominates: int
    surely_above: int
    surely_below: int
    quartiles: list[Told]
    frontier: Told
    benchmark: Told
    synthetic_peers: bool
    direction_titles: dict[str, Words]


class ClusterAnswer(Answer):
    """Many plants added up."""

    ok: bool
    plants: int
    evaluations: int
    verdicts: Told
    index: Told
    suppressed_classes: int
    least_peers: int
    mean_interval: list[float]
    mean_coverage: float
    goals: Told
    synthetic: bool
    class_titles: dict[str, Words]
    book_titles: dict[str, Words]
    goal_titles: dict[str, Words]


class DutiesAnswer(Answer):
    """Duties as a calendar."""

    at: date
    counts: dict[str, int]
    table: Told
    gaps: list[Told]
    timeline: Told = Field(description="The calendar as a Gantt chart.")


class GradeAnswer(Answer):
    """The performance grade, as far as it can be told."""

    plant: str
    period: Told
    at_best: str | None
    certain: bool
    answer: Words
    undecided_table: list[Told]
    grades: list[Told]


class LoanAsked(AsOf):
    """Incentives, with a loan."""

    loan_CNY: float | None = Field(default=None, gt=0, description="Yuan borrowed to renew equipment.")
    loan_rate_percent: float | None = Field(default=None, gt=0, lt=100, description="Yearly interest of a usual loan.")


class IncentivesAnswer(Answer):
    """What incentives are worth."""

    at: date
    total: Told
    table: Told
    gaps: list[Told]


class MaturityAnswer(Answer):
    """How far the plant has come on each ladder."""

    at: date
    period: Told
    synthetic: bool
    as_of_at: str
    fresh: bool
    ladders: list[Told]


class FilesAnswer(Answer):
    """Files a run has left."""

    files: list[str]
