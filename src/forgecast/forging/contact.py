"""Which nodes of the outline touch which tool, and what holds them there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forgecast.forging.die import Die
from forgecast.forging.flow_solver import Edges, Flow

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

#: No tool.
FREE = -1


@dataclass(frozen=True, slots=True, eq=False)
class Touch:
    """The state of contact of an outline.

    Parameters
    ----------
    tool : (k,) int array
        Number of the tool each point of the outline touches, `FREE` where none.
    """

    tool: IntArray


def touching(tools: tuple[Die, ...], outline: FloatArray, *, within: float | FloatArray) -> Touch:
    """Return which points touch: those not further than `within` from a tool (m), or inside it; the nearest counts."""
    found = np.full(len(outline), FREE, dtype=np.int64)
    nearest = np.zeros(len(outline)) + within
    for number, tool in enumerate(tools):
        gap, _, _ = tool.nearest(outline)
        closer = gap <= nearest
        found[closer], nearest[closer] = number, gap[closer]
    return Touch(found)


def edges_of(
    tools: tuple[Die, ...], touch: Touch, points: FloatArray, *, axisymmetric: bool, axis: float = 1e-9
) -> Edges:
    """Return what holds the nodes: tools take the motion along their normal, the axis the motion off it.

    Parameters
    ----------
    tools, touch
    points : (n, 2) array
        The outline's points first, counter-clockwise.
    axisymmetric : bool
        In plane strain, x = 0 is the plane of symmetry and is treated like the axis.
    axis : float
        Radius below which a node lies on the axis, m.
    """
    n, k = len(points), len(touch.tool)
    frame = np.tile(np.eye(2), (n, 1, 1))
    given, value, friction = np.zeros((n, 2), dtype=bool), np.zeros((n, 2)), np.zeros(n)
    coulomb = np.full(n, np.inf)
    outline = points[:k]
    share = boundary_shares(outline, touch, axisymmetric=axisymmetric)
    for number, tool in enumerate(tools):
        held = np.flatnonzero(touch.tool == number)
        if held.size == 0:
            continue
        _, _, normal = tool.nearest(outline[held])
        tangent = np.column_stack([normal[:, 1], -normal[:, 0]])
        frame[held, 0], frame[held, 1] = normal, tangent
        given[held, 0] = True
        value[held, 0] = normal[:, 1] * tool.speed
        value[held, 1] = tangent[:, 1] * tool.speed
        friction[held] = tool.friction * share[held]
        if tool.coulomb is not None:
            coulomb[held] = tool.coulomb
    on_axis = np.flatnonzero(points[:, 0] <= axis)
    for node in on_axis:
        if node < k and touch.tool[node] != FREE:
            tool = tools[touch.tool[node]]
            # On the axis and at a tool: no motion off the axis, and up and down with the tool.
            frame[node], given[node], value[node] = np.eye(2), True, (0.0, tool.speed)
            friction[node] = 0.0
        else:
            frame[node], given[node], value[node] = np.eye(2), (True, False), 0.0
    return Edges(frame, given, value, friction, coulomb)


def pulled(touch: Touch, flow: Flow, points: FloatArray, *, axis: float = 1e-9) -> BoolArray:
    """Return which touching points a tool would have to pull at: they come off."""
    k = len(touch.tool)
    force = flow.reaction[:k, 0].copy()
    on_axis = points[:k, 0] <= axis
    force[on_axis] = 0.0  # judged by its neighbours: the axis's own reaction cannot be told from the tool's
    biggest = max(float(np.max(np.abs(flow.reaction[:k, 0]), initial=0.0)), np.finfo(float).tiny)
    return np.asarray((touch.tool != FREE) & (force < -1e-4 * biggest))


def boundary_shares(outline: FloatArray, touch: Touch, *, axisymmetric: bool) -> FloatArray:
    """Return the boundary each point stands for where it and its neighbour touch one tool, m2/rad or m2/m."""
    after = np.roll(outline, -1, axis=0)
    length = np.linalg.norm(after - outline, axis=1)
    both = (touch.tool == np.roll(touch.tool, -1)) & (touch.tool != FREE)
    a, b = (outline[:, 0], after[:, 0]) if axisymmetric else (np.ones(len(outline)), np.ones(len(outline)))
    first = np.where(both, length * (2 * a + b) / 6, 0.0)
    second = np.where(both, length * (a + 2 * b) / 6, 0.0)
    return np.asarray(first + np.roll(second, 1), dtype=np.float64)
