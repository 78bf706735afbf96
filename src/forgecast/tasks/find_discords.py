"""Find the stretches of a signal that resemble no other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Text, text
from forgecast.signals.condition.discord import Discords
from forgecast.signals.condition.discord import find_discords as search
from forgecast.tasks.condition_values import per_month, place_of
from forgecast.tasks.watched import Watched


@dataclass(frozen=True, slots=True, eq=False)
class FoundDiscords:
    """Discords of one signal.

    Parameters
    ----------
    watched : Watched
    found : Discords
    notes : tuple of Text
    """

    watched: Watched
    found: Discords
    notes: tuple[Text, ...]

    @property
    def alarms_per_month(self) -> float | None:
        """Return the alarms a month that the threshold of the first half would have given in the second."""
        half = self.found.profile.size // 2
        return per_month(self.found.alarms, self.watched, np.arange(half, self.found.profile.size, dtype=np.int64))

    def place(self, row: int) -> str:
        """Return when a value was."""
        return place_of(self.watched, min(row, len(self.watched) - 1))

    def as_json(self) -> dict[str, object]:
        """Return the answer."""
        found = self.found
        return {
            "source": self.watched.source,
            "signal": self.watched.columns[0].name,
            "window": found.window,
            "constant_stretches": found.constant,
            "stretches_with_missing_values": found.missing,
            "threshold": found.threshold if np.isfinite(found.threshold) else None,
            "alarms": found.alarms,
            "alarms_per_month": self.alarms_per_month,
            "discords": [
                {"from": self.place(one.at), "until": self.place(one.at + found.window - 1),
                 "nearest": self.place(one.nearest), "distance": one.distance}
                for one in found.discords
            ],
            "notes": [note.as_json() for note in self.notes],
        }  # fmt: skip


def find_discords(
    watched: Watched, *, window: int | None = None, span: float | None = None, count: int = 3, false_alarm: float = 0.01
) -> FoundDiscords:
    """Search the first signal for discords.

    Parameters
    ----------
    watched : Watched
        Evenly spaced: averaged, or as its instrument gives it.
    window : int or None
        Values in a stretch.
    span : float or None
        Its length [s], where the rows have a time; one of the two is needed.
    count : int
    false_alarm : float
        As in `forgecast.signals.condition.discord.find_discords`.

    Raises
    ------
    ForgecastError
        If neither is told, or the signal is too short.
    """
    size = window
    if size is None and span is not None and watched.times is not None and len(watched) > 1:
        size = round(span * 1e6 / float(np.median(np.diff(watched.times))))
    if size is None:
        raise ForgecastError(
            text("nothing says how long a stretch is"),
            repair=text("give --window as a number of values, or --span as a time with --time"),
        )
    notes = list(watched.notes)
    if watched.times is not None and len(watched) > 2:
        steps = np.diff(watched.times)
        uneven = int((np.abs(steps - np.median(steps)) > 0.5 * np.median(steps)).sum())
        if uneven:
            notes.append(text("{n} steps of time are uneven; average them (--every), or stretches differ in length",
                              n=uneven))  # fmt: skip
    found = search(watched.columns[0].values, size, count=count, false_alarm=false_alarm)
    if found.constant:
        notes.append(text("{n} stretches do not vary and are left out", n=found.constant))
    return FoundDiscords(watched, found, tuple(notes))
