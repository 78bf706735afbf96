"""The stretch of days a command of the environment is asked about: a month, a quarter, a year, or days."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, TypeVar

from forgecast.app.cli.bilingual import option
from forgecast.ground.dates import Period, next_month
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.plant_view import period_of

Function = TypeVar("Function", bound=Callable[..., Any])
_QUARTER = re.compile(r"(\d{4})-?[Qq]([1-4])")


def stretch_options(function: Function) -> Function:
    """Add the options that say which days; `stretch_of` reads them."""
    for add in (
        option("--until", "until", metavar="2025-09-20", help=text("Last day.")),
        option("--since", "since", metavar="2025-09-15", help=text("First day; with --until.")),
        option("--year", metavar="2025", help=text("A calendar year.")),
        option("--quarter", metavar="2025Q3", help=text("A calendar quarter.")),
        option("--month", metavar="2025-09", help=text(
            "A calendar month; without any of these, the twelve whole months up to the plant's last record.")),
    ):  # fmt: skip
        function = add(function)
    return function


def stretch_of(
    folder: PlantFolder,
    *,
    month: str | None,
    quarter: str | None,
    year: str | None,
    since: str | None,
    until: str | None,
) -> Period:
    """Return the days asked for.

    Raises
    ------
    ForgecastError
        If they cannot be read, several kinds are given, or the plant holds nothing with a date.
    """
    given = [one for one in (month, quarter, year, since or until) if one]
    if len(given) > 1:
        raise ForgecastError(
            text("a month, a quarter, a year and days cannot be asked for together"),
            repair=text("give one of --month, --quarter, --year, or --since with --until"),
        )
    if month:
        start = _day(f"{month}-01", month)
        return Period(start, next_month(start))
    if quarter:
        found = _QUARTER.fullmatch(quarter.strip())
        if found is None:
            raise _unread(quarter, "2025Q3")
        start = date(int(found[1]), 3 * int(found[2]) - 2, 1)
        return Period(start, next_month(next_month(next_month(start))))
    if year:
        start = _day(f"{year}-01-01", year)
        return Period(start, date(start.year + 1, 1, 1))
    if since or until:
        if not (since and until):
            raise ForgecastError(text("one end of the days is missing"), repair=text("give both --since and --until"))
        return Period(_day(since, since), _day(until, until) + timedelta(days=1))
    return period_of(folder, None)[0]


def _day(words: str, given: str) -> date:
    try:
        return date.fromisoformat(words)
    except ValueError:
        raise _unread(given, "2025-09-15") from None


def _unread(given: str, example: str) -> ForgecastError:
    return ForgecastError(
        text("{given} is no day, month, quarter or year", given=given),
        repair=text("write it like {example}", example=example),
    )
