"""The pages about maps: their commands run as written, both give the same ones, their maps are good."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from forgecast.gateway.file import take
from forgecast.gateway.read_map import map_from
from tests.docs.pages import ROOT, blocks, commands
from tests.gateway.writing import NOW

PAGES = ("docs/how_to/map_a_file.md", "docs/how_to/map_a_file.zh.md")


def content(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def test_both_pages_give_the_same_commands_and_maps() -> None:
    english, chinese = (content(page) for page in PAGES)
    assert [c.words for c in commands(english)] == [c.words for c in commands(chinese)]
    assert len(commands(english)) >= 6
    for one, other in zip(blocks(english, "toml"), blocks(chinese, "toml"), strict=True):
        first, second = (map_from(tomllib.loads(block), "m").files[0] for block in (one, other))
        assert (first.record, first.wide, first.join) == (second.record, second.wide, second.join)


def test_the_map_of_dimensions_takes_the_file_it_is_about() -> None:
    (block,) = [block for block in blocks(content(PAGES[0]), "toml") if "file.wide" in block]
    path = ROOT / "docs" / "how_to" / "map_a_file" / "flange.csv"
    (entry,) = map_from(tomllib.loads(block), "m").for_file(path.name)
    described, measured = take(path, map=entry, zone="Asia/Shanghai", now=NOW).rows
    assert described.columns["unit"] == ["mm", "mm", "mm"]
    assert len(measured) == 30, "ten pieces of three dimensions; the master is left out"


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="the commands are written for a POSIX shell")
@pytest.mark.parametrize("page", PAGES)
def test_the_commands_run_as_written(page: str, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "docs" / "how_to" / "map_a_file", tmp_path / "docs" / "how_to" / "map_a_file")
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "FORGECAST_LANG": "en",
    }
    for command in commands(content(page)):
        done = subprocess.run(
            ["sh", "-c", command.words], cwd=tmp_path, env=environment, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, encoding="utf-8", check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{command.words}\n{done.stdout}\n{done.stderr}"
        for line in command.output:
            assert line in re.sub(r"\n +", " ", done.stdout), f"{command.words}\n{done.stdout}"
