"""The log of the furnaces: heats of some days, and all that is on record of one heat."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from forgecast.ground.dates import day_start_us, local_day
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text
from forgecast.plant.rows import Value
from forgecast.store.browse import Condition
from forgecast.store.guard import Standing
from forgecast.store.plant_folder import PlantFolder
from forgecast.store.records import StoredRow

#: Records whose rows name the heat they belong to, in the order in which they come about.
OF_HEAT = ("charge_item", "sample", "melt_temperature", "ladle", "treatment", "holding_fill")


@dataclass(frozen=True, slots=True)
class MeltDay:
    """What was melted on a day: heats, metal tapped [kg], energy [kWh]; None where a heat lacks it."""

    day: date
    heats: int
    mass: float | None
    energy_kwh: float | None


@dataclass(frozen=True, slots=True)
class LoggedHeat:
    """A heat in the log.

    Parameters
    ----------
    row : StoredRow
    samples, ladles : int
        How many are on record.
    last_sample : StoredRow or None
    decision : str
        Last decision on it, a code of the record `disposition`; empty where nobody decided.
    """

    row: StoredRow
    samples: int
    ladles: int
    last_sample: StoredRow | None
    decision: str


@dataclass(frozen=True, slots=True)
class MeltLog:
    """Heats of some days, newest first.

    Parameters
    ----------
    first, last : date or None
        Days asked for; None where no heat is on record.
    heats : tuple of LoggedHeat
    total : int
    next : str
        Where to go on (`after`); empty at the end.
    """

    first: date | None
    last: date | None
    heats: tuple[LoggedHeat, ...]
    total: int
    next: str


@dataclass(frozen=True, slots=True)
class HeatFile:
    """All that is on record of a heat.

    Parameters
    ----------
    row : StoredRow
    parts : mapping of str to tuple of StoredRow
        Rows of `OF_HEAT` that name it, or one of its ladles, in order of time.
    lots : mapping of str to str
        Names of the lots that were charged or treated with.
    moulds : int
    products : mapping of (str, str) to int
        Pieces by product and result.
    standing : Standing or None
    """

    row: StoredRow
    parts: Mapping[str, tuple[StoredRow, ...]]
    lots: Mapping[str, str]
    moulds: int
    products: Mapping[tuple[str, str], int]
    standing: Standing | None


def melt_days(plant: PlantFolder, *, days: int = 60) -> tuple[MeltDay, ...]:
    """Return what was melted by day, the last `days` up to the last heat, oldest first; days without a heat too."""
    held = plant.records.columns("heat", ("tapped_at", "mass", "energy_kWh"))
    tapped = held["tapped_at"].astype(np.int64)
    if tapped.size == 0:
        return ()
    zone_name = plant.settings.zone
    last = local_day(int(tapped.max()), zone_name)
    first = last - timedelta(days=days - 1)
    lately = tapped >= day_start_us(first, zone_name)
    each: dict[date, list[int]] = {}
    at, mass, energy = tapped[lately], held["mass"][lately], held["energy_kWh"][lately]
    for number, moment in enumerate(at):
        each.setdefault(local_day(int(moment), zone_name), []).append(number)
    found = []
    for number in range(days):
        day = first + timedelta(days=number)
        rows = each.get(day, [])
        found.append(MeltDay(day, len(rows), _sum(mass[rows]), _sum(energy[rows])))
    return tuple(found)


def _sum(values: np.ndarray) -> float | None:
    total = float(values.sum()) if values.size else 0.0
    return total if np.isfinite(total) else None


def melt_log(
    plant: PlantFolder,
    *,
    first: date | None = None,
    last: date | None = None,
    furnace: str = "",
    alloy: str = "",
    words: str = "",
    after: str = "",
    limit: int = 100,
) -> MeltLog:
    """Return the heats of some days, newest first.

    Parameters
    ----------
    plant : PlantFolder
    first, last : date or None
        Plant-local days, both included; without them the last day with a heat.
    furnace, alloy : str
        Only of these; empty for any.
    words : str
        Words that one of the text fields has to hold; then any day will do where none is given.
    after : str
        `next` of the page before.
    limit : int
    """
    zone_name = plant.settings.zone
    newest = plant.records.last("heat", "tapped_at")
    if not isinstance(newest, int):
        return MeltLog(None, None, (), 0, "")
    last_day = local_day(newest, zone_name)
    until = last or (max(first, last_day) if first else last_day)
    since = first or (until if not words else date(1970, 1, 2))
    held = [
        Condition("tapped_at", ">=", day_start_us(since, zone_name)),
        Condition("tapped_at", "<=", day_start_us(until + timedelta(days=1), zone_name) - 1),
    ]
    held += [Condition(name, "=", value) for name, value in (("furnace", furnace), ("alloy", alloy)) if value]
    skip = int(after) if after.isdecimal() and len(after) < 16 else 0
    page = plant.browse("heat", held, words=words, sort="tapped_at", descending=True, skip=skip, limit=limit)
    end = skip + len(page.rows)
    return MeltLog(since, until, _logged(plant, page.rows), page.total, str(end) if end < page.total else "")


def _logged(plant: PlantFolder, rows: Sequence[StoredRow]) -> tuple[LoggedHeat, ...]:
    names = [str(row["id"]) for row in rows]
    if not names:
        return ()
    samples: dict[str, list[StoredRow]] = {}
    for row in plant.records.read("sample", heat=names):
        samples.setdefault(str(row["heat"]), []).append(row)
    ladles = Counter(str(row["heat"]) for row in plant.records.read("ladle", heat=names))
    decided: dict[str, tuple[int, str]] = {}
    for row in plant.records.read("disposition", subject="heat", subject_id=names):
        decided[str(row["subject_id"])] = max(
            decided.get(str(row["subject_id"]), (0, "")), (_at(row["decided_at"]), str(row["decision"]))
        )
    return tuple(
        LoggedHeat(
            row,
            len(samples.get(name, ())),
            ladles.get(name, 0),
            max(samples.get(name, ()), key=lambda one: _at(one["taken_at"]), default=None),
            decided.get(name, (0, ""))[1],
        )
        for name, row in zip(names, rows, strict=True)
    )


def _at(value: Value) -> int:
    return value if isinstance(value, int) else 0


def heat_file(plant: PlantFolder, name: str) -> HeatFile:
    """Return all that is on record of a heat.

    Raises
    ------
    ForgecastError
        If there is no such heat.
    """
    found = plant.records.read("heat", id=name)
    if not found:
        raise ForgecastError(
            text("there is no heat {heat} on record", heat=name),
            where=name,
            repair=text("import the record heat, or name one that is on record"),
        )
    parts = {record: list(plant.records.read(record, heat=name)) for record in OF_HEAT}
    ladles = [str(row["id"]) for row in parts["ladle"]]
    if ladles:
        for record in ("sample", "melt_temperature", "treatment", "holding_fill"):
            seen = {(row.file, row.row) for row in parts[record]}
            more = plant.records.read(record, ladle=ladles)
            parts[record] += [row for row in more if (row.file, row.row) not in seen]
    parts = {record: _in_time(rows, _WHEN[record]) for record, rows in parts.items()}
    lots = {str(row["lot"]) for record in ("charge_item", "treatment") for row in parts[record] if row["lot"]}
    held = plant.records.columns("piece", ("product", "result", "count"), heat=name)
    products: Counter[tuple[str, str]] = Counter()
    for product, result, count in zip(held["product"], held["result"], held["count"], strict=True):
        products[str(product or ""), str(result or "")] += int(count) if np.isfinite(count) else 1
    return HeatFile(
        row=found[0],
        parts={record: tuple(rows) for record, rows in parts.items()},
        lots={str(row["id"]): str(row["name"] or "") for row in plant.records.read("lot", id=sorted(lots))}
        if lots
        else {},
        moulds=len(plant.records.read("mould", heat=name)),
        products=products,
        standing=plant.standing("heat", name),
    )


def _in_time(rows: Sequence[StoredRow], when: str) -> list[StoredRow]:
    return sorted(rows, key=lambda row: _at(row[when]))


_WHEN: Mapping[str, str] = {
    "charge_item": "added_at",
    "sample": "taken_at",
    "melt_temperature": "measured_at",
    "ladle": "filled_at",
    "treatment": "started_at",
    "holding_fill": "filled_at",
}
