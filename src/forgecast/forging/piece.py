"""The metal of a forming run at one instant."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forgecast.forging.contact import Touch
from forgecast.forging.die_heat import DieFace
from forgecast.forging.flow_solver import Flow
from forgecast.forging.mesher import TriangleMesh

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Traced:
    """Lines drawn into the metal that it carries along: points fixed in triangles.

    Parameters
    ----------
    nodes : (q, 3) array
        Corners of the triangle each point lies in.
    shares : (q, 3) array
        Its shares of them.
    line : (q,) array
        Which line it belongs to, ascending.
    """

    nodes: IntArray
    shares: FloatArray
    line: IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """The metal at one instant.

    Parameters
    ----------
    mesh : TriangleMesh
    strain : (n,) array
        Effective strain of the nodes.
    temperature : (n,) array
        K.
    touch : Touch
    dies : tuple of DieFace
        Temperatures under the face of each tool; empty where no heat is reckoned with.
    time : float
        s.
    flow : Flow or None
        How it flows; None before the first step.
    damage : (n,) array or None
        Cockcroft and Latham's: integral of the greatest tensile principal stress over the effective strain, Pa.
    recrystallised, grain : (n,) array or None
        Share of the metal, and mean grain size in m; None where no coefficients were given.
    traced : Traced or None
    """

    mesh: TriangleMesh
    strain: FloatArray
    temperature: FloatArray
    touch: Touch
    dies: tuple[DieFace, ...] = ()
    time: float = 0.0
    flow: Flow | None = None
    damage: FloatArray | None = None
    recrystallised: FloatArray | None = None
    grain: FloatArray | None = None
    traced: Traced | None = None

    def lines(self) -> list[FloatArray]:
        """Return the lines drawn into the metal as they lie now, each (q, 2), m."""
        if self.traced is None:
            return []
        at = np.sum(self.mesh.points[self.traced.nodes] * self.traced.shares[..., None], axis=1)
        return np.split(at, np.flatnonzero(np.diff(self.traced.line)) + 1)


def volume_of(mesh: TriangleMesh, *, axisymmetric: bool) -> float:
    """Return the volume of the piece, m3; its area, m2, in plane strain."""
    areas = mesh.areas()
    if not axisymmetric:
        return float(areas.sum())
    return float(2.0 * math.pi * np.sum(areas * mesh.points[mesh.triangles, 0].mean(axis=1)))
