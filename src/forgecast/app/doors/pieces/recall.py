"""Doors of a recall: which pieces may be affected, where they are, what would narrow it; and the table to hand on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel
from pydantic import Field as Asked

from forgecast.app.doors.door import Call, Door, Question, Way, Words
from forgecast.app.doors.pieces.genealogy import ChanceTold, Kind, assumptions_of
from forgecast.app.doors.values import FindingTold, moment_at
from forgecast.app.genealogy.recall_table import WHERE, write_recall
from forgecast.ground.dates import to_us, zone
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text
from forgecast.plant.lifecycle import decision_title
from forgecast.plant.lineage import KIND_TITLES
from forgecast.plant.trace import LEAST_SHARE
from forgecast.store.server.rights import Right
from forgecast.tasks.recall_pieces import MOST_UNITS, RecallAnswer, recall_pieces


class Recalled(Question):
    """A suspect subject, or a machine during a stretch of time."""

    kind: Kind | None = None
    id: str = ""
    equipment: str = Asked(default="", description="Instead of a subject: a machine, furnace, ladle, line or tag.")
    since_at: str = Asked(default="", description="Beginning of the stretch; ISO 8601 or plant-local.")
    until_at: str = Asked(default="", description="Its end.")
    confidence: float = Asked(default=0.99, gt=0, le=1)
    returns: bool = Asked(default=False, description="Follow metal through returns into later heats.")
    blind: bool = Asked(default=False, description="Pieces were drawn from mixed batches at random.")
    least_share: float = Asked(default=LEAST_SHARE, gt=0, le=1)
    any_order: bool = False
    clock_s: float | None = Asked(default=None, ge=0, le=1e7)
    in_ladle_s: float | None = Asked(default=None, ge=0, le=1e7)
    before_pouring_s: float | None = Asked(default=None, ge=0, le=1e7)


class RecallSource(BaseModel):
    """Where a recall begins."""

    kind: str
    title: Words
    id: str
    probability: ChanceTold
    source: str


class RecallNumbers(BaseModel):
    """Pieces of a recall in numbers."""

    possible: int
    certain: int
    expected: ChanceTold
    set: int
    confidence: float
    reached: float
    untraced: int


class WhereTold(BaseModel):
    """Pieces somewhere, and how many of them are expected to be affected."""

    title: Words
    pieces: int
    expected: float


class UnitTold(BaseModel):
    """Pieces that no record tells apart."""

    piece: str
    product: str
    mark: str
    count: int
    probability: ChanceTold
    at_least: int
    at_most: int
    share: float
    in_set: bool
    where: str
    place: Words
    shipment: str
    customer: str
    order: str
    shipped_at: str | None
    decision: Words | None


class NarrowingTold(BaseModel):
    """A record that is missing and leaves much in doubt."""

    kind: str
    title: Words
    id: str
    relation: str
    subjects: int
    pieces: float


class RecallTold(BaseModel):
    """Which pieces may be affected, how surely, where they are, and what would narrow it."""

    sources: list[RecallSource]
    pieces: RecallNumbers
    where: dict[str, WhereTold]
    customers: dict[str, dict[str, float]]
    units: list[UnitTold]
    not_listed: int
    completeness: dict[str, dict[str, float]]
    narrowing: list[NarrowingTold]
    findings: list[FindingTold]
    assumptions: list[Words]


def _asked(call: Call, question: Recalled, *, every: bool) -> RecallAnswer:
    if bool(question.equipment) == bool(question.kind and question.id):
        raise ForgecastError(
            text("a recall begins at a subject or at a machine"),
            repair=text("give kind and id, or a machine with the beginning and the end of a stretch of time"),
        )
    zone_name = call.plant.settings.zone
    return recall_pieces(
        call.plant,
        question.kind or "",
        question.id,
        equipment=question.equipment,
        since=_instant(question.since_at, zone_name),
        until=_instant(question.until_at, zone_name),
        confidence=question.confidence,
        least_share=question.least_share,
        through_returns=question.returns,
        blind=question.blind,
        most_units=None if every else MOST_UNITS,
        assumptions=assumptions_of(question),
    )


def _instant(words: str, zone_name: str) -> int | None:
    if not words:
        return None
    try:
        moment = datetime.fromisoformat(words)
    except ValueError:
        raise ForgecastError(
            text("{words} is no instant", words=words),
            where="since_at, until_at",
            repair=text("write it as 2025-03-04 or '2025-03-04 07:30', in the time of the plant"),
        ) from None
    return to_us(moment if moment.tzinfo is not None else moment.replace(tzinfo=zone(zone_name)))


def _recall(call: Call, question: Recalled) -> Mapping[str, Any]:
    answer = _asked(call, question, every=False)
    told: dict[str, Any] = answer.as_json()
    for name in ("ok", "seconds"):
        del told[name]
    for one in (*told["sources"], *told["narrowing"]):
        one["title"] = KIND_TITLES[one["kind"]].as_json()
    for name, place in told["where"].items():
        place["title"] = WHERE[name].as_json()
    for one in told["units"]:
        one["shipped_at"] = moment_at(one["shipped_at"])
        one["place"] = WHERE[one["where"]].as_json()
        affected = one.pop("affected")
        one["at_least"], one["at_most"] = affected["least"], affected["most"]
        decided = one.pop("disposition")
        one["decision"] = decision_title(decided).as_json() if decided else None
    return told


class RecallTable(Recalled):
    """A recall as a table to hand on."""

    form: Literal["xlsx", "csv"] = "xlsx"


class FileMade(BaseModel):
    """A file that was made; it lies with the run."""

    file: str
    rows: int


def _table(call: Call, question: RecallTable) -> Mapping[str, Any]:
    assert call.folder is not None  # noqa: S101  (a run has a folder)
    answer = _asked(call, question, every=True)
    file = call.folder / f"recall.{question.form}"
    write_recall(answer, file, call.language, call.plant.settings.zone)
    return {"file": file.name, "rows": len(answer.units)}


RECALL = Door("pieces", "recall", text("Which pieces may be affected, how surely, and where they are."),
              Right.SEE, Way.FIGURE, Recalled, RecallTold, _recall)  # fmt: skip
RECALL_TABLE = Door("pieces", "recall-table", text("All pieces of a recall as a table to hand on."),
                    Right.SEE, Way.RUN, RecallTable, FileMade, _table)  # fmt: skip

RECALL_DOORS: tuple[Door[Any], ...] = (RECALL, RECALL_TABLE)
