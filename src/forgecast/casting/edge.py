"""Sharp edges: heat leaves a metal edge into sand faster than a straight line between two cell centres tells.

Around a straight edge the temperature of the sand is singular: it rises with the power lambda < 1 of the distance, so
heat flow there grows without bound towards the edge, and a difference of two cell centres misses a fifth of it. The
missing part dries up only slowly as cells get smaller (order 4/3), and it is most of the error of a grid. The form of
the singularity is known, so the half cell of sand that touches the edge is given the resistance that carries the true
flow.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

F4 = NDArray[np.float32]
F8 = NDArray[np.float64]
U1 = NDArray[np.uint8]
Bools = NDArray[np.bool_]

#: Both faces that meet in an edge have to be flat over so many cells; steps of a slanted or round skin are shorter.
FLAT = 3


@lru_cache(maxsize=256)
def exponent(ratio: float) -> float:
    """Return the power lambda of the distance from an edge of 90 degrees that the temperature around it follows.

    Parameters
    ----------
    ratio : float
        Conductivity outside the edge over that within [1]; 0 < ratio <= 1.

    Notes
    -----
    With cos(lambda theta) about the bisector within and outside, equal temperature and flow at the two faces ask for
    tan(lambda pi/4) + ratio tan(3 lambda pi/4) = 0, whose root lies between 2/3 (ratio 0) and 1 (ratio 1).
    """
    low, high = 2.0 / 3.0, 1.0
    for _ in range(60):
        middle = 0.5 * (low + high)
        # Just above 2/3 the second tangent is large and negative.
        if math.tan(0.25 * math.pi * middle) + ratio * math.tan(0.75 * math.pi * middle) < 0.0:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)


def gain(along: F8, across: F8, power: float) -> F8:
    """Return the true heat flow through the face next to an edge over that of the difference of two centres [1].

    Parameters
    ----------
    along : (…,) float64
        Length of the face, from the edge on [m].
    across : (…,) float64
        Width of the cell outside, across the face [m].
    power : float
        `exponent`.

    Notes
    -----
    For u = r^p sin(p psi) the flow through the face is along^p, and the centre of the cell lies at r = |(along,
    across)| / 2 and tan(psi) = across / along.
    """
    centre = (0.5 * np.hypot(along, across)) ** power * np.sin(power * np.arctan2(across, along))
    return np.asarray(along**power / (2.0 * along / across * centre), dtype=np.float64)


def edge_gains(
    quick: Bools, open_to: Bools, axis: int, widths: tuple[F8, F8, F8], power: float
) -> tuple[NDArray[np.intp], F4]:
    """Return which faces across an axis touch a sharp edge of a quick body, and what their half cell outside gains.

    Parameters
    ----------
    quick : (nz + 2, ny + 2, nx + 2) bool
        Cells of the body.
    open_to : the same
        Cells of the slow medium around.
    axis : int
        Array axis across which the faces lie.
    widths : three (n + 2,) float64
        Cell widths along the array axes [m].
    power : float
        `exponent`.

    Returns
    -------
    face : (faces,) intp
        Flat index of the upper cell of each face.
    gain : (faces,) float32
        Positive where the upper cell is the one outside, negative where it is the lower one.
    """
    total = np.ones(quick.shape, dtype=np.float32)
    sign = np.zeros(quick.shape, dtype=np.int8)
    others = [a for a in range(3) if a != axis]
    for outward in (1, -1):
        face = quick & _at(open_to, axis, outward)
        for other in others:
            for towards in (1, -1):
                edge = face & _at(open_to, other, towards) & ~_at(_at(quick, axis, outward), other, towards)
                edge &= _flat(quick, open_to, axis, outward, other, -towards)
                edge &= _flat(quick, open_to, other, towards, axis, -outward)
                where = np.nonzero(edge)
                across = widths[axis][where[axis] + outward]
                upper = list(where)
                if outward > 0:
                    upper[axis] = upper[axis] + 1
                total[tuple(upper)] *= gain(widths[other][where[other]], across, power).astype(np.float32)
                sign[tuple(upper)] = outward
    found = np.flatnonzero(sign)
    return found, total.ravel()[found] * sign.ravel()[found]


def _flat(quick: Bools, open_to: Bools, normal: int, outward: int, along: int, back: int) -> Bools:
    """Tell where a face goes on straight for `FLAT` cells, going back from the edge."""
    flat = np.ones(quick.shape, dtype=bool)
    for step in range(1, FLAT):
        flat &= _at(quick, along, back * step)
        flat &= _at(_at(open_to, normal, outward), along, back * step)
    return flat


def _at(cells: Bools, axis: int, step: int) -> Bools:
    """Return the value of the cell `step` further along an axis; at the ends, that of the last one."""
    size = cells.shape[axis]
    index = np.clip(np.arange(size) + step, 0, size - 1)
    return np.take(cells, index, axis=axis)
