"""Load over the stroke of open and closed dies: slab and upper bound with the flow stress of each moment."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import cumulative_trapezoid

from forgecast.forging.error import ForgingError
from forgecast.forging.plane_strain import platens_shear
from forgecast.forging.ring import upset_ring
from forgecast.forging.upsetting import shear_friction_pressure
from forgecast.ground.texts import text
from forgecast.metal.flow_stress import FlowStress

FloatArray = NDArray[np.float64]
_POINTS = 121


@dataclass(frozen=True, slots=True, eq=False)
class Stroke:
    """A stroke of the dies.

    Parameters
    ----------
    travel : (n,) array
        Way still to go, m, falling to 0.
    force : (n,) array
        N.
    strain, rate : (n,) array
        Mean of the metal.
    stress : (n,) array
        Flow stress, Pa.
    """

    travel: FloatArray
    force: FloatArray
    strain: FloatArray
    rate: FloatArray
    stress: FloatArray

    @property
    def work(self) -> float:
        """Return the work of the stroke, J."""
        return float(self.works[-1])

    @property
    def works(self) -> FloatArray:
        """Return the work done so far at each point, J."""
        return np.asarray(-cumulative_trapezoid(self.force, self.travel, initial=0.0), dtype=np.float64)

    @property
    def mean_strain(self) -> float:
        """Return the mean of the strain over the way."""
        return float(-np.trapezoid(self.strain, self.travel) / (self.travel[0] - self.travel[-1]))


def stroke(
    law: FlowStress, temperature: float, speed: float, start: float, end: float,
    area_and_ratio: Callable[[FloatArray], tuple[FloatArray, FloatArray]],
) -> Stroke:  # fmt: skip
    """Return force over the way from a height to another.

    Strain ln(h0/h), rate v/h; force = area times (mean pressure over flow stress) times flow stress.

    Parameters
    ----------
    law : FlowStress
    temperature : float
        K, constant.
    speed : float
        Of the die, m/s, constant.
    start, end : float
        Heights, m.
    area_and_ratio : callable
        Of heights: area m2, pressure over flow stress.

    Raises
    ------
    ForgingError
        If the heights do not fall, or speed or temperature is not above 0.
    """
    if not 0.0 < end < start or min(speed, temperature) <= 0.0:
        raise ForgingError(
            text("the height does not go down: from {start} mm to {end} mm", start=round(1e3 * start, 4),
                 end=round(1e3 * end, 4)),
            repair=text("give an end height below that of the billet, and a speed above 0"),
        )  # fmt: skip
    height = np.linspace(start, end, _POINTS)
    # At the very start the strain is zero and laws without a shift have no value there.
    strain = np.log(start / height)
    strain[0] = 0.25 * strain[1]
    rate = speed / height
    stress = law.stress(strain, rate, temperature)
    area, ratio = area_and_ratio(height)
    return Stroke(height - end, area * ratio * stress, strain, rate, stress)


def upset_cylinder(volume: float, m: float) -> Callable[[FloatArray], tuple[FloatArray, FloatArray]]:
    """Return area and pressure ratio of a cylinder over its height (`shear_friction_pressure`)."""

    def found(height: FloatArray) -> tuple[FloatArray, FloatArray]:
        area = volume / height
        return area, shear_friction_pressure(np.sqrt(area / math.pi), height, m)

    return found


def upset_bar(volume: float, length: float, m: float) -> Callable[[FloatArray], tuple[FloatArray, FloatArray]]:
    """Return area and pressure ratio of a long bar in plane strain over its height (`platens_shear`)."""

    def found(height: FloatArray) -> tuple[FloatArray, FloatArray]:
        width = volume / (length * height)
        return width * length, 2.0 / math.sqrt(3.0) * platens_shear(width, height, m)

    return found


def upset_of_ring(
    outer: float, bore: float, height: float, m: float
) -> Callable[[FloatArray], tuple[FloatArray, FloatArray]]:
    """Return area and pressure ratio of a ring over its height (`upset_ring`)."""

    def found(heights: FloatArray) -> tuple[FloatArray, FloatArray]:
        most = 1.0 - float(heights.min()) / height
        ring = upset_ring(outer, bore, height, m, reduction=most)
        if not np.all(np.isfinite(ring.outer)):
            raise ForgingError(
                text("the bore of the ring closes before the end height"), repair=text("give a greater end height")
            )
        at = 1.0 - heights / height
        area = 0.25 * math.pi * (ring.outer**2 - ring.bore**2)
        return np.interp(at, ring.reduction, area), np.interp(at, ring.reduction, ring.pressure)

    return found


def closed(open_stroke: Stroke, final: float, thickness: float) -> Stroke:
    """Return a stroke whose force rises to a final one over the last bit of way.

    Parameters
    ----------
    open_stroke : Stroke
        To the mean height of the cavity.
    final : float
        Force with the dies closed, N.
    thickness : float
        Of the flash: over the last way of this length the force goes in a straight line to the final one, m.

    Notes
    -----
    An assumption: closed-die loads rise steeply once the cavity is full and the flash thins.
    """
    way = float(open_stroke.travel[0])
    near = min(thickness, 0.5 * way)
    # Points where the line sets in, so that the work of it is exact.
    travel = np.unique(np.concatenate([open_stroke.travel, [near]]))[::-1]
    parts = [np.interp(travel[::-1], open_stroke.travel[::-1], values[::-1])[::-1] for values in (
        open_stroke.force, open_stroke.strain, open_stroke.rate, open_stroke.stress)]  # fmt: skip
    force = parts[0]
    at = float(np.interp(near, open_stroke.travel[::-1], open_stroke.force[::-1]))
    line = at + (max(final, at) - at) * (near - travel) / near
    return Stroke(travel, np.where(travel <= near, line, force), parts[1], parts[2], parts[3])
