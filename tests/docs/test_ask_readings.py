"""The how-to page on questions: what it shows in Python runs, in both languages, and its settings are read."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from forgecast.ground.dates import DAY_US, MINUTE_US
from forgecast.signals.reading import Readings
from forgecast.store.importing import Source
from forgecast.store.plant_folder import PlantFolder
from forgecast.store.settings import KeepRule, PlantSettings, read_settings

PAGES = ("ask_readings.md", "ask_readings.zh.md")


def _blocks(root: Path, page: str, kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", (root / "docs" / "how_to" / page).read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("page", PAGES)
def test_what_the_page_shows_runs(root, page, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    with PlantFolder.create(tmp_path / "my-plant", PlantSettings("p", "p")) as plant:
        t = 1_735_660_800_000_000 + np.delete(np.arange(2 * 1440), np.arange(600, 640)) * MINUTE_US
        value = np.where((t // DAY_US) % 2 == 0, 5.0, t % 997)
        with plant.importing(Source("a", "a", "a", 1)) as entry:
            entry.put_readings([Readings("T1", t, value, np.zeros(t.size, np.int8))])
    ready, engines = _blocks(root, page, "python")
    exec(compile(ready, page, "exec"), {})  # noqa: S102  (the page is ours)
    said = capsys.readouterr().out
    assert "('T1', " in said
    exec(compile(engines, page, "exec"), {})  # noqa: S102
    assert "n_good" in capsys.readouterr().out


def test_both_pages_show_the_same(root):
    english, chinese = ([re.sub(r"#.*", "", block) for block in _blocks(root, page, r"\w+")] for page in PAGES)
    assert english == chinese
    assert len(english) == 6


def test_the_rule_of_the_page_is_read(root, tmp_path):
    (rule,) = _blocks(root, PAGES[0], "toml")
    PlantFolder.create(tmp_path / "plant", PlantSettings("p", "p")).close()
    with (tmp_path / "plant" / "plant.toml").open("a", encoding="utf-8") as file:
        file.write("\n" + rule)
    assert read_settings(tmp_path / "plant").keep == (KeepRule(("VIB-*",), 400, 15),)
