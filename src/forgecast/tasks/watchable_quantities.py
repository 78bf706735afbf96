"""Which quantities of a plant can be watched on control charts, and by what they are told apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forgecast.ground.texts import Text, bilingual, text, verbatim
from forgecast.plant.record import Field, Record, record, records
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.watched_records import stated_labels

#: Records whose rows come one after another out of a process.
RECORDS = (
    "piece", "shot", "blow", "heat", "sample", "melt_temperature", "ladle", "treatment", "mould", "heat_treatment",
    "mechanical_test",
)  # fmt: skip
#: What people part charts by, the usual one first.
LABELS = ("die", "product", "alloy", "furnace", "machine", "vessel", "cavity", "operator", "kind", "shift")
#: A quantity with fewer values makes no chart.
FEWEST = 20
#: Ends of names that say the unit.
_UNITS = ("_percent", "_degC", "_MPa", "_kWh", "_bar", "_mm_s", "_mm", "_cm3", "_HBW")


@dataclass(frozen=True, slots=True)
class Watchable:
    """A quantity that can be charted.

    Parameters
    ----------
    field : str
        ``record.field``, or ``measurement.NAME`` of a characteristic.
    record : Text
    title : Text
    unit : str
    values : int
        On record.
    is_result : bool
        Whether it is a result of inspection, which is counted.
    labels : tuple of str
        What its charts can be parted by.
    by : str
        What they are usually parted by; empty for one chart.
    limited : bool
        Whether limits are on record, so that its capability can be judged.
    """

    field: str
    record: Text
    title: Text
    unit: str
    values: int
    is_result: bool
    labels: tuple[str, ...]
    by: str
    limited: bool = False


def watchable_quantities(plant: PlantFolder) -> tuple[Watchable, ...]:
    """Return the quantities of which there are enough values, results and characteristics first."""
    found: list[Watchable] = []
    known: dict[tuple[str, str], bool] = {}
    for name in RECORDS:
        found += _of_record(plant, record(name), known)
    order = sorted(found, key=lambda one: not one.is_result)
    return (*(one for one in order if one.is_result), *_characteristics(plant, known),
            *(one for one in order if not one.is_result))  # fmt: skip


def _of_record(plant: PlantFolder, kind: Record, known: dict[tuple[str, str], bool]) -> list[Watchable]:
    fields = [field for field in kind.fields if _measured(field)]
    if not fields or kind.clock is None:
        return []
    held = plant.records.columns(kind.name, [field.name for field in fields])
    labels = stated_labels(plant, kind, LABELS, known)
    found = []
    for field in fields:
        column = held[field.name]
        if field.name == "result":
            n = sum(word is not None for word in column.tolist())
        else:
            n = int(np.isfinite(column.astype(np.float64)).sum())
        if n >= FEWEST:
            title = text("share of rejects") if field.name == "result" else title_of(field)
            found.append(Watchable(f"{kind.name}.{field.name}", kind.title, title, field.unit, n,
                                   field.name == "result", labels, _usual(field, labels)))  # fmt: skip
    return found


def title_of(field: Field) -> Text:
    """Return the name of a field as people say it; its unit stands beside it."""
    name = next((field.name.removesuffix(end) for end in _UNITS if field.name.endswith(end)), field.name)
    return bilingual(name.replace("_", " "), field.header.say("zh"))


def title_of_named(field: str) -> Text | None:
    """Return the name of ``record.field``; None for a characteristic, or a column of a file."""
    name, _, of = field.partition(".")
    if name not in records():
        return None
    if of == "result":
        return text("share of rejects")
    return next((title_of(one) for one in record(name).fields if one.name == of), None)


def _measured(field: Field) -> bool:
    return field.is_number or field.name == "result"


def _usual(field: Field, labels: tuple[str, ...]) -> str:
    """Return by what a quantity is parted without being asked: alloys differ in analysis, furnaces in the rest."""
    wanted = ("alloy",) if field.name.endswith("_percent") else ("die", "product", "furnace", "vessel", "machine")
    return next((name for name in wanted if name in labels), "")


def _characteristics(plant: PlantFolder, known: dict[tuple[str, str], bool]) -> list[Watchable]:
    words = plant.records.columns("measurement", ["characteristic"])["characteristic"].tolist()
    rows = plant.records.read("characteristic")
    limits = {str(row["name"]) for row in rows if row["lower"] is not None or row["upper"] is not None}
    units = {str(row["name"]): str(row["unit"] or "") for row in rows}
    kind = record("measurement")
    labels = stated_labels(plant, kind, LABELS, known)
    found = []
    for name in sorted({str(word) for word in words if word is not None}):
        n = sum(str(word) == name for word in words)
        if n >= FEWEST:
            found.append(
                Watchable(f"measurement.{name}", text("Measurement"), verbatim(name), units.get(name, ""), n,
                          is_result=False, labels=labels, by="product" if "product" in labels else "",
                          limited=name in limits)
            )  # fmt: skip
    return found
