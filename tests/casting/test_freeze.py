"""A run of freezing from its start to its end: what it returns, how it is stopped and kept, and what it refuses."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from forgecast.casting.checkpoint import digest, save
from forgecast.casting.freeze import freeze
from forgecast.casting.heat_run import Accuracy, HeatError, HeatRun
from forgecast.casting.heat_table import Surroundings
from forgecast.casting.layout import SIDES, Layout, fill
from forgecast.casting.quick import quick_cells
from forgecast.casting.super_step import longest_step, stages, stages_needed
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import verbatim
from forgecast.metal.contact import Contact
from forgecast.metal.medium import Ignition, Medium
from forgecast.shape.grid import Grid

ZERO = 273.15
GRID = Grid(*(np.linspace(0.0, 0.12, 13) for _ in range(3)))


def metal() -> Medium:
    degc = np.concatenate([[0.0], np.linspace(555.0, 615.0, 31), [900.0]])
    liquid = np.clip((degc - 555.0) / 60.0, 0.0, 1.0)
    heat = 2540.0 * (1000.0 * degc + 425e3 * liquid)
    return Medium("alloy", verbatim("alloy"), degc + ZERO, heat, 160.0 - 90.0 * liquid, 1.0 - liquid, 2540.0)


def sand(ignition: Ignition | None = None) -> Medium:
    degc = np.array([0.0, 900.0])
    title = verbatim("sand")
    return Medium("sand", title, degc + ZERO, 1520.0 * 1100.0 * degc, np.full(2, 0.65), None, 1520.0, ignition)


def block(*, sides: bool = True, mould: Medium | None = None) -> Layout:
    """A cube of 40 mm in the middle of sand."""
    centre = GRID.centres[0]
    inside = (centre > 0.04) & (centre < 0.08)
    here = inside[:, None, None] & inside[None, :, None] & inside[None, None, :]
    contact = Contact("constant", np.zeros(1), np.array([1000.0]))
    return Layout(
        GRID,
        (metal(), mould or sand(), Surroundings("air", 20.0 + ZERO)),
        np.where(here, 0, 1).astype(np.uint8),
        here.astype(np.uint8),
        (700.0 + ZERO, 20.0 + ZERO, 20.0 + ZERO),
        {(0, 1): contact, (1, 2): Contact("constant", np.zeros(1), np.array([10.0]))},
        dict.fromkeys(SIDES, 2) if sides else {},
    )


def test_times_stand_in_the_metal_alone_and_in_order():
    frozen = freeze(block())
    own = frozen.part == 1
    assert np.isfinite(frozen.time_solidus[own]).all()
    assert np.isnan(frozen.time_solidus[~own]).all()
    assert (frozen.time_liquidus[own] < frozen.time_feeding[own]).all()
    assert (frozen.time_feeding[own] < frozen.time_solidus[own]).all()
    assert (frozen.cooling_rate[own] > 0.0).all()
    assert frozen.effort.finished
    # The run ends with the step in which the last cell froze.
    assert np.nanmax(frozen.time_solidus) <= frozen.end_time
    assert frozen.audit.residual < 1e-4  # the bound promised for every run


def test_quick_cells_stepped_apart_freeze_as_those_stepped_together():
    apart, together = (
        freeze(block(), accuracy=Accuracy(tolerance=0.3, multirate=multirate)) for multirate in (True, False)
    )
    assert apart.effort.quick_stages > 0
    assert together.effort.quick_stages == 0
    own = apart.part == 1
    # Both are of second order; at this tolerance either is within 0.1 % of converged.
    assert apart.time_solidus[own] == pytest.approx(together.time_solidus[own], rel=2e-3)
    assert apart.audit.residual < 1e-4


def test_a_stopped_run_is_usable_and_goes_on_to_the_same_end(tmp_path):
    kept = tmp_path / "run.kept"
    whole = freeze(block())
    calls = iter(range(1000))
    part = freeze(block(), stop=lambda: next(calls) == 15, checkpoint=kept)
    assert not part.effort.finished
    assert kept.is_file()
    assert np.isnan(part.time_solidus[part.part == 1]).any()
    rest = freeze(block(), checkpoint=kept)
    assert not kept.exists()
    assert np.array_equal(rest.time_solidus, whole.time_solidus, equal_nan=True)
    assert rest.effort.steps == whole.effort.steps
    assert rest.audit.residual == pytest.approx(whole.audit.residual, abs=1e-7)


def test_a_kept_run_of_another_layout_is_refused_and_left_alone(tmp_path):
    kept = tmp_path / "run.kept"
    run = HeatRun(block())
    run.advance(5.0)
    save(run, kept)
    before = kept.read_bytes()
    other = dataclasses.replace(block(), start=(710.0 + ZERO, 20.0 + ZERO, 20.0 + ZERO))
    assert digest(other) != digest(block())
    with pytest.raises(HeatError, match="another part"):
        freeze(other, checkpoint=kept)
    assert kept.read_bytes() == before
    kept.write_bytes(before[: len(before) // 2])
    with pytest.raises(HeatError, match="cannot be read"):
        freeze(block(), checkpoint=kept)


def test_metal_that_cannot_freeze_is_said_to_stand_still():
    closed = block(sides=False)
    hot = dataclasses.replace(closed, start=(700.0 + ZERO, 640.0 + ZERO, 20.0 + ZERO))
    with pytest.raises(HeatError, match="stands still"):
        freeze(hot)


def test_an_error_that_no_step_can_keep_is_refused():
    with pytest.raises(HeatError, match="no step is short enough"):
        freeze(block(), accuracy=Accuracy(tolerance=1e-12))


def test_a_mould_without_metal_is_refused():
    empty = dataclasses.replace(block(), part=np.zeros(GRID.shape, dtype=np.uint8))
    with pytest.raises(HeatError, match="no metal"):
        freeze(empty)


def test_arrays_that_do_not_fit_the_grid_are_refused():
    with pytest.raises(ForgecastError, match="shape"):
        dataclasses.replace(block(), part=np.zeros((2, 2, 2), dtype=np.uint8))
    with pytest.raises(ForgecastError, match="start temperatures"):
        dataclasses.replace(block(), start=(900.0,))


def test_a_burning_mould_gives_off_its_heat_once_and_delays_freezing():
    heat = 5e7
    plain = freeze(block())
    burning = freeze(block(mould=sand(Ignition(200.0 + ZERO, heat, 60.0))))
    assert np.nanmax(burning.time_solidus) > 1.02 * np.nanmax(plain.time_solidus)
    cell = float(GRID.volumes[0, 0, 0])
    # Whole cells burn out, so what was released is a whole number of cells' heat, up to those still burning.
    assert 0.0 < burning.audit.released <= heat * cell * int((burning.medium == 1).sum())
    assert burning.audit.residual < 1e-4


def test_a_burnt_out_mould_has_released_all_of_its_heat():
    heat = 1e6
    run = HeatRun(block(mould=sand(Ignition(10.0 + ZERO, heat, 5.0))))
    run.advance(10.0)
    volume = float(GRID.volumes.sum()) - 0.04**3
    assert run.audit().released == pytest.approx(heat * volume, rel=1e-12)  # sums in double precision


def test_a_body_keeps_its_volume_whatever_the_cells():
    centre = GRID.centres
    x, y, z = np.meshgrid(centre[2], centre[1], centre[0], indexing="ij")
    # A tilted slab with a linear ramp of fractions across its faces.
    distance = np.abs(0.6 * (x - 0.06) + 0.7 * (y - 0.06) + 0.39 * (z - 0.06))
    share = np.clip((0.025 - distance) / 0.01 + 0.5, 0.0, 1.0).astype(np.float32)
    laid = fill(GRID, [share])
    own = laid.medium == 0
    held = float((laid.filling * GRID.volumes)[own].sum())
    assert held == pytest.approx(float((share * GRID.volumes).sum()), rel=1e-5)  # float32 shares
    other = float((laid.filling * GRID.volumes)[~own].sum())
    assert held + other == pytest.approx(float(GRID.volumes.sum()), rel=1e-5)


def test_runs_of_quick_cells_cover_them_and_no_others():
    medium = np.pad(np.random.default_rng(3).integers(0, 2, (5, 6, 7)).astype(np.uint8), 1, constant_values=1)
    found = quick_cells(medium, np.array([True, False]), 2)
    covered = np.zeros((7, 8 * 9), dtype=bool)
    for k in range(7):
        for start, end in found.run[found.row[k] : found.row[k + 1]]:
            covered[k, start:end] = True
    assert np.array_equal(covered.reshape(medium.shape), medium == 0)
    # Every face between a quick cell and another stands in the list once.
    inside = (medium == 0).astype(int)
    faces = sum(int(np.abs(np.diff(inside, axis=axis)).sum()) for axis in range(3))
    assert len(found.face) == faces == len(np.unique(found.face.astype(np.int64) * 4 + found.axis))


@pytest.mark.parametrize("count", [3, 7, 50])
def test_a_super_step_is_of_second_order_and_stable_to_its_length(count):
    """y' = -k y: 1 - z + z^2/2 at small z, and |y| <= 1 up to the longest step."""

    def stepped(z: float) -> float:
        rule = stages(count)
        before, now = 0.0, -rule.first * z
        for mu, nu, mt, gt, _, _ in rule.rows:
            before, now = now, mu * now + nu * before - mt * z * (1.0 + now) - gt * z
        return 1.0 + now

    small = 1e-3
    assert stepped(small) == pytest.approx(1.0 - small + 0.5 * small**2, abs=small**3)
    longest = longest_step(count, 1.0)
    assert max(abs(stepped(z)) for z in np.linspace(0.0, longest, 500)) <= 1.0 + 1e-12
    assert stages_needed(longest, 1.0) == count


def test_the_times_of_the_stages_end_at_the_step():
    rule = stages(9)
    time = rule.first
    for *_, pace, before in rule.rows:
        assert time == pytest.approx(before, rel=1e-12)
        time *= pace
    assert time == pytest.approx(1.0, rel=1e-12)
