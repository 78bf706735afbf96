"""Capability: how a process fits its limits, and when that must not be said."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import scipy
from numpy.typing import ArrayLike

from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Text, text
from forgecast.quality.chart_rules import Rule
from forgecast.quality.gauge_study import GaugeStudy
from forgecast.quality.scrap import FloatArray
from forgecast.quality.shewhart_chart import ChartPair, measured
from forgecast.quality.variable_charts import individuals_and_moving_range, mean_and_deviation


@dataclass(frozen=True, slots=True)
class Index:
    """A capability index with its confidence interval [1]."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Capability:
    """Capability indices, or why they are refused.

    Parameters
    ----------
    mean : float
    within, overall : float or None
        Standard deviation within subgroups (or from moving ranges) and of all values; None where not used.
    points : int
        Values that are there.
    cp, cpk, pp, ppk, cpm : Index or None
        Within: Cp, Cpk; overall: Pp, Ppk; about the target: Cpm. None where refused or not defined: Cp and Pp take
        both limits, Cpm a target besides.
    refused : tuple of Text
        Why there are no indices.
    caveats : tuple of Text
        What to bear in mind where there are.
    """

    mean: float
    within: float | None
    overall: float | None
    points: int
    cp: Index | None = None
    cpk: Index | None = None
    pp: Index | None = None
    ppk: Index | None = None
    cpm: Index | None = None
    refused: tuple[Text, ...] = ()
    caveats: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """Specification limits and target, in the unit of the values; a missing limit is None.

    Raises
    ------
    ForgecastError
        If both limits are missing, or they and the target do not ascend.
    """

    lower: float | None = None
    upper: float | None = None
    target: float | None = None

    def __post_init__(self) -> None:
        given = [value for value in (self.lower, self.target, self.upper) if value is not None]
        ascending = all(low < high for low, high in pairwise(given))
        if (self.lower is None and self.upper is None) or not ascending or not np.isfinite(given).all():
            raise ForgecastError(
                text("lower limit, target and upper limit are given as {limits}", limits=str(given)),
                repair=text("give at least one limit, in ascending order and finite"),
            )

    @property
    def width(self) -> float | None:
        """Return the width of the tolerance, or None where a limit is missing."""
        return None if self.lower is None or self.upper is None else self.upper - self.lower


def capability(
    values: ArrayLike,
    limits: Limits,
    *,
    gauge: GaugeStudy | None = None,
    largest_gauge_share: float = 0.30,
    false_alarm: float = 0.01,
    rules: tuple[Rule, ...] = (),
    confidence: float = 0.95,
    minimum_points: int = 25,
) -> Capability:
    """Return the capability of a normal process, refused where it is unstable or the gauge sees mostly itself.

    Parameters
    ----------
    values : (n,) or (n, m) array
        Single values, or subgroups a row, in order of time; NaN where missing.
    limits : Limits
    gauge : GaugeStudy or None
        Of the gauge that measured the values; None is a caveat.
    largest_gauge_share : float
        Refused where the gauge's deviation exceeds this share of the deviation of the values, or six of it this share
        of the tolerance [1].
    false_alarm : float
        Probability that a stable process is refused, whatever the number of points.
    rules : tuple of Rule
        Rules of which any signal refuses too; none by default, for over many points they all signal some day.
    confidence : float
        Two-sided, between 0 and 1.
    minimum_points : int
        Fewer values are refused.

    Raises
    ------
    ForgecastError
        If the values have neither one nor two dimensions or one is infinite.

    Notes
    -----
    Equations: Cp = (U-L)/6σ, Cpk = min(U-x̄, x̄-L)/3σ with σ within; Pp, Ppk with the deviation s of all values;
    Cpm = min(U-T, T-L)/3τ, τ² = Σ(x-T)²/(n-1), so that it never exceeds Pp.
    Intervals: Cp √(χ²/ν) with quantiles of χ² of ν degrees of freedom;
    Cpk ± z √(1/9n + Cpk²/2ν): A. F. Bissell, Applied Statistics 39 (1990) 331-340; Cpm as Cp
    with ν = n(1+ξ²)²/(1+2ξ²), ξ = (x̄-T)/s: R. A. Boyles, Journal of Quality Technology 23 (1991) 17-26. Neither
    was read; that their intervals cover what they say is proved by simulation. Stability as in `instability`.
    """
    x = measured(values, 2 if np.ndim(values) == 2 else 1)
    there = x[~np.isnan(x)]
    n = there.size
    if n < max(minimum_points, 2):
        few = text("{n} values are too few; capability takes {needed}", n=n, needed=max(minimum_points, 2))
        return Capability(float(there.mean()) if n else float("nan"), None, None, n, refused=(few,))
    # How many points there are was asked above; two subgroups are enough for a deviation.
    chart = individuals_and_moving_range if x.ndim == 1 else mean_and_deviation
    pair = chart(x, minimum_points=2)
    mean, overall, within = float(there.mean()), float(there.std(ddof=1)), float(pair.deviation[0])
    refused = [*instability(pair, false_alarm=false_alarm), *_rule_reasons(pair, rules)]
    refused += gauge_reasons(gauge, overall, limits, largest_gauge_share)
    caveats = () if gauge is not None else (UNKNOWN_GAUGE,)
    if not (overall > 0.0 and within > 0.0):
        refused.append(text("the values do not scatter, or none stand together; there is no deviation"))
    if refused:
        return Capability(mean, within, overall, n, refused=tuple(refused), caveats=caveats)
    freedom = float(pair.degrees_of_freedom[0])
    return Capability(
        mean,
        within,
        overall,
        n,
        cp=_potential(limits, within, freedom, confidence),
        cpk=_actual(limits, mean, within, freedom, n, confidence),
        pp=_potential(limits, overall, n - 1.0, confidence),
        ppk=_actual(limits, mean, overall, n - 1.0, n, confidence),
        cpm=_about_target(limits, there, confidence),
        caveats=caveats,
    )


UNKNOWN_GAUGE = text("no gauge study is given: how much of the scatter is the gauge's is not known")


def instability(pair: ChartPair, *, false_alarm: float = 0.01) -> list[Text]:
    """Return why a process is not stable, with a known probability of calling a stable one so.

    Parameters
    ----------
    pair : ChartPair
        One stage of means and deviations, or of single values and moving ranges of two.
    false_alarm : float
        For the three questions together, between 0 and 1.

    Notes
    -----
    Three questions, a third of `false_alarm` each: does a point lie farther from the centre than the farthest of n
    normal points would; does a subgroup scatter more than the most scattered of n would (s² against χ², a moving range
    against a normal difference); does the level move (F of means against the scatter within; for single values the
    ratio of von Neumann, Annals of Mathematical Statistics 12 (1941) 367-395, doi:10.1214/aoms/1177731677). The fixed
    limits of a chart ask the first two of each point alone: of 1 000 points of a stable process some three signal.
    The deviation is taken as known; from 25 points on the probability is kept to within its own half (simulated).
    """
    each = false_alarm / 3.0
    location = pair.location
    reasons = []
    z = np.abs(_standardised(location.values - location.centre, location.deviation))
    far = int((2.0 * scipy.special.ndtr(-z) < each / max(int((~np.isnan(z)).sum()), 1)).sum())
    if far:
        reasons.append(text("{n} points lie farther from the centre line than chance explains", n=far))
    wide = _wide(pair, each)
    if wide:
        reasons.append(text("{n} subgroups or moving ranges scatter more than chance explains", n=wide))
    if _level_moves(pair) < each:
        reasons.append(text("the level of the process moves more than chance explains"))
    return reasons


def gauge_reasons(gauge: GaugeStudy | None, deviation: float, limits: Limits, largest: float) -> list[Text]:
    """Return why a gauge is not fit to judge a process, nothing where it is or is not known.

    Parameters
    ----------
    gauge : GaugeStudy or None
    deviation : float
        Of the values judged.
    limits : Limits
    largest : float
        Share of deviation or tolerance from which on it is not fit [1].
    """
    if gauge is None:
        return []
    if gauge.why_missing is not None:
        return [gauge.why_missing]
    own = float(np.sqrt(gauge.gauge))
    shares = {"scatter": own / deviation if deviation > 0.0 else np.inf}
    if limits.width is not None:
        shares["tolerance"] = 6.0 * own / limits.width
    texts = {
        "scatter": text("the gauge makes {share} % of the deviation seen", share=round(100.0 * shares["scatter"], 1)),
        "tolerance": text(
            "the gauge takes {share} % of the tolerance", share=round(100.0 * shares.get("tolerance", 0.0), 1)
        ),
    }
    return [texts[name] for name, share in shares.items() if share > largest]


def chi_square_quantile(probability: float, freedom: float) -> float:
    """Return the value below which χ² lies with a probability."""
    return float(2.0 * scipy.special.gammaincinv(freedom / 2.0, probability))


def _rule_reasons(pair: ChartPair, rules: tuple[Rule, ...]) -> list[Text]:
    if not rules:
        return []
    found = pair.location.signals(rules).any
    beyond = tuple(rule for rule in rules if rule.pattern == "beyond")
    n = int(found.sum()) + int(pair.spread.signals(beyond).any.sum())
    return [text("{n} points signal on the control charts", n=n)] if n else []


def _standardised(away: FloatArray, deviation: FloatArray) -> FloatArray:
    return np.where(deviation > 0.0, away / np.where(deviation > 0.0, deviation, 1.0), np.nan)


def _wide(pair: ChartPair, each: float) -> int:
    """Return how many subgroups or moving ranges exceed what the most scattered of them would show by chance."""
    ratio = _standardised(pair.spread.values, np.broadcast_to(pair.deviation[0], pair.spread.values.shape))
    limit = each / max(int((~np.isnan(ratio)).sum()), 1)
    if pair.spread.kind == "moving_range":
        return int((2.0 * scipy.special.ndtr(-ratio / np.sqrt(2.0)) < limit).sum())
    freedom = _sizes(pair) - 1.0
    return int((scipy.special.gammaincc(np.maximum(freedom, 1.0) / 2.0, freedom * ratio**2 / 2.0) < limit).sum())


def _sizes(pair: ChartPair) -> FloatArray:
    """Return the size of each subgroup, from the deviation of its mean."""
    own = pair.location.deviation
    return np.where(own > 0.0, np.rint((pair.deviation[0] / np.where(own > 0.0, own, 1.0)) ** 2), np.nan)


def _level_moves(pair: ChartPair) -> float:
    """Return the probability of so much movement of the level by chance."""
    points = pair.location.values[~np.isnan(pair.location.values)]
    n = points.size
    if n < 3 or not pair.deviation[0] > 0.0:
        return 1.0
    if pair.location.kind == "individual":
        squares = float(((points - points.mean()) ** 2).sum())
        ratio = float((np.diff(points) ** 2).sum()) / squares
        return float(scipy.special.ndtr((ratio / 2.0 - 1.0) / np.sqrt((n - 2.0) / (n**2 - 1.0))))
    z = _standardised(pair.location.values - pair.location.centre, pair.location.deviation)
    between = float(np.nansum(z**2)) / (n - 1.0)
    return float(scipy.special.fdtrc(n - 1.0, float(pair.degrees_of_freedom[0]), between))


def _potential(limits: Limits, deviation: float, freedom: float, confidence: float) -> Index | None:
    if limits.width is None:
        return None
    value = limits.width / (6.0 * deviation)
    low, high = _by_chi_square(value, freedom, confidence)
    return Index(value, low, high)


def _actual(limits: Limits, mean: float, deviation: float, freedom: float, n: int, confidence: float) -> Index:
    room = [limits.upper - mean] if limits.upper is not None else []
    room += [mean - limits.lower] if limits.lower is not None else []
    value = min(room) / (3.0 * deviation)
    half = scipy.special.ndtri(0.5 + confidence / 2.0) * np.sqrt(1.0 / (9.0 * n) + value**2 / (2.0 * freedom))
    return Index(value, float(value - half), float(value + half))


def _about_target(limits: Limits, x: FloatArray, confidence: float) -> Index | None:
    if limits.target is None or limits.lower is None or limits.upper is None:
        return None
    scatter = float(np.sqrt(((x - limits.target) ** 2).sum() / (x.size - 1.0)))
    value = min(limits.upper - limits.target, limits.target - limits.lower) / (3.0 * scatter)
    off = (float(x.mean()) - limits.target) / float(x.std(ddof=1))
    freedom = x.size * (1.0 + off**2) ** 2 / (1.0 + 2.0 * off**2)
    low, high = _by_chi_square(value, freedom, confidence)
    return Index(value, low, high)


def _by_chi_square(value: float, freedom: float, confidence: float) -> tuple[float, float]:
    tails = (0.5 - confidence / 2.0, 0.5 + confidence / 2.0)
    low, high = (value * np.sqrt(chi_square_quantile(tail, freedom) / freedom) for tail in tails)
    return float(low), float(high)
