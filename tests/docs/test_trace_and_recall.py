"""The page on tracing: its commands run and show what it says, in both languages; its picture is what is drawn now."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs import genealogy_pictures
from tests.docs.pages import ROOT, commands

PAGES = ("docs/how_to/trace_and_recall.md", "docs/how_to/trace_and_recall.zh.md")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="the commands are written for a POSIX shell")
def test_the_commands_of_the_page_run_as_written(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples" / "plants" / "heat_17", tmp_path / "examples" / "plants" / "heat_17")
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "FORGECAST_LANG": "en",
        "COLUMNS": "120",
    }
    run = 0
    for command in commands((ROOT / PAGES[0]).read_text(encoding="utf-8")):
        done = subprocess.run(
            ["sh", "-c", command.words], cwd=tmp_path, env=environment, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, encoding="utf-8", check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{command.words}\n{done.stdout}\n{done.stderr}"
        for line in command.output:
            assert line in done.stdout
        run += 1
    assert run == 8
    assert {path.name for path in tmp_path.iterdir()} >= {"p36.svg", "heat17.svg", "heat17.csv"}


def test_both_languages_give_the_same_commands() -> None:
    english, chinese = ([one.words for one in commands((ROOT / page).read_text(encoding="utf-8"))] for page in PAGES)
    assert english == chinese


def test_the_numbers_in_the_words_of_the_page_are_those_of_the_trace(tmp_path: Path) -> None:
    from examples import where_a_heat_went
    from forgecast.store.plant_folder import PlantFolder
    from forgecast.tasks.trace_piece import trace

    where_a_heat_went.run(tmp_path / "plant")
    with PlantFolder.open(tmp_path / "plant") as plant:
        kin = {one.name: one for one in trace(plant, "piece", "P36").kin}
        heel = {one.name: one for one in trace(plant, "piece", "P32").kin}["17-1"]
    for page in PAGES:
        words = (ROOT / page).read_text(encoding="utf-8")
        assert re.search(rf"{kin['17-3'].probability:.2f}", words)
        assert re.search(rf"{kin['18-1'].probability:.2f}", words)
        assert f"{100 * heel.share:.1f} %" in words


def test_the_picture_is_what_the_program_draws_now() -> None:
    assert genealogy_pictures.stale() == [], "python -m tests.docs.genealogy_pictures --write"
