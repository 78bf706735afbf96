"""Pages: links lead somewhere, commands exist and run, both READMEs give the same ones, every room is described."""

from __future__ import annotations

import json
import math
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import click
import pytest

import forgecast
from examples import riser_for_a_boss
from forgecast.gateway.read_map import map_from
from forgecast.rules.overlay import overlay_from, with_overlay
from forgecast.rules.shelf import packaged_books
from forgecast.shape.measure import measure
from forgecast.shape.read import read_solid
from tests.docs.pages import INSTALLING, ROOT, Command, anchors, blocks, broken_links, commands, name, pages

RUN = (
    "README.md",
    "docs/start/first_plant.md",
    "docs/start/first_plant.zh.md",
    "docs/start/first_casting.md",
    "docs/start/first_casting.zh.md",
)


@pytest.mark.parametrize("page", pages(), ids=name)
def test_every_relative_link_leads_somewhere(page):
    assert broken_links(page, page.read_text(encoding="utf-8")) == []


def test_a_broken_link_is_found(tmp_path):
    page = tmp_path / "a.md"
    links = "[x](b.md) [y](#one-two) [z](#three) [w](https://example.com/b) `[v](c.md)` <!-- [u](d.md) -->"
    content = f"# One two\n{links}\n"
    page.write_text(content, encoding="utf-8")
    assert broken_links(page, content) == ["b.md", "#three"]
    assert anchors("## What's new, 1.0?\n") == {"whats-new-10"}


def test_both_readmes_give_the_same_commands():
    english, chinese = ((ROOT / f).read_text(encoding="utf-8") for f in ("README.md", "README.zh.md"))
    assert commands(english) == commands(chinese)
    assert len(commands(english)) > 5


def _called(words: str) -> list[str]:
    return [part.strip() for part in re.split(r"[|>&;]", words) if part.strip().startswith("forgecast")]


@pytest.mark.parametrize("page", pages(), ids=name)
def test_every_command_and_option_shown_exists(page):
    content = page.read_text(encoding="utf-8")
    inline = [Command(words, ()) for words in re.findall(r"`(forgecast [^`\n]+)`", content)]
    for command in [*commands(content), *inline]:
        for call in _called(command.words):
            assert _unknown(call) == "", call


def _unknown(call: str) -> str:
    """Return the first word of a call that the program does not know, or an empty string."""
    from forgecast.app.cli.main import cli

    command: click.Command = cli
    options: set[str] = {"--help", "-h", *(o for p in cli.params for o in p.opts)}
    for word in shlex.split(call)[1:]:
        if word.startswith("-"):
            if word.partition("=")[0] not in options:
                return word
        elif isinstance(command, click.Group):
            below = command.get_command(click.Context(command), word)
            if below is None:
                return word
            command = below
            options |= {o for p in command.params for o in p.opts}
    return ""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="the commands are written for a POSIX shell")
@pytest.mark.parametrize("page", RUN)
def test_the_commands_of_a_page_run_as_written(page, tmp_path):
    for folder in ("docs/start", "examples/plants"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "FORGECAST_LANG": "en",
    }
    run = 0
    for command in commands((ROOT / page).read_text(encoding="utf-8")):
        if command.words.startswith(INSTALLING):
            continue
        done = subprocess.run(
            ["sh", "-c", command.words], cwd=tmp_path, env=environment, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, encoding="utf-8", check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{command.words}\n{done.stdout}\n{done.stderr}"
        for line in command.output:
            assert line in done.stdout
        run += 1
    assert run > 3


@pytest.mark.slow
def test_the_first_plant_shows_what_its_page_says(tmp_path):
    forgecast_ = [sys.executable, "-c", "from forgecast.app.cli.main import main; main()"]
    files = sorted(str(path) for path in (ROOT / "docs" / "start" / "first_plant").glob("*.csv"))
    for words in (["plant", "new", "p"], ["plant", "import", "p", *files]):
        subprocess.run([*forgecast_, *words], cwd=tmp_path, stdin=subprocess.DEVNULL, capture_output=True, check=True)
    answer = subprocess.run(
        [*forgecast_, "assess", "p", "--at", "2025-12-31", "--json"],
        cwd=tmp_path, stdin=subprocess.DEVNULL, capture_output=True, check=True,
    )  # fmt: skip
    said = json.loads(answer.stdout)
    assert [(f["severity"], f["place"]["file"], f["place"]["row"], f["value"]) for f in said["findings"]] == [
        ("refused", "heats_december.csv", 4, "14800")
    ]
    (verdict,) = [v for v in said["verdicts"] if v["id"].endswith("/pm_cupola/DA001")]
    assert verdict["word"] == "not met"
    # 38.9 mg/m³ at 15.6 % oxygen, converted to 15 %: 38.9 · (21 − 15)/(21 − 15.6), good to its three digits
    assert verdict["figure"]["value"] == pytest.approx(43.2, abs=0.05)


BOSS = ROOT / "docs" / "start" / "first_casting" / "boss.stl"


def test_the_first_casting_is_the_boss_of_the_examples():
    shown, built = measure(read_solid(BOSS, unit="mm").solid), measure(riser_for_a_boss.part())
    # The file holds millimetres in single precision, 160 mm to 1e-5 mm.
    assert shown.volume == pytest.approx(built.volume, rel=1e-6)
    assert shown.area == pytest.approx(built.area, rel=1e-6)
    assert shown.box == pytest.approx(built.box, rel=1e-6)


@pytest.mark.slow
def test_the_first_casting_shows_what_its_page_says(tmp_path):
    bare, _, _, by_hand = (
        shlex.split(c.words.replace("docs/start/first_casting/boss.stl", str(BOSS)))[1:]
        for c in commands((ROOT / "docs" / "start" / "first_casting.md").read_text(encoding="utf-8"))
        if "casting freeze" in c.words
    )
    said = {}
    for run, words in (("bare", bare), ("by hand", by_hand)):
        call = [sys.executable, "-c", "from forgecast.app.cli.main import main; main()", *words, "--json"]
        answer = subprocess.run(call, cwd=tmp_path, stdin=subprocess.DEVNULL, capture_output=True, check=True)
        said[run] = json.loads(answer.stdout)
    # Half a unit of the digits the page shows.
    (cavity,) = said["bare"]["cavities"]
    assert 1e3 * (6.0 / math.pi * cavity["volume_m3"]) ** (1.0 / 3.0) == pytest.approx(35.0, abs=0.5)
    figures = {figure["name"]: figure["value"] for figure in said["bare"]["figures"]}
    assert figures["cavity_volume"] == pytest.approx(22.0, abs=0.5)
    assert said["by hand"]["hot_spots"][0]["body"]["en"] == "riser 1"


def test_the_readme_names_this_version():
    shown = [c.output for c in commands((ROOT / "README.md").read_text(encoding="utf-8")) if "--version" in c.words]
    assert shown == [(f"forgecast {forgecast.__version__}",)]


def test_the_architecture_lists_every_room_and_no_other():
    listed = re.findall(r"^\| `(\w+)/` \|", (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8"), re.MULTILINE)
    package = ROOT / "src" / "forgecast"
    existing = [path.name for path in package.iterdir() if path.is_dir() and not path.name.startswith(("_", "."))]
    assert sorted(listed) == sorted(existing)


def test_the_index_of_the_documentation_names_every_page():
    content = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    missing = [
        page.relative_to(ROOT / "docs").as_posix()
        for page in sorted((ROOT / "docs").rglob("*.md"))
        if page.name != "index.md" and f"]({page.relative_to(ROOT / 'docs').as_posix()})" not in content
    ]
    assert missing == []


def test_the_makefile_explains_each_of_its_targets():
    lines = (ROOT / "Makefile").read_text(encoding="utf-8").splitlines()
    phony = next(line for line in lines if line.startswith(".PHONY:")).split()[1:]
    explained = [line.partition(":")[0] for line in lines if re.match(r"^[a-z]+:.*  ## \S", line)]
    assert explained == phony
    assert {"help", "demo", "test", "lint", "bench", "docs", "clean"} <= set(phony)


def test_the_maps_shown_are_good_maps():
    shown = blocks((ROOT / "docs" / "how_to" / "map_a_file.md").read_text(encoding="utf-8"), "toml")
    assert shown
    for block in shown:
        assert map_from(tomllib.loads(block), "map.toml").files


def test_the_overlay_shown_lies_on_its_book():
    (shown,) = blocks((ROOT / "docs" / "how_to" / "own_limits.md").read_text(encoding="utf-8"), "yaml")
    overlay = overlay_from(shown, name="city.yaml")
    (book,) = [book for book in packaged_books() if book.id == overlay.book]
    assert with_overlay(book, overlay).digest != book.digest
