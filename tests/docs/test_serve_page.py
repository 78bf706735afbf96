"""The page about serving: its commands run as written (a server beside the others), its settings are good settings."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tomllib
from dataclasses import asdict
from pathlib import Path

import pytest

from forgecast.app.server.access_settings import read_access
from forgecast.app.server.running_settings import Keep, read_running
from tests.docs.pages import ROOT, blocks, commands

PAGES = ("serve.md", "serve.zh.md")
CONTENT = {page: (ROOT / "docs" / "how_to" / page).read_text(encoding="utf-8") for page in PAGES}


def test_both_pages_show_the_same():
    english, chinese = CONTENT.values()
    assert commands(english) == commands(chinese)
    for language in ("toml", "sh"):
        assert blocks(english, language) == blocks(chinese, language) != []


def test_the_settings_shown_are_good_settings(tmp_path):
    shown = blocks(CONTENT["serve.md"], "toml")
    for block in shown:
        (tmp_path / "server.toml").write_text(block, encoding="utf-8")
        read_access(tmp_path)
        read_running(tmp_path)
    (keep,) = [parsed["keep"] for parsed in map(tomllib.loads, shown) if "keep" in parsed]
    assert keep == asdict(Keep()), "what is said to hold where nothing is said"
    (largest,) = [p["access"]["largest_upload_MiB"] for p in map(tomllib.loads, shown) if "keep" in p]
    (tmp_path / "server.toml").unlink()
    assert read_access(tmp_path).largest_upload_MiB == largest


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="the commands are written for a POSIX shell")
def test_the_commands_run_as_written(tmp_path):
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "FORGECAST_LANG": "en",
    }
    served = []
    for command in commands(CONTENT["serve.md"]):
        if command.words.startswith("forgecast serve "):
            served.append(_served(shlex.split(command.words), command.output, environment, tmp_path))
            continue
        done = subprocess.run(
            ["sh", "-c", command.words], cwd=tmp_path, env=environment, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, encoding="utf-8", check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{command.words}\n{done.stdout}\n{done.stderr}"
        for line in command.output:
            assert line in done.stdout
    assert served == [0, 0, 0]
    assert (tmp_path / "again" / "plants" / "p2" / "plant.toml").is_file()


def _served(words: list[str], output: tuple[str, ...], environment: dict[str, str], place: Path) -> int:
    """Start a server at a free port, wait until it says what the page says it says, and tell it to end."""
    process = subprocess.Popen(
        [*words, "--port", "0"], cwd=place, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        said = process.stdout.readline()
        assert said.startswith("Serving at http://127.0.0.1:"), said
        for line in output:
            assert said.split(";")[1:] == [*line.split(";")[1:-1], f"{line.split(';')[-1]}\n"]
        process.terminate()
        process.stdout.read()
        return process.wait(300)
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()
