"""The heat of one step of a forming run: metal, friction, air, and the faces of the dies it touches."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forgecast.forging.contact import FREE, Touch
from forgecast.forging.die import Die
from forgecast.forging.die_heat import DieFace
from forgecast.forging.flow_solver import Edges, Flow
from forgecast.forging.heat import Surface, Thermal, Warmed, warm
from forgecast.forging.piece import Piece

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """What a step did to the heat: the metal warmed, and the dies after it."""

    metal: Warmed
    dies: tuple[DieFace, ...]


def heat_step(
    piece: Piece, flow: Flow, edges: Edges, tools: tuple[Die, ...], thermal: Thermal, *, width: float,
    axisymmetric: bool,
) -> Step:  # fmt: skip
    """Return temperatures of metal and dies after a step of `width` seconds.

    The heat of friction goes half into the metal and half into the die.

    Parameters
    ----------
    piece : Piece
        Moved already; its temperatures are those before.
    flow, edges
        Of the step.
    tools : tuple of Die
        After the step; the piece has a die's face for each.
    thermal : Thermal
    width : float
    axisymmetric : bool
    """
    mesh, touch, dies = piece.mesh, piece.touch, piece.dies
    k = mesh.outline
    outline = mesh.points[:k]
    after = np.roll(outline, -1, axis=0)
    middle = 0.5 * (outline + after)
    both = (touch.tool == np.roll(touch.tool, -1)) & (touch.tool != FREE)
    on_axis = (outline[:, 0] <= 1e-9) & (after[:, 0] <= 1e-9)
    place, face = np.zeros(k, dtype=np.int64), np.zeros(k)
    for number, tool in enumerate(tools):
        held = np.flatnonzero(both & (touch.tool == number))
        if held.size:
            way = middle[held][:, None, :] - (dies[number].places + tool.profile[0])[None, :, :]
            place[held] = np.argmin(np.sum(way**2, axis=2), axis=1)
            face[held] = dies[number].face()[place[held]]
    rubbing = np.where(both, 0.5 * _friction_heat(touch, flow, edges, tools), 0.0)
    surface = Surface(both, ~both & ~on_axis, face, rubbing)
    power = (flow.stress * flow.effective).mean(axis=1)
    metal = warm(mesh, piece.temperature, power, surface, thermal, width=width, axisymmetric=axisymmetric)
    length = np.linalg.norm(after - outline, axis=1)
    around = 2.0 * math.pi * middle[:, 0] if axisymmetric else np.ones(k)
    into = metal.to_die + rubbing * length * around * width
    warmed = tuple(
        _die(die, into, place, both & (touch.tool == number), tool, width, axisymmetric=axisymmetric)
        for number, (die, tool) in enumerate(zip(dies, tools, strict=True))
    )
    return Step(metal, warmed)


def _friction_heat(touch: Touch, flow: Flow, edges: Edges, tools: tuple[Die, ...]) -> FloatArray:
    """Return the power of friction on each stretch, W/m2: what friction takes at its two ends, over their boundary."""
    k = len(touch.tool)
    along = np.einsum("ni,ni->n", edges.frame[:k, 1], flow.velocity[:k])
    taken = np.abs(flow.reaction[:k, 1] * (along - edges.value[:k, 1]))
    m = np.array([0.0 if number == FREE else tools[number].friction for number in touch.tool])
    stands_for = np.divide(edges.friction[:k], m, out=np.zeros(k), where=m > 0.0)
    power = np.divide(taken, stands_for, out=np.zeros(k), where=(stands_for > 0.0) & ~edges.given[:k, 1])
    return np.asarray(0.5 * (power + np.roll(power, -1)), dtype=np.float64)


def _die(
    die: DieFace, into: FloatArray, place: IntArray, held: NDArray[np.bool_], tool: Die, width: float, *,
    axisymmetric: bool,
) -> DieFace:  # fmt: skip
    heat = np.bincount(place[held], weights=into[held], minlength=len(die.places))
    radius = np.abs((die.places + tool.profile[0])[:, 0])
    area = die.stretch * (2.0 * math.pi * radius if axisymmetric else 1.0)
    flux = np.divide(heat, area * width, out=np.zeros_like(heat), where=heat != 0.0)
    return die.warmed(flux, width)
