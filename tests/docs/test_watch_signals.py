"""The page on signals: its commands run on the made-up plant and say what it shows, in both languages."""

from __future__ import annotations

import shutil
import tomllib
from functools import partial
from pathlib import Path

import pytest

from tests.app.test_cli import called
from tests.docs.pages import ROOT, of_the_demo, run_on_the_demo

PAGES = ("watch_signals.md", "watch_signals.zh.md")


def test_both_pages_give_the_same_commands() -> None:
    english, chinese = ([command.words for command in of_the_demo(page)] for page in PAGES)
    assert english == chinese
    assert len(english) == 7


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_the_commands_of_the_page_run_as_written(
    page: str, sample_plant: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(sample_plant, tmp_path / "demo" / "plant")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")
    run_on_the_demo(page, partial(called, capsys))
    assert (tmp_path / "trial.svg").stat().st_size > 10_000


@pytest.mark.parametrize("page", PAGES)
def test_the_settings_of_the_page_are_understood(page: str, sample_plant: Path, tmp_path: Path) -> None:
    from forgecast.store.settings import read_settings

    content = (ROOT / "docs" / "how_to" / page).read_text(encoding="utf-8")
    block = content.split("```toml\n")[1].split("```")[0]
    assert len(tomllib.loads(block)["notify"]) == 2
    plain = (sample_plant / "plant.toml").read_text(encoding="utf-8")
    (tmp_path / "plant.toml").write_text(f"{plain}\n{block}", encoding="utf-8")
    assert [route.kind for route in read_settings(tmp_path).notify] == ["email", "webhook"]
