"""The pages of melting: their commands run as written, their pictures are fresh, their cases can be read."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from forgecast.gateway.case_file import CaseTable
from forgecast.gateway.charge_case import read_limits, read_material, read_recoveries
from forgecast.tasks.mix_charge import ChargeAnswer
from tests.docs import melting_pictures
from tests.docs.pages import ROOT, blocks, commands
from tests.docs.pictures import PICTURES

PAGES = ("docs/how_to/mix_a_charge.md", "docs/how_to/mix_a_charge.zh.md")


def test_both_pages_give_the_same_commands() -> None:
    english, chinese = (commands((ROOT / page).read_text(encoding="utf-8")) for page in PAGES)
    assert [c.words for c in english] == [c.words for c in chinese]
    assert len(english) == 8


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
    # What the page says of the answers.
    assert "loosened by 0.003 % it saves 2.47 CNY a tonne of metal" in said[0]
    assert "What certainty costs 77.5 CNY/t" in said[0]
    assert "settled after" in said[0]
    assert "at 2723 CNY/t" in said[0]
    assert "cannot tell" in said[-2]
    assert "scrapped castings remelted without being booked as scrap" in said[-1]
    assert "cannot tell" not in said[-1]


@pytest.mark.parametrize("page", PAGES)
def test_the_case_shown_is_a_case(page: str) -> None:
    (shown,) = blocks((ROOT / page).read_text(encoding="utf-8"), "toml")
    top = CaseTable(tomllib.loads(shown), Path(page), (), {})
    (material,) = [read_material(one, "CNY") for one in top.tables("material")]
    assert material.material.contents["Cu"].spread == 0.0015
    assert [limit.name for limit in read_limits(top)] == ["Cu", "CE"]
    assert read_recoveries(top).rows[0].confidence == "own"


@pytest.fixture(scope="module")
def found() -> dict[str, object]:
    return dict(melting_pictures.answers())


def test_the_pictures_show_what_the_program_says_now(found: dict[str, object]) -> None:
    assert melting_pictures.stale(found) == [], "run `make docs`"  # type: ignore[arg-type]


def test_a_picture_of_something_else_is_stale(found: dict[str, object]) -> None:
    charge = found["charge"]
    assert isinstance(charge, ChargeAnswer)
    other = {**found, "charge": replace(charge, title="another charge")}
    assert melting_pictures.stale(other) == ["charge.en", "charge.zh"]  # type: ignore[arg-type]


@pytest.mark.parametrize("name", melting_pictures.NAMES)
def test_a_picture_can_be_opened_and_is_small(name: str) -> None:
    assert (PICTURES / name).stat().st_size < 300_000
    with Image.open(PICTURES / name) as image:
        assert image.width > 1000
