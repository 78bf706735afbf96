"""A book that is not complete is refused, with place and repair."""

import pytest

from forgecast.ground.errors import BookError
from forgecast.ground.texts import verbatim
from forgecast.rules.reading import book_from
from forgecast.rules.shelf import own_shelf, packaged_books, read_book
from tests.rules.making import BOOK, book


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("  unit: mg/m3\n", "", "requirements.nox"),
        ('  comparison: "<="\n', "", "requirements.nox"),
        ("  basis: {en: 1-h mean, zh: 1小时均值}\n", "", "requirements.nox"),
        ('    clause: "1"\n', "", "requirements.nox"),
        ("  source: nobody\n", "", "limits.0"),
        ("  confidence: primary\n", "", "limits.0"),
        ("  - {from: 2021-01-01, for: \"site.status == 'new'\"}\n  - {from: 2023-07-01}\n", "  []\n", "limits.0"),
        ("{en: NOx, zh: 氮氧化物}", "{en: NOx}", "title"),
        ("{en: NOx, zh: 氮氧化物}", "{zh: 氮氧化物}", "title"),
        ("value: 100", "value: hundred", "value"),
        ("value: 100", "value: true", "value"),
        ("value: 100", "valeu: 100", "limits.0"),
        ("from: 2023-07-01", "from: 2023-07-32", "from"),
        ("from: 2023-07-01", "until: 2023-07-01", "validity"),
        ("from: 2023-07-01", "from: 2023-07-01, until: 2023-07-01", "validity"),
        ("confidence: primary", "confidence: sure", "confidence"),
        ('comparison: "<="', 'comparison: "=="', "comparison"),
        ("layer: national", "layer: village", "layer"),
        ("furnace == 'cupola'", "height > 3", "applies"),
        ("figure: nox", "figure: nox\n    required: \"furnace == 'x'\"", "requirements.nox"),
        ("    figure: nox\n", "", "requirements.nox"),
        ("      - {value: 100}", "      []", "requirements.nox"),
        ('version: "1"', "version: 1", "version"),
        ("id: invented", "id: other", "book"),
        ("layer: national", "layer: national\n  layer: city", "limits.yaml"),
        ("figure: nox", "figure: nox\n      bad: indent: here", "limits.yaml"),
    ],
)
def test_what_is_missing_or_wrong_is_named(old, new, where):
    with pytest.raises(BookError) as caught:
        book(changed=[(old, new)])
    assert where in caught.value.where
    assert str(caught.value.what)
    assert str(caught.value.repair)


def test_yaml_words_stay_words():
    """`no` and `on` are text, not false and true, and a date is not turned into something else."""
    read = book(changed=[("furnace == 'cupola'", "furnace == 'no'"), ("source: nobody", "source: no")])
    assert read.requirements[0].values[0].source == verbatim("no")


def test_an_id_twice_is_refused():
    twice = BOOK + BOOK[BOOK.index("  - id: nox") :]
    with pytest.raises(BookError, match="twice"):
        book(twice)


def test_a_limit_inherits_validity_of_the_head_and_its_own_dates_win():
    inherited = book().requirements[0].values
    assert [str(v.validity.start) for v in inherited] == ["2021-01-01", "2023-07-01"]
    own = book(changed=[("value: 100", "value: 100, from: 2022-01-01, until: 2022-02-01")]).requirements[0].values
    assert [(str(v.validity.start), str(v.validity.end)) for v in own] == [("2022-01-01", "2022-02-01")]


def test_books_of_a_plant_stand_beside_the_packaged_ones(tmp_path):
    folder = tmp_path / "books" / "invented"
    folder.mkdir(parents=True)
    for name in ("book.md", "cases.yaml", "CHANGES.md"):
        (folder / name).write_text("x", encoding="utf-8")
    with pytest.raises(BookError, match="has no limits"):
        read_book(folder)
    (folder / "limits.yaml").write_text(BOOK, encoding="utf-8")
    assert [b.id for b in own_shelf([folder.parent, tmp_path / "absent"]).books] == ["invented"]
    assert "gb_39726_2020" in [b.id for b in packaged_books()]


def test_line_ends_do_not_change_the_digest():
    windows = book_from({"limits.yaml": BOOK.replace("\n", "\r\n")}, name="invented")
    assert windows.digest == book().digest
    assert book(changed=[("value: 100", "value: 101")]).digest != book().digest
