"""Evidence of how the works are run: metering, live signals, alarms, ledger, maintenance, monitoring, certificates."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping

from forgecast.ground.dates import HOUR_US, month_start, next_month
from forgecast.ground.texts import text
from forgecast.tasks.evidence_shown import MOST_ROWS, Shown, nothing, share_shown
from forgecast.tasks.plant_view import PlantView, Row, short

DAY_US = 24 * HOUR_US
#: Management systems asked for.
SYSTEMS = ("quality", "environment", "safety", "energy")


def energy_metered(view: PlantView) -> Shown:
    """Return what share of the main electricity meters passes through submeters, over the months read."""
    looked = text("submeters below the main electricity meters, over the months that both were read")
    meters = view.by_id("meter")
    mains = {n for n, row in meters.items() if row.text("carrier") == "electricity" and not row.text("parent")}
    if not mains:
        return nothing(looked, "meter")
    below = {n for n, row in meters.items() if row.text("parent") in mains and row.text("carrier") == "electricity"}
    readings = [row for row in view.of_months("meter_reading") if row.text("meter") in mains | below]
    if not readings:
        return nothing(looked, "meter_reading")
    sums: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for row in readings:
        sums[row.text("month")][row.text("meter") in below] += row.number_of("quantity")
    whole = sum(main for main, _ in sums.values() if main > 0)
    part = sum(min(sub, main) for main, sub in sums.values() if main > 0)
    if not whole > 0:
        return Shown(None, looked, text("the main meters read nothing"), None)
    newest = month_start(max(sums))
    share, count = round(100 * part / whole, 1), len(below)
    figure = text("{share} % of {main} kWh under {count} submeters", share=share, main=round(whole), count=count)
    rows = tuple(row.place for row in readings[-MOST_ROWS:])
    return Shown(part / whole, looked, figure, min(next_month(newest), view.period.end), rows, len(readings))


def live_signals(view: PlantView) -> Shown:
    """Return the share of described tags with a reading in the last day."""
    looked = text("described tags with a reading in the last day (gaps: `forgecast signals gate`)")
    tags = view.rows("tag")
    if not tags:
        return nothing(looked, "tag")
    end = max((span.t_hi for span in view.spans.values()), default=0)
    day = min(end, view.bounds_us[1])
    good = [row for row in tags if (span := view.spans.get(row.text("id"))) and span.t_hi > day - DAY_US]
    shown = share_shown(view, looked, tags, good)
    newest = view.day_of(end - 1) if end else None
    return Shown(shown.degree, looked, shown.figure, newest, shown.rows, shown.row_count)


def alarms_managed(view: PlantView) -> Shown:
    """Return the mean of: alarms with cause and response on the master list, and raised ones acknowledged."""
    looked = text("alarms with cause and response, and the acknowledgement of those raised in the period")
    alarms = view.rows("alarm")
    if not alarms:
        return nothing(looked, "alarm")
    told = sum(bool(row.text("cause") and row.text("response")) for row in alarms)
    events = view.within("alarm_event", "at")
    raised = [row for row in events if row.text("event") == "raised"]
    answered: dict[str, list[float]] = defaultdict(list)
    for row in events:
        if row.text("event") == "acknowledged":
            answered[row.text("alarm")].append(row.number_of("at"))
    good = sum(any(at >= row.number_of("at") for at in answered[row.text("alarm")]) for row in raised)
    parts = [told / len(alarms), *([good / len(raised)] if raised else [])]
    figure = text(
        "{told} of {alarms} alarms described, {good} of {raised} raised ones acknowledged",
        told=told,
        alarms=len(alarms),
        good=good,
        raised=len(raised),
    )
    newest = view.day_of(max(row.number_of("at") for row in events)) if events else None
    return Shown(
        sum(parts) / len(parts), looked, figure, newest, tuple(r.place for r in alarms[:MOST_ROWS]), len(alarms)
    )


def ledger_kept(view: PlantView) -> Shown:
    """Return the share of the months of the period with runs of control units or entries of the ledger."""
    looked = text("months of the period with rows of `control_run` or `ledger_entry`")
    rows = [
        (row.number_of(field), row)
        for record, field in (("control_run", "started_at"), ("ledger_entry", "began_at"))
        for row in view.within(record, field)
    ]
    if not rows:
        return nothing(looked, "ledger_entry")
    rows.sort(key=lambda one: one[0])
    months = {f"{view.day_of(at):%Y-%m}" for at, _ in rows}
    kept = [month for month in view.months if month in months]
    figure = text("{kept} of {all} months", kept=len(kept), all=len(view.months))
    places = tuple(row.place for _, row in rows[-MOST_ROWS:])
    return Shown(len(kept) / len(view.months), looked, figure, view.day_of(rows[-1][0]), places, len(rows))


def maintenance_recorded(view: PlantView) -> Shown:
    """Return the share of machines of key processes whose states, repairs among them, are on record."""
    looked = text("machines of key processes with states on record in the period")
    machines = [row for row in view.rows("equipment") if row.flag("key_process")]
    if not machines:
        return Shown(None, looked, text("no machine is marked as one of a key process"), None)
    states = view.within("machine_state", "started_at")
    if not states:
        return nothing(looked, "machine_state")
    told = {row.text("equipment") for row in states}
    shown = share_shown(view, looked, machines, [row for row in machines if row.text("id") in told])
    newest = view.day_of(max(row.number_of("started_at") for row in states))
    return Shown(shown.degree, looked, shown.figure, newest, shown.rows, shown.row_count)


def self_monitoring(view: PlantView) -> Shown:
    """Return the share of stacks with a manual test or a monitor's readings in the period."""
    looked = text("stacks with a manual test or readings of a monitor in the period")
    stacks = view.rows("stack")
    if not stacks:
        return nothing(looked, "stack")
    tests = view.within("stack_test", "sampled_at")
    start = view.bounds_us[0]
    watched = {
        row.text("stack")
        for row in view.rows("tag")
        if row.text("stack") and (span := view.spans.get(row.text("id"))) and span.t_hi >= start
    }
    told = {row.text("stack") for row in tests} | watched
    shown = share_shown(view, looked, stacks, [row for row in stacks if row.text("id") in told])
    newest = view.at if watched else view.day_of(max(r.number_of("sampled_at") for r in tests)) if tests else None
    return Shown(shown.degree, looked, shown.figure, newest, shown.rows, shown.row_count)


def management_systems(view: PlantView) -> Shown:
    """Return the share of the management systems asked for whose certificate is in force on the day judged."""
    looked = text("certificates in force of: {systems}", systems=", ".join(SYSTEMS))
    rows = view.rows("system_certificate")
    if not rows:
        return nothing(looked, "system_certificate")

    def holds(row: Row) -> bool:
        since, until = row.day("valid_from"), row.day("valid_until")
        return (since is None or since <= view.at) and until is not None and until >= view.at

    held = sorted({row.text("standard") for row in rows if holds(row)} & set(SYSTEMS))
    figure = text("{held} of {all}: {names}", held=len(held), all=len(SYSTEMS), names=short(held) or "—")
    places = tuple(row.place for row in rows[:MOST_ROWS])
    return Shown(len(held) / len(SYSTEMS), looked, figure, None, places, len(rows))


GATHERERS: Mapping[str, Callable[[PlantView], Shown]] = {
    "energy_metered": energy_metered,
    "live_signals": live_signals,
    "alarms_managed": alarms_managed,
    "ledger_kept": ledger_kept,
    "maintenance_recorded": maintenance_recorded,
    "self_monitoring": self_monitoring,
    "management_systems": management_systems,
}
