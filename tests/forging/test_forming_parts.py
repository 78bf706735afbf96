"""The parts of a forming run: equations, sizes, folds, cavities, wear and grains."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.sparse.linalg import splu

from forgecast.forging.cavity import check_dies, filling, section_volume, up_to
from forgecast.forging.die import Die
from forgecast.forging.error import ForgingError
from forgecast.forging.flow_equations import FlowEquations
from forgecast.forging.fold import crosses_itself, without_folds
from forgecast.forging.grain import Recrystallisation
from forgecast.forging.mesher import fill_outline
from forgecast.forging.piece import volume_of
from forgecast.forging.remeshing import settle, with_die_edges, without_hairpins
from forgecast.forging.size_field import die_radii, refined_size, too_coarse


def box(r: float, low: float, high: float) -> np.ndarray:
    return np.array([(0.0, low), (r, low), (r, high), (0.0, high)])


def even(side: float):
    return lambda points: np.full(len(points), side)


def test_equations_are_solved_as_superlu_solves_them() -> None:
    mesh = fill_outline(box(0.01, 0.0, 0.02), even(0.0012))
    n, draw = len(mesh.points), np.random.default_rng(7)
    # Velocities positive, pressures negative definite, as the elements of a flow are.
    half = draw.normal(size=(len(mesh.triangles), 9, 9))
    matrix = half @ half.transpose(0, 2, 1)
    matrix[:, 6:, 6:] *= -1e-12
    matrix[:, :6, 6:] *= 1e-6
    matrix[:, 6:, :6] = matrix[:, :6, 6:].transpose(0, 2, 1)
    angle = draw.random(n) * 6
    cos, sin = np.cos(angle), np.sin(angle)
    frame = np.stack([np.column_stack([cos, sin]), np.column_stack([-sin, cos])], axis=1)
    given, friction, force = draw.random((n, 2)) < 0.2, draw.random(n), draw.normal(size=3 * n)
    equations = FlowEquations(mesh.triangles, mesh.points)
    equations.factor(matrix, frame, given, friction)
    found = equations.step(force)
    # The same without blocks: all elements added, rows and columns turned, what is given taken out.
    columns = np.concatenate(
        [np.stack([2 * mesh.triangles, 2 * mesh.triangles + 1], axis=2).reshape(-1, 6), 2 * n + mesh.triangles], axis=1
    )
    whole = np.zeros((3 * n, 3 * n))
    for at, part in zip(columns, matrix, strict=True):
        whole[np.ix_(at, at)] += part
    turn = np.eye(3 * n)
    for k in range(n):
        turn[2 * k : 2 * k + 2, 2 * k : 2 * k + 2] = frame[k]
    whole = turn @ whole @ turn.T
    whole[np.arange(1, 2 * n, 2), np.arange(1, 2 * n, 2)] += friction
    free = np.concatenate([~given.ravel(), np.ones(n, dtype=bool)])
    wanted = np.zeros(3 * n)
    wanted[free] = -np.linalg.solve(whole[np.ix_(free, free)], force[free])
    scale = np.concatenate([np.full(2 * n, np.abs(wanted[: 2 * n]).max()), np.full(n, np.abs(wanted[2 * n :]).max())])
    assert found / scale == pytest.approx(wanted / scale, abs=1e-8)
    kept = equations.assembled()
    assert abs(kept - kept.T).max() < 1e-12 * abs(kept).max()
    # Determinants tell that it is the same matrix in another order and unit of pressure: one sign for each pressure.
    signs = np.sign(splu(kept, permc_spec="NATURAL", diag_pivot_thresh=0.0).U.diagonal())
    assert int(np.sum(signs < 0)) == n


def test_a_pocket_behind_a_fold_is_closed_and_told() -> None:
    # A bell whose lips have met: the pocket of 4 x 6 mm lies behind them, its area in all but the lips' overlap.
    outline = np.array([(0, 0), (20, 0), (20, 9), (11.9, 9), (11.9, 10), (16, 10), (16, 16), (12, 16), (12, 20.5),
                        (0, 20.5), (0, 0.5)]) / 1000  # fmt: skip
    assert not crosses_itself(outline)
    folded = outline.copy()
    folded[3:5, 0], folded[3, 1], folded[2, 1] = 0.0105, 0.009, 0.009
    lips = np.array([(0, 0), (20, 0), (20, 10), (14, 10.2), (14, 4), (12, 4), (12, 9.9), (15, 9.7), (15, 20), (0, 20)])
    lips = lips / 1000
    assert crosses_itself(lips)
    whole, folds = without_folds(lips, 0.25)
    assert not crosses_itself(whole)
    assert len(folds) == 1
    assert folds[0].time == 0.25
    assert 0.012 <= folds[0].x <= 0.0152
    assert folds[0].y == pytest.approx(0.01, abs=5e-4)
    # The pocket is 2 mm wide and some 6 mm high.
    assert folds[0].area == pytest.approx(12e-6, rel=0.1)
    assert without_folds(box(1, 0, 1), 0.0) == (pytest.approx(box(1, 0, 1)), ())


def test_triangles_are_small_where_metal_is_thin_and_dies_are_round() -> None:
    thin = np.array([(0, 0), (20, 0), (20, 4), (40, 4), (40, 5), (20, 5), (20, 10), (0, 10)]) / 1000
    corner = np.array([(math.cos(a), math.sin(a)) for a in np.radians(np.linspace(180, 270, 10))])
    die = Die("die", np.concatenate([[(-0.001, 0.02)], corner * 0.001 + [0.0, 0.001], [(0.05, 0.0)]]), 0.3)
    size = refined_size(thin, (die,), even(0.002), finest=0.05)
    at = np.array([(0.030, 0.0045), (0.010, 0.005), (0.0, 0.0), (0.01, 0.0)])
    made = size(at)
    up = 0.004 + 0.001 * (np.arange(200) + 0.5) / 200
    assert np.mean(0.001 / size(np.column_stack([np.full(200, 0.03), up]))) > 4.0  # triangles across the thin part
    assert made[1] == pytest.approx(0.002, rel=0.05)
    assert made[2] <= 0.001 / 2 * 1.2  # two over the radius
    assert made[3] > 1.5 * made[2]
    mesh = fill_outline(thin, even(0.002))
    assert too_coarse(mesh, (die,), even(0.002), 0.1)
    assert not too_coarse(fill_outline(thin, refined_size(thin, (), even(0.002), finest=0.05)), (), even(0.002), 0.05)
    radii = die_radii(die.profile)[1]
    assert radii[3] == pytest.approx(0.001, rel=0.01)
    assert die_radii(np.array([(0.0, 0.0), (1.0, 0.0), (1.0, 1.0)]))[1] == [0.0]


def test_the_outline_is_led_around_edges_that_it_cuts_off() -> None:
    step = Die("die", np.array([(0.0, 0.0), (0.01, 0.0), (0.01, -0.02)]), 0.3)
    chord = np.array([(0.0, 0.0), (0.008, 0.0), (0.010, -0.004), (0.02, -0.004), (0.02, 0.01), (0.0, 0.01)])
    led = with_die_edges(chord, (step,), even(0.001))
    assert len(led) == len(chord) + 1
    assert any(np.allclose(point, (0.01, 0.0)) for point in led)
    points = np.array([(0.005, -0.001), (0.005, 0.001)])
    settle(points, (step,))
    assert points == pytest.approx(np.array([(0.005, 0.0), (0.005, 0.001)]))


def test_fill_and_flash_are_measured_against_solids_of_revolution() -> None:
    # A cavity of radius 30 and height 10 with metal of radius 20 in it; then metal beyond the cavity.
    lower = Die("lower die", np.array([(0.0, 0.0), (0.06, 0.0)]), 0.3)
    upper = Die("upper die", np.array([(0.06, 0.01), (0.0, 0.01)]), 0.3)
    mesh = fill_outline(box(0.02, 0.0, 0.01), even(0.001))
    full = filling(mesh, lower, upper, flash_from=0.03, axisymmetric=True)
    assert full.unfilled == pytest.approx(math.pi * (0.03**2 - 0.02**2) * 0.01, rel=1e-9)
    assert full.touched == pytest.approx((20 / 30) ** 2, abs=0.03)  # places half a millimetre apart
    assert (full.flash_volume, full.flash_width) == (pytest.approx(0.0, abs=1e-15), 0.0)
    over = filling(fill_outline(box(0.035, 0.0, 0.01), even(0.001)), lower, upper, flash_from=0.03, axisymmetric=True)
    assert over.flash_volume == pytest.approx(math.pi * (0.035**2 - 0.03**2) * 0.01, rel=1e-9)
    assert over.flash_width == pytest.approx(0.005)
    assert over.touched == pytest.approx(1.0)
    assert over.unfilled == pytest.approx(0.0, abs=1e-12)
    lifted = filling(mesh, lower, upper.moved(0.001), flash_from=0.03, axisymmetric=True)
    assert lifted.touched == pytest.approx(0.5 * (20 / 30) ** 2, abs=0.03)
    flat = filling(mesh, lower, upper, flash_from=0.03, axisymmetric=False)
    assert flat.unfilled == pytest.approx(0.01 * 0.01, rel=1e-9)
    mesh_volume = volume_of(mesh, axisymmetric=True)
    outline = mesh.points[: mesh.outline]
    assert section_volume(outline, axisymmetric=True) == pytest.approx(mesh_volume, rel=1e-12)
    assert section_volume(up_to(outline, 0.01), axisymmetric=True) == pytest.approx(math.pi * 1e-6, rel=1e-9)


def test_dies_that_cross_are_refused_with_their_place() -> None:
    lower = Die("lower die", np.array([(0.0, 0.0), (0.02, 0.0), (0.02, 0.01), (0.05, 0.01)]), 0.3)
    upper = Die("upper die", np.array([(0.05, 0.03), (0.0, 0.03)]), 0.3)
    check_dies(lower, upper, 0.015)
    with pytest.raises(ForgingError, match="cross at 20 mm, 5 mm when 25 mm are closed"):
        check_dies(lower, upper, 0.025)
    loop = Die("lower die", np.array([(0.0, 0.0), (0.02, 0.0), (0.01, 0.01), (0.01, -0.01)]), 0.3)
    with pytest.raises(ForgingError, match="lower die crosses itself at 10 mm, 0 mm"):
        check_dies(loop, upper, 0.01)


def avrami() -> Recrystallisation:
    # Made for this test: Z cancels (m = 0), so the strain alone decides.
    return Recrystallisation(100e-6, 300e3, (0.2, 0.0, 0.0), (0.4, 0.0, 0.0), 2.0, (20e-6, 0.0))


def test_half_is_recrystallised_after_the_half_strain_however_it_is_cut_into_steps() -> None:
    metal = avrami()
    for steps in (6, 60):
        done, grain, strain = np.zeros(1), np.full(1, 100e-6), np.zeros(1)
        add = np.full(1, 0.6 / steps)
        for _ in range(steps):
            done, grain = metal.after(done, grain, strain, add, np.ones(1), np.full(1, 1300.0))
            strain = strain + add
        assert done[0] == pytest.approx(0.5, abs=1e-9)
        # Half old grains, half new ones.
        assert grain[0] == pytest.approx(60e-6, rel=1e-9)
    below, same = metal.after(
        np.zeros(1), np.full(1, 1e-4), np.zeros(1), np.full(1, 0.2), np.ones(1), np.full(1, 1300.0)
    )
    assert (below[0], same[0]) == (0.0, pytest.approx(1e-4))
    with pytest.raises(ForgingError, match="recrystallisation"):
        Recrystallisation(0.0, 300e3, (0.2, 0, 0), (0.4, 0, 0), 2.0, (20e-6, 0))


def test_new_grains_are_finer_where_it_is_colder_or_faster() -> None:
    metal = Recrystallisation(100e-6, 300e3, (0.01, 0.0, 0.0), (0.01, 0.0, 0.0), 2.0, (1e-2, -0.25))
    rate, temperature = np.array([1.0, 1.0, 10.0]), np.array([1473.0, 1273.0, 1473.0])
    _, grain = metal.after(np.zeros(3), np.full(3, 1e-4), np.zeros(3), np.ones(3), rate, temperature)
    z = rate * np.exp(300e3 / (8.31446261815324 * temperature))
    assert grain == pytest.approx(1e-2 * z**-0.25, rel=1e-6)


def test_factors_grow_little_faster_than_the_mesh() -> None:
    # Nested dissection fills n log n: a little over twice for twice the triangles. A banded order would fill 2.8 times.
    filled = []
    for side in (0.0008, 0.0008 / math.sqrt(2)):
        mesh = fill_outline(box(0.025, 0.0, 0.0323), even(side))
        filled.append(FlowEquations(mesh.triangles, mesh.points).filled / len(mesh.triangles))
    assert filled[1] / filled[0] < 1.25
    assert filled[0] < 15


def test_points_that_have_passed_one_another_on_a_die_leave_the_outline() -> None:
    square = np.array([(0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0)])
    # On the lower side the third point lies a hair behind the second one.
    passed = np.insert(square, 1, [(4.0, 0.0), (3.997, 0.0001), (6.0, 0.0)], axis=0)
    cleaned = without_hairpins(passed, lambda at: np.full(len(at), 1.0))
    assert len(cleaned) == 6
    fill_outline(cleaned, lambda at: np.full(len(at), 1.0))
    with pytest.raises(ForgingError, match="cannot be filled"):
        fill_outline(passed, lambda at: np.full(len(at), 1.0))
    # A real spike is a corner of the piece, and stays.
    spike = np.insert(square, 1, [(5.0, 0.0), (5.2, -4.0), (5.4, 0.0)], axis=0)
    assert np.array_equal(without_hairpins(spike, lambda at: np.full(len(at), 1.0)), spike)
