"""`forgecast quality rejects`: tables that say how well, an answer as JSON, a picture in both languages."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from PIL import Image

from forgecast.app.cli.main import main
from tests.tasks.making import made_plant
from tests.tasks.test_learn_rejects import shot_table


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_plant(tmp_path_factory.mktemp("cell"), {"shot": shot_table()})


def called(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    with pytest.raises(SystemExit) as left:
        main(["quality", "rejects", *words])
    said = capsys.readouterr()
    assert isinstance(left.value.code, int)
    return left.value.code, said.out + said.err


def test_the_tables_say_how_well_and_mark_what_flatters(
    capsys: pytest.CaptureFixture[str], plant: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    code, said = called(capsys, str(plant), "--out", str(tmp_path / "rejects.svg"))
    assert code == 0
    for words in (
        "later days, from", "M1: never seen", "drawn by lot: FLATTERS", "average precision [%]", "found in 5 %",
        "Brier", "skill", "good covered [%]", "cannot tell [%]", "like nothing seen [%]", "knows the verdict",
        "Nothing speaks against the model", "trial shots are neither learnt from nor scored", "wait for their result",
        "the model is not kept",
    ):  # fmt: skip
        assert words in said, words
    assert ET.parse(tmp_path / "rejects.svg").getroot().tag.endswith("svg")  # noqa: S314  (our own file)


def test_json_has_both_languages_and_a_picture_can_be_chinese(
    capsys: pytest.CaptureFixture[str], plant: Path, tmp_path: Path
) -> None:
    picture = tmp_path / "rejects.png"
    code, said = called(capsys, str(plant), "--json", "--lang", "zh", "--report", str(picture), "--explain", "1999")
    answer = json.loads(said)
    assert (code, answer["ok"]) == (0, True)
    assert {"judged", "watch", "explanations", "left_out", "waiting", "model"} <= set(answer)
    assert answer["explanations"][0]["id"] == "1999"
    assert set(answer["explanations"][0]["answer"]) == {"en", "zh"}
    with Image.open(picture) as opened:
        assert opened.size[0] > 1000


def test_an_empty_plant_says_what_to_do(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    empty = made_plant(tmp_path, {"site": "id,name\nS,Site"})
    code, said = called(capsys, str(empty))
    assert code == 2
    assert "forgecast plant import" in said


def test_a_picture_of_another_kind_is_refused_before_learning(
    capsys: pytest.CaptureFixture[str], plant: Path, tmp_path: Path
) -> None:
    code, said = called(capsys, str(plant), "--out", str(tmp_path / "rejects.pdf"))
    assert code == 2
    assert ".svg or .png" in said


@pytest.mark.parametrize(("language", "words"), [("en", "moulds never seen"), ("zh", "--explain")])
def test_the_help_teaches(capsys: pytest.CaptureFixture[str], language: str, words: str) -> None:
    code, said = called(capsys, "--lang", language, "--help")
    assert code == 0
    assert words in said
    assert "forgecast quality rejects my-plant --record piece --by product" in said
