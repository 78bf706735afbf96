"""Judge the composition and the tests of a heat against a grade, one verdict for each rule and test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from forgecast.ground.texts import Text, text
from forgecast.metal.grade import SPECIMEN_TEXTS, Grade, Requirement, without_doubt
from forgecast.quality.release import (
    DEFAULT_RULE,
    WORD_OF_DECISION,
    Decision,
    DecisionRule,
    Measured,
    decide,
    probability_of_conformity,
    propagated,
)

MET, NOT_MET, NOT_KNOWN = "met", "not met", "not known"
#: How far the temperature of an impact test may be from the one asked for [K].
IMPACT_TOLERANCE: Final = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """Values measured together: one sample, or one mechanical test.

    Parameters
    ----------
    origin : str
        Number of the sample or test; with its place in the records, where it has one.
    values : mapping of str to Measured
        By element or property (`forgecast.metal.rule_formula`); what was not measured is absent.
    mechanical : bool
        Whether it is a mechanical test.
    specimen : str
        Kind of specimen; empty where not on record.
    temperature : float or None
        Of an impact test [°C].
    any_specimen : bool
        Whether it is taken as made on whatever specimen and temperature a rule asks for: values given by hand.
    """

    origin: str
    values: Mapping[str, Measured]
    mechanical: bool
    specimen: str = ""
    temperature: float | None = None
    any_specimen: bool = False


@dataclass(frozen=True, slots=True)
class Judged:
    """What one rule says of one piece of evidence.

    Parameters
    ----------
    requirement : Requirement
    origin : str
        Of the evidence; empty where there is none.
    measured : Measured or None
        Value of the rule's formula and its uncertainty.
    decision : Decision or None
        None where nothing could be decided.
    word : str
        ``met``, ``not met`` or ``not known``.
    probability : float or None
        That the true value is within the limits [1].
    reason : Text
        Why the word is what it is.
    """

    requirement: Requirement
    origin: str
    measured: Measured | None
    decision: Decision | None
    word: str
    probability: float | None
    reason: Text

    def as_json(self) -> dict[str, object]:
        """Return the verdict as every JSON answer shows it."""
        measured = self.measured
        return {
            "rule": self.requirement.rule,
            "formula": self.requirement.formula.written,
            "origin": self.origin,
            "value": None if measured is None else measured.value,
            "expanded_uncertainty_k2": None if measured is None else measured.expanded,
            "lower": self.requirement.lower,
            "upper": self.requirement.upper,
            "unit": self.requirement.unit,
            "required": self.requirement.required,
            "decision": None if self.decision is None else str(self.decision),
            "word": self.word,
            "probability_of_conformity": self.probability,
            "reason": self.reason.as_json(),
            "source": self.requirement.source.as_json(),
        }


def judge_grade(
    grade: Grade,
    evidence: Sequence[Evidence],
    *,
    section_mm: float | None = None,
    state: str = "",
    rule: DecisionRule = DEFAULT_RULE,
) -> tuple[Judged, ...]:
    """Judge evidence against every rule of a grade.

    Parameters
    ----------
    grade : Grade
    evidence : sequence of Evidence
        Samples and mechanical tests; each test that a rule can be read from has to meet it.
    section_mm : float or None
        Size of section that decides between rules [mm].
    state : str
        Condition of the material, in the words of the grade; empty where not told.
    rule : DecisionRule

    Returns
    -------
    tuple of Judged
        At least one for each rule of the grade that applies; a rule without evidence is ``not known``.
    """
    judged: list[Judged] = []
    for name in dict.fromkeys(one.rule for one in grade.requirements):
        asked = [one for one in grade.requirements if one.rule == name]
        current = [one for one in asked if not one.superseded] or asked
        in_state = [one for one in current if not one.state or not state or one.state == state]
        covering = [one for one in in_state if one.covers(section_mm) is not False]
        if in_state and not covering:
            why = text("no value for a section of {size} mm is on record", size=section_mm)
            judged.append(Judged(in_state[0], "", None, None, NOT_KNOWN, None, why))
        for one in covering:
            judged += _judged(one, evidence, section_mm=section_mm, state=state, rule=rule)
    return tuple(judged)


def overall(judged: Sequence[Judged]) -> str:
    """Return the word for all rules together: what is for guidance is left out, and nothing judged is not known."""
    words = [one.word for one in judged if one.requirement.required]
    if NOT_MET in words:
        return NOT_MET
    return MET if words and NOT_KNOWN not in words else NOT_KNOWN


def _judged(
    asked: Requirement, evidence: Sequence[Evidence], *, section_mm: float | None, state: str, rule: DecisionRule
) -> list[Judged]:
    fitting = [one for one in evidence if _fits(asked, one)]
    doubt = without_doubt(asked)
    if doubt is None and asked.state and not state:
        doubt = text("the rule is for material {state}; the condition of this material is not told", state=asked.state)
    if doubt is None and asked.covers(section_mm) is None:
        doubt = text("the rule depends on the size of section, which is not told")
    if not fitting:
        return [Judged(asked, "", None, None, NOT_KNOWN, None, doubt or _nothing(asked, evidence))]
    return [_one(asked, one, doubt, rule) for one in fitting]


def _fits(asked: Requirement, one: Evidence) -> bool:
    if asked.formula.mechanical != one.mechanical:
        return False
    needed = asked.formula.symbols
    if one.mechanical and not any(symbol in one.values for symbol in needed):
        return False
    if one.any_specimen or not one.mechanical:
        return True
    if asked.specimen and one.specimen != asked.specimen:
        return False
    if asked.temperature is None:
        return True
    return one.temperature is not None and abs(one.temperature - asked.temperature) <= IMPACT_TOLERANCE


def _nothing(asked: Requirement, evidence: Sequence[Evidence]) -> Text:
    """Return why no evidence speaks to a rule."""
    if not asked.formula.mechanical:
        return text("no composition is on record")
    there = [
        one for one in evidence if one.mechanical and any(symbol in one.values for symbol in asked.formula.symbols)
    ]
    if not there:
        return text("no test of {rule} is on record", rule=asked.rule)
    if asked.temperature is not None and all(_fits_specimen(asked, one) for one in there):
        return text("no test at {temperature} °C is on record", temperature=asked.temperature)
    wanted = SPECIMEN_TEXTS.get(asked.specimen)
    return text(
        "{rule} is asked of a {specimen}; the tests on record are of another specimen, or do not say of which",
        rule=asked.rule,
        specimen=wanted if wanted is not None else asked.specimen,
    )


def _fits_specimen(asked: Requirement, one: Evidence) -> bool:
    return not asked.specimen or one.specimen == asked.specimen


def _one(asked: Requirement, one: Evidence, doubt: Text | None, rule: DecisionRule) -> Judged:
    missing = [symbol for symbol in asked.formula.symbols if symbol not in one.values and symbol != "remainder"]
    if missing or not one.values:
        why = text("not measured: {symbols}", symbols=", ".join(missing) or asked.rule)
        return Judged(asked, one.origin, None, None, NOT_KNOWN, None, doubt or why)
    measured = propagated(asked.formula, one.values)
    probability = probability_of_conformity(measured, asked.lower, asked.upper)
    if doubt is not None:
        return Judged(asked, one.origin, measured, None, NOT_KNOWN, None, doubt)
    decision = decide(measured, asked.lower, asked.upper, rule=rule)
    if decision is None:
        why = text(
            "the uncertainty of {symbols} is not on record; enter it in the record measurement_uncertainty, or decide "
            "by simple acceptance",
            symbols=", ".join(_without_uncertainty(asked, one)),
        )
        return Judged(asked, one.origin, measured, None, NOT_KNOWN, None, why)
    return Judged(asked, one.origin, measured, decision, WORD_OF_DECISION[decision], probability, _why(decision, rule))


def _without_uncertainty(asked: Requirement, one: Evidence) -> list[str]:
    names = list(one.values) if asked.formula.kind == "remainder" else list(asked.formula.symbols)
    return [name for name in names if one.values[name].standard_uncertainty is None]


def _why(decision: Decision, rule: DecisionRule) -> Text:
    if decision is Decision.INDETERMINATE:
        return text("the value lies within its uncertainty of the limit")
    guarded = {
        Decision.PASS: {DecisionRule.GUARDED_ACCEPTANCE, DecisionRule.BOTH},
        Decision.FAIL: {DecisionRule.GUARDED_REJECTION, DecisionRule.BOTH},
    }[decision]
    if decision is Decision.PASS:
        return text("inside the limits by its uncertainty") if rule in guarded else text("inside the limits")
    return text("outside the limits by its uncertainty") if rule in guarded else text("outside the limits")
