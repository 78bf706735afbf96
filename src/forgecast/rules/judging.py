"""A figure against its limits: which values fall on which days, which are over, and what that means in a word.

How values are compared: as computed, never rounded, because no book in use states a rounding. A value within one
part in 10⁹ of the limit counts as equal to it: the conversion to reference oxygen is a handful of double-precision
operations (relative error below 1e-14), while no method of measurement resolves one part in 10⁵, so the margin
absorbs the noise of arithmetic and nothing that was measured.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from forgecast.ground.dates import HOUR_US, day_start_us
from forgecast.ground.texts import Text, text
from forgecast.rules.binding import Binding, Stretch
from forgecast.rules.book import Comparison, DatedValue, Policy
from forgecast.rules.decision import (
    COVERAGE_FACTOR,
    DECISION_TEXTS,
    Conformity,
    DecisionRule,
    Uncertainty,
    acceptance_limit,
    probability_of_conformity,
)
from forgecast.rules.fact import AnyFigure, Figure, HourlyFigure, SampledFigure, WindowFigure
from forgecast.rules.verdict import Exceedance, Word

EQUAL_WITHIN = 1e-9
#: Windows over a limit that are named one by one.
_MOST_DAYS = 5

Values = NDArray[np.float64]
Hours = NDArray[np.int64]


def breaks(values: Values, comparison: Comparison, limit: float) -> NDArray[np.bool_]:
    """Return which values do not keep a limit.

    Parameters
    ----------
    values : (n,) float64 array
        In the unit of the limit.
    comparison : Comparison
        How a value must stand to the limit.
    limit : float
    """
    at = np.abs(values - limit) <= EQUAL_WITHIN * abs(limit)
    match comparison:
        case Comparison.AT_MOST:
            return (values > limit) & ~at
        case Comparison.BELOW:
            return (values >= limit) | at
        case Comparison.AT_LEAST:
            return (values < limit) & ~at
        case Comparison.ABOVE:
            return (values <= limit) | at


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Which values certainly miss a limit, which lie within the guard band, and which lack an uncertainty to tell."""

    over: NDArray[np.bool_]
    doubtful: NDArray[np.bool_]
    open: NDArray[np.bool_]


def outcomes(
    values: Values, uncertainty: Values | None, comparison: Comparison, limit: float, rule: DecisionRule
) -> Outcomes:
    """Return what a decision rule says of values against a limit.

    Parameters
    ----------
    values : (n,) float64 array
        In the unit of the limit.
    uncertainty : (n,) float64 array or None
        Standard uncertainty of each value; None where it is not known.
    comparison : Comparison
    limit : float
    rule : DecisionRule

    Returns
    -------
    Outcomes
        A value without an uncertainty is open only where the uncertainty could still turn it.
    """
    missed = breaks(values, comparison, limit)
    none = np.zeros(values.shape, dtype=np.bool_)
    if rule is DecisionRule.SIMPLE:
        return Outcomes(missed, none, none)
    if uncertainty is None:
        turned = {
            DecisionRule.SHARED_RISK: ~none,
            DecisionRule.GUARDED_ACCEPTANCE: ~missed,
            DecisionRule.GUARDED_REJECTION: missed,
        }[rule]
        return Outcomes(missed & ~turned, none, turned)
    guard = COVERAGE_FACTOR * uncertainty * (1.0 if comparison.caps else -1.0)
    if rule is DecisionRule.GUARDED_ACCEPTANCE:
        return Outcomes(missed, ~missed & breaks(values + guard, comparison, limit), none)
    if rule is DecisionRule.GUARDED_REJECTION:
        over = missed & breaks(values - guard, comparison, limit)
        return Outcomes(over, missed & ~over, none)
    return Outcomes(missed, none, none)


@dataclass(frozen=True, slots=True)
class Part:
    """The values of one figure that fall into one stretch; `flaw` says why some or all are missing."""

    values: Values
    hours: Hours | None
    flaw: Text | None
    uncertainty: Uncertainty | None = None
    days: tuple[date, ...] = ()

    @property
    def standard(self) -> Values | None:
        """Return the standard uncertainty of each value; None where it is not known."""
        return None if self.uncertainty is None else self.uncertainty.at(self.values)


def part_of(figure: AnyFigure, stretch: Stretch, period: tuple[date, date]) -> Part | None:
    """Return what a figure says about a stretch; None where it is about other days."""
    if isinstance(figure, HourlyFigure):
        return _hours_in(figure, stretch)
    if isinstance(figure, SampledFigure):
        return _samples_in(figure, stretch)
    if isinstance(figure, WindowFigure):
        return Part(figure.values, None, None, figure.uncertainty, figure.days)
    return _whole_in(figure, stretch, period)


def _hours_in(figure: HourlyFigure, stretch: Stretch) -> Part:
    # Limits begin at local midnight: the first hour that starts at or after it is the first one judged.
    bounds = [-(-day_start_us(day, figure.zone) // HOUR_US) for day in (stretch.start, stretch.end)]
    first, last = np.searchsorted(figure.hours, bounds)
    values, hours = figure.values[first:last], figure.hours[first:last]
    sound = np.isfinite(values)
    if sound.all():
        return Part(values, hours, None, figure.uncertainty)
    flaw = text("{count} hourly values are no numbers", count=int(values.size - sound.sum()))
    return Part(values[sound], hours[sound], flaw, figure.uncertainty)


def _samples_in(figure: SampledFigure, stretch: Stretch) -> Part | None:
    values = [value for day, value, _origin in figure.samples if stretch.start <= day < stretch.end]
    if not values:
        return None
    sound = [value for value in values if math.isfinite(value)]
    flaw = None
    if len(sound) < len(values):
        flaw = text("{count} manual tests have no usable value", count=len(values) - len(sound))
    return Part(np.asarray(sound, dtype=np.float64), None, flaw, figure.uncertainty)


def _whole_in(figure: Figure, stretch: Stretch, period: tuple[date, date]) -> Part | None:
    if figure.start is None and figure.end is None:
        # A thing that is as it is on every day (a height) holds on those of each limit.
        period = (stretch.start, stretch.end)
    start = period[0] if figure.start is None else max(figure.start, period[0])
    end = period[1] if figure.end is None else min(figure.end, period[1])
    if end <= stretch.start or stretch.end <= start:
        return None
    nothing = np.empty(0, dtype=np.float64)
    if figure.value is None or not math.isfinite(figure.value):
        return Part(nothing, None, figure.why_missing or text("the figure could not be computed"))
    if start < stretch.start or stretch.end < end:
        flaw = text(
            "the figure covers {start} until before {end}, but the limit holds from {first} until before {last}: "
            "compute it for those days",
            start=str(start), end=str(end), first=str(stretch.start), last=str(stretch.end),
        )  # fmt: skip
        return Part(nothing, None, flaw)
    return Part(np.array([figure.value]), None, None, figure.uncertainty)


@dataclass(frozen=True, slots=True)
class Finding:
    """What a figure check came to, before it becomes a verdict."""

    word: Word
    value: float | None
    limit: DatedValue | None
    reasons: tuple[Text, ...]
    exceedances: tuple[Exceedance, ...] = ()
    hours_over: int | None = None
    hours_valid: int | None = None
    hours_expected: int | None = None
    unsettled: tuple[Stretch, ...] = ()
    evidence_missing: bool = False
    uncertainty_missing: bool = False
    conformity: Conformity | None = None


@dataclass(slots=True)
class _Tally:
    """Counts over all figures and stretches of one requirement and subject."""

    comparison: Comparison
    rule: DecisionRule
    worst: float | None = None
    worst_uncertainty: float | None = None
    limit: DatedValue | None = None
    broken: bool = False
    over: int = 0
    values: int = 0
    valid: int = 0
    expected: int = 0
    hourly: bool = False
    empty: int = 0
    doubtful: int = 0
    open: int = 0
    excess: float = 0.0
    windows: int = 0
    windows_due: int = 0
    windows_over: list[date] = field(default_factory=list)
    exceedances: list[Exceedance] = field(default_factory=list)
    flaws: list[Text] = field(default_factory=list)
    unsettled: list[Stretch] = field(default_factory=list)

    def add(self, part: Part, stretch: Stretch) -> NDArray[np.bool_]:
        """Count a part; return which of its values are over the limit that certainly holds."""
        if stretch.binding is None or stretch.binding.value is None or part.values.size == 0:
            return np.zeros(part.values.shape, dtype=np.bool_)
        self.values += part.values.size
        standard = part.standard
        told = outcomes(part.values, standard, self.comparison, stretch.binding.value, self.rule)
        over = int(told.over.sum())
        self.doubtful += int(told.doubtful.sum())
        self.open += int(told.open.sum())
        at = int(part.values.argmax() if self.comparison.caps else part.values.argmin())
        extreme = float(part.values[at])
        u = None if standard is None else float(standard[at])
        edge = acceptance_limit(self.rule, stretch.binding.value, u, caps=self.comparison.caps)
        if edge is not None and (told.over[at] or told.doubtful[at]):
            self.excess = max(self.excess, extreme - edge if self.comparison.caps else edge - extreme)
        # The deciding value is the worst one over a limit; while none is over, the worst one of all.
        if (over > 0 and not self.broken) or (
            (over > 0) == self.broken and (self.worst is None or self._worse(extreme))
        ):
            self.worst, self.limit = extreme, stretch.binding
            self.worst_uncertainty = u
        self.broken = self.broken or over > 0
        self.over += over
        self.windows_over.extend(day for day, missed in zip(part.days, told.over, strict=False) if missed)
        return told.over

    def conformity(self) -> Conformity | None:
        """Return how the deciding value stands to its limit."""
        if self.worst is None or self.limit is None or self.limit.value is None:
            return None
        limit, caps, u = self.limit.value, self.comparison.caps, self.worst_uncertainty
        chance = None
        if u is not None:
            missed = bool(breaks(np.array([self.worst]), self.comparison, limit)[0])
            chance = float(not missed) if u == 0.0 else probability_of_conformity(self.worst, u, limit, caps=caps)
        edge = acceptance_limit(self.rule, limit, u, caps=caps)
        change = None if edge is None else (-self.excess if caps else self.excess) + 0.0
        return Conformity(self.rule, u, chance, edge, change)

    def _worse(self, value: float) -> bool:
        assert self.worst is not None  # noqa: S101
        return value > self.worst if self.comparison.caps else value < self.worst


def judge_figures(
    figures: Iterable[AnyFigure],
    comparison: Comparison,
    binding: Binding,
    period: tuple[date, date],
    policy: Policy,
    *,
    windowed: Callable[[HourlyFigure, Stretch], WindowFigure] | None = None,
) -> Finding:
    """Return the word for all figures of one name against the limits that hold.

    Every figure is judged: one value over a certain limit is `not met`, whatever the others say. Without one, an
    open or undecided limit that the values do not clear makes it `not known`, no value at all `not known`, missing
    hours, a figure that could not be computed, or a value within the guard band `partly`.

    Parameters
    ----------
    figures : iterable of AnyFigure
    comparison : Comparison
    binding : Binding
    period : tuple of date
        First day and first day after.
    policy : Policy
        Its decision rule is the one that holds for the requirement.
    windowed : callable or None
        Turns an hourly figure into the statistic that the limit is on; single tests are then no evidence.
    """
    figures = tuple(figures)
    tally = _Tally(comparison, policy.decision)
    for stretch in binding.stretches:
        told = figures if windowed is None else _in_windows(figures, windowed, stretch, tally)
        parts = [(f, p) for f in told if (p := part_of(f, stretch, period)) is not None]
        for figure, part in parts:
            over = tally.add(part, stretch)
            tally.flaws.extend([] if part.flaw is None else [part.flaw])
            if isinstance(figure, HourlyFigure) and part.hours is not None:
                tally.hourly = True
                tally.valid += part.hours.size
                tally.expected += _expected(figure, stretch, period)
                if over.any():
                    tally.exceedances.extend(_merged(part.hours[over], part.values[over], caps=comparison.caps))
        tally.empty += not any(part.values.size for _figure, part in parts)
        if not _settled(stretch, [part for _figure, part in parts], comparison, policy.decision):
            tally.unsettled.append(stretch)
    return _word(tally, binding, policy)


def _in_windows(
    figures: Iterable[AnyFigure],
    windowed: Callable[[HourlyFigure, Stretch], WindowFigure],
    stretch: Stretch,
    tally: _Tally,
) -> list[AnyFigure]:
    told: list[AnyFigure] = []
    for figure in figures:
        if isinstance(figure, HourlyFigure):
            statistic = windowed(figure, stretch)
            tally.windows += statistic.values.size
            tally.windows_due += statistic.expected
            told.append(statistic)
        elif not isinstance(figure, SampledFigure):
            told.append(figure)
    return told


def _settled(stretch: Stretch, parts: Iterable[Part], comparison: Comparison, rule: DecisionRule) -> bool:
    if stretch.binding is None or stretch.open_values or stretch.strictest is None:
        return False
    if stretch.strictest == stretch.binding.value:
        return True
    told = [outcomes(part.values, part.standard, comparison, stretch.strictest, rule) for part in parts]
    return not any((one.over | one.doubtful | one.open).any() for one in told)


def _expected(figure: HourlyFigure, stretch: Stretch, period: tuple[date, date]) -> int:
    """Return the hours due in a stretch; where the limit holds for a part of the period, its share of the days.

    The share assumes that the hours due are spread evenly, the only reading that needs no further record.
    """
    share = (stretch.end - stretch.start).days / (period[1] - period[0]).days
    return math.ceil(figure.expected_hours * share - 1e-9)


def _word(tally: _Tally, binding: Binding, policy: Policy) -> Finding:
    bound = tally.limit
    if bound is None and binding.stretches:
        bound = binding.stretches[-1].binding
    reasons: list[Text] = []
    unproven = unmeasured = False
    if tally.broken:
        word = Word.NOT_MET
        reasons.append(_over_text(tally))
        if tally.windows_over:
            days = ", ".join(day.isoformat() for day in tally.windows_over[:_MOST_DAYS])
            reasons.append(text("windows that begin on {days} do not keep it", days=days))
    elif tally.unsettled:
        word = Word.NOT_KNOWN
    elif tally.values == 0:
        word = Word.NOT_KNOWN
        unproven = True
        reasons.append(text("there is no valid value for these days"))
    elif tally.open:
        word = Word.NOT_KNOWN
        unmeasured = True
        reasons.append(text("{rule}; it is not known here", rule=DECISION_TEXTS[tally.rule]))
    else:
        lacking = _lacking(tally, policy)
        unproven = bool(lacking or tally.flaws)
        word = Word.PARTLY if unproven or tally.doubtful else Word.MET
        reasons.append(_doubt_text(tally) if tally.doubtful else text("every value judged keeps the limit"))
        reasons.extend(lacking)
    reasons.extend(dict.fromkeys(tally.flaws))
    over, valid, expected = (tally.over, tally.valid, tally.expected) if tally.hourly else (None, None, None)
    return Finding(
        word=word,
        value=tally.worst,
        limit=bound,
        reasons=tuple(reasons),
        exceedances=tuple(tally.exceedances),
        hours_over=over,
        hours_valid=valid,
        hours_expected=expected,
        unsettled=tuple(tally.unsettled),
        evidence_missing=unproven,
        uncertainty_missing=unmeasured,
        conformity=tally.conformity(),
    )


def _lacking(tally: _Tally, policy: Policy) -> list[Text]:
    """Return why what was judged proves less than the whole."""
    lacking: list[Text] = []
    least = f"{100 * policy.minimum_coverage:.1f}"
    if tally.hourly and tally.expected > 0 and tally.valid / tally.expected < policy.minimum_coverage:
        share = f"{100 * tally.valid / tally.expected:.1f}"
        lacking.append(
            text("valid hourly values cover {share} % of the hours due; {least} % are needed", share=share, least=least)
        )
    if tally.windows_due and tally.windows / tally.windows_due < policy.minimum_coverage:
        lacking.append(
            text(
                "{valid} of {due} windows have enough valid hours; {least} % are needed",
                valid=tally.windows,
                due=tally.windows_due,
                least=least,
            )
        )
    if tally.empty:
        lacking.append(text("for some of the days on which a limit held there is no value"))
    return lacking


def _doubt_text(tally: _Tally) -> Text:
    count, rule = tally.doubtful, DECISION_TEXTS[tally.rule]
    if tally.rule is DecisionRule.GUARDED_ACCEPTANCE:
        return text("{count} values keep the limit by less than their uncertainty ({rule})", count=count, rule=rule)
    return text("{count} values miss the limit by less than their uncertainty ({rule})", count=count, rule=rule)


def _over_text(tally: _Tally) -> Text:
    return text(
        "{over} of {all} values do not keep the limit; the worst is {worst}",
        over=tally.over,
        all=tally.values,
        worst="" if tally.worst is None else f"{tally.worst:.6g}",
    )


def _merged(hours: Hours, values: Values, *, caps: bool) -> list[Exceedance]:
    """Return contiguous hours as stretches."""
    cuts = np.flatnonzero(np.diff(hours) != 1) + 1
    found = []
    for stretch_hours, stretch_values in zip(np.split(hours, cuts), np.split(values, cuts), strict=True):
        found.append(
            Exceedance(
                _instant(int(stretch_hours[0])),
                _instant(int(stretch_hours[-1])),
                int(stretch_hours.size),
                float(stretch_values.max() if caps else stretch_values.min()),
            )
        )
    return found


def _instant(hour: int) -> str:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(hours=hour)).strftime("%Y-%m-%dT%H:%MZ")


def peak(figures: Iterable[AnyFigure], period: tuple[date, date], policy: Policy) -> float | None:
    """Return the largest value of figures in a period, for a rule that a figure triggers.

    None where there is no value, where one is missing, or where hours are lacking: what was not measured could
    have been larger.
    """
    whole = Stretch(period[0], period[1], None, None, (), ())
    found = []
    for figure in figures:
        part = part_of(figure, whole, period)
        if part is None:
            continue
        if part.flaw is not None:
            return None
        if isinstance(figure, HourlyFigure) and part.values.size < policy.minimum_coverage * figure.expected_hours:
            return None
        found.extend(part.values.tolist())
    return max(found, default=None)
