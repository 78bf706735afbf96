"""Series with faults whose truth is known: a furnace's cooling water temperature, and what instruments do to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forgecast.signals.gate.doubt import Doubt, Reason

SECOND = 1_000_000
INTERVAL = 10 * SECOND


@dataclass(frozen=True)
class Series:
    """A series and the readings (by instant) that one fault has spoilt."""

    t: NDArray[np.int64]
    value: NDArray[np.float64]
    flag: NDArray[np.int8]
    spoilt: NDArray[np.int64]


def clean(n: int = 8640, seed: int = 0) -> Series:
    """Return a day of readings every 10 s: heats as slow waves, noise of 0.2 K, steps of 0.1 K."""
    rng = np.random.default_rng(seed)
    t = np.arange(n, dtype=np.int64) * INTERVAL
    hours = t / (3600.0 * SECOND)
    value = 38.0 + 5.0 * np.sin(2.0 * np.pi * hours / 1.5) + 2.0 * np.sin(2.0 * np.pi * hours / 11.0)
    value = np.round(value + rng.normal(0.0, 0.2, n), 1)
    return Series(t, value, np.zeros(n, np.int8), np.empty(0, np.int64))


def spikes(series: Series, rng: np.random.Generator, share: float = 0.005) -> Series:
    at = np.sort(rng.choice(series.t.size, round(share * series.t.size), replace=False))
    at = at[np.concatenate(([True], np.diff(at) > 6))]
    value = series.value.copy()
    value[at] += rng.choice([-1.0, 1.0], at.size) * rng.uniform(8.0, 40.0, at.size)
    return Series(series.t, value, series.flag, series.t[at])


def stuck(series: Series, rng: np.random.Generator) -> Series:
    start = int(rng.integers(500, series.t.size - 2500))
    part = slice(start, start + int(rng.integers(900, 1500)))
    value = series.value.copy()
    value[part] = value[part.start]
    return Series(series.t, value, series.flag, series.t[part])


def unit(
    series: Series, rng: np.random.Generator, change: Callable[[NDArray[np.float64]], NDArray[np.float64]]
) -> Series:
    start = int(rng.integers(500, series.t.size - 2500))
    part = slice(start, start + int(rng.integers(60, 300)))
    value = series.value.copy()
    value[part] = change(value[part])
    return Series(series.t, value, series.flag, series.t[part])


def gaps(series: Series, rng: np.random.Generator) -> tuple[Series, set[tuple[int, int]]]:
    """Return the series without some stretches, and these as the readings on their edges."""
    keep = np.ones(series.t.size, np.bool_)
    truth = set()
    for start in np.sort(rng.choice(np.arange(1, 80), 12, replace=False)) * 100:
        length = int(rng.integers(1, 60))
        keep[start : start + length] = False
        truth.add((int(series.t[start - 1]), int(series.t[start + length])))
    return Series(series.t[keep], series.value[keep], series.flag[keep], series.spoilt), truth


def score(doubts: tuple[Doubt, ...], reason: Reason, series: Series) -> tuple[float, float]:
    """Return precision and recall over readings."""
    said = np.zeros(series.t.size, np.bool_)
    for doubt in doubts:
        if doubt.reason is reason:
            said |= (series.t >= doubt.start) & (series.t <= doubt.end)
    true = np.isin(series.t, series.spoilt)
    hit = int((said & true).sum())
    return (hit / int(said.sum()) if said.any() else 1.0), (hit / int(true.sum()) if true.any() else 1.0)
