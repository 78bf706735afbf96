"""Readings of the made-up plant's tags, one tag and month at a time, following from its heats, shifts and meters.

A reading is stamped with the end of the interval it speaks for. Nothing depends on the order in which tags or months
are asked for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forgecast.ground.dates import DAY_US, HOUR_US, MINUTE_US
from forgecast.sample.heats import Melt
from forgecast.sample.plan import QUARTER_US, WINDOWS, SampleYear
from forgecast.sample.tags import Tag

GOOD, INVALID = 0, 2
_KNOT_US = 3 * HOUR_US
_RAMP_US = 40 * MINUTE_US
#: How long a heat draws power before it is tapped.
_MELTING_US = {"IF-1": 70 * MINUTE_US, "IF-2": 70 * MINUTE_US, "IF-3": 60 * MINUTE_US}
#: Hours of lighting and of burning down, flagged by the plant and not counted as running.
_LIGHTING_H, _BURNING_DOWN_H = 1.0, 0.75
#: Oxygen of air and reference oxygen of a hot-blast cupola, percent (GB 39726-2020, 4.5): the made-up plant *measures*
#: concentrations such that the converted ones are plausible.
_AIR_OXYGEN, _REFERENCE_OXYGEN = 21.0, 12.0
#: The planted week: torn filter bags raise the converted dust by so much, false air raises the oxygen by so much.
_WEEK_DUST, _WEEK_OXYGEN = 35.0, 4.8

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """Readings of one tag in one month: microseconds UTC, values in the tag's unit, flags."""

    t: NDArray[np.int64]
    value: FloatArray
    flag: NDArray[np.int8]


class Readings:
    """Makes the readings of any tag in any month.

    Parameters
    ----------
    plan : SampleYear
    tags : sequence of Tag
    made : sequence of Melt
        The year's heats: the induction furnaces' power adds up to their energy.
    meters : mapping of month to mapping of meter to float
        The year's meter readings: the plant's power adds up to its main meter.
    """

    def __init__(
        self, plan: SampleYear, tags: Sequence[Tag], made: Sequence[Melt], meters: Mapping[str, Mapping[str, float]]
    ) -> None:
        self._plan, self._meters = plan, meters
        self._tags = {tag.id: tag for tag in tags}
        self._ramps = {name: self._ramp(name) for name in WINDOWS}
        self._melting = {name: self._energy(name, made) for name in _MELTING_US}
        self._grid: tuple[int, int] = (0, 0)
        self._levels: dict[str, FloatArray] = {}

    def month(self, tag: Tag, month: int, interval_us: int) -> Reading:
        """Return the readings of a tag in a month (1 to 12)."""
        begin, end = self._plan.month_bounds(month)
        t = np.arange(begin + interval_us, end + 1, interval_us, dtype=np.int64)
        middle = t - interval_us // 2
        if self._grid != (month, interval_us):
            self._grid, self._levels = (month, interval_us), {}
        law, _, what = tag.law.partition(":")
        value: FloatArray
        flag = np.zeros(t.size, dtype=np.int8)
        if law == "gas":
            value = self._gas(tag, what, month, middle)
            flag = self._gas_flags(what, middle)
        elif law == "oxygen":
            value = self._oxygen(tag, what, month, middle)
            flag = self._gas_flags(what, middle)
        elif law == "operating":
            value = np.where(self._plan.activity(what, middle), 1.0, 0.0)
        elif law == "furnace":
            value = self._furnace_power(what, t, interval_us) + self._drift(tag, month, middle) + tag.idle
        elif law == "main":
            value = self._plant_power(month, t, interval_us)
        elif law == "ambient":
            value = self._ambient(tag, month, middle)
        else:
            value = self._work(tag, what, month, middle)
        value = np.asarray(np.round(np.clip(value, tag.low, tag.high), tag.decimals), dtype=np.float64)
        if tag.id == "CP-1.pressure":
            stuck = self._within(self._plan.stuck.bounds(self._plan.zone), middle)
            value[stuck] = 0.652
        return Reading(t, value, flag)

    def quarters(self, month: int) -> tuple[NDArray[np.int64], FloatArray, FloatArray, FloatArray]:
        """Return the main meter's quarter hours of a month: stamps, kWh, lagging and leading kvarh."""
        begin, end = self._plan.month_bounds(month)
        t = np.arange(begin + QUARTER_US, end + 1, QUARTER_US, dtype=np.int64)
        self._grid, self._levels = (month, QUARTER_US), {}
        energy = self._plant_power(month, t, QUARTER_US) * 0.25
        factor = self._work(self._tags["E-MAIN.pf"], "day", month, t - QUARTER_US // 2)
        lagging = energy * np.tan(np.arccos(np.clip(factor, 0.5, 1.0)))
        leading: FloatArray = np.abs(self._plan.rng("leading", month).normal(0.35, 0.1, t.size))
        return t, np.round(energy, 2), np.round(lagging, 2), np.round(leading, 2)

    def _level(self, what: str, middle: NDArray[np.int64]) -> FloatArray:
        """Return how far something is at work, 0 to 1, with ramps before and after its window."""
        if what not in self._levels:
            at, height = self._ramps[what]
            self._levels[what] = np.interp(middle, at, height)
        level: FloatArray = self._levels[what]
        return level

    def _ramp(self, what: str) -> tuple[FloatArray, FloatArray]:
        begin_h, end_h = WINDOWS[what]
        spans: list[list[int]] = []
        for day, start in zip(self._plan.days, self._plan.starts[:-1], strict=True):
            if not self._plan.runs(what, day):
                continue
            begin, end = int(start + begin_h * HOUR_US), int(start + end_h * HOUR_US)
            if spans and begin - spans[-1][1] <= 2 * _RAMP_US:
                spans[-1][1] = end
            else:
                spans.append([begin, end])
        at = np.array([(begin - _RAMP_US, begin, end, end + _RAMP_US) for begin, end in spans], dtype=np.float64)
        return at.ravel(), np.tile([0.0, 1.0, 1.0, 0.0], len(spans))

    def _drift(self, tag: Tag, month: int, middle: NDArray[np.int64], level: FloatArray | float = 1.0) -> FloatArray:
        """Return slow drift (an unbroken line through the year) and the spread of single readings."""
        first = int(self._plan.starts[0])
        knots = self._plan.rng(tag.id, "slow").standard_normal(len(self._plan.days) * DAY_US // _KNOT_US + 2)
        slow = np.interp(middle - first, np.arange(knots.size) * float(_KNOT_US), np.clip(knots, -2.5, 2.5))
        single = self._plan.rng(tag.id, "single", month, middle.size).standard_normal(middle.size, dtype=np.float32)
        drift: FloatArray = tag.slow * slow * (0.3 + 0.7 * np.asarray(level)) + tag.noise * np.clip(single, -4.0, 4.0)
        return drift

    def _work(self, tag: Tag, what: str, month: int, middle: NDArray[np.int64]) -> FloatArray:
        level = self._level(what, middle)
        for begun, ended, *_ in self._plan.halts.get(tag.equipment, ()):
            bounds = self._plan.instant(begun), self._plan.instant(ended)
            level = np.where(self._within(bounds, middle), 0.0, level)
        return tag.idle + (tag.run - tag.idle) * level + self._drift(tag, month, middle, level)

    def _ambient(self, tag: Tag, month: int, middle: NDArray[np.int64]) -> FloatArray:
        turn = (middle - self._plan.starts[0]) / DAY_US
        season = -11.5 * np.cos(2 * np.pi * (turn - 20.0) / 365.25) - 3.0 * np.cos(2 * np.pi * (turn - 0.12))
        value: FloatArray = tag.idle + season + self._drift(tag, month, middle)
        return value

    def _oxygen(self, tag: Tag, what: str, month: int, middle: NDArray[np.int64]) -> FloatArray:
        running = self._plan.activity(what, middle)
        drift = self._drift(tag, month, middle)
        at_work = tag.run + drift
        if what == "cupola":
            at_work = at_work + _WEEK_OXYGEN * self._in_week(middle)
        value = np.where(running, at_work, tag.idle + 0.15 * np.clip(drift, -1.0, 1.0))
        between = self._between(what, middle)
        return np.where(between, 17.2 + drift, value)

    def _gas(self, tag: Tag, what: str, month: int, middle: NDArray[np.int64]) -> FloatArray:
        running = self._plan.activity(what, middle)
        drift = self._drift(tag, month, middle)
        at_work = tag.run + drift
        if what == "cupola":
            if tag.measures == "pm":
                at_work = at_work + _WEEK_DUST * self._in_week(middle)
            oxygen = self._oxygen(self._tags["DA001.o2"], what, month, middle)
            at_work = at_work * (_AIR_OXYGEN - oxygen) / (_AIR_OXYGEN - _REFERENCE_OXYGEN)
        at_rest = tag.idle * (1.0 + 0.2 * np.clip(drift / (tag.slow + tag.noise), -2.0, 2.0))
        value = np.where(running, at_work, at_rest)
        return np.where(self._between(what, middle), 1.7 * tag.run + 2.0 * drift, value)

    def _gas_flags(self, what: str, middle: NDArray[np.int64]) -> NDArray[np.int8]:
        """Return flags: calibration each Monday, lighting and burning down, and the planted fault of an analyser."""
        bad = self._between(what, middle) | self.calibrating(what, middle)
        if what == "ht":
            bad |= self._within(self._plan.analyser_fault.bounds(self._plan.zone), middle)
        return np.where(bad, INVALID, GOOD).astype(np.int8)

    def calibrating(self, what: str, middle: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return whether the monitoring system of a stack is being calibrated: Mondays, one hour."""
        day = np.clip(np.searchsorted(self._plan.starts, middle, side="right") - 1, 0, len(self._plan.days) - 1)
        monday = np.array([one.weekday() == 0 for one in self._plan.days], dtype=np.bool_)
        hour = (middle - self._plan.starts[day]) // HOUR_US
        found: NDArray[np.bool_] = monday[day] & (hour == (8 if what == "cupola" else 10))
        return found

    def _between(self, what: str, middle: NDArray[np.int64]) -> NDArray[np.bool_]:
        if what != "cupola":
            return np.zeros(middle.shape, dtype=np.bool_)
        wide = self._plan.activity(what, middle, before_h=_LIGHTING_H, after_h=_BURNING_DOWN_H)
        return wide & ~self._plan.activity(what, middle)

    def _in_week(self, middle: NDArray[np.int64]) -> NDArray[np.bool_]:
        return self._within(self._plan.over_limit.bounds(self._plan.zone), middle)

    @staticmethod
    def _within(bounds: tuple[int, int], at: NDArray[np.int64]) -> NDArray[np.bool_]:
        found: NDArray[np.bool_] = (at >= bounds[0]) & (at < bounds[1])
        return found

    def _energy(self, furnace: str, made: Sequence[Melt]) -> tuple[FloatArray, FloatArray]:
        """Return breakpoints of the energy a furnace has drawn since the year began: microseconds UTC, kWh."""
        heats = [melt for melt in made if melt.furnace == furnace and melt.energy is not None]
        ends = np.array([self._plan.instant(melt.tapped) for melt in heats], dtype=np.float64)
        begins = ends - _MELTING_US[furnace]
        total = np.cumsum([melt.energy or 0.0 for melt in heats])
        before = np.concatenate(([0.0], total[:-1]))
        return np.column_stack((begins, ends)).ravel(), np.column_stack((before, total)).ravel()

    def _furnace_power(self, furnace: str, t: NDArray[np.int64], interval_us: int) -> FloatArray:
        at, drawn = self._melting[furnace]
        edges = np.concatenate(([t[0] - interval_us], t)).astype(np.float64)
        power: FloatArray = np.diff(np.interp(edges, at, drawn)) / (interval_us / HOUR_US)
        return power

    def _plant_power(self, month: int, t: NDArray[np.int64], interval_us: int) -> FloatArray:
        """Return the plant's mean power, kW: its integral over the month is the main meter's reading."""
        middle = t - interval_us // 2
        melting = 1.045 * sum(self._furnace_power(furnace, t, interval_us) for furnace in _MELTING_US)
        wobble = self._plan.rng("plant power", month, t.size).normal(0.0, 0.015, t.size)
        shape = (
            0.22
            + 0.55 * self._level("day", middle)
            + 0.28 * self._level("forge", middle)
            + 0.16 * self._level("cupola", middle)
            + wobble
        )
        hours = interval_us / HOUR_US
        wanted = self._meters[f"{self._plan.year}-{month:02d}"]["E-MAIN"] - float(np.sum(melting)) * hours
        power: FloatArray = melting + shape * (wanted / (float(shape.sum()) * hours))
        return power
