"""Doors of genealogy: find anything by its number, and what it came from or what came of it, with a picture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel
from pydantic import Field as Asked

from forgecast.app.doors.door import Call, Door, Question, Way, Words
from forgecast.app.doors.values import FindingTold, moment_at, plain_value
from forgecast.app.genealogy.grouping import Drawing, drawing
from forgecast.app.genealogy.picture import BOX_HEIGHT, BOX_WIDTH, counted, label_of, labelled, places_of
from forgecast.ground.texts import text, verbatim
from forgecast.plant.lineage import KIND_TITLES, Assumptions
from forgecast.plant.record import record
from forgecast.plant.trace import LEAST_SHARE
from forgecast.store.server.rights import Right
from forgecast.tasks.find_subjects import find_subjects
from forgecast.tasks.trace_piece import Trace, trace

Value = str | float | int | bool | None
Kind = Literal["lot", "heat", "ladle", "holding_fill", "mould", "shot", "heat_treatment", "piece", "shipment", "sample"]
_MOST_NAMES = 60


class Searched(Question):
    """A number, or a part of it, a mark, an order, a customer."""

    words: str = Asked(min_length=1, max_length=200)


class AboutTold(BaseModel):
    """One thing that is told of a find."""

    field: str
    title: Words
    value: Value
    kind: str


class FoundTold(BaseModel):
    """Something that answers to the words."""

    kind: str
    title: Words
    id: str
    exact: bool
    about: list[AboutTold]


class FoundsTold(BaseModel):
    """What was found, those with this very number first; and how many there are in all."""

    found: list[FoundTold]
    totals: dict[str, int]


def _search(call: Call, question: Searched) -> Mapping[str, Any]:
    found, totals = find_subjects(call.plant, question.words)
    return {
        "found": [
            {
                "kind": one.kind,
                "title": one.title.as_json(),
                "id": one.id,
                "exact": one.exact,
                "about": [
                    {
                        "field": name,
                        "title": record(one.kind).field(name).header.as_json(),
                        "value": plain_value(record(one.kind).field(name), value),
                        "kind": record(one.kind).field(name).kind,
                    }
                    for name, value in one.about.items()
                ],
            }
            for one in found
        ],
        "totals": totals,
    }


class Traced(Question):
    """What is traced, and what is taken for granted where records are silent."""

    kind: Kind
    id: str
    forward: bool = Asked(default=False, description="What came of it, instead of what it came from.")
    returns: bool = Asked(default=True, description="Follow metal through returns.")
    least_share: float = Asked(default=LEAST_SHARE, gt=0, le=1)
    any_order: bool = Asked(default=False, description="Moulds of a line were poured from ladles in any order.")
    clock_s: float | None = Asked(default=None, ge=0, le=1e7, description="Standard uncertainty between two clocks.")
    in_ladle_s: float | None = Asked(default=None, ge=0, le=1e7, description="How long metal may stay in a ladle.")
    before_pouring_s: float | None = Asked(
        default=None, ge=0, le=1e7, description="Least time from filling to pouring."
    )


class ChanceTold(BaseModel):
    """A probability or share with its bounds."""

    low: float | None
    best: float | None
    high: float | None


class SubjectTold(BaseModel):
    """Something in the genealogy."""

    kind: str
    id: str


class KinTold(BaseModel):
    """A relative: how surely it belongs here, and which share it has."""

    kind: str
    title: Words
    id: str
    occurred_at: str | None
    probability: ChanceTold
    share: ChanceTold
    pieces: int
    source: str


class LinkTold(BaseModel):
    """A link between two subjects, with the row it stands in."""

    parent: SubjectTold
    child: SubjectTold
    relation: str
    share: ChanceTold
    probability: float
    count: int | None
    recorded: bool
    source: str


class AttachedTold(BaseModel):
    """A record on the way: a sample, a temperature, a test."""

    record: str
    title: Words
    subject: SubjectTold
    occurred_at: str | None
    values: dict[str, Value]
    source: str


class BoxTold(BaseModel):
    """A box of the picture: a subject, or several like ones."""

    kind: str
    title: Words
    label: Words
    names: list[str]
    count: int
    pieces: int
    low: float
    high: float
    occurred_at: str | None
    subject: bool
    x: float
    y: float


class LineTold(BaseModel):
    """A line of the picture."""

    parent: int
    child: int
    relation: str
    share: float | None
    low: float
    high: float
    recorded: bool
    label: Words | None


class PictureTold(BaseModel):
    """The picture of a trace: boxes at their places, lines between them."""

    box_width: float
    box_height: float
    boxes: list[BoxTold]
    lines: list[LineTold]
    left_out: int


class TraceTold(BaseModel):
    """What a subject came from, or what came of it."""

    kind: str
    title: Words
    id: str
    pieces: int
    source: str
    direction: str
    kin: list[KinTold]
    links: list[LinkTold]
    attached: list[AttachedTold]
    neighbours: list[dict[str, str]]
    further: list[Words]
    not_listed: int
    findings: list[FindingTold]
    assumptions: list[Words]
    picture: PictureTold


def assumptions_of(question: Any) -> Assumptions:  # noqa: ANN401  (Traced or Recalled: the same fields)
    """Return what is taken for granted; what is not told keeps its default."""
    usual = Assumptions(ordered=not question.any_order)
    return Assumptions(
        ordered=usual.ordered,
        clock=usual.clock if question.clock_s is None else question.clock_s,
        longest_in_ladle=usual.longest_in_ladle if question.in_ladle_s is None else question.in_ladle_s,
        before_pouring=usual.before_pouring if question.before_pouring_s is None else question.before_pouring_s,
    )


def _trace(call: Call, question: Traced) -> Mapping[str, Any]:
    found = trace(
        call.plant,
        question.kind,
        question.id,
        forward=question.forward,
        assumptions=assumptions_of(question),
        least_share=question.least_share,
        through_returns=question.returns,
    )
    told: dict[str, Any] = found.as_json()
    subject = told.pop("subject")
    del told["ok"]
    for one in told["kin"]:
        one["occurred_at"] = moment_at(one.pop("time"))
        one["title"] = KIND_TITLES[one["kind"]].as_json()
    told["attached"] = [_attached(one) for one in told["attached"]]
    return {
        "kind": subject["kind"],
        "title": KIND_TITLES[subject["kind"]].as_json(),
        "id": subject["id"],
        "pieces": subject["pieces"],
        "source": subject["source"],
        **told,
        "picture": _picture(found),
    }


def _attached(one: dict[str, Any]) -> dict[str, Any]:
    if one["record"] == "chart":
        fields, title = {}, text("furnace chart")
    else:
        kind = record(one["record"])
        fields, title = {field.name: field for field in kind.fields}, kind.title
    return {
        "record": one["record"],
        "title": title.as_json(),
        "subject": one["subject"],
        "occurred_at": moment_at(one["time"]),
        "values": {name: plain_value(fields.get(name), value) for name, value in one["values"].items()},
        "source": one["source"],
    }


def _picture(found: Trace) -> dict[str, Any]:
    shown: Drawing = drawing((found.kind, found.name), found.pieces, found.kin, found.links)
    boxes = [
        {
            "kind": box.kind,
            "title": KIND_TITLES[box.kind].as_json(),
            "label": (verbatim(box.names[0]) if len(box.names) == 1 else counted(box)).as_json(),
            "names": list(box.names[:_MOST_NAMES]),
            "count": len(box.names),
            "pieces": box.pieces,
            "low": box.low,
            "high": box.high,
            "occurred_at": moment_at(box.time),
            "subject": box.subject,
            "x": place.x,
            "y": place.y,
        }
        for box, place in zip(shown.boxes, places_of(shown), strict=True)
    ]
    lines = [
        {
            "parent": one.parent,
            "child": one.child,
            "relation": one.relation.name.lower(),
            "share": one.share,
            "low": one.low,
            "high": one.high,
            "recorded": one.recorded,
            "label": label_of(one, shown.boxes).as_json() if labelled(one) else None,
        }
        for one in shown.lines
    ]
    return {
        "box_width": BOX_WIDTH,
        "box_height": BOX_HEIGHT,
        "boxes": boxes,
        "lines": lines,
        "left_out": shown.left_out,
    }


SEARCH = Door("pieces", "search", text("Find a heat, mould, piece, lot or shipment by its number, mark or order."),
              Right.SEE, Way.READ, Searched, FoundsTold, _search, steady=True)  # fmt: skip
TRACE = Door("pieces", "trace", text("What a subject came from, or what came of it, each link with its row."),
             Right.SEE, Way.FIGURE, Traced, TraceTold, _trace)  # fmt: skip

GENEALOGY_DOORS: tuple[Door[Any], ...] = (SEARCH, TRACE)
