"""`forgecast casting optimise` and `riser` from an STL file to their folders."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import trimesh

from forgecast.app.cli.main import main


def called(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as left:
        main(words)
    said = capsys.readouterr()
    assert isinstance(left.value.code, int)
    return left.value.code, said.out, said.err


@pytest.fixture
def cube(tmp_path: Path) -> Path:
    """Return an STL file of a cube of 60 mm, in millimetres."""
    path = tmp_path / "cube.stl"
    trimesh.creation.box(bounds=[[0.0, 0.0, 0.0], [60.0, 60.0, 60.0]]).export(path)
    return path


def words(name: str, cube: Path, *more: str) -> list[str]:
    given = ["--unit", "mm", "--alloy", "WCB", "--mould", "green-sand", "--pour", "1570degC", "--cell", "10mm"]
    return ["casting", name, str(cube), *given, "--margin", "30mm", "--out", str(cube.parent / "run"), *more]


def test_the_best_risers_go_into_a_folder(capsys: pytest.CaptureFixture[str], cube: Path) -> None:
    prices = ["--gating", "1kg", "--melt-loss", "3%", "--melt-energy", "650", "--co2-factor", "0.58"]
    code, out, _ = called(capsys, *words("optimise", cube, "--trials", "6", *prices, "--json"))
    told = json.loads(out)
    folder = cube.parent / "run"
    assert code == 0
    assert told["objectives"] == ["casting_yield", "melt_energy", "carbon_dioxide"]
    assert len(told["trials"]) == 6
    assert json.loads((folder / "risers.json").read_text(encoding="utf-8")) == told
    best = told["front"][0]
    # The riser in the file is the one of the answer, in millimetres.
    held = trimesh.load(folder / "risers.stl").volume
    assert held == pytest.approx(1e9 * sum(riser["volume_m3"] for riser in best["risers"]), rel=1e-5)
    money = best["economics"]
    assert money["carbon_dioxide_kg"] == pytest.approx(0.58 * money["melt_energy_J"] / 3.6e6)
    assert money["cost"] is None


def test_the_answer_is_told_in_both_languages(capsys: pytest.CaptureFixture[str], cube: Path) -> None:
    code, out, _ = called(capsys, *words("optimise", cube, "--trials", "2", "--lang", "en"))
    assert code == 0
    assert "Trial 0 is the rule's riser." in out
    code, out, _ = called(capsys, *words("optimise", cube, "--trials", "2", "--lang", "zh"))
    assert code == 0


def test_a_share_that_risers_may_give_is_kept(capsys: pytest.CaptureFixture[str], cube: Path) -> None:
    sleeve = ["--sleeve", "insulating", "--thickness", "15mm"]
    yields = []
    for more in ([], ["--most-drained", "30%"]):
        code, out, _ = called(capsys, *words("riser", cube, *sleeve, *more, "--json"))
        assert code == 0
        yields.append(json.loads(out)["casting_yield"])
    assert yields[1] < yields[0]


def test_a_sleeve_without_thickness_is_refused_and_nothing_is_left(
    capsys: pytest.CaptureFixture[str], cube: Path
) -> None:
    code, out, _ = called(capsys, *words("optimise", cube, "--sleeve", "insulating", "--json"))
    assert code == 2
    assert json.loads(out)["ok"] is False
    assert not (cube.parent / "run").exists()
