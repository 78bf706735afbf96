"""The page on the standing report: its commands run on the made-up plant and say what it shows, in both languages."""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path

import pytest

from tests.app.test_cli import called
from tests.docs.pages import ROOT, Command, commands

PAGES = ("standing_report.md", "standing_report.zh.md")


def shown(page: str) -> list[Command]:
    content = (ROOT / "docs" / "how_to" / page).read_text(encoding="utf-8")
    return [command for command in commands(content) if not command.words.startswith("forgecast demo")]


def test_both_pages_give_the_same_commands() -> None:
    english, chinese = ([command.words for command in shown(page)] for page in PAGES)
    assert english == chinese
    assert len(english) == 2


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_the_commands_of_the_page_run_as_written(
    page: str, sample_plant: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(sample_plant, tmp_path / "demo" / "plant")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "140")
    for command in shown(page):
        code, out, err = called(capsys, *shlex.split(command.words)[1:])
        assert code == 0, f"{command.words}\n{err}"
        for line in command.output:
            assert line in out, command.words
    assert (tmp_path / "standing.pdf").read_bytes().startswith(b"%PDF")
    assert (tmp_path / "standing" / "standing.html").stat().st_size > 100_000
