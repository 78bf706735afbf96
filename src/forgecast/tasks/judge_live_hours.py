"""Judge hours while readings arrive: finished hours at once, late data anew, and a warning inside the running hour."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import numpy as np

from forgecast.environment.hour import HourlyMeans, HourlyPartials, hourly_means
from forgecast.environment.running_hour import HourForecast, RunningHours, forecast_hour
from forgecast.ground.dates import HOUR_US, SECOND_US, Period, from_us, local_day
from forgecast.ground.texts import Text, text
from forgecast.rules.verdict import Word
from forgecast.signals.batch import Batch
from forgecast.signals.reading import GOOD
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.judge_hours import (
    Entered,
    HourVerdict,
    JudgedHours,
    JudgedStack,
    enter_exceedances,
    judge_hours,
    pollutant_text,
)
from forgecast.tasks.plant_view import PlantView, Row

#: How long an hour waits for late data after its end [s], unless the caller declares another time.
GRACE_S = 600.0
#: What counts as "the last minutes" of a running hour [s].
RECENT_S = 600.0
#: Share of the hour that must be over before it is forecast.
FORECAST_FROM = 0.25
#: Hours kept in memory; of an older one that is touched the store has the rest.
KEPT_HOURS = 6


class LiveView(PlantView):
    """A plant's records and series with readings that are still in memory laid over what is stored.

    Parameters
    ----------
    folder, period, at
        As `PlantView`.
    running : RunningHours
        Hours it holds replace those of the store.
    least_share : float or None
        Least share of good readings for an hourly mean; None means that of the plant.
    """

    def __init__(
        self, folder: PlantFolder, period: Period, at: date, running: RunningHours, least_share: float | None = None
    ) -> None:
        super().__init__(folder, period, at)
        self._running = running
        self._least_share = least_share

    @cached_property
    def tags(self) -> dict[str, Row]:
        """Return the described tags that have readings, stored or in memory."""
        held = set(self._running.tags())
        return {name: row for name, row in self.by_id("tag").items() if name in held or name in self.spans}

    @cached_property
    def _partials(self) -> dict[str, HourlyPartials]:
        found = dict(super()._partials)
        first, end = self.hours
        for tag in self._running.tags():
            own = _between(self._running.partials(tag), first, end)
            if own.hours.size:
                found[tag] = _laid_over(found.get(tag), own)
        return found

    def means(self, tag: Row) -> HourlyMeans | None:
        """Return the 1-h means of a tag, as `PlantView` does, with the share that was asked for."""
        if self._least_share is None:
            return super().means(tag)
        partials = self.partials(tag)
        expected = None if partials is None else self.expected_per_hour(tag, partials)
        if partials is None or expected is None:
            return None
        first, end = self.hours
        return hourly_means(
            partials, expected_per_hour=expected, minimum_share=self._least_share, first_hour=first, end_hour=end
        )


def _between(partials: HourlyPartials, first: int, end: int) -> HourlyPartials:
    return _kept(partials, (partials.hours >= first) & (partials.hours < end))


def _kept(partials: HourlyPartials, keep: np.typing.NDArray[np.bool_]) -> HourlyPartials:
    return HourlyPartials(
        partials.hours[keep],
        partials.count[keep],
        partials.good[keep],
        partials.total[keep],
        partials.lowest[keep],
        partials.highest[keep],
    )


def _laid_over(stored: HourlyPartials | None, own: HourlyPartials) -> HourlyPartials:
    if stored is None:
        return own
    rest = _kept(stored, ~np.isin(stored.hours, own.hours))
    order = np.argsort(np.concatenate((rest.hours, own.hours)), kind="stable")
    both = HourlyPartials(
        np.concatenate((rest.hours, own.hours)),
        np.concatenate((rest.count, own.count)),
        np.concatenate((rest.good, own.good)),
        np.concatenate((rest.total, own.total)),
        np.concatenate((rest.lowest, own.lowest)),
        np.concatenate((rest.highest, own.highest)),
    )
    return HourlyPartials(
        both.hours[order],
        both.count[order],
        both.good[order],
        both.total[order],
        both.lowest[order],
        both.highest[order],
    )


@dataclass(frozen=True, slots=True)
class HourWarning:
    """Where a running hour is heading against its limit: a forecast, no verdict."""

    stack: str
    pollutant: str
    hour: int
    limit: float
    forecast: HourForecast

    @property
    def what(self) -> Text:
        """Return the warning in words."""
        name = pollutant_text(self.pollutant)
        if self.forecast.lost:
            return text(
                "{pollutant} at {stack}: this hour is lost: its mean so far is {mean} mg/m3; even a rest at zero ends "
                "above {limit} mg/m3",
                pollutant=name,
                stack=self.stack,
                mean=f"{self.forecast.mean:.3g}",
                limit=f"{self.limit:g}",
            )
        if not self.forecast.threatens:
            return text(
                "{pollutant} at {stack}: at this rate the hour ends at {projected} mg/m3; {limit} mg/m3 are allowed",
                pollutant=name,
                stack=self.stack,
                projected=f"{self.forecast.projected:.3g}",
                limit=f"{self.limit:g}",
            )
        return text(
            "{pollutant} at {stack}: at this rate the hour ends at {projected} mg/m3, above {limit}; it keeps it "
            "only if the remaining {minutes} minutes average below {allowed} mg/m3",
            pollutant=name,
            stack=self.stack,
            projected=f"{self.forecast.projected:.3g}",
            limit=f"{self.limit:g}",
            minutes=round(60.0 * (1.0 - self.forecast.elapsed)),
            allowed=f"{self.forecast.allowed:.3g}",
        )

    def as_json(self) -> dict[str, object]:
        """Return the warning as every JSON answer shows it."""
        return {
            "stack": self.stack,
            "pollutant": self.pollutant,
            "hour": f"{from_us(self.hour * HOUR_US):%Y-%m-%dT%H:%MZ}",
            "limit": self.limit,
            "mean_so_far": self.forecast.mean,
            "projected": self.forecast.projected,
            "allowed_for_the_rest": self.forecast.allowed,
            "elapsed": self.forecast.elapsed,
            "lost": self.forecast.lost,
            "what": self.what.as_json(),
        }


@dataclass(frozen=True, slots=True)
class LiveAnswer:
    """What a look at the clock brought: hours judged (anew), what the ledger got, and warnings not given before."""

    judged: tuple[HourVerdict, ...]
    entered: Entered
    warnings: tuple[HourWarning, ...]


class LiveHours:
    """Judges a plant's hours as its readings are stored.

    Parameters
    ----------
    folder : PlantFolder
    grace_s : float
        How long a finished hour waits for late data [s].
    now_us : int
        Instant from which on hours are watched, microseconds UTC: the hour before it is the first one judged.
    by : str
        Who answers for the ledger entries.
    """

    def __init__(self, folder: PlantFolder, *, now_us: int, grace_s: float = GRACE_S, by: str = "") -> None:
        self._folder = folder
        self._grace_us = round(grace_s * SECOND_US)
        self._by = by
        rows = folder.records.read("tag")
        closing = {str(row["id"]) for row in rows if row["reading"] in ("mean", "quantity")}
        self._wanted = {str(row["id"]) for row in rows if row["stack"] or row["measures"] == "operating"}
        self._running = RunningHours(closing)
        self._lock = threading.Lock()
        self._begun = now_us // HOUR_US
        self._touched: set[int] = set()
        self._next = now_us // HOUR_US - 1
        self._warned: set[tuple[str, str, int, bool]] = set()

    def stored(self, batch: Batch) -> None:
        """Take note of a batch that the store has made durable; it may be called from another thread than `tick`."""
        for number, tag in enumerate(batch.tags):
            if tag in self._wanted:
                mine = batch.tag == number
                with self._lock:
                    self._touched |= self._running.take(tag, batch.t[mine], batch.value[mine], batch.flag[mine] == GOOD)

    def _fill(self, running: RunningHours, hours: set[int]) -> None:
        """Lay what is stored of some hours over what was heard: a batch that was not heard is in the store."""
        for tag in self._wanted if hours else ():
            known = self._folder.tail.series(tag, min(hours) * HOUR_US)
            inside = np.array([running.hour_of(tag, t) in hours for t in known.t.tolist()], dtype=np.bool_)
            if inside.any():
                running.take(tag, known.t[inside], known.value[inside], known.flag[inside] == GOOD)

    def tick(self, now_us: int) -> LiveAnswer:
        """Judge the hours whose grace is over, once for each time they were touched, and look at the running one."""
        hour = now_us // HOUR_US
        done = (now_us - self._grace_us) // HOUR_US
        with self._lock:
            due = {touched for touched in self._touched if touched < done} | set(range(self._next, done))
            self._touched -= due
            running = self._running.copy()
        self._next = max(self._next, done)
        self._fill(running, due)
        verdicts: list[HourVerdict] = []
        entered = Entered((), (), 0)
        for period in self._days(due):
            judged = judge_hours(self._folder, period, view=LiveView(self._folder, period, period.start, running))
            verdicts += _of(judged, due)
            one = enter_exceedances(self._folder, judged, only=due, by=self._by)
            entered = Entered(entered.new + one.new, entered.anew + one.anew, entered.same + one.same)
        warnings = self._warnings(running, hour, now_us)
        with self._lock:
            self._running.forget(min([done - KEPT_HOURS, *self._touched]))
        return LiveAnswer(tuple(verdicts), entered, warnings)

    def _days(self, hours: set[int]) -> list[Period]:
        zone = self._folder.settings.zone
        days = sorted({local_day(hour * HOUR_US, zone) for hour in hours})
        return [Period(day, day + timedelta(days=1)) for day in days]

    def _warnings(self, running: RunningHours, hour: int, now_us: int) -> tuple[HourWarning, ...]:
        elapsed = (now_us - hour * HOUR_US) / HOUR_US
        if not FORECAST_FROM <= elapsed < 1.0:
            return ()
        (period,) = self._days({hour})
        if hour == self._begun:
            self._fill(running, {hour})  # what came before the watch began
        # The part that is over has too few readings for a verdict, and enough for a look ahead.
        view = LiveView(self._folder, period, period.start, running, least_share=1e-6)
        found = []
        for judged in judge_hours(self._folder, period, view=view).stacks:
            warning = look_ahead(view, running, judged, hour, now_us, elapsed)
            if warning is not None and (warning.forecast.threatens or warning.forecast.lost):
                key = (warning.stack, warning.pollutant, hour, warning.forecast.lost)
                if key not in self._warned:
                    self._warned.add(key)
                    found.append(warning)
        self._warned = {key for key in self._warned if key[2] >= hour}
        return tuple(found)


def look_ahead(
    view: PlantView, running: RunningHours, judged: JudgedStack, hour: int, now_us: int, elapsed: float
) -> HourWarning | None:
    """Return where a running hour is heading, whether it threatens or not; None where too little of it is known.

    Parameters
    ----------
    view : PlantView
        With a least share near zero: a part of an hour has too few readings for a verdict.
    running : RunningHours
    judged : JudgedStack
        Of that view.
    hour : int
        Hours since 1970-01-01T00:00Z.
    now_us : int
        Microseconds UTC.
    elapsed : float
        Share of the hour that is over.
    """
    one = judged.at(hour - int(judged.hours[0]))
    if one.value is None or one.limit is None or one.word is Word.NOT_APPLICABLE:
        return None
    tag = next(
        (
            name
            for name, row in view.tags.items()
            if row.text("stack") == judged.stack and row.text("measures") == judged.pollutant
        ),
        "",
    )
    whole = running.mean_since(tag, hour, 0)
    last = running.mean_since(tag, hour, now_us - round(RECENT_S * SECOND_US))
    recent = one.value if not whole or last is None else one.value * last / whole
    return HourWarning(
        judged.stack, judged.pollutant, hour, one.limit, forecast_hour(one.value, recent, elapsed, one.limit)
    )


def _of(judged: JudgedHours, hours: set[int]) -> list[HourVerdict]:
    found = []
    for stack in judged.stacks:
        first = int(stack.hours[0])
        found += [stack.at(hour - first) for hour in sorted(hours) if 0 <= hour - first < stack.hours.size]
    return found
