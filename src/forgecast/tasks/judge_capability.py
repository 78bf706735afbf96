"""Judge whether a process keeps its limits, or say why that must not be said."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Text, text
from forgecast.quality.capability import Capability, Index, Limits, capability
from forgecast.quality.gauge_study import GaugeStudy
from forgecast.quality.percentile_capability import TAIL, Shape, percentile_capability
from forgecast.quality.scrap import FloatArray
from forgecast.tasks.quality_points import grouped_points, single_points
from forgecast.tasks.watched import Watched

#: Below this probability the values are not taken for normal. Strict, so that one process in a thousand that is
#: normal is sent the other way.
_NOT_NORMAL = 0.001
#: What percentiles of the values themselves take.
_EMPIRICAL = int(np.ceil(1.0 / TAIL))


@dataclass(frozen=True, slots=True, eq=False)
class JudgedGroup:
    """The capability of one group.

    Parameters
    ----------
    group : str
        Empty where there is one group only.
    shape : str
        Distribution the indices rest on.
    values : (n,) float64 array
    found : Capability
    outside : int
        Values beyond a limit.
    skewness, kurtosis : float or None
        Of the values (0 for normal ones).
    """

    group: str
    shape: Shape
    values: FloatArray
    found: Capability
    outside: int
    skewness: float | None
    kurtosis: float | None

    def as_json(self) -> dict[str, object]:
        """Return indices and reasons."""
        return {
            "group": self.group,
            "shape": self.shape,
            "points": self.found.points,
            "outside": self.outside,
            "mean": _known(self.found.mean),
            "within_deviation": self.found.within,
            "overall_deviation": self.found.overall,
            **{name: _index(getattr(self.found, name)) for name in ("cp", "cpk", "pp", "ppk", "cpm")},
            "skewness": self.skewness,
            "excess_kurtosis": self.kurtosis,
            "refused": [reason.as_json() for reason in self.found.refused],
            "caveats": [caveat.as_json() for caveat in self.found.caveats],
        }


@dataclass(frozen=True, slots=True, eq=False)
class JudgedCapability:
    """The capability of a quantity by groups."""

    title: Text
    unit: str
    source: str
    by: str
    limits: Limits
    groups: tuple[JudgedGroup, ...]
    synthetic: bool
    notes: tuple[Text, ...]

    @property
    def refused(self) -> bool:
        """Whether any group is refused."""
        return any(group.found.refused for group in self.groups)

    def as_json(self) -> dict[str, object]:
        """Return the judgement with both languages inside."""
        return {
            "title": self.title.as_json(),
            "unit": self.unit,
            "source": self.source,
            "by": self.by,
            "synthetic": self.synthetic,
            "lower": self.limits.lower,
            "upper": self.limits.upper,
            "target": self.limits.target,
            "groups": [group.as_json() for group in self.groups],
            "notes": [note.as_json() for note in self.notes],
        }


def judge_capability(
    watched: Watched,
    given: Limits | None,
    *,
    by: str = "",
    subgroup: str = "",
    gauge: GaugeStudy | None = None,
    shape: Shape | None = None,
) -> JudgedCapability:
    """Judge the capability of a quantity, one judgement for each group.

    Parameters
    ----------
    watched : Watched
        One column, with the labels of `by` and `subgroup`.
    given : Limits or None
        None takes those the records state for the characteristic.
    by : str
        Label of the groups; empty for one.
    subgroup : str
        As in `ChartPlan`; normal values only.
    gauge : GaugeStudy or None
    shape : str or None
        Distribution of the values, known from the physics. None takes the normal one where nothing speaks against it,
        else percentiles of the values themselves, for which there must be 741 of them.

    Raises
    ------
    ForgecastError
        If no limit is known, or the values are results of inspection.
    """
    column = watched.columns[0]
    limits = given or _stated(watched)
    if column.is_result:
        raise ForgecastError(
            text("results of inspection are counted, not measured"),
            where=column.name,
            repair=text("use a measured quantity; chart the share of rejects with `forgecast quality chart`"),
        )
    groups = watched.groups(by) if by else [("", watched)]
    judged = tuple(_judged(name, rows, limits, subgroup, gauge, shape) for name, rows in groups)
    return JudgedCapability(
        column.title, column.unit, watched.source, by, limits, judged, watched.synthetic, watched.notes
    )


def _stated(watched: Watched) -> Limits:
    column = watched.columns[0]
    stated = column.specified
    if stated is None or (stated.lower is None and stated.upper is None):
        raise ForgecastError(
            text("no limits are known for {name}", name=column.name),
            where=watched.source,
            repair=text(
                "give --lower and --upper, or record the limits as a characteristic of the product; where products "
                "state different ones, choose one with --where product=NAME"
            ),
        )
    inside = (
        stated.nominal is not None
        and (stated.lower is None or stated.lower < stated.nominal)
        and (stated.upper is None or stated.nominal < stated.upper)
    )
    return Limits(stated.lower, stated.upper, stated.nominal if inside else None)


def _judged(
    name: str, rows: Watched, limits: Limits, subgroup: str, gauge: GaugeStudy | None, shape: Shape | None
) -> JudgedGroup:
    _, values = single_points(rows)
    taken = grouped_points(rows, subgroup, "")[1] if subgroup else values
    skew, kurtosis, probability = _normality(values)
    used: Shape = shape or "normal"
    if used != "normal":
        found = percentile_capability(values, limits, shape=used, gauge=gauge)
    else:
        found = capability(taken, limits, gauge=gauge)
        if shape is None and probability < _NOT_NORMAL and values.size >= 25:
            used, found = _not_normal(values, limits, gauge, found)
    outside = int((values < _or(limits.lower, -np.inf)).sum() + (values > _or(limits.upper, np.inf)).sum())
    return JudgedGroup(name, used, values, found, outside, skew, kurtosis)


def _not_normal(
    values: FloatArray, limits: Limits, gauge: GaugeStudy | None, as_normal: Capability
) -> tuple[Shape, Capability]:
    if values.size >= _EMPIRICAL:
        return "empirical", percentile_capability(values, limits, shape="empirical", gauge=gauge)
    reason = text(
        "the values are not normal, and {n} are too few for percentiles of their own ({needed}); say their shape, if "
        "the physics tells it (--shape)",
        n=values.size,
        needed=_EMPIRICAL,
    )
    return "normal", Capability(
        as_normal.mean,
        as_normal.within,
        as_normal.overall,
        as_normal.points,
        refused=(*as_normal.refused, reason),
        caveats=as_normal.caveats,
    )


def _normality(values: FloatArray) -> tuple[float | None, float | None, float]:
    """Return skewness, excess kurtosis and the probability of so much of both by chance (D'Agostino and Pearson)."""
    if values.size < 20 or not np.ptp(values) > 0.0:
        return None, None, 1.0
    from scipy import stats  # noqa: PLC0415  (loads slowly)

    return float(stats.skew(values)), float(stats.kurtosis(values)), float(stats.normaltest(values).pvalue)


def _or(value: float | None, otherwise: float) -> float:
    return otherwise if value is None else value


def _known(value: float) -> float | None:
    return None if np.isnan(value) else value


def _index(index: Index | None) -> dict[str, float] | None:
    return None if index is None else {"value": index.value, "low": index.low, "high": index.high}
