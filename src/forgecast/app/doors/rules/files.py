"""Files to take along: the assessment as OSCAL, and as a report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from forgecast.app.doors.door import Call, Door, Way
from forgecast.app.doors.rules import forms
from forgecast.ground.texts import text
from forgecast.store.server.rights import Right
from forgecast.tasks.assess_plant import assess_plant
from forgecast.tasks.export_oscal import oscal_json


def _oscal(call: Call, question: forms.FileAsked) -> Mapping[str, Any]:
    assert call.folder is not None  # noqa: S101  (a run has one)
    assessment = assess_plant(call.plant, at=question.at, progress=lambda done: call.progress(0.9 * done))
    name = f"assessment-{assessment.at.isoformat()}.oscal.json"
    (call.folder / name).write_text(oscal_json(assessment, call.language), encoding="utf-8", newline="\n")
    return {"files": [name]}


def _report(call: Call, question: forms.ReportAsked) -> Mapping[str, Any]:
    from forgecast.app.report import write_report  # noqa: PLC0415  (fonts and plots load only when needed)

    assert call.folder is not None  # noqa: S101  (a run has one)
    assessment = assess_plant(call.plant, at=question.at, progress=lambda done: call.progress(0.5 * done))
    name = f"assessment-{assessment.at.isoformat()}.{call.language}.{question.form}"
    write_report(assessment, call.folder / name, call.language)
    return {"files": [name]}


DOORS: tuple[Door[Any], ...] = (
    Door("rules", "oscal", text("The verdicts as OSCAL assessment-results, for another program."), Right.SEE, Way.RUN,
         forms.FileAsked, forms.FilesAnswer, _oscal),
    Door("rules", "report", text("The assessment as a report to print or to hand on."), Right.SEE, Way.RUN,
         forms.ReportAsked, forms.FilesAnswer, _report),
)  # fmt: skip
