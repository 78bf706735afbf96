"""Every book that ships: complete, its cases come true, and no small error in it goes unseen."""

from pathlib import Path

import pytest

from forgecast.ground.errors import BookError
from forgecast.ground.finding import Severity
from forgecast.rules.cases import cases_from, failures
from forgecast.rules.check import needed_words, problems
from forgecast.rules.reading import book_of
from forgecast.rules.shelf import folder_files, packaged_folders
from forgecast.rules.source import Entry, read_yaml
from tests.books.mutants import advice, mutants

BOOKS = [pytest.param(folder, id=folder.name) for folder in packaged_folders()]
RECORDS = Path(__file__).parents[2] / "src" / "forgecast" / "records"


def fields():
    import csv

    found = {}
    for place in RECORDS.glob("*.csv"):
        with place.open(encoding="utf-8", newline="") as file:
            found[place.stem] = [row["name"] for row in csv.DictReader(file) if "name" in row]
    found.pop("index", None)
    return found


def cases_of(folder):
    return cases_from((folder / "cases.yaml").read_text(encoding="utf-8"), name=folder.name)


@pytest.mark.parametrize("folder", BOOKS)
def test_a_book_has_no_problem(folder):
    found = problems(folder_files(folder), name=folder.name, known_fields=fields())
    # An open number is told, not refused: its verdicts are `not known` until somebody fills it.
    wrong = [p for p in found if p.severity is not Severity.NOTE]
    assert [f"{p.code} {p.place}: {p.reason} {p.repair}" for p in wrong] == []


def test_a_clause_or_source_without_chinese_is_a_problem():
    """A number of a clause reads the same in both languages; a word does not."""
    (folder,) = [one for one in packaged_folders() if one.name == "prohibited_2023"]
    whole = folder_files(folder)
    for said in ('{en: "II (II)", zh: "第二部分（二）"}', '{en: "MIIT, NDRC'):
        start = whole["limits.yaml"].index(said)
        plain = whole["limits.yaml"][start : whole["limits.yaml"].index("}", start) + 1]
        for words, found in (("Annex 2", ["not-translated"]), ("2.1", [])):
            files = whole | {"limits.yaml": whole["limits.yaml"].replace(plain, f'"{words}"')}
            assert [p.code for p in problems(files, name=folder.name)] == found


@pytest.mark.parametrize("folder", BOOKS)
def test_each_requirement_has_cases_on_both_sides(folder):
    book = book_of(_document(folder), name=folder.name, digest="")
    cases = cases_of(folder)
    for requirement in book.requirements:
        words = {case.expect for case in cases if case.requirement == requirement.id}
        assert needed_words(requirement) <= words, requirement.id


@pytest.mark.parametrize("folder", BOOKS)
def test_case_ids_are_unique(folder):
    ids = [case.id for case in cases_of(folder)]
    assert len(ids) == len(set(ids))


def survivors(folder, *, numbers_only=False):
    """Return the small errors that no case sees, and how many were tried."""
    cases = cases_of(folder)
    document = dict(_document(folder).data)
    found, count = [], 0
    for label, requirement, wrong in mutants(document):
        if numbers_only and ": 1 % " not in label:
            continue
        count += 1
        relevant = [c for c in cases if requirement is None or c.requirement == requirement]
        try:
            book = book_of(Entry.of(wrong, "mutant"), name=folder.name, digest="")
            if not any(failures(book, [case]) for case in relevant):
                found.append(advice(document, label))
        except BookError:
            continue
    return found, count


@pytest.mark.parametrize("folder", BOOKS)
def test_a_number_1_percent_off_breaks_a_case(folder):
    found, _count = survivors(folder, numbers_only=True)
    assert found == []


@pytest.mark.slow
@pytest.mark.parametrize("folder", BOOKS)
def test_a_small_error_breaks_a_case(folder):
    """A limit 1 % off, a day one off, a term left out or a comparison turned makes at least one case fail."""
    found, count = survivors(folder)
    assert count >= len(_document(folder).data["requirements"])
    assert found == []


def test_a_case_that_is_taken_away_is_asked_for():
    """The message says which requirement and which number; that is all its author needs."""
    (folder,) = [one for one in packaged_folders() if one.name == "gb_39726_2020"]
    document = dict(_document(folder).data)
    label = next(
        label for label, requirement, _wrong in mutants(document) if requirement == "pm_cupola" and "1 % less" in label
    )
    said = advice(document, label)
    assert "`pm_cupola`" in said
    assert "40 exactly" in said
    assert "not verified" not in said


def _document(folder):
    return Entry.of(read_yaml((folder / "limits.yaml").read_text(encoding="utf-8"), folder.name), folder.name)
