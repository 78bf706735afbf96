"""UTC months and days that series files cover, and where files of each lie."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from forgecast.ground.dates import DAY_US, from_us, month_start, next_month, to_us

PeriodKind: TypeAlias = Literal["month", "date"]


@dataclass(frozen=True, slots=True)
class Layout:
    """How new files of the series are named.

    Parameters
    ----------
    root : str
        Folder, relative to the plant's.
    kind : str
        One folder for each UTC ``month`` or ``date`` (day).
    """

    root: str = "telemetry"
    kind: PeriodKind = "month"

    def place(self, period: str) -> str:
        """Return the folder of a period, in the form ``key=value`` that engines know."""
        return f"{self.root}/{self.kind}={period}"


#: Files that were imported: by month.
BY_MONTH = Layout()


def by_day(plant: str) -> Layout:
    """Return the layout of live readings: by plant and day."""
    return Layout(f"telemetry/plant={plant}", "date")


def pieces(t: NDArray[np.int64], kind: PeriodKind) -> Iterator[tuple[str, slice]]:
    """Yield each period that ascending instants touch, with the stretch that lies in it."""
    low = 0
    while low < t.size:
        period, end = _period_of(int(t[low]) // DAY_US, kind)
        high = int(np.searchsorted(t, end))
        yield period, slice(low, high)
        low = high


@lru_cache(maxsize=4096)
def _period_of(day: int, kind: PeriodKind) -> tuple[str, int]:
    """Return the UTC period of a day since 1970, and the first instant after that period."""
    if kind == "date":
        return f"{from_us(day * DAY_US):%Y-%m-%d}", (day + 1) * DAY_US
    first = month_start(f"{from_us(day * DAY_US):%Y-%m}")
    after = next_month(first)
    return f"{first:%Y-%m}", to_us(from_us(0).replace(year=after.year, month=after.month))
