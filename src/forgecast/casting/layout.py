"""What a run is made of: which medium fills each cell, what touches what, and what lies around."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from forgecast.casting.heat_table import Surroundings
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text
from forgecast.metal.contact import Contact
from forgecast.metal.medium import Medium
from forgecast.shape.grid import Grid

F2 = NDArray[np.float16]
F4 = NDArray[np.float32]
F8 = NDArray[np.float64]
U1 = NDArray[np.uint8]

Side: TypeAlias = Literal["x-", "x+", "y-", "y+", "z-", "z+"]
SIDES: tuple[Side, ...] = ("x-", "x+", "y-", "y+", "z-", "z+")
#: A perfect contact, for pairs that nothing is said of: `tasks.mould_layout` cites it where it matters.
PERFECT = Contact("constant", np.zeros(1), np.array([np.inf]))


@dataclass(frozen=True, slots=True)
class Layout:
    """The media of a run and where they lie.

    Parameters
    ----------
    grid : Grid
    media : tuple of Medium or Surroundings
    medium : (nz, ny, nx) uint8
        Index into `media`.
    part : (nz, ny, nx) uint8
        Body of metal a cell belongs to: 0 none, 1 the casting, 2 and up risers and other metal.
    start : tuple of float
        Temperature of each medium at time 0 [K].
    contacts : mapping of (int, int) to Contact
        Interface of two media, the smaller index first; a pair without an entry is in perfect contact.
    sides : mapping of side to int
        Index of the surroundings at a side of the grid; a side that is not named is a plane of symmetry.
    filling : (nz, ny, nx) float32 or None
        Share of the cell's volume that holds heat [1]; None for all of it. Cells at a body's skin take what the body
        has of them and of cells beyond, so that the sum is the body's volume.
    skin : (nz, ny, nx) float16 or None
        Area of the true surface over the area of its steps around a cell [1]; None for flat faces.
    """

    grid: Grid
    media: tuple[Medium | Surroundings, ...]
    medium: U1
    part: U1
    start: tuple[float, ...]
    contacts: Mapping[tuple[int, int], Contact] = field(default_factory=dict)
    sides: Mapping[Side, int] = field(default_factory=dict)
    filling: F4 | None = None
    skin: F2 | None = None

    def __post_init__(self) -> None:
        for name, cells in (("medium", self.medium), ("part", self.part), ("filling", self.filling)):
            if cells is not None and cells.shape != self.grid.shape:
                raise ForgecastError(
                    text("`{name}` has the shape {got}", name=name, got=str(cells.shape)),
                    repair=text("give it one value a cell, {want}", want=str(self.grid.shape)),
                )
        if len(self.start) != len(self.media):
            raise ForgecastError(
                text("{got} start temperatures for {want} media", got=len(self.start), want=len(self.media)),
                repair=text("give every medium one"),
            )

    @property
    def metal_volume(self) -> F4:
        """Return the volume of metal a cell holds, (nz, ny, nx) [m3]."""
        volume = np.where(self.part > 0, self.grid.volumes, 0.0)
        if self.filling is not None:
            volume *= self.filling
        return volume.astype(np.float32)


@dataclass(frozen=True, slots=True)
class Filled:
    """Bodies laid into cells: see `fill`.

    Parameters
    ----------
    medium : (nz, ny, nx) uint8
        Which body holds most of the cell; the last index is what is left over.
    filling : (nz, ny, nx) float32
        Share of the cell's volume that its medium counts for [1].
    lost : tuple of float
        Volume of each body that lay in cells without a neighbour of the same body, and was spread over all of it [m3].
    """

    medium: U1
    filling: F4
    lost: tuple[float, ...]


def fill(grid: Grid, fractions: Sequence[F4]) -> Filled:
    """Give each cell to the body that holds most of it, and each body its true volume.

    A cell has one medium. What a body holds of cells that went to another one is added to its neighbouring cells, so
    that mass and heat content are those of the solid although the cells are steps.

    Parameters
    ----------
    grid : Grid
    fractions : sequence of (nz, ny, nx) float32
        Share of each cell that each body fills; what they leave is the last medium.
    """
    rest = np.ones(grid.shape, dtype=np.float32)
    for one in fractions:
        rest -= one
    np.clip(rest, 0.0, 1.0, out=rest)
    shares = [*fractions, rest]
    medium = np.zeros(grid.shape, dtype=np.uint8)
    most = shares[0].copy()
    for index, one in enumerate(shares[1:], start=1):
        more = one > most
        medium[more] = index
        most[more] = one[more]
    filling = np.zeros(grid.shape, dtype=np.float32)
    volumes = grid.volumes
    lost = []
    for index, one in enumerate(shares):
        own = medium == index
        outside = np.where(own, 0.0, one * volumes)
        neighbours = _summed_neighbours(own.astype(np.float32))
        near = neighbours > 0
        handed = np.where(near, outside / np.where(near, neighbours, 1.0), 0.0)
        held = np.where(own, one * volumes + _summed_neighbours(handed), 0.0)
        gone = float(outside[~near].sum())
        total = float(held.sum())
        if gone > 0.0 and total > 0.0:
            held *= 1.0 + gone / total
        lost.append(gone)
        filling[own] = (held / volumes)[own]
    return Filled(medium, filling, tuple(lost))


def _summed_neighbours(cells: NDArray[np.floating]) -> F8:
    """Return the sum over the six neighbours of each cell."""
    total = np.zeros(cells.shape)
    for axis in range(3):
        low = [slice(None)] * 3
        high = [slice(None)] * 3
        low[axis], high[axis] = slice(None, -1), slice(1, None)
        total[tuple(low)] += cells[tuple(high)]
        total[tuple(high)] += cells[tuple(low)]
    return total


def skin(grid: Grid, body: NDArray[np.bool_], true_area: F4) -> F2:
    """Return the area of a body's true surface over that of the steps it is made of, smoothed over neighbours [1].

    The surface within a cell is handed to the steps in and around that cell in proportion to their area, so that what
    the steps count for adds up to the true surface. (The plain ratio of two smoothed areas does not: 2 % too much on a
    sphere.)

    Parameters
    ----------
    body : (nz, ny, nx) bool
    true_area : (nz, ny, nx) float32
        Area of the solid's surface within each cell [m2].
    """
    from scipy.ndimage import uniform_filter  # noqa: PLC0415  (loads slowly)

    dx, dy, dz = grid.widths
    steps = np.zeros(grid.shape)
    for axis, face in (
        (2, dz[:, None, None] * dy[None, :, None] * np.ones((1, 1, len(dx) - 1))),
        (1, dz[:, None, None] * np.ones((1, len(dy) - 1, 1)) * dx[None, None, :]),
        (0, np.ones((len(dz) - 1, 1, 1)) * dy[None, :, None] * dx[None, None, :]),
    ):
        low = [slice(None)] * 3
        high = [slice(None)] * 3
        low[axis], high[axis] = slice(None, -1), slice(1, None)
        half = 0.5 * face * (body[tuple(low)] != body[tuple(high)])
        steps[tuple(low)] += half
        steps[tuple(high)] += half
    around = uniform_filter(steps, 3, mode="reflect")
    handed = np.where(around > 0.0, true_area / np.where(around > 0.0, around, 1.0), 0.0)
    ratio = np.where(steps > 0.0, uniform_filter(handed, 3, mode="reflect"), 1.0)
    return np.clip(ratio, 0.1, 4.0).astype(np.float16)
