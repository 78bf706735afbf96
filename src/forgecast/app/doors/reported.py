"""Tables, gaps and periods as the answers about environment, energy and carbon share them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from pydantic import BaseModel, Field

from forgecast.app.doors.door import Question, Words
from forgecast.environment.report_table import Gap, ReportTable
from forgecast.ground.dates import Period, next_month
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.plant_view import period_of

#: Days asked for lie between these; a clock beyond them is a slip.
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2100, 12, 31)
#: Most days of one question about hours or records.
MOST_DAYS = 3 * 366


class TableColumn(BaseModel):
    """A column of a table."""

    id: str
    title: Words
    unit: str


class TableTold(BaseModel):
    """A table: each row by the ids of its columns; a cell is text, a number, a sentence in both languages or null."""

    id: str
    title: Words
    columns: list[TableColumn]
    rows: list[dict[str, Any]]
    notes: list[Words]


class GapTold(BaseModel):
    """What is not known, the record that would settle it, and who has it."""

    what: Words
    record: str
    who: Words


class PeriodTold(BaseModel):
    """Local days, both included."""

    since_on: str
    until_on: str


class PeriodQuestion(Question):
    """Which days: a month, a quarter, a year, or days; without any, the twelve whole months up to the last record."""

    month: str = Field(default="", pattern=r"^(20\d\d-(0[1-9]|1[0-2]))?$", description="YYYY-MM")
    quarter: str = Field(default="", pattern=r"^(20\d\dQ[1-4])?$", description="2025Q3")
    year: int | None = Field(default=None, ge=2000, le=2100)
    since_on: date | None = Field(default=None, ge=FIRST_DAY, le=LAST_DAY)
    until_on: date | None = Field(default=None, ge=FIRST_DAY, le=LAST_DAY)


def days_asked(plant: PlantFolder, question: PeriodQuestion) -> Period:
    """Return the days asked for.

    Raises
    ------
    ForgecastError
        If several kinds are given, one end is missing, or the stretch is empty or too long.
    """
    days = question.since_on or question.until_on
    if sum(1 for one in (question.month, question.quarter, question.year, days) if one) > 1:
        raise ForgecastError(
            text("a month, a quarter, a year and days cannot be asked for together"),
            repair=text("give one of month, quarter, year, or since_on with until_on"),
        )
    if question.month:
        start = date.fromisoformat(f"{question.month}-01")
        return Period(start, next_month(start))
    if question.quarter:
        start = date(int(question.quarter[:4]), 3 * int(question.quarter[5]) - 2, 1)
        return Period(start, next_month(next_month(next_month(start))))
    if question.year:
        return Period(date(question.year, 1, 1), date(question.year + 1, 1, 1))
    if days:
        return _stretch(question.since_on, question.until_on)
    return period_of(plant, None)[0]


def _stretch(since: date | None, until: date | None) -> Period:
    if since is None or until is None:
        raise ForgecastError(text("one end of the days is missing"), repair=text("give both since_on and until_on"))
    check_days(since, until)
    return Period(since, until + timedelta(days=1))


def check_days(since: date | None, until: date | None) -> None:
    """Refuse days that are the wrong way round or too many.

    Raises
    ------
    ForgecastError
    """
    if since is None or until is None:
        return
    if until < since or (until - since).days >= MOST_DAYS:
        raise ForgecastError(
            text("{since} to {until} is no stretch of days that can be asked for", since=str(since), until=str(until)),
            repair=text("let the last day not be before the first, and ask for at most three years"),
        )


def period_told(period: Period) -> dict[str, str]:
    """Return a period as `PeriodTold`."""
    return {"since_on": period.start.isoformat(), "until_on": (period.end - timedelta(days=1)).isoformat()}


def tables_told(tables: Iterable[ReportTable]) -> list[dict[str, object]]:
    """Return tables as `TableTold`."""
    return [table.as_json() for table in tables]


def gaps_told(gaps: Iterable[Gap]) -> list[dict[str, object]]:
    """Return gaps as `GapTold`."""
    return [gap.as_json() for gap in gaps]


def paged(rows: list[Any], after: str, limit: int) -> tuple[list[Any], str | None]:
    """Return a page of a list and the cursor of the next one; None at its end."""
    start = int(after) if after else 0
    end = start + limit
    return rows[start:end], str(end) if end < len(rows) else None


class Paged(Question):
    """Which page of a long list."""

    limit: int = Field(default=100, ge=1, le=1000)
    after: str = Field(default="", pattern=r"^\d{0,9}$", description="`next` of the page before")
