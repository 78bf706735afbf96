"""No verdict rests on a fact that is not there: taking facts away only ever moves a word towards `not known`."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from forgecast.rules.cases import POLICY, cases_from
from forgecast.rules.evaluate import judge
from forgecast.rules.fact import FactBase
from forgecast.rules.overlay import with_overlay
from forgecast.rules.reading import book_from
from forgecast.rules.shelf import folder_files, packaged_folders


def _all():
    found = []
    for folder in packaged_folders():
        files = folder_files(folder)
        book = book_from(files, name=folder.name)
        found += [(book, case) for case in cases_from(files["cases.yaml"], name=folder.name) if case.requirement]
    return found


CASES = _all()


def _word(book, case, gone):
    site = replace(case.facts.site, facts={k: v for k, v in case.facts.site.facts.items() if ("site", k) not in gone})
    subject = replace(case.subject, facts={k: v for k, v in case.subject.facts.items() if ("own", k) not in gone})
    if case.subject.kind == "site":
        subject = site
    laid = book if case.overlay is None else with_overlay(book, case.overlay)
    facts = FactBase(site, (subject,), case.facts.start, case.facts.end, case.facts.complete_kinds)
    return judge(laid, laid.requirement(case.requirement), subject, facts, POLICY).word


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_deleting_facts_only_moves_words_towards_not_known(data):
    book, case = CASES[data.draw(st.integers(0, len(CASES) - 1))]
    names = [("site", k) for k in case.facts.site.facts] + [("own", k) for k in case.subject.facts]
    gone = data.draw(st.sets(st.sampled_from(names))) if names else set()
    full, less = _word(book, case, set()), _word(book, case, gone)
    assert full == case.expect
    assert less in {full, "not known"}, (case.entry, gone)


def test_deleting_every_fact_leaves_nothing_met():
    for book, case in CASES:
        names = {("site", k) for k in case.facts.site.facts} | {("own", k) for k in case.subject.facts}
        if book.requirement(case.requirement).applies.names:
            assert _word(book, case, names) in {"not known", "not applicable"}, case.entry
