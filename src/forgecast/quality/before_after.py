"""Before and after: by how much a share or a mean has changed, with an interval."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import ArrayLike

from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text
from forgecast.quality.scrap import wilson_interval
from forgecast.quality.shewhart_chart import measured


@dataclass(frozen=True, slots=True)
class Change:
    """A change from before to after, and its interval, in the unit of what changed (shares [1])."""

    before: float
    after: float
    low: float
    high: float

    @property
    def difference(self) -> float:
        """Return after less before."""
        return self.after - self.before

    @property
    def shown(self) -> bool:
        """Return whether the interval leaves out no change at all."""
        return self.low > 0.0 or self.high < 0.0


def change_of_share(
    before: tuple[float, float], after: tuple[float, float], *, confidence: float = 0.95
) -> Change | None:
    """Return the change of a share; None where either time has no pieces.

    Parameters
    ----------
    before, after : (float, float)
        Bad pieces and all pieces.
    confidence : float
        Two-sided, between 0 and 1.

    Raises
    ------
    ForgecastError
        If more pieces are bad than there are.

    Notes
    -----
    Equations: with Wilson's bounds l, u of each share, low = d - √((p2-l2)² + (u1-p1)²) and
    high = d + √((u2-p2)² + (p1-l1)²), d = p2 - p1: R. G. Newcombe, Statistics in Medicine 17 (1998) 873-890, his
    method 10 (not read; that the interval covers what it says is proved by simulation). Pieces independent.
    """
    (k1, n1), (k2, n2) = before, after
    if not 0 <= k1 <= n1 or not 0 <= k2 <= n2:
        raise ForgecastError(
            text("a group has more defective pieces than inspected ones"),
            repair=text("check whether both counts are of the same pieces"),
        )
    if n1 == 0 or n2 == 0:
        return None
    (l1, l2), (u1, u2) = wilson_interval([k1, k2], [n1, n2], confidence=confidence)
    p1, p2 = k1 / n1, k2 / n2
    down = float(np.hypot(p2 - l2, u1 - p1))
    up = float(np.hypot(u2 - p2, p1 - l1))
    return Change(p1, p2, p2 - p1 - down, p2 - p1 + up)


def change_of_mean(before: ArrayLike, after: ArrayLike, *, confidence: float = 0.95) -> Change | None:
    """Return the change of a mean, scatter allowed to differ; None where either time has fewer than two values.

    Parameters
    ----------
    before, after : (n,), (m,) array
        NaN where missing.
    confidence : float
        Two-sided, between 0 and 1.

    Raises
    ------
    ForgecastError
        If a value is infinite.

    Notes
    -----
    Equations: d ± t √(s1²/n1 + s2²/n2), with t of ν = (v1+v2)²/(v1²/(n1-1) + v2²/(n2-1)) degrees of freedom,
    v = s²/n: B. L. Welch, Biometrika 34 (1947) 28-35, doi:10.1093/biomet/34.1-2.28. Values independent; a drift within
    either time makes the interval too narrow or too wide.
    """
    x, y = (values[~np.isnan(values)] for values in (measured(before, 1), measured(after, 1)))
    if x.size < 2 or y.size < 2:
        return None
    v1, v2 = float(x.var(ddof=1)) / x.size, float(y.var(ddof=1)) / y.size
    d = float(y.mean() - x.mean())
    if v1 + v2 == 0.0:
        return Change(float(x.mean()), float(y.mean()), d, d)
    freedom = (v1 + v2) ** 2 / (v1**2 / (x.size - 1) + v2**2 / (y.size - 1))
    half = float(scipy.special.stdtrit(freedom, 0.5 + confidence / 2.0)) * float(np.sqrt(v1 + v2))
    return Change(float(x.mean()), float(y.mean()), d - half, d + half)
