"""Follow the emergency plan of a heavy-pollution warning: what must stop or fall, and whether it measurably did."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from forgecast.environment.reduction import Reduction, measured_reduction
from forgecast.environment.report_table import Column, Gap, ReportTable, known
from forgecast.ground.dates import HOUR_US, Period, from_us, local_day
from forgecast.ground.texts import Text, text
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.estimate_emissions import ENVIRONMENT_MANAGER
from forgecast.tasks.keep_ledger import choice_text
from forgecast.tasks.plant_view import PlantView, Row

FloatArray = NDArray[np.float64]
#: Whole days before a warning that it is compared with.
DAYS_BEFORE = 7
#: Hours a machine may take to run down once a warning begins.
RUN_DOWN_H = 2
_DAY_H = 24
#: Quantities that show whether a machine worked, the surest first.
EVIDENCE = ("operating", "energy", "active_power")


@dataclass(frozen=True, slots=True)
class MeasureDone:
    """One measure of the plan during one warning.

    Parameters
    ----------
    measure : Row
    required : float
        Share by which it is to fall [1]; 1 for a stop; NaN where the plan does not say.
    reduction : Reduction or None
        None where nothing measures it.
    done : bool or None
    evidence : str
        Tag or record.
    unit : str
    why : Text or None
    """

    measure: Row
    required: float
    reduction: Reduction | None
    done: bool | None
    evidence: str
    unit: str
    why: Text | None


@dataclass(frozen=True, slots=True)
class WarningFollowed:
    """A warning and what was done about it."""

    level: str
    begun_us: int
    ended_us: int | None
    source: str
    place: str
    measures: tuple[MeasureDone, ...]


@dataclass(frozen=True, slots=True)
class EmergencyAnswer:
    """The warnings of a stretch with their measures, the one in force, and the plan."""

    period: Period
    zone: str
    now_us: int
    warnings: tuple[WarningFollowed, ...]
    plan: tuple[Row, ...]
    gaps: tuple[Gap, ...]

    @property
    def in_force(self) -> WarningFollowed | None:
        """Return the warning that holds at the instant asked for; the last one begun where several do."""
        holding = [w for w in self.warnings if w.begun_us <= self.now_us and (w.ended_us or math.inf) > self.now_us]
        return max(holding, key=lambda w: w.begun_us, default=None)

    def tables(self) -> tuple[ReportTable, ...]:
        """Return what was measured and the plan as tables."""
        return (_done_table(self), _plan_table(self))


def follow_emergency_plan(
    folder: PlantFolder, period: Period, *, now_us: int, days_before: int = DAYS_BEFORE
) -> EmergencyAnswer:
    """Return what the plan asks for at each warning of a stretch and whether it was done.

    Parameters
    ----------
    folder : PlantFolder
    period : Period
        Warnings that touch these days.
    now_us : int
        Instant to which a warning that still holds is looked at, microseconds UTC.
    days_before : int
        Days before a warning it is compared with.
    """
    view = PlantView(folder, period, period.end - timedelta(days=1))
    plan = view.rows("emergency_measure")
    gaps: list[Gap] = []
    if not plan:
        gaps.append(
            Gap(text("which machines stop or fall at which warning level"), "emergency_measure", ENVIRONMENT_MANAGER)
        )
    start, end = view.bounds_us
    followed = []
    for row in view.rows("pollution_warning"):
        begun, until = int(row.number_of("from_time")), row.number_of("until_time")
        ended = int(until) if math.isfinite(until) else None
        if begun >= end or (ended is not None and ended <= start):
            continue
        mine = tuple(one for one in plan if one.text("level") == row.text("level"))
        measures = _followed(folder, begun, min(ended or now_us, now_us), mine, days_before)
        followed.append(
            WarningFollowed(row.text("level"), begun, ended, row.text("source"), row.place, measures)
        )  # fmt: skip
        gaps += [_gap(one) for one in measures if one.done is None]
    return EmergencyAnswer(period, view.zone, now_us, tuple(followed), plan, tuple(dict.fromkeys(gaps)))


def _gap(one: MeasureDone) -> Gap:
    machine = one.measure.text("equipment")
    if not machine:
        return Gap(
            text("whether “{measure}” was done", measure=one.measure.text("measure")),
            "ledger_entry",
            ENVIRONMENT_MANAGER,
        )
    what = text("whether {machine} fell as far as the plan asks", machine=machine)
    return Gap(what, f"machine_state / tag operating, energy: {machine}", text("production department"))


def _followed(
    folder: PlantFolder, begun: int, until: int, plan: tuple[Row, ...], days_before: int
) -> tuple[MeasureDone, ...]:
    if until <= begun or not plan:
        return tuple(_silent(one) for one in plan)
    zone = folder.settings.zone
    first = local_day(begun, zone) - timedelta(days=days_before + 1)
    view = PlantView(folder, Period(first, local_day(until, zone) + timedelta(days=1)), local_day(until, zone))
    return tuple(_one(view, measure, begun, until, days_before) for measure in plan)


def _required(measure: Row) -> float:
    if measure.text("action") == "stop":
        return 1.0
    return measure.number_of("reduction_percent") / 100.0


def _silent(measure: Row) -> MeasureDone:
    why = text("nothing measures it; whoever did it writes it down")
    return MeasureDone(measure, _required(measure), None, None, "", "", why)


def _one(view: PlantView, measure: Row, begun: int, until: int, days_before: int) -> MeasureDone:
    machine = measure.text("equipment")
    if not machine or measure.text("action") not in ("stop", "reduce"):
        return _silent(measure)
    told = _hourly(view, machine)
    if told is None:
        return _silent(measure)
    values, unit, evidence = told
    at = begun // HOUR_US - view.hours[0]
    end = -(-until // HOUR_US) - view.hours[0]
    before = _days(values[max(at - _DAY_H * days_before, 0) : at])
    late = values[at + RUN_DOWN_H : end]
    during = _days(late)
    reduction = measured_reduction(before, during)
    required = _required(measure)
    if measure.text("action") == "stop" and evidence != "energy":
        seen = late[np.isfinite(late)]
        ran = bool((seen > 0.0).any())
        done = None if seen.size < late.size or not late.size else not ran
        done = False if ran else done
        why = text("ran in {hours} hours of the warning", hours=int((seen > 0.0).sum())) if ran else None
        return MeasureDone(measure, required, reduction, done, evidence, unit, why)
    done = None if math.isnan(required) else reduction.kept(required)
    why = None
    if math.isnan(required):
        why = text("the plan does not say by how much")
    elif done is None:
        why = text("the days differ too much, or are too few, to say")
    return MeasureDone(measure, required, reduction, done, evidence, unit, why)


def _days(hourly: FloatArray) -> FloatArray:
    """Return the mean of each stretch of 24 hours; NaN where fewer than half of its hours are told."""
    found = []
    for at in range(0, hourly.size, _DAY_H):
        part = hourly[at : at + _DAY_H]
        there = part[np.isfinite(part)]
        if part.size >= _DAY_H // 4:
            found.append(float(there.mean()) if 2 * there.size >= part.size else math.nan)
    return np.array(found)


def _hourly(view: PlantView, machine: str) -> tuple[FloatArray, str, str] | None:
    """Return what tells of a machine hour by hour: its share of running, or its energy; NaN where silent."""
    tags = {
        tag.text("measures"): tag
        for tag in view.tags.values()
        if tag.text("equipment") == machine and tag.text("measures") in EVIDENCE
    }
    if "operating" in tags:
        partials = view.partials(tags["operating"])
        if partials is not None:
            values = np.full(view.hours[1] - view.hours[0], np.nan)
            good = partials.good > 0
            share = np.where(partials.highest > 0.0, partials.total / np.where(good, partials.good, 1), 0.0)
            values[partials.hours[good] - view.hours[0]] = share[good]
            return values, text("running share").say("en"), tags["operating"].text("id")
    states = _from_states(view, machine)
    if states is not None:
        return states, text("running share").say("en"), "machine_state"
    for measures in EVIDENCE[1:]:
        tag = tags.get(measures)
        means = None if tag is None else view.means(tag)
        if tag is not None and means is not None and tag.text("unit"):
            return means.means.values, tag.text("unit"), "energy"
    return None


def _from_states(view: PlantView, machine: str) -> FloatArray | None:
    rows = sorted(
        (row for row in view.rows("machine_state") if row.text("equipment") == machine),
        key=lambda row: row.number_of("started_at"),
    )
    if not rows:
        return None
    first, end = view.hours
    values = np.full(end - first, np.nan)
    for at, row in enumerate(rows):
        start, stop = row.number_of("started_at"), row.number_of("ended_at")
        if not math.isfinite(stop):
            stop = rows[at + 1].number_of("started_at") if at + 1 < len(rows) else float(view.bounds_us[1])
        low, high = max(start / HOUR_US - first, 0.0), min(stop / HOUR_US - first, float(end - first))
        for hour in range(math.floor(low), math.ceil(high)) if high > low else ():
            part = min(high, hour + 1) - max(low, hour)
            had = 0.0 if math.isnan(values[hour]) else values[hour]
            values[hour] = had + (part if row.text("state") == "running" else 0.0)
    return values


def _done_table(answer: EmergencyAnswer) -> ReportTable:
    columns = (
        Column("level", text("warning level")),
        Column("from", text("begins")),
        Column("until", text("ends")),
        Column("machine", text("machine")),
        Column("required", text("required"), "%"),
        Column("reduction", text("measured reduction"), "%"),
        Column("done", text("done")),
        Column("low", text("at least"), "%"),
        Column("high", text("at most"), "%"),
        Column("before", text("mean before")),
        Column("during", text("mean during")),
        Column("measure", text("measure")),
        Column("remark", text("remark")),
        Column("origin", text("origin")),
    )
    yes: dict[bool | None, Text] = {True: text("yes"), False: text("NO"), None: text("not known")}
    rows = []
    for warning in answer.warnings:
        until = text("in force") if warning.ended_us is None else _time(answer, warning.ended_us)
        for one in warning.measures:
            r = one.reduction
            share, low, high = (None,) * 3 if r is None else (known(100.0 * x) for x in (r.share, r.low, r.high))
            before, during = (None, None) if r is None else (known(r.before), known(r.during))
            rows.append(
                (
                    choice_text("pollution_warning", "level", warning.level), _time(answer, warning.begun_us), until,
                    one.measure.text("equipment"), known(100.0 * one.required), share, yes[one.done], low, high,
                    before, during, one.measure.text("measure"), one.why or "",
                    " · ".join(filter(None, (one.evidence, warning.place))),
                )
            )  # fmt: skip
    notes = (
        text(
            "mean share of running (or energy) of each 24 hours; the first {hours} hours of a warning are for running "
            "down; 95 % interval of the reduction",
            hours=RUN_DOWN_H,
        ),
    )
    return ReportTable("emergency", text("Measures during warnings"), columns, tuple(rows), notes)


def _plan_table(answer: EmergencyAnswer) -> ReportTable:
    columns = (
        Column("level", text("warning level")),
        Column("number", text("number")),
        Column("machine", text("machine")),
        Column("action", text("action")),
        Column("reduction", text("reduction"), "%"),
        Column("measure", text("measure")),
        Column("origin", text("origin")),
    )
    rows = tuple(
        (
            choice_text("emergency_measure", "level", row.text("level")),
            int(row.number_of("number")),
            row.text("equipment"),
            choice_text("emergency_measure", "action", row.text("action")),
            known(row.number_of("reduction_percent")),
            row.text("measure"),
            row.place,
        )
        for row in answer.plan
    )
    return ReportTable("plan", text("Emergency plan"), columns, rows)


def _time(answer: EmergencyAnswer, t_us: int) -> str:
    return f"{from_us(t_us, answer.zone):%Y-%m-%d %H:%M}"
