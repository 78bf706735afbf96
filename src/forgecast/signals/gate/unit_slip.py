"""Unit slips: values that jump by the factor between two units and stay there."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from forgecast.signals.gate.doubt import Doubt, Reason
from forgecast.signals.gate.profile import Profile

#: Readings that a changed unit must be held for.
HELD: Final = 12
#: Of the readings of a slip so many at least lie outside the usual range.
_OUTSIDE: Final = 0.5


@dataclass(frozen=True, slots=True)
class Slip:
    """A way in which a unit is mistaken: seen = factor · true + shift.

    Parameters
    ----------
    name : str
    factor, shift : float
    """

    name: str
    factor: float
    shift: float = 0.0


def _both(name: str, factor: float) -> tuple[Slip, Slip]:
    return Slip(f"× {name}", factor), Slip(f"÷ {name}", 1.0 / factor)


#: Slips looked for; where several explain a stretch, the one that brings it closest to the usual level counts.
SLIPS: Final[tuple[Slip, ...]] = (
    *_both("1000 (k, m)", 1000.0),
    *_both("3600 (h, s)", 3600.0),
    *_both("100 (%)", 100.0),
    *_both("60 (min, s)", 60.0),
    *_both("10", 10.0),
    *_both("3.6 (kWh, MJ)", 3.6),
    Slip("°C → °F", 1.8, 32.0),
    Slip("°F → °C", 1.0 / 1.8, -32.0 / 1.8),
    Slip("°C → K", 1.0, 273.15),
    Slip("K → °C", 1.0, -273.15),
)


class UnitSlips:
    """Finds stretches that the factor between two units explains, and the usual range does not.

    A slip is a stretch of at least `HELD` neighbouring readings that all lie in the usual range once the factor is
    taken back, of which at least half lie outside it as they are, and which begins and ends with such a one. A
    quantity that ranges over more than the factor by itself hides its slip: then nothing is said.
    """

    def __init__(self, profile: Profile, slips: tuple[Slip, ...] = SLIPS) -> None:
        self._low, self._high, self._middle = profile.low, profile.high, profile.middle
        able = math.isfinite(self._low) and math.isfinite(self._high)
        self._slips = tuple(slip for slip in slips if able and self._shows(slip))
        self._open = [_Open() for _ in self._slips]
        self._found: list[tuple[int, Doubt]] = []

    def _shows(self, slip: Slip) -> bool:
        """Return whether a slip would take the usual level out of the usual range."""
        return not self._low <= slip.factor * self._middle + slip.shift <= self._high

    def push(self, t: NDArray[np.int64], value: NDArray[np.float64]) -> Iterator[Doubt]:
        """Take good readings in, ascending in time; yield the slips that have ended."""
        if not self._slips:
            return
        outside = (value < self._low) | (value > self._high)
        if not outside.any() and not any(one.count for one in self._open):
            return
        for number, slip in enumerate(self._slips):
            back = (value - slip.shift) / slip.factor
            explained = (back >= self._low) & (back <= self._high)
            self._take(number, t, value, outside, explained)
        yield from self._settled()

    def finish(self) -> Iterator[Doubt]:
        """Yield the slip that is still going on."""
        for number in range(len(self._slips)):
            self._close(number)
        yield from self._settled()

    def _take(
        self,
        number: int,
        t: NDArray[np.int64],
        value: NDArray[np.float64],
        outside: NDArray[np.bool_],
        explained: NDArray[np.bool_],
    ) -> None:
        """Lead the stretch of one slip through a batch: only readings outside, or not explained, change anything."""
        one = self._open[number]
        done = 0
        for at in np.flatnonzero(outside | ~explained):
            inside = int(at) - done
            done = int(at) + 1
            self._inside(number, inside)
            if not explained[at]:
                self._close(number)
            elif outside[at]:
                if not one.count:
                    one.start = int(t[at])
                one.count += one.between + 1
                one.out += 1
                one.between = 0
                one.end, one.total = int(t[at]), one.total + float(value[at])
        self._inside(number, t.size - done)

    def _inside(self, number: int, readings: int) -> None:
        """Count readings that are as usual: many of them in a row end a slip."""
        one = self._open[number]
        if one.count:
            one.between += readings
            if one.between >= HELD:
                self._close(number)

    def _close(self, number: int) -> None:
        one, slip = self._open[number], self._slips[number]
        if one.count >= HELD and one.out >= _OUTSIDE * one.count:
            back = (one.total / one.out - slip.shift) / slip.factor
            off = abs(back - self._middle) / (self._high - self._low)
            sure = max(0.95 - off, 0.3)
            self._found.append((number, Doubt(one.start, one.end, Reason.UNIT_SLIP, one.count, sure, slip.factor,
                                              slip.name)))  # fmt: skip
        self._open[number] = one.emptied()

    def _settled(self) -> Iterator[Doubt]:
        """Yield of slips that overlap the surest, once none that overlaps them is still open."""
        going_on = min((one.start for one in self._open if one.count), default=None)
        ready = [found for _, found in self._found]
        while ready:
            group = [ready.pop(0)]
            grew = True
            while grew:
                start, end = min(one.start for one in group), max(one.end for one in group)
                more = [one for one in ready if one.start <= end and one.end >= start]
                ready = [one for one in ready if one not in more]
                group += more
                grew = bool(more)
            held_up = going_on is not None and max(one.end for one in group) >= going_on
            if not held_up:
                yield max(group, key=lambda one: (one.count, one.confidence))
                self._found = [(n, one) for n, one in self._found if one not in group]


@dataclass(slots=True)
class _Open:
    """A stretch that may become a slip; `between` counts the readings as usual since its last one outside."""

    start: int = 0
    end: int = 0
    count: int = 0
    out: int = 0
    between: int = 0
    total: float = 0.0

    def emptied(self) -> _Open:
        """Make it empty and return it."""
        self.start = self.end = self.count = self.out = self.between = 0
        self.total = 0.0
        return self
