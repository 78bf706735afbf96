"""Wear of a furnace lining out of its heats: the trend within each campaign, and how many heats are left."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Text, text

FloatArray: TypeAlias = NDArray[np.float64]
IntArray: TypeAlias = NDArray[np.int64]

#: Fewest heats of a campaign that its trend is read from.
_FEWEST: Final = 12
_DRAWS: Final = 4000


@dataclass(frozen=True, slots=True)
class Campaign:
    """Heats on one lining.

    Parameters
    ----------
    first, last : int
        Rows of its first and last heat.
    level, slope : float
        Of the indicator, corrected to mean conditions: at its first heat, and for each further heat.
    slope_low, slope_high : float
        Interval of the slope.
    """

    first: int
    last: int
    level: float
    slope: float
    slope_low: float
    slope_high: float

    @property
    def heats(self) -> int:
        """Return how many heats it lasted so far."""
        return self.last - self.first + 1


@dataclass(frozen=True, slots=True, eq=False)
class LiningWear:
    """The wear of a lining and what it rests on.

    Parameters
    ----------
    campaigns : tuple of Campaign
        The last one runs.
    corrected : (n,) float64 array
        Indicator of each heat at mean conditions; NaN where a value is missing.
    effects : tuple of (str, float, float)
        Of each condition: change of the indicator for one unit more, and its standard error.
    noise : float
        Standard deviation of a heat about the trend.
    memory : float
        Correlation of neighbouring heats about it [1].
    limit : float or None
        Value of the indicator at which the lining is done, and where it comes from.
    limit_from : Text or None
    left, left_low, left_high : float or None
        Heats until then: the median and its interval; infinity where the trend may never get there.
    found_campaigns : bool
        Whether the relinings were found as jumps, for lack of a record.
    notes : tuple of Text
    """

    campaigns: tuple[Campaign, ...]
    corrected: FloatArray
    effects: tuple[tuple[str, float, float], ...]
    noise: float
    memory: float
    limit: float | None
    limit_from: Text | None
    left: float | None
    left_low: float | None
    left_high: float | None
    found_campaigns: bool
    notes: tuple[Text, ...]


def wear_of_lining(
    indicator: ArrayLike, *, conditions: Mapping[str, ArrayLike] | None = None,
    campaigns: Sequence[str | None] | None = None, limit: float | None = None, confidence: float = 0.9, seed: int = 0,
) -> LiningWear:  # fmt: skip
    """Return the trend of a lining's indicator by campaigns, and the heats left.

    Parameters
    ----------
    indicator : (n,) array
        By heat in order of time: energy per tonne, power at full voltage, leakage current, resistance …; NaN missing.
    conditions : mapping of str to (n,) array
        What else moves the indicator (superheat, charge mass, time): taken out by regression.
    campaigns : sequence of (str or None), or None
        Lining of each heat; None looks for relinings as jumps.
    limit : float or None
        Value at which the lining is done; without it the levels at which earlier campaigns ended set it.
    confidence : float
        Of the intervals.
    seed : int
        Of the draws.

    Raises
    ------
    ForgecastError
        If the last campaign has too few whole heats.

    Notes
    -----
    Model: y = a_c + b_c·(heat of the campaign) + Σ γ_j x_j + e by least squares, a and b of each campaign, γ common;
    errors of a and b widened by (1+φ)/(1-φ) for neighbours that are alike. Heats left: (limit - level now)/b by draws
    from the joint normal distribution of a, b and the limit. It holds as long as wear goes on as it did: a straight
    line knows nothing of a crack. The indicator is a witness of the wall, not its thickness: energy per tonne falls
    as a thinner wall couples better and rises as it loses more heat, so its direction has to be known for the furnace.
    """
    y = np.asarray(indicator, dtype=np.float64)
    given = {name: np.asarray(one, dtype=np.float64) for name, one in (conditions or {}).items()}
    x = np.column_stack([*given.values()]) if given else np.zeros((y.size, 0))
    whole = np.isfinite(y) & np.isfinite(x).all(axis=1)
    vary = [n for n in range(x.shape[1]) if np.std(x[whole, n]) > 0.0] if whole.any() else []
    names, x = [list(given)[n] for n in vary], x[:, vary]
    numbers, found = _numbered(y, x, whole, campaigns)
    last = int(numbers[-1]) if numbers.size else 0
    if int((whole & (numbers == last)).sum()) < _FEWEST:
        raise ForgecastError(
            text("the running campaign has {n} whole heats; a trend takes {fewest}",
                 n=int((whole & (numbers == last)).sum()), fewest=_FEWEST),
            repair=text("wait for more heats, or leave out conditions that are often missing"),
        )  # fmt: skip
    age = _ages(numbers)
    kept = [c for c in range(last + 1) if int((whole & (numbers == c)).sum()) >= _FEWEST]
    used = whole & np.isin(numbers, kept)
    mean = x[used].mean(axis=0) if x.shape[1] else np.zeros(0)
    design = np.zeros((y.size, 2 * len(kept) + x.shape[1]))
    for n, c in enumerate(kept):
        mine = numbers == c
        design[mine, 2 * n], design[mine, 2 * n + 1] = 1.0, age[mine]
    design[:, 2 * len(kept) :] = x - mean
    coefficients, covariance, noise, memory = _fitted(design[used], y[used], numbers[used])
    corrected = y - (x - mean) @ coefficients[2 * len(kept) :] if x.shape[1] else y.copy()
    reach = _normal(0.5 + confidence / 2.0)
    made = []
    for n, c in enumerate(kept):
        slope, error = coefficients[2 * n + 1], math.sqrt(covariance[2 * n + 1, 2 * n + 1])
        rows = np.flatnonzero(numbers == c)
        made.append(Campaign(int(rows[0]), int(rows[-1]), float(coefficients[2 * n]), float(slope),
                             float(slope - reach * error), float(slope + reach * error)))  # fmt: skip
    ends, spread = _ends(made[:-1])
    border = ends if limit is None else limit
    origin = None if border is None else (
        text("given") if limit is not None else text("mean level at the end of {n} earlier campaigns", n=len(made) - 1)
    )  # fmt: skip
    left: tuple[float | None, float | None, float | None] = (None, None, None)
    if border is not None:
        left = _left(made[-1], covariance[-2 - x.shape[1] :, -2 - x.shape[1] :][:2, :2], border,
                     0.0 if limit is not None else spread, confidence, seed)  # fmt: skip
    effects = tuple(
        (name, float(coefficients[2 * len(kept) + n]), math.sqrt(covariance[2 * len(kept) + n, 2 * len(kept) + n]))
        for n, name in enumerate(names)
    )
    notes = _notes(made[-1], border, left[0], found=found, missing=int((~whole).sum()), still=len(given) - len(names))
    return LiningWear(tuple(made), corrected, effects, noise, memory, border, origin, *left, found, notes)


def find_relinings(values: FloatArray, *, shortest: int = _FEWEST) -> list[int]:
    """Return where a drifting indicator jumps back: the first heat of each new campaign.

    Parameters
    ----------
    values : (n,) float64 array
        No NaN.
    shortest : int
        Fewest heats of a campaign.

    Notes
    -----
    Straight lines between the jumps by optimal partitioning over a quadratic cost (the search of PELT with a linear
    regression as cost), penalty 3·(parameters)·σ² ln n with σ from the median of the absolute second differences. A
    joint is a jump only if the lines miss each other there by more than four standard deviations of a heat's level.
    """
    n = values.size
    if n < 2 * shortest:
        return []
    second = values[2:] - 2.0 * values[1:-1] + values[:-2]
    noise = 1.4826 * float(np.median(np.abs(second - np.median(second)))) / math.sqrt(6.0)
    noise = noise or float(np.std(values)) * 1e-6 or 1e-12
    cost = _line_costs(values)
    penalty = 9.0 * noise**2 * math.log(n)
    best = np.full(n + 1, math.inf)
    best[0] = -penalty
    before = np.zeros(n + 1, dtype=np.int64)
    for end in range(shortest, n + 1):
        starts = np.arange(0, end - shortest + 1)
        sums = best[starts] + cost(starts, end) + penalty
        at = int(np.argmin(sums))
        best[end], before[end] = sums[at], starts[at]
    joints: list[int] = []
    at = int(before[n])
    while at > 0:
        joints.insert(0, at)
        at = int(before[at])
    edges = [0, *joints, n]
    kept = []
    for k in range(1, len(edges) - 1):
        left = np.polyfit(np.arange(edges[k - 1], edges[k]), values[edges[k - 1] : edges[k]], 1)
        right = np.polyfit(np.arange(edges[k], edges[k + 1]), values[edges[k] : edges[k + 1]], 1)
        gap = float(np.polyval(right, edges[k]) - np.polyval(left, edges[k]))
        error = noise * math.sqrt(4.0 / (edges[k] - edges[k - 1]) + 4.0 / (edges[k + 1] - edges[k]))
        if abs(gap) > 4.0 * error:
            kept.append(edges[k])
    return kept


def _line_costs(y: FloatArray):  # type: ignore[no-untyped-def]  # noqa: ANN202  (a closure over running sums)
    t = np.arange(y.size, dtype=np.float64)
    y = y - y.mean()
    sums = [np.concatenate([[0.0], np.cumsum(one)]) for one in (np.ones_like(t), t, t * t, y, t * y, y * y)]

    def cost(starts: IntArray, end: int) -> FloatArray:
        n, st, stt, sy, sty, syy = (one[end] - one[starts] for one in sums)
        tt, ty, yy = stt - st**2 / n, sty - st * sy / n, syy - sy**2 / n
        return np.asarray(np.maximum(yy - np.divide(ty**2, tt, out=np.zeros_like(tt), where=tt > 0), 0.0))

    return cost


def _numbered(
    y: FloatArray, x: FloatArray, whole: NDArray[np.bool_], campaigns: Sequence[str | None] | None
) -> tuple[IntArray, bool]:
    """Return the campaign of each heat, numbered from 0, and whether relinings had to be looked for."""
    if campaigns is not None and any(campaigns):
        words: list[str] = []
        for word in campaigns:
            words.append(word or (words[-1] if words else ""))  # a heat without one belongs to the one before
        change = np.array([n > 0 and words[n] != words[n - 1] for n in range(len(words))])
        return np.cumsum(change).astype(np.int64), False
    rows = np.flatnonzero(whole)
    numbers = np.zeros(y.size, dtype=np.int64)
    if rows.size >= 2 * _FEWEST:
        rest = y[rows]
        if x.shape[1]:
            # Conditions are taken out of the differences of neighbours, which no relining and no slow wear touches.
            dx, dy = np.diff(x[rows], axis=0), np.diff(rest)
            keep = np.abs(dy - np.median(dy)) <= 5.0 * 1.4826 * np.median(np.abs(dy - np.median(dy)))
            rest = rest - x[rows] @ np.linalg.lstsq(dx[keep], dy[keep], rcond=None)[0]
        for at in find_relinings(rest):
            numbers[rows[at] :] += 1
    return numbers, True


def _ages(numbers: IntArray) -> FloatArray:
    """Return for each heat how many came before it in its campaign."""
    firsts = np.searchsorted(numbers, np.arange(int(numbers[-1]) + 1))
    return np.asarray(np.arange(numbers.size) - firsts[numbers], dtype=np.float64)


def _fitted(design: FloatArray, y: FloatArray, numbers: IntArray) -> tuple[FloatArray, FloatArray, float, float]:
    coefficients = np.asarray(np.linalg.lstsq(design, y, rcond=None)[0], dtype=np.float64)
    rest = y - design @ coefficients
    noise = math.sqrt(float(rest @ rest) / max(y.size - np.linalg.matrix_rank(design), 1))
    same = numbers[1:] == numbers[:-1]
    total = float(rest @ rest)
    memory = min(max(float((rest[1:] * rest[:-1])[same].sum()) / total, 0.0), 0.95) if total > 0.0 else 0.0
    widened = noise**2 * (1.0 + memory) / (1.0 - memory)
    covariance = np.asarray(np.linalg.pinv(design.T @ design) * widened, dtype=np.float64)
    return coefficients, covariance, noise, memory


def _ends(ended: list[Campaign]) -> tuple[float | None, float]:
    """Return the mean level at which earlier campaigns ended, and its standard error."""
    levels = [one.level + one.slope * (one.heats - 1) for one in ended]
    if len(levels) < 2:
        return None, 0.0
    return float(np.mean(levels)), float(np.std(levels, ddof=1) / math.sqrt(len(levels)))


def _left(
    running: Campaign, covariance: FloatArray, limit: float, limit_error: float, confidence: float, seed: int
) -> tuple[float, float, float]:
    draws = np.random.default_rng(seed).multivariate_normal(
        [running.level, running.slope], covariance, size=_DRAWS, method="eigh"
    )
    border = limit + limit_error * np.random.default_rng(seed + 1).normal(size=_DRAWS)
    now = draws[:, 0] + draws[:, 1] * (running.heats - 1)
    way = border - now
    # The lining wears towards the limit from the side on which the campaign began.
    side = math.copysign(1.0, limit - running.level)
    with np.errstate(divide="ignore", invalid="ignore"):
        left = np.where(way * side <= 0.0, 0.0, np.where(draws[:, 1] * side > 0.0, way / draws[:, 1], np.inf))
    low, middle, high = np.quantile(left, [0.5 - confidence / 2.0, 0.5, 0.5 + confidence / 2.0], method="nearest")
    return float(middle), float(low), float(high)


def _notes(
    running: Campaign, limit: float | None, left: float | None, *, found: bool, missing: int, still: int
) -> tuple[Text, ...]:
    notes = [
        text(
            "this rests on a straight trend of one indicator; it is no measurement of the wall and does not see a crack"
        )
    ]
    if found:
        notes.append(text("relinings were looked for as jumps, for no lining is on record"))
    if missing:
        notes.append(text("{n} heats lack a value and are left out", n=missing))
    if still:
        notes.append(text("{n} conditions never vary and are left out", n=still))
    if running.slope_low <= 0.0 <= running.slope_high:
        notes.append(text("the trend of the running campaign cannot be told from none"))
    if limit is None:
        notes.append(text("no limit is known: give one (--limit), or record at least two ended campaigns"))
    elif left is not None and math.isinf(left):
        notes.append(text("at the present trend the limit is never reached"))
    return tuple(notes)


def _normal(probability: float) -> float:
    from statistics import NormalDist  # noqa: PLC0415

    return NormalDist().inv_cdf(probability)
