"""A forming run: step by step the tools close, the metal flows, heats, and is meshed anew where it has strained."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from forgecast.forging.carried import begun, strained
from forgecast.forging.contact import FREE, Touch, edges_of, pulled, touching
from forgecast.forging.die import Die
from forgecast.forging.die_heat import DieFace
from forgecast.forging.error import ForgingError
from forgecast.forging.flow_equations import FlowEquations
from forgecast.forging.flow_solver import Edges, Flow, FlowSolver
from forgecast.forging.fold import FEWEST, Fold, crosses_itself, joined
from forgecast.forging.grain import Recrystallisation
from forgecast.forging.heat import Thermal
from forgecast.forging.mesher import SizeField, fill_outline, stretches
from forgecast.forging.piece import Piece, volume_of
from forgecast.forging.remeshing import Remeshed, mend, remeshed
from forgecast.forging.run_heat import heat_step
from forgecast.forging.size_field import too_coarse
from forgecast.ground.texts import text
from forgecast.metal.flow_stress import FlowStress

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

#: Radius below which a point lies on the axis, m.
_AXIS = 1e-9
#: What may be left of the balance of forces, as a share of the greatest nodal force.
_SETTLED = 1e-6
#: How far into a die a free point may come in a step, as a share of the outline's stretch there.
_INTO_DIE = 0.02
#: A held point that leaves the die's face by more than this share of its way has turned an edge, and is free.
_TURNED = 0.35
#: Steps between meshes made anew for their size; a bad or crossed mesh does not wait.
_PATIENCE = 8
#: Sizes tried, as shares of the one asked for, where the outline cannot be filled with it.
_OTHER_SIZES = (1.0, 0.8, 1.25)
#: Shape of the worst triangle with which a piece may go on where it cannot be meshed anew.
_STILL_SERVES = 0.05


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
    finest : float
        Least size of triangles as a share of `size`, reached at small radii of the dies and in thin metal.
    """

    axisymmetric: bool
    size: SizeField
    strain_step: float = 0.02
    rate_floor_share: float = 2e-3
    slip_share: float = 2e-3
    worst_triangle: float = 0.35
    finest: float = 0.25


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
        Volume put back at the free surface so far, m3 (m2), without sign: what points that came into a die, and chords
        across rounded dies, had cut off.
    edges : Edges
        What holds the nodes.
    folds : tuple of Fold
        Met so far.
    """

    piece: Piece
    tools: tuple[Die, ...]
    force: FloatArray
    work: float
    volume: float
    remeshings: int
    mended: float
    edges: Edges
    folds: tuple[Fold, ...]


def begin(
    outline: FloatArray,
    tools: tuple[Die, ...],
    settings: Settings,
    *,
    temperature: float,
    dies: tuple[DieFace, ...] = (),
    recrystallisation: Recrystallisation | None = None,
    lines: int = 12,
) -> Piece:
    """Return a billet between its tools, meshed.

    Parameters
    ----------
    outline : (k, 2) array
        Counter-clockwise, m.
    tools : tuple of Die
    settings : Settings
    temperature : float
        K.
    dies : tuple of DieFace
        One for each tool; none where no heat is reckoned with.
    recrystallisation : Recrystallisation or None
    lines : int
        Fibres drawn along the height into the metal.

    Raises
    ------
    ForgingError
        If the outline cannot be, or the billet starts inside a tool.
    """
    mesh = fill_outline(outline, settings.size)
    near = float(stretches(mesh).min())
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
    return begun(mesh, touch, temperature, dies, recrystallisation, lines=lines)


def form(
    piece: Piece,
    tools: tuple[Die, ...],
    metal: FlowStress,
    settings: Settings,
    *,
    thermal: Thermal | None = None,
    speeds: Callable[[float, float, tuple[Die, ...]], tuple[float, ...]],
    until: Callable[[Moment], bool],
    longest: Callable[[Moment], float] | None = None,
    recrystallisation: Recrystallisation | None = None,
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
    longest : callable or None
        Moment -> longest step, s, such as what is left of the way or of the energy.
    recrystallisation : Recrystallisation or None
        The same as in `begin`.
    most_steps : int

    Raises
    ------
    ForgingError
        If a flow does not settle or the piece cannot be meshed; what was yielded before stays good.
    """
    state = _Course(settings, metal, volume_of(piece.mesh, axisymmetric=settings.axisymmetric))
    work = 0.0
    before, way = np.zeros(len(tools)), np.zeros(len(tools))
    for _ in range(most_steps):
        moving = speeds(piece.time, work, tools)
        if all(speed == 0.0 for speed in moving):
            return
        tools = tuple(tool.at_speed(speed) for tool, speed in zip(tools, moving, strict=True))
        piece, edges = state.flowing(state.fit(piece, tools), tools)
        flow = _flow_of(piece)
        force = _forces(tools, piece, flow, edges, axisymmetric=settings.axisymmetric)
        work -= float(np.sum(0.5 * (before + force) * way))
        volume = volume_of(piece.mesh, axisymmetric=settings.axisymmetric)
        moment = Moment(piece, tools, force, work, volume, state.remeshings, state.mended, edges, state.folds)
        yield moment
        if until(moment):
            return
        width = _step(piece, tools, flow, settings)
        if longest is not None:
            width = min(width, longest(moment))
        made, tools, width = state.stepped(piece, tools, edges, width)
        before, way = force, width * np.array([tool.speed for tool in tools])
        made = strained(made, flow, width, recrystallisation)
        if thermal is not None:
            warmed = heat_step(made, flow, edges, tools, thermal, width=width, axisymmetric=settings.axisymmetric)
            made = replace(made, temperature=warmed.metal.temperature, dies=warmed.dies)
        piece = made
    raise ForgingError(
        text("the run did not end in {count} steps", count=most_steps),
        repair=text("allow more steps, or a greater strain in each"),
    )


class _Course:
    """What a run remembers from step to step: the mesh's equations, the flow before, and what was mended."""

    def __init__(self, settings: Settings, metal: FlowStress, whole: float) -> None:
        self.settings, self.metal, self.whole = settings, metal, whole
        self.remeshings, self.mended, self.since = 0, 0.0, 0
        self.folds: tuple[Fold, ...] = ()
        self._met: tuple[Fold, ...] = ()
        self._equations: FlowEquations | None = None
        self._before: tuple[FloatArray, float] | None = None

    def fit(self, piece: Piece, tools: tuple[Die, ...]) -> Piece:
        """Return the piece, in new triangles where those it has are bad, too coarse, or cross themselves."""
        mesh, settings = piece.mesh, self.settings
        self.since += 1
        bad = mesh.quality().min() < settings.worst_triangle or crosses_itself(mesh.points[: mesh.outline])
        if not bad and (self.since <= _PATIENCE or not too_coarse(mesh, tools, settings.size, settings.finest)):
            return piece
        return self._anew(piece, tools)

    def _anew(self, piece: Piece, tools: tuple[Die, ...]) -> Piece:
        made = self._remeshed(piece, tools)
        if made is None:
            self.since = 0
            return piece
        self.remeshings, self.mended, self.since = self.remeshings + 1, self.mended + made.mended, 0
        if made.folds:
            at = np.array([[fold.x, fold.y] for fold in made.folds])
            size = self.settings.size(at)
            reach = 3.0 * float(np.max(size))
            # The last hollow between metal and die closes next to the die: that is filling, and no fold.
            gap = np.min([tool.nearest(at)[0] for tool in tools], axis=0)
            self._met += tuple(fold for fold, off in zip(made.folds, gap > 0.5 * size, strict=True) if off)
            self.folds = tuple(fold for fold in joined(self._met, reach) if fold.points >= FEWEST)
        self._equations = self._before = None
        return made.piece

    def _remeshed(self, piece: Piece, tools: tuple[Die, ...]) -> Remeshed | None:
        """Return the piece in new triangles; None where no size fills its outline and those it has still serve."""
        settings, wanted = self.settings, self.settings.size
        for factor in _OTHER_SIZES:

            def size(at: FloatArray, factor: float = factor) -> FloatArray:
                return factor * wanted(at)

            try:
                return remeshed(
                    piece, tools, size, self.whole, axisymmetric=settings.axisymmetric, finest=settings.finest
                )
            except ForgingError as error:
                refused = error
        if piece.mesh.quality().min() < _STILL_SERVES or crosses_itself(piece.mesh.points[: piece.mesh.outline]):
            raise refused
        return None

    def flowing(self, piece: Piece, tools: tuple[Die, ...]) -> tuple[Piece, Edges]:
        """Solve the flow; where it does not settle, on new triangles."""
        try:
            return self._solved(piece, tools)
        except ForgingError:
            if self.since == 0:
                raise
        return self._solved(self._anew(piece, tools), tools)

    def _solved(self, piece: Piece, tools: tuple[Die, ...]) -> tuple[Piece, Edges]:
        """Solve the flow; points that a tool would have to pull at come off, and it is solved again."""
        mesh, settings = piece.mesh, self.settings
        fastest = max(abs(tool.speed) for tool in tools)
        floor = settings.rate_floor_share * fastest / float(np.ptp(mesh.points[:, 1]))
        solver = FlowSolver(
            mesh.points, mesh.triangles, axisymmetric=settings.axisymmetric, rate_floor=floor,
            slip_speed=settings.slip_share * fastest, equations=self._equations,
        )  # fmt: skip
        self._equations = solver.equations
        share = np.full((3, 3), 1.0 / 6.0) + 0.5 * np.eye(3)
        strain = piece.strain[mesh.triangles] @ share.T
        temperature = piece.temperature[mesh.triangles] @ share.T

        def resistance(rate: FloatArray) -> tuple[FloatArray, FloatArray]:
            return self.metal.stress(strain, rate, temperature), self.metal.rate_slope(strain, rate, temperature)

        touch, flow = piece.touch, piece.flow
        for _ in range(4):
            edges = edges_of(tools, touch, mesh.points, axisymmetric=settings.axisymmetric)
            start = None if flow is None else (flow.velocity, flow.pressure)
            try:
                flow = solver.solve(resistance, edges, start=start, tolerance=_SETTLED)
            except ForgingError:
                if start is None:
                    raise
                flow = solver.solve(resistance, edges, tolerance=_SETTLED)
            off = pulled(touch, flow, mesh.points)
            if not off.any():
                break
            touch = Touch(np.where(off, FREE, touch.tool))
        assert flow is not None  # noqa: S101
        return replace(piece, touch=touch, flow=flow), edges

    def stepped(
        self, piece: Piece, tools: tuple[Die, ...], edges: Edges, width: float
    ) -> tuple[Piece, tuple[Die, ...], float]:  # fmt: skip
        """Return the piece and the tools after a step, and its length: shorter where triangles would turn over."""
        flow = _flow_of(piece)
        for _ in range(6):
            after = tuple(tool.moved(tool.speed * width) for tool in tools)
            speed = flow.velocity
            if self._before is None:
                # The first step on a mesh has no step before to look back to: it is tried, and taken with the mean.
                trial = _moved(piece, tools, after, speed, width)
                if trial.mesh.areas().min() > 0.0:
                    change = _flow_of(self._solved(trial, after)[0]).velocity - speed
                    speed = speed + 0.5 * _along(change, edges)
            else:
                speed = speed + 0.5 * width / self._before[1] * _along(speed - self._before[0], edges)
            made = _moved(piece, tools, after, speed, width)
            if made.mesh.areas().min() > 0.0:
                self._before = (flow.velocity, width)
                mesh, put_back = mend(made.mesh, made.touch, after, self.whole, axisymmetric=self.settings.axisymmetric)
                self.mended += put_back
                return replace(made, mesh=mesh), after, width
            width *= 0.5
        raise ForgingError(
            text("triangles turn over in the shortest step"),
            repair=text("ask for smaller triangles, or for better ones (`worst_triangle`)"),
        )


def _flow_of(piece: Piece) -> Flow:
    assert piece.flow is not None  # noqa: S101  (asked only after it was solved)
    return piece.flow


def _step(piece: Piece, tools: tuple[Die, ...], flow: Flow, settings: Settings) -> float:
    """Return the length of the step: by strain, and so that no point comes deep into a tool."""
    width = settings.strain_step / float(flow.effective.max())
    count = piece.mesh.outline
    outline, near = piece.mesh.points[:count], stretches(piece.mesh)
    shortest = 0.05 * width
    for number, tool in enumerate(tools):
        gap, _, normal = tool.nearest(outline)
        closing = -(np.sum(flow.velocity[:count] * normal, axis=1) - tool.speed * normal[:, 1])
        coming = (piece.touch.tool != number) & (closing > 0.0) & (gap > 0.0) & (gap < 3.0 * near)
        if coming.any():
            width = min(width, float(np.min((gap[coming] + _INTO_DIE * near[coming]) / closing[coming])))
    return max(width, shortest)


def _along(change: FloatArray, edges: Edges) -> FloatArray:
    """Return a change of velocities without what is given: a point that has just met a die must not come off it."""
    local = np.einsum("nij,nj->ni", edges.frame, change)
    local[edges.given] = 0.0
    return np.asarray(np.einsum("nij,ni->nj", edges.frame, local), dtype=np.float64)


def _moved(piece: Piece, before: tuple[Die, ...], tools: tuple[Die, ...], speed: FloatArray, width: float) -> Piece:
    """Return the piece after a step: points moved, those inside a tool set on its face, those past its edge let go."""
    mesh = piece.mesh
    points = mesh.points + width * speed
    count = mesh.outline
    outline, near = points[:count], stretches(mesh)
    touch = piece.touch.tool.copy()
    for number, tool in enumerate(tools):
        gap, foot, _ = tool.nearest(outline)
        held = touch == number
        rise = tool.profile[0, 1] - before[number].profile[0, 1]
        way = np.linalg.norm(outline - mesh.points[:count] - np.array([0.0, rise]), axis=1)
        left = held & (gap > _TURNED * way) & (gap > 1e-3 * near)
        touch[left] = FREE
        held = (held & ~left) | (gap < 0.0)
        outline[held] = foot[held]
        touch[held] = number
    points[:count][:, 0] = np.maximum(points[:count][:, 0], 0.0)
    points[mesh.points[:, 0] <= _AXIS, 0] = 0.0
    touch = np.where(touch == FREE, touching(tools, outline, within=0.01 * near).tool, touch)
    return replace(piece, mesh=replace(mesh, points=points), touch=Touch(touch), time=piece.time + width)


def _forces(tools: tuple[Die, ...], piece: Piece, flow: Flow, edges: Edges, *, axisymmetric: bool) -> FloatArray:
    count = piece.mesh.outline
    pushed = np.sum(flow.reaction[:count, :, None] * edges.frame[:count], axis=1)[:, 1]
    turn = 2.0 * math.pi if axisymmetric else 1.0
    # The reaction is the tool's on the metal; the metal's on the tool is its opposite.
    return np.array([-turn * float(pushed[piece.touch.tool == number].sum()) for number in range(len(tools))])
