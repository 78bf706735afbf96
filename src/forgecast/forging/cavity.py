"""How full a die is: the boundary of its cavity that is touched, the volume that is empty, and the flash beside it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from forgecast.forging.die import Die
from forgecast.forging.error import ForgingError
from forgecast.forging.mesher import TriangleMesh, stretches
from forgecast.ground.texts import text

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Filling:
    """How full the cavity is.

    Parameters
    ----------
    touched : float
        Share of the cavity's boundary the metal touches, by area, 0 to 1.
    unfilled : float
        Volume of the cavity, as the dies stand, without metal, m3 (m2).
    flash_volume : float
        m3 (m2).
    flash_width : float
        How far the metal reaches beyond the cavity, m.
    """

    touched: float
    unfilled: float
    flash_volume: float
    flash_width: float


def filling(
    mesh: TriangleMesh, lower: Die, upper: Die, *, flash_from: float | None, axisymmetric: bool
) -> Filling:  # fmt: skip
    """Return how full the cavity between two dies is.

    Parameters
    ----------
    mesh : TriangleMesh
    lower, upper : Die
        As they stand.
    flash_from : float or None
        Radius (or x) at which the cavity ends and the flash begins, m; None for a cavity that ends with its dies.
    axisymmetric : bool
    """
    end = min(tool.profile[:, 0].max() for tool in (lower, upper)) if flash_from is None else flash_from
    outline = mesh.points[: mesh.outline]
    metal = section_volume(outline, axisymmetric=axisymmetric)
    held = section_volume(up_to(outline, end), axisymmetric=axisymmetric)
    cavity = np.concatenate([up_to_line(tool.profile, end) for tool in (lower, upper)])
    room = section_volume(cavity, axisymmetric=axisymmetric)
    steps = np.linspace(0.0, 1.0, 5)[:-1, None, None]
    way = np.roll(outline, -1, axis=0) - outline
    tree = cKDTree((outline + steps * way).reshape(-1, 2))
    near = 0.5 * float(np.median(stretches(mesh)))
    touched = whole = 0.0
    for tool in (lower, upper):
        places, area = places_of(up_to_line(tool.profile, end), 0.5 * near, axisymmetric=axisymmetric)
        whole += float(area.sum())
        touched += float(area[_covered(places, tool, tree, near)].sum())
    return Filling(
        touched / whole if whole > 0.0 else math.nan, max(room - held, 0.0), metal - held,
        max(float(outline[:, 0].max()) - end, 0.0) if flash_from is not None else 0.0,
    )  # fmt: skip


def _covered(places: FloatArray, tool: Die, tree: cKDTree, near: float) -> NDArray[np.bool_]:
    """Return which places of a die the outline lies on: some point of it is near, and near the die itself."""
    apart, at = tree.query(places)
    samples = np.asarray(tree.data)[at]
    gap = np.abs(tool.nearest(samples)[0])
    return np.asarray((apart < near) & (gap < 0.25 * near))


def places_of(profile: FloatArray, spacing: float, *, axisymmetric: bool) -> tuple[FloatArray, FloatArray]:
    """Return places evenly along a profile, and the area (m2, or m) each stands for."""
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(profile, axis=0), axis=1))])
    count = max(int(np.ceil(along[-1] / spacing)), 2)
    at = (np.arange(count) + 0.5) * along[-1] / count
    places = np.column_stack([np.interp(at, along, profile[:, k]) for k in (0, 1)])
    around = 2.0 * math.pi * np.abs(places[:, 0]) if axisymmetric else np.ones(count)
    return places, np.asarray(along[-1] / count * around, dtype=np.float64)


def section_volume(outline: FloatArray, *, axisymmetric: bool) -> float:
    """Return the volume of a body of revolution by its section, m3; in plane strain the area, m2."""
    after = np.roll(outline, -1, axis=0)
    cross = outline[:, 0] * after[:, 1] - after[:, 0] * outline[:, 1]
    if not axisymmetric:
        return float(0.5 * np.sum(cross))
    return float(math.pi / 3.0 * np.sum(cross * (outline[:, 0] + after[:, 0])))


def up_to(outline: FloatArray, end: float) -> FloatArray:
    """Return a closed outline cut off beyond a radius (Sutherland and Hodgman, for one half plane)."""
    made = []
    for a, b in zip(outline, np.roll(outline, -1, axis=0), strict=True):
        if a[0] <= end:
            made.append(a)
        if (a[0] <= end) != (b[0] <= end):
            made.append(a + (end - a[0]) / (b[0] - a[0]) * (b - a))
    return np.array(made).reshape(-1, 2)


def up_to_line(profile: FloatArray, end: float) -> FloatArray:
    """Return an open profile cut off beyond a radius."""
    made = []
    for k, a in enumerate(profile):
        if a[0] <= end:
            made.append(a)
        if k + 1 < len(profile):
            b = profile[k + 1]
            if (a[0] <= end) != (b[0] <= end) and a[0] != end and b[0] != end:
                made.append(a + (end - a[0]) / (b[0] - a[0]) * (b - a))
    return np.array(made).reshape(-1, 2)


def check_dies(lower: Die, upper: Die, closing: float) -> None:
    """Refuse dies whose profiles cross themselves, or one another before they are closed.

    Raises
    ------
    ForgingError
        With the place.
    """
    for tool in (lower, upper):
        at = _meeting(tool.profile, tool.profile, same=True)
        if at is not None:
            raise ForgingError(
                text("the profile of {tool} crosses itself at {x} mm, {y} mm", tool=tool.name, x=f"{1e3 * at[0]:.4g}",
                     y=f"{1e3 * at[1]:.4g}"),
                repair=text("draw it once from one end to the other"),
            )  # fmt: skip
    for way in (0.0, closing):
        at = _meeting(lower.profile, upper.moved(-way).profile, same=False)
        if at is not None:
            raise ForgingError(
                text("{lower} and {upper} cross at {x} mm, {y} mm when {way} mm are closed", lower=lower.name,
                     upper=upper.name, x=f"{1e3 * at[0]:.4g}", y=f"{1e3 * at[1]:.4g}", way=f"{1e3 * way:.4g}"),
                repair=text("leave a gap between the dies, or let them close less far"),
            )  # fmt: skip


def _meeting(one: FloatArray, other: FloatArray, *, same: bool) -> FloatArray | None:
    a, d = one[:-1, None, :], np.diff(one, axis=0)[:, None, :]
    b, e = other[None, :-1, :], np.diff(other, axis=0)[None, :, :]
    cross = d[..., 0] * e[..., 1] - d[..., 1] * e[..., 0]
    gap = b - a
    with np.errstate(divide="ignore", invalid="ignore"):
        s = (gap[..., 0] * e[..., 1] - gap[..., 1] * e[..., 0]) / cross
        t = (gap[..., 0] * d[..., 1] - gap[..., 1] * d[..., 0]) / cross
    hit = (cross != 0.0) & (s >= 0.0) & (s <= 1.0) & (t >= 0.0) & (t <= 1.0)
    if same:
        i, j = np.indices(hit.shape)
        hit &= np.abs(i - j) > 1
    if not hit.any():
        return None
    i, j = (int(k[0]) for k in np.nonzero(hit))
    return np.asarray(one[i] + s[i, j] * (one[i + 1] - one[i]), dtype=np.float64)
