"""Velocity and pressure of a metal that flows between tools at one instant: Newton's iteration with line search."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forgecast.forging.error import ForgingError
from forgecast.forging.flow_equations import FlowEquations
from forgecast.forging.kernels.flow_element import assemble, strain_rates
from forgecast.ground.texts import text

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
#: Flow stress (Pa) and its slope over the rate (Pa s) at the points of quadrature, for effective rates (m, 3) in 1/s.
Resistance = Callable[[FloatArray], tuple[FloatArray, FloatArray]]
#: A step that leaves less than this of the forces was along a slope that still holds: it is not worked out anew.
_KEPT_BELOW = 0.3


@dataclass(frozen=True, slots=True, eq=False)
class Edges:
    """What holds the nodes: a frame at each, which of its two directions is given, and the friction along the second.

    Parameters
    ----------
    frame : (n, 2, 2) array
        First row: normal, into the metal where a die touches; second row: tangent; the identity for free nodes.
    given : (n, 2) bool array
        Whether the velocity along normal and tangent is given.
    value : (n, 2) array
        The velocity given, m/s; for a node that slides, the tool's velocity along the tangent.
    friction : (n,) array
        Friction factor m at the node times the boundary it stands for (m2/rad or m2/m); 0 without friction.
    coulomb : (n,) array or None
        Coefficient of Coulomb friction at the node, infinite where only the friction factor limits; None: nowhere.
    """

    frame: FloatArray
    given: BoolArray
    value: FloatArray
    friction: FloatArray
    coulomb: FloatArray | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Flow:
    """How the metal flows.

    Parameters
    ----------
    velocity : (n, 2) array
        m/s.
    pressure : (n,) array
        Pa, above 0 under compression.
    rates : (m, 3, 4) array
        Strain rates rr, zz, tt, 2 rz at the points of quadrature, 1/s.
    effective : (m, 3) array
        Effective rate, 1/s; not below the floor.
    stress : (m, 3) array
        Flow stress, Pa.
    reaction : (n, 2) array
        Force of the tools on the nodes along normal and tangent of their frames, N/rad or N/m.
    plastic, sliding, external : float
        Power of deformation, of friction, and of the given velocities, W/rad or W/m.
    bubbles : float
        The part of `plastic` that goes into the bubbles of the triangles, as condensed: it falls with the square of
        their size, and tells how coarse they are.
    iterations : int
    residual : float
        What is left of the balance of forces, as a share of the greatest nodal force.
    """

    velocity: FloatArray
    pressure: FloatArray
    rates: FloatArray
    effective: FloatArray
    stress: FloatArray
    reaction: FloatArray
    plastic: float
    sliding: float
    external: float
    iterations: int
    residual: float
    bubbles: float = 0.0


class FlowSolver:
    """Solves on one mesh; the order and pattern of its equations are found once.

    Parameters
    ----------
    points : (n, 2) array
        Radius (or x) and height, m.
    triangles : (m, 3) array
        Corners counter-clockwise.
    axisymmetric : bool
        Else plane strain.
    rate_floor : float
        Effective rate below which the metal creeps like a viscous liquid, 1/s; it stands for the rigid state.
    slip_speed : float
        Sliding speed at which friction has half of its full value, m/s.
    equations : FlowEquations or None
        Those of the same triangles, from a step before; None finds order and pattern anew.
    """

    def __init__(
        self,
        points: FloatArray,
        triangles: IntArray,
        *,
        axisymmetric: bool,
        rate_floor: float,
        slip_speed: float,
        equations: FlowEquations | None = None,
    ) -> None:
        self.points = np.ascontiguousarray(points, dtype=np.float64)
        self.triangles = np.ascontiguousarray(triangles, dtype=np.int64)
        self.axisymmetric = axisymmetric
        self.rate_floor, self.slip_speed = rate_floor, slip_speed
        n, m = self.points.shape[0], self.triangles.shape[0]
        columns = np.empty((m, 9), dtype=np.int64)
        for corner in range(3):
            columns[:, 2 * corner] = 2 * self.triangles[:, corner]
            columns[:, 2 * corner + 1] = 2 * self.triangles[:, corner] + 1
            columns[:, 6 + corner] = 2 * n + self.triangles[:, corner]
        self._columns = columns
        self.equations = FlowEquations(self.triangles, self.points) if equations is None else equations
        self._residual = np.empty((m, 9))
        corner_points = self.points[self.triangles]
        self._areas = 0.5 * (
            (corner_points[:, 1, 0] - corner_points[:, 0, 0]) * (corner_points[:, 2, 1] - corner_points[:, 0, 1])
            - (corner_points[:, 2, 0] - corner_points[:, 0, 0]) * (corner_points[:, 1, 1] - corner_points[:, 0, 1])
        )
        if np.any(self._areas <= 0.0):
            raise ForgingError(
                text("{count} triangles of the mesh are turned over", count=int(np.sum(self._areas <= 0.0))),
                repair=text("make the mesh anew, or take smaller steps"),
            )

    def solve(
        self,
        resistance: Resistance,
        edges: Edges,
        *,
        start: tuple[FloatArray, FloatArray] | None = None,
        tolerance: float = 1e-7,
        most: int = 60,
    ) -> Flow:
        """Find the velocities at which the forces balance.

        Parameters
        ----------
        resistance : callable
        edges : Edges
        start : (velocity, pressure) or None
            A first guess, such as the flow of the step before.
        tolerance : float
            Of the residual, as a share of the greatest nodal force.
        most : int
            Iterations.

        Raises
        ------
        ForgingError
            If the iteration does not settle.
        """
        n = self.points.shape[0]
        free = np.concatenate([~edges.given.ravel(), np.ones(n, dtype=bool)])
        local = np.zeros(3 * n)
        if start is not None:
            local[: 2 * n] = np.einsum("nij,nj->ni", edges.frame, start[0]).ravel()
            local[2 * n :] = start[1]
        local[: 2 * n][edges.given.ravel()] = edges.value.ravel()[edges.given.ravel()]

        def tried(at: FloatArray, newton: float) -> _State:
            return self._state(at, resistance, edges, newton=newton)

        newton = 0.0 if start is None else 1.0
        state, anew = tried(local, newton), True
        for count in range(1, most + 1):
            if anew:
                self.equations.factor(state.matrix, edges.frame, edges.given, state.stiffness)
            before, step = state.share, self.equations.step(state.force)
            local, state, taken = self._searched(local, step, state, free, tried, newton)
            anew = state.share > _KEPT_BELOW * before or newton == 0.0
            if state.share < tolerance and count > 1:
                return self._flow(local, state, edges, count)
            if newton == 0.0 and (state.share < 0.05 or count >= 6):
                newton = 1.0
                state = tried(local, newton)
            elif newton == 1.0 and taken < 0.05:
                newton, anew = 0.0, True
                state = tried(local, newton)
        raise ForgingError(
            text("the flow did not settle in {count} iterations: {share} of the forces is left", count=most,
                 share=f"{state.share:.1e}"),
            repair=text("take a smaller step, a finer mesh, or a higher rate floor"),
        )  # fmt: skip

    @staticmethod
    def _searched(
        local: FloatArray,
        step: FloatArray,
        state: _State,
        free: BoolArray,
        tried: Callable[[FloatArray, float], _State],
        newton: float,
    ) -> tuple[FloatArray, _State, float]:
        """Go along the step as far as the forces come closer to balance."""
        before, taken = float(np.linalg.norm(state.force[free])), 1.0
        best = None
        for _ in range(8):
            there = local + taken * step
            made = tried(there, newton)
            after = float(np.linalg.norm(made.force[free]))
            if math.isfinite(after) and (best is None or after < best[0]):
                best = (after, there, made, taken)
            if after < (1.0 - 0.1 * taken) * before or newton == 0.0:
                break
            taken *= 0.5
        if best is None:
            raise ForgingError(
                text("the flow did not settle: stresses or velocities are not numbers any more"),
                repair=text("check the flow stress at this strain, rate and temperature, or take a smaller step"),
            )
        return best[1], best[2], best[3]

    def _state(self, local: FloatArray, resistance: Resistance, edges: Edges, *, newton: float) -> _State:
        n, m = self.points.shape[0], self.triangles.shape[0]
        velocity = np.einsum("nij,ni->nj", edges.frame, local[: 2 * n].reshape(n, 2))
        pressure = local[2 * n :]
        rates = np.empty((m, 3, 4))
        strain_rates(self.points, self.triangles, velocity, rates, self.axisymmetric)
        effective = np.sqrt(_effective_square(rates) + self.rate_floor**2)
        stress, slope = resistance(effective)
        matrix = self.equations.room()
        assemble(
            self.points, self.triangles, pressure, rates, effective, stress, slope, newton,
            self.axisymmetric, matrix, self._residual,
        )  # fmt: skip
        force = np.bincount(self._columns.ravel(), weights=self._residual.ravel(), minlength=3 * n).astype(np.float64)
        force[: 2 * n] = np.einsum("nij,nj->ni", edges.frame, force[: 2 * n].reshape(n, 2)).ravel()
        inner = force.copy()
        rubbing, stiffness = self._rubbing(local, stress, inner[0 : 2 * n : 2], edges)
        force[: 2 * n] += rubbing
        free = np.concatenate([~edges.given.ravel(), np.ones(n, dtype=bool)])
        scale = max(float(np.max(np.abs(inner[: 2 * n]))), np.finfo(float).tiny)
        share = float(np.max(np.abs(force[: 2 * n][free[: 2 * n]]), initial=0.0)) / scale
        return _State(velocity, pressure, rates, effective, stress, matrix, stiffness, force, inner, rubbing, share)

    def _rubbing(
        self, local: FloatArray, stress: FloatArray, pushed: FloatArray, edges: Edges
    ) -> tuple[FloatArray, FloatArray]:
        """Return friction along the tangents as residual, and its slope: limit (2/pi) arctan(slip / slip speed).

        The limit of a node is m k times its boundary, and its normal force `pushed` times the coefficient of Coulomb if
        that is less. How the normal force changes with the velocity is left out of the slope.
        """
        n = self.points.shape[0]
        force, stiffness = np.zeros(2 * n), np.zeros(n)
        held = np.flatnonzero((edges.friction > 0.0) & ~edges.given[:, 1])
        if held.size == 0:
            return force, stiffness
        weight = np.repeat(self._areas, 3)
        at = self.triangles.ravel()
        mean = np.bincount(at, weights=weight * np.repeat(stress.mean(axis=1), 3), minlength=n) / np.bincount(
            at, weights=weight, minlength=n
        )
        shear = edges.friction[held] * mean[held] / math.sqrt(3.0)
        if edges.coulomb is not None:
            sliding = np.isfinite(edges.coulomb[held])
            shear[sliding] = np.minimum(
                shear[sliding], edges.coulomb[held][sliding] * np.maximum(pushed[held][sliding], 0.0)
            )
        slip = (local[2 * held + 1] - edges.value[held, 1]) / self.slip_speed
        force[2 * held + 1] = shear * (2.0 / math.pi) * np.arctan(slip)
        stiffness[held] = shear * (2.0 / math.pi) / (self.slip_speed * (1.0 + slip**2))
        return force, stiffness

    def _flow(self, local: FloatArray, state: _State, edges: Edges, count: int) -> Flow:
        n = self.points.shape[0]
        reaction = (state.force[: 2 * n] - state.rubbing).reshape(n, 2)
        reaction[~edges.given[:, 0], 0] = 0.0
        reaction[~edges.given[:, 1], 1] = -state.rubbing.reshape(n, 2)[~edges.given[:, 1], 1]
        corners = self.points[self.triangles]
        share = np.full((3, 3), 1.0 / 6.0) + 0.5 * np.eye(3)
        radius = corners[:, :, 0] @ share.T if self.axisymmetric else np.ones((self.triangles.shape[0], 3))
        plastic = float(np.sum(self._areas[:, None] / 3.0 * radius * state.stress * np.sqrt(
            _effective_square(state.rates))))  # fmt: skip
        corner = state.pressure[self.triangles]
        bubbles = -float(np.einsum("mi,mij,mj->", corner, state.matrix[:, 6:, 6:], corner, optimize=True))
        speed = local[: 2 * n].reshape(n, 2)
        slip = speed[:, 1] - edges.value[:, 1]
        sliding = float(np.sum(np.where(edges.given[:, 1], 0.0, state.rubbing.reshape(n, 2)[:, 1] * slip)))
        pushed = np.where(edges.given, reaction * edges.value, 0.0)
        pushed[:, 1] = np.where(edges.given[:, 1], pushed[:, 1], reaction[:, 1] * edges.value[:, 1])
        return Flow(
            state.velocity, state.pressure, state.rates, state.effective, state.stress, reaction, plastic + bubbles,
            sliding, float(pushed.sum()), count, state.share, bubbles,
        )  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class _State:
    velocity: FloatArray
    pressure: FloatArray
    rates: FloatArray
    effective: FloatArray
    stress: FloatArray
    matrix: FloatArray
    stiffness: FloatArray
    force: FloatArray
    inner: FloatArray
    rubbing: FloatArray
    share: float


def _effective_square(rates: FloatArray) -> FloatArray:
    mean = (rates[..., 0] + rates[..., 1] + rates[..., 2]) / 3.0
    normal = sum((rates[..., k] - mean) ** 2 for k in range(3))
    return np.asarray(2.0 / 3.0 * (normal + 0.5 * rates[..., 3] ** 2), dtype=np.float64)
