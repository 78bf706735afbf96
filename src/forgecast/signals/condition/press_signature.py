"""Force curves of a press or hammer: what each blow was like, the envelope of good ones, and what drifts."""

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
BoolArray: TypeAlias = NDArray[np.bool_]

#: Places of the common axis the curves are brought to.
_PLACES: Final = 200
_FEWEST: Final = 20
#: A feature is an outlier this many robust standard deviations from the good blows' median.
_FAR: Final = 5.0


@dataclass(frozen=True, slots=True, eq=False)
class Blow:
    """The force curve of one blow or stroke.

    Parameters
    ----------
    name : str
    axis : (n,) float64 array
        Time [s], or way of the ram [m] where `by_way`; ascending.
    force : (n,) float64 array
        [N].
    by_way : bool
    """

    name: str
    axis: FloatArray
    force: FloatArray
    by_way: bool


#: Names of the features of a blow, with their SI units; ``work`` and ``impulse`` exclude each other.
FEATURES: Final[Mapping[str, tuple[Text, str]]] = {
    "peak": (text("peak force"), "N"),
    "to_peak": (text("time or way to the peak"), ""),
    "work": (text("work ∫F ds"), "J"),
    "impulse": (text("impulse ∫F dt"), "N s"),
    "width": (text("time or way above half the peak"), ""),
    "rise": (text("steepest rise"), ""),
}


@dataclass(frozen=True, slots=True)
class Drift:
    """How a feature moves with the number of the blow.

    Parameters
    ----------
    feature : str
    slope, low, high : float
        Change for one blow more, and its interval.
    probability : float
        Probability of so clear an order by chance.
    relative : float
        Change over all blows over the median of the good ones [1].
    """

    feature: str
    slope: float
    low: float
    high: float
    probability: float
    relative: float


@dataclass(frozen=True, slots=True)
class Strange:
    """A blow unlike the good ones.

    Parameters
    ----------
    blow : int
        Its place among the blows.
    outside : bool
        Whether its curve leaves the envelope.
    worst : float
        Axis value at which it is farthest outside; NaN where it is not.
    features : tuple of (str, float)
        Features far from the good blows', with their distance in robust standard deviations.
    """

    blow: int
    outside: bool
    worst: float
    features: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Signature:
    """Features, envelope, drift and strange blows.

    Parameters
    ----------
    features : mapping of str to (n,) float64 array
    axis, middle, low, high : (m,) float64 array
        Common axis, median of the good curves and their envelope.
    reach : float
        Half width of the envelope in local deviations.
    coverage : float
        Share of further good blows that lie wholly within it, as promised.
    tested : float
        Share of the good blows kept for the test that do.
    good : (n,) bool array
        Blows that the envelope was made of or tested with.
    drifts : tuple of Drift
        Clear ones only.
    strange : tuple of Strange
    notes : tuple of Text
    """

    features: Mapping[str, FloatArray]
    axis: FloatArray
    middle: FloatArray
    low: FloatArray
    high: FloatArray
    reach: float
    coverage: float
    tested: float
    good: BoolArray
    drifts: tuple[Drift, ...]
    strange: tuple[Strange, ...]
    notes: tuple[Text, ...]


def features_of(blow: Blow) -> dict[str, float]:
    """Return peak, place of the peak, work or impulse, width at half height and steepest rise of a blow.

    Parameters
    ----------
    blow : Blow

    Raises
    ------
    ForgecastError
        If the curve has fewer than five values, one is missing, or its axis does not ascend.

    Notes
    -----
    Equations: work ∫F ds over the way of the ram, impulse ∫F dt over time, both by the trapezoidal rule. Without the
    way there is no work: force and time alone do not tell it.
    """
    a, f = blow.axis, blow.force
    if a.size < 5 or not (np.isfinite(a).all() and np.isfinite(f).all()) or not (np.diff(a) > 0.0).all():
        raise ForgecastError(
            text("the curve of this blow has missing values, or its axis does not ascend"),
            where=blow.name,
            repair=text("give five values or more, in order of time or way"),
        )
    top = int(np.argmax(f))
    peak = float(f[top])
    half = _crossings(a, f - 0.5 * peak, top)
    area = float(np.trapezoid(f, a))
    return {
        "peak": peak,
        "to_peak": float(a[top] - a[0]),
        ("work" if blow.by_way else "impulse"): area,
        "width": half[1] - half[0],
        "rise": float(np.max(np.diff(f) / np.diff(a))),
    }


def _crossings(a: FloatArray, over: FloatArray, top: int) -> tuple[float, float]:
    """Return where a curve first rises over nought and last falls below it, the axis' ends where it does not."""
    above = np.flatnonzero(over >= 0.0)
    first, last = (int(above[0]), int(above[-1])) if above.size else (top, top)
    left, right = float(a[first]), float(a[last])
    if first > 0:
        left = float(np.interp(0.0, over[first - 1 : first + 1], a[first - 1 : first + 1]))
    if last < a.size - 1:
        right = float(np.interp(0.0, over[last : last + 2][::-1], a[last : last + 2][::-1]))
    return left, right


def judge_blows(
    blows: Sequence[Blow], *, good: ArrayLike | None = None, coverage: float = 0.95, confidence: float = 0.95
) -> Signature:
    """Return what blows are like, which leave the envelope of the good ones, and which features drift.

    Parameters
    ----------
    blows : sequence of Blow
        In order of time, all over the way or all over time.
    good : (n,) bool array or None
        Blows known to be good; None takes the first half of them.
    coverage : float
        Share of further good blows that the envelope is to hold wholly.
    confidence : float
        For drift.

    Raises
    ------
    ForgecastError
        If fewer than 20 blows are good, or some are over time and some over the way.

    Notes
    -----
    Envelope: median ± k · local deviation on a common axis, k so that a further good curve lies wholly inside with the
    probability asked for: the median and deviation come from every other good blow, k is the ⌈(m+1)p⌉-th of the
    greatest deviations of the rest (split conformal; J. Lei, A. Rinaldo and L. Wasserman, Annals of Mathematics and
    Artificial Intelligence 74 (2015) 29-43, doi:10.1007/s10472-013-9366-6). Drift: P. K. Sen's slope,
    doi:10.1080/01621459.1968.10480934, with Kendall's test, divided among the features (Bonferroni).
    """
    if len({blow.by_way for blow in blows}) > 1:
        raise ForgecastError(
            text("some blows are over time and some over the way"), repair=text("judge each kind by itself")
        )
    chosen = np.arange(len(blows)) < -(-len(blows) // 2) if good is None else np.asarray(good, dtype=np.bool_)
    if int(chosen.sum()) < _FEWEST:
        raise ForgecastError(
            text("{n} good blows are too few for an envelope", n=int(chosen.sum())),
            repair=text("give at least {n} good ones", n=_FEWEST),
        )
    listed = [features_of(blow) for blow in blows]
    features = {name: np.array([one[name] for one in listed]) for name in listed[0]}
    axis = np.linspace(0.0, float(np.median([blow.axis[-1] - blow.axis[0] for blow in blows])), _PLACES)
    curves = np.vstack([np.interp(axis, blow.axis - blow.axis[0], blow.force) for blow in blows])
    at = np.flatnonzero(chosen)
    shape, rest = at[::2], at[1::2]
    middle = np.median(curves[shape], axis=0)
    spread = 1.4826 * np.median(np.abs(curves[shape] - middle), axis=0)
    # Where good curves hardly differ, a deviation of nothing would make every other curve strange.
    spread = np.maximum(spread, 0.05 * float(spread.max()) or 1e-9 * float(np.abs(middle).max()) or 1.0)
    away = np.abs(curves - middle) / spread
    worst = away.max(axis=1)
    setting, testing = rest[::2], rest[1::2]
    rank = math.ceil((setting.size + 1) * coverage)
    marks = np.sort(worst[setting])
    reach = float(marks[min(rank, marks.size) - 1])
    notes = []
    promised = coverage
    if rank > marks.size:
        promised = marks.size / (marks.size + 1)
        notes.append(text("{n} blows set the envelope, which stands for {share} %, not more", n=int(marks.size),
                          share=round(100.0 * promised, 1)))  # fmt: skip
    tested = float((worst[testing] <= reach).mean()) if testing.size else math.nan
    if good is None:
        notes.append(text("no blow is marked as good, so the first half is taken as such"))
    strange = _strange(features, chosen, axis, away, reach)
    return Signature(features, axis, middle, middle - reach * spread, middle + reach * spread, reach, promised, tested,
                     chosen, _drifts(features, chosen, confidence), strange, tuple(notes))  # fmt: skip


def _drifts(features: Mapping[str, FloatArray], chosen: BoolArray, confidence: float) -> tuple[Drift, ...]:
    from scipy import stats  # noqa: PLC0415  (loads slowly)

    found = []
    for name, values in features.items():
        order = np.arange(values.size, dtype=np.float64)
        slope, _, low, high = stats.theilslopes(values, order, alpha=confidence)
        probability = float(stats.kendalltau(order, values).pvalue)
        middle = float(np.median(values[chosen]))
        if probability * len(features) < 1.0 - confidence:
            change = float(slope) * (values.size - 1) / middle if middle else math.nan
            found.append(Drift(name, float(slope), float(low), float(high), probability, change))
    return tuple(sorted(found, key=lambda one: one.probability))


def _strange(
    features: Mapping[str, FloatArray], chosen: BoolArray, axis: FloatArray, away: FloatArray, reach: float
) -> tuple[Strange, ...]:
    far: dict[str, FloatArray] = {}
    for name, values in features.items():
        centre = float(np.median(values[chosen]))
        # A feature that good blows share to a thousandth is not told apart any finer.
        scale = max(1.4826 * float(np.median(np.abs(values[chosen] - centre))), 1e-3 * abs(centre))
        far[name] = (values - centre) / scale if scale > 0.0 else np.zeros_like(values)
    found = []
    for n in range(away.shape[0]):
        odd = sorted(((name, float(z[n])) for name, z in far.items() if abs(z[n]) > _FAR), key=lambda one: -abs(one[1]))
        outside = bool(away[n].max() > reach)
        if odd or outside:
            place = float(axis[np.argmax(away[n])]) if outside else math.nan
            found.append(Strange(n, outside, place, tuple(odd)))
    return tuple(found)
