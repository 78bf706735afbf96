"""Presses and hammers: how fast the upper die moves, what force it may give, and when it runs out of energy."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

from forgecast.forging.error import ForgingError
from forgecast.ground.texts import text


class Machine(Protocol):
    """A machine that closes dies.

    `travel` is the way still to go to the closed position, m; `work` what the piece has taken of this blow, J.
    """

    def speed(self, travel: float, work: float) -> float:
        """Return the speed of the upper die, m/s; 0 where the machine has stopped."""
        ...

    def force_limit(self, travel: float) -> float:
        """Return the greatest force the machine may give there, N; inf where only energy limits it."""
        ...


@dataclass(frozen=True, slots=True)
class HydraulicPress:
    """A press of constant speed.

    Parameters
    ----------
    pressing_speed : float
        m/s.
    force : float
        Nominal force, N.
    """

    pressing_speed: float
    force: float

    def __post_init__(self) -> None:
        """Check what was given."""
        _above_zero(self.pressing_speed, self.force)

    def speed(self, travel: float, work: float) -> float:
        """Return the pressing speed until the dies are closed."""
        del work
        return self.pressing_speed if travel > 0.0 else 0.0

    def force_limit(self, travel: float) -> float:
        """Return the nominal force."""
        del travel
        return self.force


@dataclass(frozen=True, slots=True)
class CrankPress:
    """A mechanical press: crank of radius r, connecting rod of length l, constant rate of turning.

    Way from bottom dead centre at crank angle a before it: s = r (1 - cos a) + l (1 - sqrt(1 - (r/l)^2 sin^2 a)).
    The permitted force is that of the torque with which the nominal force is given at `nominal_travel`, and never more
    than the nominal force.

    Parameters
    ----------
    stroke : float
        2 r, m.
    rod : float
        l, m; longer than r.
    rate : float
        Turns a second under load, 1/s.
    force : float
        Nominal force, N.
    nominal_travel : float
        Way before bottom dead centre from which on the nominal force is permitted, m.
    """

    stroke: float
    rod: float
    rate: float
    force: float
    nominal_travel: float

    def __post_init__(self) -> None:
        """Check what was given."""
        _above_zero(self.stroke, self.rod, self.rate, self.force, self.nominal_travel)
        if self.rod <= 0.5 * self.stroke or self.nominal_travel >= self.stroke:
            raise ForgingError(
                text("a rod of {rod} m cannot turn a stroke of {stroke} m", rod=self.rod, stroke=self.stroke),
                repair=text("give a rod longer than half the stroke, and a nominal way shorter than the stroke"),
            )

    def angle(self, travel: float) -> float:
        """Return the crank angle before bottom dead centre, rad, 0 to pi.

        Raises
        ------
        ForgingError
            If the way lies outside the stroke.
        """
        if not 0.0 <= travel <= self.stroke:
            raise ForgingError(
                text("{travel} m before the bottom lie outside a stroke of {stroke} m", travel=travel,
                     stroke=self.stroke),
                repair=text("set the dies so that they meet the piece within the stroke"),
            )  # fmt: skip
        # Triangle of crank, rod and the distance from crank pin to slide: the law of cosines, solved for the angle.
        r, reach = 0.5 * self.stroke, 0.5 * self.stroke + self.rod - travel
        cosine = (r * r + reach * reach - self.rod * self.rod) / (2.0 * r * reach)
        return math.acos(min(1.0, max(-1.0, cosine)))

    def lever(self, travel: float) -> float:
        """Return ds/da, m: way of the slide for a radian of the crank."""
        a, r = self.angle(travel), 0.5 * self.stroke
        ratio = r / self.rod
        return r * math.sin(a) * (1.0 + ratio * math.cos(a) / math.sqrt(1.0 - (ratio * math.sin(a)) ** 2))

    def speed(self, travel: float, work: float) -> float:
        """Return the speed of the slide."""
        del work
        return 0.0 if travel <= 0.0 else 2.0 * math.pi * self.rate * self.lever(travel)

    def force_limit(self, travel: float) -> float:
        """Return the permitted force: nominal near the bottom, less above, where the torque limits it."""
        if travel <= self.nominal_travel:
            return self.force
        return self.force * self.lever(self.nominal_travel) / self.lever(travel)


@dataclass(frozen=True, slots=True)
class EnergyMachine:
    """A screw press or a hammer: it gives one store of energy, and stops where that is used up.

    v = v0 sqrt(1 - W / (eta E)).

    Parameters
    ----------
    energy : float
        E, kinetic energy at impact, J.
    impact_speed : float
        v0, m/s.
    efficiency : float
        eta, share of the energy that reaches the piece, 0 to 1; the rest goes into frame, ground and rebound.
    force : float
        Force the frame may bear, N; inf for a hammer.
    """

    energy: float
    impact_speed: float
    efficiency: float
    force: float = math.inf

    def __post_init__(self) -> None:
        """Check what was given."""
        _above_zero(self.energy, self.impact_speed, self.force)
        if not 0.0 < self.efficiency <= 1.0:
            raise ForgingError(
                text("the efficiency of the blow is {share}", share=self.efficiency),
                repair=text("give a share above 0 and up to 1"),
            )

    @property
    def useful_energy(self) -> float:
        """Return the energy the piece can take, J."""
        return self.efficiency * self.energy

    def speed(self, travel: float, work: float) -> float:
        """Return the speed left; 0 once the energy is used up or the dies are closed."""
        left = 1.0 - work / self.useful_energy
        return self.impact_speed * math.sqrt(left) if travel > 0.0 and left > 0.0 else 0.0

    def force_limit(self, travel: float) -> float:
        """Return the force the frame may bear."""
        del travel
        return self.force


def _above_zero(*values: float) -> None:
    if any(not value > 0.0 for value in values):
        raise ForgingError(
            text("a measure of the machine is not above 0"),
            repair=text("give stroke, speed, force and energy in SI units, all above 0"),
        )
