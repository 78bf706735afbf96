"""Thinning of long series for drawing: every extreme, every exceedance and every gap stays."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def over(values: NDArray[np.float64], limit: float | None, *, upper: bool = True) -> NDArray[np.bool_]:
    """Return where a value breaks a limit.

    Parameters
    ----------
    values : (n,) float64 array
        NaN where there is no value.
    limit : float or None
    upper : bool
        Whether the limit bounds from above.

    Returns
    -------
    (n,) bool array
    """
    if limit is None:
        return np.zeros(values.shape, dtype=np.bool_)
    broken: NDArray[np.bool_] = values > limit if upper else values < limit
    return broken


def thin(values: NDArray[np.float64], keep: NDArray[np.bool_], *, bins: int = 420) -> NDArray[np.int64]:
    """Return the indices to draw so that a line looks as if every value were drawn.

    Of each stretch of `n/bins` neighbours without a gap the least and the greatest value stay, with the first and the
    last of each unbroken run, every value marked in `keep`, and one index without a value for each gap.

    Parameters
    ----------
    values : (n,) float64 array
        NaN where there is no value.
    keep : (n,) bool array
        Values that must be drawn.
    bins : int
        Number of stretches; a line has about twice as many points.

    Returns
    -------
    (k,) int64 array
        Ascending.
    """
    n = values.size
    if n <= 2 * bins:
        return np.arange(n, dtype=np.int64)
    valid = np.isfinite(values)
    width = -(-n // bins)
    chosen = keep & valid
    edges = np.flatnonzero(np.diff(valid.astype(np.int8))) + 1
    run_starts = np.concatenate(([0], edges))
    run_ends = np.concatenate((edges, [n]))
    chosen[run_starts] = True
    with_value = valid[run_starts]
    chosen[run_ends[with_value] - 1] = True
    cuts = np.union1d(run_starts, np.arange(0, n, width))
    for start, end in zip(cuts, np.append(cuts[1:], n), strict=True):
        if valid[start]:
            chosen[start + np.argmin(values[start:end])] = True
            chosen[start + np.argmax(values[start:end])] = True
    return np.flatnonzero(chosen).astype(np.int64)
