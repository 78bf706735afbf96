"""Doubts: stretches of a series that should not be trusted, each with its reason and how sure it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from forgecast.ground.texts import Text, text
from forgecast.signals.reading import DOUBTFUL, GOOD


class Reason(StrEnum):
    """Why a stretch is doubtful."""

    GAP = "gap"
    STILL = "still"
    SPIKE = "spike"
    BOUNDS = "bounds"
    FUTURE = "future"
    STEP_BACK = "step-back"
    ZONE_SLIP = "zone-slip"
    DAY_SHIFT = "day-shift"
    DRIFT = "drift"
    UNIT_SLIP = "unit-slip"


#: What each reason is called.
REASON_TEXTS: dict[Reason, Text] = {
    Reason.GAP: text("readings missing"),
    Reason.STILL: text("stands still"),
    Reason.SPIKE: text("spike"),
    Reason.BOUNDS: text("outside the plausible bounds"),
    Reason.FUTURE: text("time in the future"),
    Reason.STEP_BACK: text("time steps back"),
    Reason.ZONE_SLIP: text("clock off by whole hours (time zone?)"),
    Reason.DAY_SHIFT: text("clock off by a day"),
    Reason.DRIFT: text("clock runs off"),
    Reason.UNIT_SLIP: text("unit changed"),
}


@dataclass(frozen=True, slots=True, order=True)
class Doubt:
    """A doubtful stretch.

    Parameters
    ----------
    start, end : int
        Its first and last instant, microseconds UTC. Of a gap they are the readings on either side, which themselves
        are in order; of any other reason both belong to it.
    reason : Reason
    count : int
        How many readings it holds; of a gap, how many are missing.
    confidence : float
        How sure it is, 0 to 1: an ordering of evidence, no probability.
    size : float
        What was seen: deviation of a spike, factor of a changed unit, seconds a clock is off, value that stands
        still; NaN where nothing is meant.
    note : str
        The unit slip's name (``kPa/MPa``) or empty.
    """

    start: int
    end: int
    reason: Reason
    count: int
    confidence: float
    size: float = float("nan")
    note: str = ""

    def as_json(self) -> dict[str, object]:
        """Return the doubt as every JSON answer shows it."""
        return {
            "reason": str(self.reason),
            "start_us": self.start,
            "end_us": self.end,
            "count": self.count,
            "confidence": round(self.confidence, 3),
            "size": None if np.isnan(self.size) else self.size,
            "note": self.note,
        }


def lowered(t: NDArray[np.int64], flag: NDArray[np.int8], doubts: Iterable[Doubt]) -> NDArray[np.int8]:
    """Return flags in which good readings within doubts have become doubtful; no flag is ever raised.

    Parameters
    ----------
    t : (n,) int64 array
        Microseconds UTC, ascending.
    flag : (n,) int8 array
    doubts : iterable of Doubt
        Gaps change nothing: what is missing has no flag.

    Returns
    -------
    (n,) int8 array
    """
    found = flag.copy()
    for doubt in doubts:
        if doubt.reason is Reason.GAP:
            continue
        within = slice(*np.searchsorted(t, [doubt.start, doubt.end + 1]))
        part = found[within]
        part[part == GOOD] = DOUBTFUL
    return found
