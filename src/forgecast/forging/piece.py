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
    """

    mesh: TriangleMesh
    strain: FloatArray
    temperature: FloatArray
    touch: Touch
    dies: tuple[DieFace, ...] = ()
    time: float = 0.0
    flow: Flow | None = None


def volume_of(mesh: TriangleMesh, *, axisymmetric: bool) -> float:
    """Return the volume of the piece, m3; its area, m2, in plane strain."""
    areas = mesh.areas()
    if not axisymmetric:
        return float(areas.sum())
    return float(2.0 * math.pi * np.sum(areas * mesh.points[mesh.triangles, 0].mean(axis=1)))
