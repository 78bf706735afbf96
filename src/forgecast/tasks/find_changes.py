"""Find where the level of a signal changed, with size, place and how often the search errs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Text, text
from forgecast.signals.condition.change_point import Change, Changes
from forgecast.signals.condition.change_point import find_changes as search
from forgecast.tasks.condition_values import per_month, place_of
from forgecast.tasks.watched import Watched

#: A season with fewer values than this each is not taken out.
_FEWEST = 3


@dataclass(frozen=True, slots=True, eq=False)
class FoundChanges:
    """Changes of one signal.

    Parameters
    ----------
    watched : Watched
    rows : (n,) int64 array
        Rows of `watched` that were searched.
    values : (n,) float64 array
        Without their season, where one was taken out.
    season : str
    found : Changes
    notes : tuple of Text
    """

    watched: Watched
    rows: NDArray[np.int64]
    values: NDArray[np.float64]
    season: str
    found: Changes
    notes: tuple[Text, ...]

    @property
    def false_per_month(self) -> float | None:
        """Return the changes a month that the search finds where there are none."""
        false = self.found.false_per_search
        return None if false is None else per_month(false, self.watched, self.rows)

    def place(self, index: int) -> str:
        """Return when a searched value was."""
        return place_of(self.watched, int(self.rows[min(index, self.rows.size - 1)]))

    def as_json(self) -> dict[str, object]:
        """Return the answer."""
        return {
            "source": self.watched.source,
            "signal": self.watched.columns[0].name,
            "unit": self.watched.columns[0].unit,
            "values": int(self.rows.size),
            "season": self.season or None,
            "noise": self.found.noise,
            "memory": self.found.memory,
            "penalty": self.found.penalty,
            "false_changes_per_search": self.found.false_per_search,
            "false_changes_per_month": self.false_per_month,
            "changes": [self._change(one) for one in self.found.changes],
            "notes": [note.as_json() for note in self.notes],
        }

    def _change(self, one: Change) -> dict[str, object]:
        return {
            "at": self.place(one.at), "from": self.place(one.low), "until": self.place(one.high),
            "before": one.before, "after": one.after, "size": one.size, "size_low": one.size_low,
            "size_high": one.size_high, "probability": one.probability,
        }  # fmt: skip


def find_changes(
    watched: Watched, *, shortest: int = 10, strictness: float = 3.0, confidence: float = 0.95, season: str = "",
    trials: int = 20,
) -> FoundChanges:  # fmt: skip
    """Search the first signal for changes of level.

    Parameters
    ----------
    watched : Watched
    shortest : int
        Fewest values of a stretch.
    strictness : float
        Factor of the penalty.
    confidence : float
    season : {"", "day", "week"}
        Takes out the median of each hour of the day, or of each hour and weekday (each weekday where values are daily).
    trials : int
        Of the back-test.

    Raises
    ------
    ForgecastError
        If there are too few or too many values, or a season is asked of rows without time.
    """
    column = watched.columns[0].values
    rows = np.flatnonzero(np.isfinite(column)).astype(np.int64)
    values = column[rows]
    notes = list(watched.notes)
    if rows.size < column.size:
        notes.append(text("{n} rows without a value are left out", n=int(column.size - rows.size)))
    if season:
        values = values - _season(watched, rows, values, season)
    found = search(values, shortest=shortest, strictness=strictness, confidence=confidence, trials=trials)
    doubtful = sum(one.probability > 1.0 - confidence for one in found.changes)
    if doubtful:
        notes.append(text("{n} of the changes may be chance", n=doubtful))
    if found.memory > 0.5:
        notes.append(text("neighbouring values are alike ({memory}); average them (--every) for a sharper answer",
                          memory=round(found.memory, 2)))  # fmt: skip
    return FoundChanges(watched, rows, values, season, found, tuple(notes))


def _season(watched: Watched, rows: NDArray[np.int64], values: NDArray[np.float64], season: str) -> NDArray[np.float64]:
    """Return for each value how much its hour and weekday lie above the median of all."""
    if watched.times is None:
        raise ForgecastError(
            text("nothing says which column holds the time"), where=watched.source,
            repair=text("name the column with --time"),
        )  # fmt: skip
    from forgecast.ground.dates import from_us  # noqa: PLC0415

    hours, inverse = np.unique(watched.times[rows] // 3_600_000_000, return_inverse=True)
    local = [from_us(int(hour) * 3_600_000_000, watched.zone) for hour in hours]
    key = np.array([one.hour + (24 * one.weekday() if season == "week" else 0) for one in local])[inverse]
    middle, made = float(np.median(values)), np.zeros(values.size)
    for one in np.unique(key):
        mine = key == one
        if mine.sum() >= _FEWEST:
            made[mine] = float(np.median(values[mine])) - middle
    return made
