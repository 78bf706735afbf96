"""Mass-conserving shrinkage: pipes in risers, cavities in cut-off pools, and porosity that nothing could feed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forgecast.casting.kernels.shrinkage import drain, forward_neighbours
from forgecast.casting.pools import JudgingError, Place, require_fields
from forgecast.ground.texts import text
from forgecast.shape.grid import Grid

Floats = NDArray[np.float64]
DOWN: Place = (0.0, 0.0, -1.0)


@dataclass(frozen=True, slots=True)
class Contraction:
    """By how much an alloy contracts from the pour to its solidus.

    Parameters
    ----------
    liquid : float
        Share of its volume that the liquid loses between pouring and liquidus temperature [1].
    solidification : float
        Share of the volume at liquidus lost between liquidus and solidus, without graphite [1].
    feeding_fraction : float
        Solid fraction at which mass feeding stops [1].
    graphite : float
        Share of the volume at liquidus that graphite gives back between liquidus and solidus [1]; 0 for other metals.
    rigidity : float
        Share of the graphite's expansion that a rigid mould keeps in the casting [1]; the rest moves its walls.
    graphite_early : float or None
        Share of the graphite's expansion before mass feeding stops [1]; None means in step with the solid fraction.

    Notes
    -----
    The specific volume is linear in the solid fraction: v(f) = v_L (1 - s f + r g e(f)), with v_L = 1 - l and e the
    share of the expansion that has happened.
    """

    liquid: float
    solidification: float
    feeding_fraction: float
    graphite: float = 0.0
    rigidity: float = 1.0
    graphite_early: float | None = None

    def __post_init__(self) -> None:
        shares = {
            "liquid": self.liquid,
            "solidification": self.solidification,
            "feeding_fraction": self.feeding_fraction,
            "graphite": self.graphite,
            "rigidity": self.rigidity,
            "graphite_early": self.feeding_fraction if self.graphite_early is None else self.graphite_early,
        }
        for name, share in shares.items():
            low = -0.2 if name == "solidification" else 0.0
            high = 0.2 if name in ("liquid", "solidification", "graphite") else 1.0
            if not low <= share <= high:
                raise JudgingError(
                    text(
                        "{name} is {share}; it lies between {low} and {high}",
                        name=name,
                        share=share,
                        low=low,
                        high=high,
                    ),
                    where=f"Contraction.{name}",
                    repair=text("give it as a share of the volume, 0.03 for 3 %"),
                )

    @property
    def densities(self) -> tuple[float, float, float]:
        """Return the densities at liquidus, where feeding stops and at solidus, over that when poured [1]."""
        early = self.feeding_fraction if self.graphite_early is None else self.graphite_early
        back = self.rigidity * self.graphite
        at_liquidus = 1.0 - self.liquid
        at_feeding = at_liquidus * (1.0 - self.solidification * self.feeding_fraction + back * early)
        at_solidus = at_liquidus * (1.0 - self.solidification + back)
        return 1.0 / at_liquidus, 1.0 / at_feeding, 1.0 / at_solidus


@dataclass(frozen=True, slots=True)
class Cavity:
    """A connected void.

    Parameters
    ----------
    body : int
        Body it lies in (1 = casting).
    place : (float, float, float)
        Centroid of the void [m].
    volume : float
        [m3]
    """

    body: int
    place: Place
    volume: float

    @property
    def diameter(self) -> float:
        """Return the diameter of a sphere of its volume [m]."""
        return float(np.cbrt(6.0 * self.volume / np.pi))


@dataclass(frozen=True, slots=True)
class BodyVoids:
    """What is missing in one body.

    Parameters
    ----------
    body : int
    volume : float
        Metal poured into it [m3].
    macro, micro : float
        Volume of pipes and cavities, and of dispersed porosity [m3].
    deepest_void : float or None
        Depth of the lowest void below the body's top, along gravity [m]; None where there is none. In a riser this
        is the depth of the pipe, or of a second cavity under it.
    height : float
        Extent of the body along gravity [m].
    """

    body: int
    volume: float
    macro: float
    micro: float
    deepest_void: float | None
    height: float


@dataclass(frozen=True, slots=True)
class Shrinkage:
    """Voids of a frozen casting, and the proof that none were lost.

    Parameters
    ----------
    macro : (nz, ny, nx) float32
        Share of a cell's metal that was drawn away [1]; NaN outside the metal.
    micro : (nz, ny, nx) float32
        Share of it that is dispersed porosity [1]; NaN outside the metal.
    bodies : tuple of BodyVoids
    cavities : tuple of Cavity
        The largest first.
    contracted : float
        Volume that the metal poured lost by contraction [m3], from its densities alone; of an unfinished run, from
        the mean density of the metal left.
    voids : float
        Sum of all voids [m3].
    pushed_out : float
        Metal that net expansion pushed out of pools and pores, as its volume when poured [m3]; it moves the mould or
        flows back into what is not part of the model.
    residual : float
        Difference of `voids` and `contracted` over `contracted` [1].
    complete : bool
        Whether all metal had frozen; where not, the voids are those up to the end of the run.
    """

    macro: NDArray[np.float32]
    micro: NDArray[np.float32]
    bodies: tuple[BodyVoids, ...]
    cavities: tuple[Cavity, ...]
    contracted: float
    voids: float
    pushed_out: float
    residual: float
    complete: bool


def shrinkage(
    grid: Grid,
    part: NDArray[np.uint8],
    metal_volume: NDArray[np.float32],
    time_liquidus: NDArray[np.float32],
    time_feeding: NDArray[np.float32],
    time_solidus: NDArray[np.float32],
    contraction: Contraction,
    *,
    gravity: Place = DOWN,
    levels: int = 200,
    end_time: float | None = None,
    drain_first: NDArray[np.bool_] | None = None,
    late_feeding: NDArray[np.float32] | float = 0.0,
    smallest_share: float = 0.01,
) -> Shrinkage:
    """Return where the metal is missing after it has frozen.

    Every cell contracts linearly in time from pour to liquidus to the end of feeding. What it lacks is drawn from the
    highest liquid of the pool it belongs to at that time; liquid is what still feeds and has not been drained, joined
    across faces. What contracts later stays in its cell as dispersed porosity.

    Parameters
    ----------
    grid : Grid
    part : (nz, ny, nx) uint8
        Body of each cell: 0 none, 1 casting, 2 and more risers and other metal.
    metal_volume : (nz, ny, nx) float32
        Metal held by each cell [m3].
    time_liquidus, time_feeding, time_solidus : (nz, ny, nx) float32
        When each cell passed its liquidus, ceased to feed and passed its solidus [s]; NaN where it did not.
    contraction : Contraction
    gravity : (float, float, float)
        Its direction; any length but zero.
    levels : int
        Number of time levels; voids move by about a level's share of the contraction, their sum does not.
    end_time : float or None
        End of the run [s]; needed where some metal was still liquid.
    drain_first : (nz, ny, nx) bool or None
        Cells that air reaches (open risers): their liquid is drawn before all other liquid of a pool, highest first.
        None: the highest liquid of a pool is drawn, as if every skin let air in.
    late_feeding : (nz, ny, nx) float32 or float
        Share of a cell's later contraction that flow between dendrites feeds after all [1]; drawn from its pool
        before it ceases to feed. See `forgecast.casting.criteria.fed_share`.
    smallest_share : float
        Void share of a cell from which it belongs to a cavity [1]; smaller ones count in the sums only.

    Raises
    ------
    JudgingError
        If fields do not fit the grid, there is no metal, gravity has no direction or the end of an unfinished run is
        not given.

    Notes
    -----
    With v(t) the specific volume of a cell's metal, mass is kept: the sum over cells of (volume - void) / v stays what
    was poured. The residual compares the voids with densities alone, without the sums that made them.
    """
    require_fields(grid, part=part, metal_volume=metal_volume, time_liquidus=time_liquidus)
    require_fields(grid, time_feeding=time_feeding, time_solidus=time_solidus, drain_first=drain_first)
    cells, layer, position = _drawing_order(grid, part, _direction(gravity), drain_first)
    liquidus, feeding, solidus = _events(cells, time_liquidus, time_feeding, time_solidus)
    at_liquidus, at_stop, at_solidus = contraction.densities
    late = np.broadcast_to(np.asarray(late_feeding, np.float64), grid.shape).ravel()[cells]
    at_feeding = at_stop + np.clip(np.nan_to_num(late), 0.0, 1.0) * (at_solidus - at_stop)
    volume = np.asarray(metal_volume, np.float64).ravel()[cells]
    void, density = np.zeros(len(cells)), np.ones(len(cells))
    pushed_out = drain(
        layer,
        forward_neighbours(cells, position, np.array(grid.shape, np.int64)),
        volume,
        liquidus,
        feeding,
        at_liquidus,
        at_feeding,
        _levels(liquidus, feeding, levels, end_time),
        void,
        density,
    )
    # A cell may be drained before its own events; what is left of it (rounding) is as dense as the rest.
    frozen = np.isfinite(solidus)
    change = np.where(frozen, (volume - void) * (1.0 - density / at_solidus), 0.0)
    micro = np.maximum(change, 0.0)
    pushed_out += float(-np.minimum(change, 0.0).sum() * at_solidus)
    density[frozen] = at_solidus
    return _result(
        grid,
        part,
        cells,
        void,
        micro,
        volume=volume,
        density=at_solidus if frozen.all() else float(np.average(density, weights=volume - void - micro)),
        pushed_out=pushed_out,
        complete=bool(frozen.all()),
        direction=_direction(gravity),
        smallest_share=smallest_share,
    )


def _result(
    grid: Grid,
    part: NDArray[np.uint8],
    cells: NDArray[np.int64],
    void: Floats,
    micro: Floats,
    *,
    volume: Floats,
    density: float,
    pushed_out: float,
    complete: bool,
    direction: Floats,
    smallest_share: float,
) -> Shrinkage:
    share = np.divide(void, volume, out=np.zeros(len(cells)), where=volume > 0.0)
    height, extent = _heights(grid, cells, direction), _extents(grid, cells, direction)
    seen = share >= smallest_share
    # A void fills its cell from the top.
    lowest = np.where(seen, height + (0.5 - share) * extent, np.nan)
    bodies = _bodies(part.ravel()[cells], volume, void, micro, height + 0.5 * extent, height - 0.5 * extent, lowest)
    poured = float(volume.sum())
    # What was poured and not pushed out fills, at its final density, all but the contracted volume.
    contracted = poured - (poured - pushed_out) / density
    voids = float(void.sum() + micro.sum())
    return Shrinkage(
        macro=_field(grid, cells, share),
        micro=_field(grid, cells, np.divide(micro, volume, out=np.zeros(len(cells)), where=volume > 0.0)),
        bodies=bodies,
        cavities=_cavities(grid, part, cells, void, seen),
        contracted=contracted,
        voids=voids,
        pushed_out=pushed_out,
        # Where nothing contracts, the rest is measured against a thousandth of the metal.
        residual=(voids - contracted) / max(abs(contracted), 1e-3 * poured),
        complete=complete,
    )


def _direction(gravity: Place) -> Floats:
    direction = np.asarray(gravity, np.float64)
    length = float(np.linalg.norm(direction))
    if direction.shape != (3,) or not np.isfinite(length) or length == 0.0:
        raise JudgingError(
            text("gravity has no direction: {gravity}", gravity=str(gravity)),
            where="gravity",
            repair=text("give three numbers that are not all zero, (0, 0, -1) for down along z"),
        )
    return direction / length


def _heights(grid: Grid, cells: NDArray[np.int64], direction: Floats) -> Floats:
    """Return the height of the cells' centres against gravity [m]."""
    k, j, i = np.unravel_index(cells, grid.shape)
    x, y, z = grid.centres
    return np.asarray(-(direction[0] * x[i] + direction[1] * y[j] + direction[2] * z[k]))


def _extents(grid: Grid, cells: NDArray[np.int64], direction: Floats) -> Floats:
    """Return the extent of the cells along gravity [m]."""
    k, j, i = np.unravel_index(cells, grid.shape)
    dx, dy, dz = grid.widths
    d = np.abs(direction)
    return np.asarray(d[0] * dx[i] + d[1] * dy[j] + d[2] * dz[k])


def _drawing_order(
    grid: Grid, part: NDArray[np.uint8], direction: Floats, drain_first: NDArray[np.bool_] | None
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int32]]:
    """Return the metal cells from the first to be drained to the last, their layers, and where each cell stands."""
    cells = np.flatnonzero(part)
    if len(cells) == 0:
        raise JudgingError(
            text("the grid holds no metal"), where="part", repair=text("mark the cells of the casting with 1")
        )
    depth = -_heights(grid, cells, direction)
    depth -= depth.min()
    # Cells of equal height empty together. The smallest cell is thin enough to keep all true layers apart; the
    # small offset keeps rounding from splitting one.
    thickness = min(float(w.min()) for w in grid.widths)
    layer = np.floor(depth / thickness + 1e-6).astype(np.int64)
    if drain_first is not None:
        layer[~drain_first.ravel()[cells]] += int(layer.max()) + 1
    order = np.argsort(layer, kind="stable")
    cells, layer = cells[order], layer[order]
    position = np.full(grid.cells, -1, np.int32)
    position[cells] = np.arange(len(cells), dtype=np.int32)
    return cells, layer.astype(np.int32), position


def _events(cells: NDArray[np.int64], *times: NDArray[np.float32]) -> tuple[Floats, ...]:
    """Return the events of the metal cells [s]; an event that did not happen is infinite, none precedes another."""
    earlier = np.zeros(len(cells))
    events = []
    for time in times:
        own = np.asarray(time, np.float64).ravel()[cells]
        own = np.where(np.isnan(own), np.inf, own)
        earlier = np.maximum(own, earlier)
        events.append(earlier)
    return tuple(events)


def _levels(liquidus: Floats, feeding: Floats, number: int, end_time: float | None) -> Floats:
    """Return time levels at even shares of the cells' events; the last one is the end [s]."""
    if not np.isfinite(feeding).all() and end_time is None:
        raise JudgingError(
            text("some metal was still liquid and the end of the run is not given"),
            where="end_time",
            repair=text("give the time at which the run ended, or run until all has frozen"),
        )
    ended = bool(np.isfinite(feeding).all())
    last = float(feeding.max()) if ended else float(end_time)  # type: ignore[arg-type]  # refused above
    shares = np.linspace(0.0, 1.0, max(2, number // 3) + 1)[1:]
    # Even times as well as even shares: the last pools are few cells and a long time.
    found = [last * shares, np.array([last])]
    for events in (liquidus, feeding):
        happened = events[events <= last]
        if len(happened):
            found.append(np.quantile(happened, shares))
    return np.unique(np.concatenate(found))


def _bodies(
    body: NDArray[np.uint8], volume: Floats, void: Floats, micro: Floats, top: Floats, bottom: Floats, lowest: Floats
) -> tuple[BodyVoids, ...]:
    bodies = []
    for number in np.unique(body):
        own = body == number
        highest = float(top[own].max())
        depths = highest - lowest[own & ~np.isnan(lowest)]
        bodies.append(
            BodyVoids(
                body=int(number),
                volume=float(volume[own].sum()),
                macro=float(void[own].sum()),
                micro=float(micro[own].sum()),
                deepest_void=float(depths.max()) if len(depths) else None,
                height=highest - float(bottom[own].min()),
            )
        )
    return tuple(bodies)


def _field(grid: Grid, cells: NDArray[np.int64], values: Floats) -> NDArray[np.float32]:
    field = np.full(grid.cells, np.nan, np.float32)
    field[cells] = values
    return field.reshape(grid.shape)


def _cavities(
    grid: Grid, part: NDArray[np.uint8], cells: NDArray[np.int64], void: Floats, seen: NDArray[np.bool_]
) -> tuple[Cavity, ...]:
    """Return connected voids (across faces, edges and corners), body by body, the largest first."""
    from scipy import ndimage  # noqa: PLC0415  (loads slowly)

    empty = np.zeros(grid.cells, bool)
    empty[cells[seen]] = True
    amount = np.zeros(grid.cells)
    amount[cells] = void
    amount = amount.reshape(grid.shape)
    x, y, z = grid.centres
    found = []
    for number in np.unique(part[part > 0]):
        label, count = ndimage.label(empty.reshape(grid.shape) & (part == number), np.ones((3, 3, 3)))
        for place, box in enumerate(ndimage.find_objects(label, count), start=1):
            held = np.where(label[box] == place, amount[box], 0.0)
            volume = float(held.sum())
            k, j, i = box
            at = (
                float((held.sum((0, 1)) * x[i]).sum() / volume),
                float((held.sum((0, 2)) * y[j]).sum() / volume),
                float((held.sum((1, 2)) * z[k]).sum() / volume),
            )
            found.append(Cavity(int(number), at, volume))
    return tuple(sorted(found, key=lambda cavity: -cavity.volume))
