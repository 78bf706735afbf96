"""Which meter's fault would explain a balance that does not close: hypotheses with their evidence, never a proof."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, isfinite, log
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from forgecast.energy.meter_tree import MeterNode
from forgecast.energy.month import FloatArray
from forgecast.ground.texts import Text, text

#: Fewest other periods that tell what is usual of a meter and of a rest.
FEWEST: Final = 4
#: A meter's own level is never held to be better known than this share of it: work differs from month to month.
_LEAST_SPREAD: Final = 0.05
#: Turns a median absolute deviation into the standard deviation of a normal distribution (1/Φ⁻¹(3/4)).
_MAD: Final = 1.4826022185056018
#: A normal distribution's 95 % interval in standard deviations to each side.
_TWO_SIDED: Final = 1.959963984540054
#: Nor is a rest better known than this share of the meter above it: what a class 0.5 meter may drift between months.
_LEAST_REST: Final = 0.005
#: How far the rest must be from the usual one before a cause is looked for, in standard deviations.
_FAR: Final = 3.0
#: What a factor says, and by which the true quantity is more than the reading.
FACTORS: Final[tuple[tuple[str, float, Text], ...]] = (
    ("phase_missing", 1.5, text("one phase of three is not counted")),
    ("two_phases_missing", 3.0, text("two phases of three are not counted")),
    ("factor_too_small", 10.0, text("counted with a tenth of its factor")),
    ("factor_too_large", 0.1, text("counted with ten times its factor")),
    ("ratio_half", 2.0, text("counted with half its transformer ratio")),
    ("ratio_double", 0.5, text("counted with twice its transformer ratio")),
)


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """A fault that would explain the rest of one period.

    Parameters
    ----------
    node, period : str
    kind : str
        ``phase_missing``, ``ratio_half`` …, ``swapped``, ``shifted``.
    meters : tuple of str
        The meter, or the two that are swapped.
    factor : float or None
        True quantity over reading.
    rest_before, rest_after : float
        Rest as read, and if the hypothesis were true.
    usual_rest, scatter : float
        What the rest is in the other periods, and its standard deviation about that.
    weight : float
        Among the hypotheses of this node and period, adding up to 1: a ranking, no probability of being true.
    words : Text
    """

    node: str
    period: str
    kind: str
    meters: tuple[str, ...]
    factor: float | None
    rest_before: float
    rest_after: float
    usual_rest: float
    scatter: float
    weight: float
    words: Text


@dataclass(frozen=True, slots=True)
class _Trial:
    kind: str
    meters: tuple[str, ...]
    factor: float | None
    rest: float
    squares: float
    words: Text


def meter_faults(
    node: MeterNode,
    quantities: Mapping[str, ArrayLike],
    periods: Sequence[str],
    *,
    most: int = 5,
) -> tuple[Hypothesis, ...]:
    """Return for each period whose rest stands out which meter's fault would bring it back.

    Parameters
    ----------
    node : MeterNode
    quantities : mapping of str to (n,) array
        Readings of all meters.
    periods : (n,) sequence of str
    most : int
        Hypotheses kept for a period, best first.

    Notes
    -----
    A period stands out where its rest lies three standard deviations from the median rest share of the other ones
    (that scatter, from the median absolute deviation, and the accuracy classes added as squares). Each fault is undone
    in turn; χ² adds how far the rest then lies from the usual one and how far the meter then lies from its own usual
    share of the meter above. Only what brings the rest within three standard deviations is listed;
    weight ∝ exp(−χ²/2). At least four other periods must be there, or nothing is usual.
    """
    parts = {one: np.asarray(quantities[one], dtype=np.float64) for one in node.children}
    found: list[Hypothesis] = []
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(node.main > 0.0, node.rest / node.main, np.nan)
    for at, period in enumerate(periods):
        others = np.isfinite(share)
        others[at] = False
        if not isfinite(share[at]) or others.sum() < FEWEST:
            continue
        usual, spread = _usual(share[others])
        expected = usual * float(node.main[at])
        accuracy = float(node.uncertainty[at]) / _TWO_SIDED if isfinite(node.uncertainty[at]) else 0.0
        scatter = float(np.hypot(max(spread, _LEAST_REST) * node.main[at], accuracy))
        rest = float(node.rest[at])
        if abs(rest - expected) <= _FAR * scatter:
            continue
        trials = [
            trial
            for trial in (
                *_scaled(node, parts, at, others),
                *_swapped(node, parts, at, others),
                *_shifted(node, parts, at, others),
            )
            if abs(trial.rest - expected) <= _FAR * scatter
        ]
        scored = sorted(
            ((trial, trial.squares + ((trial.rest - expected) / scatter) ** 2) for trial in trials),
            key=lambda one: one[1],
        )
        scored = scored[:most]
        if not scored:
            continue
        least = scored[0][1]
        total = sum(exp(-(squares - least) / 2.0) for _, squares in scored)
        found.extend(
            Hypothesis(
                node.meter,
                period,
                trial.kind,
                trial.meters,
                trial.factor,
                rest,
                trial.rest,
                expected,
                scatter,
                exp(-(squares - least) / 2.0) / total,
                trial.words,
            )
            for trial, squares in scored
        )
    return tuple(found)


def _usual(values: FloatArray) -> tuple[float, float]:
    middle = float(np.median(values))
    return middle, float(_MAD * np.median(np.abs(values - middle)))


def _oddness(part: FloatArray, main: FloatArray, value: float, at: int, others: FloatArray) -> float:
    """Return the squared distance of a meter's share from its own usual one, on the scale of logarithms."""
    there = others.astype(np.bool_) & np.isfinite(part) & (part > 0.0) & (main > 0.0)
    if there.sum() < FEWEST or not value > 0.0:
        return float("inf") if not value > 0.0 else 0.0
    middle, spread = _usual(np.log(part[there] / main[there]))
    return ((log(value / float(main[at])) - middle) / max(spread, _LEAST_SPREAD)) ** 2


def _scaled(node: MeterNode, parts: Mapping[str, FloatArray], at: int, others: FloatArray) -> list[_Trial]:
    trials = []
    for meter, part in parts.items():
        read = float(part[at])
        if not read > 0.0:
            continue
        for kind, factor, meaning in FACTORS:
            words = text(
                "{meter}: {meaning} (true quantity {factor} times the reading)",
                meter=meter,
                meaning=meaning,
                factor=factor,
            )
            squares = _oddness(part, node.main, factor * read, at, others)
            trials.append(_Trial(kind, (meter,), factor, float(node.rest[at]) - (factor - 1.0) * read, squares, words))
    return trials


def _swapped(node: MeterNode, parts: Mapping[str, FloatArray], at: int, others: FloatArray) -> list[_Trial]:
    """Return what follows if the meter above and one below were entered in each other's place."""
    trials = []
    for meter, part in parts.items():
        read, main = float(part[at]), node.main
        if not read > 0.0:
            continue
        rest = read - (float(node.submetered[at]) - read + float(main[at]))
        turned = main.copy()
        turned[at] = read
        squares = _oddness(part, turned, float(main[at]), at, others)
        words = text("the readings of {above} and {meter} are swapped", above=node.meter, meter=meter)
        trials.append(_Trial("swapped", (node.meter, meter), None, rest, squares, words))
    return trials


def _shifted(node: MeterNode, parts: Mapping[str, FloatArray], at: int, others: FloatArray) -> list[_Trial]:
    """Return what follows if a meter's readings of this period and the one beside it stand in each other's place."""
    trials = []
    for meter, part in parts.items():
        for beside in (at - 1, at + 1):
            if not 0 <= beside < part.size or not (part[at] > 0.0 and part[beside] > 0.0):
                continue
            rest = float(node.rest[at] + part[at] - part[beside])
            squares = _oddness(part, node.main, float(part[beside]), at, others)
            squares += _oddness(part, node.main, float(part[at]), beside, others)
            side = text("the period before") if beside < at else text("the period after")
            words = text("{meter}: its reading and that of {side} are in each other's place", meter=meter, side=side)
            trials.append(_Trial("shifted", (meter,), None, rest, squares, words))
    return trials


def swapped_pairs(
    readings: Mapping[str, ArrayLike], periods: Sequence[str], *, least_gain: float = 12.0
) -> tuple[tuple[str, str, str, float], ...]:
    """Return pairs of meters that each look like the other one in a period.

    Two submeters of one meter that are swapped leave the balance as it is; only their own histories tell.

    Parameters
    ----------
    readings : mapping of str to (n,) array
        Meters of one unit.
    periods : (n,) sequence of str
    least_gain : float
        Fall of χ² that a swap must bring; 12 is what two unusual readings of 3.5 standard deviations give up at least.

    Returns
    -------
    tuple of (first, second, period, fall of χ²)
        Most convincing first.
    """
    series = {name: np.asarray(values, dtype=np.float64) for name, values in readings.items()}
    names, found = list(series), []
    for at, period in enumerate(periods):
        usual = {}
        for name, values in series.items():
            others = np.isfinite(values) & (values > 0.0)
            there = bool(others[at])
            others[at] = False
            if there and others.sum() >= FEWEST:
                usual[name] = _usual(np.log(values[others]))
        for n, one in enumerate(names):
            for two in names[n + 1 :]:
                if one in usual and two in usual:
                    a, b = log(series[one][at]), log(series[two][at])
                    gain = (
                        _squares(a, usual[one])
                        + _squares(b, usual[two])
                        - _squares(b, usual[one])
                        - _squares(a, usual[two])
                    )
                    if gain > least_gain and max(_squares(b, usual[one]), _squares(a, usual[two])) < _FAR**2:
                        found.append((one, two, period, gain))
    return tuple(sorted(found, key=lambda pair: -pair[3]))


def _squares(value: float, usual: tuple[float, float]) -> float:
    return ((value - usual[0]) / max(usual[1], _LEAST_SPREAD)) ** 2
