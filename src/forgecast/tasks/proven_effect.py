"""Prove an effect: whether what was done has changed the quantity, with an interval and a chart of what came after."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from forgecast.ground.texts import Text, text
from forgecast.quality.before_after import Change, change_of_mean, change_of_share
from forgecast.quality.scrap import FloatArray
from forgecast.quality.variable_charts import individuals_and_moving_range
from forgecast.tasks.watched import Watched

#: Fewer values after it prove nothing of stability.
_ENOUGH = 6


@dataclass(frozen=True, slots=True)
class Effect:
    """What came of an action.

    Parameters
    ----------
    action, what : str
        Number of the action and its words; empty where only a day was given.
    done : int
        When it was done, microseconds UTC.
    change : Change or None
        From the time since the signal to the time after.
    good : float or None
        Level before the signal, to which it should come back; None for shares, which should fall.
    before, after : int
        Values or pieces on either side.
    stable : bool or None
        Whether no value after it lies beyond the limits of their own chart; None for shares and for too few.
    said : bool or None
        What the record of the action says of its effect.
    """

    action: str
    what: str
    done: int
    change: Change | None
    good: float | None
    before: int
    after: int
    stable: bool | None
    said: bool | None

    @property
    def verdict(self) -> Literal["proven", "not proven", "not known"]:
        """Return whether the effect is proven: a change the interval shows, in the right direction, and stable."""
        if self.change is None or (self.good is not None and self.stable is None):
            return "not known"
        if not self.change.shown or self.stable is False:
            return "not proven"
        if self.good is None:
            return "proven" if self.change.high < 0.0 else "not proven"
        nearer = abs(self.change.after - self.good) < abs(self.change.before - self.good)
        return "proven" if nearer else "not proven"

    @property
    def why(self) -> Text:
        """Return the reason of the verdict."""
        if self.change is None:
            return text("too few values since the signal ({before}) or after it was done ({after})",
                        before=self.before, after=self.after)  # fmt: skip
        if not self.change.shown:
            return text("the interval of the change holds no change at all")
        if self.stable is None and self.good is not None:
            return text("{n} values after it are too few to see whether it lasts", n=self.after)
        if self.stable is False:
            return text("what came after is not stable itself")
        if self.verdict == "proven":
            return text("the change is larger than chance explains and goes the right way")
        return text("the change goes the wrong way")

    def as_json(self) -> dict[str, object]:
        """Return the effect."""
        change = self.change
        return {
            "action": self.action,
            "what": self.what,
            "done_at": self.done,
            "before": None if change is None else change.before,
            "after": None if change is None else change.after,
            "change_low": None if change is None else change.low,
            "change_high": None if change is None else change.high,
            "level_before_the_signal": self.good,
            "values_before": self.before,
            "values_after": self.after,
            "stable_after": self.stable,
            "verdict": self.verdict,
            "why": self.why.as_json(),
            "recorded_as_effective": self.said,
        }


def effect_of(
    rows: Watched, begun: int, good: float | None, done: int, *, action: str = "", what: str = "",
    said: bool | None = None,
) -> Effect:  # fmt: skip
    """Compare a quantity since a signal with the same after something was done.

    Parameters
    ----------
    rows : Watched
        With times; one column, results or values.
    begun : int
        First suspect row.
    good : float or None
        Level before the signal; not used for results.
    done : int
        Microseconds UTC.
    action, what : str
    said : bool or None
        What the record says of the effect.
    """
    assert rows.times is not None  # noqa: S101  (the task asks for a plant's records, which have times)
    values, place = rows.columns[0].values, np.arange(len(rows))
    known = ~np.isnan(values)
    before = known & (place >= begun) & (rows.times < done)
    after = known & (rows.times >= done)
    if rows.columns[0].is_result:
        sides = [
            (float((values * rows.weights)[side].sum()), float(rows.weights[side].sum())) for side in (before, after)
        ]
        change = change_of_share(sides[0], sides[1])
        return Effect(action, what, done, change, None, round(sides[0][1]), round(sides[1][1]), None, said)
    change = change_of_mean(values[before], values[after])
    return Effect(action, what, done, change, good, int(before.sum()), int(after.sum()), _stable(values[after]), said)


def _stable(values: FloatArray) -> bool | None:
    if values.size < _ENOUGH:
        return None
    pair = individuals_and_moving_range(values)
    return not bool(pair.location.outside.any())
