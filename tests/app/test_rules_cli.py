"""`forgecast rules` at the command line: fill, check, what-if; and what `why` says would let a verdict pass."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path

import pytest

from forgecast.app.cli.main import main
from forgecast.rules.shelf import packaged_folders
from forgecast.tasks.new_plant import new_plant

BOOK = "gb_39726_2020"


def run(capsys, *words):
    with pytest.raises(SystemExit) as left:
        main([str(word) for word in words])
    return left.value.code, capsys.readouterr()


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    place = tmp_path / "plant"
    new_plant(place, name="W", zone_name="Asia/Shanghai")
    return place


def opened(capsys, plant):
    code, shown = run(capsys, "rules", "fill", BOOK, plant, "--json")
    assert code == 0
    return json.loads(shown.out)["open"]


def test_what_is_open_is_listed_with_the_way_to_enter_it(empty, capsys) -> None:
    names = [one["name"] for one in opened(capsys, empty)]
    code, shown = run(capsys, "rules", "fill", BOOK, empty)
    assert code == 0
    assert names[0] in shown.out.replace("\n", "")
    assert "--clause … --source …" in shown.out
    code, shown = run(capsys, "rules", "fill", "prohibited_2023", empty)
    assert "Nothing is open" in shown.out


def test_one_number_is_entered_by_options(empty, capsys) -> None:
    first = next(one for one in opened(capsys, empty) if not one["state"])
    words = ["--name", first["name"], "--clause", "4.1", "--source", "my copy"]
    words += [] if first["value"] is not None else ["--value", "1"]
    code, shown = run(capsys, "rules", "fill", BOOK, empty, *words)
    assert code == 0
    assert "own_gb_39726_2020.yaml" in shown.out
    assert first["name"] not in [one["name"] for one in opened(capsys, empty)]
    code, shown = run(capsys, "rules", "check", empty, "--strict")
    assert code == 0
    code, shown = run(capsys, "rules", "fill", BOOK, empty, "--name", first["name"], "--clause", "4.1")
    assert code == 2
    assert "--source" in shown.err


def test_questions_are_asked_one_after_the_other(empty, capsys, monkeypatch) -> None:
    entries = opened(capsys, empty)
    first = entries[0]
    answer = "yes" if first["state"] else "1"
    lines = [answer, "4.1", "my copy", "yes", "", *([""] * (len(entries) - 1))]
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(lines) + "\n"))
    code, shown = run(capsys, "rules", "fill", BOOK, empty, "--ask")
    assert code == 0, shown.err
    assert [one["name"] for one in opened(capsys, empty)] == [one["name"] for one in entries[1:]]


def test_a_book_that_is_not_complete_is_named(tmp_path, capsys) -> None:
    (folder,) = [one for one in packaged_folders() if one.name == "prohibited_2023"]
    place = tmp_path / "prohibited_2023"
    shutil.copytree(str(folder), place)
    code, shown = run(capsys, "rules", "check", place, "--strict")
    assert code == 0, shown.out
    limits = (place / "limits.yaml").read_text(encoding="utf-8")
    (place / "limits.yaml").write_text(limits.replace("value: 250", "value: 260"), encoding="utf-8")
    code, shown = run(capsys, "rules", "check", place, "--strict")
    assert code == 1
    assert "expects" in shown.out.replace("\n", " ")
    code, shown = run(capsys, "rules", "check", place, "--json")
    assert code == 0
    assert json.loads(shown.out)["complete"] is False
    code, shown = run(capsys, "rules", "check", "nobody")
    assert code == 2


def test_an_overlay_that_cannot_be_laid_on_is_named(empty, capsys) -> None:
    books = empty / "books"
    books.mkdir(exist_ok=True)
    (books / "city.yaml").write_text("overlay: {book: nobody, layer: city, title: {en: a, zh: 甲}, version: '1'}\n"
                                     "limits: []\n", encoding="utf-8")  # fmt: skip
    code, shown = run(capsys, "rules", "check", empty, "--strict")
    assert code == 1
    assert "nobody" in shown.out


def test_what_if_shows_both_words(sample_plant, capsys) -> None:
    code, shown = run(capsys, "rules", "what-if", sample_plant, "DA001.pm=1")
    assert code == 0
    assert "not met → met" in shown.out
    assert "gb_39726_2020/pm_cupola/DA001" in shown.out
    code, shown = run(capsys, "rules", "what-if", sample_plant, "DA001.pm=1", "--json", "--lang", "zh")
    assert [c["id"] for c in json.loads(shown.out)["changes"] if c["after"]["word"] == "met"]


def test_why_says_what_would_let_a_verdict_pass(sample_plant, capsys) -> None:
    code, shown = run(capsys, "why", sample_plant, "gb_39726_2020/pm_cupola/DA001", "--json")
    assert code == 0
    told = json.loads(shown.out)
    (ways,) = told["to_pass"]
    assert ways["figure"]["change"] == pytest.approx(told["verdicts"][0]["conformity"]["change"])
    code, shown = run(capsys, "why", sample_plant, "gb_39726_2020/pm_cupola/DA001")
    assert "lower pm by" in shown.out
    assert "furnace: cupola → induction_furnace  → not applicable" in shown.out
    assert "process: " not in shown.out
