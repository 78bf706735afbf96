"""The sample plant makes sense: values in range, balances that close, and the truth of every planted stretch."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from forgecast.environment.stack import to_reference_oxygen
from forgecast.ground.dates import HOUR_US, local_day
from forgecast.plant.record import record, records
from forgecast.sample import air, heats, months, office, running, write
from forgecast.sample.chain import chain_tables
from forgecast.sample.plan import QUARTER_US, SampleYear, size_of
from forgecast.sample.readings import Readings
from forgecast.sample.table import Cell, Table, master_table
from forgecast.sample.tags import series_tags, tag_table
from forgecast.sample.trouble import SampleManifest

ZONE = "Asia/Shanghai"
MASTER = (
    "site", "stack", "equipment", "process", "measure", "alloy", "product", "meter", "permit_limit", "permit_total",
    "emergency_measure", "tariff", "tariff_period", "emission_factor", "embedded_emission",
)  # fmt: skip


@pytest.fixture(scope="session")
def plan() -> SampleYear:
    return SampleYear(2025, ZONE, 7)


@pytest.fixture(scope="session")
def made(plan: SampleYear) -> list[heats.Melt]:
    return heats.melts(plan)


@pytest.fixture(scope="session")
def chain(plan: SampleYear, made: list[heats.Melt]) -> tuple[Table, dict[str, Table]]:
    return chain_tables(plan, made)


@pytest.fixture(scope="session")
def pieces(plan: SampleYear, made: list[heats.Melt], chain: tuple[Table, dict[str, Table]]) -> Table:
    return heats.piece_table(plan, made, chain[0])


@pytest.fixture(scope="session")
def kept(plan: SampleYear, made: list[heats.Melt], pieces: Table) -> months.Books:
    return months.books(plan, made, pieces)


@pytest.fixture(scope="session")
def read(plan: SampleYear, kept: months.Books) -> dict[str, dict[str, float]]:
    return months.meter_months(plan, kept, months.coke_used(plan, kept))


@pytest.fixture(scope="session")
def tables(
    plan: SampleYear,
    made: list[heats.Melt],
    chain: tuple[Table, dict[str, Table]],
    pieces: Table,
    kept: months.Books,
    read: dict[str, dict[str, float]],
) -> list[Table]:
    size = size_of(1.0)
    tests = air.stack_test_table(plan)
    material, waste = months.material_table(plan, kept, months.coke_used(plan, kept)), months.waste_table(plan, kept)
    return [
        *(master_table(name) for name in MASTER),
        heats.heat_table(plan, made),
        pieces,
        *chain[1].values(),
        months.production_table(kept),
        material,
        waste,
        *write.work_tables(plan, made, {"piece": pieces, "material": material, "waste": waste}).values(),
        months.water_table(read),
        months.meter_reading_table(plan, read),
        months.year_figure_table(plan, kept, read, air.pm_emission(tests, write.MONITORED_PM)),
        tests,
        air.ambient_test_table(plan),
        air.permit_table(plan),
        tag_table(series_tags(size), size),
    ]


@pytest.fixture(scope="session")
def source(plan: SampleYear, made: list[heats.Melt], read: dict[str, dict[str, float]]) -> Readings:
    return Readings(plan, series_tags(size_of(1.0)), made, read)


def test_every_record_of_its_trade_is_filled(tables: list[Table]) -> None:
    empty = {"shot", "factor", "holding_fill", "blow", "operation", "certificate"}
    # What only a plant at work has; the live play brings some of it.
    empty |= {"alarm", "alarm_event", "ledger_entry", "carbon_activity", "intellectual_property"}
    assert {table.record for table in tables} == set(records()) - empty


def test_every_value_lies_within_its_field_and_refers_to_something(tables: list[Table]) -> None:
    keys: dict[str, set[Cell]] = {}
    for table in tables:
        keys.setdefault(table.record, set()).update(table.columns.get("id", []))
    for table in tables:
        described = record(table.record)
        for field in described.fields:
            cells = [cell for cell in table.columns.get(field.name, []) if cell is not None]
            if field.required and (table.record, field.name) != ("waste", "fate"):
                assert len(cells) == len(table), (table.record, field.name)
            for cell in cells:
                if field.low is not None:
                    assert field.low <= cell <= field.high, (table.record, field.name, cell)
                if field.choices:
                    assert cell in {choice.code for choice in field.choices}, (table.record, field.name, cell)
                if field.refers:
                    assert cell in keys[field.refers], (table.record, field.name, cell)
        natural = list(zip(*(table.columns[name] for name in described.key), strict=True))
        assert len(set(natural)) == len(natural), table.record


def test_charge_closes_with_castings_returns_scrap_and_loss(
    plan: SampleYear, made: list[heats.Melt], kept: months.Books, tables: list[Table]
) -> None:
    material = next(table for table in tables if table.record == "material").columns
    for month in plan.months():
        used = sum(
            mass
            for m, name, way, mass in zip(*material.values(), strict=True)
            if m == month and way == "used" and name in months.CHARGE_METALS
        )
        charged = sum(melt.charge for melt in made if f"{melt.tapped:%Y-%m}" == month) / 1000
        # Six materials rounded to a kilogram each.
        assert used == pytest.approx(charged, abs=0.004)
        lines = [kept[month, line] for line in ("IL", "CL")]
        # What comes out: good castings, returns (gates and scrapped castings go back), and a loss of 3 to 7 %.
        out = sum(one.good + one.returns for one in lines)
        assert 0.03 < (charged - out) / charged < 0.07
        for one in lines:
            assert 0.02 < one.scrap / (one.good + one.scrap) < 0.06
            assert 0.55 < one.good / one.metal < 0.70
            assert one.returns > one.scrap


def test_scrap_drifts_upwards(kept: months.Books, plan: SampleYear) -> None:
    share = [
        sum(kept[m, line].scrap for line in ("IL", "CL"))
        / sum(kept[m, line].good + kept[m, line].scrap for line in ("IL", "CL"))
        for m in plan.months()
    ]
    assert np.polyfit(range(12), share, 1)[0] * 11 == pytest.approx(0.024, abs=0.008)


def test_specific_energies_are_those_of_the_trade(
    kept: months.Books, read: dict[str, dict[str, float]], plan: SampleYear
) -> None:
    for month in plan.months():
        assert 550 < kept[month, "IL"].energy / kept[month, "IL"].metal < 650
        assert 110 < 1000 * read[month]["K-CUP"] / kept[month, "CL"].metal < 140
        assert 60 < read[month]["G-FORGE"] / kept[month, "FG"].good < 110


def test_main_meters_are_their_submeters_and_a_small_rest_but_in_one_month(
    plan: SampleYear, read: dict[str, dict[str, float]]
) -> None:
    table = months.meter_reading_table(plan, read)
    shown = {(m, month): float(str(q)) for m, month, q in zip(*table.columns.values(), strict=True)}
    parents = master_table("meter").columns
    for main in ("E-MAIN", "G-MAIN", "W-MAIN"):
        subs = [m for m, parent in zip(parents["id"], parents["parent"], strict=True) if parent == main]
        rest = {month: 1 - sum(shown[sub, month] for sub in subs) / shown[main, month] for month in plan.months()}
        odd = [month for month, share in rest.items() if not 0.005 < share < 0.02]
        assert odd == (["2025-08"] if main == "E-MAIN" else [])
        if main == "E-MAIN":
            # Far outside the tenth that a month balance allows.
            assert rest["2025-08"] > 0.12


def test_power_adds_up_to_meters_and_heats(
    made: list[heats.Melt], read: dict[str, dict[str, float]], source: Readings
) -> None:
    tags = {tag.id: tag for tag in series_tags(size_of(0.001))}
    for month in (1, 5, 12):
        name = f"2025-{month:02d}"
        power = source.month(tags["E-MAIN.power"], month, 5 * 60_000_000)
        # Rounded to 0.1 kW, so the year's sum is as good as exact.
        assert power.value.sum() / 12 == pytest.approx(read[name]["E-MAIN"], rel=1e-5)
        _, energy, lagging, _ = source.quarters(month)
        assert energy.sum() == pytest.approx(read[name]["E-MAIN"], rel=1e-5)
        assert 0.88 < energy.sum() / np.hypot(energy.sum(), lagging.sum()) < 0.96
        drawn = source.month(tags["IF-1.power"], month, 60_000_000).value.sum() / 60
        melted = sum(m.energy or 0.0 for m in made if m.furnace == "IF-1" and m.tapped.month == month)
        idle = 6.0 * (source.month(tags["IF-1.power"], month, 60_000_000).value.size / 60)
        assert drawn - idle == pytest.approx(melted, rel=0.002)  # the drift about the idle power has no exact mean
        assert source.month(tags["IF-1.power"], month, 60_000_000).value.max() < 1500  # rated power


def test_every_reading_of_every_tag_lies_within_its_bounds_and_moves(source: Readings) -> None:
    """One month of all 200 tags; nothing is stuck for a day but what is planted or may stand still."""
    for tag in series_tags(size_of(1.0)):
        made = source.month(tag, 4, 30 * 60_000_000)
        assert np.isfinite(made.value).all()
        assert tag.low <= made.value.min() <= made.value.max() <= tag.high, tag.id
        if tag.measures != "operating":
            days = made.value.reshape(30, 48)
            assert (days.max(axis=1) > days.min(axis=1)).all(), tag.id


def _hours(sample: SampleManifest, *tags: str) -> Iterator[tuple[str, dict[int, float]]]:
    """Yield the 1-h means of the good readings, straight from the Parquet files."""
    files = [path for path in sample.files if path.name.startswith("readings_")]
    table = pa.concat_tables([pq.read_table(path, filters=[("tag", "in", tags)]) for path in files])
    for name in tags:
        one = table.filter(pc.equal(table["tag"], name))
        t, value, flag = (one[column].to_numpy() for column in ("t", "value", "flag"))
        hour = (t - 1) // HOUR_US
        good = flag == 0
        count, total = np.bincount(hour[good] - hour[0]), np.bincount(hour[good] - hour[0], weights=value[good])
        full = np.flatnonzero(count == np.bincount(hour - hour[0]).max())
        yield name, {int(at + hour[0]): float(total[at] / count[at]) for at in full}


def test_only_the_planted_week_is_over_the_limit_and_only_after_conversion(sample: SampleManifest) -> None:
    series = dict(_hours(sample, "DA001.pm", "DA001.o2", "CU-1.running", "DA001.so2", "DA001.nox"))
    running = [hour for hour, share in series["CU-1.running"].items() if share > 0]
    assert len(running) > 2500
    valid = [hour for hour in running if hour in series["DA001.pm"] and hour in series["DA001.o2"]]
    oxygen = np.array([series["DA001.o2"][hour] for hour in valid])

    def at_reference(tag: str) -> np.ndarray:
        return to_reference_oxygen(np.array([series[tag][hour] for hour in valid]), oxygen, 12.0).values

    dust = at_reference("DA001.pm")
    over = [hour for hour, value in zip(valid, dust, strict=True) if value > 40.0]
    days = [local_day(hour * HOUR_US, ZONE) for hour in over]
    planted = next(t for t in sample.planted if t.id == "over-limit-week")
    assert (str(min(days)), str(max(days)), len(over)) == (planted.start, planted.end, planted.count)
    assert planted.count == 59  # six days of ten hours, but for the calibration on Monday
    # As measured no hour is over, in that week either; outside it the permit's 30 holds too.
    assert max(series["DA001.pm"][hour] for hour in over) < 36.0
    outside = [v for hour, v in zip(valid, dust, strict=True) if hour not in set(over)]
    assert max(outside) < 28.0
    assert at_reference("DA001.so2").max() < 145.0
    assert at_reference("DA001.nox").max() < 240.0
    # All but the weekly calibration is valid.
    assert len(valid) / len(running) > 0.95


def test_the_heat_treatment_stack_lacks_hours_but_keeps_its_limits(sample: SampleManifest) -> None:
    series = dict(_hours(sample, "DA010.pm", "DA010.nox", "DA010.so2", "HT-1.running"))
    running = {hour for hour, share in series["HT-1.running"].items() if share > 0}
    valid = [hour for hour in series["DA010.pm"] if hour in running]
    assert 0.5 < len(valid) / len(running) < 0.7
    assert max(series["DA010.pm"].values()) < 30
    assert max(series["DA010.so2"].values()) < 100
    assert max(series["DA010.nox"].values()) < 200


def test_the_stuck_sensor_is_stuck_and_free_before_and_after(plan: SampleYear, source: Readings) -> None:
    tag = next(tag for tag in series_tags(size_of(0.001)) if tag.id == "CP-1.pressure")
    made = source.month(tag, 7, QUARTER_US)
    day = np.array([local_day(int(t) - 1, ZONE) for t in made.t])
    for one in plan.days[181:212]:
        still = np.unique(made.value[day == one]).size == 1
        assert still == (date(2025, 7, 7) <= one < date(2025, 7, 12)), one


def test_readings_are_the_same_whatever_was_asked_before(
    plan: SampleYear, made: list[heats.Melt], kept: months.Books, source: Readings
) -> None:
    tags = series_tags(size_of(0.001))
    read = months.meter_months(plan, kept, dict.fromkeys(plan.months(), 1.0))
    fresh = Readings(plan, tags, made, read)
    source.month(tags[3], 2, QUARTER_US)
    for tag in (tags[0], tags[25]):
        assert np.array_equal(source.month(tag, 9, QUARTER_US).value, fresh.month(tag, 9, QUARTER_US).value)


def test_scrap_without_fate_hardener_and_furnace_are_planted(tables: list[Table]) -> None:
    by = {table.record: table.columns for table in tables}
    assert by["waste"]["fate"].count(None) == 1
    assert [p for p, h in zip(by["process"]["id"], by["process"]["hardener"], strict=True) if h is None] == ["P-INV"]
    assert [s for s, h in zip(by["stack"]["id"], by["stack"]["height"], strict=True) if h < 15] == ["DA009"]
    bad = [
        e
        for e, shell, yoke in zip(*(by["equipment"][n] for n in ("id", "aluminium_shell", "yoke")), strict=True)
        if shell and not yoke
    ]
    assert bad == ["IF-3"]
    over = [
        (s, v)
        for s, p, v in zip(*(by["stack_test"][n] for n in ("stack", "pollutant", "concentration_mg_m3")), strict=True)
        if p == "pm" and v > 30
    ]
    assert over == [("DA005", 30.4)]


def _columns(tables: list[Table], name: str, *fields: str) -> list[tuple[Cell, ...]]:
    (columns,) = (table.columns for table in tables if table.record == name)
    return list(zip(*(columns[field] for field in fields), strict=True))


def test_states_of_a_machine_tell_the_whole_year_without_gap_or_overlap(tables: list[Table]) -> None:
    by: dict[Cell, list[tuple[Cell, ...]]] = {}
    for machine, *rest in _columns(tables, "machine_state", "equipment", "started_at", "ended_at"):
        by.setdefault(machine, []).append(tuple(rest))
    assert set(by) == {"IF-1", "CU-1", "ML-1", "FP-1", "FH-1", "SB-1"}
    for stretches in by.values():
        assert (stretches[0][0], stretches[-1][1]) == tuple(
            datetime.combine(date(y, 1, 1), time(0)) for y in (2025, 2026)
        )
        assert all(begun < ended for begun, ended in stretches)  # type: ignore[operator]
        assert all(one[1] == after[0] for one, after in pairwise(stretches))


def test_a_furnace_melts_when_its_heats_say_and_the_cupola_runs_when_its_tag_says(
    plan: SampleYear, made: list[heats.Melt], tables: list[Table], source: Readings
) -> None:
    states = _columns(tables, "machine_state", "equipment", "started_at", "ended_at", "state")
    started = dict(_columns(tables, "heat", "id", "started_at"))
    melted = [(begun, ended) for name, begun, ended, state in states if (name, state) == ("IF-1", "running")]
    assert melted == [(started[melt.id], melt.tapped) for melt in made if melt.furnace == "IF-1"]
    assert sum(state == "breakdown" for *_, state in states) == 1
    tag = next(tag for tag in series_tags(size_of(0.001)) if tag.id == "CU-1.running")
    for month in (3, 12):
        shown = source.month(tag, month, 30 * 60_000_000)
        stretches = [(plan.instant(a), plan.instant(b)) for n, a, b, s in states if (n, s) == ("CU-1", "running")]  # type: ignore[arg-type]
        on = np.any([(shown.t > begun) & (shown.t <= ended) for begun, ended in stretches], axis=0)
        assert np.array_equal(on, shown.value == 1.0)


def test_the_counts_of_machines_are_those_of_heats_and_pieces(
    made: list[heats.Melt], pieces: Table, tables: list[Table]
) -> None:
    rows = _columns(tables, "machine_output", "equipment", "product", "total", "good", "started_at", "ended_at")
    assert sum(int(str(row[2])) for row in rows if row[0] == "IF-1") == sum(m.furnace == "IF-1" for m in made)
    forged = [
        (count, result)
        for product, count, result in zip(*(pieces.columns[n] for n in ("product", "count", "result")), strict=True)
        if product == "F-301"
    ]
    press = [row for row in rows if row[0] == "FP-1"]
    assert sum(int(str(row[2])) for row in press) == sum(int(str(count)) for count, _ in forged)
    assert sum(int(str(row[3])) for row in press) == sum(int(str(count)) for count, r in forged if r == "good")
    for name, cycle in running.IDEAL_CYCLES.items():
        ran = sum(
            (ended - begun).total_seconds()  # type: ignore[operator]
            for n, begun, ended, state in _columns(
                tables, "machine_state", "equipment", "started_at", "ended_at", "state"
            )
            if (n, state) == (name, "running")
        )
        # No machine is faster than it was built for.
        assert 0.5 < cycle * sum(int(str(row[2])) for row in rows if row[0] == name) / ran < 1.0, name


def test_the_filter_is_out_of_order_in_the_week_over_the_limit(plan: SampleYear, tables: list[Table]) -> None:
    rows = _columns(tables, "control_run", "equipment", "state", "started_at", "ended_at", "cause", "response")
    (fault,) = [row for row in rows if row[1] == "fault"]
    assert fault[0] == "DC-1"
    assert [at.date() for at in fault[2:4]] == [plan.over_limit.start, plan.over_limit.end]  # type: ignore[union-attr]
    assert all(fault[4:])


def test_stock_closes_with_what_was_bought_and_used_but_in_the_planted_month(
    plan: SampleYear, tables: list[Table]
) -> None:
    stock = {
        (m, month): float(str(mass)) for month, m, mass in _columns(tables, "stock", "month", "material", "mass_t")
    }
    moved = {
        (name, month, way): float(str(mass))
        for month, name, way, mass in _columns(tables, "material", "month", "material", "direction", "mass_t")
    }
    for name in office.OPENING:
        for before, month in pairwise((f"{plan.year - 1}-12", *plan.months())):
            rest = stock[name, before] + moved[name, month, "bought"] - moved[name, month, "used"] - stock[name, month]
            planted = name == "new_sand" and month == plan.sand_lost_month
            # Masses are written to a kilogram.
            assert rest == pytest.approx(office.LOST_SAND if planted else 0.0, abs=0.002), (name, month)
            assert stock[name, month] > 0.0


def test_every_hazardous_waste_leaves_by_manifest(tables: list[Table]) -> None:
    made: dict[Cell, float] = {}
    for code, mass in _columns(tables, "waste", "hazardous_code", "mass_t"):
        if code is not None:
            made[code] = made.get(code, 0.0) + float(str(mass))
    sent = dict.fromkeys(made, 0.0)
    manifests = _columns(tables, "waste_transfer", "hazardous_code", "mass_t", "received_mass_t")
    for code, mass, _ in manifests:
        sent[code] += float(str(mass))
    assert sent == pytest.approx(made, abs=0.002)
    assert sum(mass != found for _, mass, found in manifests) == 1


def test_the_cupola_stands_still_on_the_days_of_the_warning(
    plan: SampleYear, made: list[heats.Melt], source: Readings
) -> None:
    assert not [melt for melt in made if melt.line == "CL" and melt.tapped.date() in plan.warned_days]
    tag = next(tag for tag in series_tags(size_of(0.001)) if tag.id == "SB-1.current")
    shown = source.month(tag, 12, 60 * 60_000_000)
    day = np.array([local_day(int(t) - 1, ZONE) for t in shown.t])
    usual, warned = (
        float(shown.value[np.isin(day, list(days))].mean())
        for days in ([date(2025, 12, n) for n in (15, 16)], plan.warned_days)
    )
    assert warned < 0.5 * usual
