"""What hangs on the subjects of a trace: samples, temperatures, treatments, tests; neighbours; and what is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from forgecast.ground.texts import Text, text
from forgecast.plant.lineage import KIND_TITLES, Lineage, Relation
from forgecast.plant.lineage_names import TIMES
from forgecast.plant.record import record
from forgecast.plant.rows import Value
from forgecast.signals.reading import GOOD
from forgecast.store.plant_folder import PlantFolder
from forgecast.store.records import StoredRow
from forgecast.tasks.lineage_sources import chunks


@dataclass(frozen=True, slots=True)
class Attached:
    """A record that hangs on a subject of the trace: a sample, a temperature, a treatment, a test.

    Parameters
    ----------
    record : str
        Name of the record; ``chart`` for what a furnace's chart says of a load.
    subject : (str, str)
        Kind and number of the subject it belongs to.
    time : int or None
        Microseconds UTC.
    values : mapping of field to Value
        What is known of it, without empty fields.
    source : str
        ``file:row``.
    """

    record: str
    subject: tuple[str, str]
    time: int | None
    values: Mapping[str, Value]
    source: str

    def as_json(self) -> dict[str, object]:
        """Return it as every JSON answer shows it."""
        return {
            "record": self.record,
            "subject": {"kind": self.subject[0], "id": self.subject[1]},
            "time": self.time,
            "values": dict(self.values),
            "source": self.source,
        }


#: Records that hang on subjects, the field that names the subject by its kind, and the field that says when.
_HANGING: Final[Mapping[str, tuple[str, Mapping[str, str]]]] = {
    "sample": ("taken_at", {"heat": "heat", "ladle": "ladle", "piece": "piece"}),
    "melt_temperature": ("measured_at", {"heat": "heat", "ladle": "ladle"}),
    "treatment": ("started_at", {"heat": "heat", "ladle": "ladle"}),
    "blow": ("blow_at", {"piece": "piece"}),
    "operation": ("started_at", {"piece": "piece"}),
    "inspection": ("inspected_at", {"piece": "piece", "heat": "heat", "heat_treatment": "heat_treatment"}),
    "mechanical_test": ("tested_at", {"piece": "piece", "heat": "heat", "heat_treatment": "heat_treatment"}),
    "nonconformity": (
        "raised_at",
        {"lot": "lot", "heat": "heat", "heat_treatment": "heat_treatment", "piece": "piece"},
    ),
}
#: Facts are listed for so many subjects of a kind; a trace of a whole year is no page to read.
_MOST_SUBJECTS: Final = 200


def attached_to(
    plant: PlantFolder, who: Sequence[tuple[str, str]], rows: Mapping[tuple[str, str], StoredRow]
) -> tuple[Attached, ...]:
    """Return the rows of the subjects that say more than their links, and the records that hang on them, by time.

    Parameters
    ----------
    plant : PlantFolder
    who : sequence of (str, str)
        Kind and number of each subject, the one asked for first.
    rows : mapping of subject to StoredRow
        Rows that have been read already.
    """
    by_kind: dict[str, list[str]] = {}
    for kind, name in who:
        by_kind.setdefault(kind, []).append(name)
    filled = plant.records.filled()
    found: dict[tuple[str, str], Attached] = {}
    for key in [*who[:1], *(one for one in who[1:] if one[0] == "heat_treatment")]:
        if key in rows:
            found[key[0], rows[key].place()] = _attached(key[0], key, rows[key], TIMES[key[0]])
    for name, (when, fields) in _HANGING.items():
        if name not in filled:
            continue
        for kind, field in fields.items():
            for some in chunks(by_kind.get(kind, [])[:_MOST_SUBJECTS]):
                for row in plant.records.read(name, **{field: some}):
                    one = _attached(name, (kind, str(row[field])), row, when)
                    found.setdefault((name, one.source), one)
    every = [*found.values(), *_charts(plant, [one for one in found.values() if one.record == "heat_treatment"])]
    return tuple(sorted(every, key=lambda one: (one.time or 0, one.record, one.source)))


def _charts(plant: PlantFolder, loads: Sequence[Attached]) -> list[Attached]:
    """Return lowest and highest good reading of the chart of each furnace load, from going in to coming out."""
    said = []
    for load in loads:
        tag, start, end = (load.values.get(name) for name in ("chart", "started_at", "ended_at"))
        if not isinstance(tag, str) or not isinstance(start, int) or not isinstance(end, int) or end <= start:
            continue
        readings = plant.telemetry.series(tag, start, end + 1)
        good = readings.value[readings.flag == GOOD]
        if good.size == 0:
            continue
        rows = plant.records.read("tag", id=tag)
        unit = str(rows[0]["unit"] or "") if rows else ""
        values: dict[str, Value] = {
            "tag": tag,
            "readings": int(good.size),
            "lowest": float(good.min()),
            "highest": float(good.max()),
            "unit": unit,
        }
        said.append(Attached("chart", load.subject, start, values, tag))
    return said


def _attached(record_name: str, subject: tuple[str, str], row: StoredRow, when: str) -> Attached:
    known = {key: value for key, value in row.values.items() if value is not None}
    time = row.values[when]
    return Attached(record_name, subject, time if isinstance(time, int) else None, known, row.place())


def neighbours_of(plant: PlantFolder, kind: str, name: str) -> tuple[tuple[str, str, str], ...]:
    """Return the shots of the same die (the moulds of the same line) just before and just after."""
    field, when = {"shot": ("die", "shot_at"), "mould": ("line", "poured_at")}.get(kind, ("", ""))
    if not field:
        return ()
    (row,) = plant.records.read(kind, id=name) or (None,)
    if row is None or row[field] is None or row[when] is None:
        return ()
    columns = plant.records.columns(kind, ["id", when], **{field: row[field]})
    order = np.lexsort((columns["id"].astype(str), np.asarray(columns[when], dtype=np.float64)))
    names = [str(columns["id"][i]) for i in order]
    at = names.index(name)
    near = [names[i] for i in (at - 1, at + 1) if 0 <= i < len(names)]
    return tuple((kind, str(one["id"]), one.place()) for one in plant.records.read(kind, id=near))


#: Which field would settle a link that is not on record: (child kind, relation) -> (record, field).
_FIELDS: Final[Mapping[tuple[str, Relation], tuple[str, str]]] = {
    ("ladle", Relation.TAPPED): ("ladle", "heat"),
    ("holding_fill", Relation.FILLED): ("holding_fill", "heat"),
    ("mould", Relation.POURED): ("mould", "ladle"),
    ("shot", Relation.LADLED): ("shot", "furnace"),
    ("piece", Relation.CAST): ("piece", "mould"),
    ("piece", Relation.FORGED): ("piece", "lot"),
}
#: Which field would link a thing that has no parent at all.
_NEXT: Final[Mapping[str, tuple[str, str]]] = {
    "heat": ("charge_item", "lot"),
    "ladle": ("ladle", "heat"),
    "holding_fill": ("holding_fill", "heat"),
    "mould": ("mould", "ladle"),
    "piece": ("piece", "mould"),
}


def further_records(lineage: Lineage, nodes: NDArray[np.int64]) -> tuple[Text, ...]:
    """Return which records would take a trace back further, or make it surer."""
    said: dict[str, Text] = {}
    links = lineage.links
    for node in nodes:
        kind, name = lineage.kind(int(node)), lineage.name(int(node))
        mine = slice(int(links.start[node]), int(links.start[node + 1]))
        moved = lineage.moves.start[node + 1] > lineage.moves.start[node]
        if mine.start == mine.stop and not moved:
            if kind == "shot":
                said[f"{kind} {name}"] = _shot_sentence(lineage, name)
            elif kind in _NEXT:
                into, field = _NEXT[kind]
                said[f"{kind} {name}"] = _sentence(kind, name, into, field)
        for k in range(mine.start, mine.stop):
            asked = _FIELDS.get((kind, Relation(int(links.relation[k]))))
            if not links.recorded[k] and asked is not None:
                said[f"{kind} {name}"] = _surer(kind, name, *asked)
    return tuple(said.values())


def _sentence(kind: str, name: str, into: str, field: str) -> Text:
    return text(
        "Nothing before {kind} {name} is on record: `{record}.{field}` ({title}) would take the trace further.",
        kind=KIND_TITLES[kind],
        name=name,
        record=into,
        field=field,
        title=record(into).field(field).header,
    )


def _surer(kind: str, name: str, into: str, field: str) -> Text:
    return text(
        "What {kind} {name} came from follows from times: `{record}.{field}` ({title}) would settle it.",
        kind=KIND_TITLES[kind],
        name=name,
        record=into,
        field=field,
        title=record(into).field(field).header,
    )


def _shot_sentence(lineage: Lineage, name: str) -> Text:
    if len(lineage.names["holding_fill"]) == 0:
        return text(
            "Shot {name} is traced to its die and machine: `shot.furnace` and the record `holding_fill` (which heat "
            "was poured into which holding furnace, and when) would take it to its heats.",
            name=name,
        )
    return text(
        "No filling of a holding furnace lies before shot {name}: `shot.furnace` or earlier rows of `holding_fill` "
        "would take it to its heats.",
        name=name,
    )
