"""The door of the ring test: friction from rings that were upset."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from pydantic import Field as Asked

from forgecast.app.doors.door import Call, Door, Question, Way, Words
from forgecast.ground.texts import text
from forgecast.store.server.rights import Right


class RingAsked(Question):
    """Rings before, and a table of them after upsetting."""

    rings: str = Asked(min_length=1, max_length=80, description="Upload: height and bore after upsetting.")
    columns: list[str] = Asked(default=[], max_length=10, description="KEY=HEADER [UNIT] where headers tell none.")
    outer_mm: float = Asked(gt=0.0)
    bore_mm: float = Asked(gt=0.0)
    height_mm: float = Asked(gt=0.0)


class RingTold(BaseModel):
    """The friction factor of the dies, with its interval."""

    name: str
    ring: dict[str, float]
    friction_factor: float
    halfwidth_95: float | None
    root_mean_square_left: float
    rings: list[dict[str, float]]
    notes: list[Words]
    chart: dict[str, Any]


def _ring(call: Call, question: RingAsked) -> Mapping[str, Any]:
    from forgecast.gateway.measured_table import read_measured, told_columns  # noqa: PLC0415  (in the worker only)
    from forgecast.gateway.ring_table import RING_COLUMNS  # noqa: PLC0415
    from forgecast.tasks.fit_rings import fit_rings  # noqa: PLC0415

    columns = told_columns(tuple(question.columns), RING_COLUMNS)
    table = read_measured(call.upload(question.rings), RING_COLUMNS, columns)
    answer = fit_rings(table, question.outer_mm / 1000.0, question.bore_mm / 1000.0, question.height_mm / 1000.0)
    series = [
        {
            "name": text("m = {friction}", friction=f"{m:g}").as_json(),
            "unit": "%",
            "x": [100.0 * float(one) for one in reduction],
            "values": [100.0 * float(one) for one in decrease],
            "tone": "plain",
        }
        for m, reduction, decrease in answer.curves
    ]
    measured = {
        "name": text("rings").as_json(),
        "unit": "%",
        "kind": "points",
        "x": [100.0 * float(one) for one in answer.reduction],
        "values": [100.0 * float(one) for one in answer.decrease],
        "tone": "bad",
    }
    chart = {
        "x": [],
        "x_name": text("reduction of the height").as_json(),
        "x_unit": "%",
        "series": [*series, measured],
        "limits": [],
    }
    return {**answer.as_json(), "chart": chart}


RING = Door(
    "forging", "ring-test",
    text("The friction factor of dies from rings that were upset between them."),
    Right.SEE, Way.FIGURE, RingAsked, RingTold, _ring,
)  # fmt: skip
