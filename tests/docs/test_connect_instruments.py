"""The page on instruments: its example is read, its commands run as written, and both languages give the same ones."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from forgecast.gateway.case_file import read_case
from forgecast.gateway.instruments import kind_of, read_instruments
from forgecast.gateway.modbus.settings import read_modbus
from forgecast.gateway.mqtt.forward import read_forward
from tests.docs.pages import ROOT, commands

PAGES = ("connect_instruments.md", "connect_instruments.zh.md")
FOLDER = ROOT / "docs" / "how_to" / "connect_instruments"


def content(page: str) -> str:
    return (ROOT / "docs" / "how_to" / page).read_text(encoding="utf-8")


def test_the_example_connects_one_of_each_kind():
    found = read_instruments(FOLDER)
    assert [kind_of(one) for one in found.gateways] == ["opcua", "mqtt", "modbus", "hj212", "drop", "receive"]
    tags = {line.split(",")[0] for line in (FOLDER / "tag.csv").read_text("utf-8").splitlines()[1:]}
    assert {point.tag for _, point in found.points()} - {"hall.{1}"} == tags - {"hall.co"}


@pytest.mark.parametrize("page", PAGES)
def test_the_tables_of_the_page_can_be_read(page, tmp_path):
    blocks = [part.split("```")[0] for part in content(page).split("```toml\n")[1:]]
    assert len(blocks) == 2
    for block in blocks:
        (tmp_path / "case.toml").write_text(block, encoding="utf-8")
        top = read_case(tmp_path / "case.toml")
        if top.has("forward"):
            assert read_forward(top.table("forward", "")).plant == "foundry"
        else:
            assert [r.point.tag for r in read_modbus(top.tables("modbus")[0]).registers] == ["press.load"]


def test_both_pages_give_the_same_commands():
    english, chinese = (commands(content(page)) for page in PAGES)
    assert english == chinese
    assert len(english) == 4


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="the commands are written for a POSIX shell")
@pytest.mark.parametrize("page", PAGES)
def test_the_commands_run_as_written(page, tmp_path: Path):
    shutil.copytree(FOLDER, tmp_path / "docs" / "how_to" / "connect_instruments")
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
            assert line in done.stdout
