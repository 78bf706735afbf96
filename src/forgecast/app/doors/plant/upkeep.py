"""Doors that look after the whole plant: is the trail whole, where are gaps, which readings may go."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from pydantic import BaseModel
from pydantic import Field as Asked

from forgecast.app.doors.door import Call, Door, NoQuestion, Question, Way, Words
from forgecast.app.doors.values import FindingTold, PlantDay
from forgecast.ground.texts import text
from forgecast.store.server.rights import Right
from forgecast.tasks.data_quality import data_quality
from forgecast.tasks.keep_series import compact_series, keep_series
from forgecast.tasks.plant_view import PlantView, period_of


class Noted(Question):
    """A head of the trail that was noted elsewhere before."""

    head: str = Asked(default="", max_length=64)


class BreakTold(BaseModel):
    """A place where the trail and the plant do not agree."""

    what: Words
    link: int | None
    record: str
    key: str


class VerifiedTold(BaseModel):
    """What was verified."""

    whole: bool
    head: str
    links: int
    changes: int
    rows: int
    series_files: int
    rows_before_the_trail: int
    breaks: list[BreakTold]


def _verify(call: Call, question: Noted) -> Mapping[str, Any]:
    told: dict[str, Any] = call.plant.verify(noted=question.head, progress=call.progress).as_json()
    del told["ok"]
    return told


class AsOf(Question):
    """The last day of the year that is looked at."""

    as_of_on: PlantDay | None = Asked(default=None, description="Without it the last day on record.")


class QualityTold(BaseModel):
    """What only the whole plant shows: gaps, stuck sensors, lapsed permits, names without a row."""

    first_on: str
    last_on: str
    findings: list[FindingTold]


def _quality(call: Call, question: AsOf) -> Mapping[str, Any]:
    period, at = period_of(call.plant, question.as_of_on)
    call.progress(0.1)
    found = data_quality(PlantView(call.plant, period, at))
    return {
        "first_on": period.start.isoformat(),
        "last_on": (period.end - timedelta(days=1)).isoformat(),
        "findings": [one.as_json() for one in found],
    }


class CompactedTold(BaseModel):
    """What putting small files together did."""

    periods: list[str]
    files_before: int
    files_after: int
    bytes_before: int
    bytes_after: int


def _compact(call: Call, _question: NoQuestion) -> Mapping[str, Any]:
    done = compact_series(call.plant, by=call.by, progress=call.progress)
    return {
        "periods": list(done.periods),
        "files_before": done.before,
        "files_after": done.after,
        "bytes_before": done.bytes_before,
        "bytes_after": done.bytes_after,
    }


class Keep(Question):
    """Whether the readings go, or are only told."""

    apply: bool = Asked(default=False, description="Let them go; nothing brings them back.")


class KeepingTold(BaseModel):
    """Readings that the rules of the plant let go."""

    rules: int
    applied: bool
    readings: int
    stretches: list[dict[str, Any]]


def _keep(call: Call, question: Keep) -> Mapping[str, Any]:
    told = keep_series(call.plant, apply=question.apply, by=call.by, progress=call.progress).as_json()
    del told["ok"]
    return told


VERIFY = Door("plant", "verify", text("Whether the trail of changes, the rows and the series files agree."),
              Right.SEE, Way.RUN, Noted, VerifiedTold, _verify)  # fmt: skip
QUALITY = Door("plant", "quality", text("Gaps and stuck sensors in series, lapsed permits, names without a row."),
               Right.SEE, Way.FIGURE, AsOf, QualityTold, _quality)  # fmt: skip
COMPACT = Door("plant", "compact", text("Put small files of readings together; no reading changes."),
               Right.MANAGE, Way.RUN, NoQuestion, CompactedTold, _compact)  # fmt: skip
KEEP = Door("plant", "keep", text("Which readings the rules of the plant let go by now; they go where asked."),
            Right.MANAGE, Way.RUN, Keep, KeepingTold, _keep)  # fmt: skip

UPKEEP_DOORS: tuple[Door[Any], ...] = (VERIFY, QUALITY, COMPACT, KEEP)
