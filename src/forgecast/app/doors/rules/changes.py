"""What would change: ways to pass, what if, two days beside each other, the same facts judged again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from forgecast.app.doors.door import Call, Door, Way
from forgecast.app.doors.rules import forms
from forgecast.app.doors.rules.forms import AsOf, Told
from forgecast.ground.texts import text
from forgecast.store.server.rights import Right
from forgecast.tasks.assess_plant import assess_plant
from forgecast.tasks.check_books import check_books, check_own_books
from forgecast.tasks.compare_assessments import compare_assessments
from forgecast.tasks.replay_verdicts import replay_verdicts
from forgecast.tasks.what_if import fact_words, ways_for, what_if


def _ways(call: Call, question: forms.VerdictAsked) -> Mapping[str, Any]:
    found = ways_for(call.plant, [question.id], at=question.at).get(question.id)
    if found is None:
        return {"ways": None}
    told: Told = dict(found.as_json())
    for one, alternative in zip(told["facts"], found.alternatives, strict=True):
        one["then"] = [{"id": verdict.id, "title": verdict.title.as_json()} for verdict in alternative.then]
        for change in one["change"]:
            change.update(fact_words(change["fact"], change["now"], change["then"]))
    return {"ways": told}


def _what_if(call: Call, question: forms.SupposedAsked) -> Mapping[str, Any]:
    found = what_if(call.plant, question.supposed, at=question.at, progress=call.progress)
    told = found.as_json()
    titles = {change.id: change.either for change in found.changes}
    changes = [
        {**one, "title": titles[one["id"]].title.as_json(), "subject": titles[one["id"]].subject_name}
        for one in told["changes"]  # type: ignore[attr-defined]  # a list of changes
    ]
    return {**told, "changes": changes}


def _compare(call: Call, question: forms.CompareAsked) -> Mapping[str, Any]:
    before = assess_plant(call.plant, at=question.before, progress=lambda done: call.progress(0.5 * done))
    after = assess_plant(call.plant, at=question.after, progress=lambda done: call.progress(0.5 + 0.5 * done))
    return compare_assessments(before.as_json(), after.as_json()).as_json()


def _replay(call: Call, question: AsOf) -> Mapping[str, Any]:
    return replay_verdicts(call.plant, at=question.at, progress=call.progress).as_json()


def _check(call: Call, _question: AsOf) -> Mapping[str, Any]:
    found = [*check_books(()), *check_own_books(call.plant.path)]
    refused = any(one.severity == "refused" for _name, findings in found for one in findings)
    told = [{"name": name, "findings": [one.as_json() for one in findings]} for name, findings in found]
    return {"complete": not refused, "checked": told}


def _door(name: str, sentence: Any, asks: Any, answers: Any, run: Any) -> Door[Any]:  # noqa: ANN401
    return Door("rules", name, sentence, Right.SEE, Way.FIGURE, asks, answers, run)


DOORS = (
    _door("ways", text("The smallest changes that would let a verdict pass."), forms.VerdictAsked, forms.WaysAnswer,
          _ways),
    _door("what-if", text("Which verdicts would change if facts or figures were otherwise."), forms.SupposedAsked,
          forms.WhatIfAnswer, _what_if),
    _door("compare", text("What two days differ in: verdicts, figures, rulebooks."), forms.CompareAsked,
          forms.CompareAnswer, _compare),
    _door("replay", text("Judge the same facts again, and tell whether the verdicts come out byte for byte."), AsOf,
          forms.ReplayAnswer, _replay),
    _door("check", text("Whether every rulebook is complete and its cases come true."), AsOf, forms.CheckAnswer,
          _check),
)  # fmt: skip
