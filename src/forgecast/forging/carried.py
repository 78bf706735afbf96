"""What the metal of a run carries with it: strain, damage, grains and lines, from the first moment and over a step."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from forgecast.forging.contact import Touch
from forgecast.forging.die_heat import DieFace
from forgecast.forging.flow_solver import Flow
from forgecast.forging.grain import Recrystallisation
from forgecast.forging.mesher import TriangleMesh, inside_outline
from forgecast.forging.piece import Piece, Traced
from forgecast.forging.remeshing import within

FloatArray = NDArray[np.float64]


def begun(
    mesh: TriangleMesh, touch: Touch, temperature: float, dies: tuple[DieFace, ...],
    recrystallisation: Recrystallisation | None, *, lines: int,
) -> Piece:  # fmt: skip
    """Return a piece that has not been formed yet, all of it at one temperature (K)."""
    n = len(mesh.points)
    grain = None if recrystallisation is None else np.full(n, recrystallisation.grain)
    return Piece(
        mesh, np.zeros(n), np.full(n, temperature), touch, dies, damage=np.zeros(n),
        recrystallised=None if grain is None else np.zeros(n), grain=grain, traced=_fibres(mesh, lines),
    )  # fmt: skip


def _fibres(mesh: TriangleMesh, count: int) -> Traced:
    """Return lines along the height, as a rolled bar has them, equally far apart."""
    outline = mesh.points[: mesh.outline]
    low, high = outline.min(axis=0), outline.max(axis=0)
    up = np.linspace(low[1], high[1], 240)[1:-1]
    across = low[0] + (high[0] - low[0]) * (np.arange(count) + 0.5) / max(count, 1)
    at = np.column_stack([np.repeat(across, up.size), np.tile(up, count)])
    line = np.repeat(np.arange(count), up.size)
    kept = inside_outline(at, outline)
    nodes, shares = within(mesh, at[kept]) if kept.any() else (np.empty((0, 3), dtype=np.int64), np.empty((0, 3)))
    return Traced(nodes, shares, line[kept])


def strained(piece: Piece, flow: Flow, width: float, recrystallisation: Recrystallisation | None) -> Piece:
    """Return the piece with what a step of `width` seconds adds to its strain, its damage and its grains."""
    mesh = piece.mesh
    rate = nodal(mesh, flow.effective.mean(axis=1))
    made = replace(piece, strain=piece.strain + width * rate)
    if piece.damage is not None:
        tension = nodal(mesh, (np.maximum(greatest_stress(mesh, flow), 0.0) * flow.effective).mean(axis=1))
        made = replace(made, damage=piece.damage + width * tension)
    if recrystallisation is not None and piece.grain is not None and piece.recrystallised is not None:
        done, grain = recrystallisation.after(
            piece.recrystallised, piece.grain, piece.strain, width * rate, rate, piece.temperature
        )
        made = replace(made, recrystallised=done, grain=grain)
    return made


def greatest_stress(mesh: TriangleMesh, flow: Flow) -> FloatArray:
    """Return the greatest principal stress at the points of quadrature, (m, 3), Pa; tension above 0."""
    rates = flow.rates
    mean = (rates[..., 0] + rates[..., 1] + rates[..., 2]) / 3.0
    middle = 0.5 * (rates[..., 0] + rates[..., 1])
    radius = np.hypot(0.5 * (rates[..., 0] - rates[..., 1]), 0.5 * rates[..., 3])
    greatest = np.maximum(middle + radius, rates[..., 2]) - mean
    share = np.full((3, 3), 1.0 / 6.0) + 0.5 * np.eye(3)
    pressure = flow.pressure[mesh.triangles] @ share.T
    return np.asarray(2.0 / 3.0 * flow.stress / flow.effective * greatest - pressure, dtype=np.float64)


def nodal(mesh: TriangleMesh, values: FloatArray) -> FloatArray:
    """Return values of triangles at the nodes, weighted by area."""
    areas, at = mesh.areas(), mesh.triangles.ravel()
    weight = np.bincount(at, weights=np.repeat(areas, 3), minlength=len(mesh.points))
    total = np.bincount(at, weights=np.repeat(areas * values, 3), minlength=len(mesh.points))
    return np.asarray(total / weight, dtype=np.float64)
