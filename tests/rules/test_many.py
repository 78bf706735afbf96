"""Words for many plants are those of the engine, whatever facts and figures the plants have."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forgecast.rules import many
from forgecast.rules.book import Policy
from forgecast.rules.cases import cases_from
from forgecast.rules.decision import DecisionRule, Uncertainty
from forgecast.rules.evaluate import evaluate
from forgecast.rules.fact import FactBase
from forgecast.rules.many import WordJudge
from forgecast.rules.shelf import folder_files, packaged_books, packaged_folders
from tests.rules.making import POLICY, base, book, hourly, sampled, whole

SAMPLE = ("gb_39726_2020", "opinion_goals", "prohibited_2023")


def told(books, facts_, policy=POLICY, judge=None):
    judge = judge or WordJudge(books, facts_.start, facts_.end, policy=policy)
    return [(f"{t.book}/{t.requirement}/{t.subject}", t.word) for t in judge.words(facts_)]


def slowly(books, facts_, policy=POLICY):
    return [(v.id, v.word) for v in evaluate(books, facts_, policy=policy)]


def plants():
    """Return the facts of every case of some shipped books, on one stretch of days, so that one judge sees them all."""
    for folder in packaged_folders():
        if folder.name in SAMPLE:
            for case in cases_from(folder_files(folder)["cases.yaml"], name=folder.name):
                yield replace(case.facts, start=date(2024, 5, 6), end=date(2024, 5, 7))


def test_one_judge_says_of_every_plant_what_the_engine_says():
    books = [one for one in packaged_books() if one.id in SAMPLE]
    judge = WordJudge(books, date(2024, 5, 6), date(2024, 5, 7), policy=POLICY)
    for number, facts_ in enumerate(plants()):
        if number % 3 == 0:
            assert told(books, facts_, judge=judge) == slowly(books, facts_)


FIGURES = st.one_of(
    st.floats(0, 200).map(whole),
    st.just(whole(None)),
    st.floats(0, 200).map(lambda v: whole(v, "2024-05-01", "2024-05-20")),
    st.floats(0, 200).map(lambda v: whole(v, "2023-05-01", "2023-05-20")),
    st.floats(0, 200).map(lambda v: whole(v, unit="g/m3")),
    st.floats(0, 200).map(lambda v: sampled(("2024-05-06", v))),
    st.floats(0, 200).map(lambda v: sampled(("2023-05-06", v))),
    st.just(sampled(("2024-05-06", float("nan")))),
    st.floats(0, 200).map(lambda v: hourly([v] * 24)),
    st.sampled_from([100.0, 100.0 * (1 + 1e-12), 100.001]).map(whole),
)
STACKS = st.fixed_dictionaries(
    {"hot": st.sampled_from([True, 1.0, False])},
    optional={"furnace": st.sampled_from(["cupola", "gas", 1.0]), "nox": st.sampled_from([50.0, 101.0, True])},
)


@settings(max_examples=150, deadline=None)
@given(
    seen=st.lists(st.tuples(STACKS, st.lists(FIGURES, max_size=2), st.booleans(), st.none() | st.floats(0.1, 9)),
                  min_size=1, max_size=4),
    comparison=st.sampled_from(["<=", "<", ">=", ">"]),
    rule=st.sampled_from(DecisionRule),
    changed=st.sampled_from([
        [], [("subject: stack", "subject: stack\n    due: 2024-12-31")],
        [("- {value: 100}", "- {value: 100}\n      - {value: 60, from: 2024-05-06, for: \"site.status == 'new'\"}")],
        [("confidence: primary", "confidence: unverified")],
        [("furnace == 'cupola'", "hot")],
        [("    figure: nox\n    limits:\n      - {value: 100}\n", "    required: \"furnace == 'gas'\"\n")],
    ]),
)  # fmt: skip
def test_whatever_plants_are_seen_one_after_the_other(seen, comparison, rule, changed):
    read = book(changed=[*changed, ('comparison: "<="', f'comparison: "{comparison}"')])
    policy = Policy(minimum_coverage=0.75, decision=rule)
    judge = WordJudge([read], date(2024, 5, 6), date(2024, 5, 7), policy=policy)
    for stack, figures, new, u in seen:
        told_u = [replace(f, uncertainty=None if u is None else Uncertainty(u)) for f in figures]
        facts_ = base(*told_u, stack=stack, site={"status": "new" if new else "existing"})
        assert told([read], facts_, policy, judge) == slowly([read], facts_, policy)


def test_yes_is_not_one_and_a_unit_belongs_to_its_number():
    read = book(changed=[("furnace == 'cupola'", "hot")])
    judge = WordJudge([read], date(2024, 5, 6), date(2024, 5, 7), policy=POLICY)
    words = [told([read], base(whole(50.0), stack={"hot": hot}), judge=judge)[0][1] for hot in (True, 1.0, False)]
    assert words == ["met", "not known", "not applicable"]


def test_a_list_that_is_not_complete_and_other_days(monkeypatch):
    monkeypatch.setattr(many, "MOST_KEPT", 1)  # what is forgotten is worked out anew
    read = book()
    nothing = base()
    for facts_ in (FactBase(nothing.site, (), nothing.start, nothing.end), base(whole(50.0), kinds=()),
                   base(whole(50.0), stack={"furnace": "gas"}), base(whole(50.0), site={})):  # fmt: skip
        assert told([read], facts_) == slowly([read], facts_)
    with pytest.raises(ValueError, match="other days"):
        list(WordJudge([read], date(2024, 1, 1), date(2024, 2, 1), policy=POLICY).words(nothing))
