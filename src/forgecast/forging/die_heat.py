"""Heat in the dies of a forming run: under each place of a die's face a column of metal, warmed from above.

During a blow heat goes some millimetres deep while the die measures centimetres, so it flows straight in. A column
that is as deep as several times sqrt(alpha t) does not feel its foot.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_banded

from forgecast.forging.error import ForgingError
from forgecast.ground.texts import text

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class DieMetal:
    """A die's steel as heat sees it: kg/m3, J/(kg K), W/(m K)."""

    density: float
    specific_heat: float
    conductivity: float


@dataclass(frozen=True, slots=True, eq=False)
class DieFace:
    """Columns under the face of a die.

    Parameters
    ----------
    places : (p, 2) array
        On the profile, from its first point, m.
    stretch : float
        Length of profile a place stands for, m.
    temperature : (p, c) array
        K; the first of a row lies at the face.
    edges : (c + 1,) array
        Depths between the cells, m.
    metal : DieMetal
    """

    places: FloatArray
    stretch: float
    temperature: FloatArray
    edges: FloatArray
    metal: DieMetal

    def face(self) -> FloatArray:
        """Return the temperature of the uppermost cells, K."""
        return self.temperature[:, 0]

    def warmed(self, flux: FloatArray, width: float) -> DieFace:
        """Return the columns after a step.

        Parameters
        ----------
        flux : (p,) array
            Heat into the face, W/m2.
        width : float
            s.
        """
        step = np.diff(self.edges)
        apart = 0.5 * (step[1:] + step[:-1])
        between = self.metal.conductivity / apart
        heat = self.metal.density * self.metal.specific_heat * step / width
        bands = np.zeros((3, step.size))
        bands[1] = heat
        bands[1, :-1] += between
        bands[1, 1:] += between
        bands[0, 1:] = bands[2, :-1] = -between
        right = heat[:, None] * self.temperature.T
        right[0] += flux
        return replace(self, temperature=np.ascontiguousarray(solve_banded((1, 1), bands, right).T))


def die_face(
    profile: FloatArray, temperature: float, metal: DieMetal, *, spacing: float, depth: float = 0.03, cells: int = 24
) -> DieFace:
    """Return the columns under a profile, all at one temperature (K).

    Parameters
    ----------
    profile : (k, 2) array
        m.
    temperature : float
    metal : DieMetal
    spacing : float
        Between places along the profile, m.
    depth : float
        Of a column, m.
    cells : int
        The first one is the thinnest; each is 1.2 times as thick as the one above.

    Raises
    ------
    ForgingError
        If a measure or property is not above 0.
    """
    if min(spacing, depth, temperature, metal.density, metal.specific_heat, metal.conductivity) <= 0.0 or cells < 2:
        raise ForgingError(
            text("a measure or property of the die is not above 0"),
            repair=text("give spacing, depth, temperature in kelvin and the steel's properties in SI units"),
        )
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(profile, axis=0), axis=1))])
    count = max(int(np.ceil(along[-1] / spacing)), 2)
    at = (np.arange(count) + 0.5) * along[-1] / count
    places = np.column_stack([np.interp(at, along, profile[:, axis]) for axis in (0, 1)])
    thickness = 1.2 ** np.arange(cells)
    edges = np.concatenate([[0.0], np.cumsum(thickness / thickness.sum() * depth)])
    return DieFace(places - profile[0], along[-1] / count, np.full((count, cells), temperature), edges, metal)
