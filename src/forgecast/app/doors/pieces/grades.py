"""Doors of grades: what a grade asks, which correspond and what speaks against it, whether a heat meets one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, Literal

from pydantic import BaseModel
from pydantic import Field as Asked

from forgecast.app.doors.door import Call, Door, Question, Way, Words
from forgecast.app.report.words import CONFIDENCE_TEXTS
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text
from forgecast.metal.grade import FIT_TEXTS, OWN, Grade, all_grades, find_grade
from forgecast.metal.rule_formula import ELEMENTS, PROPERTIES
from forgecast.quality.release import RULE_TEXTS, DecisionRule
from forgecast.rules.verdict import WORD_TEXTS, Word
from forgecast.store.server.rights import Right
from forgecast.tasks.check_grade import check_grade, own_grades

Told = dict[str, Any]
_GIVEN: Final = re.compile(r"([A-Za-z][\w.]*)=(\d+(?:\.\d+)?)(?:(?:±|\+-|\+/-)(\d+(?:\.\d+)?))?")


class AboutGrades(Question):
    """Grades of which standard."""

    standard: str = Asked(default="", description="A standard; empty for all.")


class GradeLine(BaseModel):
    """A grade in the list."""

    grade: str
    standard: str
    rules: int
    deciding: int
    corresponds: list[Told]


class GradesTold(BaseModel):
    """The grades on record."""

    grades: list[GradeLine]


def _grades(call: Call, question: AboutGrades) -> Mapping[str, Any]:
    wanted = question.standard.replace(" ", "").casefold()
    return {
        "grades": [
            {
                "grade": one.name,
                "standard": one.standard,
                "rules": len(one.requirements),
                "deciding": sum(rule.decides for rule in one.requirements),
                "corresponds": [
                    {"grade": other.grade, "standard": other.standard, "fit": other.fit}
                    for other in one.correspondences
                ],
            }
            for one in all_grades(own_grades(call.plant.path, ()))
            if one.standard.replace(" ", "").casefold().startswith(wanted)
        ]
    }


class AboutGrade(Question):
    """Which grade."""

    name: str
    standard: str = ""


class GradeTold(BaseModel):
    """Every rule of a grade with its source, and the grades said to correspond with their doubts."""

    grade: str
    standard: str
    title: str
    edition_in_force: str
    edition_note: Words | None
    states: list[str]
    requirements: list[Told]
    correspondences: list[Told]


def _grade(call: Call, question: AboutGrade) -> Mapping[str, Any]:
    found, _ = find_grade(question.name, own_grades(call.plant.path, ()), standard=question.standard)
    return {**_grade_told(found), "title": found.title, "states": list(found.states)}


def _grade_told(found: Grade) -> Told:
    told: Told = found.as_json()
    for one, rule in zip(told["requirements"], found.requirements, strict=True):
        one["known"] = _known(rule.source.confidence)
    for one, other in zip(told["correspondences"], found.correspondences, strict=True):
        one["known"] = _known(other.source.confidence)
        one["how"] = FIT_TEXTS[other.fit].as_json()
    return told


def _known(confidence: str) -> Told:
    return (text("your own copy") if confidence == OWN else CONFIDENCE_TEXTS[confidence]).as_json()


class GradeAsked(Question):
    """A heat on record, or values given by hand, against a grade."""

    name: str
    standard: str = ""
    heat: str = ""
    values: list[str] = Asked(default=[], description="As C=3.62±0.05 (in %), Rm=512±8 (MPa), A=8.4; U with k = 2.")
    section_mm: float | None = Asked(default=None, gt=0)
    state: str = ""
    rule: Literal["both", "simple", "guarded-acceptance", "guarded-rejection"] = "both"


class GradeChecked(BaseModel):
    """What a grade says of a heat or of given values."""

    grade: str
    standard: str
    state: str
    word: str
    title: Words
    decision_rule: str
    decision_rule_says: Words
    judged: list[Told]
    correspondences: list[Told]


def _check(call: Call, question: GradeAsked) -> Mapping[str, Any]:
    given = dict(map(_given, question.values))
    if not given and not question.heat:
        raise ForgecastError(text("there is nothing to check"), repair=text("give a heat, or values such as Rm=512±8"))
    done = check_grade(
        question.name,
        standard=question.standard,
        own=own_grades(call.plant.path, ()),
        plant=call.plant,
        heat=question.heat,
        values=given,
        section_mm=question.section_mm,
        state=question.state,
        rule=DecisionRule(question.rule),
    )
    return {
        **done.as_json(),
        "title": WORD_TEXTS[Word(done.word)].as_json(),
        "decision_rule_says": RULE_TEXTS[done.rule].as_json(),
    }


def _given(written: str) -> tuple[str, tuple[float, float | None]]:
    found = _GIVEN.fullmatch(written.replace(" ", ""))
    if found is None or (found.group(1) not in ELEMENTS and found.group(1) not in PROPERTIES):
        raise ForgecastError(
            text("{value} is no value of an element or a property", value=written),
            repair=text(
                "write NAME=VALUE±U, such as C=3.62±0.05 or Rm=512±8; names: {names}", names=", ".join(PROPERTIES)
            ),
        )
    name, value, uncertainty = found.groups()
    return name, (float(value), None if uncertainty is None else float(uncertainty))


GRADES = Door("pieces", "grades", text("The grades on record, and how many of their numbers can decide."),
              Right.SEE, Way.READ, AboutGrades, GradesTold, _grades, steady=True)  # fmt: skip
GRADE = Door("pieces", "grade", text("Every rule of a grade with its source, and grades said to correspond."),
             Right.SEE, Way.READ, AboutGrade, GradeTold, _grade, steady=True)  # fmt: skip
GRADE_CHECK = Door("pieces", "grade-check", text("Whether a heat, or values given, meet a grade, and how surely."),
                   Right.SEE, Way.READ, GradeAsked, GradeChecked, _check)  # fmt: skip

GRADE_DOORS: tuple[Door[Any], ...] = (GRADES, GRADE, GRADE_CHECK)
