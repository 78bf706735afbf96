"""The faces at which two media meet, as a list, and the coefficient of each pair as a table over temperature."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forgecast.casting.edge import edge_gains, exponent
from forgecast.casting.layout import PERFECT, Layout, Side
from forgecast.metal.contact import Contact

F4 = NDArray[np.float32]
U1 = NDArray[np.uint8]
I4 = NDArray[np.int32]

#: Columns of the table of coefficients; linear between them.
COLUMNS = 513
#: Stands for perfect contact where a number is needed [W/(m2 K)].
NO_RESISTANCE = 1e12
#: Marks a plane of symmetry: nothing passes.
CLOSED = -1.0

_PLACE: dict[Side, tuple[int, int]] = {
    "z-": (0, 1),
    "z+": (0, -1),
    "y-": (1, 1),
    "y+": (1, -1),
    "x-": (2, 1),
    "x+": (2, -1),
}
_AXIS_NUMBER = (2, 1, 0)  # array axis -> 0, 1, 2 for x, y, z


@dataclass(frozen=True, slots=True)
class InterfaceList:
    """Faces between two media; see `casting.kernels.heat.interfaces`.

    Parameters
    ----------
    cell : (faces,) int32
        Flat index, ghosts counted, of the face's upper cell.
    axis, pair : (faces,) uint8
    area : (faces,) float32
        True area over face area [1].
    gain : (faces,) float32
        See `casting.edge`; 1 away from edges.
    contacts : tuple of Contact or None
        By pair; None for a plane of symmetry.
    """

    cell: I4
    axis: U1
    pair: U1
    area: F4
    gain: F4
    contacts: tuple[Contact | None, ...]

    @property
    def emissivity(self) -> F4:
        """Return the effective emissivity of each pair."""
        return np.array([0.0 if c is None else c.emissivity for c in self.contacts], dtype=np.float32)

    def coefficients(self, time: float, low: float, high: float) -> F4:
        """Return the coefficient of each pair over temperature, at a time, (pairs, COLUMNS) [W/(m2 K)]."""
        at = np.linspace(low, high, COLUMNS)
        rows = np.empty((len(self.contacts), COLUMNS))
        for row, contact in zip(rows, self.contacts, strict=True):
            if contact is None:
                row[:] = CLOSED
            elif contact.over == "temperature":
                row[:] = np.interp(at, contact.at, contact.coefficient)
            elif contact.over == "time":
                row[:] = np.interp(time, contact.at, contact.coefficient)
            else:
                row[:] = contact.coefficient[0]
        return np.minimum(rows, NO_RESISTANCE).astype(np.float32)


def ghosted(layout: Layout) -> U1:
    """Return the media with one ghost layer around: the surroundings of each side, or the cell itself at a symmetry."""
    inner = np.pad(layout.medium, 1, mode="edge")
    for side, index in layout.sides.items():
        axis, sign = _PLACE[side]
        place: list[slice | int] = [slice(None)] * 3
        place[axis] = 0 if sign > 0 else -1
        inner[tuple(place)] = index
    return inner


def interface_list(layout: Layout, medium: U1) -> InterfaceList:
    """Find every face between two media that are not in perfect contact, and the faces at the sides of the grid.

    Parameters
    ----------
    medium : (nz + 2, ny + 2, nx + 2) uint8
        Media with their ghosts (`ghosted`).
    """
    area = np.ones(medium.shape, dtype=np.float32)
    if layout.skin is not None:
        area[1:-1, 1:-1, 1:-1] = layout.skin
    gathered = _Gathered()
    for axis in range(3):
        upper = [slice(1, -1)] * 3
        lower = [slice(1, -1)] * 3
        upper[axis], lower[axis] = slice(2, -1), slice(1, -2)
        a, b = medium[tuple(lower)], medium[tuple(upper)]
        both = np.minimum(a, b).astype(np.uint16)
        both *= 256
        both += np.maximum(a, b)
        for code in np.unique(both[a != b]):
            pair = (int(code) // 256, int(code) % 256)
            contact = layout.contacts.get(pair)
            if contact is None:
                continue
            high = [index + 1 for index in np.nonzero(both == code)]
            high[axis] = high[axis] + 1
            low = list(high)
            low[axis] = low[axis] - 1
            cells = np.ravel_multi_index(tuple(high), medium.shape)
            gathered.add(cells, axis, pair, contact, 0.5 * (area[tuple(high)] + area[tuple(low)]))
    for side, (axis, sign) in _PLACE.items():
        inner: list[slice | int] = [slice(1, -1)] * 3
        inner[axis] = 1 if sign > 0 else medium.shape[axis] - 2
        places = [np.arange(1, n - 1) for n in medium.shape]
        places[axis] = np.array([1 if sign > 0 else medium.shape[axis] - 1])
        index = np.ravel_multi_index(np.ix_(*places), medium.shape).ravel()
        inside = medium[tuple(inner)].ravel()
        outside = layout.sides.get(side)
        for one in np.unique(inside):
            cells = index[inside == one]
            if outside is None:
                gathered.add(cells, axis, (-1, -1), None, np.ones(len(cells)))
            else:
                pair = (min(int(one), outside), max(int(one), outside))
                gathered.add(cells, axis, pair, layout.contacts.get(pair, PERFECT), np.ones(len(cells)))
    return gathered.as_list()


class _Gathered:
    """Faces gathered pair by pair."""

    def __init__(self) -> None:
        self._pairs: dict[tuple[int, int], int] = {}
        self._contacts: list[Contact | None] = []
        self._columns: list[tuple[NDArray[Any], ...]] = []

    def add(
        self, cells: NDArray[Any], axis: int, pair: tuple[int, int], contact: Contact | None, area: NDArray[Any]
    ) -> None:
        """Add faces of one pair across one array axis."""
        if pair not in self._pairs:
            self._pairs[pair] = len(self._contacts)
            self._contacts.append(contact)
        size = len(cells)
        self._columns.append((
            cells.astype(np.int32),
            np.full(size, _AXIS_NUMBER[axis], dtype=np.uint8),
            np.full(size, self._pairs[pair], dtype=np.uint8),
            area.astype(np.float32),
        ))  # fmt: skip

    def as_list(self) -> InterfaceList:
        """Return the faces as one list."""
        cell, axis, pair, area = (np.concatenate(column) for column in zip(*self._columns, strict=True))
        gain = np.ones(len(cell), dtype=np.float32)
        return InterfaceList(cell=cell, axis=axis, pair=pair, area=area, gain=gain, contacts=tuple(self._contacts))


def with_edges(faces: InterfaceList, medium: U1, quick: NDArray[np.bool_], slow: NDArray[np.bool_], ratio: float,
               widths: tuple[NDArray[np.float64], ...]) -> InterfaceList:  # fmt: skip
    """Return the list with what half cells at sharp edges of quick bodies carry more (`casting.edge`).

    Parameters
    ----------
    medium : (nz + 2, ny + 2, nx + 2) uint8
    quick, slow : (media,) bool
        Media of the bodies, and those around that heat has to cross.
    ratio : float
        Conductivity of the slow media over that of the quick ones [1].
    widths : three (n + 2,) float64
        Cell widths along the array axes [m].
    """
    dz, dy, dx = widths
    power = exponent(ratio)
    gain = faces.gain.copy()
    new_cells, new_axes, new_gains = [], [], []
    near = _around(quick[medium])
    body, around = quick[medium[near]], slow[medium[near]]
    shares = dz[near[0]], dy[near[1]], dx[near[2]]
    for axis in range(3):
        where, gains = edge_gains(body, around, axis, shares, power)
        places = [index + part.start for index, part in zip(np.unravel_index(where, body.shape), near, strict=True)]
        found = np.ravel_multi_index(tuple(places), medium.shape)
        mine = np.flatnonzero(faces.axis == _AXIS_NUMBER[axis])
        order = mine[np.argsort(faces.cell[mine])]
        place = np.minimum(np.searchsorted(faces.cell[order], found), len(order) - 1)
        listed = faces.cell[order[place]] == found
        gain[order[place[listed]]] = gains[listed]
        # A pair in perfect contact is not in the list; the faces at its edges come in.
        new_cells.append(found[~listed].astype(np.int32))
        new_axes.append(np.full(int((~listed).sum()), _AXIS_NUMBER[axis], dtype=np.uint8))
        new_gains.append(gains[~listed])
    cells = np.concatenate(new_cells)
    return InterfaceList(
        cell=np.concatenate([faces.cell, cells]),
        axis=np.concatenate([faces.axis, *new_axes]),
        pair=np.concatenate([faces.pair, np.full(len(cells), len(faces.contacts), dtype=np.uint8)]),
        area=np.concatenate([faces.area, np.ones(len(cells), dtype=np.float32)]),
        gain=np.concatenate([gain, *new_gains]),
        contacts=(*faces.contacts, PERFECT),
    )


def _around(here: NDArray[np.bool_]) -> tuple[slice, slice, slice]:
    """Return the box around all marked cells, two cells wider on each side."""
    parts = []
    for axis in range(3):
        others = tuple(a for a in range(3) if a != axis)
        marked = np.flatnonzero(here.any(axis=others))
        parts.append(slice(max(int(marked[0]) - 2, 0), min(int(marked[-1]) + 3, here.shape[axis])))
    return parts[0], parts[1], parts[2]
