"""Every page of the menu has a picture in both languages, and the documents show them all."""

from __future__ import annotations

from tests.docs import page_pictures
from tests.docs.pictures import PICTURES


def test_no_page_is_without_a_picture() -> None:
    wanted = set(page_pictures.names())
    assert len(wanted) > 80
    assert wanted - {path.name for path in PICTURES.iterdir()} == set(), (
        "python -m tests.docs.page_pictures PLANT --write"
    )


def test_no_picture_is_left_of_a_page_that_has_gone() -> None:
    assert {path.name for path in PICTURES.glob("page_*")} - set(page_pictures.names()) == set()


def test_the_documents_are_what_would_be_written() -> None:
    for path, words in page_pictures.documents().items():
        assert path.read_text(encoding="utf-8") == words, "python -m tests.docs.page_pictures PLANT --write"
