"""The linear equations within an iteration of a flow: blocks by node, one order of elimination for a mesh."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from forgecast.forging.kernels.block_factor import factorise, gather, pattern_of, substitute

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


class FlowEquations:
    """Order and pattern of the equations of one mesh.

    Parameters
    ----------
    triangles : (m, 3) array
    points : (n, 2) array
        m; they only decide the order.
    """

    def __init__(self, triangles: IntArray, points: FloatArray) -> None:
        nodes = len(points)
        self.triangles, self.nodes = triangles, nodes
        sides = np.stack([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]], axis=1)
        self.order = _dissected(sides.reshape(-1, 2), points)
        place = np.empty(nodes, dtype=np.int64)
        place[self.order] = np.arange(nodes)
        at = place[sides]
        self._turned = np.ascontiguousarray(at[..., 0] > at[..., 1])
        key, slot = np.unique(at.max(axis=2) * nodes + at.min(axis=2), return_inverse=True)
        self._slot = np.ascontiguousarray(slot.reshape(at.shape[:2]))
        self._rows = key % nodes
        self._starts = np.searchsorted(key // nodes, np.arange(nodes + 1)).astype(np.int64)
        self._parent, counts = np.empty(nodes, dtype=np.int64), np.zeros(nodes, dtype=np.int64)
        pattern_of(self._starts, self._rows, self._parent, counts)
        self._first = np.concatenate([[0], np.cumsum(counts)])
        self._upper, self._diagonal = np.empty((key.size, 3, 3)), np.empty((nodes, 3, 3))
        self._below = np.empty(self._first[-1], dtype=np.int64)
        self._lower, self._inverse = np.empty((self._first[-1], 3, 3)), np.empty((nodes, 3, 3))
        self._unit, self._given = 1.0, np.zeros((nodes, 2), dtype=bool)
        # Room for the elements' matrices of three trials: memory taken anew each time costs more than filling it.
        self._rooms, self._room = [np.empty((len(triangles), 9, 9)) for _ in range(3)], 0

    def room(self) -> FloatArray:
        """Return room for the matrices of the elements; the third call from now gives the same again."""
        self._room = (self._room + 1) % 3
        return self._rooms[self._room]

    @property
    def filled(self) -> int:
        """Return the number of blocks in L."""
        return int(self._first[-1])

    def factor(self, matrix: FloatArray, frame: FloatArray, given: BoolArray, stiffness: FloatArray) -> None:
        """Take in the equations: add the elements up and factorise them, for `step`.

        Parameters
        ----------
        matrix : (m, 9, 9) array
            Of the elements.
        frame, given, stiffness
            (n, 2, 2), (n, 2), (n,).
        """
        high = float(np.abs(matrix[:, :6, :6]).max())
        low = float(np.abs(matrix[:, 6:, 6:]).max())
        self._unit, self._given = float(np.sqrt(high / low)), given
        gather(self.triangles, matrix, frame, given, stiffness, self._slot, self._turned, self._unit, self._upper,
               self._diagonal)  # fmt: skip
        factorise(self._starts, self._rows, self._upper, self._diagonal, self.order, self._parent, self._first,
                  self._below, self._lower, self._inverse)  # fmt: skip

    def step(self, force: FloatArray) -> FloatArray:
        """Return the step of velocities (in the frames of the nodes) and pressures that takes the forces away.

        Parameters
        ----------
        force : (3 n,) array
            What is left: velocities in pairs, then pressures.
        """
        n = self.nodes
        right = np.column_stack([force[: 2 * n].reshape(n, 2), self._unit * force[2 * n :]])
        right[:, :2][self._given] = 0.0
        found = substitute(self.order, self._first, self._below, self._lower, self._inverse, -right)
        return np.concatenate([found[:, :2].ravel(), self._unit * found[:, 2]])

    def assembled(self) -> sp.csc_matrix:
        """Return the matrix gathered last, for comparison with other solvers: (3 n, 3 n), three rows for each place."""
        n = self.nodes
        columns = np.repeat(np.arange(n), np.diff(self._starts))
        by_row = np.lexsort((columns, self._rows))
        begins = np.searchsorted(self._rows[by_row], np.arange(n + 1))
        over = sp.bsr_matrix((self._upper[by_row], columns[by_row], begins), shape=(3 * n, 3 * n))
        middle = sp.bsr_matrix((self._diagonal[self.order], np.arange(n), np.arange(n + 1)), shape=(3 * n, 3 * n))
        return (over + over.T + middle).tocsc()


def _dissected(sides: IntArray, points: FloatArray, smallest: int = 6) -> IntArray:
    """Return an order of elimination that fills little: halves first, what separates them last, and so on within them.

    Nested dissection (A. George, SIAM J. Numer. Anal. 10 (1973) 345), all parts of a level halved at once, each across
    its longer way.
    """
    n = len(points)
    part, key, left = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64), np.ones(n, dtype=bool)
    a, b = np.concatenate([sides, sides[:, ::-1]]).T
    while True:
        going = left & (np.bincount(part, weights=left, minlength=int(part.max()) + 1)[part] > smallest)
        nodes = np.flatnonzero(going)
        if nodes.size == 0:
            return np.ascontiguousarray(np.argsort(key, kind="stable"), dtype=np.int64)
        name, at = np.unique(part[nodes], return_inverse=True)
        low = np.full((name.size, 2), np.inf)
        high = -low
        np.minimum.at(low, at, points[nodes])
        np.maximum.at(high, at, points[nodes])
        along = points[nodes, np.argmax(high - low, axis=1)[at]]
        size = np.bincount(at)
        rank = np.empty(nodes.size, dtype=np.int64)
        by_part = np.lexsort((along, at))
        rank[by_part] = np.arange(nodes.size) - (np.cumsum(size) - size)[at[by_part]]
        second = np.zeros(n, dtype=bool)
        second[nodes] = rank >= size[at] // 2
        cut = going[a] & going[b] & (part[a] == part[b]) & ~second[a] & second[b]
        between = np.zeros(n, dtype=bool)
        between[a[cut]] = True
        key = 3 * key + np.where(between, 2, np.where(going & second, 1, 0))
        part = np.where(going & ~between, 2 * part + second + 1, part)
        left &= ~between
