"""Control chart of monthly scrap shares: which months stand out from the others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from forgecast.ground.texts import Text, text
from forgecast.quality.attribute_charts import laney_widening, p_chart
from forgecast.quality.scrap import FloatArray


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
    needed = max(minimum_groups, 2)
    chart = p_chart(scrap, inspected, laney=True, never_narrower=True, minimum_points=needed)
    groups = int((~np.isnan(chart.values)).sum())
    if groups < needed:
        reason = text("{n} groups have inspected pieces; control limits take {needed}", n=groups, needed=needed)
        return ShareChart(chart.values, chart.lower, chart.upper, None, None, chart.outside, reason)
    counted = p_chart(scrap, inspected, minimum_points=needed)
    widening = laney_widening(counted.values, counted.centre, counted.deviation, counted.stage)
    return ShareChart(
        share=chart.values,
        lower=chart.lower,
        upper=chart.upper,
        centre=float(chart.centre[0]),
        widening=max(float(widening[0]), 1.0),
        signal=chart.outside,
    )
