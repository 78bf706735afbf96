"""The page on labels and exchange: its commands run in order, and say what the page shows."""

from __future__ import annotations

import contextlib
import io
import json
import shlex
from pathlib import Path

import pytest

from forgecast.app.cli.main import main
from tests.docs.pages import ROOT, blocks, commands

PAGES = ("docs/how_to/exchange_and_label.md", "docs/how_to/exchange_and_label.zh.md")


def run(words: str, folder: Path) -> str:
    """Run a command of a page as a shell would, files of the repository by their whole path."""
    parts: list[str] = []
    for word in shlex.split(words)[1:]:
        if word.startswith("docs/"):
            parts += sorted(str(path) for path in ROOT.glob(word))
        else:
            parts.append(word)
    said = io.StringIO()
    with contextlib.chdir(folder), contextlib.redirect_stdout(said), pytest.raises(SystemExit) as left:
        main(parts)
    assert left.value.code == 0, words
    return said.getvalue()


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    folder = tmp_path_factory.mktemp("page")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", "200")
        patch.setenv("FORGECAST_LANG", "en")
        page = (ROOT / PAGES[0]).read_text(encoding="utf-8")
        return folder, {one.words: run(one.words, folder) for one in commands(page)}


def test_both_languages_give_the_same_commands_and_answers():
    english, chinese = ((ROOT / page).read_text(encoding="utf-8") for page in PAGES)
    assert commands(english) == commands(chinese)
    assert blocks(english, "json") == blocks(chinese, "json")


def test_every_command_says_what_the_page_shows(said):
    for one in commands((ROOT / PAGES[0]).read_text(encoding="utf-8")):
        lines = said[1][one.words].splitlines()
        assert [line for line in one.output if line not in lines] == [], one.words


def test_the_shipment_is_told_as_the_page_says(said):
    folder, _ = said
    made = json.loads((folder / "d-201.jsonld").read_bytes())
    (batch,) = [e for e in made["epcisBody"]["eventList"] if "forgecast:possibleInputs" in e]
    (shown,) = blocks((ROOT / PAGES[0]).read_text(encoding="utf-8"), "json")
    assert json.loads(f"{{{shown}}}") == {"forgecast:possibleInputs": batch["forgecast:possibleInputs"]}
    assert "2600" not in json.dumps(made)
    assert "V-0002" not in json.dumps(made)


def test_the_labels_of_the_page_are_there(said):
    folder, _ = said
    assert (folder / "labels.pdf").read_bytes().startswith(b"%PDF")
    assert b"<svg" in (folder / "v-0001.svg").read_bytes()
