"""The page on HJ 212: its commands run, its map is a good one, and both languages give the same."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from forgecast.gateway.hj212.codes import reading_of_flags
from forgecast.gateway.instruments import read_instruments
from forgecast.signals.reading import DOUBTFUL, GOOD, INVALID
from tests.app.test_casting_cli import called
from tests.docs.pages import ROOT, blocks, commands

PAGES = ("docs/how_to/receive_hj212.md", "docs/how_to/receive_hj212.zh.md")


def content(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES)
def test_the_commands_run(page: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    shown = commands(content(page))
    assert len(shown) == 2
    for command in shown:
        code, out, err = called(capsys, *shlex.split(command.words)[1:])
        assert code == 0, err
        assert "010000A8900016F000169DC0" in out


def test_both_languages_give_the_same_commands() -> None:
    english, chinese = map(content, PAGES)
    assert commands(english) == commands(chinese)


@pytest.mark.parametrize("page", PAGES)
def test_the_map_shown_is_a_good_one(page: str, tmp_path: Path) -> None:
    (shown,) = blocks(content(page), "toml")
    (tmp_path / "instruments.toml").write_text(shown, encoding="utf-8")
    (gateway,) = read_instruments(tmp_path).gateways
    assert gateway.expected_s == (("2051", 600.0), ("2061", 3600.0))  # type: ignore[union-attr]


def test_the_flags_are_those_of_the_table() -> None:
    words = {"good": GOOD, "invalid": INVALID, "doubtful": DOUBTFUL}
    rows = [line for line in content(PAGES[0]).splitlines() if line.startswith("| ") and line.count("|") == 4]
    told = {}
    for row in rows:
        flags, _, kept = (cell.strip() for cell in row.strip("|").split("|"))
        if kept in words:
            told |= {flag[0]: words[kept] for flag in flags.split(", ")}
    assert told == {flag: kept for flag, kept in reading_of_flags().items() if not flag.isdigit()}
