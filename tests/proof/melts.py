"""Media, grids and runs for the proofs of freezing: constant properties, analytic bodies, any units that agree."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from forgecast.casting.heat_run import Accuracy, HeatRun
from forgecast.casting.heat_table import Surroundings
from forgecast.casting.layout import Layout
from forgecast.ground.texts import verbatim
from forgecast.metal.contact import Contact
from forgecast.metal.medium import Medium
from forgecast.shape.grid import Grid
from tests.proof.similarity import Melt

F8 = NDArray[np.float64]
SIGMA = 5.670374419e-8
ZERO = 273.15


def inert(name: str, k: float, c: float, density: float, low: float, high: float) -> Medium:
    """Return a medium that does not melt."""
    at = np.array([low, high])
    return Medium(name, verbatim(name), at, density * c * (at - low), np.full(2, k), None, density)


def sharp(melt: Melt, low: float, high: float) -> Medium:
    """Return a metal with one melting point, between two temperatures."""
    at = np.array([low, melt.melting, melt.melting, high])
    solid = melt.density * melt.c_solid * (melt.melting - low)
    latent = melt.density * melt.latent
    liquid = melt.density * melt.c_liquid * (high - melt.melting)
    heat = np.array([0.0, solid, solid + latent, solid + latent + liquid])
    k = np.array([melt.k_solid, melt.k_solid, melt.k_liquid, melt.k_liquid])
    return Medium("melt", verbatim("melt"), at, heat, k, np.array([1.0, 1.0, 0.0, 0.0]), melt.density)


def mushy_medium(
    k: tuple[float, float, float],
    c: float,
    density: float,
    latent: float,
    fraction: Callable[[F8], F8],
    ends: tuple[float, float],
    table: tuple[float, float],
    *,
    blended: bool = False,
) -> Medium:
    """Return a metal that freezes over a range; what `fraction` leaves liquid at the solidus freezes there.

    `k` is that of the solid, the mush and the liquid; `blended` runs it from solid to liquid with the fraction instead.
    """
    (solidus, liquidus), (low, high) = ends, table
    # A jump of conductivity becomes a slope over a ten-thousandth of the range.
    sliver = 1e-4 * (liquidus - solidus)
    mush = np.concatenate([[solidus], np.linspace(solidus + sliver, liquidus - sliver, 240), [liquidus]])
    share = fraction(mush)
    at = np.concatenate([[low], mush, [high]])
    solid = np.concatenate([[1.0], share, [0.0]])
    if share[0] < 1.0 - 1e-9:
        at, solid = np.insert(at, 1, solidus), np.insert(solid, 1, 1.0)
    inside = (at > solidus) & (at < liquidus)
    if blended:
        conductivity = k[0] + (k[2] - k[0]) * (1.0 - solid)
    else:
        conductivity = np.where(inside, k[1], np.where(at <= solidus, k[0], k[2]))
    heat = density * (c * (at - low) + latent * (1.0 - solid))
    return Medium("alloy", verbatim("alloy"), at, heat, conductivity, solid, density)


def linear(solidus: float, liquidus: float, at_solidus: float = 1.0) -> Callable[[F8], F8]:
    """Return a solid fraction linear in temperature."""
    return lambda kelvin: at_solidus * (liquidus - kelvin) / (liquidus - solidus)


def hermite(solidus: float, liquidus: float) -> Callable[[F8], F8]:
    """Return a solid fraction that leaves both ends without a slope."""

    def fraction(kelvin: F8) -> F8:
        s = (kelvin - solidus) / (liquidus - solidus)
        return 1.0 - s * s * (3.0 - 2.0 * s)

    return fraction


def over(coefficient: float, emissivity: float = 0.0) -> Contact:
    """Return a contact of one coefficient."""
    return Contact("constant", np.zeros(1), np.array([coefficient]), emissivity)


PERFECT = over(np.inf)
CLOSED = over(0.0)


def graded(start: float, fine: float, end: float, first: float, ratio: float) -> F8:
    """Return cell faces: even ones of width `first` from start to `fine`, growing by `ratio` from there to the end."""
    even = np.linspace(start, fine, max(1, round((fine - start) / first)) + 1)
    widths = [first * ratio]
    while sum(widths) < end - fine:
        widths.append(widths[-1] * ratio)
    grown = fine + np.cumsum(widths) * (end - fine) / sum(widths)
    return np.concatenate([even, grown])


def row(faces: F8, width: float = 1.0) -> Grid:
    """Return a row of cells along x."""
    one = np.array([0.0, width])
    return Grid(faces, one, one)


def half_space(
    medium: Medium, faces: F8, initial: float, wall: float, tolerance: float, *, most_stages: int = 150
) -> HeatRun:
    """Return a run of one metal against a wall that keeps its temperature, at x = 0."""
    grid = row(faces)
    layout = Layout(
        grid,
        (medium, Surroundings("wall", wall)),
        np.zeros(grid.shape, np.uint8),
        np.ones(grid.shape, np.uint8),
        (initial, wall),
        {(0, 1): PERFECT},
        {"x-": 1},
    )
    return HeatRun(layout, accuracy=Accuracy(tolerance, most_stages, feeding_fraction=0.5), cores=1)


def passages(run: HeatRun) -> NDArray[np.float32]:
    """Return when cells fell through liquidus, half the fraction asked for, and solidus, (3, nz, ny, nx) [s]."""
    return np.stack(run.passages()[:3])


def residual(run: HeatRun) -> float:
    """Return the heat not accounted for over the heat the metal has given off [1]."""
    return run.audit().residual


def within(grid: Grid, radius: float, axes: str = "xyz", sub: int = 12) -> NDArray[np.float32]:
    """Return the share of each cell inside a ball (or a cylinder, over two axes) around the origin, sampled finely."""
    middle, half = [], []
    for name, centre, width in zip("xyz", grid.centres, grid.widths, strict=True):
        place = [None, None, None]
        place["zyx".index(name)] = slice(None)  # type: ignore[call-overload]
        used = 1.0 if name in axes else 0.0
        middle.append(used * centre[tuple(place)])
        half.append(used * 0.5 * width[tuple(place)])
    near = np.sqrt(sum(np.maximum(np.abs(m) - h, 0.0) ** 2 for m, h in zip(middle, half, strict=True)))
    far = np.sqrt(sum((np.abs(m) + h) ** 2 for m, h in zip(middle, half, strict=True)))
    share = np.where(np.broadcast_to(far, grid.shape) <= radius, 1.0, 0.0)
    cut = np.nonzero(np.broadcast_to((near < radius) & (far > radius), grid.shape))
    offsets = (np.arange(sub) + 0.5) / sub * 2.0 - 1.0
    flat = [
        (np.broadcast_to(m, grid.shape)[cut], np.broadcast_to(h, grid.shape)[cut])
        for m, h in zip(middle, half, strict=True)
    ]
    x, y, z = ([(m[:, None] + h[:, None] * offsets) ** 2] for m, h in flat)
    inside = x[0][:, :, None, None] + y[0][:, None, :, None] + z[0][:, None, None, :] < radius**2
    share[cut] = inside.mean(axis=(1, 2, 3))
    return share.astype(np.float32)


def surface_within(grid: Grid, radius: float, axes: str = "xyz", points: int = 1200) -> NDArray[np.float32]:
    """Return the area of a ball's octant (or of a cylinder's quadrant) within each cell [m2]."""
    even = (np.arange(points) + 0.5) / points
    if axes == "xyz":
        height, angle = np.meshgrid(even, 0.5 * np.pi * even)
        ring = np.sqrt(1.0 - height**2)
        place = radius * np.stack([height, ring * np.sin(angle), ring * np.cos(angle)], axis=-1).reshape(-1, 3)
        total = 0.5 * np.pi * radius**2
    else:
        angle = 0.5 * np.pi * np.repeat(even, 1)
        place = radius * np.stack([np.zeros(points), np.sin(angle), np.cos(angle)], axis=-1)
        place[:, 0] = 0.5 * (grid.z[0] + grid.z[1])
        total = 0.5 * np.pi * radius * (grid.z[1] - grid.z[0])
    count, _ = np.histogramdd(place, bins=(grid.z, grid.y, grid.x))
    return (count * total / len(place)).astype(np.float32)
