"""Keep the permit ledger by itself: what HJ 944 asks for, drawn from the records of a stretch, with what it lacks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import numpy as np

from forgecast.environment.report_table import Cell, Column, Gap, ReportTable
from forgecast.ground.dates import HOUR_US, Period, from_us
from forgecast.ground.texts import Text, bilingual, text, verbatim
from forgecast.plant.record import record
from forgecast.rules.verdict import CONFIDENCE_TEXTS, WORD_TEXTS, Confidence, Word
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.estimate_emissions import ENVIRONMENT_MANAGER, MONITORING_OPERATOR, no_hours_gap
from forgecast.tasks.judge_hours import ENTRY, HourVerdict, JudgedHours, entry_id, judge_hours, pollutant_text
from forgecast.tasks.operating_hours import operating_hours
from forgecast.tasks.plant_view import PlantView, Row
from forgecast.tasks.stack_figures import MG_M3, origin_of

#: The sections, as HJ 944-2018 divides a ledger (read in ledger requirements of published permits: secondary).
SECTIONS: Final[dict[str, Text]] = {
    "basic": text("basic information"),
    "production": text("production facilities"),
    "control": text("pollution-control facilities"),
    "monitoring": text("monitoring"),
    "abnormal": text("abnormal conditions"),
    "other": text("other environmental management"),
}
#: Machines that treat gas or water.
CONTROL_UNITS: Final = ("dust_collector", "voc_unit", "scrubber")
PRODUCTION = text("production department")
WAREHOUSE = text("warehouse")


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One line of the ledger.

    Parameters
    ----------
    section : str
    began, ended : str
        Local time, day or month.
    subject : str
        Stack, machine or document.
    what : Text
    value, limit : float or None
    unit : str
    clause, cause, response : Text or str
    reported : str
        Day on which the authority was told.
    automatic : bool
        Whether it was drawn from records or readings without a person.
    origin : str
    hour : int or None
        The hour of an exceedance, hours since 1970-01-01T00:00Z.
    """

    section: str
    began: str
    ended: str
    subject: str
    what: Text
    value: float | None = None
    limit: float | None = None
    unit: str = ""
    clause: Text | str = ""
    cause: str = ""
    response: str = ""
    reported: str = ""
    automatic: bool = True
    origin: str = ""
    hour: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Ledger:
    """The ledger of a stretch, its gaps, and how far back it is kept."""

    period: Period
    zone: str
    lines: tuple[LedgerLine, ...]
    gaps: tuple[Gap, ...]
    kept: ReportTable

    def section(self, name: str) -> tuple[LedgerLine, ...]:
        """Return the lines of a section in the order of time."""
        return tuple(line for line in self.lines if line.section == name)

    def tables(self) -> tuple[ReportTable, ...]:
        """Return one table a section, then gaps and the time it is kept."""
        return (*(_section_table(self, name) for name in SECTIONS), gaps_table(self.gaps), self.kept)


def keep_ledger(folder: PlantFolder, period: Period, *, judged: JudgedHours | None = None) -> Ledger:
    """Return the ledger of a stretch of days, drawn from records and readings, with entries by hand merged in.

    Parameters
    ----------
    folder : PlantFolder
    period : Period
    judged : JudgedHours or None
        Hours of the same period, where they have been judged already.

    Notes
    -----
    Sections follow HJ 944-2018; its text was not read in the original, and what a permit asks beyond it stands in the
    permit.
    """
    view = PlantView(folder, period, period.end - timedelta(days=1))
    judged = judged or judge_hours(folder, period, view=view)
    gaps: list[Gap] = []
    lines = [
        *_basic(view, gaps),
        *_production(view, gaps),
        *_control(view, gaps),
        *_monitoring(view, judged, gaps),
        *_abnormal(view, judged, gaps),
        *_other(view, gaps),
    ]
    return Ledger(period, view.zone, tuple(lines), tuple(dict.fromkeys(gaps)), _kept(view))


def _basic(view: PlantView, gaps: list[Gap]) -> Iterator[LedgerLine]:
    for name, empty in (
        ("site", text("name, sector and place of the plant")),
        ("permit", text("the discharge permit")),
        ("stack", text("the stacks")),
        ("equipment", text("machines and control units")),
    ):
        rows = view.rows(name)
        if not rows:
            gaps.append(Gap(empty, name, ENVIRONMENT_MANAGER))
        for row in rows:
            began, ended = (_day(row, field) for field in _SPANS.get(name, ("", "")))
            yield LedgerLine("basic", began, ended, row.text("id"), _described(row), origin=row.place)
    for row in view.rows("permit_limit"):
        what = text("permitted concentration of {pollutant}", pollutant=pollutant_text(row.text("pollutant")))
        yield LedgerLine(
            "basic", "", "", row.text("stack"), what, limit=row.number_of("limit_mg_m3"), unit=MG_M3,
            clause=row.text("permit"), origin=row.place,
        )  # fmt: skip
    for row in view.rows("permit_total"):
        what = text("permitted mass of {pollutant}", pollutant=pollutant_text(row.text("pollutant")))
        year = f"{row.number_of('year'):.0f}"
        yield LedgerLine(
            "basic", year, year, row.text("permit"), what, limit=row.number_of("mass_t"), unit="t",
            clause=row.text("permit"), origin=row.place,
        )  # fmt: skip


_SPANS = {"permit": ("valid_from", "valid_until"), "equipment": ("in_use_from", "in_use_until")}


def _described(row: Row) -> Text:
    kind = record(row.record)
    field = next((f for f in kind.fields if f.name in ("kind", "process", "sector")), None)
    code = "" if field is None else row.text(field.name)
    name = row.text("name")
    parts = text("{record} {name}", record=kind.title, name=name) if name else kind.title
    if field is None or not code:
        return parts
    return text("{record}: {kind}", record=parts, kind=choice_text(row.record, field.name, code))


def choice_text(record_name: str, field: str, code: str) -> Text:
    """Return a code of a record in words: its name in English as it is written, its Chinese from the record."""
    for choice in record(record_name).field(field).choices:
        if choice.code == code:
            return Text(code.replace("_", " ").replace("{", "").replace("}", ""), choice.zh)
    return verbatim(code)


def _production(view: PlantView, gaps: list[Gap]) -> Iterator[LedgerLine]:
    rows = view.of_months("production")
    for row in rows:
        route = choice_text("production", "route", row.text("route"))
        what = text("good {product}, metal used {metal} t", product=route, metal=_said(row.number_of("metal_mass_t")))
        yield LedgerLine(
            "production", row.text("month"), row.text("month"), row.text("line"), what,
            value=row.number_of("good_mass_t"), unit="t", origin=row.place,
        )  # fmt: skip
    lacking = [month for month in view.months if month not in {row.text("month") for row in rows}]
    if lacking:
        gaps.append(Gap(text("output of {months}", months=", ".join(lacking)), "production", PRODUCTION))
    ran = operating_hours(view)
    for one in ran.values():
        for month, hours in zip(view.months, one.monthly, strict=True):
            if np.isfinite(hours):
                yield LedgerLine(
                    "production", month, month, one.equipment, one.source, value=float(hours), unit="h",
                    origin=one.origin,
                )  # fmt: skip
    for stack in view.rows("stack"):
        machine = stack.text("equipment")
        if machine and machine not in ran:
            gaps.append(no_hours_gap(stack))
    for row in view.of_months("material"):
        if row.text("direction") == "used":
            what = text("{material} used", material=choice_text("material", "material", row.text("material")))
            yield LedgerLine(
                "production", row.text("month"), row.text("month"), "", what, value=row.number_of("mass_t"), unit="t",
                origin=row.place,
            )  # fmt: skip
    if not view.of_months("material"):
        gaps.append(Gap(text("raw materials and fuels used"), "material", WAREHOUSE))


def _control(view: PlantView, gaps: list[Gap]) -> Iterator[LedgerLine]:
    start, end = view.bounds_us
    units = [row for row in view.rows("equipment") if row.text("kind") in CONTROL_UNITS]
    told = set()
    for row in view.rows("control_run"):
        until = row.number_of("ended_at")
        if row.number_of("started_at") >= end or (np.isfinite(until) and until <= start):
            continue
        told.add(row.text("equipment"))
        state = choice_text("control_run", "state", row.text("state"))
        yield LedgerLine(
            "control", _time(view, row.number_of("started_at")), _time(view, until), row.text("equipment"),
            text("{state}{used}", state=state, used=_used(row)), value=_finite(row.number_of("gas_volume_m3")),
            unit="m3", cause=row.text("cause"), response=row.text("response"), origin=row.place,
        )  # fmt: skip
        if row.text("state") in ("stopped", "fault") and not row.text("cause"):
            gaps.append(
                Gap(
                    text("why {unit} stood still from {when} on", unit=row.text("equipment"),
                         when=_time(view, row.number_of("started_at"))),
                    "control_run.cause", ENVIRONMENT_MANAGER,
                )
            )  # fmt: skip
    for unit in units:
        if unit.text("id") not in told:
            what = text("how {unit} ran: times, consumables, temperatures, faults", unit=unit.text("id"))
            gaps.append(Gap(what, "control_run", text("operator of the unit")))


def _used(row: Row) -> str:
    parts = []
    if row.text("consumable"):
        parts.append(f"{row.text('consumable')} {_said(row.number_of('amount'))} {row.text('amount_unit')}".strip())
    if np.isfinite(row.number_of("pressure_drop")):
        parts.append(f"{row.number_of('pressure_drop'):g} Pa")
    if np.isfinite(row.number_of("temperature_degC")):
        parts.append(f"{row.number_of('temperature_degC'):g} °C")
    return "".join(f" · {part}" for part in parts)


def _monitoring(view: PlantView, judged: JudgedHours, gaps: list[Gap]) -> Iterator[LedgerLine]:
    first = view.hours[0]
    for one in judged.stacks:
        for month in view.months:
            low, high = view.month_bounds_us(month)
            part = slice(max(low // HOUR_US - first, 0), max(-(-high // HOUR_US) - first, 0))
            values, due = one.told.judged[part], one.due[part]
            there = values[np.isfinite(values)]
            what = text(
                "{pollutant}: mean of {valid} valid hours of {due} due, highest {highest}",
                pollutant=pollutant_text(one.pollutant), valid=there.size, due=int(due.sum()),
                highest=f"{there.max():.4g}" if there.size else "—",
            )  # fmt: skip
            limits = one.each.limit[part]
            yield LedgerLine(
                "monitoring", month, month, one.stack, what, value=float(there.mean()) if there.size else None,
                limit=float(limits[-1]) if limits.size and np.isfinite(limits[-1]) else None, unit=MG_M3,
                clause=one.requirement, origin=origin_of(one.told.origin),
            )  # fmt: skip
    lacking: dict[tuple[str, int], list[str]] = {}
    for one in judged.stacks:
        if one.count(Word.NOT_KNOWN):
            lacking.setdefault((one.stack, one.count(Word.NOT_KNOWN)), []).append(one.pollutant)
    for (stack_id, hours), pollutants in lacking.items():
        names = ", ".join(dict.fromkeys(pollutants))
        what = text(
            "{stack}: {hours} operating hours without a valid mean of {names}", stack=stack_id, hours=hours, names=names
        )
        gaps.append(Gap(what, "series", MONITORING_OPERATOR))
    for name, subject in (("stack_test", "stack"), ("ambient_test", "place")):
        for row in view.within(name, "sampled_at"):
            yield LedgerLine(
                "monitoring", _time(view, row.number_of("sampled_at")), "", row.text(subject),
                text("test of {pollutant}, {method}", pollutant=pollutant_text(row.text("pollutant")),
                     method=row.text("method") or "—"),
                value=row.number_of("concentration_mg_m3"), unit=MG_M3, automatic=False, origin=row.place,
            )  # fmt: skip
    tested = {row.text("stack") for row in view.within("stack_test", "sampled_at")}
    seen = tested | {one.stack for one in judged.stacks}
    for stack in view.rows("stack"):
        if stack.text("id") not in seen:
            what = text("no measurement of stack {stack} in this stretch", stack=stack.text("id"))
            gaps.append(Gap(what, "stack_test", ENVIRONMENT_MANAGER))


def _abnormal(view: PlantView, judged: JudgedHours, gaps: list[Gap]) -> Iterator[LedgerLine]:
    start, end = view.bounds_us
    entries = {row.text("id"): row for row in view.rows("ledger_entry")}
    by_hand = [row for row in entries.values() if not row.flag("automatic") and row.text("section") == "abnormal"]
    derived = {entry_id(one.stack, one.pollutant, one.hour): one for one in judged.exceedances()}
    for name, one in derived.items():
        row = entries.get(name)
        if row is None or not row.text("cause"):
            row = next((entry for entry in by_hand if _covers(entry, one) and entry.text("cause")), row)
        yield _exceedance(view, one, row)
        if row is None or not row.text("cause"):
            what = text("cause and response of the exceedance of {pollutant} at {stack}, {when}",
                        pollutant=pollutant_text(one.pollutant), stack=one.stack,
                        when=_time(view, one.hour * HOUR_US)[:10])  # fmt: skip
            gaps.append(Gap(what, "ledger_entry.cause, response, reported_on", ENVIRONMENT_MANAGER))
    for name, row in entries.items():
        if name not in derived and start <= row.number_of("began_at") < end:
            yield _entered(view, row)


def _covers(entry: Row, one: HourVerdict) -> bool:
    """Return whether an entry by hand speaks of an hour: same stack, same pollutant or none, and the hour within."""
    began, ended = entry.number_of("began_at"), entry.number_of("ended_at")
    within = began < (one.hour + 1) * HOUR_US and (not np.isfinite(ended) or ended > one.hour * HOUR_US)
    return entry.text("stack") == one.stack and entry.text("pollutant") in ("", one.pollutant) and within


def _exceedance(view: PlantView, one: HourVerdict, row: Row | None) -> LedgerLine:
    return LedgerLine(
        "abnormal", _time(view, one.hour * HOUR_US), _time(view, (one.hour + 1) * HOUR_US), one.stack,
        text("1-h mean of {pollutant} above the limit", pollutant=pollutant_text(one.pollutant)),
        value=one.value, limit=one.limit, unit=MG_M3, clause=one.clause or "",
        cause="" if row is None else row.text("cause"), response="" if row is None else row.text("response"),
        reported="" if row is None else _day(row, "reported_on"),
        origin=one.requirement if row is None else row.text("id"), hour=one.hour,
    )  # fmt: skip


def _entered(view: PlantView, row: Row) -> LedgerLine:
    value = row.number_of("value")
    return LedgerLine(
        row.text("section"), _time(view, row.number_of("began_at")), _time(view, row.number_of("ended_at")),
        row.text("stack") or row.text("equipment"), verbatim(row.text("what")), value=_finite(value),
        limit=_finite(row.number_of("limit")), unit=row.text("unit"), clause=row.text("clause"),
        cause=row.text("cause"), response=row.text("response"), reported=_day(row, "reported_on"),
        automatic=row.text("id").startswith(f"{ENTRY}-"), origin=row.text("id"),
    )  # fmt: skip


def _other(view: PlantView, gaps: list[Gap]) -> Iterator[LedgerLine]:
    for row in view.of_months("waste"):
        what = text("{kind}, {fate}{code}", kind=choice_text("waste", "kind", row.text("kind")),
                    fate=choice_text("waste", "fate", row.text("fate")),
                    code=f" · {row.text('hazardous_code')}" if row.text("hazardous_code") else "")  # fmt: skip
        yield LedgerLine("other", row.text("month"), row.text("month"), row.text("receiver"), what,
                         value=row.number_of("mass_t"), unit="t", origin=row.place)  # fmt: skip
    if not view.of_months("waste"):
        gaps.append(Gap(text("solid waste and where it went"), "waste", ENVIRONMENT_MANAGER))
    for row in view.within("waste_transfer", "shipped_at"):
        what = text("hazardous waste {code} handed over", code=row.text("hazardous_code"))
        yield LedgerLine("other", _time(view, row.number_of("shipped_at")), _time(view, row.number_of("received_at")),
                         row.text("receiver"), what, value=row.number_of("mass_t"), unit="t", clause=row.text("id"),
                         automatic=False, origin=row.place)  # fmt: skip
    for row in view.of_months("water"):
        what = text("water taken in: {source}", source=choice_text("water", "source", row.text("source")))
        yield LedgerLine("other", row.text("month"), row.text("month"), "", what, value=row.number_of("volume_m3"),
                         unit="m3", origin=row.place)  # fmt: skip
    for row in view.rows("pollution_warning"):
        start, end = view.bounds_us
        if start <= row.number_of("from_time") < end:
            what = text(
                "heavy-pollution warning, {level}", level=choice_text("pollution_warning", "level", row.text("level"))
            )
            yield LedgerLine("other", _time(view, row.number_of("from_time")), _time(view, row.number_of("until_time")),
                             row.text("source"), what, automatic=False, origin=row.place)  # fmt: skip
    for row in view.rows("measure"):
        what = text("fugitive control {clause}: {state}", clause=row.text("id"),
                    state=choice_text("measure", "state", row.text("state")))  # fmt: skip
        yield LedgerLine("other", _day(row, "checked_on"), "", row.text("id"), what, automatic=False,
                         clause=f"GB 39726-2020 {row.text('id')}", origin=row.place)  # fmt: skip


#: Years a ledger is kept: who asks, how many, how well that is known.
RETENTION: Final[tuple[tuple[Text, int, Confidence], ...]] = (
    (bilingual("GB 39726-2020, 5.4.4", "GB 39726-2020第5.4.4条"), 3, Confidence.PRIMARY),
    (text("Regulation on pollutant-discharge permits, as cited"), 5, Confidence.SECONDARY),
)


def _kept(view: PlantView) -> ReportTable:
    """Return how far back production, readings and tests reach, against how long a ledger is to be kept."""
    reach: list[tuple[str, int]] = []
    if view.rows("production"):
        first = min(row.text("month") for row in view.rows("production"))
        reach.append(("production", view.month_bounds_us(first)[0]))
    if view.spans:
        reach.append(("series", min(span.t_lo for span in view.spans.values())))
    for name, field in (("stack_test", "sampled_at"), ("control_run", "started_at"), ("ledger_entry", "began_at")):
        times = [int(row.number_of(field)) for row in view.rows(name)]
        if times:
            reach.append((name, min(times)))
    columns = (
        Column("record", text("record")), Column("since", text("reaches back to")),
        *(Column(f"years_{years}", text("{years} years: {who}", years=years, who=who)) for who, years, _ in RETENTION),
        Column("origin", text("origin")),
    )  # fmt: skip
    now = view.bounds_us[1]
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            name, f"{from_us(t, view.zone):%Y-%m-%d}",
            *(_long_enough((now - t) / (365.25 * 24 * HOUR_US), years) for _, years, _ in RETENTION), name,
        )
        for name, t in reach
    )  # fmt: skip
    notes = (
        text("nothing is ever deleted by Forgecast; a record that begins later than asked was not kept here before"),
        *(text("{years} years: {how}", years=years, how=CONFIDENCE_TEXTS[how]) for _, years, how in RETENTION),
    )
    return ReportTable("kept", text("How far back it is kept"), columns, rows, notes)


def _long_enough(reached: float, years: int) -> Text:
    if reached >= years:
        return WORD_TEXTS[Word.MET]
    return text("not yet: {reached} years", reached=f"{reached:.1f}")


def gaps_table(gaps: Iterable[Gap]) -> ReportTable:
    """Return gaps as a table: what is lacking, the record that settles it, who has it."""
    columns = (
        Column("what", text("what is not known")),
        Column("record", text("record to enter")),
        Column("who", text("who has it")),
    )
    rows = tuple((gap.what, gap.record, gap.who) for gap in gaps)
    return ReportTable("gaps", text("What is not known"), columns, rows)


def _section_table(ledger: Ledger, name: str) -> ReportTable:
    columns = (
        Column("began", text("begins")), Column("ended", text("ends")), Column("subject", text("subject")),
        Column("what", text("what")), Column("value", text("value")), Column("limit", text("limit")),
        Column("unit", text("unit")), Column("clause", text("document")), Column("cause", text("cause")),
        Column("response", text("response")), Column("reported", text("reported on")),
        Column("kept_by", text("kept by")), Column("origin", text("origin")),
    )  # fmt: skip
    automatic, hand = text("itself"), text("hand")
    rows: list[tuple[Cell, ...]] = [
        (
            one.began, one.ended, one.subject, one.what, _value(one), "" if _finite(one.limit) is None else one.limit,
            one.unit, one.clause, one.cause, one.response, one.reported, automatic if one.automatic else hand,
            one.origin,
        )
        for one in ledger.section(name)
    ]  # fmt: skip
    return ReportTable(name, SECTIONS[name], columns, tuple(rows))


def _value(one: LedgerLine) -> Cell:
    """Return the value of a line: a number, nothing where the line has none, and missing where it ought to have one."""
    value = _finite(one.value)
    return "" if value is None and one.section != "monitoring" else value


def _finite(value: float | None) -> float | None:
    return None if value is None or not np.isfinite(value) else float(value)


def _said(value: float) -> str:
    return f"{value:.6g}" if np.isfinite(value) else "—"


def _time(view: PlantView, t_us: float) -> str:
    return f"{from_us(int(t_us), view.zone):%Y-%m-%d %H:%M}" if np.isfinite(t_us) else ""


def _day(row: Row, field: str) -> str:
    day = row.day(field) if field else None
    return "" if day is None else day.isoformat()
