"""Report where a plant stands: score, evidence, verdicts, plan, incentives and duties as of one day."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from forgecast.ground.texts import Text
from forgecast.planning.problem import PlanError
from forgecast.rules.shelf import full_shelf
from forgecast.rules.verdict import Confidence
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.assess_plant import assess_plant
from forgecast.tasks.assessment import Assessment
from forgecast.tasks.evidence_of_plant import Evidence, gathered_evidence
from forgecast.tasks.incentives_of_plant import Incentives, incentives_of_plant
from forgecast.tasks.permit_calendar import PermitCalendar, permit_calendar
from forgecast.tasks.plan_plant import PlanAnswer, plan_plant
from forgecast.tasks.plant_view import PlantView, period_of
from forgecast.tasks.score_plant import PlantScore, scored


@dataclass(frozen=True, slots=True)
class Standing:
    """All that a standing report says.

    Parameters
    ----------
    assessment : Assessment
    score : PlantScore
    evidence : tuple of Evidence
    calendar : PermitCalendar
    incentives : Incentives
    plan : PlanAnswer or None
    why_no_plan : Text or None
        Why there is none, and `repair_plan` what to do about it.
    repair_plan : Text or None
    confidences : mapping of (str, str) to Confidence
        By book and requirement: how well its newest number is known.
    """

    assessment: Assessment
    score: PlantScore
    evidence: tuple[Evidence, ...]
    calendar: PermitCalendar
    incentives: Incentives
    plan: PlanAnswer | None
    why_no_plan: Text | None
    repair_plan: Text | None
    confidences: Mapping[tuple[str, str], Confidence]

    def as_json(self) -> dict[str, object]:
        """Return the JSON answer; verdicts in full are in `forgecast assess --json`."""
        return {
            "ok": True,
            "plant": {"name": self.assessment.plant_name, "synthetic": self.assessment.synthetic},
            "at": self.assessment.at.isoformat(),
            "score": self.score.as_json(),
            "evidence": [one.as_json() for one in self.evidence],
            "duties": self.calendar.as_json(),
            "incentives": self.incentives.as_json(),
            "plan": None if self.plan is None else self.plan.as_json(),
            "why_no_plan": None if self.why_no_plan is None else self.why_no_plan.as_json(),
            "verdicts": [
                {
                    "id": one.id,
                    "word": str(one.word),
                    "clause": one.clause.as_json(),
                    "missing": [missing.as_json() for missing in one.missing],
                }
                for one in self.assessment.verdicts
            ],
        }


def report_standing(
    folder: PlantFolder, *, at: date | None = None, progress: Callable[[float], None] | None = None
) -> Standing:
    """Gather all that a standing report says.

    Parameters
    ----------
    folder : PlantFolder
    at : date or None
        None means the day of the plant's last record or reading.
    progress : callable or None
        Told the fraction done.

    Raises
    ------
    ForgecastError
        If the plant holds nothing with a date.
    """
    tell = progress or (lambda _done: None)
    assessment = assess_plant(folder, at=at, progress=lambda done: tell(0.5 * done))
    period, day = period_of(folder, at)
    view = PlantView(folder, period, day)
    evidence = gathered_evidence(view)
    score = scored(assessment, view, evidence)
    tell(0.6)
    plan, why, repair = None, None, None
    try:
        # The report tells the plan itself; how far its estimates weigh is asked of `forgecast plan`.
        plan = plan_plant(folder, at=at, draws=0, progress=lambda done: tell(0.6 + 0.3 * done))
    except PlanError as error:
        why, repair = error.what, error.repair
    found = Standing(
        assessment=assessment,
        score=score,
        evidence=evidence,
        calendar=permit_calendar(folder, at=at),
        incentives=incentives_of_plant(folder, at=at),
        plan=plan,
        why_no_plan=why,
        repair_plan=repair,
        confidences=_confidences(folder),
    )
    tell(1.0)
    return found


def _confidences(folder: PlantFolder) -> dict[tuple[str, str], Confidence]:
    return {
        (book.id, one.id): one.values[-1].confidence
        for book in full_shelf([folder.path / "books"]).overlaid()
        for one in book.requirements
        if one.values
    }
