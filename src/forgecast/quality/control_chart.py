"""Control chart of monthly scrap shares: which months stand out from the others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from forgecast.ground.texts import Text, text
from forgecast.quality.scrap import FloatArray

#: Mean moving range of two over standard deviation for a normal distribution, d2 of samples of two.
RANGE_PER_DEVIATION = 2.0 / np.sqrt(np.pi)


@dataclass(frozen=True, slots=True, eq=False)
class ShareChart:
    """A p′ chart.

    Parameters
    ----------
    share, lower, upper : (n,) float64 array
        Share of each group and its limits [1]; NaN where nothing was inspected.
    centre : float or None
        Share of all groups together.
    widening : float or None
        How much wider than by pure counting the limits are, at least 1.
    signal : (n,) bool array
        Groups outside their limits.
    why_missing : Text or None
    """

    share: FloatArray
    lower: FloatArray
    upper: FloatArray
    centre: float | None
    widening: float | None
    signal: NDArray[np.bool_]
    why_missing: Text | None = None


def share_chart(scrap: ArrayLike, inspected: ArrayLike, *, minimum_groups: int = 6) -> ShareChart:
    """Return a p′ chart of scrap shares in their order in time.

    Parameters
    ----------
    scrap, inspected : (n,) array
        Counts of each group (month, week), in order.
    minimum_groups : int
        Fewer groups with inspected pieces give no limits.

    Notes
    -----
    Equations: p̄ = Σk/Σn; σ_i = √(p̄(1−p̄)/n_i); z_i = (p_i − p̄)/σ_i; σ_z = mean|z_i − z_(i−1)| / 1.128;
    limits p̄ ± 3 σ_i max(σ_z, 1). D. B. Laney, Quality Engineering 14 (2002) 531-537,
    doi:10.1081/QEN-120003555. With thousands of pieces a month, limits from counting alone (σ_z = 1) call
    every month out of control; the moving range takes in what usually differs from month to month. Here the
    limits are never narrower than by counting.
    """
    k, n = np.broadcast_arrays(np.asarray(scrap, dtype=np.float64), np.asarray(inspected, dtype=np.float64))
    some = n > 0.0
    share = np.where(some, k / np.where(some, n, 1.0), np.nan)
    nothing = np.full(k.shape, np.nan)
    silent = np.zeros(k.shape, dtype=np.bool_)
    groups = int(some.sum())
    needed = max(minimum_groups, 2)
    if groups < needed:
        reason = text("{n} groups have inspected pieces; control limits take {needed}", n=groups, needed=needed)
        return ShareChart(share, nothing, nothing, None, None, silent, reason)
    centre = float(k[some].sum() / n[some].sum())
    deviation = np.sqrt(centre * (1.0 - centre) / np.where(some, n, 1.0))
    if not 0.0 < centre < 1.0:
        flat = np.where(some, centre, np.nan)
        return ShareChart(share, flat, flat, centre, 1.0, silent)
    z = (share[some] - centre) / deviation[some]
    widening = max(float(np.abs(np.diff(z)).mean()) / float(RANGE_PER_DEVIATION), 1.0)
    half = 3.0 * widening * deviation
    lower = np.where(some, np.maximum(centre - half, 0.0), np.nan)
    upper = np.where(some, np.minimum(centre + half, 1.0), np.nan)
    return ShareChart(share, lower, upper, centre, widening, np.asarray((share < lower) | (share > upper)))
