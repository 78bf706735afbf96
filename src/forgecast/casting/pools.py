"""Hot spots and feeding zones: the tree of liquid pools that a freezing casting falls apart into."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forgecast.casting.kernels.pools import count_leaves, merge_tree, relabel
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text
from forgecast.shape.grid import Grid

Place = tuple[float, float, float]


class JudgingError(ForgecastError):
    """Fields or figures given to a judgement of a casting do not fit it."""

    code = "judging-input"


@dataclass(frozen=True, slots=True)
class Pool:
    """A body of liquid from when it was cut off until it froze or split.

    Parameters
    ----------
    index : int
        Number in its tree, and in the field of feeding zones.
    parent : int or None
        Pool it was cut off from; None for one that holds all the liquid of a piece of metal.
    children : tuple of int
        Pools it splits into; empty for a hot spot.
    place : (float, float, float)
        Centre of its last cell to freeze [m].
    centre : (float, float, float)
        Centroid of the liquid when it was cut off [m].
    body : int
        Body in which it freezes last (1 = casting, 2 and more = risers and other metal).
    isolated_at : float or None
        When it was cut off [s]; None where it never was.
    split_at : float or None
        When it splits [s]; None for a hot spot.
    frozen_at : float
        When its last cell freezes [s]; infinite where it was still liquid at the end.
    volume : float
        Metal in it when it was cut off, or of the whole piece [m3].
    area : float
        Surface of that metal [m2], from the faces of its cells (within 9 % for any slope).
    """

    index: int
    parent: int | None
    children: tuple[int, ...]
    place: Place
    centre: Place
    body: int
    isolated_at: float | None
    split_at: float | None
    frozen_at: float
    volume: float
    area: float

    @property
    def is_hot_spot(self) -> bool:
        """Return whether it freezes as one, without splitting again."""
        return not self.children

    @property
    def modulus(self) -> float:
        """Return volume over surface of the liquid when it was cut off [m]."""
        return self.volume / self.area

    @property
    def outlasts(self) -> float | None:
        """Return for how long it stays liquid after it was cut off [s], or None where it never was."""
        return None if self.isolated_at is None else self.frozen_at - self.isolated_at


@dataclass(frozen=True, slots=True)
class PoolTree:
    """All pools of a casting and the hot spot that each cell is fed from.

    Parameters
    ----------
    pools : tuple of Pool
        Hot spots first, the last to freeze before the others; then the pools that split.
    zone : (nz, ny, nx) int32
        Number of the hot spot towards which a cell freezes, -1 outside the metal.
    """

    pools: tuple[Pool, ...]
    zone: NDArray[np.int32]

    @property
    def hot_spots(self) -> tuple[Pool, ...]:
        """Return the pools that freeze without splitting, the last to freeze first."""
        return tuple(pool for pool in self.pools if pool.is_hot_spot)

    @property
    def isolated_in_casting(self) -> tuple[Pool, ...]:
        """Return the hot spots that end in the casting itself although some other liquid outlasts them."""
        return tuple(pool for pool in self.hot_spots if pool.body == 1 and pool.isolated_at is not None)


def pool_tree(
    grid: Grid,
    part: NDArray[np.uint8],
    time: NDArray[np.float32],
    metal_volume: NDArray[np.float32] | None = None,
    *,
    outlast_share: float = 0.02,
    outlast_time: float = 0.0,
) -> PoolTree:
    """Return the tree of liquid pools of a time field.

    The cells are added from the last to freeze to the first; where two bodies of liquid meet, in the order of
    time one pool has split (a merge tree of the field over neighbours across faces). A body that outlasts the
    meeting by too little is no pool of its own but noise of the grid.

    Parameters
    ----------
    grid : Grid
    part : (nz, ny, nx) uint8
        Body of each cell, 0 outside the metal.
    time : (nz, ny, nx) float32
        When each cell froze, or ceased to feed [s]; NaN in metal means that it was still liquid at the end.
    metal_volume : (nz, ny, nx) float32 or None
        Metal in each cell [m3]; None means that the cells of `part` are full.
    outlast_share : float
        Least share of its own time by which a hot spot outlasts its saddle [1].
    outlast_time : float
        Least time by which it does [s]. Both must hold.

    Raises
    ------
    JudgingError
        If a field does not fit the grid or a limit is negative.

    Notes
    -----
    Sorting aside, the work is near linear in the number of cells (union-find). For the merge tree and its
    pruning by persistence see H. Edelsbrunner, J. Harer, Computational Topology (2010), chapter VII.
    """
    require_fields(grid, part=part, time=time, metal_volume=metal_volume)
    if outlast_share < 0.0 or outlast_time < 0.0:
        raise JudgingError(
            text("the time by which a hot spot outlasts its saddle is negative"),
            where="outlast_share, outlast_time",
            repair=text("give zero or more"),
        )
    cells = np.flatnonzero(part)
    if len(cells) == 0:
        return PoolTree((), np.full(grid.shape, -1, np.int32))
    own = np.asarray(time, np.float64).ravel()[cells]
    own[np.isnan(own)] = np.inf
    by_time = np.argsort(-own, kind="stable")
    order = cells[by_time]
    times = own[by_time]
    # Infinite times would make their differences undefined; any number above all others keeps their order.
    open_end = np.isinf(times)
    finite = times[~open_end]
    times[open_end] = 2.0 * finite.max() + 1.0 if len(finite) else 1.0
    rank = np.full(grid.cells, -1, np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    shape = np.array(grid.shape, np.int64)
    volume = np.asarray(grid.volumes if metal_volume is None else metal_volume, np.float64).ravel()
    tree = merge_tree(
        order,
        rank,
        times,
        volume,
        grid.centres,
        grid.widths,
        shape,
        count_leaves(order, rank, shape),
        float(outlast_share),
        float(outlast_time),
    )
    return _as_pools(grid, part, order, np.where(open_end, np.inf, times), tree)


def _as_pools(
    grid: Grid, part: NDArray[np.uint8], order: NDArray[np.int64], times: NDArray[np.float64], tree: tuple[Any, ...]
) -> PoolTree:
    label, alias, parent, first, split, isolated, figures, kept = tree
    leaf = np.isnan(split)
    numbers = np.flatnonzero(kept)
    # Hot spots before the pools that split, each kind by falling time.
    numbers = numbers[np.lexsort((first[numbers], ~leaf[numbers]))]
    index = np.full(len(parent), -1, np.int32)
    index[numbers] = np.arange(len(numbers), dtype=np.int32)
    relabel(label, alias, index)
    children: dict[int, list[int]] = {}
    for number in numbers:
        if parent[number] >= 0:
            children.setdefault(int(parent[number]), []).append(int(index[number]))
    x, y, z = grid.centres
    bodies = part.ravel()
    pools = []
    for number in numbers:
        cell = int(order[first[number]])
        k, j, i = (int(a) for a in np.unravel_index(cell, grid.shape))
        volume, area, *moment = (float(f) for f in figures[number])
        pools.append(
            Pool(
                index=int(index[number]),
                parent=int(index[parent[number]]) if parent[number] >= 0 else None,
                children=tuple(sorted(children.get(int(number), ()))),
                place=(float(x[i]), float(y[j]), float(z[k])),
                centre=(moment[0] / volume, moment[1] / volume, moment[2] / volume),
                body=int(bodies[cell]),
                isolated_at=None if np.isnan(isolated[number]) else float(isolated[number]),
                split_at=None if leaf[number] else float(split[number]),
                frozen_at=float(times[first[number]]),
                volume=volume,
                area=area,
            )
        )
    return PoolTree(tuple(pools), label.reshape(grid.shape))


def require_fields(grid: Grid, **fields: NDArray[Any] | None) -> None:
    """Refuse fields that are not over the cells of a grid.

    Raises
    ------
    JudgingError
        If the shape of one is another than the grid's.
    """
    for name, field in fields.items():
        if field is not None and field.shape != grid.shape:
            raise JudgingError(
                text("the field has the shape {got} and the grid {want}", got=str(field.shape), want=str(grid.shape)),
                where=name,
                repair=text("give fields over the cells of the grid, in the order (z, y, x)"),
            )
