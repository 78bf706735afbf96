"""The pages of forging: their commands run as written, and their pictures are fresh."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs import forging_pictures
from tests.docs.pages import ROOT, commands
from tests.docs.pictures import PICTURES

PAGES = ("docs/start/first_forging.md", "docs/start/first_forging.zh.md")


def test_both_pages_give_the_same_commands() -> None:
    english, chinese = (commands((ROOT / page).read_text(encoding="utf-8")) for page in PAGES)
    assert [c.words for c in english] == [c.words for c in chinese]
    assert len(english) == 5


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="the commands are written for a POSIX shell")
def test_the_commands_run_as_written(tmp_path: Path) -> None:
    for folder in ("examples", "docs/start"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    # Coarser triangles: what is tested is the page, and the run of a minute is proven elsewhere.
    case = tmp_path / "examples" / "forging" / "press.toml"
    case.write_text(case.read_text("utf-8").replace('side = "1.5 mm"', 'side = "3 mm"'), encoding="utf-8")
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "FORGECAST_LANG": "en",
        "COLUMNS": "200",
    }
    for command in commands((ROOT / PAGES[0]).read_text(encoding="utf-8")):
        done = subprocess.run(
            ["sh", "-c", command.words], cwd=tmp_path, env=environment, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, encoding="utf-8", check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{command.words}\n{done.stdout}\n{done.stderr}"
        for line in command.output:
            assert line in done.stdout
    assert (tmp_path / "run" / "report.pdf").is_file()
    assert (tmp_path / "steel" / "flow_stress.toml").is_file()


def test_the_pictures_are_fresh_and_both_pages_show_theirs() -> None:
    assert forging_pictures.stale(forging_pictures.answer()) == []
    for page, name in zip(PAGES, ("ring.en.png", "ring.zh.png"), strict=True):
        assert f"](../pictures/{name})" in (ROOT / page).read_text(encoding="utf-8")
        assert (PICTURES / name).stat().st_size < 80_000
