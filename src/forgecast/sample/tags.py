"""Tags of the made-up plant: the essential ones, and as many auxiliary ones as the scale asks for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from forgecast.sample.plan import QUARTER_US, Size
from forgecast.sample.table import Cell, Table, master_rows

_ACTIVITY_OF_LINE = {"CL": "cupola", "FG": "forge"}
_ACTIVITY_OF_KIND = {"induction_furnace": "induction", "heat_treatment_furnace": "ht", "compressor": "day"}


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag and the law its made-up readings follow.

    Parameters
    ----------
    id, name, measures, unit, stack, meter, equipment, reading : str
        As in the record of tags; empty where there is none.
    low, high : float
        Plausible bounds; every reading lies within.
    law : str
        ``work:<activity>``, ``gas:<activity>``, ``oxygen:<activity>``, ``operating:<activity>``, ``furnace:<id>``,
        ``main`` or ``ambient``.
    idle, run, slow, noise : float
        Level at rest and at work; spread of the slow drift and of single readings.
    decimals : int
        Digits the instrument shows.
    """

    id: str
    name: str
    measures: str
    unit: str
    stack: str
    meter: str
    equipment: str
    reading: str
    low: float
    high: float
    law: str
    idle: float
    run: float
    slow: float
    noise: float
    decimals: int


def series_tags(size: Size) -> tuple[Tag, ...]:
    """Return the tags of the monthly series files at a size."""
    every = [*_essential(), *_auxiliary()]
    return tuple(every[: size.tags])


def _essential() -> Iterator[Tag]:
    for row in master_rows("tag"):
        yield Tag(
            id=row["id"],
            name=row["name"],
            measures=row["measures"],
            unit=row["unit"],
            stack=row["stack"],
            meter=row["meter"],
            equipment=row["equipment"],
            reading=row["reading"],
            low=float(row["low"]),
            high=float(row["high"]),
            law=row["law"],
            idle=float(row["idle"]),
            run=float(row["run"]),
            slow=float(row["slow"]),
            noise=float(row["noise"]),
            decimals=int(row["decimals"]),
        )


def _auxiliary() -> Iterator[Tag]:
    machines = {row["id"]: row for row in master_rows("equipment")}
    for row in master_rows("tag_family"):
        for machine in row["machines"].split(";"):
            known = machines[machine]
            activity = _ACTIVITY_OF_KIND.get(known["kind"], _ACTIVITY_OF_LINE.get(known["line"], "day"))
            zh, _, en = row["name"].partition(" / ")
            machine_zh, _, machine_en = known["name"].partition(" / ")
            yield Tag(
                id=f"{machine}.{row['suffix']}",
                name=f"{machine_zh}{zh} / {machine_en}: {en}",
                measures=row["measures"],
                unit=row["unit"],
                stack="",
                meter="",
                equipment=machine,
                reading="instant",
                low=float(row["low"]),
                high=float(row["high"]),
                law="ambient" if row["suffix"] == "ambient_temperature" else f"work:{activity}",
                idle=float(row["idle"]),
                run=float(row["run"]),
                slow=float(row["slow"]),
                noise=float(row["noise"]),
                decimals=int(row["decimals"]),
            )


def tag_table(tags: Sequence[Tag], size: Size) -> Table:
    """Return the record of tags: those of the monthly files and of the electricity company's file."""
    names = ("id", "name", "measures", "unit", "stack", "meter", "equipment", "interval", "reading", "low", "high")
    columns: dict[str, list[Cell]] = {name: [] for name in (*names, "oxygen_corrected", "basis")}
    for tag in tags:
        for name in names:
            value: Cell = size.interval_us / 1e6 if name == "interval" else getattr(tag, name)
            columns[name].append(None if value == "" else value)
        columns["oxygen_corrected"].append(False if tag.law.startswith("gas:") else None)
        dry = tag.law.startswith(("gas:", "oxygen:")) or tag.measures == "gas_flow"
        columns["basis"].append("dry_standard" if dry else None)
    for row in master_rows("tag_15min"):
        for name in names:
            cell: Cell = row.get(name) or None
            cell = QUARTER_US / 1e6 if name == "interval" else cell
            columns[name].append(float(str(cell)) if name in {"low", "high"} else cell)
        columns["oxygen_corrected"].append(None)
        columns["basis"].append(None)
    return Table("tag", columns)
