"""How a machine spent its time: states from its records, or from its power where nobody wrote any."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text

FloatArray: TypeAlias = NDArray[np.float64]
IntArray: TypeAlias = NDArray[np.int64]

#: State of a stretch about which nothing is on record.
NOT_KNOWN: Final = "not_known"
_BINS: Final = 256
#: Width of the smoothing of the histogram, in bins.
_SMOOTH: Final = 2.5
#: A mode counts if its (root) density rises this share of the highest over the valley beside it.
_RISE: Final = 0.05
#: A machine takes at most this share of its highest mode when it is off [1].
_OFF: Final = 0.03


@dataclass(frozen=True, slots=True)
class Stretch:
    """A state that lasted.

    Parameters
    ----------
    start, end : int
        Microseconds UTC.
    state : str
        Word of the record `machine_state`, or `NOT_KNOWN`.
    """

    start: int
    end: int
    state: str

    @property
    def seconds(self) -> float:
        """Return how long it lasted [s]."""
        return (self.end - self.start) / 1e6


@dataclass(frozen=True, slots=True)
class PowerThresholds:
    """Where off, idle and running part, and how clearly.

    Parameters
    ----------
    off_below : float or None
        Below it the machine is off; None where it never was.
    running_from : float
        From it on the machine runs.
    modes : tuple of float
        Powers around which it stays, ascending.
    depth : float
        Density in the shallowest of the valleys used over that of the lower mode beside it: near 0 is clear, near 1 no
        valley at all; NaN where the thresholds were given.
    """

    off_below: float | None
    running_from: float
    modes: tuple[float, ...]
    depth: float


def timeline(stretches: Sequence[Stretch], start: int, end: int) -> tuple[tuple[Stretch, ...], float]:
    """Return states that fill a window without gap or overlap, and the seconds that had two states on record.

    Parameters
    ----------
    stretches : sequence of Stretch
        In any order; where two overlap, the one that began later holds.
    start, end : int
        Window, microseconds UTC.

    Returns
    -------
    tuple of Stretch
        Ascending; what no record covers is `NOT_KNOWN`.
    float
        Seconds covered twice.
    """
    ordered = sorted((one for one in stretches if one.end > start and one.start < end), key=lambda one: one.start)
    filled: list[Stretch] = []
    twice, at = 0.0, start
    for n, one in enumerate(ordered):
        following = ordered[n + 1].start if n + 1 < len(ordered) else end
        begin, stop = max(one.start, at), min(one.end, end)
        if one.end > following:
            twice += (min(one.end, end) - following) / 1e6
            stop = min(stop, following)
        if begin > at:
            filled.append(Stretch(at, begin, NOT_KNOWN))
        if stop > begin:
            filled.append(Stretch(begin, stop, one.state))
            at = stop
    if at < end:
        filled.append(Stretch(at, end, NOT_KNOWN))
    return tuple(filled), twice


def power_thresholds(power: FloatArray, *, idle_share: float = 0.35) -> PowerThresholds:
    """Return thresholds of off, idle and running out of the histogram of a power.

    Parameters
    ----------
    power : (n,) float64 array
        Any unit; NaN is left out.
    idle_share : float
        Modes up to this share of the highest are idle or holding, the others running [1].

    Raises
    ------
    ForgecastError
        If the power has one mode only: nothing parts the states.

    Notes
    -----
    The root of the smoothed histogram (so that rare states count) is searched for modes that rise by 5 % of the
    highest over the valley to the next higher mode (topological persistence). The lowest mode is *off* if it lies
    below 3 % of the highest. Thresholds stand in the deepest places between the groups. 256 bins up to the 99.9th
    percentile: spikes do not move them.
    """
    values = power[np.isfinite(power)]
    if values.size < 100:
        raise ForgecastError(
            text("{n} values of power are too few to tell states", n=int(values.size)),
            repair=text("give at least 100 values, or record machine states"),
        )
    low, high = float(values.min()), float(np.quantile(values, 0.999))
    density, centres = _density(values, low, high)
    modes = [at for at in _modes(density) if high > low]
    shares = [centres[at] / centres[modes[-1]] if modes and centres[modes[-1]] > 0 else 1.0 for at in modes]
    off = [at for at, share in zip(modes, shares, strict=True) if share <= _OFF]
    idle = [at for at, share in zip(modes, shares, strict=True) if _OFF < share <= idle_share]
    running = [at for at, share in zip(modes, shares, strict=True) if share > idle_share]
    if not running or not (off or idle):
        raise ForgecastError(
            text("the power stays around one value, so nothing parts running from idle"),
            repair=text("give the thresholds yourself, or record machine states"),
        )
    cuts = [_valley(density, (idle or off)[-1], running[0])]
    if off and idle:
        cuts.insert(0, _valley(density, off[-1], idle[0]))
    depth = max((density[cut] / min(density[a], density[b])) ** 2 for cut, a, b in
                zip(cuts, [(idle or off)[-1]] if len(cuts) == 1 else [off[-1], idle[-1]],
                    [running[0]] if len(cuts) == 1 else [idle[0], running[0]], strict=True))  # fmt: skip
    upper = float(centres[cuts[-1]])
    first = float(centres[cuts[0]]) if off and idle else (upper if off else None)
    return PowerThresholds(first, upper, tuple(float(centres[at]) for at in modes), float(depth))


def states_of_power(
    t: IntArray, power: FloatArray, thresholds: PowerThresholds, *, shortest: float = 60.0, longest_gap: float = 300.0
) -> tuple[Stretch, ...]:
    """Return the states of a machine from its power.

    Parameters
    ----------
    t : (n,) int64 array
        Microseconds UTC, ascending: the instant from which a value holds.
    power : (n,) float64 array
        In the unit of the thresholds.
    thresholds : PowerThresholds
    shortest : float
        A state that lasts less belongs to the one before it [s].
    longest_gap : float
        Beyond it nobody knows what the machine did [s].
    """
    if t.size < 2:
        return ()
    word = np.where(power >= thresholds.running_from, 2, 1)
    if thresholds.off_below is not None:
        word = np.where(power < thresholds.off_below, 0, word)
    names = ("off", "idle", "running")
    steps = np.diff(t)
    usual = int(np.median(steps))
    ends = np.append(t[1:], t[-1] + usual)
    broken = np.append(steps > max(longest_gap * 1e6, 1.5 * usual), False)  # the last value has no step
    ends[broken] = t[broken] + usual
    begins = np.flatnonzero(np.append(True, (word[1:] != word[:-1]) | broken[:-1]))
    made: list[Stretch] = []
    for first, last in zip(begins, np.append(begins[1:], t.size) - 1, strict=True):
        one = Stretch(int(t[first]), int(ends[last]), names[word[first]])
        joined = bool(made) and made[-1].end == one.start
        if joined and (one.seconds < shortest or made[-1].state == one.state):
            made[-1] = Stretch(made[-1].start, one.end, made[-1].state)
        else:
            made.append(one)
    return tuple(made)


def _density(values: FloatArray, low: float, high: float) -> tuple[FloatArray, FloatArray]:
    from scipy.ndimage import gaussian_filter1d  # noqa: PLC0415  (loads slowly)

    counts, edges = np.histogram(np.clip(values, low, high), bins=_BINS, range=(low, high if high > low else low + 1.0))
    smooth = np.asarray(gaussian_filter1d(counts.astype(np.float64), _SMOOTH, mode="constant"))
    return np.sqrt(smooth), (edges[:-1] + edges[1:]) / 2.0


def _modes(density: FloatArray) -> list[int]:
    """Return the bins of the modes that rise enough over the valley to the next higher one, ascending."""
    order = np.argsort(-density, kind="stable")
    root = np.full(density.size, -1)
    kept: dict[int, float] = {}
    for at in order:
        near = {int(root[side]) for side in (at - 1, at + 1) if 0 <= side < density.size and root[side] >= 0}
        if not near:
            root[at] = at
            continue
        first = max(near, key=lambda one: density[one])
        root[at] = first
        for other in near - {first}:
            kept[other] = float(density[other] - density[at])
            root[root == other] = first
    kept[int(order[0])] = float(density[order[0]])
    return sorted(at for at, rise in kept.items() if rise >= _RISE * density[order[0]])


def _valley(density: FloatArray, left: int, right: int) -> int:
    between = density[left : right + 1]
    lowest = np.flatnonzero(between <= between.min() + 1e-12)
    return left + int(lowest[lowest.size // 2])
