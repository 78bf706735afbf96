"""By how much something was reduced during a warning, against the days before, with its uncertainty."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import ArrayLike


@dataclass(frozen=True, slots=True)
class Reduction:
    """A reduction as share [1] with its interval; NaN where it cannot be told.

    Parameters
    ----------
    share : float
        1 − mean during / mean before.
    low, high : float
        Interval of `share` with `confidence`.
    before, during : float
        Means, in the unit of the values.
    days_before, days_during : int
    confidence : float
    """

    share: float
    low: float
    high: float
    before: float
    during: float
    days_before: int
    days_during: int
    confidence: float

    def kept(self, required: float) -> bool | None:
        """Return whether a required share was reached: yes, no, or None where the interval does not say."""
        if math.isnan(self.low) or math.isnan(self.high):
            return None
        if self.low >= required:
            return True
        return False if self.high < required else None


def measured_reduction(before: ArrayLike, during: ArrayLike, *, confidence: float = 0.95) -> Reduction:
    """Return by how much daily values fell.

    Parameters
    ----------
    before, during : (n,) array
        One value a day (energy, running hours, production); NaN for a day that is not known.
    confidence : float

    Returns
    -------
    Reduction
        NaN where either side has no day, or nothing was there before. The interval needs two days on one side at
        least; a side with a single day lends its spread from the other.

    Notes
    -----
    Equations: r = 1 − d̄/b̄; u(r)² = (d̄/b̄)²·(u(d̄)²/d̄² + u(b̄)²/b̄²), u of a mean = s/√n; t of the smaller number of days

    To first order, and with the days taken as independent.
    """
    first, second = (np.asarray(values, dtype=np.float64) for values in (before, during))
    first, second = first[np.isfinite(first)], second[np.isfinite(second)]
    nothing = math.nan
    if first.size == 0 or second.size == 0 or not first.mean() > 0.0:
        b = float(first.mean()) if first.size else nothing
        d = float(second.mean()) if second.size else nothing
        return Reduction(nothing, nothing, nothing, b, d, first.size, second.size, confidence)
    b, d = float(first.mean()), float(second.mean())
    share = 1.0 - d / b
    spreads = [float(one.std(ddof=1)) if one.size > 1 else nothing for one in (first, second)]
    if d == 0.0 and (second == 0.0).all():
        # Nothing ran at all: no spread of the days before can make that less than everything.
        return Reduction(1.0, 1.0, 1.0, b, d, first.size, second.size, confidence)
    known = [s for s in spreads if not math.isnan(s)]
    if not known:
        return Reduction(share, nothing, nothing, b, d, first.size, second.size, confidence)
    s_b, s_d = (max(known) if math.isnan(s) else s for s in spreads)
    u = math.hypot(s_d / math.sqrt(second.size) / b, d * s_b / math.sqrt(first.size) / b**2)
    freedom = max(
        max(first.size, second.size) - 1 if min(first.size, second.size) < 2 else min(first.size, second.size) - 1, 1
    )
    half = float(scipy.stats.t.ppf(0.5 + confidence / 2.0, freedom)) * u
    return Reduction(share, share - half, min(share + half, 1.0), b, d, first.size, second.size, confidence)
