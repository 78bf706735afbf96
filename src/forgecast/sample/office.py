"""Office records of the made-up plant: stock, waste manifests, a warning, and the papers it holds, by year."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from forgecast.sample.plan import SampleYear
from forgecast.sample.rows import Rows
from forgecast.sample.table import Cell, Table, master_rows, master_table

#: Stock at the end of the year before, t.
OPENING = {"new_sand": 210.0, "pig_iron": 320.0, "coke": 260.0}
#: New sand that left the stock in the planted month without a record, t.
LOST_SAND = 46.0
#: Quarters' hazardous waste goes out in one manifest a code; one was weighed otherwise by the receiver (planted).
ODD_MANIFEST = ("900-041-49", 3)
#: Share of the mass sent that the receiver of the odd manifest found.
ODD_SHARE = 0.86
CARRIER = "示例危运（虚构） / Sample carrier (synthetic)"
#: Records of `master/` whose dates follow the year: cells name it as ``{year}``, ``{last}`` and so on.
PAPERS = (
    "energy_measure", "incident", "project", "system_certificate", "honour", "duty_proof", "claim", "investment",
    "plan_goal", "plan_measure",
)  # fmt: skip


def paper_tables(plan: SampleYear) -> dict[str, Table]:
    """Return the papers of the master data, dated for the plan's year."""
    year = plan.year
    years = {"year": year, "last": year - 1, "before": year - 2, "next": year + 1, "soon": year + 2, "far": year + 5}
    return {
        record: master_table(
            record, [{name: cell.format(**years) for name, cell in row.items()} for row in master_rows(record)]
        )
        for record in PAPERS
    }


def stock_table(plan: SampleYear, material: Table) -> Table:
    """Return the stock of three materials at each month's end: what was there, and was bought, less what was used.

    From the planted month on there is less new sand than that.
    """
    moved: dict[tuple[str, str], float] = {}
    for month, name, way, mass in zip(*material.columns.values(), strict=True):
        signed = float(str(mass)) * (1.0 if way == "bought" else -1.0)
        moved[str(month), str(name)] = moved.get((str(month), str(name)), 0.0) + signed
    rows = Rows("stock", "month", "material", "mass_t")
    for name, opening in OPENING.items():
        left = opening
        rows.add(f"{plan.year - 1}-12", name, left)
        for month in plan.months():
            left += moved[month, name]
            if name == "new_sand" and month == plan.sand_lost_month:
                left -= LOST_SAND
            rows.add(month, name, round(left, 3))
    return rows.table(by="month")


def waste_transfer_table(plan: SampleYear, waste: Table) -> Table:
    """Return the manifests of hazardous waste: what a quarter made of each code leaves in its last days."""
    made: dict[tuple[int, str], list[float]] = {}
    kinds: dict[str, tuple[Cell, Cell]] = {}
    names = ("month", "kind", "hazardous_code", "mass_t", "receiver")
    for month, kind, code, mass, receiver in zip(*(waste.columns[name] for name in names), strict=True):
        if code is not None:
            kinds[str(code)] = kind, receiver
            made.setdefault(((int(str(month)[5:]) + 2) // 3, str(code)), []).append(float(str(mass)))
    rows = Rows(
        "waste_transfer", "id", "shipped_at", "kind", "hazardous_code", "mass_t", "transporter", "receiver",
        "receiver_licence", "received_at", "received_mass_t",
    )  # fmt: skip
    for number, ((quarter, code), masses) in enumerate(sorted(made.items())):
        left = datetime.combine(plan.workday(3 * quarter, 25), time(9, 10 * (number % 4)))
        mass = round(sum(masses), 3)
        found = round(mass * (ODD_SHARE if (code, quarter) == ODD_MANIFEST else 1.0), 3)
        kind, receiver = kinds[code]
        rows.add(
            f"SAMPLE-{plan.year}-{number + 1:04d}", left, kind, code, mass, CARRIER,
            receiver, "SAMPLE-HW-001", left + timedelta(hours=5), found,
        )  # fmt: skip
    return rows.table()


def warning_table(plan: SampleYear) -> Table:
    """Return the one heavy-pollution warning of the year."""
    rows = Rows("pollution_warning", "level", "from_time", "until_time", "source")
    rows.add("orange", *plan.warning, f"示例市预警{plan.year}-12（虚构） / Sample city's notice (synthetic)")
    return rows.table()
