"""What a casting run leaves: pictures, surface, summary and page; whole or not at all; in both languages."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pypdfium2
import pytest
import trimesh
from PIL import Image
from pypdf import PdfReader

from forgecast.app.casting import write as writing
from forgecast.app.casting.cut import (
    VIEWS,
    along_sight,
    inside,
    layer,
    look_through,
    on_raster,
    outline,
    raster_of,
    shadow,
)
from forgecast.app.casting.outcome import Body, Outcome
from forgecast.app.casting.pictures import draw_pictures
from forgecast.app.casting.report import LABELS, shown_figure
from forgecast.app.casting.summary import summary_of
from forgecast.app.casting.surface import times_at, write_surface
from forgecast.app.casting.write import NAMES, write_outcome
from forgecast.app.results_folder import check_folder, filled
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import LANGUAGES, Language, verbatim
from tests.app.made_up_casting import CELL, SOURCE, made_up_outcome

FILES = {"summary.json", "report.pdf", "sections.png", "hot_spots.png", "porosity.png", "fields.vti", "surface.glb",
         "surface.vtp"}  # fmt: skip


@pytest.fixture(scope="module")
def outcome() -> Outcome:
    return made_up_outcome()


@pytest.fixture(scope="module")
def folder(outcome: Outcome, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("casting") / "run"
    write_outcome(outcome, place, "en")
    return place


def schema() -> dict[str, Any]:
    place = resources.files("forgecast") / "app" / "schemas" / "casting.schema.json"
    found: dict[str, Any] = json.loads(place.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(found)
    return found


def packed(words: str) -> str:
    return "".join(words.split())


def test_a_run_leaves_its_files_and_nothing_else(folder: Path) -> None:
    assert {path.name for path in folder.iterdir()} == FILES
    assert [path.name for path in folder.parent.iterdir()] == ["run"]


def test_the_summary_follows_its_schema_and_knows_its_files(folder: Path, outcome: Outcome) -> None:
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    validator = jsonschema.Draft202012Validator(schema(), format_checker=jsonschema.FormatChecker())
    assert [error.message for error in validator.iter_errors(summary)] == []
    assert {file["name"] for file in summary["files"]} == FILES - {"summary.json"}
    assert all(file["bytes"] == (folder / file["name"]).stat().st_size for file in summary["files"])
    assert summary["grid"]["cells"] == list(reversed(outcome.grid.shape))
    assert {r["name"]: r["value"] for r in summary["residuals"]} == {"energy_residual": 3.2e-6, "mass_residual": None}


def test_the_schema_refuses_a_number_without_a_unit_and_a_fifth_word(outcome: Outcome) -> None:
    validator = jsonschema.Draft202012Validator(schema())
    without, fifth = (json.loads(json.dumps(summary_of(outcome))) for _ in range(2))
    del without["figures"][0]["unit"]
    fifth["judgements"][0]["word"] = "passed"
    assert not validator.is_valid(without)
    assert not validator.is_valid(fifth)


def test_what_was_not_reached_is_null_never_zero_or_nan(outcome: Outcome) -> None:
    spot = replace(outcome.spots[0], time=float("nan"))
    (found,) = summary_of(replace(outcome, spots=(spot,)))["hot_spots"]  # type: ignore[misc]
    assert found["solid_after_s"] is None  # type: ignore[index]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_one_and_says_everything(outcome: Outcome, tmp_path: Path, language: Language) -> None:
    write_outcome(outcome, tmp_path / "run", language)
    (page,) = PdfReader(tmp_path / "run" / "report.pdf").pages
    said = packed(page.extract_text())
    for part in (*outcome.figures, *outcome.residuals):
        assert packed(part.title.say(language)) in said
        assert packed(shown_figure(part)) in said
    for judgement in outcome.judgements:
        assert packed(judgement.reason.say(language)) in said
    assert packed(outcome.title) in said
    assert packed(LABELS["given"].say(language)) in said
    assert packed(LABELS["assumed"].say(language)) in said
    assert packed(LABELS["report"].say(language)) in packed(said) or language == "en"
    assert "000000000000" in said
    assert len(page.images) == 3


def boxes(page: pypdfium2.PdfPage) -> list[tuple[float, float, float, float]]:
    """Return the lines of text of a page: left, bottom, right, top [pt]."""
    text = page.get_textpage()
    return [text.get_rect(n) for n in range(text.count_rects())]


@pytest.mark.parametrize("many", [1, 6])
def test_words_never_lie_on_words_or_leave_the_page(outcome: Outcome, tmp_path: Path, many: int) -> None:
    long = verbatim("A value, a source or a note that goes on and on, as those of alloys do. " * 3)
    source = replace(SOURCE, source=long)
    full = replace(
        outcome, settings=tuple(replace(s, value=long, source=source) for s in outcome.settings) * many,
        figures=outcome.figures * 2 * many, spots=outcome.spots * many, cavities=outcome.cavities * many,
        notes=(long,) * many, judgements=tuple(replace(j, reason=long) for j in outcome.judgements),
    )  # fmt: skip
    write_outcome(full, tmp_path / "run", "en")
    document = pypdfium2.PdfDocument(tmp_path / "run" / "report.pdf")
    assert len(document) <= 1 + many
    for page in document:
        width, height = page.get_size()
        lines = [box for box in boxes(page) if box[2] - box[0] > 1.0]
        assert all(x0 > 0 and x1 < width and y0 > 0 and y1 < height for x0, y0, x1, y1 in lines)
        # boxes of letters with long strokes may touch those of the next line by a hair
        crossing = [
            (a, b) for n, a in enumerate(lines) for b in lines[:n]
            if min(a[2], b[2]) - max(a[0], b[0]) > 1.0 and min(a[3], b[3]) - max(a[1], b[1]) > 2.5
        ]  # fmt: skip
        assert crossing == []
    document.close()


@pytest.mark.parametrize("stopped", [False, True])
@pytest.mark.parametrize("language", LANGUAGES)
def test_pictures_are_drawn_of_whole_and_of_stopped_runs(tmp_path: Path, language: Language, stopped: bool) -> None:
    for path in draw_pictures(made_up_outcome(stopped=stopped), tmp_path, language):
        with Image.open(path) as image:
            assert image.width > 900
            assert len(image.convert("RGB").getcolors(1 << 24) or ()) > 200


def test_a_run_in_which_nothing_froze_can_be_drawn(outcome: Outcome, tmp_path: Path) -> None:
    empty = np.full_like(outcome.time_solidus, np.nan)
    bare = replace(outcome, time_solidus=empty, spots=(), cavities=(), void=None, porosity=None)
    assert [path.name for path in draw_pictures(bare, tmp_path, "en")] == ["sections.png", "hot_spots.png"]


def test_a_section_is_inside_where_the_solid_is(outcome: Outcome) -> None:
    """Area by raster against those of rectangle and circle; a raster point stands for its square, 1 % of them rim."""
    casting, riser, _ = outcome.bodies
    for body, view, place, area in (
        (casting, VIEWS[2], 0.01, 0.16 * 0.08),
        (casting, VIEWS[2], 0.04, np.pi * 0.028**2),
        (riser, VIEWS[0], 0.04, 0.048 * 0.06),
    ):
        raster = raster_of(outcome, view)
        mask = inside(outline(body, view, place), raster)
        each = (raster.u[1] - raster.u[0]) * (raster.v[1] - raster.v[0])
        assert mask.sum() * each == pytest.approx(area, rel=0.01)
    assert not inside(outline(riser, VIEWS[2], 0.04), raster_of(outcome, VIEWS[2])).any()


def test_a_hole_is_no_inside() -> None:
    ring = trimesh.creation.annulus(0.01, 0.03, 0.01)
    body = Body("casting", verbatim("ring"), np.asarray(ring.vertices), np.asarray(ring.faces, dtype=np.int64))
    raster = raster_of(replace(made_up_outcome(), bodies=(body,)), VIEWS[2])
    mask = inside(outline(body, VIEWS[2], 0.0), raster)
    each = (raster.u[1] - raster.u[0]) * (raster.v[1] - raster.v[0])
    # the circles of trimesh have 32 corners: areas 0.64 % smaller than of true circles, in both radii
    assert mask.sum() * each == pytest.approx(np.pi * (0.03**2 - 0.01**2) * 0.9936, rel=0.01)
    assert shadow(body, raster).sum() * each == pytest.approx(np.pi * (0.03**2 - 0.01**2) * 0.9936, rel=0.03)


def test_what_is_seen_along_an_axis_is_the_greatest_and_the_sum(outcome: Outcome) -> None:
    values = np.full(outcome.grid.shape, np.nan, dtype=np.float32)
    values[2:5, 7, 11] = 1.0, 3.0, 2.0
    seen = look_through(values, VIEWS[2], "max")
    assert (seen[7, 11], np.isfinite(seen).sum()) == (3.0, 1)
    assert along_sight(outcome.grid, values, VIEWS[2])[7, 11] == pytest.approx(6.0 * CELL, rel=1e-6)


def test_a_field_linear_in_space_is_drawn_exactly_between_the_cells(outcome: Outcome) -> None:
    x, _, z = outcome.grid.centres
    field = np.broadcast_to((2 * x[None, None, :] + 3 * z[:, None, None]), outcome.grid.shape)
    raster = raster_of(outcome, VIEWS[0])
    drawn = on_raster(outcome.grid, layer(outcome.grid, field, VIEWS[0], 0.04), raster)
    assert np.allclose(drawn, 2 * raster.u[None, :] + 3 * raster.v[:, None], atol=1e-12)


def test_the_surface_takes_its_times_from_the_casting_alone(outcome: Outcome, tmp_path: Path) -> None:
    # the top of the boss touches the riser, whose cells must not colour it
    marked = replace(outcome, time_solidus=np.where(outcome.part == 2, 999.0, outcome.part).astype(np.float32))
    assert set(times_at(marked, np.array([[0.045, 0.04, 0.055], [0.0, 0.0, 0.0]]))) == {1.0}
    paths = write_surface(outcome, tmp_path)
    scene = trimesh.load_scene(io.BytesIO(paths[0].read_bytes()), file_type="glb")
    (mesh,) = scene.geometry.values()
    assert scene.bounds[:, 1] == pytest.approx([0.0, 0.055], abs=1e-7)  # +y is up in glTF; the boss is 55 mm high
    assert mesh.bounds[:, 2] == pytest.approx([0.0, 0.055], abs=1e-7)
    assert mesh.area == pytest.approx(
        trimesh.Trimesh(outcome.bodies[0].vertices, outcome.bodies[0].faces).area, rel=1e-6
    )
    assert len(np.unique(mesh.visual.vertex_colors, axis=0)) > 20


def test_an_error_leaves_the_folder_as_it_was(
    outcome: Outcome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_outcome(outcome, tmp_path / "run", "en")
    before = {path.name: path.read_bytes() for path in (tmp_path / "run").iterdir()}

    def stop(*_: object) -> Path:
        raise KeyboardInterrupt

    monkeypatch.setattr(writing, "write_page", stop)
    with pytest.raises(KeyboardInterrupt):
        write_outcome(replace(outcome, title="other"), tmp_path / "run", "en")
    assert {path.name: path.read_bytes() for path in (tmp_path / "run").iterdir()} == before
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_a_file_of_an_earlier_run_is_not_kept_beside_the_new_ones(tmp_path: Path) -> None:
    for names in (("fields.vti", "porosity.png", "summary.json"), ("fields.vtr", "summary.json")):
        with filled(tmp_path / "run", NAMES) as aside:
            for name in names:
                (aside / name).write_text("x", encoding="utf-8")
        (tmp_path / "run" / "mine.txt").touch()
    assert {path.name for path in (tmp_path / "run").iterdir()} == {"fields.vtr", "summary.json", "mine.txt"}


@pytest.mark.parametrize("name", ["file", "no/such/folder"])
def test_a_folder_that_cannot_be_written_is_refused_at_once(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ForgecastError) as refused:
        check_folder(tmp_path / name)
    assert refused.value.where
    check_folder(tmp_path / "new")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
