"""The pages of condition: both give the same commands, and they run as written."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, commands

PAGES = ("docs/how_to/condition.md", "docs/how_to/condition.zh.md")


def test_both_pages_give_the_same_commands() -> None:
    english, chinese = (commands((ROOT / page).read_text(encoding="utf-8")) for page in PAGES)
    assert [c.words for c in english] == [c.words for c in chinese]
    assert len(english) == 11


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="the commands are written for a POSIX shell")
def test_the_commands_run_as_written(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "FORGECAST_LANG": "en",
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
    # What the page says of the answers; relinings are changes of level at heats 101 and 201.
    assert "state not known" in said[1]
    assert "fault of the inner race" in said[5]
    assert "not known" in said[6]
    assert "20000 Hz" in said[6]
    assert "heats left to the limit" in said[7]
    assert "91" in said[8]
    assert "likely · lining worn thin" in said[10]
    for name in ("oee.png", "bearing.png", "lining.png", "press.png", "card.html"):
        assert (tmp_path / name).stat().st_size > 1000
