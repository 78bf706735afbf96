"""Folds: where the outline of the metal meets itself."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forgecast.forging.kernels.outline_loops import first_crossing
from forgecast.forging.mesher import signed_area

FloatArray = NDArray[np.float64]
#: A loop of fewer points is a spike of the outline, as in the last corner of a cavity; it is cut off, and is no fold.
FEWEST = 4


@dataclass(frozen=True, slots=True)
class Fold:
    """Where and when two stretches of the surface met.

    Parameters
    ----------
    time : float
        s.
    x, y : float
        Radius (or x) and height, m.
    area : float
        Of the section through the pocket that the metal closed, m2.
    points : int
        How many points of the outline lay around the pocket.
    """

    time: float
    x: float
    y: float
    area: float
    points: int


def crosses_itself(outline: FloatArray) -> bool:
    """Tell whether two stretches of an outline that are no neighbours meet."""
    return bool(first_crossing(np.ascontiguousarray(outline), np.empty(4)))


def without_folds(outline: FloatArray, time: float) -> tuple[FloatArray, tuple[Fold, ...]]:
    """Return the outline with the pockets behind its folds taken out, and the folds.

    Parameters
    ----------
    outline : (k, 2) array
        Counter-clockwise, m.
    time : float
        s, written into the folds.

    Notes
    -----
    The lips of a fold are welded in the computation; in the piece they are a lap with scale between them.
    """
    found, folds = np.empty(4), []
    for _ in range(len(outline)):
        outline = np.ascontiguousarray(outline)
        if not first_crossing(outline, found):
            break
        i, j, at = int(found[0]), int(found[1]), found[2:].copy()
        one = np.concatenate([at[None], outline[i + 1 : j + 1]])
        other = np.concatenate([at[None], outline[j + 1 :], outline[: i + 1]])
        kept, pocket = (one, other) if signed_area(one) > signed_area(other) else (other, one)
        folds.append(Fold(time, float(at[0]), float(at[1]), abs(signed_area(pocket)), len(pocket) - 1))
        outline = kept
    return outline, joined(tuple(folds), 0.0)


def joined(folds: tuple[Fold, ...], reach: float) -> tuple[Fold, ...]:
    """Return folds with those that lie next to an earlier one counted to it: its seam grows, and its tip crosses twice.

    Parameters
    ----------
    folds : tuple of Fold
        In order of time.
    reach : float
        Distance up to which they are one, m; never less than four times the width of a pocket.
    """
    made: list[Fold] = []
    ends: list[tuple[float, float]] = []
    for fold in folds:
        for k, known in enumerate(made):
            near = max(reach, 4.0 * max(fold.area, known.area) ** 0.5)
            if np.hypot(fold.x - ends[k][0], fold.y - ends[k][1]) < near:
                made[k] = Fold(known.time, known.x, known.y, known.area + fold.area, max(known.points, fold.points))
                ends[k] = (fold.x, fold.y)
                break
        else:
            made.append(fold)
            ends.append((fold.x, fold.y))
    return tuple(made)
