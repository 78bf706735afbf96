"""The page on planning: its commands run and show what it says, in both languages."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, commands

PAGES = ("docs/how_to/plan_to_the_goals.md", "docs/how_to/plan_to_the_goals.zh.md")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="the commands are written for a POSIX shell")
def test_the_commands_of_the_page_run_as_written(tmp_path: Path) -> None:
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "FORGECAST_LANG": "en",
        "COLUMNS": "120",
    }
    for command in commands((ROOT / PAGES[0]).read_text(encoding="utf-8")):
        done = subprocess.run(
            ["sh", "-c", command.words], cwd=tmp_path, env=environment, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, encoding="utf-8", check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{command.words}\n{done.stdout}\n{done.stderr}"
        for line in command.output:
            assert line in done.stdout
    assert {path.name for path in (tmp_path / "plan").iterdir()} == {"gantt.png", "waterfall.png", "summary.json"}
    assert (tmp_path / "frontier" / "frontier.png").is_file()


def test_both_languages_give_the_same_commands() -> None:
    english, chinese = ([one.words for one in commands((ROOT / page).read_text(encoding="utf-8"))] for page in PAGES)
    assert english == chinese
    assert len(english) == 8
