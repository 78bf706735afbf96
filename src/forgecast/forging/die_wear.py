"""What the dies bear: the highest pressure, the temperature, and Archard's measure of wear at each place."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from forgecast.forging.cavity import places_of
from forgecast.forging.contact import boundary_shares
from forgecast.forging.die import Die
from forgecast.forging.forming import Moment
from forgecast.forging.mesher import stretches

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class DieWear:
    """What a die has borne.

    Parameters
    ----------
    places : (p, 2) array
        From the first point of its profile, m.
    pressure : (p,) array
        Highest normal pressure, Pa; 0 where the metal never touched.
    sliding : (p,) array
        Way the metal has slid over it, m.
    wear : (p,) array
        Integral of pressure times sliding speed over time, J/m2; times k/H (Archard's coefficient over hardness) it is
        the depth worn off (J. F. Archard, J. Appl. Phys. 24 (1953) 981).
    temperature : (p,) array
        Highest of the face, K; not a number where no heat is reckoned with.
    """

    places: FloatArray
    pressure: FloatArray
    sliding: FloatArray
    wear: FloatArray
    temperature: FloatArray


def unworn(tool: Die, spacing: float) -> DieWear:
    """Return a die that has borne nothing, with places so far apart along its profile (m)."""
    places, _ = places_of(tool.profile, spacing, axisymmetric=False)
    zero = np.zeros(len(places))
    return DieWear(places - tool.profile[0], zero, zero, zero, np.full(len(places), np.nan))


def worn(wear: DieWear, moment: Moment, number: int, width: float, *, axisymmetric: bool) -> DieWear:
    """Return what a die has borne after a step of `width` seconds that began with this moment.

    Parameters
    ----------
    wear : DieWear
    moment : Moment
    number : int
        Of the die among the tools.
    width : float
    axisymmetric : bool
    """
    piece, edges, tool = moment.piece, moment.edges, moment.tools[number]
    flow = piece.flow
    places = wear.places + tool.profile[0]
    made = wear
    if len(piece.dies) > number:
        face = piece.dies[number]
        _, at = cKDTree(face.places).query(wear.places)
        made = replace(made, temperature=np.fmax(wear.temperature, face.face()[at]))
    count = piece.mesh.outline
    share = boundary_shares(piece.mesh.points[:count], piece.touch, axisymmetric=axisymmetric)
    held = np.flatnonzero((piece.touch.tool == number) & (share > 0.0) & (piece.mesh.points[:count, 0] > 1e-9))
    if flow is None or held.size == 0:
        return made
    pressure = np.maximum(flow.reaction[held, 0], 0.0) / share[held]
    along = np.einsum("ni,ni->n", edges.frame[held, 1], flow.velocity[held])
    slip = np.abs(along - edges.value[held, 1])
    apart, at = cKDTree(piece.mesh.points[held]).query(places)
    near = apart < 0.75 * stretches(piece.mesh)[held][at]
    p, v = np.where(near, pressure[at], 0.0), np.where(near, slip[at], 0.0)
    return replace(
        made, pressure=np.maximum(wear.pressure, p), sliding=wear.sliding + v * width, wear=wear.wear + p * v * width
    )
