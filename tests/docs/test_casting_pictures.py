"""The pictures of the casting pages show what the program says now, and the pages show them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PIL import Image

from examples.freeze_a_wedge import run
from forgecast.app.casting.outcome import Outcome
from forgecast.ground.texts import LANGUAGES
from tests.docs import casting_pictures
from tests.docs.pages import ROOT
from tests.docs.pictures import PICTURES


@pytest.fixture(scope="module")
def outcome() -> Outcome:
    return run(casting_pictures.CELL, riser=True)


def test_the_pictures_show_what_the_program_says_now(outcome: Outcome) -> None:
    assert casting_pictures.stale(outcome) == [], "run `make docs`"


def test_a_picture_of_something_else_is_stale(outcome: Outcome) -> None:
    assert casting_pictures.stale(replace(outcome, title="another wedge")) == list(LANGUAGES)
    assert casting_pictures.stale(replace(outcome, figures=outcome.figures[1:])) == list(LANGUAGES)


@pytest.mark.parametrize("name", casting_pictures.NAMES)
def test_a_picture_can_be_opened_and_is_small(name: str) -> None:
    assert (PICTURES / name).stat().st_size < 300_000
    with Image.open(PICTURES / name) as image:
        assert image.width > 1000


@pytest.mark.parametrize(("page", "name"), [("README.md", "casting.en.png"), ("README.zh.md", "casting.zh.png")])
def test_the_pages_of_the_examples_show_them(page: str, name: str) -> None:
    assert f"](../docs/pictures/{name})" in (ROOT / "examples" / page).read_text(encoding="utf-8")
