"""What a plant holds for one period: rows with their place, series as hourly partials, and the settings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from forgecast.environment.hour import HourlyMeans, HourlyPartials, hourly_means, usual_count
from forgecast.ground.dates import HOUR_US, Period, local_day, month_start, next_month
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text
from forgecast.plant.record import Field, records
from forgecast.plant.rows import Value
from forgecast.rules.fact import Fact, Origin
from forgecast.store.manifest import Span
from forgecast.store.plant_folder import PlantFolder
from forgecast.store.settings import PlantSettings


@dataclass(frozen=True, slots=True)
class Row:
    """One stored row: its values that are there, and the file and row they came from."""

    record: str
    values: Mapping[str, Value]
    file: str
    number: int

    def text(self, name: str) -> str:
        """Return a text or code field; empty where missing."""
        value = self.values.get(name)
        return value if isinstance(value, str) else ""

    def number_of(self, name: str) -> float:
        """Return a number; NaN where missing."""
        value = self.values.get(name)
        return float(value) if isinstance(value, int | float) else float("nan")

    def flag(self, name: str) -> bool | None:
        """Return a flag; None where missing."""
        value = self.values.get(name)
        return value if isinstance(value, bool) else None

    def day(self, name: str) -> date | None:
        """Return a date; None where missing."""
        value = self.values.get(name)
        return value if isinstance(value, date) else None

    @property
    def place(self) -> str:
        """Return ``file:row``; a row that a map declares (row 0) has no row in its file."""
        return f"{self.file}:{self.number}" if self.number else self.file

    def origin(self, field: str = "") -> Origin:
        """Return where the row, or one field of it, stands."""
        if self.number:
            what = text("row {row} of {file}", row=self.number, file=self.file)
        else:
            what = text("the map of {file}", file=self.file)
        return Origin(what, f"{self.place}:{field}" if field else self.place)

    def facts(self) -> dict[str, Fact]:
        """Return one fact for each field that is there."""
        known = {field.name: field for field in records()[self.record].fields}
        return {
            name: Fact(name, value, known[name].unit, self.origin(name))
            for name, value in self.values.items()
            if value is not None and name in known
        }


class PlantView:
    """A plant's records and series for one period, read when first asked for and kept.

    Parameters
    ----------
    folder : PlantFolder
    period : Period
        Judged stretch of plant-local days.
    at : date
        Day as of which it is judged.
    """

    def __init__(self, folder: PlantFolder, period: Period, at: date) -> None:
        self.folder = folder
        self.period = period
        self.at = at
        self._rows: dict[str, tuple[Row, ...]] = {}

    @property
    def settings(self) -> PlantSettings:
        """Return the plant's settings."""
        return self.folder.settings

    @property
    def zone(self) -> str:
        """Return the plant's time zone."""
        return self.folder.settings.zone

    @cached_property
    def bounds_us(self) -> tuple[int, int]:
        """Return first instant and first instant after the period, microseconds UTC."""
        return self.period.bounds_us(self.zone)

    @property
    def months(self) -> tuple[str, ...]:
        """Return the months of the period, ``YYYY-MM``."""
        return self.period.months()

    def rows(self, record: str) -> tuple[Row, ...]:
        """Return all rows of a record in the order of their keys."""
        if record not in self._rows:
            self._rows[record] = tuple(
                Row(record, stored.values, stored.file, stored.row) for stored in self.folder.records.read(record)
            )
        return self._rows[record]

    def by_id(self, record: str) -> dict[str, Row]:
        """Return the rows of a record by their id."""
        return {row.text("id"): row for row in self.rows(record)}

    def of_months(self, record: str) -> tuple[Row, ...]:
        """Return the rows of a monthly record within the period."""
        wanted = set(self.months)
        return tuple(row for row in self.rows(record) if row.text("month") in wanted)

    def within(self, record: str, field: str) -> tuple[Row, ...]:
        """Return the rows whose time lies within the period."""
        start, end = self.bounds_us
        return tuple(row for row in self.rows(record) if start <= row.number_of(field) < end)

    def month_bounds_us(self, month: str) -> tuple[int, int]:
        """Return first instant and first instant after a month ``YYYY-MM``, microseconds UTC."""
        start = month_start(month)
        return Period(start, next_month(start)).bounds_us(self.zone)

    def day_of(self, t_us: float) -> date:
        """Return the plant-local day of an instant."""
        return local_day(int(t_us), self.zone)

    @cached_property
    def tags(self) -> dict[str, Row]:
        """Return the described tags that have readings."""
        return {name: row for name, row in self.by_id("tag").items() if name in self.spans}

    @cached_property
    def spans(self) -> dict[str, Span]:
        """Return how many readings each series has, and the first and last instant."""
        return self.folder.telemetry.spans()

    def partials(self, tag: Row) -> HourlyPartials | None:
        """Return hourly counts and sums of a series within the period; None without any reading."""
        return self._partials.get(tag.text("id"))

    @cached_property
    def _partials(self) -> dict[str, HourlyPartials]:
        # One pass over the partials of all tags costs less than a pass for each.
        closing = [name for name, tag in self.tags.items() if tag.text("reading") in ("mean", "quantity")]
        stored = self.folder.telemetry.hourly(None, *self.bounds_us, closing=closing)
        edges = np.searchsorted(stored.tag, np.arange(len(stored.tags) + 1))
        found = {}
        for name, low, high in zip(stored.tags, edges[:-1], edges[1:], strict=True):
            part = slice(int(low), int(high))
            if low < high:
                found[name] = HourlyPartials(
                    stored.hour[part],
                    stored.n[part],
                    stored.n_good[part],
                    stored.sum[part],
                    stored.min[part],
                    stored.max[part],
                )
        return found

    @cached_property
    def hours(self) -> tuple[int, int]:
        """Return first hour and first hour after the period, hours since 1970-01-01T00:00Z."""
        start, end = self.bounds_us
        return start // HOUR_US, -(-end // HOUR_US)

    def expected_per_hour(self, tag: Row, partials: HourlyPartials) -> float | None:
        """Return how many readings a full hour has: from the described interval, else as observed."""
        interval = tag.number_of("interval")
        if interval > 0:
            return max(3600.0 / interval, 1.0)
        seen = usual_count(partials)
        return None if seen is None else float(seen)

    def means(self, tag: Row) -> HourlyMeans | None:
        """Return the 1-h means of a tag over every hour of the period, or None without any reading."""
        partials = self.partials(tag)
        if partials is None:
            return None
        expected = self.expected_per_hour(tag, partials)
        if expected is None:
            return None
        first, end = self.hours
        return hourly_means(
            partials,
            expected_per_hour=expected,
            minimum_share=self.settings.valid_hour_share,
            first_hour=first,
            end_hour=end,
        )

    def ran(self, tag: Row | None) -> NDArray[np.bool_] | None:
        """Return in which hours of the period a machine ran, from its operating tag; None where there is none.

        Only an hour in which the tag was read and showed nothing but zero is one of rest. Where the tag is silent
        nobody knows, and the hour counts as run: what was measured in it is judged, and what was not is missing.
        """
        partials = None if tag is None else self.partials(tag)
        if partials is None:
            return None
        first, end = self.hours
        running = np.ones(end - first, dtype=np.bool_)
        rested = (partials.hours >= first) & (partials.hours < end) & (partials.good > 0) & (partials.highest <= 0.0)
        running[partials.hours[rested] - first] = False
        return running


def period_of(folder: PlantFolder, at: date | None) -> tuple[Period, date]:
    """Return the twelve whole months judged, and the day as of which.

    Parameters
    ----------
    folder : PlantFolder
    at : date or None
        None means the day of the plant's last record or reading.

    Raises
    ------
    ForgecastError
        If the plant holds nothing that has a date.
    """
    if at is None:
        at = _last_day(folder)
    if at is None:
        raise ForgecastError(
            text("the plant holds no record with a date, so there is nothing to judge"),
            where=str(folder.path),
            repair=text("take in production, heats, meter readings or series with `forgecast plant import`"),
        )
    return Period.twelve_months_to(at), at


def _last_day(folder: PlantFolder) -> date | None:
    """Return the day of the last record or reading: a month's last day, or the local day of an instant."""
    zone = folder.settings.zone
    days: list[date] = []
    dated = [(one.name, field.name) for one in records().values() for field in one.fields if _dates(field)]
    for last in folder.records.lasts(dated):
        if isinstance(last, str):
            days.append(next_month(month_start(last)) - timedelta(days=1))
        elif isinstance(last, int):
            days.append(local_day(last, zone))
    ends = [span.t_hi for span in folder.telemetry.spans().values()]
    if ends:
        # A reading at midnight closes the day before.
        days.append(local_day(max(ends) - 1, zone))
    return max(days, default=None)


def _dates(field: Field) -> bool:
    """Return whether a field says when the row's thing happened."""
    return (field.kind == "time" and field.required) or (field.kind == "month" and field.key)


def short(words: Iterable[str], most: int = 5) -> str:
    """Return names joined for a sentence; the rest is counted."""
    names = list(words)
    return ", ".join(names[:most]) + (f" +{len(names) - most}" if len(names) > most else "")
