"""A holding furnace as a well-stirred tank: how much of each filling a shot holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

IntArray: TypeAlias = NDArray[np.int64]
FloatArray: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class HeldShares:
    """How much of the metal in a furnace, after each filling, was there before it.

    Parameters
    ----------
    before : (f,) int64 array
        Filling before it into the same furnace; -1 for the first.
    low, share, high : (f,) float64 array
        Share of the metal that was there before [1]: bounds and best estimate. The rest came with the filling.
    """

    before: IntArray
    low: FloatArray
    share: FloatArray
    high: FloatArray


def held_shares(
    furnace: IntArray,
    time: IntArray,
    mass: FloatArray,
    held: FloatArray,
    drawn_furnace: IntArray,
    drawn_time: IntArray,
    drawn_mass: FloatArray,
) -> HeldShares:
    r"""Return the shares of old metal after fillings.

    A furnace that holds h when m is poured in is taken as well stirred: all that is drawn from it until the next one
    holds the old metal at w = h/(h + m) and the new at 1 - w. A filling is washed out by the product of the w that
    follow it; where little and often is filled at the rate q into a furnace that holds M, that product is exp(-q t/M),
    the wash-out of a stirred tank.

    h is what the record says; where it is silent, what the furnace held after the filling before, less what was drawn
    since (if each of these masses is known). Where neither is known, the share lies between 0 and 1.

    Parameters
    ----------
    furnace, time, mass, held : (f,) arrays
        Furnace number, microseconds UTC, mass poured in [kg] and mass held before [kg]; NaN where not known. In order
        of time within each furnace.
    drawn_furnace, drawn_time, drawn_mass : (s,) arrays
        What was drawn: furnace number (negative: not known), microseconds UTC, [kg].

    Notes
    -----
    Holds for a stirred or often filled furnace. A deep furnace that is tapped from below without stirring mixes less.
    """
    count = furnace.size
    before = np.full(count, -1, dtype=np.int64)
    low, share, high = np.zeros(count), np.zeros(count), np.zeros(count)
    shots = np.lexsort((drawn_time, drawn_furnace))
    key = drawn_furnace[shots], drawn_time[shots]
    drawn = drawn_mass[shots]
    sums = np.concatenate([[[0.0], [0.0]], np.cumsum([np.nan_to_num(drawn), np.isnan(drawn)], axis=1)], axis=1)
    last: dict[int, int] = {}
    full: dict[int, float] = {}
    for i in range(count):
        at = int(furnace[i])
        before[i] = last.get(at, -1)
        here = float(held[i])
        if not np.isfinite(here) and at in last:
            here = max(full[at] - _drawn(key, sums, at, int(time[last[at]]), int(time[i])), 0.0)
        if not np.isfinite(here) or not np.isfinite(mass[i]):
            low[i], share[i], high[i] = 0.0, 0.5, 1.0
            full[at] = np.nan
        else:
            whole = here + float(mass[i])
            low[i] = share[i] = high[i] = here / whole if whole > 0.0 else 0.0
            full[at] = whole
        last[at] = i
    return HeldShares(before, low, share, high)


def _drawn(key: tuple[IntArray, IntArray], sums: FloatArray, furnace: int, since: int, until: int) -> float:
    """Return the mass drawn from a furnace between two instants; NaN where one draw has no mass."""
    low, high = np.searchsorted(key[0], [furnace, furnace + 1])
    first, end = low + np.searchsorted(key[1][low:high], [since, until])
    if end == first:
        return float("nan")  # nothing on record: that nothing was drawn is not known
    mass, unknown = sums[:, end] - sums[:, first]
    return float("nan") if unknown else float(mass)
