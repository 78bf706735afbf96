"""Freezing a part in its mould: half a part is half a part, and wrong input is refused before any time is spent."""

from __future__ import annotations

import dataclasses
import time

import numpy as np
import pytest

from forgecast.casting.heat_run import Accuracy, HeatRun
from forgecast.ground.errors import ForgecastError
from forgecast.metal.alloy import alloy
from forgecast.metal.error import MaterialError
from forgecast.shape.errors import ShapeError
from forgecast.shape.solid import Solid, box, cylinder, moved
from forgecast.tasks.freeze_part import Fineness, contraction_of, freeze_part
from forgecast.tasks.mould_layout import Body, Pour, lay, mould_grid

ZERO = 273.15
COARSE = Fineness(cell=0.008, margin=0.032)


def steel(pour_degc: float = 1580.0) -> Pour:
    return Pour(alloy("wcb"), pour_degc + ZERO, "resin-sand", 20.0 + ZERO, 20.0 + ZERO)


def block(width: float = 0.064) -> Solid:
    return box((width, 0.048, 0.032), name="block")


@pytest.fixture(scope="module")
def whole():
    return freeze_part(block(), (), steel(), COARSE)


def test_all_balances_close(whole):
    assert whole.freezing.audit.residual < 1e-4
    assert abs(whole.shrinkage.residual) < 5e-3  # what is promised; the sums themselves close to rounding
    held = float(whole.freezing.metal_volume.sum(dtype=np.float64))
    assert held == pytest.approx(0.064 * 0.048 * 0.032, rel=1e-5)  # float32 cells
    # Steel contracts; nothing feeds this block, so its voids are its contraction, in the block itself.
    contracted = contraction_of(alloy("wcb"), 1580.0 + ZERO)
    expected = held * (1.0 - (1.0 - contracted.liquid) * (1.0 - contracted.solidification))
    assert whole.shrinkage.voids == pytest.approx(expected, rel=1e-6)


def test_half_a_part_at_a_plane_of_symmetry_freezes_as_the_whole(whole):
    """The cells of the half are those of the whole, so only the order of sums differs, and the steps chosen."""
    fine = dataclasses.replace(COARSE, symmetry=("x-",))
    half = freeze_part(moved(block(0.032), (0.032, 0.0, 0.0)), (), steel(), fine)
    nx = whole.freezing.grid.shape[2]
    other = whole.freezing.time_solidus[:, :, nx // 2 :]
    own = half.freezing.part == 1
    assert half.freezing.grid.shape[2] == nx // 2
    # Each step keeps its error below 1 K of some 300 K that every cell falls through: a third of a per cent.
    assert half.freezing.time_solidus[own] == pytest.approx(other[own], rel=3e-3)


def test_an_estimate_of_the_error_covers_what_a_finer_grid_says(whole):
    small = dataclasses.replace(COARSE, estimate=True)
    judged = freeze_part(block(), (), steel(), small)
    assert judged.error is not None
    finer = freeze_part(block(), (), steel(), Fineness(cell=0.004, margin=0.032))

    def mean(run):
        own = run.freezing.part == 1
        return float(np.average(run.freezing.time_solidus[own], weights=run.freezing.metal_volume[own]))

    off = abs(mean(whole) / mean(finer) - 1.0)
    # The finer grid is not the limit either; Richardson's estimate is good to a factor, here two.
    assert 0.5 * off < judged.error.error_mean < 4.0 * off
    assert judged.error.cells == pytest.approx((0.008, 0.012, 0.018))


def test_a_riser_takes_the_shrinkage_over_and_a_sleeve_keeps_it_open_longer():
    riser = cylinder(0.048, 0.064, at=(0.032, 0.024, 0.032), name="riser")
    sleeve_outer = cylinder(0.072, 0.064, at=(0.032, 0.024, 0.032), name="sleeve")
    bare = freeze_part(block(), (), steel(), COARSE)
    fed = freeze_part(block(), (Body("riser", riser),), steel(), COARSE)
    kept = freeze_part(
        block(), (Body("riser", riser), Body("sleeve", sleeve_outer, "insulating-sleeve")), steel(), COARSE
    )

    def in_casting(run):
        return next(b.macro for b in run.shrinkage.bodies if b.body == 1)

    assert in_casting(fed) < 0.5 * in_casting(bare)
    assert np.nanmax(kept.freezing.time_solidus) > 1.1 * np.nanmax(fed.freezing.time_solidus)
    assert {b.body for b in fed.shrinkage.bodies} == {1, 2}


def test_a_chill_makes_its_side_solid_sooner(whole):
    chill = box((0.064, 0.048, 0.016), at=(0.0, 0.0, -0.016), name="chill")
    chilled = freeze_part(block(), (Body("chill", chill, "iron-chill"),), steel(), COARSE)
    assert np.nanmin(chilled.freezing.time_solidus) < 0.8 * np.nanmin(whole.freezing.time_solidus)
    assert chilled.freezing.audit.residual < 1e-4


@pytest.mark.parametrize(
    ("pour", "fineness", "error", "says"),
    [
        (steel(1490.0), COARSE, ForgecastError, "liquidus"),
        (steel(), dataclasses.replace(COARSE, margin=0.0), ForgecastError, "bigger than its mould box"),
        (steel(), dataclasses.replace(COARSE, cell=2e-5), ShapeError, "memory"),
        (steel(2500.0), COARSE, MaterialError, "1800 … 2500 °C is missing"),
    ],
)
def test_wrong_input_is_refused_before_any_time_is_spent(pour, fineness, error, says):
    steps: list[HeatRun] = []
    begun = time.process_time()
    with pytest.raises(error) as caught:
        freeze_part(block(), (), pour, fineness, watch=steps.append)
    assert says in caught.value.say("en")
    assert caught.value.say("zh") != caught.value.say("en")
    assert steps == []
    assert time.process_time() - begun < 20.0  # tables are read the first time, on a slow machine too


def test_an_iron_whose_graphite_is_not_known_is_refused_and_a_known_one_says_what_it_takes():
    iron = alloy("gjl-250")
    less = {name: value for name, value in iron.properties.constants.items() if name != "graphite_expansion"}
    unknown = dataclasses.replace(iron, properties=dataclasses.replace(iron.properties, constants=less))
    with pytest.raises(ForgecastError, match="graphite is not known"):
        contraction_of(unknown, 1380.0 + ZERO)
    # A steel has no graphite to speak of, and needs no row for it.
    assert contraction_of(alloy("wcb"), 1580.0 + ZERO).graphite == 0.0
    pour = Pour(iron, 1380.0 + ZERO, "green-sand", 20.0 + ZERO, 20.0 + ZERO)
    soft, rigid = (freeze_part(block(), (), pour, COARSE, rigidity=share) for share in (0.4, 1.0))
    assert any("40 % of the expansion" in note.say("en") for note in soft.notes)
    assert soft.shrinkage.voids > rigid.shrinkage.voids


def test_the_contact_of_a_chill_with_its_mould_is_cited_as_assumed():
    chill = box((0.064, 0.048, 0.016), at=(0.0, 0.0, -0.016), name="chill")
    grid = mould_grid([block(), chill], 0.008, 0.032)
    assumed = "contact of mould materials with each other"
    with_chill = lay(block(), (Body("chill", chill, "iron-chill"),), steel(), grid)
    assert [s.confidence for s in with_chill.sources if s.what.say("en") == assumed] == ["unverified"]
    assert all(s.what.say("en") != assumed for s in lay(block(), (), steel(), grid).sources)


def test_a_body_without_its_medium_is_refused():
    with pytest.raises(ForgecastError, match="medium"):
        Body("chill", block())
    with pytest.raises(ForgecastError, match="medium"):
        Body("riser", block(), "green-sand")


def test_a_wall_thinner_than_its_cells_is_a_finding():
    fin = box((0.1, 0.1, 0.002), name="fin")
    solid = box((0.1, 0.1, 0.02), at=(0.0, 0.0, 0.002), name="plate")
    grid = mould_grid([fin, solid], 0.01, 0.02)
    laid = lay(solid, (Body("chill", fin, "copper-chill"),), steel(), grid)
    assert [f.code for f in laid.findings] == ["thin-for-cells"]


def test_a_stopped_part_is_judged_as_far_as_it_came_and_goes_on(tmp_path, whole):
    kept = tmp_path / "kept"
    calls = iter(range(10_000))
    part = freeze_part(block(), (), steel(), COARSE, stop=lambda: next(calls) > 25, checkpoint=kept)
    assert not part.freezing.effort.finished
    assert not part.shrinkage.complete
    assert "stopped" in part.notes[0].say("en")
    rest = freeze_part(block(), (), steel(), COARSE, checkpoint=kept)
    assert np.array_equal(rest.freezing.time_solidus, whole.freezing.time_solidus, equal_nan=True)
    assert not kept.exists()


def test_fewer_steps_do_not_change_the_answer(whole):
    loose = freeze_part(block(), (), steel(), dataclasses.replace(COARSE, accuracy=Accuracy(tolerance=4.0)))
    own = whole.freezing.part == 1
    assert loose.freezing.effort.steps < whole.freezing.effort.steps
    assert loose.freezing.time_solidus[own] == pytest.approx(whole.freezing.time_solidus[own], rel=0.01)
