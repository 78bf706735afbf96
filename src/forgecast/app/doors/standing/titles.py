"""Duties, grade, ladders, incentives, and the report that holds it all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from forgecast.app.doors.door import Call, Door, Way
from forgecast.app.doors.rules.forms import AsOf as RulesAsOf
from forgecast.app.doors.rules.kept import kept_assessment
from forgecast.app.doors.rules.verdicts import row_of
from forgecast.app.doors.standing import forms
from forgecast.app.doors.standing.forms import AsOf, Told
from forgecast.ground.texts import text
from forgecast.store.server.rights import Right
from forgecast.tasks.incentives_of_plant import incentives_of_plant
from forgecast.tasks.performance_grade import REACH_TEXTS, Reach, performance_grade
from forgecast.tasks.permit_calendar import DutyState, PermitCalendar, permit_calendar
from forgecast.tasks.report_standing import report_standing

#: Rulebooks that are ladders: levels or titles a plant works its way up to.
LADDERS: Final = (
    "gb_39116_2020",
    "smart_factory_2025",
    "green_factory_2025",
    "sme_ladder_2026",
    "champion_2023",
    "performance_grading_2020",
    "cfa_0310021",
)
_TONES = {DutyState.OVERDUE: "bad", DutyState.DUE: "warn", DutyState.DONE: "good", DutyState.LATE: "good"}


def _duties(call: Call, question: AsOf) -> Mapping[str, Any]:
    found = permit_calendar(call.plant, at=question.at)
    return {**found.as_json(), "timeline": timeline(found)}


def timeline(found: PermitCalendar) -> Told:
    """Return the dated duties as bars from the day they can be begun to their last day."""
    tasks = []
    for one in found.duties:
        if one.due is None:
            continue
        begins = min(one.span.last, one.due)
        tasks.append(
            {
                "name": one.title.as_json(),
                "start_at": f"{begins.isoformat()}T00:00:00Z",
                "end_at": f"{one.due.isoformat()}T23:59:59Z",
                "tone": _TONES.get(one.state, "plain"),
                "note": one.holder,
            }
        )
    return {"tasks": tasks}


def _grade(call: Call, question: AsOf) -> Mapping[str, Any]:
    told: Told = dict(performance_grade(call.plant, at=question.at).as_json())
    for one in told["grades"]:
        one["reach_words"] = REACH_TEXTS[Reach(one["reach"])].as_json()
        for key in ("hindering", "open"):
            one[key] = [row_of(verdict) | {"asks": verdict["missing"]} for verdict in one[key]]
    told["undecided_table"] = [row_of(v) | {"asks": v["missing"]} for v in told["undecided_table"]]
    return told


def _incentives(call: Call, question: forms.LoanAsked) -> Mapping[str, Any]:
    share = None if question.loan_rate_percent is None else question.loan_rate_percent / 100.0
    return incentives_of_plant(call.plant, at=question.at, loan=question.loan_CNY, loan_rate=share).as_json()


def _maturity(call: Call, question: AsOf) -> Mapping[str, Any]:
    kept = kept_assessment(call, RulesAsOf(at=question.at))
    ladders = []
    for book in LADDERS:
        members = [one for one in kept.told["verdicts"] if one["book"] == book and one["word"] != "not applicable"]
        if members:
            ladders.append(
                {
                    "book": book,
                    "title": kept.titles.get(book),
                    "words": dict(Counter(one["word"] for one in members)),
                    "rows": [row_of(one) for one in members],
                }
            )
    return kept.head() | {"ladders": ladders}


def _report(call: Call, question: AsOf) -> Mapping[str, Any]:
    from forgecast.app.standing_report.write import write_standing  # noqa: PLC0415  (fonts load only when needed)

    assert call.folder is not None  # noqa: S101  (a run has one)
    found = report_standing(call.plant, at=question.at, progress=lambda done: call.progress(0.8 * done))
    names = [f"standing-{found.assessment.at.isoformat()}.{call.language}{suffix}" for suffix in (".pdf", ".html")]
    for name in names:
        write_standing(found, call.folder / name, call.language)
    return {"files": names}


DOORS: tuple[Door[Any], ...] = (
    Door("standing", "duties", text("Duties of permits and titles: what is due when, done, overdue."), Right.SEE,
         Way.FIGURE, AsOf, forms.DutiesAnswer, _duties),
    Door("standing", "grade", text("The performance grade for heavily polluted weather, as far as it can be told."),
         Right.SEE, Way.FIGURE, AsOf, forms.GradeAnswer, _grade),
    Door("standing", "maturity", text("How far the plant has come on each ladder of levels and titles."), Right.SEE,
         Way.READ, AsOf, forms.MaturityAnswer, _maturity),
    Door("standing", "incentives", text("Which credits and loans the plant may use, and what they are worth."),
         Right.SEE, Way.FIGURE, forms.LoanAsked, forms.IncentivesAnswer, _incentives),
    Door("standing", "report", text("Where the plant stands, as a report to print or to hand on."), Right.SEE, Way.RUN,
         AsOf, forms.FilesAnswer, _report),
)  # fmt: skip
