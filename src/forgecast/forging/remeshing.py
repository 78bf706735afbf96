"""New triangles for a piece that has strained: what the metal carries goes over, and the volume is mended and told."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from forgecast.forging.contact import FREE, Touch, touching
from forgecast.forging.die import Die
from forgecast.forging.flow_solver import Flow
from forgecast.forging.fold import Fold, without_folds
from forgecast.forging.mesher import SizeField, TriangleMesh, fill_outline, inside_outline, stretches
from forgecast.forging.piece import Piece, Traced, volume_of
from forgecast.forging.size_field import refined_size

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

#: Turning at a point above which the outline doubles back there, rad.
_DOUBLED_BACK = math.radians(150.0)


@dataclass(frozen=True, slots=True, eq=False)
class Remeshed:
    """A piece in new triangles, the volume put back (m3 or m2, without sign), and the folds that were closed."""

    piece: Piece
    mended: float
    folds: tuple[Fold, ...]


def remeshed(
    piece: Piece, tools: tuple[Die, ...], size: SizeField, whole: float, *, axisymmetric: bool, finest: float,
    axis: float = 1e-9,
) -> Remeshed:  # fmt: skip
    """Return the piece in new triangles.

    Parameters
    ----------
    piece : Piece
    tools : tuple of Die
    size : callable
        Greatest size of triangles, m.
    whole : float
        Volume the piece shall have, m3 (m2).
    axisymmetric : bool
    finest : float
        Least size as a share of the greatest.
    axis : float
        Radius below which a point lies on the axis, m.

    Raises
    ------
    ForgingError
        If the outline cannot be filled.
    """
    old = piece.mesh
    outline, folds = without_folds(without_hairpins(old.points[: old.outline], size), piece.time)
    field = refined_size(outline, tools, size, finest=finest, axis=axis)
    mesh = fill_outline(with_die_edges(outline, tools, field), field)
    # Straight stretches between new points cut into rounded dies: those points are set on the face first, so that the
    # volume mended is the volume that is missing.
    points = mesh.points.copy()
    settle(points[: mesh.outline], tools)
    points[mesh.points[:, 0] <= axis, 0] = 0.0
    made = replace(mesh, points=points)
    mesh = made if made.areas().min() > 0.0 else mesh
    touch = touching(tools, mesh.points[: mesh.outline], within=0.02 * stretches(mesh))
    mesh, mended = mend(mesh, touch, tools, whole, axisymmetric=axisymmetric)
    return Remeshed(_carried(piece, mesh, touch), mended, folds)


def without_hairpins(outline: FloatArray, size: SizeField) -> FloatArray:
    """Return the outline without points at which it doubles back by less than a fifth of a triangle's side.

    Points that slide along a die's face may pass one another by a hair; no triangle fits between.
    """
    while len(outline) > 4:
        before, after = outline - np.roll(outline, 1, axis=0), np.roll(outline, -1, axis=0) - outline
        turn = np.arctan2(before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0], np.sum(before * after, axis=1))
        shorter = np.minimum(np.linalg.norm(before, axis=1), np.linalg.norm(after, axis=1))
        back = np.flatnonzero((np.abs(turn) > _DOUBLED_BACK) & (shorter < 0.2 * size(outline)))
        if back.size == 0:
            break
        outline = np.delete(outline, back[0], axis=0)
    return outline


def with_die_edges(outline: FloatArray, tools: tuple[Die, ...], size: SizeField) -> FloatArray:
    """Return the outline led through those points of dies that its chords cut off."""
    for tool in tools:
        cut = inside_outline(tool.profile, outline)
        for vertex in tool.profile[cut]:
            after = np.roll(outline, -1, axis=0)
            way = after - outline
            part = np.clip(np.sum((vertex - outline) * way, axis=1) / np.maximum(np.sum(way**2, axis=1), 1e-300), 0, 1)
            apart = np.linalg.norm(outline + part[:, None] * way - vertex, axis=1)
            k = int(np.argmin(apart))
            if 1e-3 * float(size(vertex[None])[0]) < apart[k] and 0.0 < part[k] < 1.0:
                outline = np.insert(outline, k + 1, vertex, axis=0)
    return outline


def settle(outline: FloatArray, tools: tuple[Die, ...]) -> None:
    """Set points that lie inside a die on its face, in place; twice, for those that this brings into another die."""
    for _ in range(2):
        for tool in tools:
            gap, foot, _ = tool.nearest(outline)
            inside = gap < 0.0
            outline[inside] = foot[inside]


def mend(
    mesh: TriangleMesh, touch: Touch, tools: tuple[Die, ...], whole: float, *, axisymmetric: bool
) -> tuple[TriangleMesh, float]:
    """Return the mesh with its free outline moved along its normal until the volume is there, and what was moved."""
    lost = whole - volume_of(mesh, axisymmetric=axisymmetric)
    count = mesh.outline
    outline = mesh.points[:count]
    free = (touch.tool == FREE) & (outline[:, 0] > 1e-9)
    if not free.any() or lost == 0.0:
        return mesh, 0.0
    chord = np.roll(outline, -1, axis=0) - np.roll(outline, 1, axis=0)
    # Half the chord turned is the outward normal times the stretch the point stands for.
    area = 0.5 * np.column_stack([chord[:, 1], -chord[:, 0]])
    length = np.linalg.norm(area, axis=1)
    weight = length * (2.0 * math.pi * outline[:, 0] if axisymmetric else 1.0)
    # No further than a tenth of the stretches there: what is left over waits for the next step.
    shift = np.clip(lost / float(weight[free].sum()), -0.1 * length[free], 0.1 * length[free])
    points = mesh.points.copy()
    points[:count][free] += shift[:, None] * area[free] / np.maximum(length[free], 1e-300)[:, None]
    settle(points[:count], tools)
    made = replace(mesh, points=points)
    if made.areas().min() <= 0.0:
        return mesh, 0.0
    return made, abs(volume_of(made, axisymmetric=axisymmetric) - volume_of(mesh, axisymmetric=axisymmetric))


def _carried(piece: Piece, mesh: TriangleMesh, touch: Touch) -> Piece:
    """Return what the metal carries, strain, heat, damage, grains, lines and its motion, on a new mesh."""
    nodes, shares = within(piece.mesh, mesh.points)

    def over(values: FloatArray | None) -> FloatArray | None:
        return None if values is None else np.asarray(np.sum(values[nodes] * shares, axis=1), dtype=np.float64)

    flow: Flow | None = piece.flow
    if flow is not None:
        velocity = np.sum(flow.velocity[nodes] * shares[..., None], axis=1)
        pressure = np.sum(flow.pressure[nodes] * shares, axis=1)
        flow = replace(flow, velocity=velocity, pressure=pressure)
    traced = piece.traced
    if traced is not None:
        at = np.concatenate(piece.lines()) if len(traced.line) else np.empty((0, 2))
        traced = Traced(*within(mesh, at), traced.line)
    strain, temperature = over(piece.strain), over(piece.temperature)
    assert strain is not None and temperature is not None  # noqa: S101, PT018
    return replace(
        piece, mesh=mesh, strain=strain, temperature=temperature, touch=touch, flow=flow, damage=over(piece.damage),
        recrystallised=over(piece.recrystallised), grain=over(piece.grain), traced=traced,
    )  # fmt: skip


def within(mesh: TriangleMesh, points: FloatArray) -> tuple[IntArray, FloatArray]:
    """Return, for each point, the corners of the triangle it lies in (or next to) and its shares of them."""
    corners = mesh.points[mesh.triangles]
    _, close = cKDTree(corners.mean(axis=1)).query(points, k=min(12, len(mesh.triangles)))
    close = np.asarray(close).reshape(len(points), -1)
    a, b, c = corners[close, 0], corners[close, 1], corners[close, 2]
    p = points[:, None, :]
    whole = _cross(b - a, c - a)
    shares = np.stack([_cross(b - p, c - p), _cross(c - p, a - p), _cross(a - p, b - p)], axis=2) / whole[..., None]
    best = np.argmax(shares.min(axis=2), axis=1)
    rows = np.arange(len(points))
    found = np.clip(shares[rows, best], 0.0, None)
    return mesh.triangles[close[rows, best]], found / found.sum(axis=1, keepdims=True)


def _cross(a: FloatArray, b: FloatArray) -> FloatArray:
    return np.asarray(a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0], dtype=np.float64)
