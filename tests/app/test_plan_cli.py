"""The command `plan`: both languages, JSON, exit codes, pictures, the library, and errors that name the repair."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from forgecast.planning.library import kinds
from tests.app.test_cli import called
from tests.tasks.plan_plant import plan_plant_folder

FAST = ("--draws", "0", "--at", "2025-12-31")


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(plan_plant_folder(tmp_path_factory.mktemp("plan") / "plant"))


def test_a_plan_is_shown_with_what_is_an_estimate(plant: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = called(capsys, "plan", plant, "--draws", "3", "--at", "2025-12-31")
    flat = " ".join(out.split())
    assert code == 0
    for words in (
        "goals are reached by",
        "reached today",
        "not known: digital tools in design",
        "100 % of what is paid are engineering estimates",
        "If estimated costs are off by ±30 % (3 draws)",
        "are shared out over stacks DA1, DA2",
        "estimated prices, for which --price takes yours: Electricity",
    ):
        assert words in flat


def test_a_goal_out_of_reach_says_what_is_the_best(plant: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = called(capsys, "plan", plant, "--goal", "particulate=-95%", "--strict", *FAST)
    flat = " ".join(out.split())
    assert code == 1
    assert "Not all goals can be reached with the measures given: 2 of 3 can" in flat
    assert "Proven: no set of them does better." in flat
    assert "given up: particulate emitted" in flat


def test_the_budget_is_kept_and_said_to_bind(plant: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = called(capsys, "plan", plant, "--budget", "300000", "--json", *FAST)
    assert code == 0
    said = json.loads(out)
    assert max(said["paid_CNY"].values()) <= 300_000.0
    assert said["cannot"]["more_money_helps"] is True
    assert not said["reached"]


@pytest.mark.parametrize(("form", "ending"), [((), "png"), (("--svg",), "svg")])
def test_the_folder_holds_pictures_and_what_was_said(
    plant: str, form: tuple[str, ...], ending: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "out"
    code, out, _ = called(capsys, "plan", plant, "--out", str(folder), "--pareto", "--json", *form, *FAST)
    assert code == 0
    names = {path.name for path in folder.iterdir()}
    assert names == {"summary.json", f"gantt.{ending}", f"waterfall.{ending}", f"frontier.{ending}"}
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    assert summary["measures"] == json.loads(out)["measures"]
    if ending == "png":
        for name in ("gantt", "waterfall", "frontier"):
            with Image.open(folder / f"{name}.png") as picture:
                assert picture.width > 1000


def test_a_plan_is_said_in_chinese(
    plant: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "160")  # so that no name is folded
    code, out, _ = called(capsys, "plan", plant, "--lang", "zh", *FAST)
    assert code == 0
    assert "除尘器更换覆膜滤袋、消除泄漏" in "".join(out.split())


def test_the_library_is_listed_with_its_sources(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = called(capsys, "plan", "measures")
    assert code == 0
    assert "≈ is an engineering estimate" in " ".join(out.split())
    code, out, _ = called(capsys, "plan", "measures", "--json")
    said = json.loads(out)["measures"]
    assert [one["kind"] for one in said] == list(kinds())
    assert all(one["source"]["zh"] and one["confidence"] for one in said)
    assert all(p["source"]["en"] for one in said for p in one["parameters"])


@pytest.mark.parametrize(
    ("words", "place"),
    [
        (("--goal", "dust=-30%"), "--goal"),
        (("--goal", "particulate=-30%@2031"), "--goal"),
        (("--budget", "much"), "--budget"),
        (("--budget", "5", "--budget", "2026=5"), "--budget"),
        (("--price", "coke"), "--price"),
        (("--price", "uranium=1"), "--price"),
    ],
)
def test_what_cannot_be_read_names_the_option_and_the_repair(
    plant: str, words: tuple[str, ...], place: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = called(capsys, "plan", plant, *words, "--json", *FAST)
    assert code == 2
    error = json.loads(out)["error"]
    assert error["where"] == place
    assert error["repair"]["en"]
