"""The pictures show what the program says now, say that it is made up, and fetch nothing when they are looked at."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from forgecast.ground.texts import LANGUAGES, Language
from forgecast.tasks.assessment import Assessment
from tests.docs import casting_pictures, pictures
from tests.docs.pages import ROOT

NAMES = [f"{name}.{language}.{end}" for language in LANGUAGES
         for name, end in (("report", "png"), ("chart", "png"), ("terminal", "svg"))]  # fmt: skip


@pytest.fixture(scope="module")
def assessment(sample_plant: Path) -> Assessment:
    return pictures.assessed(sample_plant)


def test_the_pictures_show_what_the_program_says_now(assessment: Assessment) -> None:
    assert pictures.stale(assessment) == [], "run `make docs`"


def test_a_picture_of_something_else_is_stale(assessment: Assessment) -> None:
    other = replace(assessment, verdicts=assessment.verdicts[1:])
    assert pictures.stale(other) == list(LANGUAGES)


def test_when_a_file_was_imported_makes_nothing_stale(assessment: Assessment) -> None:
    files = tuple(replace(file, imported_at="2030-01-01T00:00:00+00:00", sha256="0" * 64) for file in assessment.files)
    assert pictures.stale(replace(assessment, files=files)) == []


def test_every_picture_is_shown_on_a_page_and_what_it_was_drawn_from_is_noted() -> None:
    pages = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/*.md")]
    shown = {name for page in pages for name in re.findall(r"pictures/([\w.]+)\)", page.read_text(encoding="utf-8"))}
    there = {path.name for path in pictures.PICTURES.iterdir()}
    assert {name for name in there if "source" not in name} == shown
    assert shown >= {*NAMES, *casting_pictures.NAMES}


@pytest.mark.parametrize("name", [name for name in NAMES if name.endswith("png")])
def test_a_page_can_be_opened_and_is_small(name: str) -> None:
    content = (pictures.PICTURES / name).read_bytes()
    assert len(content) < 300_000
    with Image.open(io.BytesIO(content)) as image:
        assert image.height > image.width > 800


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_terminal_says_that_it_is_made_up_and_fetches_nothing(language: Language) -> None:
    drawn = (pictures.PICTURES / f"terminal.{language}.svg").read_text(encoding="utf-8")
    shown = drawn.replace("&#160;", " ")
    assert "Sample foundry (synthetic)" in shown
    assert {"en": "Synthetic: the records behind this report are made up.", "zh": "虚构数据"}[language] in shown
    assert re.findall(r"https?://(?!www\.w3\.org)[^\"' )]+", drawn) == []
    assert "url(http" not in drawn


@pytest.mark.parametrize(("page", "language"), [("README.md", "en"), ("README.zh.md", "zh")])
def test_a_readme_shows_its_pictures_and_says_in_words_what_they_are(page: str, language: Language) -> None:
    content = (ROOT / page).read_text(encoding="utf-8")
    shown = {target: words for words, target in re.findall(r"!\[([^\]]*)\]\((docs/pictures/[^)]+)\)", content)}
    # Both are held by tests of their own.
    part, heat = (
        shown.pop(f"docs/pictures/{name}.{language}.{end}") for name, end in (("boss", "png"), ("genealogy", "svg"))
    )
    assert {"en": "made-up part", "zh": "虚构零件"}[language] in part
    assert {"en": "made-up heat", "zh": "虚构炉次"}[language] in heat
    pages = {target: words for target, words in shown.items() if target.startswith("docs/pictures/page_")}
    assert len(pages) == 2
    assert shown.keys() - pages.keys() == {f"docs/pictures/{name}" for name in NAMES if f".{language}." in name}
    assert all({"en": "synthetic", "zh": "虚构"}[language] in words for words in shown.values())
