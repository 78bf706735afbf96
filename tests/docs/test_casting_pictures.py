"""The pictures of the casting pages show what the program says now, and the pages show them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PIL import Image

from forgecast.app.casting.outcome import Outcome
from forgecast.ground.texts import LANGUAGES
from tests.docs import casting_pictures
from tests.docs.pages import ROOT
from tests.docs.pictures import PICTURES


@pytest.fixture(scope="module", params=list(casting_pictures.TITLES))
def subject(request: pytest.FixtureRequest) -> str:
    name = request.param
    assert isinstance(name, str)
    return name


@pytest.fixture(scope="module")
def outcome(subject: str) -> Outcome:
    return casting_pictures.outcome_for(subject)


def test_the_pictures_show_what_the_program_says_now(outcome: Outcome, subject: str) -> None:
    assert casting_pictures.stale(outcome, subject) == [], "run `make docs`"


def test_a_picture_of_something_else_is_stale(outcome: Outcome, subject: str) -> None:
    both = [f"{subject}.{language}" for language in LANGUAGES]
    assert casting_pictures.stale(replace(outcome, title="another part"), subject) == both
    assert casting_pictures.stale(replace(outcome, figures=outcome.figures[1:]), subject) == both


@pytest.mark.parametrize("name", casting_pictures.NAMES)
def test_a_picture_can_be_opened_and_is_small(name: str) -> None:
    assert (PICTURES / name).stat().st_size < 300_000
    with Image.open(PICTURES / name) as image:
        assert image.width > 1000


@pytest.mark.parametrize(
    ("page", "target"),
    [
        ("examples/README.md", "../docs/pictures/casting.en.png"),
        ("examples/README.zh.md", "../docs/pictures/casting.zh.png"),
        ("docs/start/first_casting.md", "../pictures/boss.en.png"),
        ("docs/start/first_casting.zh.md", "../pictures/boss.zh.png"),
    ],
)
def test_a_page_shows_them(page: str, target: str) -> None:
    assert f"]({target})" in (ROOT / page).read_text(encoding="utf-8")
