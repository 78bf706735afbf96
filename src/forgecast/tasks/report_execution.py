"""Report on the execution of a discharge permit: every table of a quarter's or a year's report, and what it lacks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

import numpy as np

from forgecast.environment.mass_estimate import Fill
from forgecast.environment.report_table import Cell, Column, Gap, ReportTable, known
from forgecast.ground.dates import HOUR_US, Period, from_us
from forgecast.ground.finding import Finding
from forgecast.ground.texts import Text, text, verbatim
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.balance_sand import balance_sand_of
from forgecast.tasks.check_waste import check_waste
from forgecast.tasks.estimate_emissions import Emissions, estimate_emissions
from forgecast.tasks.hour_tables import summary_table
from forgecast.tasks.judge_hours import HourVerdict, JudgedHours, judge_hours, merged_hours, pollutant_text
from forgecast.tasks.keep_ledger import CONTROL_UNITS, Ledger, LedgerLine, choice_text, gaps_table, keep_ledger
from forgecast.tasks.operating_hours import operating_hours
from forgecast.tasks.plant_view import PlantView

#: Tables a plant discloses; which of them a law asks for is not verified here.
DISCLOSED: Final = ("permit", "mass", "compliance", "exceedances", "tests", "hazardous", "transfers", "gaps")


@dataclass(frozen=True, slots=True, eq=False)
class ExecutionReport:
    """A report on the execution of a permit.

    Parameters
    ----------
    plant, zone : str
    synthetic : bool
    period : Period
    first_page : tuple of Text
        What stands on the first page: the answer in sentences, gaps included.
    tables : tuple of ReportTable
    gaps : tuple of Gap
    findings : tuple of Finding
    """

    plant: str
    zone: str
    synthetic: bool
    period: Period
    first_page: tuple[Text, ...]
    tables: tuple[ReportTable, ...]
    gaps: tuple[Gap, ...]
    findings: tuple[Finding, ...]

    def disclosed(self) -> ExecutionReport:
        """Return the report with the tables for disclosure only."""
        kept = tuple(table for table in self.tables if table.id in DISCLOSED)
        said = text("Tables for disclosure; which of them the law asks of this plant was not verified.")
        return replace(self, first_page=(*self.first_page, said), tables=kept)

    def as_json(self) -> dict[str, object]:
        """Return the report as every JSON answer shows it."""
        return {
            "plant": self.plant,
            "synthetic": self.synthetic,
            "period": {"start": self.period.start.isoformat(), "end": self.period.end.isoformat()},
            "first_page": [line.as_json() for line in self.first_page],
            "tables": [table.as_json() for table in self.tables],
            "gaps": [gap.as_json() for gap in self.gaps],
            "findings": [finding.as_json() for finding in self.findings],
        }


def report_execution(
    folder: PlantFolder, period: Period, *, relative_uncertainty: float, fill: Fill = "none"
) -> ExecutionReport:
    """Return the execution report of a quarter, a year or any stretch of whole months.

    Parameters
    ----------
    folder : PlantFolder
    period : Period
    relative_uncertainty : float
        Standard uncertainty of masses of sand, as a share: what the plant says of its scales.
    fill : Fill
        How hours without a mass flow are filled; nothing is filled unless asked for.

    Notes
    -----
    Parts follow what HJ 944-2018 asks of an annual report as copies of it on the web give them (secondary): basics,
    control facilities, self-monitoring, ledger, actual emissions against permitted, abnormal conditions. Taxes,
    information disclosure and the management system are for people to write.
    """
    view = PlantView(folder, period, period.end - timedelta(days=1))
    judged = judge_hours(folder, period, view=view)
    ledger = keep_ledger(folder, period, judged=judged)
    emitted = estimate_emissions(folder, period, fill=fill, judged=judged)
    waste = check_waste(folder, period)
    sand = balance_sand_of(folder, period, relative_uncertainty=relative_uncertainty)
    events = exceedance_events(judged, ledger)
    gaps = tuple(dict.fromkeys((*emitted.gaps, *ledger.gaps, *waste.gaps, *sand.gaps)))
    findings = (*judged.findings, *waste.findings, *sand.findings)
    tables = (
        _permit_table(view),
        _production_table(view),
        _operating_table(view),
        *emitted.tables(),
        summary_table(judged),
        _events_table(events, view.zone),
        _causes_table(events),
        _tests_table(view),
        _control_table(view),
        _abnormal_table(ledger),
        *waste.tables(),
        *sand.tables(),
        _findings_table(findings),
        gaps_table(gaps),
    )
    return ExecutionReport(
        folder.settings.name,
        view.zone,
        folder.settings.synthetic,
        period,
        tuple(_first_page(judged, events, emitted, gaps)),
        tables,
        gaps,
        findings,
    )


@dataclass(frozen=True, slots=True)
class ExceedanceEvent:
    """Consecutive hours over a limit at one stack for one pollutant."""

    stack: str
    pollutant: str
    first: int
    end: int
    worst: HourVerdict
    cause: str
    response: str
    reported: str

    @property
    def hours(self) -> int:
        """Return how many hours it lasted."""
        return self.end - self.first


def exceedance_events(judged: JudgedHours, ledger: Ledger) -> tuple[ExceedanceEvent, ...]:
    """Return exceedances merged into stretches of consecutive hours, with what the ledger says of them."""
    by_pair: dict[tuple[str, str], dict[int, HourVerdict]] = {}
    for one in judged.exceedances():
        by_pair.setdefault((one.stack, one.pollutant), {})[one.hour] = one
    said = _told(ledger)
    found = []
    for (stack, pollutant), hours in by_pair.items():
        for first, end in merged_hours(sorted(hours)):
            some = [hours[hour] for hour in range(first, end)]
            lines = [
                line for hour in range(first, end) if (line := said.get((stack, str(pollutant_text(pollutant)), hour)))
            ]
            found.append(
                ExceedanceEvent(
                    stack,
                    pollutant,
                    first,
                    end,
                    max(some, key=lambda one: one.value or 0.0),
                    next((line.cause for line in lines if line.cause), ""),
                    next((line.response for line in lines if line.response), ""),
                    next((line.reported for line in lines if line.reported), ""),
                )
            )
    return tuple(sorted(found, key=lambda one: (one.first, one.stack, one.pollutant)))


def _told(ledger: Ledger) -> dict[tuple[str, str, int], LedgerLine]:
    found = {}
    for line in ledger.section("abnormal"):
        pollutant = dict(line.what.values).get("pollutant")
        if line.hour is not None and isinstance(pollutant, Text):
            found[line.subject, str(pollutant), line.hour] = line
    return found


def _first_page(
    judged: JudgedHours, events: tuple[ExceedanceEvent, ...], emitted: Emissions, gaps: tuple[Gap, ...]
) -> Iterator[Text]:
    if gaps:
        yield text(
            "This report has {count} gaps. They are listed at its end with the record that settles each.",
            count=len(gaps),
        )
    valid = sum(int(np.isfinite(one.told.judged).sum()) for one in judged.stacks)
    due = sum(int(one.due.sum()) for one in judged.stacks)
    if not judged.stacks:
        yield text("No stack has a series that could be judged hour by hour.")
    elif events:
        hours = sum(one.hours for one in events)
        yield text(
            "{hours} hours were above a limit, in {events} stretches; {silent} of them have no cause on record.",
            hours=hours, events=len(events), silent=sum(not one.cause for one in events),
        )  # fmt: skip
        for stack, pollutant in dict.fromkeys((one.stack, one.pollutant) for one in events):
            mine = [one for one in events if (one.stack, one.pollutant) == (stack, pollutant)]
            worst = max(mine, key=lambda one: one.worst.value or 0.0).worst
            yield text(
                "{stack}, {pollutant}: {hours} hours above the limit from {first} to {last}; worst {worst} mg/m3, "
                "allowed {limit} mg/m3 ({clause}).",
                stack=stack, pollutant=pollutant_text(pollutant), hours=sum(one.hours for one in mine),
                first=_time(mine[0].first, judged.zone), last=_time(mine[-1].end, judged.zone),
                worst=f"{worst.value:.4g}", limit=f"{worst.limit:g}", clause=worst.clause or "",
            )  # fmt: skip
    else:
        yield text("No valid hour was above a limit.")
    if due:
        yield text(
            "{valid} of {due} due hourly means are valid ({share} %).", valid=valid, due=due,
            share=f"{100.0 * valid / due:.1f}",
        )  # fmt: skip
    for total in emitted.totals:
        if total.permitted is not None and total.mass is not None:
            yield text(
                "{pollutant}: {mass} t known, {permitted} t permitted in {year}; {unknown} stacks not known.",
                pollutant=pollutant_text(total.pollutant), mass=f"{total.mass / 1000.0:.3g}",
                permitted=f"{total.permitted / 1000.0:.4g}", year=total.year, unknown=len(total.unknown),
            )  # fmt: skip


def _permit_table(view: PlantView) -> ReportTable:
    columns = (
        Column("permit", text("permit")),
        Column("kind", text("management class")),
        Column("from", text("valid from")),
        Column("until", text("valid until")),
        Column("remark", text("remark")),
        Column("origin", text("origin")),
    )
    rows: list[tuple[Cell, ...]] = []
    for row in view.rows("permit"):
        until = row.day("valid_until")
        lapsed = until is not None and until < view.period.end - timedelta(days=1)
        remark: Cell = text("ended within or before the period") if lapsed else ""
        rows.append(
            (
                row.text("id"),
                choice_text("permit", "kind", row.text("kind")),
                row.day("valid_from"),
                until,
                remark,
                row.place,
            )
        )
    return ReportTable("permit", text("Permit"), columns, tuple(rows))


def _production_table(view: PlantView) -> ReportTable:
    columns = (
        Column("line", text("line")),
        Column("product", text("product")),
        Column("good", text("good"), "t"),
        Column("metal", text("metal used"), "t"),
        Column("scrap", text("scrap"), "t"),
        Column("months", text("months on record")),
        Column("origin", text("origin")),
    )
    rows = []
    found = view.of_months("production")
    for line in sorted({row.text("line") for row in found}):
        mine = [row for row in found if row.text("line") == line]
        sums = [known(sum(row.number_of(f) for row in mine)) for f in ("good_mass_t", "metal_mass_t", "scrap_mass_t")]
        months = f"{len(mine)} / {len(view.months)}"
        rows.append((line, choice_text("production", "route", mine[0].text("route")), *sums, months, "production"))
    return ReportTable("production", text("Production"), columns, tuple(rows))


def _operating_table(view: PlantView) -> ReportTable:
    columns = (
        Column("machine", text("machine")),
        Column("hours", text("hours run"), "h"),
        Column("months", text("months told")),
        Column("source", text("told by")),
        Column("origin", text("origin")),
    )
    rows = tuple(
        (name, known(one.total), f"{int(np.isfinite(one.monthly).sum())} / {len(view.months)}", one.source, one.origin)
        for name, one in sorted(operating_hours(view).items())
    )
    return ReportTable("operating", text("Operating hours"), columns, rows)


def _events_table(events: tuple[ExceedanceEvent, ...], zone: str) -> ReportTable:
    columns = (
        Column("stack", text("stack")),
        Column("pollutant", text("pollutant")),
        Column("from", text("begins")),
        Column("until", text("ends")),
        Column("hours", text("hours"), "h"),
        Column("worst", text("worst"), "mg/m3"),
        Column("limit", text("limit"), "mg/m3"),
        Column("clause", text("clause")),
        Column("cause", text("cause")),
        Column("response", text("response")),
        Column("reported", text("reported on")),
        Column("origin", text("origin")),
    )
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            e.stack, pollutant_text(e.pollutant), _time(e.first, zone), _time(e.end, zone), e.hours, e.worst.value,
            e.worst.limit, e.worst.clause or "", e.cause or None, e.response or None, e.reported or None,
            e.worst.requirement,
        )
        for e in events
    )  # fmt: skip
    return ReportTable("exceedances", text("Exceedances"), columns, rows)


def _causes_table(events: tuple[ExceedanceEvent, ...]) -> ReportTable:
    columns = (
        Column("cause", text("cause")),
        Column("stretches", text("stretches")),
        Column("hours", text("hours"), "h"),
        Column("share", text("share of hours"), "%"),
        Column("origin", text("origin")),
    )
    sums: dict[str, list[int]] = {}
    for event in events:
        one = sums.setdefault(event.cause, [0, 0])
        one[0] += 1
        one[1] += event.hours
    total = sum(hours for _, hours in sums.values())
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (cause or None, count, hours, 100.0 * hours / total, "ledger_entry")
        for cause, (count, hours) in sorted(sums.items(), key=lambda item: -item[1][1])
    )
    return ReportTable("causes", text("Causes of exceedances"), columns, rows)


def _tests_table(view: PlantView) -> ReportTable:
    columns = (
        Column("stack", text("stack")),
        Column("pollutant", text("pollutant")),
        Column("tests", text("tests")),
        Column("mean", text("mean as measured"), "mg/m3"),
        Column("highest", text("highest as measured"), "mg/m3"),
        Column("methods", text("methods")),
        Column("origin", text("origin")),
    )
    sums: dict[tuple[str, str], list[float]] = {}
    methods: dict[tuple[str, str], set[str]] = {}
    for row in view.within("stack_test", "sampled_at"):
        key = (row.text("stack"), row.text("pollutant"))
        sums.setdefault(key, []).append(row.number_of("concentration_mg_m3"))
        methods.setdefault(key, set()).add(row.text("method"))
    rows = tuple(
        (stack, pollutant_text(pollutant), len(values), known(float(np.mean(values))), known(max(values)),
         ", ".join(sorted(methods[stack, pollutant])), "stack_test")
        for (stack, pollutant), values in sorted(sums.items())
    )  # fmt: skip
    notes = (text("as measured, before any conversion to reference oxygen; `forgecast assess` judges the tests"),)
    return ReportTable("tests", text("Manual tests"), columns, rows, notes)


def _control_table(view: PlantView) -> ReportTable:
    columns = (
        Column("unit", text("facility")),
        Column("running", text("running"), "h"),
        Column("stopped", text("stopped"), "h"),
        Column("fault", text("fault"), "h"),
        Column("maintenance", text("maintenance"), "h"),
        Column("silent", text("not told"), "h"),
        Column("availability", text("running, of running and fault"), "%"),
        Column("consumables", text("consumables")),
        Column("origin", text("origin")),
    )
    start, end = view.bounds_us
    units = dict.fromkeys(row.text("id") for row in view.rows("equipment") if row.text("kind") in CONTROL_UNITS)
    units.update(dict.fromkeys(row.text("equipment") for row in view.rows("control_run")))
    rows = []
    for unit in units:
        hours = dict.fromkeys(("running", "stopped", "fault", "maintenance"), 0.0)
        used: dict[str, float] = {}
        mine = [row for row in view.rows("control_run") if row.text("equipment") == unit]
        for row in mine:
            until = row.number_of("ended_at")
            low, high = max(row.number_of("started_at"), start), min(until if np.isfinite(until) else end, end)
            if high > low:
                hours[row.text("state")] += (high - low) / HOUR_US
                if row.text("consumable") and np.isfinite(row.number_of("amount")):
                    name = f"{row.text('consumable')} [{row.text('amount_unit')}]"
                    used[name] = used.get(name, 0.0) + row.number_of("amount")
        told = sum(hours.values())
        work = hours["running"] + hours["fault"]
        numbers = [hours[name] if told else None for name in hours]
        silent = max((end - start) / HOUR_US - told, 0.0)
        said = ", ".join(f"{name}: {amount:g}" for name, amount in used.items())
        rows.append((unit, *numbers, silent, 100.0 * hours["running"] / work if work else None, said, "control_run"))
    return ReportTable("control", text("Pollution-control units"), columns, tuple(rows))


def _abnormal_table(ledger: Ledger) -> ReportTable:
    columns = (
        Column("from", text("begins")),
        Column("until", text("ends")),
        Column("subject", text("subject")),
        Column("what", text("what")),
        Column("cause", text("cause")),
        Column("response", text("rectification")),
        Column("reported", text("reported on")),
        Column("origin", text("origin")),
    )
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            one.began,
            one.ended,
            one.subject,
            one.what,
            one.cause or None,
            one.response or None,
            one.reported or None,
            one.origin,
        )
        for one in ledger.lines
        if (one.section == "abnormal" and one.hour is None) or (one.section == "control" and one.cause)
    )
    notes = (text("hours above a limit stand in the table of exceedances"),)
    return ReportTable("abnormal", text("Abnormal conditions and rectifications"), columns, rows, notes)


def _findings_table(findings: Iterable[Finding]) -> ReportTable:
    columns = (
        Column("what", text("what was found")),
        Column("repair", text("what to do")),
        Column("origin", text("origin")),
    )
    rows = tuple((one.reason, one.repair, str(one.place)) for one in findings)
    return ReportTable("findings", text("Doubts about the data"), columns, rows)


def _time(hour: int, zone: str) -> str:
    return f"{from_us(hour * HOUR_US, zone):%Y-%m-%d %H:%M}"


def report_title(report: ExecutionReport) -> Text:
    """Return the title of a report by its period: a year, a quarter, a month, or a stretch of days."""
    start, end = report.period.start, report.period.end
    months = (end.year - start.year) * 12 + end.month - start.month
    if start.day == end.day == 1 and months == 12 and start.month == 1:
        return text("Execution report on the discharge permit, year {year}", year=str(start.year))
    if start.day == end.day == 1 and months == 3 and start.month % 3 == 1:
        quarter = (start.month + 2) // 3
        return text(
            "Execution report on the discharge permit, {year}, quarter {quarter}", year=str(start.year), quarter=quarter
        )
    last = end - timedelta(days=1)
    days = verbatim(f"{start.isoformat()} – {last.isoformat()}")
    return text("Execution report on the discharge permit, {days}", days=days)
