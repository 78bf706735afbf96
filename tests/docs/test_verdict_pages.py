"""The pages on changing a verdict and on writing a rulebook: commands run, YAML is read, both languages agree."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from forgecast.rules.reading import book_from
from tests.docs.pages import ROOT, blocks, commands

PAGES = ("docs/how_to/change_a_verdict.md", "docs/how_to/change_a_verdict.zh.md")
WRITING = ("docs/how_to/write_a_rulebook.md", "docs/how_to/write_a_rulebook.zh.md")


def read(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="the commands are written for a POSIX shell")
def test_the_commands_of_the_page_run_as_written(tmp_path: Path) -> None:
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "FORGECAST_LANG": "en",
        "COLUMNS": "120",
    }
    shown = []
    for command in commands(read(PAGES[0])):
        done = subprocess.run(
            ["sh", "-c", command.words], cwd=tmp_path, env=environment, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, encoding="utf-8", check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{command.words}\n{done.stdout}\n{done.stderr}"
        shown.append(done.stdout)
    assert "what would let it pass" in shown[1]
    assert "not met → not applicable" in shown[2]
    assert (tmp_path / "demo" / "plant" / "books" / "own_gb_39726_2020.yaml").is_file()
    assert (tmp_path / "results.json").is_file()


def test_both_languages_give_the_same_commands_and_the_same_yaml() -> None:
    english, chinese = ([one.words for one in commands(read(page))] for page in PAGES)
    assert english == chinese
    assert len(english) > 9
    first, second = (blocks(read(page), "yaml") for page in WRITING)
    assert first == second
    assert len(first) > 5


def test_the_requirement_of_the_page_is_read_with_all_it_shows() -> None:
    requirement, _state, validity, steps, window, *_rest = blocks(read(WRITING[0]), "yaml")
    head = (
        'book: {id: b, title: {en: B, zh: 乙}, layer: national, version: "1", source: s, confidence: primary,\n'
        '       comparison: "<=", unit: mg/m3, basis: {en: b, zh: 均值}}\n'
        "parameters:\n  - {id: least_share, value: 75, unit: '%', clause: '1'}\n"
    )
    stepped = requirement.replace("    limits:\n      - {value: 40}\n", steps + window)
    assert stepped != requirement
    for content in (requirement, stepped):
        book = book_from({"limits.yaml": head + validity + content}, name="b")
        assert book.requirement("pm_cupola").values
    assert book.requirement("pm_cupola").window is not None
    assert [value.value for value in book.requirement("pm_cupola").values] == [100.0, 60.0]
