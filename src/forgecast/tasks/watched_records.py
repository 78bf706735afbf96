"""Values to be watched out of a plant's records: a field, or a characteristic that was measured."""

from __future__ import annotations

import itertools
import math
from collections import deque
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from forgecast.ground.dates import DAY_US, ShiftCalendar, day_start_us
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Text, text, verbatim
from forgecast.plant.record import Field, Record, record
from forgecast.quality.scrap import FloatArray, IntArray
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.watched import CALENDAR, Column, Labels, Specified, Wanted, Watched, calendar_labels, kept

#: How many records a label may lie away: measurement, piece, mould, ladle, heat.
_FARTHEST = 4
#: Labels that follow from the time of a row; a plant knows its shifts.
_SHIFT = "shift"
_OF_TIME = (*CALENDAR, _SHIFT)


def watched_in_plant(folder: PlantFolder, wanted: Wanted) -> Watched:
    """Read values out of a plant.

    Parameters
    ----------
    folder : PlantFolder
    wanted : Wanted
        All fields of one record.

    Raises
    ------
    ForgecastError
        If there is no such record, field or characteristic, or no row in the time asked for.
    """
    parts = [field.partition(".") for field in wanted.fields]
    kind = _one_record([name for name, _, _ in parts])
    asked = [_field(folder, kind, name, given) for (_, _, name), given in zip(parts, wanted.fields, strict=True)]
    characteristics = sorted({name for _, name in asked if name})
    if len(characteristics) > 1:
        raise ForgecastError(
            text("characteristics are measured one by one and cannot be watched together: {names}",
                 names=", ".join(characteristics)),
            where=kind.name,
            repair=text("watch one of them, or give a file with one column for each"),
        )  # fmt: skip
    where = {"characteristic": characteristics[0]} if characteristics else {}
    ways = {name: _paths(kind, name) for name in wanted.all_labels if name not in _OF_TIME or _has(kind, name)}
    fields = {field.name for field, _ in asked} | set(kind.key) | ({kind.clock.name} if kind.clock else set())
    fields |= {way[0] for several in ways.values() for way in several}
    fields |= {name for name in ("sequence", "count", "trial", "product") if _has(kind, name)}
    held = folder.records.columns(kind.name, sorted(fields), **where)
    zone = folder.settings.zone
    watched = Watched(
        source=folder.settings.name,
        columns=tuple(_column(folder, kind, field, name, held) for field, name in asked),
        labels={},
        names=_names(kind, held),
        times=None,
        zone=zone,
        weights=_weights(kind, held),
        record=kind.name,
        synthetic=folder.settings.synthetic,
    )
    labels = {name: _label(folder, kind, several, held) for name, several in ways.items()}
    watched = replace(watched, labels=labels)
    watched = _ordered(watched, kind.clock, held, wanted, folder.settings.shift_calendar)
    return kept(_without_trials(watched, held, kind), wanted)


def _one_record(names: list[str]) -> Record:
    if len(set(names)) > 1:
        raise ForgecastError(
            text("fields of several records: {names}", names=", ".join(sorted(set(names)))),
            repair=text("give fields of one record"),
        )
    return record(names[0])


def _has(kind: Record, name: str) -> bool:
    return any(field.name == name for field in kind.fields)


def _field(folder: PlantFolder, kind: Record, name: str, given: str) -> tuple[Field, str]:
    """Return the field to read, and the characteristic where one is meant."""
    found = next((field for field in kind.fields if field.name == name), None)
    if found is not None and (found.is_number or found.kind in {"integer", "flag"} or found.name == "result"):
        return found, ""
    if kind.name == "measurement":
        known = {str(row) for row in folder.records.columns("measurement", ["characteristic"])["characteristic"]}
        if name in known:
            return kind.field("value"), name
        choices = sorted(known)
    else:
        choices = [f.name for f in kind.fields if f.is_number or f.kind in {"integer", "flag"} or f.name == "result"]
    raise ForgecastError(
        text("{given} is nothing that can be watched", given=given),
        where=kind.name,
        repair=text("use one of: {names}", names=", ".join(f"{kind.name}.{c}" for c in choices) or "—"),
    )


def _column(
    folder: PlantFolder, kind: Record, field: Field, characteristic: str, held: dict[str, NDArray[np.generic]]
) -> Column:
    raw = held[field.name]
    if field.name == "result":
        words = {"reject": 1.0, "good": 0.0, "rework": 0.0}
        values = np.array([np.nan if word is None else words[str(word)] for word in raw], dtype=np.float64)
        return Column(f"{kind.name}.{field.name}", field.header, "", values, is_result=True)
    if field.kind == "flag":
        values = np.array([np.nan if flag is None else float(bool(flag)) for flag in raw], dtype=np.float64)
    else:
        values = raw.astype(np.float64)
    if not characteristic:
        return Column(f"{kind.name}.{field.name}", field.header, field.unit, values)
    unit, limits = _specified(folder, characteristic, {str(p) for p in held["product"] if p is not None})
    return Column(f"{kind.name}.{characteristic}", verbatim(characteristic), unit, values, specified=limits)


def _specified(folder: PlantFolder, name: str, products: set[str]) -> tuple[str, Specified | None]:
    """Return unit and limits of a characteristic; no limits where products state different ones."""
    rows = folder.records.read("characteristic", name=name)
    mine = [row for row in rows if not products or row["product"] in products] or list(rows)
    units = {str(row["unit"] or "") for row in mine}
    limits = {(row["lower"], row["upper"], row["nominal"]) for row in mine}
    unit = units.pop() if len(units) == 1 else ""
    if len(limits) != 1:
        return unit, None
    lower, upper, nominal = limits.pop()
    numbers = [None if value is None else float(str(value)) for value in (lower, upper, nominal)]
    return unit, Specified(numbers[0], numbers[1], numbers[2])


def _names(kind: Record, held: dict[str, NDArray[np.generic]]) -> Labels:
    # The time of a row is shown beside its name and the characteristic in the title.
    keys = [key for key in kind.key if kind.field(key).kind != "time" and key != "characteristic"] or list(kind.key)
    if len(keys) == 1:
        return np.array(list(map(str, held[keys[0]].tolist())), dtype=object)
    return np.array(
        [" ".join(map(str, words)) for words in zip(*(held[key] for key in keys), strict=True)], dtype=object
    )


def _weights(kind: Record, held: dict[str, NDArray[np.generic]]) -> FloatArray:
    """Return the pieces of each row; a row of a single piece leaves its count out, as the field's sentence says."""
    n = next(iter(held.values())).size
    if kind.name not in ("piece", "inspection"):
        return np.ones(n)
    counts = held["count"].astype(np.float64)
    return np.where(np.isnan(counts), 1.0, counts)


def _label(
    folder: PlantFolder, kind: Record, ways: list[tuple[str, ...]], held: dict[str, NDArray[np.generic]]
) -> Labels:
    """Return a label of every row: of its own field, else of the nearest record it refers to that states one."""
    made = np.full(held[kind.key[0]].size, None, dtype=object)
    for way in ways:
        empty = np.array([word is None for word in made], dtype=np.bool_)
        words = _said(held[way[0]][empty])
        at = kind
        for step, following in itertools.pairwise(way):
            if all(word is None for word in words):
                break  # a record of many rows is not read for nothing
            at = record(at.field(step).refers)
            found = folder.records.columns(at.name, [at.key[0], following])
            of = dict(zip(_said(found[at.key[0]]), _said(found[following]), strict=True))
            words = np.array([None if word is None else of.get(word) for word in words], dtype=object)
        made[empty] = words
    return made


def reaches(kind: Record, name: str) -> bool:
    """Return whether rows of a record, or what they refer to, state a label."""
    try:
        return bool(_paths(kind, name))
    except ForgecastError:
        return False


def stated_labels(
    folder: PlantFolder, kind: Record, names: Sequence[str], known: dict[tuple[str, str], bool]
) -> tuple[str, ...]:
    """Return those of the labels that a plant has words for, in the fields a record's rows lead to.

    Parameters
    ----------
    folder : PlantFolder
    kind : Record
    names : sequence of str
    known : dict
        Keeps which fields have words, so that several records ask for each once.
    """

    def has_words(at: Record, field: str) -> bool:
        if (at.name, field) not in known:
            words = folder.records.columns(at.name, [field])[field].tolist()
            known[at.name, field] = any(word is not None for word in words)
        return known[at.name, field]

    def leads(way: tuple[str, ...]) -> bool:
        at = kind
        for step, _ in itertools.pairwise(way):
            if not has_words(at, step):
                return False
            at = record(at.field(step).refers)
        return has_words(at, way[-1])

    found = []
    for name in names:
        in_time = name in _OF_TIME and kind.clock is not None
        if in_time or (reaches(kind, name) and any(leads(way) for way in _paths(kind, name))):
            found.append(name)
    return tuple(found)


def _said(values: NDArray[np.generic]) -> Labels:
    """Return values as words, None where not known; each different value is put into words once."""
    words: dict[object, str | None] = {}
    made = np.empty(values.size, dtype=object)
    for row, value in enumerate(values.tolist()):
        if value not in words:
            words[value] = _word(value)
        made[row] = words[value]
    return made


def _word(value: object) -> str | None:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _paths(kind: Record, name: str) -> list[tuple[str, ...]]:
    """Return the fields that lead from a record to a label, the shortest way first.

    A heat may stand in the piece itself, in its mould, or in the ladle of its mould: all of these name a heat, so what
    one leaves open the next may tell. Other fields of one name mean different things in different records, so only
    the nearest counts.
    """
    wanted = tuple(name.split("."))
    waiting: deque[tuple[Record, tuple[str, ...], frozenset[str]]] = deque([(kind, (), frozenset({kind.name}))])
    found: list[tuple[tuple[str, ...], str]] = []
    while waiting:
        at, way, been = waiting.popleft()
        for field in at.fields:
            path = (*way, field.name)
            if path[-len(wanted) :] == wanted and not field.is_number:
                found.append((path, field.refers))
            if field.refers and field.refers not in been and len(way) < _FARTHEST:
                waiting.append((record(field.refers), path, been | {field.refers}))
    shortest = min((len(path) for path, _ in found), default=0)
    nearest = [(path, refers) for path, refers in found if len(path) == shortest]
    if nearest and (len(nearest) == 1 or len({refers for _, refers in nearest} - {""}) == 1):
        meant = nearest[0][1]
        return [path for path, refers in found if refers == meant] if meant else [nearest[0][0]]
    if nearest:
        raise ForgecastError(
            text("{name} may mean several things", name=name),
            where=kind.name,
            repair=text("write one of: {names}", names=", ".join(".".join(path) for path, _ in nearest)),
        )
    own = ", ".join(field.name for field in kind.fields if not field.is_number)
    raise ForgecastError(
        text("neither {record} nor what it refers to has a field {name}", record=kind.name, name=name),
        where=kind.name,
        repair=text("use one of: {names}", names=", ".join((own, *_OF_TIME))),
    )


def _ordered(
    watched: Watched, clock: Field | None, held: dict[str, NDArray[np.generic]], wanted: Wanted, shifts: ShiftCalendar
) -> Watched:
    """Put rows in order of time, keep those of the days asked for, and add the labels of the calendar."""
    if clock is None:
        if wanted.since or wanted.until or set(_OF_TIME) & set(wanted.all_labels) - set(watched.labels):
            raise ForgecastError(text("the rows have no time"), where=watched.record, repair=text("leave the days out"))
        return replace(watched, notes=(*watched.notes, text("the rows have no time; they stand in order of their key")))
    times = held[clock.name].astype(np.float64)
    inside = ~np.isnan(times)
    if wanted.since is not None:
        inside &= times >= day_start_us(wanted.since, watched.zone)
    if wanted.until is not None:
        inside &= times < day_start_us(wanted.until, watched.zone) + DAY_US
    rows = np.flatnonzero(inside)
    if not rows.size:
        raise ForgecastError(
            text("no row lies in this time"),
            where=watched.record,
            repair=text("see what the plant holds with `forgecast plant show`, or ask for other days"),
        )
    sequence = held["sequence"].astype(np.float64) if "sequence" in held else np.zeros(times.size)
    rows = rows[np.lexsort((sequence[rows], times[rows]))]
    ordered = watched.picked(rows)
    instants: IntArray = times[rows].astype(np.int64)
    calendar = {
        name: _shift_labels(instants, shifts) if name == _SHIFT else calendar_labels(instants, watched.zone, name)
        for name in wanted.all_labels
        if name in _OF_TIME and name not in watched.labels
    }
    return replace(ordered, times=instants, labels={**ordered.labels, **calendar}, weights=watched.weights[rows])


def _shift_labels(times: IntArray, shifts: ShiftCalendar) -> Labels:
    """Return the name of the shift of each instant."""
    return np.array([shifts.shift_of(int(t))[1] for t in times], dtype=object)


def _without_trials(watched: Watched, held: dict[str, NDArray[np.generic]], kind: Record) -> Watched:
    """Return results without those of trial shots, which nobody meant to be good."""
    if "trial" not in held or not watched.columns[0].is_result:
        return watched
    names = _names(kind, held)
    trial = {str(name) for name, flag in zip(names, held["trial"], strict=True) if flag is True}
    rows = np.array([str(name) not in trial for name in watched.names], dtype=np.bool_)
    if rows.all():
        return watched
    note: Text = text("{n} trial shots are left out: they were not meant to be good", n=int((~rows).sum()))
    return replace(watched.picked(rows), notes=(*watched.notes, note))
