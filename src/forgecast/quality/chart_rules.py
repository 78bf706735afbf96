"""Rules of control charts: which points complete a pattern that chance alone seldom makes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from forgecast.ground.texts import Text, text
from forgecast.quality.scrap import FloatArray, IntArray

BoolArray: TypeAlias = NDArray[np.bool_]
Pattern: TypeAlias = Literal["beyond", "one_side", "trend", "alternating", "most_beyond", "inside", "outside"]


@dataclass(frozen=True, slots=True)
class Rule:
    """A pattern and its numbers.

    Parameters
    ----------
    name : str
        ``nelson-5`` …
    pattern : Pattern
        ``beyond``: farther from the centre than `deviations`. ``one_side``: `run` points in a row on one side.
        ``trend``: `run` in a row rising, or falling. ``alternating``: `run` in a row up and down in turn.
        ``most_beyond``: `run` of `of` points in a row beyond `deviations` on one side. ``inside`` and ``outside``:
        `run` points in a row nearer to, or farther from, the centre than `deviations`, whatever their side.
    run : int
    of : int
        Length of the window of ``most_beyond``; equal to `run` elsewhere.
    deviations : float
        [standard deviations of the point]
    """

    name: str
    pattern: Pattern
    run: int
    of: int
    deviations: float

    @property
    def title(self) -> Text:
        """Return the rule in words."""
        titles: dict[Pattern, Text] = {
            "beyond": text("a point more than {d} standard deviations from the centre line", d=f"{self.deviations:g}"),
            "one_side": text("{n} points in a row on one side of the centre line", n=self.run),
            "trend": text("{n} points in a row rising, or falling", n=self.run),
            "alternating": text("{n} points in a row going up and down in turn", n=self.run),
            "most_beyond": text(
                "{n} of {m} points in a row more than {d} standard deviations from the centre line on one side",
                n=self.run,
                m=self.of,
                d=f"{self.deviations:g}",
            ),
            "inside": text(
                "{n} points in a row within {d} standard deviations of the centre line",
                n=self.run,
                d=f"{self.deviations:g}",
            ),
            "outside": text(
                "{n} points in a row more than {d} standard deviations from the centre line on either side",
                n=self.run,
                d=f"{self.deviations:g}",
            ),
        }
        return titles[self.pattern]


#: L. S. Nelson, Journal of Quality Technology 16 (1984) 237-239, doi:10.1080/00224065.1984.11978921, in his order.
#: Rule 8 is taken as Minitab takes it: the eight points may all lie on one side.
NELSON: tuple[Rule, ...] = (
    Rule("nelson-1", "beyond", 1, 1, 3.0),
    Rule("nelson-2", "one_side", 9, 9, 0.0),
    Rule("nelson-3", "trend", 6, 6, 0.0),
    Rule("nelson-4", "alternating", 14, 14, 0.0),
    Rule("nelson-5", "most_beyond", 2, 3, 2.0),
    Rule("nelson-6", "most_beyond", 4, 5, 1.0),
    Rule("nelson-7", "inside", 15, 15, 1.0),
    Rule("nelson-8", "outside", 8, 8, 1.0),
)

#: Western Electric, Statistical Quality Control Handbook (1956), as NIST/SEMATECH's e-Handbook 6.3.2 states them.
WESTERN_ELECTRIC: tuple[Rule, ...] = (
    Rule("western-electric-1", "beyond", 1, 1, 3.0),
    Rule("western-electric-2", "most_beyond", 2, 3, 2.0),
    Rule("western-electric-3", "most_beyond", 4, 5, 1.0),
    Rule("western-electric-4", "one_side", 8, 8, 0.0),
)


@dataclass(frozen=True, slots=True, eq=False)
class Signals:
    """Points that complete a pattern.

    Parameters
    ----------
    rules : tuple of Rule, of length k
    flagged : (k, n) bool array
    """

    rules: tuple[Rule, ...]
    flagged: BoolArray

    @property
    def any(self) -> BoolArray:
        """Return the points that any rule flags, (n,) bool."""
        return np.asarray(self.flagged.any(axis=0))

    def of(self, name: str) -> IntArray:
        """Return the positions of the points that a rule flags."""
        at = [rule.name for rule in self.rules].index(name)
        return np.flatnonzero(self.flagged[at]).astype(np.int64)


def find_signals(
    values: ArrayLike,
    centre: ArrayLike,
    deviation: ArrayLike,
    *,
    rules: tuple[Rule, ...] = NELSON,
    stage: ArrayLike | None = None,
) -> Signals:
    """Return the points that complete a pattern of the rules.

    Parameters
    ----------
    values : (n,) array
        Plotted points in their order in time; NaN where one is missing.
    centre, deviation : (n,) array or float
        Centre line and standard deviation of each point; NaN where there are no limits.
    rules : tuple of Rule
    stage : (n,) array or None
        Any labels; where the label changes a new stage begins.

    Notes
    -----
    The point flagged is the one that completes the pattern and itself belongs to it: in "2 of 3 beyond 2 deviations"
    it lies beyond them on the side of the others. This is how Minitab counts. All comparisons are strict; a point
    on the centre line ends a run on one side. No pattern reaches across a missing point or into another stage.
    Trends and alternations are those of the plotted values, whatever their deviations.
    """
    v, c, d = np.broadcast_arrays(*(np.asarray(a, dtype=np.float64) for a in (values, centre, deviation)))
    away = v - c
    # Without any scatter every point off the centre line lies beyond all limits.
    scattered = np.where(d > 0.0, away / np.where(d > 0.0, d, 1.0), np.copysign(np.inf, away))
    z = np.where((d == 0.0) & (away == 0.0), 0.0, np.where(np.isnan(d), np.nan, scattered))
    z = np.where(np.isnan(away), np.nan, z)
    start = _stretch_start(z, stage)
    flagged = np.zeros((len(rules), v.size), dtype=np.bool_)
    for at, rule in enumerate(rules):
        flagged[at] = _completed(rule, z, v, start)
    return Signals(rules, flagged)


def run_lengths(condition: BoolArray, start: IntArray) -> IntArray:
    """Return how many points in a row fulfil a condition, up to and with each point.

    Parameters
    ----------
    condition : (n,) bool array
    start : (n,) int64 array
        Position at which the stretch of each point begins; no run reaches before it.
    """
    place = np.arange(condition.size)
    last_false = np.maximum.accumulate(np.where(condition, -1, place))
    return np.asarray(place - np.maximum(last_false, start - 1), dtype=np.int64)


def stage_numbers(stage: ArrayLike | None, size: int) -> IntArray:
    """Return the number of each point's stage, 0, 1 …; a new one begins wherever the label changes."""
    if stage is None or size == 0:
        return np.zeros(size, dtype=np.int64)
    labels = np.asarray(stage)
    return np.concatenate([[0], np.cumsum(labels[1:] != labels[:-1])]).astype(np.int64)


def _stretch_start(z: FloatArray, stage: ArrayLike | None) -> IntArray:
    if z.size == 0:
        return np.zeros(0, dtype=np.int64)
    missing = np.isnan(z)
    number = stage_numbers(stage, z.size)
    begins = np.ones(z.size, dtype=np.bool_)
    begins[1:] = missing[1:] | (number[1:] != number[:-1])
    return np.asarray(np.maximum.accumulate(np.where(begins, np.arange(z.size), 0)), dtype=np.int64)


def _completed(rule: Rule, z: FloatArray, values: FloatArray, start: IntArray) -> BoolArray:
    size = rule.run
    match rule.pattern:
        case "beyond":
            found = np.abs(z) > rule.deviations
        case "one_side":
            found = (run_lengths(z > 0.0, start) >= size) | (run_lengths(z < 0.0, start) >= size)
        case "trend":
            step = _steps(values, start)
            found = (run_lengths(step > 0.0, start) >= size - 1) | (run_lengths(step < 0.0, start) >= size - 1)
        case "alternating":
            direction = np.sign(_steps(values, start))
            turned = np.zeros(z.size, dtype=np.bool_)
            turned[1:] = direction[1:] * direction[:-1] < 0.0
            found = run_lengths(turned, start) >= size - 2
        case "most_beyond":
            found = _most(z > rule.deviations, rule, start) | _most(z < -rule.deviations, rule, start)
        case "inside":
            found = run_lengths(np.abs(z) < rule.deviations, start) >= size
        case "outside":
            found = run_lengths(np.abs(z) > rule.deviations, start) >= size
    return np.asarray(found & ~np.isnan(z))


def _steps(values: FloatArray, start: IntArray) -> FloatArray:
    """Return each value less the one before it; 0 where a stretch begins, which is neither up nor down."""
    step = np.zeros(values.size)
    step[1:] = np.diff(values)
    return np.where(np.arange(values.size) > start, step, 0.0)


def _most(beyond: BoolArray, rule: Rule, start: IntArray) -> BoolArray:
    place = np.arange(beyond.size)
    counted = np.concatenate([[0], np.cumsum(beyond)])
    from_here = np.maximum(place - rule.of + 1, start)
    return np.asarray(beyond & (counted[1:] - counted[from_here] >= rule.run))
