"""A forming run: step by step the tools close, the metal flows, heats, and is meshed anew where it has strained."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from forgecast.forging.contact import FREE, Touch, edges_of, pulled, touching
from forgecast.forging.die import Die
from forgecast.forging.die_heat import DieFace
from forgecast.forging.error import ForgingError
from forgecast.forging.flow_solver import Edges, Flow, FlowSolver
from forgecast.forging.heat import Thermal
from forgecast.forging.mesher import SizeField, TriangleMesh, fill_outline
from forgecast.forging.piece import Piece, volume_of
from forgecast.forging.run_heat import heat_step
from forgecast.ground.texts import text
from forgecast.metal.flow_stress import FlowStress

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Settings:
    """How a run is computed.

    Parameters
    ----------
    axisymmetric : bool
    size : callable
        Size of triangles at points, m.
    strain_step : float
        Greatest effective strain of a step anywhere in the metal.
    rate_floor_share : float
        Floor of the effective rate as a share of the mean rate of the piece.
    slip_share : float
        Slip speed of full friction as a share of the tools' speed.
    worst_triangle : float
        Shape below which the piece is meshed anew, 0 to 1.
    """

    axisymmetric: bool
    size: SizeField
    strain_step: float = 0.02
    rate_floor_share: float = 2e-3
    slip_share: float = 2e-3
    worst_triangle: float = 0.35


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """What a step reports.

    Parameters
    ----------
    piece : Piece
    tools : tuple of Die
        Where they stand.
    force : (t,) array
        Of each tool along the height, N (N/m in plane strain); above 0 where it is pushed upwards.
    work : float
        Work of the moving tools so far, J (J/m).
    volume : float
        m3 (m2).
    remeshings : int
    mended : float
        Volume put back at remeshings so far, m3 (m2), without sign.
    """

    piece: Piece
    tools: tuple[Die, ...]
    force: FloatArray
    work: float
    volume: float
    remeshings: int
    mended: float


def begin(
    outline: FloatArray,
    tools: tuple[Die, ...],
    settings: Settings,
    *,
    temperature: float,
    dies: tuple[DieFace, ...] = (),
) -> Piece:
    """Return a billet between its tools, meshed, at one temperature (K).

    Raises
    ------
    ForgingError
        If the outline cannot be, or the billet starts inside a tool.
    """
    mesh = fill_outline(outline, settings.size)
    n, near = len(mesh.points), _near(mesh)
    for tool in tools:
        gap, _, _ = tool.nearest(mesh.points[: mesh.outline])
        if gap.min() < -0.1 * near:
            at = mesh.points[int(np.argmin(gap))]
            raise ForgingError(
                text("the billet starts {depth} mm inside {tool}, at {x} mm, {y} mm", depth=f"{-1e3 * gap.min():.3g}",
                     tool=tool.name, x=f"{1e3 * at[0]:.4g}", y=f"{1e3 * at[1]:.4g}"),
                repair=text("move the tool or the billet so that they only touch"),
            )  # fmt: skip
    touch = touching(tools, mesh.points[: mesh.outline], within=0.02 * near)
    return Piece(mesh, np.zeros(n), np.full(n, temperature), touch, dies)


def form(
    piece: Piece,
    tools: tuple[Die, ...],
    metal: FlowStress,
    settings: Settings,
    *,
    thermal: Thermal | None = None,
    speeds: Callable[[float, float, tuple[Die, ...]], tuple[float, ...]],
    until: Callable[[Moment], bool],
    most_steps: int = 2000,
) -> Iterator[Moment]:
    """Yield the moments of a run: each shows a piece, how it flows, and the forces that takes.

    Parameters
    ----------
    piece : Piece
    tools : tuple of Die
    metal : FlowStress
    settings : Settings
    thermal : Thermal or None
        What the heat of the run needs; None for a piece that keeps its temperature.
    speeds : callable
        (time, work, tools) -> speed of each tool upwards, m/s; all 0 ends the run.
    until : callable
        Tells when the run has come to its end.
    most_steps : int

    Raises
    ------
    ForgingError
        If a flow does not settle or the piece cannot be meshed; what was yielded before stays good.
    """
    whole = volume_of(piece.mesh, axisymmetric=settings.axisymmetric)
    turn = 2.0 * math.pi if settings.axisymmetric else 1.0
    work, remeshings, mended, last = 0.0, 0, 0.0, 1.0
    before: FloatArray | None = None
    for _ in range(most_steps):
        moving = speeds(piece.time, work, tools)
        if all(speed == 0.0 for speed in moving):
            return
        tools = tuple(tool.at_speed(speed) for tool, speed in zip(tools, moving, strict=True))
        if piece.mesh.quality().min() < settings.worst_triangle:
            piece, put_back = remeshed(piece, tools, settings, whole)
            remeshings, mended, before = remeshings + 1, mended + put_back, None
        piece, edges = _flowing(piece, tools, metal, settings)
        flow = _flow_of(piece)
        force = _forces(tools, piece, flow, edges, axisymmetric=settings.axisymmetric)
        volume = volume_of(piece.mesh, axisymmetric=settings.axisymmetric)
        moment = Moment(piece, tools, force, work, volume, remeshings, mended)
        yield moment
        if until(moment):
            return
        width = _step(piece, tools, flow, settings)
        after = tuple(tool.moved(tool.speed * width) for tool in tools)
        speed = flow.velocity
        if before is None:
            # The first step on a mesh has no step before to look back to: it is tried, and taken with the mean of both.
            ahead, _ = _flowing(_moved(piece, after, speed, width), after, metal, settings)
            speed = 0.5 * (speed + _flow_of(ahead).velocity)
        else:
            speed = speed + 0.5 * width / last * (speed - before)
        before, last = flow.velocity, width
        work += turn * flow.external * width
        made = _moved(piece, after, speed, width)
        if thermal is not None:
            warmed = heat_step(made, flow, edges, after, thermal, width=width, axisymmetric=settings.axisymmetric)
            made = replace(made, temperature=warmed.metal.temperature, dies=warmed.dies)
        piece, tools = made, after
    raise ForgingError(
        text("the run did not end in {count} steps", count=most_steps),
        repair=text("allow more steps, or a greater strain in each"),
    )


def remeshed(piece: Piece, tools: tuple[Die, ...], settings: Settings, whole: float) -> tuple[Piece, float]:
    """Return the piece in new triangles, its volume mended at the free surface, and how much was mended."""
    old = piece.mesh
    mesh = fill_outline(old.points[: old.outline], settings.size)
    # Straight stretches between new points cut into rounded tools: those points are set on the face first, so that the
    # volume mended is the volume that is missing.
    points = mesh.points.copy()
    for tool in tools:
        gap, foot, _ = tool.nearest(points[: mesh.outline])
        inside = gap < 0.0
        points[: mesh.outline][inside] = foot[inside]
    points[mesh.points[:, 0] <= 1e-9, 0] = 0.0
    mesh = replace(mesh, points=points)
    lost = whole - volume_of(mesh, axisymmetric=settings.axisymmetric)
    touch = touching(tools, mesh.points[: mesh.outline], within=0.02 * _near(mesh))
    mesh = _mended(mesh, touch, lost, axisymmetric=settings.axisymmetric)
    nodes, shares = _inside(old, mesh.points)
    strain = np.sum(piece.strain[nodes] * shares, axis=1)
    temperature = np.sum(piece.temperature[nodes] * shares, axis=1)
    flow = piece.flow
    if flow is not None:
        velocity = np.sum(flow.velocity[nodes] * shares[..., None], axis=1)
        pressure = np.sum(flow.pressure[nodes] * shares, axis=1)
        flow = replace(flow, velocity=velocity, pressure=pressure)
    return Piece(mesh, strain, temperature, touch, piece.dies, piece.time, flow), abs(lost)


def _flow_of(piece: Piece) -> Flow:
    assert piece.flow is not None  # noqa: S101  (asked only after it was solved)
    return piece.flow


def _flowing(piece: Piece, tools: tuple[Die, ...], metal: FlowStress, settings: Settings) -> tuple[Piece, Edges]:
    """Solve the flow; points that a tool would have to pull at come off, and it is solved again."""
    mesh = piece.mesh
    fastest = max(abs(tool.speed) for tool in tools)
    height = float(np.ptp(mesh.points[:, 1]))
    floor = settings.rate_floor_share * fastest / height
    solver = FlowSolver(
        mesh.points, mesh.triangles, axisymmetric=settings.axisymmetric, rate_floor=floor,
        slip_speed=settings.slip_share * fastest,
    )  # fmt: skip
    share = np.full((3, 3), 1.0 / 6.0) + 0.5 * np.eye(3)
    strain = piece.strain[mesh.triangles] @ share.T
    temperature = piece.temperature[mesh.triangles] @ share.T

    def resistance(rate: FloatArray) -> tuple[FloatArray, FloatArray]:
        return metal.stress(strain, rate, temperature), metal.rate_slope(strain, rate, temperature)

    touch, flow = piece.touch, piece.flow
    for _ in range(4):
        edges = edges_of(tools, touch, mesh.points, axisymmetric=settings.axisymmetric)
        start = None if flow is None else (flow.velocity, flow.pressure)
        try:
            flow = solver.solve(resistance, edges, start=start, tolerance=1e-8)
        except ForgingError:
            if start is None:
                raise
            flow = solver.solve(resistance, edges, tolerance=1e-8)
        off = pulled(touch, flow, mesh.points)
        if not off.any():
            break
        touch = Touch(np.where(off, FREE, touch.tool))
    assert flow is not None  # noqa: S101
    return replace(piece, touch=touch, flow=flow), edges


def _step(piece: Piece, tools: tuple[Die, ...], flow: Flow, settings: Settings) -> float:
    """Return the length of the step: by strain, and so that no point comes deep into a tool."""
    width = settings.strain_step / float(flow.effective.max())
    outline = piece.mesh.points[: piece.mesh.outline]
    near = _near(piece.mesh)
    for number, tool in enumerate(tools):
        gap, _, normal = tool.nearest(outline)
        closing = -(np.sum(flow.velocity[: piece.mesh.outline] * normal, axis=1) - tool.speed * normal[:, 1])
        coming = (piece.touch.tool != number) & (closing > 0.0) & (gap > 0.0) & (gap < 3.0 * near)
        if coming.any():
            width = min(width, max(float(np.min((gap[coming] + 0.05 * near) / closing[coming])),
                                   0.1 * width))  # fmt: skip
    return width


def _moved(piece: Piece, tools: tuple[Die, ...], speed: FloatArray, width: float) -> Piece:
    """Return the piece after a step: points moved, those inside a tool set on its face."""
    mesh, flow = piece.mesh, _flow_of(piece)
    points = mesh.points + width * speed
    points[mesh.points[:, 0] <= 1e-9, 0] = 0.0
    count = mesh.outline
    outline, near = points[:count], _near(mesh)
    touch = piece.touch.tool.copy()
    for number, tool in enumerate(tools):
        gap, foot, _ = tool.nearest(outline)
        held = (touch == number) | (gap < 0.0)
        outline[held] = foot[held]
        touch[held] = number
    outline[mesh.points[:count, 0] <= 1e-9, 0] = 0.0
    touch = np.where((touch == FREE), touching(tools, outline, within=0.01 * near).tool, touch)
    rate = _nodal(mesh, flow.effective.mean(axis=1))
    return replace(
        piece,
        mesh=replace(mesh, points=points),
        strain=piece.strain + width * rate,
        touch=Touch(touch),
        time=piece.time + width,
    )


def _forces(tools: tuple[Die, ...], piece: Piece, flow: Flow, edges: Edges, *, axisymmetric: bool) -> FloatArray:
    count = piece.mesh.outline
    pushed = np.sum(flow.reaction[:count, :, None] * edges.frame[:count], axis=1)[:, 1]
    turn = 2.0 * math.pi if axisymmetric else 1.0
    # The reaction is the tool's on the metal; the metal's on the tool is its opposite.
    return np.array([-turn * float(pushed[piece.touch.tool == number].sum()) for number in range(len(tools))])


def _near(mesh: TriangleMesh) -> float:
    """Return a length to measure nearness by: the shortest stretch of the outline."""
    outline = mesh.points[: mesh.outline]
    return float(np.linalg.norm(np.roll(outline, -1, axis=0) - outline, axis=1).min())


def _nodal(mesh: TriangleMesh, values: FloatArray) -> FloatArray:
    """Return values of triangles at the nodes, weighted by area."""
    areas, at = mesh.areas(), mesh.triangles.ravel()
    weight = np.bincount(at, weights=np.repeat(areas, 3), minlength=len(mesh.points))
    total = np.bincount(at, weights=np.repeat(areas * values, 3), minlength=len(mesh.points))
    return np.asarray(total / weight, dtype=np.float64)


def _mended(mesh: TriangleMesh, touch: Touch, lost: float, *, axisymmetric: bool) -> TriangleMesh:
    """Return the mesh with its free outline moved along its normal until the volume is there again."""
    count = mesh.outline
    outline = mesh.points[:count]
    free = (touch.tool == FREE) & (outline[:, 0] > 1e-9)
    if not free.any():
        return mesh
    after, before = np.roll(outline, -1, axis=0), np.roll(outline, 1, axis=0)
    chord = after - before
    # Half the chord turned is the outward normal times the stretch the point stands for.
    area = 0.5 * np.column_stack([chord[:, 1], -chord[:, 0]])
    weight = np.linalg.norm(area, axis=1) * (2.0 * math.pi * outline[:, 0] if axisymmetric else 1.0)
    shift = lost / float(weight[free].sum())
    points = mesh.points.copy()
    points[:count][free] += shift * area[free] / np.linalg.norm(area[free], axis=1)[:, None]
    made = replace(mesh, points=points)
    return made if made.areas().min() > 0.0 else mesh


def _inside(mesh: TriangleMesh, points: FloatArray) -> tuple[IntArray, FloatArray]:
    """Return, for each point, the triangle's nodes it lies in (or next to) and its shares of them."""
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
