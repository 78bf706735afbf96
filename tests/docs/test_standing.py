"""The page on standing: its commands run on the made-up plant and say what it shows, in both languages."""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path

import pytest

from tests.app.test_cli import called
from tests.docs.pages import of_the_demo, run_on_the_demo

PAGES = ("standing.md", "standing.zh.md")


def test_both_pages_give_the_same_commands() -> None:
    english, chinese = ([command.words for command in of_the_demo(page)] for page in PAGES)
    assert english == chinese
    assert len(english) == 4


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_the_commands_of_the_page_run_as_written(
    page: str, sample_plant: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(sample_plant, tmp_path / "demo" / "plant")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "140")
    run_on_the_demo(page, partial(called, capsys))
    assert (tmp_path / "radar.svg").stat().st_size > 10_000
