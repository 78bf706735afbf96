"""Certificates of completeness: what of a stretch is there, what is good, and what is missing, proved by a hash."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forgecast.signals.gate.doubt import Doubt, lowered
from forgecast.signals.gate.gaps import gap_limit
from forgecast.signals.reading import DOUBTFUL, GOOD, INVALID, Readings


@dataclass(frozen=True, slots=True)
class Certificate:
    """How complete a stretch of a series is.

    Parameters
    ----------
    tag : str
    start, end : int
        The stretch, microseconds UTC, end exclusive.
    interval : int or None
        Time between readings it was judged by, microseconds; None where none is declared or shown: then nobody can
        say what is missing.
    due : int or None
        Readings that a complete stretch has.
    good, doubtful, invalid : int
        Readings there, after the gate's doubts.
    missing : tuple of (int, int)
        Stretches without any reading, microseconds UTC, from the reading before to the one after (or the edge).
    longest : float
        The longest of them, s.
    age : float or None
        How old the last reading was at the end, s; None where there is none.
    doubts : tuple of Doubt
    digest : str
        SHA-256 over tag, times, values and flags as they were judged: another state of the series has another one.
    """

    tag: str
    start: int
    end: int
    interval: int | None
    due: int | None
    good: int
    doubtful: int
    invalid: int
    missing: tuple[tuple[int, int], ...]
    longest: float
    age: float | None
    doubts: tuple[Doubt, ...]
    digest: str

    @property
    def present(self) -> int:
        """Return how many readings there are."""
        return self.good + self.doubtful + self.invalid

    @property
    def present_share(self) -> float | None:
        """Return the share of the due readings that are there, None where nobody knows how many are due."""
        return None if not self.due else min(self.present / self.due, 1.0)

    @property
    def good_share(self) -> float | None:
        """Return the share of the due readings that are there and good."""
        return None if not self.due else min(self.good / self.due, 1.0)

    @property
    def complete(self) -> bool:
        """Return whether nothing is missing and all is good."""
        return self.due is not None and not self.missing and self.good == self.present > 0

    def as_json(self) -> dict[str, object]:
        """Return the certificate as every JSON answer shows it."""
        return {
            "tag": self.tag,
            "start_us": self.start,
            "end_us": self.end,
            "interval_s": None if self.interval is None else self.interval / 1e6,
            "due": self.due,
            "present": self.present,
            "good": self.good,
            "doubtful": self.doubtful,
            "invalid": self.invalid,
            "present_share": self.present_share,
            "good_share": self.good_share,
            "complete": self.complete,
            "missing_us": [list(span) for span in self.missing],
            "longest_gap_s": self.longest,
            "age_s": self.age,
            "doubts": [doubt.as_json() for doubt in self.doubts],
            "sha256": self.digest,
        }


def certify(
    readings: Readings, start: int, end: int, interval: int | None, doubts: Sequence[Doubt] = ()
) -> Certificate:
    """Return the certificate of a stretch.

    Parameters
    ----------
    readings : Readings
        All that the stretch holds.
    start, end : int
        Microseconds UTC, end exclusive.
    interval : int or None
        Declared or usual time between readings, microseconds.
    doubts : sequence of Doubt
        What the gate said of them.

    Returns
    -------
    Certificate
    """
    t = readings.t
    judged = lowered(t, readings.flag, doubts)
    missing = _missing(t, start, end, interval)
    return Certificate(
        readings.tag,
        start,
        end,
        interval,
        None if interval is None else max(round((end - start) / interval), 1),
        int((judged == GOOD).sum()),
        int((judged == DOUBTFUL).sum()),
        int((judged == INVALID).sum()),
        missing,
        max(((b - a) / 1e6 for a, b in missing), default=0.0),
        (end - int(t[-1])) / 1e6 if t.size else None,
        tuple(doubts),
        digest(readings),
    )


def digest(readings: Readings) -> str:
    """Return the SHA-256 over a series: its name in UTF-8, a zero byte, then times, values and flags, little-endian."""
    found = hashlib.sha256(readings.tag.encode("utf-8") + b"\0")
    for column, kind in ((readings.t, "<i8"), (readings.value, "<f8"), (readings.flag, "<i1")):
        found.update(np.ascontiguousarray(column, dtype=kind).tobytes())
    return found.hexdigest()


def _missing(t: NDArray[np.int64], start: int, end: int, interval: int | None) -> tuple[tuple[int, int], ...]:
    if not t.size:
        return ((start, end),)
    limit = gap_limit(interval)
    if limit is None:
        return ()
    edges = np.concatenate(([start], t, [end]))
    return tuple((int(edges[at]), int(edges[at + 1])) for at in np.flatnonzero(np.diff(edges) > limit))
