"""Rigid dies: open profiles that the metal may touch from one side only."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from forgecast.forging.error import ForgingError
from forgecast.ground.texts import text

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Die:
    """A rigid profile.

    Parameters
    ----------
    name : str
    profile : (k, 2) array
        Radius (or x) and height, m, in an order in which the metal lies to the left.
    friction : float
        Friction factor m, 0 to 1: friction is m k at most, k being the metal's shear yield stress.
    coulomb : float or None
        Coefficient of Coulomb friction: friction is also at most this times the pressure. None: no such limit.
    speed : float
        Upwards, m/s; below 0 for an upper die that closes. Set anew for each step by the machine.
    """

    name: str
    profile: FloatArray
    friction: float
    coulomb: float | None = None
    speed: float = 0.0

    def __post_init__(self) -> None:
        """Check what was given."""
        if len(self.profile) < 2 or np.any(np.linalg.norm(np.diff(self.profile, axis=0), axis=1) <= 0.0):
            raise ForgingError(
                text("the profile of {tool} has fewer than two points, or two of them in one place", tool=self.name),
                repair=text("draw it as a line of different points"),
            )
        if not 0.0 <= self.friction <= 1.0:
            raise ForgingError(
                text("the friction factor is {m}", m=self.friction),
                repair=text("give 0 (none) to 1 (the metal shears at the die)"),
            )
        if self.coulomb is not None and not 0.0 <= self.coulomb <= 1.0 / math.sqrt(3.0):
            raise ForgingError(
                text("the coefficient of friction is {mu}", mu=self.coulomb),
                repair=text("give 0 to 0.577: more than the metal's own shear stress cannot be passed on"),
            )

    def moved(self, way: float) -> Die:
        """Return the tool after a way upwards, m."""
        return replace(self, profile=self.profile + np.array([0.0, way]))

    def at_speed(self, speed: float) -> Die:
        """Return the tool with another speed."""
        return replace(self, speed=speed)

    def nearest(self, points: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return how far points lie from the profile, the nearest place on it, and its normal into the metal.

        Parameters
        ----------
        points : (n, 2) array
            m.

        Returns
        -------
        gap : (n,) array
            m; below 0 inside the tool.
        foot : (n, 2) array
        normal : (n, 2) array
            Of the nearest stretch; at a corner the direction to the point decides, or, in it, the mean of both.
        """
        start, along = self.profile[:-1], np.diff(self.profile, axis=0)
        length = np.linalg.norm(along, axis=1)
        unit = along / length[:, None]
        normals = np.column_stack([-unit[:, 1], unit[:, 0]])
        away = points[:, None, :] - start[None, :, :]
        way = np.clip(np.einsum("nsk,sk->ns", away, unit), 0.0, length[None, :])
        feet = start[None, :, :] + way[..., None] * unit[None, :, :]
        distance = np.linalg.norm(points[:, None, :] - feet, axis=2)
        best = np.argmin(distance, axis=1)
        rows = np.arange(len(points))
        # At a corner two stretches are equally near: the one whose line the point lies further beyond decides the side.
        height = np.einsum("nsk,sk->ns", points[:, None, :] - start[None, :, :], normals)
        tie = distance <= distance[rows, best][:, None] * (1 + 1e-9) + 1e-15
        side = np.where(tie, np.abs(height), -1.0)
        best = np.argmax(side, axis=1)
        gap = np.sign(height[rows, best]) * distance[rows, best]
        return gap, feet[rows, best], normals[best]


def overlap(tools: tuple[Die, ...], points: FloatArray) -> FloatArray:
    """Return how deep points lie inside the tools, m; 0 outside."""
    depth = np.zeros(len(points))
    for tool in tools:
        gap, _, _ = tool.nearest(points)
        depth = np.maximum(depth, -gap)
    return depth
