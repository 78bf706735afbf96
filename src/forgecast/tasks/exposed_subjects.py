"""Which heats, shots, loads, moulds and pieces were in a machine during a stretch of time: what an event touched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import scipy

from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text
from forgecast.plant.lineage import KIND_TITLES
from forgecast.plant.rows import Value
from forgecast.store.plant_folder import PlantFolder
from forgecast.store.records import StoredRow

#: Record -> kind of subject, field that names the machine, first and last instant of its stay.
_STAYS: Final[Mapping[str, tuple[str, str, str, str]]] = {
    "heat": ("heat", "furnace", "started_at", "tapped_at"),
    "ladle": ("ladle", "vessel", "filled_at", "emptied_at"),
    "mould": ("mould", "line", "poured_at", "poured_at"),
    "shot": ("shot", "machine", "shot_at", "shot_at"),
    "shot_furnace": ("shot", "furnace", "shot_at", "shot_at"),
    "heat_treatment": ("heat_treatment", "furnace", "started_at", "ended_at"),
    "blow": ("piece", "machine", "blow_at", "blow_at"),
    "operation": ("piece", "machine", "started_at", "ended_at"),
}
#: Clock errors beyond so many standard uncertainties are left out.
_REACH: Final = 4.0


@dataclass(frozen=True, slots=True)
class Exposed:
    """A subject that was, or may have been, in the machine.

    Parameters
    ----------
    kind, name : str
    low, probability, high : float
        That its stay and the stretch overlap [1].
    at : int
        Instant of its stay that lies nearest to the stretch, microseconds UTC.
    source : str
        ``file:row``.
    """

    kind: str
    name: str
    low: float
    probability: float
    high: float
    at: int
    source: str


def exposed_subjects(plant: PlantFolder, equipment: str, since: int, until: int, clock: float) -> tuple[Exposed, ...]:
    """Return what was in a machine during a stretch of time.

    A stay whose end is not on record may overlap: its probability is one half between the bounds 0 and 1, unless it
    began within the stretch. A heat whose charging is not on record began when its furnace tapped the heat before.

    Parameters
    ----------
    plant : PlantFolder
    equipment : str
        Machine, furnace, ladle (vessel), moulding line, or a tag: then its machine, or the loads whose chart it is.
    since, until : int
        Microseconds UTC.
    clock : float
        Standard uncertainty of the difference of the two clocks [s].

    Raises
    ------
    ForgecastError
        If the stretch ends before it begins, or nothing on record ever was in such a machine.
    """
    if until < since:
        raise ForgecastError(text("the stretch ends before it begins"), repair=text("give --since before --until"))
    machine, charted = _meant(plant, equipment)
    found: dict[tuple[str, str], Exposed] = {}
    known = bool(charted)
    for record, (kind, field, first, last) in _STAYS.items():
        rows = plant.records.read(record.removesuffix("_furnace"), **{field: machine})
        known = known or bool(rows)
        begins = _charged_since(rows) if record == "heat" else {}
        for row in rows:
            name = str(row["piece" if kind == "piece" else "id"] or "")
            begin = _instant(row[first]) or begins.get(name)
            one = _overlap(kind, name, (begin, _instant(row[last])), (since, until), clock, row.place())
            if one is not None and name:
                _keep(found, one)
    for row in charted:
        stay = _instant(row["started_at"]), _instant(row["ended_at"])
        one = _overlap("heat_treatment", str(row["id"]), stay, (since, until), clock, row.place())
        if one is not None:
            _keep(found, one)
    if not known:
        raise ForgecastError(
            text("no record names a machine, ladle or line {name}", name=equipment),
            repair=text("write it as in `furnace`, `machine`, `vessel` or `line`; names are compared letter by letter"),
        )
    return tuple(sorted(found.values(), key=lambda one: (list(KIND_TITLES).index(one.kind), one.at, one.name)))


def _meant(plant: PlantFolder, equipment: str) -> tuple[str, tuple[StoredRow, ...]]:
    """Return the machine that is meant, and the furnace loads whose chart a tag is."""
    charted = plant.records.read("heat_treatment", chart=equipment)
    tags = plant.records.read("tag", id=equipment)
    if tags and tags[0]["equipment"] is not None and not charted:
        return str(tags[0]["equipment"]), charted
    return equipment, charted


def _charged_since(rows: tuple[StoredRow, ...]) -> dict[str, int]:
    """Return for each heat of a furnace when the heat before was tapped."""
    timed = sorted((int(row["tapped_at"]), str(row["id"])) for row in rows if isinstance(row["tapped_at"], int))
    return {name: before for (before, _), (_, name) in pairwise(timed)}


def _instant(value: Value) -> int | None:
    return value if isinstance(value, int) else None


def _overlap(
    kind: str, name: str, stay: tuple[int | None, int | None], stretch: tuple[int, int], clock: float, source: str
) -> Exposed | None:
    begin, end = stay
    if begin is None and end is None:
        return None
    since, until = stretch
    first = begin if begin is not None else end
    assert first is not None  # noqa: S101  (one of the two is there)
    inside = since <= first <= until
    spread = max(clock * 1e6, 1.0)
    if begin is None or end is None:
        before, after = (first < since, False) if end is None else (False, first > until)
        if not inside and not before and not after:
            margin = max(since - first, first - until)
            chance = float(scipy.special.ndtr(-margin / spread))
            return Exposed(kind, name, 0.0, chance, 1.0, first, source) if margin < _REACH * spread else None
        return Exposed(kind, name, 1.0 if inside else 0.0, 1.0 if inside else 0.5, 1.0, first, source)
    margin = min(end, until) - max(begin, since)
    if margin <= -_REACH * spread:
        return None
    # An instant within the stretch is inside by its nearer edge; a stay by how long it overlaps.
    edge = min(first - since, until - first) if begin == end and inside else margin
    sure = edge >= _REACH * spread or (begin < since and end > until)
    chance = 1.0 if sure else float(scipy.special.ndtr(edge / spread))
    return Exposed(kind, name, 1.0 if sure else 0.0, chance, 1.0, int(np.clip(since, begin, end)), source)


def _keep(found: dict[tuple[str, str], Exposed], one: Exposed) -> None:
    before = found.get((one.kind, one.name))
    if before is None or one.probability > before.probability:
        found[one.kind, one.name] = one
