"""`forgecast casting freeze` from an STL file to its folder: whole results, clear refusals, nothing half-written."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import trimesh
from pypdf import PdfReader

from forgecast.app.cli.casting import freeze as command
from forgecast.app.cli.main import main

FILES = {"summary.json", "report.pdf", "sections.png", "hot_spots.png", "porosity.png", "fields.vti", "surface.glb",
         "surface.vtp"}  # fmt: skip


def schema(name: str) -> dict[str, Any]:
    place = resources.files("forgecast") / "app" / "schemas" / f"{name}.schema.json"
    found: dict[str, Any] = json.loads(place.read_text(encoding="utf-8"))
    return found


def called(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as left:
        main(words)
    said = capsys.readouterr()
    assert isinstance(left.value.code, int)
    return left.value.code, said.out, said.err


@pytest.fixture
def block(tmp_path: Path) -> Path:
    """Return an STL file of a block of 60 x 40 x 20, in millimetres, its foot in the origin."""
    path = tmp_path / "block.stl"
    trimesh.creation.box(bounds=[[0.0, 0.0, 0.0], [60.0, 40.0, 20.0]]).export(path)
    return path


def words(block: Path, **changed: str) -> list[str]:
    given = {"--unit": "mm", "--alloy": "A356", "--mould": "green-sand", "--pour": "700degC", "--cell": "5mm",
             "--margin": "20mm", "--out": str(block.parent / "run")}  # fmt: skip
    given |= {f"--{name.replace('_', '-')}": value for name, value in changed.items()}
    return ["casting", "freeze", str(block), *(part for pair in given.items() for part in pair)]


def test_a_block_is_frozen_into_its_folder(capsys: pytest.CaptureFixture[str], block: Path) -> None:
    code, out, _ = called(capsys, *words(block), "--json")
    summary = json.loads(out)
    validator = jsonschema.Draft202012Validator(schema("casting"), format_checker=jsonschema.FormatChecker())
    assert code == 0
    assert [error.message for error in validator.iter_errors(summary)] == []
    assert {path.name for path in (block.parent / "run").iterdir()} == FILES
    assert json.loads((block.parent / "run" / "summary.json").read_text(encoding="utf-8")) == summary
    figures = {figure["name"]: figure["value"] for figure in summary["figures"]}
    residuals = {residual["name"]: residual["value"] for residual in summary["residuals"]}
    assert figures["volume"] == pytest.approx(48.0, rel=1e-6)
    assert figures["yield"] == pytest.approx(100.0, rel=1e-6)  # cells hold float32
    assert 0.0 <= residuals["energy_residual"] <= 1e-4  # the bound for every run
    assert residuals["mass_residual"] < 5e-3
    assert abs(residuals["volume_residual"]) < 1e-5
    (spot,) = summary["hot_spots"]
    assert spot["place_m"] == pytest.approx([0.03, 0.02, 0.01], abs=0.005)  # the middle, within a cell
    assert {one["name"] for one in summary["inputs"] if one["assumed"]} == {"mould_at", "ambient"}


def test_the_same_call_has_the_same_hashes_and_another_pour_another(
    capsys: pytest.CaptureFixture[str], block: Path
) -> None:
    hashes = [json.loads(called(capsys, *words(block, pour=pour), "--json")[1])["hashes"]
              for pour in ("700degC", "973.15K", "701degC")]  # fmt: skip
    assert hashes[0] == hashes[1]
    assert hashes[0]["part_sha256"] == hashes[2]["part_sha256"]
    assert hashes[0]["settings_sha256"] != hashes[2]["settings_sha256"]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_came_out_is_shown_with_riser_and_chill(
    capsys: pytest.CaptureFixture[str], block: Path, language: str
) -> None:
    riser = "at=20mm,20mm,20mm diameter=25mm height=35mm sleeve=insulating-sleeve thickness=8mm"
    chill = "at=45mm,5mm,-10mm size=15mm,30mm,10mm medium=iron-chill"
    code, out, err = called(capsys, *words(block, riser=riser, chill=chill), "--lang", language)
    assert (code, err) == (0, "")
    assert "A356" not in out  # the terminal shows what came out; the inputs stand on the page
    assert "48.0\u00a0cm³" in out or "48\u00a0cm³" in out
    assert "summary.json" in out
    summary = json.loads((block.parent / "run" / "summary.json").read_text(encoding="utf-8"))
    figures = {figure["name"]: figure["value"] for figure in summary["figures"]}
    assert {"riser", "sleeve", "chill"} <= {one["name"] for one in summary["inputs"]}
    assert len(PdfReader(block.parent / "run" / "report.pdf").pages) == 1
    # by volumes: 48 cm3 over 48 and pi/4 · 2.5² · 3.5 cm3
    assert figures["yield"] == pytest.approx(100 * 48 / (48 + 17.18), abs=0.1)


def test_strict_leaves_with_1_where_a_cavity_is_too_large(capsys: pytest.CaptureFixture[str], block: Path) -> None:
    code, out, _ = called(capsys, *words(block, largest_cavity="0.1mm"), "--strict", "--json")
    assert code == 1
    (cavity,) = [j for j in json.loads(out)["judgements"] if "cavity" in j["criterion"]["en"]]
    assert cavity["word"] == "not met"


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"pour": "600degC"}, "liquidus"),
        ({"pour": "700"}, "has no unit"),
        ({"alloy": "A357"}, "there is no alloy named"),
        ({"mould": "gren-sand"}, "there is no mould material named"),
        ({"cell": "0.01mm"}, "of memory"),
        ({"margin": "0mm"}, "not above zero"),
        ({"unit": "furlong"}, "furlong"),
        ({"riser": "at=20,20,20 diameter=25mm height=35mm"}, "has no unit"),
        ({"riser": "file=no-such.stl"}, "no-such.stl"),
        ({"chill": "at=45mm,5mm,-10mm size=15mm,30mm,10mm medium=gold"}, "gold"),
        ({"pour": "1900degC"}, "covers"),
    ],
)
def test_what_cannot_be_is_refused_before_any_time_is_spent(
    capsys: pytest.CaptureFixture[str], block: Path, changed: dict[str, str], says: str
) -> None:
    code, out, err = called(capsys, *words(block, **changed), "--json")
    assert code == 2
    error = json.loads(out)
    jsonschema.validate(error, schema("error"))
    assert says in error["error"]["what"]["en"]
    assert "Traceback" not in out + err
    assert [path.name for path in block.parent.iterdir()] == ["block.stl"]


def test_a_file_in_place_of_the_folder_is_refused(capsys: pytest.CaptureFixture[str], block: Path) -> None:
    code, _, err = called(capsys, *words(block, out=str(block)))
    assert code == 2
    assert "--out" in err


def asks(answer: bool) -> Callable[[str], Any]:
    @contextmanager
    def stand_in(language: str) -> Iterator[Callable[[], bool]]:
        del language
        yield lambda: answer

    return stand_in


def test_a_run_that_was_stopped_is_whole_and_says_so(
    capsys: pytest.CaptureFixture[str], block: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "stoppable", asks(answer=True))
    code, out, _ = called(capsys, *words(block), "--json")
    summary = json.loads(out)
    assert code == 0
    assert {path.name for path in (block.parent / "run").iterdir()} == FILES
    assert any("was stopped" in note["en"] for note in summary["notes"])
    assert {figure["name"]: figure["value"] for figure in summary["figures"]}["solid_after"] is None
    assert all(judgement["word"] != "met" for judgement in summary["judgements"])


def test_leaving_at_once_leaves_nothing(
    capsys: pytest.CaptureFixture[str], block: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("forgecast.tasks.freeze_part.freeze", interrupted)
    assert called(capsys, *words(block))[0] == 130
    assert [path.name for path in block.parent.iterdir()] == ["block.stl"]


@pytest.mark.slow
def test_risers_are_designed_into_the_folder(capsys: pytest.CaptureFixture[str], block: Path) -> None:
    call = ["casting", "riser", *words(block, alloy="WCB", mould="resin-sand", pour="1580degC", most_rounds="5")[2:]]
    code, out, _ = called(capsys, *call, "--strict", "--json")
    design = json.loads(out)
    assert {path.name for path in (block.parent / "run").iterdir()} == FILES | {"risers.json", "risers.stl"}
    assert code == (0 if design["sound"] else 1)
    assert [one["round"] for one in design["rounds"]] == list(range(len(design["rounds"])))
    poured = trimesh.load_mesh(block.parent / "run" / "risers.stl")
    # in millimetres, and standing on or beside the block
    assert poured.extents.max() > 5.0
    assert design["riser_mass_kg"] > 0.0


@pytest.mark.slow
@pytest.mark.real_data
@pytest.mark.parametrize(
    ("name", "cell", "volume"),  # volumes as the README of the data states them, to a cubic millimetre
    [("bearing_block.stl", "6mm", 4_739.490), ("ring.stl", "2mm", 79.873), ("wedge.stl", "10mm", 5_715.026),
     ("unverified-origin/valve_body.STL", "8mm", 7_022.384)],
)  # fmt: skip
def test_real_parts_run_from_the_command_line_to_pictures(
    capsys: pytest.CaptureFixture[str], shared: Path, tmp_path: Path, name: str, cell: str, volume: float
) -> None:
    part = shared / "data" / "casting-geometry" / name
    call = words(part, alloy="A356", cell=cell, margin="40mm", out=str(tmp_path / "run"))
    code, out, _ = called(capsys, *call, "--json")
    assert code == 0
    summary = json.loads(out)
    figures = {figure["name"]: figure["value"] for figure in summary["figures"]}
    assert figures["volume"] == pytest.approx(volume, abs=1e-3)
    assert {residual["name"]: residual["value"] for residual in summary["residuals"]}["energy_residual"] <= 1e-4
    assert {path.name for path in (tmp_path / "run").iterdir()} == FILES
