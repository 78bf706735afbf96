"""What somebody did about a point of a control chart: an action on record, found again beside its point."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from forgecast.ground.dates import from_us
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text
from forgecast.plant.rows import Value
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.record_entry import record_entries

#: Begins the evidence of an action that answers a point; the parts behind it name the point.
CHART = "control chart"
_BETWEEN, _NOTHING = " · ", "–"


@dataclass(frozen=True, slots=True)
class Reaction:
    """What was done about a point.

    Parameters
    ----------
    id : str
        Number of the action on record.
    field, group, point : str
        What is charted, the group of the chart (empty for one group), and the name of the point.
    kind : str
        ``containment``, ``correction``, ``corrective`` or ``preventive``.
    note, by : str
        What was found and done, and by whom.
    at : int or None
        When, microseconds UTC.
    nonconformity : str
        Report it belongs to; empty where there is none.
    """

    id: str
    field: str
    group: str
    point: str
    kind: str
    note: str
    by: str
    at: int | None
    nonconformity: str


def react_to_point(
    plant: PlantFolder,
    field: str,
    point: str,
    note: str,
    *,
    by: str,
    group: str = "",
    kind: str = "correction",
    nonconformity: str = "",
    now: Callable[[], int] = lambda: time.time_ns() // 1_000,
) -> Reaction:
    """Put on record what was done about a point of a control chart.

    Parameters
    ----------
    plant : PlantFolder
    field : str
        What is charted, as in ``shot.cast_pressure_bar``.
    point : str
        Name of the point: a heat, a shot, a day.
    note : str
        What was found and done.
    by : str
        Who answers for it.
    group : str
        Of the chart; empty where it has one group.
    kind : str
        Kind of the action.
    nonconformity : str
        Report it belongs to, where there is one.
    now : callable
        Microseconds UTC.

    Raises
    ------
    ForgecastError
        If nothing is said, nobody answers for it, or it names what is not on record; nothing was recorded.
    """
    if not note.strip():
        raise ForgecastError(
            text("the note is empty"), where=point, repair=text("say what was found and what was done about it")
        )
    if not by.strip():
        raise ForgecastError(text("nobody answers for it"), where=point, repair=text("say who you are with --by NAME"))
    if nonconformity and not plant.records.read("nonconformity", id=nonconformity):
        raise ForgecastError(
            text("there is no report {number}", number=nonconformity),
            where=point,
            repair=text("give the number of a report on record, or leave it out"),
        )
    at = now()
    made = Reaction(_number(plant, at), field, group, point, kind, note.strip(), by, at, nonconformity)
    row: dict[str, Value] = {
        "id": made.id,
        "nonconformity": nonconformity or None,
        "kind": kind,
        "what": made.note,
        "owner": by,
        "done_at": at,
        "evidence": _BETWEEN.join((CHART, field, group or _NOTHING, point)),
    }
    record_entries(plant, "action", [row], by=by)
    return made


def reactions_to(plant: PlantFolder, field: str = "") -> tuple[Reaction, ...]:
    """Return what was done about points of charts, the latest first.

    Parameters
    ----------
    plant : PlantFolder
    field : str
        Only of charts of this field; empty for all.
    """
    found = []
    for row in plant.records.read("action"):
        head, *parts = str(row["evidence"] or "").split(_BETWEEN, 3)
        if head != CHART or len(parts) != 3 or field not in {"", parts[0]}:
            continue
        of, group, point = parts
        at = row["done_at"]
        found.append(
            Reaction(
                str(row["id"]), of, "" if group == _NOTHING else group, point, str(row["kind"]), str(row["what"]),
                str(row["owner"] or ""), at if isinstance(at, int) else None, str(row["nonconformity"] or ""),
            )
        )  # fmt: skip
    return tuple(sorted(found, key=lambda one: (-(one.at or 0), one.id)))


def _number(plant: PlantFolder, at: int) -> str:
    """Return the next free number of the day, as in ``R-20251203-1``."""
    begin = f"R-{from_us(at, plant.settings.zone):%Y%m%d}-"
    used = [str(row["id"]).removeprefix(begin) for row in plant.records.read("action")]
    return f"{begin}{max((int(one) for one in used if one.isdigit()), default=0) + 1}"
