"""CAD files of every kind and in every state: read, repaired and told, or refused with a reason."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forgecast.ground.errors import ForgecastError, UnitError
from forgecast.shape.errors import ShapeError
from forgecast.shape.gridding import Margins, uniform_grid
from forgecast.shape.measure import measure
from forgecast.shape.read import read_solid
from forgecast.shape.solid import Solid, box, cylinder, moved, sphere
from forgecast.shape.voxel import fractions
from tests.shape.files import CORNERS, FACES, ascii_stl, obj, package3mf, ply, step_box, stl

BOX = CORNERS * (20.0, 30.0, 40.0)  # mm
MESHED = BOX[FACES]


def kinds(read):
    return [repair.kind for repair in read.repairs]


def soup(*solids):
    """The triangles of solids, in mm."""
    return np.concatenate([s.triangles for s in solids]) * 1e3


# --- kinds of files --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("part.stl", lambda p: stl(p, MESHED)),
        ("part.STL", lambda p: ascii_stl(p, MESHED)),
        ("part.obj", lambda p: obj(p, BOX, FACES)),
        ("part.ply", lambda p: ply(p, BOX, FACES)),
        ("part.3mf", lambda p: package3mf(p, BOX, FACES, unit=None)),
        ("part.3mf", lambda p: package3mf(p, BOX, FACES, unit="millimeter")),
        ("part.3mf", lambda p: package3mf(p, BOX / 25.4, FACES, unit="inch")),
        ("part.step", lambda p: step_box(p, (20.0, 30.0, 40.0), "mm")),
        ("part.STP", lambda p: step_box(p, (0.02, 0.03, 0.04), "m")),
        ("part.step", lambda p: step_box(p, tuple(np.array([20.0, 30.0, 40.0]) / 25.4), "in")),
    ],
)
def test_every_kind_of_file_gives_the_same_box(tmp_path, name, write):
    path = write(tmp_path / name)
    carries = name.lower().endswith(("3mf", "step", "stp"))
    read = read_solid(path, unit=None if carries else "mm")
    assert read.unit_from_file == carries
    # STL, PLY and STEP come in single precision.
    np.testing.assert_allclose(read.solid.box, [[0.0] * 3, [0.02, 0.03, 0.04]], atol=1e-8)
    assert measure(read.solid).volume == pytest.approx(24e-6, rel=1e-6)
    assert (read.findings, read.repairs, read.bodies) == ((), (), 1)
    assert len(read.solid.vertices) == 8
    assert read.solid.name == name
    assert len(read.solid.sha256) == 64


def test_a_package_places_its_components(tmp_path):
    """Two components of one object, one of them mirrored, and the item shifted: all of 3MF's placing."""
    build = (
        '<object id="2" type="model"><components><component objectid="1"/>'
        '<component objectid="1" transform="-1 0 0 0 1 0 0 0 1 -5 0 0"/></components></object></resources>'
        '<build><item objectid="2" transform="0 1 0 -1 0 0 0 0 1 100 0 7"/></build>'
    )
    read = read_solid(package3mf(tmp_path / "two.3mf", BOX, FACES, unit="millimeter", build=build), unit=None)
    assert (read.bodies, read.repairs) == (2, ())
    assert measure(read.solid).volume == pytest.approx(48e-6, rel=1e-9)
    # x from -25 to 20 becomes y; y from 0 to 30 becomes -x.
    np.testing.assert_allclose(read.solid.box * 1e3, [[70.0, -25.0, 7.0], [100.0, 20.0, 47.0]], atol=1e-9)


# --- units -----------------------------------------------------------------------------------------------------------


def test_a_file_without_unit_is_refused_with_both_boxes_and_a_proposal(tmp_path):
    with pytest.raises(ShapeError) as caught:
        read_solid(stl(tmp_path / "part.stl", MESHED), unit=None)
    said = caught.value.say("en")
    assert "20 x 30 x 40 mm if it is in millimetres" in said
    assert "20 x 30 x 40 m if in metres" in said
    assert "mm is likelier" in said
    assert caught.value.findings[0].code == "unit-missing"


def test_a_small_number_without_unit_is_proposed_in_metres(tmp_path):
    with pytest.raises(ShapeError, match="70 x 70 x 70 mm if in metres") as caught:
        read_solid(stl(tmp_path / "part.stl", CORNERS[FACES] * 0.07), unit=None)
    assert "m is likelier" in caught.value.repair.say("en")


@pytest.mark.parametrize(("size", "unit", "meant"), [(0.07, "mm", "was m meant"), (300.0, "m", "was mm meant")])
def test_an_implausible_size_is_doubtful(tmp_path, size, unit, meant):
    read = read_solid(stl(tmp_path / "part.stl", CORNERS[FACES] * size), unit=unit)
    (finding,) = read.findings
    assert (finding.code, str(finding.severity)) == ("implausible-size", "doubtful")
    assert meant in str(finding.repair)


def test_a_unit_that_contradicts_the_file_is_refused(tmp_path):
    path = package3mf(tmp_path / "part.3mf", BOX, FACES, unit="inch")
    with pytest.raises(ShapeError, match="says that it is in in, the call says mm"):
        read_solid(path, unit="mm")
    assert read_solid(path, unit="in").unit == 0.0254


def test_a_step_file_without_unit_is_asked_for_it(tmp_path):
    path = step_box(tmp_path / "part.step", (2.0, 3.0, 4.0), None)
    with pytest.raises(ShapeError, match="names no unit"):
        read_solid(path, unit=None)
    np.testing.assert_allclose(read_solid(path, unit="cm").solid.box[1], [0.02, 0.03, 0.04], rtol=1e-6)


def test_an_unknown_unit_is_refused(tmp_path):
    with pytest.raises(UnitError, match="furlong"):
        read_solid(stl(tmp_path / "part.stl", MESHED), unit="furlong")


# --- files that are no solid -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("part.stl", b"", "is empty"),
        ("part.step", b"  \n", "is empty"),
        ("part.iges", b"x", "ending"),
        ("part.stl", b"solid x\nendsolid x\n", "no faces|damaged"),
        ("part.obj", b"v 0 0 0\nv 1 0 0\nv 0 1 0\n", "no faces|damaged"),
        ("part.ply", b"ply\nformat ascii 1.0\nend_header\n", "no faces|damaged"),
        ("part.ply", b"nothing", "damaged"),
        ("part.stl", bytes(range(256)) * 2, "damaged|no faces|no numbers"),
        ("part.3mf", b"PK nothing", "no sound 3MF"),
        ("part.step", b"ISO-10303-21;\nHEADER;\nnothing", "OpenCASCADE cannot read"),
        ("part.obj", b"v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 9\n", "corner that is not there|damaged"),
        ("part.obj", b"v 0 0 0\nv 1 0 0\nv nan 1 0\nf 1 2 3\n", "no numbers|damaged"),
        ("part.obj", b"v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n", "flat"),
    ],
)
def test_what_is_no_solid_is_refused_with_a_reason(tmp_path, name, content, says):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ShapeError, match=says) as caught:
        read_solid(path, unit=None if name.endswith(("3mf", "step")) else "mm")
    assert str(caught.value.repair)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(ShapeError, match="no such file"):
        read_solid(tmp_path / "none.stl", unit="mm")


def test_corners_that_are_no_numbers_are_counted(tmp_path):
    triangles = MESHED.copy()
    triangles[3, 1, 2] = np.nan
    triangles[7, 0, 0] = np.inf
    with pytest.raises(ShapeError, match="2 faces have corners that are no numbers, the first is face 4"):
        read_solid(stl(tmp_path / "part.stl", triangles), unit="mm")


def test_a_sheet_given_from_both_sides_encloses_nothing(tmp_path):
    sheet = np.concatenate([MESHED[:2], MESHED[:2, ::-1]])
    sheet = np.concatenate([sheet, sheet + np.array([0.0, 0.0, 5.0])])
    with pytest.raises(ShapeError, match=r"encloses no|not closed"):
        read_solid(stl(tmp_path / "part.stl", sheet), unit="mm")


def test_a_moebius_strip_is_refused(tmp_path):
    turns, across = np.arange(24) * 2 * np.pi / 24, np.array([-1.0, 1.0]) * 10
    strip = np.array([
        [((40 + w * np.cos(a / 2)) * np.cos(a), (40 + w * np.cos(a / 2)) * np.sin(a), w * np.sin(a / 2))
         for w in across] for a in turns
    ]).reshape(-1, 3)  # fmt: skip
    faces = []
    for i in range(24):
        a, b = 2 * i, 2 * i + 1
        c, d = (a + 2, b + 2) if i < 23 else (1, 0)
        faces += [(a, c, b), (b, c, d)]
    with pytest.raises(ShapeError, match="Moebius"):
        read_solid(obj(tmp_path / "part.obj", strip, np.array(faces)), unit="mm")


@given(st.integers(0, 2**32 - 1), st.sampled_from(["stl", "stl-ascii", "ply", "obj", "3mf"]))
@settings(max_examples=60)
def test_damage_gives_a_solid_or_a_reason(tmp_path_factory, seed, kind):
    """Bytes changed, cut off or doubled anywhere: never another error than ours, never a solid that is open."""
    random = np.random.default_rng(seed)
    folder = tmp_path_factory.mktemp("damage")
    path = {
        "stl": lambda: stl(folder / "a.stl", MESHED),
        "stl-ascii": lambda: ascii_stl(folder / "a.stl", MESHED),
        "ply": lambda: ply(folder / "a.ply", BOX, FACES),
        "obj": lambda: obj(folder / "a.obj", BOX, FACES),
        "3mf": lambda: package3mf(folder / "a.3mf", BOX, FACES, unit="millimeter"),
    }[kind]()
    data = bytearray(path.read_bytes())
    if random.random() < 0.3:
        del data[int(random.integers(len(data))) :]
    for _ in range(int(random.integers(1, 6))):
        if data:
            data[int(random.integers(len(data)))] = int(random.integers(256))
    path.write_bytes(bytes(data))
    try:
        read = read_solid(path, unit=None if kind == "3mf" else "mm")
    except ForgecastError:
        return
    assert measure(read.solid).volume > 0.0


# --- repair ----------------------------------------------------------------------------------------------------------


def test_turned_faces_are_turned_back_and_named(tmp_path):
    triangles = MESHED.copy()
    triangles[[2, 7]] = triangles[[2, 7]][:, ::-1]
    read = read_solid(stl(tmp_path / "part.stl", triangles), unit="mm")
    assert kinds(read) == ["turned-face"]
    assert read.repairs[0].faces == (3, 8)
    np.testing.assert_allclose(read.repairs[0].places, MESHED[[2, 7]].mean(axis=1) / 1e3, atol=1e-8)
    assert read.repairs[0].as_json()["places_mm"][0] == pytest.approx(MESHED[2].mean(axis=0), abs=1e-5)
    assert measure(read.solid).volume == pytest.approx(24e-6, rel=1e-6)


def test_a_solid_inside_out_is_turned_and_told(tmp_path):
    read = read_solid(stl(tmp_path / "part.stl", MESHED[:, ::-1]), unit="mm")
    assert kinds(read) == ["turned-body"]
    assert read.repairs[0].faces == tuple(range(1, 13))
    assert measure(read.solid).volume == pytest.approx(24e-6, rel=1e-6)


def test_copies_and_degenerate_faces_are_dropped_and_named(tmp_path):
    spike = np.array([[MESHED[0, 0], MESHED[0, 1], MESHED[0, 1]]])
    triangles = np.concatenate([MESHED, MESHED[[4]], MESHED[[5], ::-1], spike])
    read = read_solid(stl(tmp_path / "part.stl", triangles), unit="mm")
    assert {r.kind: r.faces for r in read.repairs} == {"dropped-degenerate": (15,), "dropped-duplicate": (13, 14)}
    assert measure(read.solid).volume == pytest.approx(24e-6, rel=1e-6)


def test_a_whole_solid_given_twice_counts_once(tmp_path):
    read = read_solid(stl(tmp_path / "part.stl", np.concatenate([MESHED, MESHED])), unit="mm")
    assert read.repairs[0].faces == tuple(range(13, 25))
    assert measure(read.solid).volume == pytest.approx(24e-6, rel=1e-6)


def test_two_boxes_side_by_side_lose_the_wall_between_them(tmp_path):
    """Each brings the wall it shares with the other; both go, one body is left."""
    beside = MESHED + np.array([20.0, 0.0, 0.0])
    read = read_solid(stl(tmp_path / "part.stl", np.concatenate([MESHED, beside])), unit="mm")
    assert kinds(read) == ["dropped-duplicate"]
    assert len(read.repairs[0].faces) == 4
    assert measure(read.solid).volume == pytest.approx(48e-6, rel=1e-6)
    assert measure(read.solid).area == pytest.approx(2 * (40 * 30 + 30 * 40 + 40 * 40) * 1e-6, rel=1e-6)


def test_nearly_equal_corners_are_welded_and_the_gap_told(tmp_path):
    random = np.random.default_rng(1)
    triangles = MESHED + random.uniform(-2e-5, 2e-5, MESHED.shape)
    read = read_solid(stl(tmp_path / "part.stl", triangles), unit="mm")
    assert "welded-corners" in kinds(read)
    assert measure(read.solid).volume == pytest.approx(24e-6, rel=1e-5)


@pytest.mark.parametrize("missing", [1, 3, 6])
def test_a_small_hole_is_closed_and_its_place_told(tmp_path, missing):
    ball = sphere(0.1, sections=192)
    near = np.argsort(np.linalg.norm(ball.triangles.mean(axis=1) - (0.03, 0.03, 0.025), axis=1))[:missing]
    keep = np.delete(np.arange(len(ball.faces)), near)
    read = read_solid(stl(tmp_path / "part.stl", ball.triangles[keep] * 1e3), unit="mm")
    assert set(kinds(read)) == {"filled-hole"}
    place = np.mean([r.places[0] for r in read.repairs], axis=0)
    np.testing.assert_allclose(place, ball.triangles[near].mean(axis=(0, 1)), atol=2e-3)
    assert all(read.repairs[0].faces)
    # A filling is flat where the sphere is round: the cap of one or a few facets is missing.
    assert measure(read.solid).volume == pytest.approx(measure(ball).volume, rel=1e-4)


def test_a_stray_face_is_dropped_and_named(tmp_path):
    stray = np.array([[[5.0, 5.0, 60.0], [6.0, 5.0, 60.0], [5.0, 6.0, 60.0]]])
    read = read_solid(stl(tmp_path / "part.stl", np.concatenate([MESHED, stray])), unit="mm")
    assert {r.kind: r.faces for r in read.repairs} == {"filled-hole": (13,), "dropped-sheet": (13, 0)}
    assert read.bodies == 1
    assert measure(read.solid).area == pytest.approx(5200e-6, rel=1e-6)


def test_faces_all_apart_are_no_solid(tmp_path):
    """Every face shrunk about its middle: nothing is joined, and nothing is made up."""
    middle = MESHED.mean(axis=1, keepdims=True)
    with pytest.raises(ShapeError, match="12 holes"):
        read_solid(stl(tmp_path / "part.stl", middle + 0.9 * (MESHED - middle)), unit="mm")


def test_bodies_that_meet_in_an_edge_stay_closed(tmp_path):
    """Four faces share that edge; each box is whole by itself."""
    beside = MESHED + np.array([20.0, 30.0, 0.0])
    read = read_solid(stl(tmp_path / "part.stl", np.concatenate([MESHED, beside])), unit="mm")
    assert read.repairs == ()
    assert measure(read.solid).volume == pytest.approx(48e-6, rel=1e-6)


def test_edges_out_of_step_are_closed_by_faces_without_area(tmp_path):
    """A side cut in the middle beside one that is not: a crack without width, longer than any hole to be filled."""
    a, b, c = MESHED[0]
    middle = 0.5 * (a + b)
    triangles = np.concatenate([MESHED[1:], [[a, middle, c], [middle, b, c]]])
    read = read_solid(stl(tmp_path / "part.stl", triangles), unit="mm")
    assert kinds(read) == ["filled-hole"]
    assert measure(read.solid).volume == pytest.approx(24e-6, rel=1e-6)


def test_open_sides_are_refused_with_the_place_and_length_of_each_hole(tmp_path):
    """The lower and the upper side of a box of 20 x 30 x 40 mm are missing."""
    with pytest.raises(ShapeError, match="not closed: 2 holes") as caught:
        read_solid(stl(tmp_path / "part.stl", MESHED[4:]), unit="mm")
    places = {finding.value for finding in caught.value.findings}
    assert places == {"(10, 15, 0) mm", "(10, 15, 40) mm"}
    # The diagonal of 20 x 30 mm.
    assert all("36.056 mm long with 4 edges" in str(finding.reason) for finding in caught.value.findings)
    closed = read_solid(tmp_path / "part.stl", unit="mm", largest_hole=0.8)
    assert measure(closed.solid).volume == pytest.approx(24e-6, rel=1e-6)


# --- bodies ----------------------------------------------------------------------------------------------------------


def inside_out(solid):
    return Solid(solid.vertices, solid.faces[:, ::-1].copy(), solid.name)


def test_a_cavity_is_kept_and_counted(tmp_path):
    outer, hollow = box((0.05, 0.05, 0.05)), box((0.02, 0.02, 0.02), at=(0.01, 0.01, 0.01))
    read = read_solid(stl(tmp_path / "part.stl", soup(outer, inside_out(hollow))), unit="mm")
    got = measure(read.solid)
    assert (read.bodies, got.bodies, got.cavities, got.euler) == (2, 1, 1, 4)
    assert read.repairs == ()
    assert got.volume == pytest.approx(117e-6, rel=1e-6)


def test_a_solid_with_a_cavity_inside_out_is_turned_whole(tmp_path):
    outer, hollow = box((0.05, 0.05, 0.05)), box((0.02, 0.02, 0.02), at=(0.01, 0.01, 0.01))
    read = read_solid(stl(tmp_path / "part.stl", soup(inside_out(outer), hollow)), unit="mm")
    assert kinds(read) == ["turned-body"]
    assert measure(read.solid).volume == pytest.approx(117e-6, rel=1e-6)


def test_metal_in_metal_is_refused_with_its_place(tmp_path):
    outer, inner = box((0.05, 0.05, 0.05)), box((0.02, 0.02, 0.02), at=(0.01, 0.01, 0.01))
    with pytest.raises(ShapeError, match=r"around \(20.0, 20.0, 20.0\) mm lies inside another one"):
        read_solid(stl(tmp_path / "part.stl", soup(outer, inner)), unit="mm")


def test_bodies_apart_are_counted(tmp_path):
    read = read_solid(
        stl(tmp_path / "part.stl", soup(box((0.01, 0.01, 0.01)), moved(sphere(0.02), (0.1, 0.0, 0.0)))), unit="mm"
    )
    assert (read.bodies, measure(read.solid).bodies) == (2, 2)
    assert read.repairs == ()


def test_bodies_that_overlap_are_made_one(tmp_path):
    one, two = box((0.05, 0.05, 0.05)), cylinder(0.02, 0.06, at=(0.025, 0.025, 0.03))
    read = read_solid(stl(tmp_path / "part.stl", soup(one, two)), unit="mm")
    assert kinds(read) == ["united-bodies"]
    assert measure(read.solid).volume == pytest.approx(125e-6 + np.pi * 1e-4 * 0.04, rel=1e-6)
    fractions(read.solid, uniform_grid(read.solid.box, 0.004, Margins.equal(0.004)))


# --- real files ------------------------------------------------------------------------------------------------------


@pytest.mark.real_data
@pytest.mark.parametrize("name", ["axle.step", "couplingdown.step", "shaft.step"])
def test_unstitched_step_files_become_closed_solids(shared, name):
    """Their faces come unstitched; the reading closes them, in metres, and tells what it filled."""
    path = shared / "data" / "casting-geometry" / "unverified-origin" / name
    if not path.is_file():
        pytest.skip(f"{name} does not lie in the shared folder")
    read = read_solid(path, unit=None)
    longest = float(np.ptp(read.solid.box, axis=0).max())
    assert 0.05 < longest < 0.25  # machined parts of a hand's length, in millimetres by the file
    assert read.unit == 1e-3
    assert set(kinds(read)) <= {"filled-hole", "welded-corners", "dropped-degenerate"}
    grid = uniform_grid(read.solid.box, longest / 40, Margins.equal(longest / 40))
    held = float((fractions(read.solid, grid) * grid.volumes).sum())
    assert held == pytest.approx(measure(read.solid).volume, rel=1e-5)
