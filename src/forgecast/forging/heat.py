"""Heat in the metal of a forming run: its own work, friction, the dies it touches and the air.

One implicit step on the moved mesh, capacity lumped at the nodes; the heat the metal keeps, gives and gains balances to
rounding in every step.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.linalg import splu

from forgecast.forging.billet_cooling import STEFAN_BOLTZMANN, Air
from forgecast.forging.error import ForgingError
from forgecast.forging.mesher import TriangleMesh
from forgecast.ground.texts import text

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Thermal:
    """What the metal and its surface are made of, as heat sees it.

    Parameters
    ----------
    density, specific_heat, conductivity : float
        kg/m3, J/(kg K), W/(m K); constant.
    work_to_heat : float
        Share of plastic work that becomes heat, 0 to 1.
    contact : float
        Coefficient between metal and die, W/(m2 K).
    air : Air
    """

    density: float
    specific_heat: float
    conductivity: float
    work_to_heat: float
    contact: float
    air: Air

    def __post_init__(self) -> None:
        """Check what was given."""
        if min(self.density, self.specific_heat, self.conductivity) <= 0.0 or self.contact < 0.0:
            raise ForgingError(
                text("a thermal property of the metal is not above 0"),
                repair=text("give density, specific heat and conductivity in SI units"),
            )
        if not 0.0 <= self.work_to_heat <= 1.0:
            raise ForgingError(
                text("the share of work that becomes heat is {share}", share=self.work_to_heat),
                repair=text("give a share of 0 to 1; 0.9 is usual for metals"),
            )


@dataclass(frozen=True, slots=True, eq=False)
class Surface:
    """What each stretch of the outline loses heat to, and what friction brings it.

    Parameters
    ----------
    touching : (k,) bool array
        Whether the stretch from a point of the outline to the next touches a die; the axis is neither.
    open : (k,) bool array
        Whether it lies in the air.
    die : (k,) array
        Temperature of the die's face there, K; any number where it does not touch.
    rubbing : (k,) array
        Heat of friction that goes into the metal, W/m2.
    """

    touching: BoolArray
    open: BoolArray
    die: FloatArray
    rubbing: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Warmed:
    """Temperatures after a step, and where the heat went.

    Parameters
    ----------
    temperature : (n,) array
        K.
    work, rubbed, to_dies, to_air : float
        Heat of the step: gained by work and by friction, given to dies and air, J (J/m in plane strain).
    to_die : (k,) array
        Of each stretch of the outline, J (J/m).
    """

    temperature: FloatArray
    work: float
    rubbed: float
    to_dies: float
    to_air: float
    to_die: FloatArray


def warm(
    mesh: TriangleMesh,
    temperature: FloatArray,
    power: FloatArray,
    surface: Surface,
    thermal: Thermal,
    *,
    width: float,
    axisymmetric: bool,
) -> Warmed:
    """Return the temperatures after a step.

    Parameters
    ----------
    mesh : TriangleMesh
    temperature : (n,) array
        Before, K.
    power : (m,) array
        Plastic power of each triangle by volume, W/m3.
    surface : Surface
    thermal : Thermal
    width : float
        Of the step, s.
    axisymmetric : bool

    Raises
    ------
    ForgingError
        If the radiation at the surface does not settle.
    """
    n = len(mesh.points)
    areas = mesh.areas()
    radius = mesh.points[:, 0] if axisymmetric else np.ones(n)
    turn = 2.0 * math.pi if axisymmetric else 1.0
    inside = _conduction(mesh, areas, radius, turn * thermal.conductivity)
    # A node's share of a ring's volume: linear functions over a linear radius.
    corner = turn * areas[:, None] * (radius[mesh.triangles] + radius[mesh.triangles].sum(axis=1)[:, None]) / 12.0
    capacity = np.bincount(mesh.triangles.ravel(), weights=corner.ravel(), minlength=n)
    heating = thermal.work_to_heat * corner * power[:, None]
    source = np.bincount(mesh.triangles.ravel(), weights=heating.ravel(), minlength=n)
    heat = thermal.density * thermal.specific_heat * capacity / width
    first, second, shares = _boundary(mesh, radius, turn)
    rub = surface.rubbing * (shares[0] + shares[1])
    brought = np.bincount(first, weights=surface.rubbing * shares[0], minlength=n) + np.bincount(
        second, weights=surface.rubbing * shares[1], minlength=n
    )
    now = temperature.copy()
    for _ in range(30):
        film, rest = _films(now, first, second, surface, thermal)
        matrix, right = inside + sp.diags(heat), heat * temperature + source + brought
        loss = np.zeros(n)
        for nodes, share, slope, at in ((first, shares[0], film[0], rest[0]), (second, shares[1], film[1], rest[1])):
            loss += np.bincount(nodes, weights=share * slope, minlength=n)
            right = right + np.bincount(nodes, weights=share * (slope * now[nodes] - at), minlength=n)
        new = splu((matrix + sp.diags(loss)).tocsc()).solve(right)
        change = float(np.max(np.abs(new - now)))
        now = new
        if change < 1e-7 * float(now.max()):
            break
    else:
        raise ForgingError(text("the heat given off at the surface did not settle"), repair=text("take a smaller step"))
    _, rest = _films(now, first, second, surface, thermal)
    given = width * (shares[0] * rest[0] + shares[1] * rest[1])
    to_die = np.where(surface.touching, given, 0.0)
    return Warmed(
        now, width * float(source.sum()), width * float(rub.sum()), float(to_die.sum()),
        float(np.where(surface.open, given, 0.0).sum()), to_die,
    )  # fmt: skip


def _conduction(mesh: TriangleMesh, areas: FloatArray, radius: FloatArray, conductivity: float) -> sp.csr_matrix:
    a, b, c = (mesh.points[mesh.triangles[:, i]] for i in range(3))
    gradient = (
        np.stack(
            [
                np.column_stack([b[:, 1] - c[:, 1], c[:, 0] - b[:, 0]]),
                np.column_stack([c[:, 1] - a[:, 1], a[:, 0] - c[:, 0]]),
                np.column_stack([a[:, 1] - b[:, 1], b[:, 0] - a[:, 0]]),
            ],
            axis=1,
        )
        / (2.0 * areas)[:, None, None]
    )
    weight = conductivity * areas * radius[mesh.triangles].mean(axis=1)
    block = weight[:, None, None] * np.einsum("mik,mjk->mij", gradient, gradient)
    rows = np.repeat(mesh.triangles, 3, axis=1).ravel()
    columns = np.tile(mesh.triangles, (1, 3)).ravel()
    n = len(mesh.points)
    return sp.csr_matrix((block.ravel(), (rows, columns)), shape=(n, n))


def _boundary(mesh: TriangleMesh, radius: FloatArray, turn: float) -> tuple[IntArray, IntArray, FloatArray]:
    """Return first and second node of each stretch of the outline, and the area each end stands for, (2, k), m2."""
    first = np.arange(mesh.outline)
    second = np.roll(first, -1)
    length = np.linalg.norm(mesh.points[second] - mesh.points[first], axis=1)
    a, b = radius[first], radius[second]
    return first, second, turn * length * np.array([(2 * a + b) / 6.0, (a + 2 * b) / 6.0])


def _films(
    temperature: FloatArray, first: IntArray, second: IntArray, surface: Surface, thermal: Thermal
) -> tuple[list[FloatArray], list[FloatArray]]:
    """Return slope (W/(m2 K)) and value (W/m2) of the heat given off at both ends of each stretch."""
    air, slopes, values = thermal.air, [], []
    for nodes in (first, second):
        t = temperature[nodes]
        radiation = air.emissivity * STEFAN_BOLTZMANN
        lost = air.convection * (t - air.temperature) + radiation * (t**4 - air.temperature**4)
        steep = air.convection + 4.0 * radiation * t**3
        slopes.append(np.where(surface.touching, thermal.contact, np.where(surface.open, steep, 0.0)))
        values.append(
            np.where(surface.touching, thermal.contact * (t - surface.die), np.where(surface.open, lost, 0.0))
        )
    return slopes, values
