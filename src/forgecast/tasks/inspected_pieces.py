"""Take the inspected pieces of a record as a table to learn from, and count what cannot be learnt from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from forgecast.ground.dates import day_start_us, local_day
from forgecast.ground.errors import ForgecastError
from forgecast.ground.finding import Severity
from forgecast.ground.texts import text
from forgecast.plant.record import Field, Record, record
from forgecast.quality.reject.pieces import Feature, InspectedPieces
from forgecast.quality.scrap import FloatArray, IntArray, Outcome, outcomes
from forgecast.store.plant_folder import PlantFolder

#: Fields that pieces are grouped by where none is named, the first that the record has.
GROUPS = ("die", "product", "machine", "mould")
#: Says for how many pieces a row stands; it measures nothing.
_COUNT = "count"


@dataclass(frozen=True, slots=True, eq=False)
class TakenPieces:
    """The pieces of a record, and what was left out.

    Parameters
    ----------
    record, by : str
        Record, and field by which its pieces are grouped.
    pieces : InspectedPieces
        With a result of good or reject, trials among them.
    waiting : InspectedPieces
        Without a result; their `rejected` means nothing.
    rework, nowhere, batches : int
        Rows to be reworked, which are neither good nor reject; rows without time or group; rows that stand for several
        pieces, of which nothing was measured piece by piece.
    refused : int
        Values refused when the files of the record were taken in; they are missing here.
    synthetic : bool
        Whether the plant is made up.
    """

    record: str
    by: str
    pieces: InspectedPieces
    waiting: InspectedPieces
    rework: int
    nowhere: int
    batches: int
    refused: int
    synthetic: bool

    @property
    def trials(self) -> int:
        """Return how many of the pieces with a result are trials."""
        return int(self.pieces.trial.sum())

    @property
    def rejects(self) -> int:
        """Return how many rejects there are among the pieces meant to be good."""
        return int((self.pieces.rejected & ~self.pieces.trial).sum())

    def as_json(self) -> dict[str, object]:
        """Return what was taken and what was left out."""
        return {
            "record": self.record,
            "by": self.by,
            "synthetic": self.synthetic,
            "pieces": len(self.pieces) - self.trials,
            "rejects": self.rejects,
            "trials_left_out": self.trials,
            "rework_left_out": self.rework,
            "without_time_or_group": self.nowhere,
            "batches_left_out": self.batches,
            "waiting_for_result": len(self.waiting),
            "values_refused_at_import": self.refused,
        }


def inspected_pieces(
    plant: PlantFolder, record_name: str, *, by: str | None = None, without: Sequence[str] = ()
) -> TakenPieces:
    """Take the pieces of a record with all that was measured on them before their verdict.

    Parameters
    ----------
    plant : PlantFolder
    record_name : str
    by : str or None
        Field by which pieces are grouped; None takes the first of `GROUPS` that the record has.
    without : sequence of str
        Fields known only after the verdict.

    Raises
    ------
    ForgecastError
        If the record has no result, time or group, a field is not there, or no row has a result.

    Notes
    -----
    Keys, texts, times and references to other records are names, not measurements, and are never learnt from.
    """
    kind = record(record_name)
    when, group = _time_of(kind), _group_of(kind, by)
    features = _features(kind, without)
    key, flag = kind.key[0], "trial" if _has(kind, "trial") else None
    names = [key, when, group, "result", *([flag] if flag else []), *(one.name for one in features)]
    names += [_COUNT] if _has(kind, _COUNT) else []
    columns = plant.records.columns(record_name, list(dict.fromkeys(names)))
    times = columns[when].astype(np.float64)
    there = np.isfinite(times) & np.array([name is not None for name in columns[group]], dtype=np.bool_)
    outcome = outcomes([None if word is None else str(word) for word in columns["result"]])
    many = columns[_COUNT].astype(np.float64) > 1.0 if _COUNT in columns else np.zeros(times.size, dtype=np.bool_)
    told = there & (outcome <= Outcome.SCRAP)
    if not (told & ~many).any():
        raise _nothing(plant, kind, batches=bool(told.any()))
    nowhere = int((~there).sum())
    values = np.column_stack([_numbers(columns[one.name]) for one in features])
    zone = plant.settings.zone
    there &= ~many
    trial = np.array([one is True for one in columns[flag]]) if flag else np.zeros(times.size, dtype=np.bool_)

    def chosen(rows: NDArray[np.bool_]) -> InspectedPieces:
        t = times[rows].astype(np.int64)
        return InspectedPieces(
            ids=columns[key][rows].astype(str),
            mould=columns[group][rows].astype(str),
            time=t,
            block=_days(t, zone),
            features=features,
            values=values[rows],
            rejected=outcome[rows] == Outcome.SCRAP,
            trial=trial[rows],
        )

    return TakenPieces(
        record=record_name,
        by=group,
        pieces=chosen(there & (outcome <= Outcome.SCRAP)),
        waiting=chosen(there & (outcome == Outcome.NOT_KNOWN)),
        rework=int((outcome == Outcome.REWORK).sum()),
        nowhere=nowhere,
        batches=int(many.sum()),
        refused=_refused(plant, record_name),
        synthetic=plant.settings.synthetic,
    )


def _nothing(plant: PlantFolder, kind: Record, *, batches: bool) -> ForgecastError:
    """Return why there is nothing to learn from."""
    if batches:
        return ForgecastError(
            text(
                "each row of the record {record} stands for several pieces, and a model learns from single ones",
                record=kind.title,
            ),
            where=str(plant.path),
            repair=text("record pieces one by one, or use a record of single shots, such as `shot`"),
        )
    return ForgecastError(
        text(
            "no row of the record {record} has a result and a time, so there is nothing to learn from",
            record=kind.title,
        ),
        where=str(plant.path),
        repair=text("take in pieces with their results with `forgecast plant import`"),
    )


def _has(kind: Record, name: str) -> bool:
    return any(field.name == name for field in kind.fields)


def _time_of(kind: Record) -> str:
    if kind.clock is None or not _has(kind, "result"):
        raise ForgecastError(
            text(
                "the record {record} has no result or no time, so no rejects can be learnt from it", record=kind.title
            ),
            repair=text("use a record of pieces with results, such as `shot` or `piece`"),
        )
    return kind.clock.name


def _group_of(kind: Record, by: str | None) -> str:
    texts = [field.name for field in kind.fields if field.kind in ("text", "code") and not field.key]
    if by is None:
        by = next((name for name in GROUPS if name in texts), None)
    if by is None or by not in texts:
        raise ForgecastError(
            text("{name} is no field that pieces of the record {record} can be grouped by", name=by, record=kind.title),
            repair=text("use one of: {names}", names=", ".join(texts)),
        )
    return by


def _features(kind: Record, without: Sequence[str]) -> tuple[Feature, ...]:
    fields = [field for field in kind.fields if _measures(field)]
    for name in without:
        if not _has(kind, name):
            raise ForgecastError(
                text("the record {record} has no field {name}", record=kind.name, name=name),
                repair=text("use one of: {names}", names=", ".join(field.name for field in fields)),
            )
    return tuple(
        Feature(field.name, field.header, field.unit, is_word=field.kind == "flag", counts=field.kind == "integer")
        for field in fields
        if field.name not in without
    )


def _measures(field: Field) -> bool:
    return not field.key and field.name != _COUNT and (field.is_number or field.kind in ("flag", "integer"))


def _numbers(column: NDArray[np.generic]) -> FloatArray:
    if column.dtype != object:
        return column.astype(np.float64)
    return np.array([np.nan if one is None else float(one) for one in column], dtype=np.float64)


def _days(t: IntArray, zone: str) -> IntArray:
    """Return the ordinal of the plant's day of each instant."""
    if not t.size:
        return np.empty(0, dtype=np.int64)
    first, last = (local_day(int(one), zone).toordinal() for one in (t.min(), t.max()))
    days = np.arange(first, last + 1)
    starts = np.array([day_start_us(date.fromordinal(int(day)), zone) for day in days])
    return days[np.searchsorted(starts, t, side="right") - 1]


def _refused(plant: PlantFolder, record_name: str) -> int:
    """Return how many values were refused in files that fed the record and nothing else."""
    files = {one.name for one in plant.records.imports() if one.fed == (record_name,) and one.superseded_by is None}
    return sum(
        finding.count
        for finding in plant.records.findings()
        if finding.severity == Severity.REFUSED and finding.place.column and finding.place.file.split("!")[0] in files
    )
