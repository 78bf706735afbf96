"""Tell the performance grade of a foundry for heavily polluted weather, as far as rules and records let it be told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from forgecast.ground.dates import Period
from forgecast.ground.texts import Text, text
from forgecast.rules.verdict import Verdict, Word
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.judge_plant import judge_plant
from forgecast.tasks.plant_view import PlantView, period_of

#: The rulebook; the id of a requirement begins with its grade (``a_``) or with ``table_``.
GRADING_BOOK = "performance_grading_2020"
#: Grades with conditions of their own, the best first; below them all is D.
GRADES = ("A", "B", "C")
LOWEST = "D"


class Reach(StrEnum):
    """Whether a grade is reached."""

    REACHED = "reached"
    OUT_OF_REACH = "out of reach"
    NOT_KNOWN = "not known"


REACH_TEXTS: dict[Reach, Text] = {
    Reach.REACHED: text("reached"),
    Reach.OUT_OF_REACH: text("out of reach"),
    Reach.NOT_KNOWN: text("not known whether reached"),
}


@dataclass(frozen=True, slots=True)
class GradeStanding:
    """How a plant stands to the conditions of one grade.

    Parameters
    ----------
    grade : str
    reach : Reach
    met, hindering, open : tuple of Verdict
        Conditions that are met, that keep the grade out of reach, and that nobody can judge yet. Conditions that do
        not apply stand in none of them.
    """

    grade: str
    reach: Reach
    met: tuple[Verdict, ...]
    hindering: tuple[Verdict, ...]
    open: tuple[Verdict, ...]


@dataclass(frozen=True, slots=True)
class PerformanceGrade:
    """The grade of a plant.

    Parameters
    ----------
    plant_name : str
    period : Period
    graded : bool
        False for a plant that the guide does not grade as a foundry.
    undecided_table : tuple of Verdict
        What keeps from knowing which table of the guide holds; where there is any, no grade can be told.
    standings : tuple of GradeStanding
        The best grade first.
    """

    plant_name: str
    period: Period
    graded: bool
    undecided_table: tuple[Verdict, ...]
    standings: tuple[GradeStanding, ...]

    @property
    def at_best(self) -> str | None:
        """Return the best grade that is not out of reach; None where no table is known to hold."""
        if not self.graded or self.undecided_table:
            return None
        return next((s.grade for s in self.standings if s.reach is not Reach.OUT_OF_REACH), LOWEST)

    @property
    def certain(self) -> bool:
        """Return whether the plant certainly has the grade it has at best."""
        best = self.at_best
        return best == LOWEST or any(s.grade == best and s.reach is Reach.REACHED for s in self.standings)

    def sentence(self) -> Text:
        """Return the answer in words."""
        if not self.graded:
            return text("The guide does not grade this plant: it is no foundry, or the guide did not hold yet.")
        if self.undecided_table:
            return text("No grade can be told: which table of the guide holds, or what is in it, is not known.")
        if self.certain:
            return text("Grade {grade}.", grade=str(self.at_best))
        return text("At best grade {grade}; whether it is reached is not known.", grade=str(self.at_best))

    def as_json(self) -> dict[str, object]:
        """Return the answer for another program."""
        return {
            "plant": self.plant_name,
            "period": {"start": self.period.start.isoformat(), "end": self.period.end.isoformat()},
            "at_best": self.at_best,
            "certain": self.certain,
            "answer": self.sentence().as_json(),
            "undecided_table": [verdict.as_json() for verdict in self.undecided_table],
            "grades": [
                {
                    "grade": one.grade,
                    "reach": str(one.reach),
                    "met": [verdict.id for verdict in one.met],
                    "hindering": [verdict.as_json() for verdict in one.hindering],
                    "open": [verdict.as_json() for verdict in one.open],
                }
                for one in self.standings
            ],
        }


def performance_grade(folder: PlantFolder, *, at: date | None = None) -> PerformanceGrade:
    """Return the performance grade of a plant over the twelve whole months up to a day.

    Parameters
    ----------
    folder : PlantFolder
    at : date or None
        Day as of which it is judged; None means the day of its last record or reading.

    Raises
    ------
    ForgecastError
        If the plant holds nothing with a date.

    Notes
    -----
    A grade is out of reach if one of its conditions is not met, reached if every one is met or does not apply, and
    else not known. Technical guide of 2020, 环办大气函〔2020〕340号, as far as the rulebook knows it.
    """
    period, day = period_of(folder, at)
    judged = judge_plant(PlantView(folder, period, day))
    return grade_of(judged.verdicts, folder.settings.name, period)


def grade_of(verdicts: Iterable[Verdict], plant_name: str, period: Period) -> PerformanceGrade:
    """Return the grade that verdicts of the rulebook come to.

    Parameters
    ----------
    verdicts : iterable of Verdict
        Those of other books are left aside.
    plant_name : str
    period : Period
    """
    by_grade: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        if verdict.book == GRADING_BOOK and verdict.word is not Word.NOT_APPLICABLE:
            by_grade.setdefault(verdict.requirement.partition("_")[0], []).append(verdict)
    tables = by_grade.get("table", [])
    return PerformanceGrade(
        plant_name=plant_name,
        period=period,
        graded=bool(by_grade),
        undecided_table=tuple(verdict for verdict in tables if verdict.word is not Word.MET),
        standings=tuple(_standing(grade, by_grade.get(grade.lower(), [])) for grade in GRADES),
    )


def _standing(grade: str, verdicts: list[Verdict]) -> GradeStanding:
    met = tuple(v for v in verdicts if v.word is Word.MET)
    hindering = tuple(v for v in verdicts if _hinders(v))
    left = tuple(v for v in verdicts if v.word is not Word.MET and not _hinders(v))
    if hindering:
        reach = Reach.OUT_OF_REACH
    elif left or not met:
        # A grade no condition of which was judged is not reached by that.
        reach = Reach.NOT_KNOWN
    else:
        reach = Reach.REACHED
    return GradeStanding(grade, reach, met, hindering, left)


def _hinders(verdict: Verdict) -> bool:
    """Return whether a condition is certainly not met; a figure that is `partly` lacks hours, not compliance."""
    return verdict.word is Word.NOT_MET or (verdict.word is Word.PARTLY and not verdict.figure_name)
