"""Doors of casting: what they answer is what the tasks find; a run leaves what a browser draws."""

from __future__ import annotations

import json
import zlib
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
import trimesh

from forgecast.app.doors.casting import DOORS
from forgecast.app.doors.door import Call, Door, StoppedError
from forgecast.ground.errors import ForgecastError
from forgecast.metal.alloy import alloy
from forgecast.shape.gridding import Margins, uniform_grid
from forgecast.store.server.rights import Right
from tests.app.doors.calls import Asking

DOOR: dict[str, Door[Any]] = {door.name: door for door in DOORS}
RUN = {"part": "block.stl", "unit": "mm", "alloy": "A356", "mould": "green-sand", "pour_degC": 700.0, "cell_mm": 5.0,
       "margin_mm": 20.0}  # fmt: skip


@pytest.fixture
def ask(tmp_path: Path) -> Asking:
    """Return what asks doors; uploads are files of its folder: a block of 60 x 40 x 20 mm."""
    folder = tmp_path / "attempt"
    asking = Asking(cast("Any", None), folder)  # no door of casting reads the plant
    trimesh.creation.box(bounds=[[0.0, 0.0, 0.0], [60.0, 40.0, 20.0]]).export(folder / "block.stl")
    return asking


def read_mesh(content: bytes) -> tuple[dict[str, Any], Any]:
    """Return the header of a mesh, and what reads an array that the header names."""
    assert content[:4] == b"FCM1"
    length = int.from_bytes(content[4:8], "little")
    header = json.loads(content[8 : 8 + length])
    kinds = {"f32": "<f4", "u32": "<u4", "u8": "u1"}

    def array(told: dict[str, Any]) -> np.ndarray:
        return np.frombuffer(content, kinds[told["type"]], told["count"], 8 + length + told["offset"])

    return header, array


@pytest.mark.parametrize("name", ["ZG230-450", "zg 230 450", "低碳铸钢", "wcb"])
def test_an_alloy_is_found_by_any_of_its_names(ask: Asking, name: str) -> None:
    found = [one["name"] for one in ask(DOOR["alloys"], find=name)["alloys"]]
    assert found == ["wcb"]


def test_nothing_is_asked_for_everything_and_a_wrong_name_shows_the_nearest(ask: Asking) -> None:
    everything = ask(DOOR["alloys"])["alloys"]
    assert len(everything) > len(ask(DOOR["alloys"], find="WCC")["alloys"]) > 0
    assert ask(DOOR["alloy"], name="A356")["liquidus_K"] == alloy("A356").liquidus


def test_media_are_found_too(ask: Asking) -> None:
    assert {one["kind"] for one in ask(DOOR["media"], find="sand")["media"]} == {"sand"}
    assert ask(DOOR["medium"], name="h13")["limit_K"] > 900.0


def test_a_block_measures_what_a_block_is(ask: Asking) -> None:
    found = ask(DOOR["measure"], part="block.stl", unit="mm", alloy="A356")
    assert found["volume_m3"] == pytest.approx(60e-3 * 40e-3 * 20e-3, rel=1e-9)
    assert found["area_m2"] == pytest.approx(2 * (60 * 40 + 60 * 20 + 40 * 20) * 1e-6, rel=1e-9)
    assert found["mass_kg"] == pytest.approx(found["volume_m3"] * float(alloy("A356").density.at(293.15)), rel=1e-9)
    assert found["findings"] == []


def test_a_file_without_its_unit_is_refused_with_both_sizes(ask: Asking) -> None:
    with pytest.raises(ForgecastError) as refused:
        ask(DOOR["measure"], part="block.stl")
    assert "60 x 40 x 20 mm" in refused.value.what.say("en")


def test_the_effort_counts_the_cells_that_a_run_makes(ask: Asking) -> None:
    found = ask(DOOR["effort"], low_mm=[0, 0, 0], high_mm=[60, 40, 20], cell_mm=5, margin_mm=20, wall_mm=20)
    grid = uniform_grid(np.array([[0, 0, 0], [0.06, 0.04, 0.02]]), 0.005, Margins.equal(0.02))
    assert found["cells"] == grid.cells == np.prod(found["shape"])
    assert found["cells_across_the_wall"] == pytest.approx(4.0)
    assert found["time_from_s"] < found["time_to_s"]
    chosen = ask(DOOR["effort"], low_mm=[0, 0, 0], high_mm=[60, 40, 20], margin_mm=20, wall_mm=20)
    assert chosen["cell_mm"] == pytest.approx(4.0)
    # Beyond a plane of symmetry there is neither part nor mould: (60 + 20) mm along x instead of 100.
    half = ask(DOOR["effort"], low_mm=[0, 0, 0], high_mm=[60, 40, 20], cell_mm=5, margin_mm=20, symmetry=["x-"])
    assert half["shape"] == [16, *found["shape"][1:]]


def test_thin_walls_in_large_cells_are_told(ask: Asking) -> None:
    found = ask(DOOR["effort"], low_mm=[0, 0, 0], high_mm=[60, 40, 20], cell_mm=5, margin_mm=20, wall_mm=8)
    assert any("thin walls" in note["en"] for note in found["notes"])


def test_a_preview_holds_the_part_and_what_stands_beside_it(ask: Asking) -> None:
    riser = {"at_mm": [30, 20, 20], "diameter_mm": 20, "height_mm": 30}
    found = ask(DOOR["preview"], part="block.stl", unit="mm", risers=[riser],
                chills=[{"medium": "iron-chill", "at_mm": [0, 0, -10], "size_mm": [60, 40, 10]}])  # fmt: skip
    assert [one["kind"] for one in found["bodies"]] == ["casting", "riser", "chill"]
    assert found["bodies"][1]["high_m"][2] == pytest.approx(0.05)
    header, array = read_mesh((ask.files / "preview.mesh").read_bytes())
    assert [one["kind"] for one in header["bodies"]] == ["casting", "riser", "chill"]
    triangles = array(header["bodies"][0]["triangles"])
    assert triangles.max() < array(header["bodies"][0]["positions"]).size // 3


def test_a_riser_without_its_height_is_refused(ask: Asking) -> None:
    with pytest.raises(ForgecastError, match="riser 1: the height is missing"):
        ask(DOOR["preview"], part="block.stl", unit="mm", risers=[{"at_mm": [30, 20, 20], "diameter_mm": 20}])


def test_a_run_leaves_its_verdict_its_files_and_a_body_to_turn(ask: Asking) -> None:
    found = ask(DOOR["freeze"], **RUN, title="block", largest_cavity_mm=1.0)
    assert found["part"] == "block"
    assert found["word"] in {"met", "not met", "not known"}
    assert {path.name for path in ask.files.iterdir()} == set(found["files"])
    header, array = read_mesh((ask.files / "model.mesh").read_bytes())
    casting = header["bodies"][0]
    times = array(casting["values"]["solid_after"])
    after = next(one["value"] for one in found["figures"] if one["name"] == "solid_after")
    # Each corner takes the mean of the cells around it, so none lies beyond the last time of the casting.
    assert 0.0 < np.nanmin(times) < np.nanmax(times) <= after
    quantities = {one["key"]: one for one in header["quantities"]}
    steps = casting["values"]["temperature"]
    assert len(steps) == len(quantities["temperature"]["steps"]) > 5
    first, last = (float(np.nanmean(array(one))) for one in (steps[0], steps[-1]))
    assert 700.0 >= first > last
    assert header["marks"][0]["place_m"] == found["hot_spots"][0]["place_m"]


def test_the_inside_of_a_block_is_full(ask: Asking) -> None:
    ask(DOOR["freeze"], **RUN)
    header, array = read_mesh((ask.files / "inside.mesh").read_bytes())
    volume = header["volume"]
    bytes_ = array(volume["values"]["solid_after"])
    assert bytes_.size == np.prod(volume["shape"])
    assert bytes_.min() >= 1
    size = np.array(volume["high_m"]) - np.array(volume["low_m"])
    assert size == pytest.approx([0.06, 0.04, 0.02], abs=1e-9)
    assert len(zlib.compress(bytes_.tobytes())) < bytes_.size


def test_who_stops_a_run_gets_none(ask: Asking, tmp_path: Path) -> None:
    def stop(share: float, _said: object = None, /) -> None:
        if share > 0.1:
            raise StoppedError

    folder = tmp_path / "stopped" / "files"
    folder.mkdir(parents=True)
    call = Call(cast("Any", None), "x", "en", stop, folder, lambda name: ask.folder / name, lambda *_: None)
    with pytest.raises(StoppedError):
        DOOR["freeze"].run(call, DOOR["freeze"].asks(**RUN))
    assert list(folder.iterdir()) == []


def test_a_run_that_is_taken_over_goes_on_where_it_was(
    ask: Asking, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker dies in the middle; the next attempt begins with the last one's heat and ends with the same figures."""
    whole = ask(DOOR["freeze"], **RUN)
    monkeypatch.setattr("forgecast.casting.freeze.KEPT_EVERY_S", 0.0)
    shares: list[float] = []
    attempt = tmp_path / "job" / "_attempt-1" / "files"
    attempt.mkdir(parents=True)

    def die(share: float, _said: object = None, /) -> None:
        shares.append(share)
        if share > 0.5:
            raise KeyboardInterrupt

    asked = DOOR["freeze"].asks(**RUN)
    upload = lambda name: ask.folder / name  # noqa: E731
    with pytest.raises(KeyboardInterrupt):
        DOOR["freeze"].run(Call(cast("Any", None), "x", "en", die, attempt, upload, lambda *_: None), asked)
    begun: list[float] = []
    again = tmp_path / "job" / "_attempt-2" / "files"
    again.mkdir(parents=True)
    tell = lambda share, _said=None: begun.append(share)  # noqa: E731
    found = DOOR["freeze"].run(Call(cast("Any", None), "x", "en", tell, again, upload, lambda *_: None), asked)
    assert next(share for share in begun if share > 0.02) > 0.4
    assert [one["value"] for one in found["figures"]] == [one["value"] for one in whole["figures"]]


def test_the_gating_of_a_block_is_that_of_the_task(ask: Asking) -> None:
    from forgecast.tasks.design_gating import PartInMould, design_gating

    found = ask(DOOR["gate"], part="block.stl", unit="mm", alloy="HT250", pour_degC=1380.0, head_mm=250.0, gate="top")
    part = PartInMould(60e-3 * 40e-3 * 20e-3, 2 * (60 * 40 + 60 * 20 + 40 * 20) * 1e-6, 20e-3)
    design = design_gating(part, "HT250", pour_temperature=1653.15, head=0.25, gate="top", mould="green-sand")
    assert found["choke_area_m2"] == pytest.approx(design.gating.areas.choke, rel=1e-6)
    assert found["checks"]


def test_knots_are_of_one_kind_and_rise(ask: Asking) -> None:
    (ask.folder / "trial.csv").write_text("time [s],TC1 @ 5 mm [degC]\n0,20\n1,21\n", encoding="utf-8")
    given = {"record": "trial.csv", "alloy": "A356", "mould": "h13", "half_mm": 20.0, "depth_mm": 60.0,
             "pour_degC": 700.0, "mould_at_degC": 200.0}  # fmt: skip
    with pytest.raises(ForgecastError, match="not with both"):
        ask(DOOR["identify"], **given, knots_degC=[450.0], knots_s=[1.0])
    with pytest.raises(ForgecastError, match="do not rise"):
        ask(DOOR["identify"], **given, knots_degC=[550.0, 450.0])


@pytest.mark.slow
def test_risers_are_designed_and_searched_for(ask: Asking) -> None:
    given = {**RUN, "alloy": "WCB", "mould": "resin-sand", "pour_degC": 1580.0}
    design = ask(DOOR["riser"], **given, most_rounds=3)["design"]
    assert design["kind"] == "riser"
    assert len(design["rounds"]) <= 3
    found = ask(DOOR["optimise"], **given, trials=2)["design"]
    assert [one["trial"] for one in found["trials"]] == [0, 1]
    assert "risers.json" in {path.name for path in ask.files.iterdir()}


def test_only_engineers_start_runs() -> None:
    runs = {"freeze", "riser", "optimise", "preview"}
    assert {door.name for door in DOORS if door.right is Right.ENGINEER} == runs
