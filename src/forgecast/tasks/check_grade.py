"""Check composition and properties against a grade: of a heat on record, or of values given by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text
from forgecast.metal.grade import Grade, find_grade
from forgecast.metal.grade_own import read_grades, tables_of
from forgecast.quality.conformity import Evidence, Judged, judge_grade, overall
from forgecast.quality.release import DEFAULT_RULE, DecisionRule
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.release_evidence import Uncertainties, analyses_of, evidence_of, given_evidence, tested


@dataclass(frozen=True, slots=True)
class GradeCheck:
    """What a grade says of a heat or of given values.

    Parameters
    ----------
    grade : Grade
    state : str
        Condition of the material that was judged for; empty where not told.
    judged : tuple of Judged
    word : str
        All required rules together: ``met``, ``not met`` or ``not known``.
    rule : DecisionRule
    """

    grade: Grade
    state: str
    judged: tuple[Judged, ...]
    word: str
    rule: DecisionRule

    def as_json(self) -> dict[str, object]:
        """Return the check as every JSON answer shows it."""
        return {
            "grade": self.grade.name,
            "standard": self.grade.standard,
            "state": self.state,
            "word": self.word,
            "decision_rule": str(self.rule),
            "judged": [one.as_json() for one in self.judged],
            "correspondences": [one.as_json() for one in self.grade.correspondences],
        }


def own_grades(plant: Path | None, tables: Sequence[Path]) -> tuple[Grade, ...]:
    """Return the grades of a plant's own tables and of tables named beside them.

    Raises
    ------
    ForgecastError
        If a table cannot be read.
    """
    return read_grades((*(() if plant is None else tables_of(plant)), *tables))


def check_grade(
    asked: str,
    *,
    standard: str = "",
    own: Sequence[Grade] = (),
    plant: PlantFolder | None = None,
    heat: str = "",
    values: Mapping[str, tuple[float, float | None]] | None = None,
    section_mm: float | None = None,
    state: str = "",
    rule: DecisionRule = DEFAULT_RULE,
) -> GradeCheck:
    """Check a heat, or given values, against a grade.

    Parameters
    ----------
    asked, standard : str
        Grade, and its standard where several have the name.
    own : sequence of Grade
    plant : PlantFolder or None
    heat : str
        Heat of the plant; its standing samples and all of its mechanical tests are judged.
    values : mapping of str to (float, float or None)
        By element [%] or property: value and expanded uncertainty (k = 2).
    section_mm : float or None
    state : str
        Condition of the material; empty takes the one the grade's name carries.
    rule : DecisionRule

    Raises
    ------
    ForgecastError
        If the grade or the heat is not known, or a value is of nothing that a rule can name.
    """
    grade, named = find_grade(asked, own, standard=standard)
    evidence = given_evidence(values or {})
    if plant is not None and heat:
        evidence += _of_heat(plant, heat)
    judged = judge_grade(grade, evidence, section_mm=section_mm, state=state or named, rule=rule)
    return GradeCheck(grade, state or named, judged, overall(judged), rule)


def _of_heat(plant: PlantFolder, heat: str) -> tuple[Evidence, ...]:
    if not plant.records.read("heat", id=heat):
        raise ForgecastError(
            text("there is no heat {heat} on record", heat=heat),
            where=str(plant.path),
            repair=text("import the record heat, or name one that is on record"),
        )
    uncertainties = Uncertainties(plant)
    tests = [tested(row, heat, uncertainties) for row in plant.records.read("mechanical_test", heat=heat)]
    return evidence_of(analyses_of(plant, heat, uncertainties), tests)
