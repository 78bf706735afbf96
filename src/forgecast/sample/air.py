"""Permits, manual stack tests and fugitive tests of the made-up plant."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from forgecast.sample.plan import SampleYear
from forgecast.sample.table import Cell, Table

PERMIT = "SAMPLE-PERMIT-001"
#: Pollutants tested by hand: stack -> (pollutant, mean, spread), mg/m3, all well below their limits.
TESTED: dict[str, tuple[tuple[str, float, float], ...]] = {
    "DA002": (("pm", 21.0, 1.5), ("so2", 104.0, 9.0), ("nox", 128.0, 9.0)),
    "DA003": (("pm", 11.5, 1.2),),
    "DA004": (("pm", 13.0, 1.4), ("nmhc", 8.4, 0.7)),
    "DA005": (("pm", 18.5, 1.6),),
    "DA006": (("pm", 8.2, 1.0), ("nmhc", 11.5, 0.9)),
    "DA007": (("pm", 12.4, 1.3), ("nmhc", 6.9, 0.6)),
    "DA008": (("pm", 14.8, 1.4),),
    "DA009": (("pm", 16.9, 1.5),),
    "DA011": (
        ("pm", 6.8, 0.8),
        ("benzene", 0.21, 0.03),
        ("benzene_series", 8.6, 0.9),
        ("nmhc", 19.5, 2.0),
        ("tvoc", 31.0, 3.0),
    ),
    "DA012": (("pm", 12.6, 1.2), ("so2", 16.0, 2.0), ("nox", 118.0, 9.0)),
}
#: Dry gas flow at standard state, m3/h, and hours a year, by stack.
FLOWS = {
    "DA001": 14200.0, "DA002": 9600.0, "DA003": 21000.0, "DA004": 18500.0, "DA005": 32000.0, "DA006": 14000.0,
    "DA007": 24500.0, "DA008": 36000.0, "DA009": 19000.0, "DA010": 5200.0, "DA011": 26500.0, "DA012": 6400.0,
}  # fmt: skip
HOURS = {"DA001": 2900.0, "DA002": 120.0, "DA010": 7000.0}
USUAL_HOURS = 4600.0
METHODS = {
    "pm": "HJ 836", "so2": "HJ 57", "nox": "HJ 693", "nmhc": "HJ 38", "benzene": "HJ 734", "benzene_series": "HJ 734",
    "tvoc": "HJ 734",
}  # fmt: skip
#: Where the planted test over its limit lies: stack, quarter, mg/m3.
OVER_BY_A_HAIR = ("DA005", 4, 30.4)


def permit_table(plan: SampleYear) -> Table:
    """Return the discharge permit; it runs out in November and no renewal is on record (planted)."""
    columns: dict[str, list[Cell]] = {
        "id": [PERMIT],
        "site": ["S1"],
        "kind": ["key"],
        "valid_from": [date(plan.year - 5, 12, 1)],
        "valid_until": [date(plan.year, 11, 30)],
    }
    return Table("permit", columns)


def stack_test_table(plan: SampleYear) -> Table:
    """Return the quarterly manual tests of the stacks without continuous monitoring."""
    draw = plan.rng("stack tests")
    rows: list[tuple[Cell, ...]] = []
    for quarter in (1, 2, 3, 4):
        for number, (stack, pollutants) in enumerate(TESTED.items()):
            day, hour = plan.workday(3 * quarter - 1, 12 + number // 3), 9 + 2 * (number % 3)
            if stack == "DA002":
                day = sorted(plan.cold_days)[3 * quarter - 2]
            begun = datetime.combine(day, time(hour)) + timedelta(minutes=10 * int(draw.integers(0, 5)))
            oxygen = round(draw.normal(14.6, 0.3), 1) if stack == "DA002" else None
            oxygen = round(draw.normal(9.8, 0.3), 1) if stack == "DA012" else oxygen
            flow = round(FLOWS[stack] * draw.normal(1.0, 0.02), 0)
            for pollutant, mean, spread in pollutants:
                value = round(draw.normal(mean, spread), 2 if pollutant == "benzene" else 1)
                if (stack, quarter, pollutant) == (*OVER_BY_A_HAIR[:2], "pm"):
                    value = OVER_BY_A_HAIR[2]
                inlet = round(value * flow / 1e6 / draw.uniform(0.13, 0.16), 2) if pollutant == "nmhc" else None
                name = f"ST{plan.year % 100:02d}{quarter}-{stack[-2:]}-{pollutant}"
                report = f"示例检测{plan.year}-Q{quarter}（虚构）"
                rows.append((name, stack, begun, pollutant, value, oxygen, flow, inlet, METHODS[pollutant], report))
    rows.sort(key=lambda row: (str(row[2]), str(row[1])))
    names = (
        "id", "stack", "sampled_at", "pollutant", "concentration_mg_m3", "oxygen_percent", "flow_m3_h",
        "inlet_rate_kg_h", "method", "report",
    )  # fmt: skip
    return Table("stack_test", {name: [row[at] for row in rows] for at, name in enumerate(names)})


def ambient_test_table(plan: SampleYear) -> Table:
    """Return the half-yearly tests outside the workshops and at the boundary."""
    draw = plan.rng("ambient tests")
    rows: list[tuple[Cell, ...]] = []
    for month in (4, 10):
        begun = datetime.combine(plan.workday(month, 14), time(10))
        for place, pollutant, statistic, mean, spread in (
            ("in_plant", "pm", "hourly_mean", 1.6, 0.3),
            ("in_plant", "nmhc", "hourly_mean", 2.8, 0.4),
            ("in_plant", "nmhc", "single_reading", 5.1, 0.8),
            ("boundary", "pm", "hourly_mean", 0.31, 0.04),
            ("boundary", "nmhc", "hourly_mean", 1.2, 0.2),
        ):
            for again in range(3):
                at = begun + timedelta(minutes=90 * again)
                name = f"AT{plan.year % 100:02d}-{len(rows) + 1:03d}"
                report = f"示例检测{plan.year}-{month:02d}（虚构）"
                rows.append((name, place, at, pollutant, statistic, round(draw.normal(mean, spread), 2), report))
    names = ("id", "place", "sampled_at", "pollutant", "statistic", "concentration_mg_m3", "report")
    return Table("ambient_test", {name: [row[at] for row in rows] for at, name in enumerate(names)})


def pm_emission(tests: Table, monitored: dict[str, float]) -> float:
    """Return the year's particulate emission, t, from tests (mean of each stack) and monitored means (mg/m3)."""
    found: dict[str, list[float]] = {stack: [mean] for stack, mean in monitored.items()}
    columns = tests.columns
    for stack, pollutant, value in zip(
        *(columns[name] for name in ("stack", "pollutant", "concentration_mg_m3")), strict=True
    ):
        if pollutant == "pm":
            found.setdefault(str(stack), []).append(float(str(value)))
    return sum(
        sum(values) / len(values) * FLOWS[stack] * HOURS.get(stack, USUAL_HOURS) / 1e9
        for stack, values in found.items()
    )
