"""No verdict rests on what is not there: taking facts away, or doubting numbers, only moves words to `not known`."""

from dataclasses import replace
from functools import lru_cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forgecast.rules.book import Policy
from forgecast.rules.cases import POLICY, cases_from
from forgecast.rules.decision import DecisionRule, Uncertainty
from forgecast.rules.evaluate import evaluate, judge
from forgecast.rules.fact import FactBase
from forgecast.rules.overlay import with_overlay
from forgecast.rules.reading import book_from
from forgecast.rules.shelf import folder_files, packaged_folders
from forgecast.rules.verdict import Confidence
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.judge_plant import judge_plant
from forgecast.tasks.plant_view import PlantView, period_of


@lru_cache(maxsize=1)
def _all():
    found = []
    for folder in packaged_folders():
        files = folder_files(folder)
        book = book_from(files, name=folder.name)
        found += [
            (book if case.overlay is None else with_overlay(book, case.overlay), case)
            for case in cases_from(files["cases.yaml"], name=folder.name)
            if case.requirement
        ]
    return found


@lru_cache(maxsize=1)
def _measured():
    return [(book, case) for book, case in _all() if book.requirement(case.requirement).figure]


def _drawn(data, pairs):
    # By number: a list of thousands of books and cases takes hypothesis long to tell apart.
    return pairs[data.draw(st.integers(0, len(pairs) - 1))]


def _without(subject, gone):
    """Return a subject without some of its facts and figures."""
    return replace(
        subject,
        facts={k: v for k, v in subject.facts.items() if (subject.kind, subject.id, k) not in gone},
        figures={k: v for k, v in subject.figures.items() if (subject.kind, subject.id, f"figure {k}") not in gone},
    )


def _names(*subjects):
    return [(s.kind, s.id, k) for s in subjects for k in (*s.facts, *(f"figure {name}" for name in s.figures))]


def _word(book, case, gone, *, policy=POLICY):
    site, subject = _without(case.facts.site, gone), _without(case.subject, gone)
    if case.subject.kind == "site":
        site = subject
    facts = FactBase(site, (subject,), case.facts.start, case.facts.end, case.facts.complete_kinds)
    return judge(book, book.requirement(case.requirement), subject, facts, policy).word


@settings(max_examples=500, deadline=None)
@given(st.data())
def test_deleting_facts_only_moves_words_towards_not_known(data):
    book, case = _drawn(data, _all())
    names = list(dict.fromkeys(_names(case.facts.site, case.subject)))
    gone = data.draw(st.sets(st.sampled_from(names))) if names else set()
    full, less = _word(book, case, set()), _word(book, case, gone)
    assert full == case.expect, f"{case.entry}: the case expects {case.expect}, the book says {full}"
    assert less in {full, "not known"}, f"{case.entry}: without {sorted(gone)} the word {full} turns to {less}"


def test_deleting_every_fact_leaves_nothing_met():
    for book, case in _all():
        gone = set(_names(case.facts.site, case.subject))
        requirement = book.requirement(case.requirement)
        if requirement.applies.names or requirement.figure or requirement.state.names:
            assert _word(book, case, gone) in {"not known", "not applicable"}, case.entry


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_forgetting_an_uncertainty_only_moves_words_towards_not_known(data):
    """Under every decision rule: what an unknown uncertainty could turn is not known."""
    book, case = _drawn(data, _measured())
    name = book.requirement(case.requirement).figure
    u = data.draw(st.floats(1e-6, 50))
    policy = Policy(minimum_coverage=0.75, decision=data.draw(st.sampled_from(DecisionRule)))

    def word(uncertainty):
        figures = {k: tuple(replace(f, uncertainty=uncertainty) for f in v) if k == name else v
                   for k, v in case.subject.figures.items()}  # fmt: skip
        return _word(book, replace(case, subject=replace(case.subject, figures=figures)), set(), policy=policy)

    assert word(None) in {word(Uncertainty(u)), "not known"}


@pytest.mark.parametrize("folder", [pytest.param(folder, id=folder.name) for folder in packaged_folders()])
def test_a_book_of_which_nothing_is_verified_decides_nothing(folder):
    """Zero verdicts `met` or `not met` rest on an unverified number: with every number in doubt there are none."""
    for book, case in _all():
        if book.id != folder.name:
            continue
        doubted = replace(
            book,
            requirements=tuple(
                replace(r, values=tuple(replace(v, confidence=Confidence.UNVERIFIED) for v in r.values))
                for r in book.requirements
            ),
        )
        assert _word(doubted, case, set()) in {"not known", "not applicable"}, case.entry
        numbers = {k: replace(v, confidence=Confidence.UNVERIFIED) for k, v in book.parameters.items()}
        word, before = _word(replace(book, parameters=numbers), case, set()), _word(book, case, set())
        assert word in {before, "not known"}, case.entry


@pytest.fixture(scope="module")
def judged(sample_plant):
    with PlantFolder.open(sample_plant) as folder:
        period, day = period_of(folder, None)
        return judge_plant(PlantView(folder, period, day))


@pytest.mark.slow
def test_a_plant_that_forgets_facts_loses_words_and_turns_none(judged):
    """All books on the whole sample plant: whatever facts and figures are taken away, no word turns into another."""
    base = judged.facts.base
    full = {verdict.id: verdict.word for verdict in judged.verdicts}
    names = _names(base.site, *base.subjects)

    @settings(max_examples=40, deadline=None)
    @given(st.sets(st.sampled_from(names), min_size=1, max_size=60))
    def forget(gone):
        less = replace(base, site=_without(base.site, gone), subjects=tuple(_without(s, gone) for s in base.subjects))
        for verdict in evaluate(judged.books, less, policy=judged.policy):
            assert verdict.word in {full.get(verdict.id, verdict.word), "not known"}, (verdict.id, sorted(gone))

    forget()


def test_no_verdict_of_the_sample_plant_rests_on_an_unverified_limit(judged):
    decided = [verdict for verdict in judged.verdicts if verdict.word in {"met", "not met"}]
    assert len(decided) > 20
    for verdict in decided:
        assert verdict.limit is None or verdict.limit.confidence is not Confidence.UNVERIFIED, verdict.id
