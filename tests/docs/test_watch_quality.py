"""The page on quality: its commands run on the made-up plant and say what it shows, in both languages; its picture."""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path

import pytest
from PIL import Image

from examples import find_a_shift
from tests.app.test_cli import called
from tests.docs import quality_pictures
from tests.docs.pages import ROOT, Command, commands
from tests.docs.pictures import PICTURES

PAGES = ("watch_quality.md", "watch_quality.zh.md")


def shown(page: str) -> list[Command]:
    content = (ROOT / "docs" / "how_to" / page).read_text(encoding="utf-8")
    return [command for command in commands(content) if command.words.startswith("forgecast quality")]


def test_both_pages_give_the_same_commands() -> None:
    english, chinese = (["forgecast demo demo", *(c.words for c in shown(page))] for page in PAGES)
    assert english == chinese
    assert len(english) > 8


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_the_commands_of_the_page_run_as_written(
    page: str, sample_plant: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(sample_plant, tmp_path / "demo" / "plant")
    shutil.copytree(ROOT / "docs" / "how_to", tmp_path / "docs" / "how_to")
    monkeypatch.chdir(tmp_path)
    for command in shown(page):
        code, out, err = called(capsys, *shlex.split(command.words)[1:])
        assert code == 0, f"{command.words}\n{err}"
        for line in command.output:
            assert line in out, command.words
    assert {path.name for path in tmp_path.glob("*.svg")} == {"tap.svg", "defects.svg", "curve.svg"}


def test_the_picture_shows_what_the_program_says_now() -> None:
    assert quality_pictures.stale(find_a_shift.run()) == [], "run `make docs`"
    assert quality_pictures.stale(find_a_shift.run(None)) == ["control.en", "control.zh"]


@pytest.mark.parametrize("name", quality_pictures.NAMES)
def test_a_page_shows_the_picture_and_it_is_small(name: str) -> None:
    page = (ROOT / "docs" / "how_to" / ("watch_quality.zh.md" if ".zh." in name else "watch_quality.md")).read_text(
        "utf-8"
    )
    assert f"../pictures/{name}" in page
    assert (PICTURES / name).stat().st_size < 200_000
    with Image.open(PICTURES / name) as picture:
        assert picture.width > 1_000
