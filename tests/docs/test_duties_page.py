"""The page on duties, titles and incentives: its commands run and show what it says, in both languages."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, commands

PAGES = ("docs/how_to/duties_and_incentives.md", "docs/how_to/duties_and_incentives.zh.md")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="the commands are written for a POSIX shell")
def test_the_commands_of_the_page_run_as_written(tmp_path: Path) -> None:
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "FORGECAST_LANG": "en",
        "COLUMNS": "120",
    }
    said = []
    for command in commands((ROOT / PAGES[0]).read_text(encoding="utf-8")):
        done = subprocess.run(
            ["sh", "-c", command.words], cwd=tmp_path, env=environment, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, encoding="utf-8", check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{command.words}\n{done.stdout}\n{done.stderr}"
        for line in command.output:
            assert line in done.stdout
        said.append(" ".join(done.stdout.split()))
    overdue = [int(said[step].split(" overdue")[0]) for step in (1, 3)]
    assert overdue[1] == overdue[0] - 1
    assert "not met" in said[6]
    assert "sum of what is eligible and certain" in said[8]


def test_both_languages_give_the_same_commands() -> None:
    english, chinese = ([one.words for one in commands((ROOT / page).read_text(encoding="utf-8"))] for page in PAGES)
    assert english == chinese
    assert len(english) == 9
