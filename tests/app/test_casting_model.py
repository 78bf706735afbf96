"""Surfaces, levels and insides as the browser draws them; runs compared with one another."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
import trimesh

from forgecast.app.casting.boxes import box_with
from forgecast.app.casting.compare import compared_figures, compared_inputs
from forgecast.app.casting.mesh_buffer import Quantity
from forgecast.app.casting.model.inside import inside_of
from forgecast.app.casting.model.level import level_surface
from forgecast.app.casting.model.picture import small_picture
from forgecast.app.casting.model.sampling import Sampler
from forgecast.app.casting.model.shell import shell_of
from forgecast.app.forging.case_text import case_text, quantity
from forgecast.ground.texts import verbatim
from forgecast.shape.grid import Grid

EDGES = np.linspace(-1.0, 1.0, 41)
GRID = Grid(EDGES, EDGES, EDGES)


def radius() -> np.ndarray:
    x, y, z = GRID.centres
    return np.sqrt(x[None, None, :] ** 2 + y[None, :, None] ** 2 + z[:, None, None] ** 2)


def test_a_level_of_distance_is_a_closed_ball_turned_outward() -> None:
    vertices, faces = level_surface(GRID, -radius(), -0.6)
    ball = trimesh.Trimesh(vertices, faces, process=False)
    assert ball.is_watertight
    # Corners are means of crossings, so the ball is a little small: by the square of cell over radius.
    assert ball.volume == pytest.approx(4 / 3 * np.pi * 0.6**3, rel=0.01)


def test_a_level_at_the_rim_of_the_grid_is_closed_too() -> None:
    vertices, faces = level_surface(GRID, np.ones(GRID.shape), 0.5)
    cube = trimesh.Trimesh(vertices, faces, process=False)
    assert cube.is_watertight
    assert cube.volume > 8.0 * 0.9


def test_nothing_above_the_level_is_no_surface() -> None:
    vertices, faces = level_surface(GRID, np.full(GRID.shape, np.nan), 0.5)
    assert (len(vertices), len(faces)) == (0, 0)


def test_a_plain_box_is_refined_and_keeps_its_edges_sharp() -> None:
    box = trimesh.creation.box((0.1, 0.05, 0.02))
    shell = shell_of(np.array(box.vertices), np.array(box.faces), most=25_000, longest=0.005)
    made = trimesh.Trimesh(shell.vertices, shell.faces, process=False)
    assert len(shell.faces) <= 25_000
    assert made.area == pytest.approx(box.area, rel=1e-9)
    # Corners of faces that meet at an edge are apart, so each has the normal of its own face.
    assert np.abs(made.vertex_normals).max(axis=1) == pytest.approx(1.0, abs=1e-6)


def test_a_fine_ball_becomes_coarse_enough() -> None:
    ball = trimesh.creation.icosphere(subdivisions=6)
    shell = shell_of(np.array(ball.vertices), np.array(ball.faces), most=10_000, longest=10.0)
    assert len(shell.faces) <= 10_000
    made = trimesh.Trimesh(shell.vertices, shell.faces, process=False)
    assert made.area == pytest.approx(ball.area, rel=0.01)


def test_samples_of_a_smooth_field_are_near_it() -> None:
    inside = radius() < 0.8
    ball = trimesh.creation.icosphere(subdivisions=3, radius=0.75)
    found = Sampler(GRID, inside, np.array(ball.vertices)).at_points(np.where(inside, radius(), np.nan))
    # A cell is 0.05 wide.
    assert np.abs(found - 0.75).max() < 0.06


def test_bytes_of_the_inside_run_from_low_to_high() -> None:
    metal = radius() < 0.8
    share = Quantity("r", verbatim("r"), "m", 0.0, 0.8, "time")
    volume = inside_of(GRID, metal, {"r": radius()}, {"r": share})
    nx, ny, nz = volume.shape
    values = volume.values["r"]
    assert values.shape == (nz, ny, nx)
    assert values[0, 0, 0] == 0
    assert values.max() >= 250
    assert 1 <= values[nz // 2, ny // 2, nx // 2] < 40


def test_the_small_picture_shows_something() -> None:
    from PIL import Image

    ball = trimesh.creation.icosphere(subdivisions=2)
    image = Image.open(io.BytesIO(small_picture(np.array(ball.vertices), np.array(ball.faces), None)))
    alpha = np.asarray(image)[..., 3]
    assert 0.2 < (alpha > 0).mean() < 0.9


def run(value: float | None, pour: str) -> dict[str, object]:
    words = {"en": pour, "zh": pour}
    return {
        "figures": [{"name": "yield", "title": words, "value": value, "unit": "%"}],
        "inputs": [{"name": "alloy", "title": words, "value": words}, {"name": "cell", "title": words, "value": "1"}],
    }


def test_differences_count_from_the_first_run_and_are_none_where_unknown() -> None:
    (row,) = compared_figures([run(80.0, "a"), run(70.0, "a"), run(None, "a")])
    assert row["differences"] == [0.0, -10.0, None]


def test_only_inputs_that_differ_are_told() -> None:
    assert [one["values"] for one in compared_inputs([run(1.0, "a"), run(1.0, "b")])] == [
        [{"en": "a", "zh": "a"}, {"en": "b", "zh": "b"}]
    ]


def test_the_box_holds_what_is_complete() -> None:
    measured = {"lowest_m": [0.0, 0.0, 0.0], "box_m": [0.06, 0.04, 0.02]}
    riser = {"at_mm": [30, 20, 20], "diameter_mm": 80, "height_mm": 30, "sleeve_mm": 5}
    low, high = box_with(measured, {"risers": [riser, {"at_mm": [900, 0, 0]}], "chills": []})
    assert low == pytest.approx([-15, -25, 0])
    assert high == pytest.approx([75, 65, 50])


def test_a_case_is_written_as_it_is_read(tmp_path: Path) -> None:
    from forgecast.gateway.case_file import read_case

    path = tmp_path / "case.toml"
    words = {
        "": {"title": 'a "quoted" \\ name'},
        "billet": {"diameter": quantity(50.0, "mm"), "left": None},
        "heat": {},
    }
    path.write_text(case_text(words), encoding="utf-8")
    read = read_case(path)
    assert read.word("title") == 'a "quoted" \\ name'
    assert read.table("billet", "").quantity("diameter", "length", "50 mm") == pytest.approx(0.05)
    assert not read.has("heat")
