"""The page on the API: its commands are sent to a server as they are written, in both languages."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from forgecast.store.server import tokens
from forgecast.store.server.database import ServerStore
from forgecast.store.server.rights import Right
from tests.docs.pages import ROOT, commands
from tests.pages.plant_server import PlantServer, plant_server

PAGES = ("use_the_api.md", "use_the_api.zh.md")


def _content(page: str) -> str:
    return (ROOT / "docs" / "how_to" / page).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def server(sample_plant: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PlantServer]:
    folder = tmp_path_factory.mktemp("asked") / "plant"
    shutil.copytree(sample_plant, folder)
    with plant_server(folder) as running:
        yield running


def test_both_pages_give_the_same_commands() -> None:
    english, chinese = (commands(_content(page)) for page in PAGES)
    assert english == chinese
    assert len(english) > 8


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="the commands are written for a POSIX shell")
@pytest.mark.skipif(shutil.which("curl") is None, reason="the commands call curl")
@pytest.mark.parametrize("page", PAGES)
def test_the_commands_of_the_page_run_as_written(page: str, server: PlantServer, tmp_path: Path) -> None:
    shutil.copy(ROOT / "docs" / "start" / "first_casting" / "boss.stl", tmp_path)
    store = ServerStore(server.database)
    with store.writing() as connection:
        rights, now_us = (Right.SEE, Right.ENGINEER), time.time_ns() // 1_000
        secret, _ = tokens.make_token(connection, server.ids["engineer"], name=page, rights=rights, now_us=now_us)
    store.close()
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    server.warm("quality/out-of-control", role="engineer")  # on a busy machine it takes longer than the page would wait
    told = {"SERVER": server.address, "PLANT": server.plant, "TOKEN": secret, "PATH": path, "FORGECAST_LANG": "en"}
    for command in commands(_content(page)):
        # A second page must not be given the first one's run back.
        words = command.words.replace("boss-1", page)
        done = subprocess.run(
            ["sh", "-c", words], cwd=tmp_path, env=os.environ | told, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, encoding="utf-8", check=False, timeout=300,
        )  # fmt: skip
        assert done.returncode == 0, f"{words}\n{done.stdout}\n{done.stderr}"
        for line in command.output:
            assert line in done.stdout, f"{words}\n{done.stdout}"
