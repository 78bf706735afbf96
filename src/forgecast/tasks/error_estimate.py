"""How far a run is from converged: the same part in coarser cells, and Richardson's estimate from the three."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from forgecast.casting.freeze import freeze
from forgecast.casting.freezing import Freezing
from forgecast.casting.heat_run import Accuracy
from forgecast.casting.layout import Side
from forgecast.shape.solid import Solid
from forgecast.tasks.mould_layout import Body, Pour, lay, mould_grid

#: Ratio of the cells of one grid to those of the next finer one.
RATIO = 1.5
#: Orders outside these are not trusted; the estimate then takes the first order, which is the larger error.
ORDERS = (0.8, 2.5)


@dataclass(frozen=True, slots=True)
class ErrorEstimate:
    """Times at which the casting is solid in three grids, and what they say of the finest.

    Parameters
    ----------
    cells : (float, float, float)
        Edge of the cells, the finest first [m].
    last : (float, float, float)
        When the last of the casting is solid [s].
    mean : (float, float, float)
        Mean over the casting's volume of when it is solid [s].
    order : float
        Observed order of the mean time; the first order where it is not clear.
    error_last, error_mean : float
        Estimated error of the finest grid over its value [1].
    clear : bool
        Whether the three grids show an order.
    """

    cells: tuple[float, float, float]
    last: tuple[float, float, float]
    mean: tuple[float, float, float]
    order: float
    error_last: float
    error_mean: float
    clear: bool


def estimate_error(
    finest: Freezing,
    casting: Solid,
    bodies: Sequence[Body],
    pour: Pour,
    cell: float,
    margin: float,
    accuracy: Accuracy,
    *,
    symmetry: Sequence[Side] = (),
    stop: Callable[[], bool] | None = None,
) -> ErrorEstimate | None:
    """Freeze the part in two coarser grids and estimate the error of the finest; None if it was stopped.

    Parameters
    ----------
    finest : Freezing
        The run judged.
    casting, bodies, pour, cell, margin, accuracy, symmetry
        What it was made from.

    Notes
    -----
    Richardson: with ratio r and three values f1 (finest), f2, f3 the order is p = ln((f3-f2)/(f2-f1)) / ln r and the
    error of f1 is (f1 - f2) / (r^p - 1).
    """
    runs = [finest]
    for power in (1, 2):
        grid = mould_grid([casting, *(b.solid for b in bodies)], cell * RATIO**power, margin, symmetry=symmetry)
        runs.append(freeze(lay(casting, bodies, pour, grid, symmetry=symmetry).layout, accuracy=accuracy, stop=stop))
        if not runs[-1].effort.finished:
            return None
    mean = [_mean(run) for run in runs]
    last = [float(np.nanmax(run.time_solidus[run.part == 1])) for run in runs]
    step, coarse = mean[0] - mean[1], mean[1] - mean[2]
    ratio = coarse / step if step != 0.0 else math.inf
    order = math.log(ratio) / math.log(RATIO) if 0.0 < ratio < math.inf else math.nan
    clear = ORDERS[0] <= order <= ORDERS[1]
    used = order if clear else 1.0
    shrink = RATIO**used - 1.0
    return ErrorEstimate(
        cells=(cell, cell * RATIO, cell * RATIO**2),
        last=(last[0], last[1], last[2]),
        mean=(mean[0], mean[1], mean[2]),
        order=used,
        error_last=abs(last[0] - last[1]) / shrink / last[0],
        error_mean=abs(step) / shrink / mean[0],
        clear=clear,
    )


def _mean(run: Freezing) -> float:
    own = run.part == 1
    return float(np.average(run.time_solidus[own].astype(np.float64), weights=run.metal_volume[own]))
