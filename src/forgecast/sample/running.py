"""What the made-up plant's machines and filters did: states, counts and control runs, as its heats and shifts say."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from itertools import pairwise

from forgecast.sample.air import FLOWS
from forgecast.sample.heats import CHARGING, Melt
from forgecast.sample.plan import WINDOWS, SampleYear
from forgecast.sample.rows import Rows
from forgecast.sample.table import Table

#: A stretch of a machine's state: begin, end (both plant-local), state, reason.
Stretch = tuple[datetime, datetime, str, str | None]
#: Pieces of a day, machine and product: all, and good ones.
Counts = dict[tuple[date, str, str], list[int]]
#: Shortest time a machine is built for, s: a heat, a tap, or a piece.
IDEAL_CYCLES = {"IF-1": 4200.0, "CU-1": 4968.0, "ML-1": 36.0, "FP-1": 65.0, "FH-1": 80.0}
#: Which machine makes which forging.
FORGED_BY = {"F-301": "FP-1", "F-302": "FH-1"}
TORN_BAGS = "布袋破损、烟道漏风 / torn filter bags and false air (synthetic 虚构)"
BAGS_CHANGED = "更换滤袋并封堵漏风点 / bags changed, leaks in the duct closed (synthetic 虚构)"


def machine_state_table(plan: SampleYear, made: Sequence[Melt]) -> Table:
    """Return the states of five machines of the lines and of the shot blast; between its stretches each is off."""
    rows = Rows("machine_state", "equipment", "started_at", "ended_at", "state", "reason")
    for machine, stretches in (
        ("IF-1", _melting(made)),
        ("CU-1", _shifts(plan, "cupola", setup_min=0)),
        ("ML-1", _shifts(plan, "day", setup_min=30)),
        ("FP-1", _with_halts(_shifts(plan, "forge", setup_min=40), plan.halts["FP-1"])),
        ("FH-1", _shifts(plan, "forge", setup_min=40)),
        ("SB-1", _with_halts(_shifts(plan, "day", setup_min=0), plan.halts["SB-1"])),
    ):
        last = datetime(plan.year, 1, 1)  # noqa: DTZ001  (plant-local)
        for begun, ended, state, reason in (*stretches, _year_end(plan)):
            if begun > last:
                rows.add(machine, last, begun, "off", None)
            if ended > begun:
                rows.add(machine, begun, ended, state, reason)
            last = ended
    return rows.table()


def _year_end(plan: SampleYear) -> Stretch:
    end = datetime(plan.year + 1, 1, 1)  # noqa: DTZ001  (plant-local)
    return end, end, "off", None


def _melting(made: Iterable[Melt]) -> list[Stretch]:
    heats = [melt for melt in made if melt.furnace == "IF-1"]
    found: list[Stretch] = []
    for melt, after in pairwise([*heats, None]):
        assert melt is not None  # noqa: S101  (only the last one is)
        found.append((melt.tapped - CHARGING, melt.tapped, "running", None))
        if after is not None and after.tapped.date() == melt.tapped.date():
            found.append((melt.tapped, after.tapped - CHARGING, "idle", None))
    return found


def _shifts(plan: SampleYear, what: str, *, setup_min: int) -> list[Stretch]:
    found: list[Stretch] = []
    for day in plan.days:
        if plan.runs(what, day):
            begin, end = (_at(day, hour) for hour in WINDOWS[what])
            ready = begin + timedelta(minutes=setup_min)
            if setup_min:
                found.append((begin, ready, "setup", "开班换模、调试 / dies, patterns and settings of the shift"))
            found.append((ready, end, "running", None))
    return found


def _at(day: date, hour: float) -> datetime:
    return datetime.combine(day, time(0)) + timedelta(hours=hour)


def _with_halts(stretches: Iterable[Stretch], halts: Sequence[Stretch]) -> list[Stretch]:
    """Return stretches with halts cut out of them and put in their place."""
    found: list[Stretch] = []
    for begun, ended, state, reason in stretches:
        at = begun
        for low, high, why, because in halts:
            if low >= ended or high <= at:
                continue
            found += [(at, max(low, at), state, reason), (max(low, at), min(high, ended), why, because)]
            at = min(high, ended)
        found.append((at, ended, state, reason))
    return [one for one in found if one[1] > one[0]]


def machine_output_table(made: Sequence[Melt], pieces: Table) -> Table:
    """Return what five machines made on each day: heats, taps, castings and forgings, as heats and pieces say."""
    counts: Counts = {}
    line_of = {melt.product: melt.line for melt in made}
    for melt in made:
        if melt.furnace in IDEAL_CYCLES:
            _count(counts, (melt.tapped.date(), melt.furnace, melt.product), 1, good=True)
    names = ("product", "made_at", "count", "result")
    for product, at, count, result in zip(*(pieces.columns[name] for name in names), strict=True):
        machine = FORGED_BY.get(str(product)) or ("ML-1" if line_of[str(product)] == "IL" else "")
        if machine:
            assert isinstance(at, datetime)  # noqa: S101  (made by `piece_table`)
            _count(counts, (at.date(), machine, str(product)), int(str(count)), good=result == "good")
    rows = Rows("machine_output", "equipment", "started_at", "ended_at", "product", "total", "good", "ideal_cycle")
    shifts = {"IF-1": "induction", "CU-1": "cupola", "ML-1": "day", "FP-1": "forge", "FH-1": "forge"}
    days: dict[tuple[date, str], list[tuple[str, list[int]]]] = {}
    for (day, machine, product), told in sorted(counts.items()):
        days.setdefault((day, machine), []).append((product, told))
    for (day, machine), products in days.items():
        begin, end = (_at(day, hour) for hour in WINDOWS[shifts[machine]])
        # Products of a day follow one another; each has its share of the shift.
        whole, gone = sum(total for _, (total, _) in products), 0
        for product, (total, good) in products:
            first, last = (begin + (end - begin) * part / whole for part in (gone, gone + total))
            rows.add(machine, _minute(first), _minute(last), product, total, good, IDEAL_CYCLES[machine])
            gone += total
    return rows.table()


def _count(counts: Counts, key: tuple[date, str, str], made: int, *, good: bool) -> None:
    one = counts.setdefault(key, [0, 0])
    one[0] += made
    one[1] += made if good else 0


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def control_run_table(plan: SampleYear) -> Table:
    """Return how two bag filters ran: month by month, with the fault of the planted week and a day of maintenance."""
    rows = Rows(
        "control_run", "equipment", "started_at", "ended_at", "state", "stack", "gas_volume_m3", "pressure_drop",
        "cause", "response",
    )  # fmt: skip
    fault: Stretch = (_at(plan.over_limit.start, 0), _at(plan.over_limit.end, 0), "fault", TORN_BAGS)
    care: Stretch = (_at(plan.filter_care, 8), _at(plan.filter_care, 17), "maintenance", "检查滤袋 / bags inspected")
    for unit, stack, what, drop, halts in (
        ("DC-1", "DA001", "cupola", 1180.0, [fault]),
        ("DC-2", "DA008", "day", 1240.0, [care]),
    ):
        for begun, ended, state, cause in _with_halts(_months(plan), halts):
            begin, end = WINDOWS[what]
            days = sum(begun <= _at(day, begin) < ended and plan.runs(what, day) for day in plan.days)
            response = {TORN_BAGS: BAGS_CHANGED}.get(cause or "")
            gas = round(days * (end - begin) * FLOWS[stack], -3)
            rows.add(
                unit, begun, ended, state, stack, gas if days else None, drop if state == "running" else None, cause,
                response,
            )  # fmt: skip
    return rows.table()


def _months(plan: SampleYear) -> list[Stretch]:
    firsts = [_at(date(plan.year, month, 1), 0) for month in range(1, 13)]
    return [(a, b, "running", None) for a, b in pairwise([*firsts, _at(date(plan.year + 1, 1, 1), 0)])]
