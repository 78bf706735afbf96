"""What records show of one question, and how a share of rows becomes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from forgecast.ground.texts import Text, text
from forgecast.tasks.plant_view import PlantView, Row

#: So many rows are named; the rest is counted.
MOST_ROWS = 8


@dataclass(frozen=True, slots=True)
class Shown:
    """What records show.

    Parameters
    ----------
    degree : float or None
        0 to 1; None where no record can tell.
    looked_at, figure : Text
        What was looked at, and what was seen there.
    newest : date or None
        Day of the newest row.
    rows : tuple of str
        ``file:row`` of the newest rows looked at, at most `MOST_ROWS`.
    row_count : int
        How many there are.
    """

    degree: float | None
    looked_at: Text
    figure: Text
    newest: date | None
    rows: tuple[str, ...] = ()
    row_count: int = 0


def nothing(looked_at: Text, record: str) -> Shown:
    """Return the answer where a record has no row: nothing is known, which is not the same as no."""
    return Shown(None, looked_at, text("record `{record}` is empty", record=record), None)


def share_shown(view: PlantView, looked_at: Text, rows: Sequence[Row], good: Sequence[Row], *, time: str = "") -> Shown:
    """Return the share of rows that are good; the newest row by the field `time` dates it.

    Parameters
    ----------
    view : PlantView
    looked_at : Text
    rows, good : sequence of Row
        All rows looked at (not empty), and those that show it.
    time : str
        Field of the rows' instant; without it the answer has no date.
    """
    ordered = sorted(rows, key=lambda row: row.number_of(time)) if time else list(rows)
    newest = view.day_of(ordered[-1].number_of(time)) if time else None
    return Shown(
        len(good) / len(rows),
        looked_at,
        text("{good} of {all} ({share} %)", good=len(good), all=len(rows), share=round(100 * len(good) / len(rows), 1)),
        newest,
        tuple(row.place for row in ordered[-MOST_ROWS:]),
        len(rows),
    )
