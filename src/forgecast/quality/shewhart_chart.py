"""What every Shewhart chart is: points, centre line, limits, and the rules that make sense on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Text, text
from forgecast.quality.chart_rules import NELSON, Pattern, Rule, Signals, find_signals
from forgecast.quality.scrap import FloatArray, IntArray

ChartKind: TypeAlias = Literal["mean", "range", "deviation", "individual", "moving_range", "p", "np", "c", "u"]

#: Half the width of the limits in standard deviations of the point.
WIDTH = 3.0

#: Minitab's choice: zones of one and two deviations mean something only where the points lie evenly about the
#: centre, and moving ranges, which share values, run by themselves.
_RUNS: frozenset[Pattern] = frozenset({"beyond", "one_side", "trend", "alternating"})
PATTERNS: dict[ChartKind, frozenset[Pattern]] = {
    "mean": _RUNS | {"most_beyond", "inside", "outside"},
    "individual": _RUNS | {"most_beyond", "inside", "outside"},
    "range": _RUNS,
    "deviation": _RUNS,
    "p": _RUNS,
    "np": _RUNS,
    "c": _RUNS,
    "u": _RUNS,
    "moving_range": frozenset({"beyond"}),
}


@dataclass(frozen=True, slots=True, eq=False)
class ControlChart:
    """A Shewhart chart.

    Parameters
    ----------
    kind : ChartKind
    values : (n,) float64 array
        Plotted points; NaN where one is missing.
    centre, lower, upper : (n,) float64 array
        Lines at each point; NaN where its stage has too few points for limits.
    deviation : (n,) float64 array
        Standard deviation of each plotted point.
    stage : (n,) int64 array
        Number of each point's stage, 0, 1 …
    why_missing : tuple of Text
        One sentence for each stage without limits.
    """

    kind: ChartKind
    values: FloatArray
    centre: FloatArray
    lower: FloatArray
    upper: FloatArray
    deviation: FloatArray
    stage: IntArray
    why_missing: tuple[Text, ...] = ()

    @property
    def outside(self) -> NDArray[np.bool_]:
        """Return the points beyond their limits, (n,) bool."""
        return np.asarray((self.values < self.lower) | (self.values > self.upper))

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Return those of Nelson's rules that make sense on this chart."""
        return tuple(rule for rule in NELSON if rule.pattern in PATTERNS[self.kind])

    def signals(self, rules: tuple[Rule, ...] | None = None) -> Signals:
        """Return the points that complete a pattern.

        Parameters
        ----------
        rules : tuple of Rule or None
            None means all of Nelson's that make sense on the chart.

        Raises
        ------
        ForgecastError
            If a rule makes no sense on the chart: zones on a chart of ranges or counts, runs on one of moving ranges.
        """
        asked = self.rules if rules is None else rules
        for rule in asked:
            if rule.pattern not in PATTERNS[self.kind]:
                raise ForgecastError(
                    text("the rule does not hold on a chart of this kind: {rule}", rule=rule.title),
                    where=self.kind,
                    repair=text("leave it out, or use it on the chart of means or of single values"),
                )
        return find_signals(self.values, self.centre, self.deviation, rules=asked, stage=self.stage)


@dataclass(frozen=True, slots=True, eq=False)
class ChartPair:
    """A chart of where the process lies and one of how it scatters, on one estimate of the deviation.

    Parameters
    ----------
    location, spread : ControlChart
    deviation : (stages,) float64 array
        Standard deviation of a single value within subgroups, of each stage; NaN where it cannot be told.
    degrees_of_freedom : (stages,) float64 array
        Of that estimate.
    """

    location: ControlChart
    spread: ControlChart
    deviation: FloatArray
    degrees_of_freedom: FloatArray


def measured(values: ArrayLike, dimensions: int) -> FloatArray:
    """Return values as float64, NaN where missing.

    Raises
    ------
    ForgecastError
        If they have another number of dimensions, or one is infinite.
    """
    found = np.asarray(values, dtype=np.float64)
    if found.ndim != dimensions:
        raise ForgecastError(
            text("the values have {got} dimensions; {want} are needed", got=found.ndim, want=dimensions),
            repair=text("give one row for each subgroup or point in time"),
        )
    if np.isinf(found).any():
        raise ForgecastError(
            text("a measured value is infinite"),
            repair=text("leave a value that was not measured empty; it stays missing"),
        )
    return found


def stage_sum(values: FloatArray, stage: IntArray) -> FloatArray:
    """Return the sum of the values of each stage, missing ones left out, (stages,) float64."""
    found = np.bincount(stage, weights=np.where(np.isnan(values), 0.0, values), minlength=stages_of(stage))
    return np.asarray(found, dtype=np.float64)


def stage_mean(values: FloatArray, stage: IntArray) -> FloatArray:
    """Return the mean of the values of each stage, missing ones left out, (stages,) float64; NaN where none is."""
    return ratio(stage_sum(values, stage), stage_count(values, stage))


def stage_count(values: FloatArray, stage: IntArray) -> FloatArray:
    """Return how many values of each stage are there, (stages,) float64."""
    return stage_sum(np.where(np.isnan(values), 0.0, 1.0), stage)


def stages_of(stage: IntArray) -> int:
    """Return the number of stages, at least one."""
    return int(stage[-1]) + 1 if stage.size else 1


def ratio(part: ArrayLike, whole: ArrayLike) -> FloatArray:
    """Return a quotient; NaN where the divisor is zero or missing."""
    above, below = np.broadcast_arrays(np.asarray(part, dtype=np.float64), np.asarray(whole, dtype=np.float64))
    some = (below != 0.0) & ~np.isnan(below)
    return np.where(some, above / np.where(some, below, 1.0), np.nan)


def enough(count: FloatArray, minimum: int) -> tuple[NDArray[np.bool_], tuple[Text, ...]]:
    """Return which stages have the points that limits take, and a sentence for each that has not."""
    few = count < minimum
    reasons = tuple(
        text("stage {stage} has {n} points; limits take {needed}", stage=int(at) + 1, n=int(count[at]), needed=minimum)
        for at in np.flatnonzero(few)
    )
    return ~few, reasons
