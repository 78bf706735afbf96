"""An assessment in the exchange form OSCAL assessment-results, for programs that collect the findings of many sites.

Source: NIST OSCAL 1.2.0, assessment results model, JSON form. Every verdict becomes one observation (what was looked at
with its evidence) and one finding on the requirement. OSCAL knows two states; the five words stand beside them as the
property ``verdict``: `met` is ``satisfied`` (reason ``pass``), `not met` is ``not-satisfied`` (``fail``). `partly` and
`not known` are ``not-satisfied`` with reason ``other``: what is not shown is not satisfied. `not applicable` is
``satisfied`` with reason ``other`` and the implementation status ``not-applicable``. Names are made from contents (UUID
version 5): the same assessment gives the same bytes.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterable
from datetime import date, datetime, time

from forgecast.ground.dates import zone
from forgecast.ground.texts import Language, Text, text
from forgecast.rules.verdict import WORD_TEXTS, TraceNode, Verdict, Word
from forgecast.tasks.assessment import Assessment, Citation

OSCAL_VERSION = "1.2.0"
#: Names within which uuids and properties of this export are made.
PROPERTIES = "urn:forgecast:oscal"
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, PROPERTIES)
#: OSCAL's kind of subject for what is judged; the site is the system itself.
_SUBJECT = {"site": "location"}
_STATES = {
    Word.MET: ("satisfied", "pass"),
    Word.NOT_APPLICABLE: ("satisfied", "other"),
    Word.NOT_MET: ("not-satisfied", "fail"),
    Word.PARTLY: ("not-satisfied", "other"),
    Word.NOT_KNOWN: ("not-satisfied", "other"),
}
#: What OSCAL says beside the state.
_IMPLEMENTATION = {Word.NOT_APPLICABLE: "not-applicable", Word.PARTLY: "partial", Word.MET: "implemented"}
_TOKEN = re.compile(r"[^\w.-]")
#: Rows of evidence named for one verdict.
_MOST_EVIDENCE = 40


def oscal_json(assessment: Assessment, language: Language) -> str:
    """Return an assessment as the text of an OSCAL assessment-results file.

    Parameters
    ----------
    assessment : Assessment
    language : Language
        Of titles and descriptions; OSCAL has room for one.
    """
    return json.dumps(oscal_results(assessment, language), ensure_ascii=False, indent=1) + "\n"


def oscal_results(assessment: Assessment, language: Language) -> dict[str, object]:
    """Return an assessment as an OSCAL assessment-results document."""
    made = _Made(assessment, language)
    books = [one for one in assessment.citations if one.id in {verdict.book for verdict in assessment.verdicts}]
    title = made.line(text("Assessment of {plant}", plant=assessment.plant_name))
    plan = made.uuid("plan")
    result: dict[str, object] = {
        "uuid": made.uuid("result"),
        "title": title,
        "description": text(
            "Verdicts of {count} requirements and subjects, from {start} until before {end}.",
            count=len(assessment.verdicts), start=assessment.start.isoformat(), end=assessment.end.isoformat(),
        ).say(language),
        "start": made.instant(assessment.start),
        "end": made.instant(assessment.end),
        "reviewed-controls": {"control-selections": made.selections()},
    }  # fmt: skip
    if assessment.verdicts:
        result["observations"] = [made.observation(verdict) for verdict in assessment.verdicts]
        result["findings"] = [made.finding(verdict) for verdict in assessment.verdicts]
    metadata: dict[str, object] = {
        "title": title,
        "last-modified": made.instant(assessment.at),
        "version": assessment.at.isoformat(),
        "oscal-version": OSCAL_VERSION,
        "props": [
            _property("forgecast-version", assessment.version),
            _property("plant", assessment.plant_id),
            _property("synthetic", str(assessment.synthetic).lower()),
        ],
    }
    return {
        "assessment-results": {
            "uuid": made.uuid("document"),
            "metadata": metadata,
            "import-ap": {"href": f"#{plan}"},
            "results": [result],
            "back-matter": {"resources": [made.plan(plan), *(made.book(one) for one in books)]},
        }
    }


def _property(name: str, value: str) -> dict[str, str]:
    return {"name": name, "ns": PROPERTIES, "value": " ".join(value.split()) or "-"}


def control_id(verdict: Verdict) -> str:
    """Return the name of a requirement as OSCAL allows it: letters, digits, ``.``, ``_`` and ``-``."""
    return _TOKEN.sub("_", f"{verdict.book}.{verdict.requirement}")


class _Made:
    """The parts of the document that need the assessment and the language."""

    def __init__(self, assessment: Assessment, language: Language) -> None:
        self.assessment = assessment
        self.language = language
        self.root = f"{assessment.plant_id}/{assessment.at.isoformat()}"

    def uuid(self, *names: str) -> str:
        return str(uuid.uuid5(NAMESPACE, "/".join((self.root, *names))))

    def instant(self, day: date) -> str:
        return datetime.combine(day, time(0), tzinfo=zone(self.assessment.zone)).isoformat()

    def line(self, said: Text) -> str:
        return " ".join(said.say(self.language).split()) or "-"

    def selections(self) -> list[dict[str, object]]:
        names = sorted({control_id(verdict) for verdict in self.assessment.verdicts})
        if not names:
            return [{"include-all": {}}]
        return [{"include-controls": [{"control-id": name} for name in names]}]

    def plan(self, name: str) -> dict[str, object]:
        said = text(
            "The plan of the assessment: every requirement of the rulebooks below, on every subject of its kind."
        )
        return {"uuid": name, "title": text("Rulebooks").say(self.language), "description": said.say(self.language)}

    def book(self, one: Citation) -> dict[str, object]:
        return {
            "uuid": self.uuid("book", one.id),
            "title": self.line(one.what),
            "description": self.line(one.source),
            "props": [_property("edition", one.edition), _property("confidence", one.confidence)],
        }

    def observation(self, verdict: Verdict) -> dict[str, object]:
        reasons = [reason.say(self.language) for reason in verdict.reasons]
        made: dict[str, object] = {
            "uuid": self.uuid("observation", verdict.id),
            "title": self.line(verdict.title),
            "description": "\n".join(reasons) or WORD_TEXTS[verdict.word].say(self.language),
            "props": self._figures(verdict),
            "methods": ["TEST" if verdict.figure_name else "EXAMINE"],
            "types": ["control-objective"],
            "subjects": [
                {
                    "subject-uuid": self.uuid("subject", verdict.subject_kind, verdict.subject_id),
                    "type": _SUBJECT.get(verdict.subject_kind, "component"),
                    "title": " ".join(f"{verdict.subject_id} {verdict.subject_name}".split()),
                }
            ],
            "collected": self.instant(self.assessment.end),
        }
        evidence = [{"description": f"{place}: {what}".strip(" :")} for place, what in self._evidence(verdict.tree)][
            :_MOST_EVIDENCE
        ]
        if evidence:
            made["relevant-evidence"] = evidence
        if verdict.missing:
            made["remarks"] = "\n".join(missing.say(self.language) for missing in verdict.missing)
        return made

    def _figures(self, verdict: Verdict) -> list[dict[str, str]]:
        found = [_property("verdict", str(verdict.word)), _property("verdict-id", verdict.id)]
        if verdict.figure_value is not None:
            found.append(
                _property("figure", f"{verdict.figure_name} = {verdict.figure_value:.12g} {verdict.figure_unit}")
            )
        if verdict.limit is not None:
            limit = verdict.limit
            if limit.value is not None:
                found.append(_property("limit", f"{limit.comparison} {limit.value:.12g} {limit.unit}"))
            found += [_property("layer", limit.layer), _property("limit-confidence", str(limit.confidence))]
        if verdict.conformity is not None:
            found.append(_property("decision-rule", str(verdict.conformity.rule)))
            if verdict.conformity.probability is not None:
                found.append(_property("probability-of-conformity", f"{verdict.conformity.probability:.6g}"))
        return found

    def _evidence(self, node: TraceNode) -> Iterable[tuple[str, str]]:
        """Yield the rows a verdict stands on, each once."""
        seen: dict[tuple[str, str], None] = {}
        stack = [node]
        while stack:
            one = stack.pop()
            if one.kind in {"row", "fact"} and one.place:
                said = " ".join(f"{one.what.say(self.language)} {one.value}".split())
                seen[one.place, said] = None
            stack.extend(reversed(one.children))
        return seen

    def finding(self, verdict: Verdict) -> dict[str, object]:
        state, reason = _STATES[verdict.word]
        target: dict[str, object] = {
            "type": "objective-id",
            "target-id": control_id(verdict),
            "status": {"state": state, "reason": reason},
        }
        if verdict.word in _IMPLEMENTATION:
            target["implementation-status"] = {"state": _IMPLEMENTATION[verdict.word]}
        return {
            "uuid": self.uuid("finding", verdict.id),
            "title": self.line(verdict.title),
            "description": self.line(verdict.clause),
            "props": [_property("verdict", str(verdict.word)), _property("force", str(verdict.force))],
            "target": target,
            "related-observations": [{"observation-uuid": self.uuid("observation", verdict.id)}],
        }
