"""Judged hours as tables: a summary for each stack and pollutant, stretches over a limit, and every hour."""

from __future__ import annotations

import numpy as np

from forgecast.environment.report_table import Cell, Column, ReportTable
from forgecast.ground.dates import HOUR_US, from_us
from forgecast.ground.texts import text
from forgecast.rules.each_hour import HOUR_WORDS
from forgecast.rules.verdict import WORD_TEXTS, Word
from forgecast.tasks.judge_hours import HourVerdict, JudgedHours, JudgedStack, merged_hours, pollutant_text
from forgecast.tasks.stack_figures import origin_of


def summary_table(judged: JudgedHours) -> ReportTable:
    """Return by stack, pollutant and requirement: hours due, valid and over, with mean, highest and 95 % quantile."""
    columns = (
        Column("stack", text("stack")),
        Column("pollutant", text("pollutant")),
        Column("limit", text("limit"), "mg/m3"),
        Column("word", text("verdict")),
        Column("due", text("hours due"), "h"),
        Column("valid", text("valid"), "h"),
        Column("over", text("above"), "h"),
        Column("share", text("above, of valid"), "%"),
        Column("mean", text("mean"), "mg/m3"),
        Column("highest", text("highest"), "mg/m3"),
        Column("p95", text("95 % of hours below"), "mg/m3"),
        Column("clause", text("clause")),
        Column("origin", text("origin")),
    )
    notes = (
        text("the limit is the strictest on the last day of the period; each hour was judged by that of its own day"),
        text("verdict: not met with one hour above; not known while nothing valid or the limit is open"),
    )
    rows = tuple(_compliance_row(one) for one in judged.stacks)
    return ReportTable("compliance", text("Hourly means against limits"), columns, rows, notes)


def _compliance_row(one: JudgedStack) -> tuple[Cell, ...]:
    values = one.told.judged[np.isfinite(one.told.judged)]
    limits = one.each.limit[np.isfinite(one.each.limit)]
    over = one.count(Word.NOT_MET)
    word = Word.NOT_MET if over else Word.MET if one.count(Word.MET) else Word.NOT_KNOWN
    bound = one.each.bound[one.each.bound >= 0]
    clause: Cell = one.each.binding[int(bound[-1])].clause if bound.size else ""
    return (
        one.stack,
        pollutant_text(one.pollutant),
        float(limits[-1]) if limits.size else None,
        WORD_TEXTS[word],
        int(one.due.sum()),
        int(values.size),
        over,
        100.0 * over / values.size if values.size else None,
        float(values.mean()) if values.size else None,
        float(values.max()) if values.size else None,
        float(np.quantile(values, 0.95)) if values.size else None,
        clause,
        origin_of(one.told.origin),
    )


def stretches_table(judged: JudgedHours) -> ReportTable:
    """Return the stretches of consecutive hours over a limit."""
    columns = (
        Column("stack", text("stack")),
        Column("pollutant", text("pollutant")),
        Column("from", text("begins")),
        Column("until", text("ends")),
        Column("hours", text("hours"), "h"),
        Column("worst", text("worst"), "mg/m3"),
        Column("limit", text("limit"), "mg/m3"),
        Column("clause", text("clause")),
    )
    by_pair: dict[tuple[str, str], dict[int, HourVerdict]] = {}
    for one in judged.exceedances():
        by_pair.setdefault((one.stack, one.pollutant), {})[one.hour] = one
    rows: list[tuple[Cell, ...]] = []
    for (stack, pollutant), hours in by_pair.items():
        for first, end in merged_hours(sorted(hours)):
            worst = max((hours[hour] for hour in range(first, end)), key=lambda one: one.value or 0.0)
            times = (local_time(judged, first), local_time(judged, end))
            rows.append(
                (stack, pollutant_text(pollutant), *times, end - first, worst.value, worst.limit, worst.clause or "")
            )
    rows.sort(key=lambda row: (str(row[2]), str(row[0])))
    return ReportTable("exceedances", text("Exceedances"), columns, tuple(rows))


def hours_table(judged: JudgedHours) -> ReportTable:
    """Return every hour that was due."""
    columns = (
        Column("stack", text("stack")),
        Column("pollutant", text("pollutant")),
        Column("hour", text("hour from")),
        Column("word", text("verdict")),
        Column("value", text("judged"), "mg/m3"),
        Column("measured", text("measured"), "mg/m3"),
        Column("share", text("good readings"), "%"),
        Column("limit", text("limit"), "mg/m3"),
        Column("why", text("why")),
        Column("clause", text("clause")),
        Column("origin", text("origin")),
    )
    rest = HOUR_WORDS.index(Word.NOT_APPLICABLE)
    rows: list[tuple[Cell, ...]] = []
    for stack in judged.stacks:
        origin = origin_of(stack.told.origin)
        for index in np.flatnonzero(stack.words != rest):
            one = stack.at(int(index))
            rows.append(
                (
                    one.stack,
                    pollutant_text(one.pollutant),
                    local_time(judged, one.hour),
                    WORD_TEXTS[one.word],
                    one.value,
                    one.measured,
                    100.0 * one.share,
                    one.limit,
                    one.why,
                    one.clause or "",
                    origin,
                )
            )
    return ReportTable("hours", text("Hours"), columns, tuple(rows))


def local_time(judged: JudgedHours, hour: int) -> str:
    """Return the beginning of an hour in the plant's time."""
    return f"{from_us(hour * HOUR_US, judged.zone):%Y-%m-%d %H:%M}"
