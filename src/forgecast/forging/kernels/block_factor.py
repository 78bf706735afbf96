"""Solution of the equations of a flow: symmetric, a block of three (two velocities, a pressure) for each node.

Velocities give a positive, pressures a negative definite part, so that L D L^T exists in any order of the nodes and no
pivots need to be looked for (R. J. Vanderbei, Symmetric quasidefinite matrices, SIAM J. Optim. 5 (1995) 100). The
pattern of L is found once for a mesh; every factorisation goes row by row along the elimination tree.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from forgecast.ground.compiled import compiled

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@compiled()
def pattern_of(starts: IntArray, rows: IntArray, parent: IntArray, counts: IntArray) -> None:
    """Write the elimination tree and the number of blocks below the diagonal in each column of L.

    `starts`, `rows`: the blocks above the diagonal by column, rows ascending in no order; `parent` is -1 at a root.
    """
    n = starts.shape[0] - 1
    mark = np.full(n, -1, dtype=np.int64)
    for k in range(n):
        parent[k] = -1
        mark[k] = k
        for at in range(starts[k], starts[k + 1]):
            i = rows[at]
            while mark[i] != k:
                if parent[i] == -1:
                    parent[i] = k
                counts[i] += 1
                mark[i] = k
                i = parent[i]


@compiled()
def gather(
    triangles: IntArray,
    matrix: FloatArray,
    frame: FloatArray,
    given: NDArray[np.bool_],
    stiffness: FloatArray,
    slot: IntArray,
    turned: NDArray[np.bool_],
    unit: float,
    upper: FloatArray,
    diagonal: FloatArray,
) -> None:
    """Add the matrices of the elements into blocks, in the frames of the nodes and with what is given taken out.

    Parameters
    ----------
    triangles, matrix
        (m, 3), (m, 9, 9).
    frame, given, stiffness
        (n, 2, 2), (n, 2), (n,): rows normal and tangent; which of them is given; slope of friction along the tangent.
    slot : (m, 3) array
        Block above the diagonal of the sides 0-1, 1-2, 2-0.
    turned : (m, 3) array
        Whether the block's row is the side's second node.
    unit : float
        Pressures are counted in this unit, so that both kinds of entries are alike, Pa s/m.
    upper, diagonal
        (b, 3, 3), (n, 3, 3), written.
    """
    upper[:] = 0.0
    diagonal[:] = 0.0
    block = np.empty((3, 3))
    middle = np.empty((3, 3))
    for e in range(triangles.shape[0]):
        for side in range(6):
            a, b = (side, side) if side < 3 else (side - 3, (side - 2) % 3)
            if side >= 3 and turned[e, side - 3]:
                a, b = b, a
            na, nb = triangles[e, a], triangles[e, b]
            for j in range(3):
                column = 6 + b if j == 2 else 2 * b + j
                x, y = matrix[e, 2 * a, column], matrix[e, 2 * a + 1, column]
                middle[0, j] = frame[na, 0, 0] * x + frame[na, 0, 1] * y
                middle[1, j] = frame[na, 1, 0] * x + frame[na, 1, 1] * y
                middle[2, j] = unit * matrix[e, 6 + a, column]
            for i in range(3):
                x, y = middle[i, 0], middle[i, 1]
                block[i, 0] = x * frame[nb, 0, 0] + y * frame[nb, 0, 1]
                block[i, 1] = x * frame[nb, 1, 0] + y * frame[nb, 1, 1]
                block[i, 2] = unit * middle[i, 2]
            for k in range(2):
                if given[na, k]:
                    for j in range(3):
                        block[k, j] = 0.0
                if given[nb, k]:
                    for i in range(3):
                        block[i, k] = 0.0
            if side < 3:
                for i in range(3):
                    for j in range(3):
                        diagonal[na, i, j] += block[i, j]
            else:
                at = slot[e, side - 3]
                for i in range(3):
                    for j in range(3):
                        upper[at, i, j] += block[i, j]
    for node in range(diagonal.shape[0]):
        diagonal[node, 1, 1] += stiffness[node]
        for k in range(2):
            if given[node, k]:
                diagonal[node, k, k] = 1.0


@compiled(inline=True)
def _inverse(a: FloatArray, out: FloatArray) -> None:
    c00 = a[1, 1] * a[2, 2] - a[1, 2] * a[2, 1]
    c01 = a[1, 2] * a[2, 0] - a[1, 0] * a[2, 2]
    c02 = a[1, 0] * a[2, 1] - a[1, 1] * a[2, 0]
    one = 1.0 / (a[0, 0] * c00 + a[0, 1] * c01 + a[0, 2] * c02)
    out[0, 0], out[1, 0], out[2, 0] = c00 * one, c01 * one, c02 * one
    out[0, 1] = (a[0, 2] * a[2, 1] - a[0, 1] * a[2, 2]) * one
    out[1, 1] = (a[0, 0] * a[2, 2] - a[0, 2] * a[2, 0]) * one
    out[2, 1] = (a[0, 1] * a[2, 0] - a[0, 0] * a[2, 1]) * one
    out[0, 2] = (a[0, 1] * a[1, 2] - a[0, 2] * a[1, 1]) * one
    out[1, 2] = (a[0, 2] * a[1, 0] - a[0, 0] * a[1, 2]) * one
    out[2, 2] = (a[0, 0] * a[1, 1] - a[0, 1] * a[1, 0]) * one


@compiled()
def factorise(
    starts: IntArray,
    rows: IntArray,
    upper: FloatArray,
    diagonal: FloatArray,
    order: IntArray,
    parent: IntArray,
    first: IntArray,
    below: IntArray,
    lower: FloatArray,
    inverse: FloatArray,
) -> None:
    """Write L (blocks by column: `first`, `below`, `lower`) and the inverted blocks of D.

    `order[k]` is the node that comes k-th; `diagonal` goes by node, `upper` by the columns of the order.
    """
    n = order.shape[0]
    work = np.zeros((n, 3, 3))
    mark = np.full(n, -1, dtype=np.int64)
    filled = first[:-1].copy()
    stack = np.empty(n, dtype=np.int64)
    way = np.empty(n, dtype=np.int64)
    d = np.empty((3, 3))
    y = np.empty((3, 3))
    z = np.empty((3, 3))
    for k in range(n):
        top = n
        mark[k] = k
        for i in range(3):
            for j in range(3):
                d[i, j] = diagonal[order[k], i, j]
        for at in range(starts[k], starts[k + 1]):
            i = rows[at]
            for p in range(3):
                for q in range(3):
                    work[i, p, q] += upper[at, p, q]
            length = 0
            while mark[i] != k:
                way[length] = i
                length += 1
                mark[i] = k
                i = parent[i]
            while length > 0:
                length -= 1
                top -= 1
                stack[top] = way[length]
        for at in range(top, n):
            i = stack[at]
            for p in range(3):
                for q in range(3):
                    y[p, q] = work[i, p, q]
                    work[i, p, q] = 0.0
            for s in range(first[i], filled[i]):
                j = below[s]
                for p in range(3):
                    l0, l1, l2 = lower[s, p, 0], lower[s, p, 1], lower[s, p, 2]
                    for q in range(3):
                        work[j, p, q] -= l0 * y[0, q] + l1 * y[1, q] + l2 * y[2, q]
            # z = y^T D^-1: the block of L; the diagonal loses z y.
            for p in range(3):
                for q in range(3):
                    z[p, q] = y[0, p] * inverse[i, 0, q] + y[1, p] * inverse[i, 1, q] + y[2, p] * inverse[i, 2, q]
            for p in range(3):
                for q in range(3):
                    d[p, q] -= z[p, 0] * y[0, q] + z[p, 1] * y[1, q] + z[p, 2] * y[2, q]
            place = filled[i]
            filled[i] += 1
            below[place] = k
            for p in range(3):
                for q in range(3):
                    lower[place, p, q] = z[p, q]
        _inverse(d, inverse[k])


@compiled()
def substitute(
    order: IntArray, first: IntArray, below: IntArray, lower: FloatArray, inverse: FloatArray, right: FloatArray
) -> FloatArray:
    """Return the solution for a right side (n, 3) that goes by node."""
    n = order.shape[0]
    x = np.empty((n, 3))
    for k in range(n):
        for p in range(3):
            x[k, p] = right[order[k], p]
    for k in range(n):
        for s in range(first[k], first[k + 1]):
            j = below[s]
            for p in range(3):
                x[j, p] -= lower[s, p, 0] * x[k, 0] + lower[s, p, 1] * x[k, 1] + lower[s, p, 2] * x[k, 2]
    for k in range(n - 1, -1, -1):
        a, b, c = x[k, 0], x[k, 1], x[k, 2]
        for p in range(3):
            x[k, p] = inverse[k, p, 0] * a + inverse[k, p, 1] * b + inverse[k, p, 2] * c
        for s in range(first[k], first[k + 1]):
            j = below[s]
            for q in range(3):
                x[k, q] -= lower[s, 0, q] * x[j, 0] + lower[s, 1, q] * x[j, 1] + lower[s, 2, q] * x[j, 2]
    found = np.empty((n, 3))
    for k in range(n):
        for p in range(3):
            found[order[k], p] = x[k, p]
    return found
