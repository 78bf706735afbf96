"""The first page of a plant: where it stands, what is wrong, what is not known, what is next; and what is open now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from forgecast.app.doors.door import Call, Door, NoQuestion, Way
from forgecast.app.doors.rules.settle import settling
from forgecast.app.doors.rules.verdicts import row_of
from forgecast.app.doors.standing.forms import AsOf, HomeAnswer, NowAnswer, Told
from forgecast.app.report.card import urgency
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text
from forgecast.rules.verdict import Word
from forgecast.store.server.rights import Right
from forgecast.tasks.assess_plant import assess_plant
from forgecast.tasks.assessment import Assessment
from forgecast.tasks.compare_assessments import Compared, compare_assessments
from forgecast.tasks.evidence_of_plant import evidence_view, gathered_evidence
from forgecast.tasks.open_matters import open_matters
from forgecast.tasks.permit_calendar import DutyState, permit_calendar
from forgecast.tasks.score_plant import scored

#: So many of each are shown at first sight.
_URGENT, _SETTLE, _CHANGED, _DUTIES = 8, 6, 8, 6
#: Key figures of the first page, in this order.
_FIGURES = ("good_casting", "good_forging", "yield_casting", "scrap_casting", "specific_energy", "carbon_per_tonne")


def _home(call: Call, question: AsOf) -> Mapping[str, Any]:
    assessment = assess_plant(call.plant, at=question.at, progress=lambda done: call.progress(0.4 * done))
    view = evidence_view(call.plant, question.at)
    score = scored(assessment, view, gathered_evidence(view)).as_json()
    call.progress(0.5)
    calendar = permit_calendar(call.plant, at=question.at)
    told = assessment.as_json()
    wrong = sorted((v for v in assessment.verdicts if v.word is Word.NOT_MET), key=urgency)
    titles = {one.id: one.what.as_json() for one in assessment.citations}
    open_ = settling([v.as_json() for v in assessment.verdicts], titles)
    duties = [
        row
        for row, duty in zip(calendar.as_json()["table"]["rows"], calendar.duties, strict=True)  # type: ignore[index]
        if duty.state in {DutyState.OVERDUE, DutyState.DUE}
    ]
    return {
        "plant": told["plant"],
        "at": told["at"],
        "period": told["period"],
        "score": score["score"],
        "directions": [
            {key: one[key] for key in ("id", "title", "weight", "score")}
            for one in score["directions"]  # type: ignore[attr-defined]  # a list of directions
        ],
        "words": dict(Counter(str(verdict.word) for verdict in assessment.verdicts)),
        "urgent": [row_of(verdict.as_json()) for verdict in wrong[:_URGENT]],
        "urgent_more": max(len(wrong) - _URGENT, 0),
        "settle": open_[:_SETTLE],
        "settle_more": max(len(open_) - _SETTLE, 0),
        "book_titles": {one["book"]: titles.get(one["book"]) for one in open_[:_SETTLE] if one["book"]},
        "figures": _figures(told),
        "since": _since(call, assessment, told),
        "duties": duties[:_DUTIES],
        "duty_counts": {str(state): calendar.count(state) for state in DutyState},
        "findings": dict(Counter(str(finding.severity) for finding in assessment.findings)),
    }


def _figures(told: Told) -> list[Told]:
    known = {one["id"]: one for one in told["figures"]}
    first = [known[name] for name in _FIGURES if name in known]
    rest = [one for one in told["figures"] if one["id"] not in _FIGURES and one["value"] is not None]
    keep = ("id", "group", "title", "value", "unit", "slope_per_year", "why_missing")
    return [{key: one[key] for key in keep} for one in [*first, *rest][: len(_FIGURES)]]


def _since(call: Call, now: Assessment, told: Told) -> Told | None:
    """Return what became otherwise since a month before; None where the plant holds nothing so early."""
    earlier = month_before(now.at)
    try:
        before = assess_plant(call.plant, at=earlier, progress=lambda done: call.progress(0.5 + 0.5 * done))
    except ForgecastError:  # no record so early: then nothing can have changed since
        return None
    found = compare_assessments(before.as_json(), told)
    return {
        "before_on": earlier.isoformat(),
        "counts": _counts(found),
        "verdicts": [
            {"id": one.id, "title": dict(one.title), "before": one.before, "after": one.after}
            for one in found.verdicts
            if one.kind in {"not_met", "met", "partly", "not_known"}
        ][:_CHANGED],
        "figures": [
            {
                "id": one.id,
                "title": dict(one.title),
                "unit": one.unit,
                "before": one.before,
                "after": one.after,
                "relative": one.relative,
            }
            for one in found.figures[:_CHANGED]
            if one.relative is not None
        ],
    }


def _counts(found: Compared) -> dict[str, int]:
    return dict(Counter(change.kind for change in found.verdicts))


def month_before(day: date) -> date:
    """Return the same day a month earlier, or the last day of that month where it is shorter."""
    first = day.replace(day=1)
    last = first - timedelta(days=1)
    return last.replace(day=min(day.day, last.day)) if (day + timedelta(days=1)).day != 1 else last


def _now(call: Call, _question: NoQuestion) -> Mapping[str, Any]:
    return open_matters(call.plant).as_json()


DOORS: tuple[Door[Any], ...] = (
    Door("standing", "home", text("The plant at a glance: directions, what is wrong, what is not known, what is next."),
         Right.SEE, Way.FIGURE, AsOf, HomeAnswer, _home),
    Door("standing", "now", text("What is open at this minute: alarms, material that is held, data that stopped."),
         Right.SEE, Way.READ, NoQuestion, NowAnswer, _now),
)  # fmt: skip
