"""Proofs of liquid pools and shrinkage: each states a problem whose solution is known, and its solution."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage
from scipy.optimize import brentq

from forgecast.casting.pools import pool_tree
from forgecast.casting.shrinkage import Contraction, shrinkage
from forgecast.shape.grid import Grid


def box(nx, ny, nz, cell):
    return Grid(*(cell * np.arange(n + 1.0) for n in (nx, ny, nz)))


def fields(grid):
    x, y, z = grid.centres
    zz, yy, xx = np.meshgrid(z, y, x, indexing="ij")
    return xx, yy, zz


def judged(grid, part, time, contraction, **given):
    """Shrinkage of a body whose cells pass liquidus, end of feeding and solidus at fixed shares of `time`."""
    metal = np.where(part > 0, grid.volumes, 0.0).astype(np.float32)
    time = np.where(part > 0, time, np.nan).astype(np.float32)
    return shrinkage(grid, part, metal, 0.2 * time, 0.7 * time, time, contraction, **given)


def test_two_gaussians_split_at_their_saddle():
    """Two hot bumps of one width on a line, centres 2 b apart, heights 1 and h: where and when does the pool split?

    Solution: on the line f(x) = exp(-(x+b)^2/s) + h exp(-(x-b)^2/s) has one minimum between the centres, the saddle of
    the field in space (in the other directions the field falls). It splits at f there; each part freezes last at its
    own maximum, both roots of f' on either side of the saddle.
    """
    b, s, h = 0.2, 0.02, 1.2
    grid = box(80, 40, 40, 0.0125)
    xx, yy, zz = fields(grid)
    x0, y0, z0 = 0.5, 0.25, 0.25
    across = ((yy - y0) ** 2 + (zz - z0) ** 2) / s

    def f(x):
        return np.exp(-((x + b) ** 2) / s) + h * np.exp(-((x - b) ** 2) / s)

    def slope(x):
        return -2 / s * ((x + b) * np.exp(-((x + b) ** 2) / s) + h * (x - b) * np.exp(-((x - b) ** 2) / s))

    saddle = brentq(slope, -0.6 * b, 0.6 * b)
    peaks = brentq(slope, -1.1 * b, -0.8 * b), brentq(slope, 0.8 * b, 1.1 * b)
    field = (100.0 * f(xx - x0) * np.exp(-across)).astype(np.float32)
    tree = pool_tree(grid, np.ones(grid.shape, np.uint8), field)
    assert [pool.is_hot_spot for pool in tree.pools] == [True, True, False]
    hot, cool, whole = tree.pools
    # The nearest centre is half a cell off along each axis; f is flat at its maxima and at the saddle.
    off = np.exp(-2 * (0.0125 / 2) ** 2 / s)
    assert whole.split_at == pytest.approx(100.0 * f(saddle) * off, rel=0.003)
    assert (hot.isolated_at, cool.isolated_at) == (whole.split_at, whole.split_at)
    assert hot.frozen_at == pytest.approx(100.0 * f(peaks[1]) * off, rel=0.003)
    assert cool.frozen_at == pytest.approx(100.0 * f(peaks[0]) * off, rel=0.003)
    assert hot.place == pytest.approx((x0 + peaks[1], y0, z0), abs=0.0125)
    assert cool.place == pytest.approx((x0 + peaks[0], y0, z0), abs=0.0125)
    # Every cell is fed from its side of the saddle: along the axis the zones meet there, within a cell.
    axis = tree.zone[20, 20]
    edge = grid.x[1 + np.flatnonzero(np.diff(axis))]
    assert edge == pytest.approx([x0 + saddle], abs=0.0125)


def test_pools_against_labelled_level_sets():
    """A smooth random field: the pools that are cut off at any time must be the connected level sets at that time.

    Solution: for a time t the cells later than t, labelled across faces by an independent routine, fall into as many
    parts as the tree has pools alive at t, with the same volumes.
    """
    rng = np.random.default_rng(7)
    grid = box(24, 20, 16, 1.0)
    field = ndimage.gaussian_filter(rng.random(grid.shape), 2.0, mode="nearest").astype(np.float32)
    field = (field - field.min() + 0.1) * 1000.0
    tree = pool_tree(grid, np.ones(grid.shape, np.uint8), field, outlast_share=0.0)
    assert len(tree.hot_spots) > 5
    for pool in tree.pools:
        if pool.isolated_at is None:
            continue
        # Just after a pool was cut off it is the part of the level set that holds its place.
        label, _ = ndimage.label(field > pool.isolated_at)
        i, j, k = (int(a) for a in pool.place)
        part = label == label[k, j, i]
        assert pool.volume == part.sum()
        assert pool.frozen_at == field[part].max()
        zz, yy, xx = np.nonzero(part)
        assert pool.centre == pytest.approx((xx.mean() + 0.5, yy.mean() + 0.5, zz.mean() + 0.5))
    for time in np.quantile(field, [0.2, 0.5, 0.8, 0.95]):
        _, parts = ndimage.label(field > time)
        ends = [pool.frozen_at if pool.split_at is None else pool.split_at for pool in tree.pools]
        starts = [-1.0 if pool.isolated_at is None else pool.isolated_at for pool in tree.pools]
        assert sum(start <= time < end for start, end in zip(starts, ends, strict=True)) == parts


@pytest.mark.parametrize("n", [2, 5, 16])
def test_area_of_a_cube(n):
    """A cube of n cells along each edge; a cell's open faces count as the length of their sum.

    Solution: 6 (n-2)^2 cells with one face, 12 (n-2) with two at right angles, 8 with three: root 2 and root 3.
    """
    grid = box(n + 2, n + 2, n + 2, 0.5)
    part = np.zeros(grid.shape, np.uint8)
    part[1:-1, 1:-1, 1:-1] = 1
    time = np.random.default_rng(n).random(grid.shape).astype(np.float32)
    (pool,) = pool_tree(grid, part, time, outlast_share=1.0).pools
    want = 0.25 * (6 * (n - 2) ** 2 + 12 * (n - 2) * np.sqrt(2.0) + 8 * np.sqrt(3.0))
    assert pool.area == pytest.approx(want, rel=1e-12)
    assert pool.volume == pytest.approx(0.125 * n**3, rel=1e-12)


@pytest.mark.parametrize("radius", [8.0, 15.0])
def test_modulus_of_a_sphere(radius):
    """A sphere on a grid of cubes: its modulus is a third of its radius.

    Solution: V/A = R/3. Steps of one cell on a slope 1:n count as sqrt(2) + n - 1 instead of sqrt(1 + n^2), at most
    8.3 % too much in the plane; all slopes together within the 9 % that the field says. Plain faces would be 50 % off.
    """
    grid = box(40, 40, 40, 1.0)
    xx, yy, zz = fields(grid)
    r = np.sqrt((xx - 20) ** 2 + (yy - 20) ** 2 + (zz - 20) ** 2)
    (pool,) = pool_tree(grid, (r < radius).astype(np.uint8), (100.0 - r).astype(np.float32), outlast_share=0.5).pools
    assert pool.modulus == pytest.approx(radius / 3.0, rel=0.09)


def test_pipe_of_a_cylinder_that_drains_flat():
    """A cylindrical riser over a plate; the riser stays liquid until the plate has frozen: how far does it sink?

    Problem: plate 40 x 40 x 10 cells freezes from t = 0 to 100 s, riser of radius 10 and height 30 cells on it stays
    above its liquidus, then freezes at once at 1000 s. Contraction l in the liquid, s in freezing, all of it fed.
    Solution: with densities from the contraction, mass kept. Until 1000 s the level is flat; afterwards the riser's
    own contraction is drawn from the same flat top in one level. All void is in the riser: its volume is
    V (1 - (1-l)(1-s)) of the whole metal V, and the depth is that over the cross-section of the riser.
    """
    cell = 0.005
    grid = box(40, 40, 40, cell)
    xx, yy, zz = fields(grid)
    riser = ((xx - 0.1) ** 2 + (yy - 0.1) ** 2 < 0.05**2) & (zz > 0.05)
    part = np.where(zz < 0.05, 1, 0).astype(np.uint8) + (2 * riser).astype(np.uint8)
    metal = np.where(part > 0, cell**3, 0.0).astype(np.float32)
    frozen = np.where(part == 1, 10.0 + 90.0 * np.minimum(xx, 0.2 - xx) / 0.1, 1000.0)
    frozen = np.where(part > 0, frozen, np.nan).astype(np.float32)
    liquidus = np.where(part == 2, 999.0, 0.3 * frozen).astype(np.float32)
    contraction = Contraction(0.015, 0.03, feeding_fraction=1.0)
    got = shrinkage(grid, part, metal, liquidus, frozen, frozen, contraction)
    whole = metal[part > 0].astype(float).sum() * (1.0 - 0.985 * 0.97)
    casting, feeder = got.bodies
    assert casting.macro == casting.micro == feeder.micro == 0.0
    assert feeder.macro == pytest.approx(whole, rel=1e-9)
    section = riser[20].sum() * cell**2
    # Sub-cell depth of an evenly drained layer is exact but for single precision of the metal's volume.
    assert feeder.deepest_void == pytest.approx(whole / section, rel=1e-6)
    assert [cavity.body for cavity in got.cavities] == [2]
    assert got.cavities[0].place[:2] == pytest.approx((0.1, 0.1))


def test_two_blocks_and_a_thin_neck_each_hold_their_own():
    """Two blocks joined by a neck that freezes first: each keeps the void of its own contraction after that.

    Problem: blocks of a^3 and b^3 cells, freezing uniformly between 100 and 200 s; the neck of one row of cells
    freezes at 1 s, before any of them has contracted by more than 1 % of its contraction.
    Solution: each block is a pool of its own; its void is its volume times the contraction to the end of feeding, at
    the top of the block, and the rest is spread in place.
    """
    grid = box(40, 20, 20, 0.001)
    xx, yy, zz = np.meshgrid(np.arange(40), np.arange(20), np.arange(20), indexing="ij")
    xx, yy, zz = (a.transpose(2, 1, 0) for a in (xx, yy, zz))
    left = (xx < 12) & (yy < 12) & (zz < 12)
    right = (xx >= 20) & (xx < 38) & (yy < 18) & (zz < 18)
    neck = (xx >= 12) & (xx < 20) & (yy == 5) & (zz == 5)
    part = (left | right | neck).astype(np.uint8)
    metal = np.where(part > 0, 1e-9, 0.0).astype(np.float32)
    liquidus = np.where(neck, 0.1, 100.0).astype(np.float32)
    feeding = np.where(neck, 1.0, 180.0).astype(np.float32)
    solidus = np.where(neck, 2.0, 200.0).astype(np.float32)
    contraction = Contraction(0.0, 0.05, feeding_fraction=0.8)
    got = shrinkage(grid, part, metal, liquidus, feeding, solidus, contraction)
    # By mass: v falls from 1 to 0.96 while fed, then to 0.95; what is left of the metal shrinks by the latter.
    fed, later = 1.0 - 0.96, 0.96 * (1.0 - 0.95 / 0.96)
    for block, size in ((left, 12), (right, 18)):
        void = float((got.macro[block].astype(float) * 1e-9).sum())
        # The neck's own eight cells are drawn from a block too, and single precision of the result.
        assert void == pytest.approx(fed * size**3 * 1e-9, rel=2e-4, abs=8e-9 * 0.05)
        micro = float((got.micro[block].astype(float) * 1e-9).sum())
        assert micro == pytest.approx(later * size**3 * 1e-9, rel=1e-3)
        assert got.macro[block & (zz == size - 1)].mean() == pytest.approx(fed * size, rel=0.01)
        assert got.macro[block & (zz < size - 1)].max() == 0.0
    assert abs(got.residual) < 1e-9


def test_an_arch_falls_apart_when_its_bridge_is_empty():
    """Two unequal legs under a bridge: once the bridge is drained, each leg sinks by its own contraction.

    Problem: legs of height 20 cells with sections of 4 and 16 cells, joined only at the top, by a bridge one cell high.
    All lose their liquid contraction in the first 10 s, which empties the bridge; the thin leg then freezes by 20 s,
    the thick one by 100 s.
    Solution: after the bridge is empty the legs share no liquid. Parted at one level, both lose the same share of
    their height and end at one level again. Liquid joined through the void would let the thick leg's level fall for
    the thin one too, and end lower on its side.
    """
    grid = box(16, 4, 21, 0.001)
    xx, yy, zz = np.meshgrid(np.arange(16), np.arange(4), np.arange(21), indexing="ij")
    xx, yy, zz = (a.transpose(2, 1, 0) for a in (xx, yy, zz))
    thin = (xx < 1) & (zz < 20)
    thick = (xx >= 12) & (zz < 20)
    bridge = zz == 20
    part = (thin | thick | bridge).astype(np.uint8)
    metal = np.where(part > 0, 1e-9, 0.0).astype(np.float32)
    liquidus = np.full(grid.shape, 10.0, np.float32)
    feeding = np.where(thin, 20.0, 100.0).astype(np.float32)
    got = shrinkage(grid, part, metal, liquidus, feeding, feeding, Contraction(0.2, 0.2, 1.0), levels=900)
    assert got.macro[bridge].min() == 1.0
    assert abs(got.residual) < 1e-9
    level_thin = 20.0 - got.macro[thin].sum() / 4.0
    level_thick = 20.0 - got.macro[thick].sum() / 16.0
    # The bridge empties within a time level, during which the legs are still one pool: a few parts in a thousand.
    assert level_thin == pytest.approx(level_thick, rel=0.01)


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 2**32 - 1),
    st.floats(0.0, 0.05),
    st.floats(0.0, 0.08),
    st.floats(0.0, 1.0),
    st.sampled_from([(0, 0, -1), (1, 0, 0), (0.3, -0.8, 0.1)]),
    st.integers(3, 60),
)
def test_voids_equal_contraction_on_random_fields(seed, liquid, solidification, fraction, gravity, levels):
    """Any body, any times of freezing: the voids must add up to what the densities say.

    Solution: what was poured, V, ends as dense metal of v_end V with v_end = (1-l)(1-s); the rest is void.
    """
    rng = np.random.default_rng(seed)
    grid = Grid(*(np.cumsum(np.r_[0.0, rng.uniform(0.5, 1.5, n)]) for n in (7, 6, 8)))
    part = rng.choice(np.array([0, 1, 2], np.uint8), grid.shape, p=[0.2, 0.5, 0.3])
    part[0, 0, 0] = 1
    got = judged(grid, part, rng.uniform(1.0, 9.0, grid.shape), Contraction(liquid, solidification, fraction),
                 gravity=gravity, levels=levels)  # fmt: skip
    metal = np.where(part > 0, grid.volumes, 0.0).astype(np.float32).astype(float).sum()
    want = metal * (1.0 - (1.0 - liquid) * (1.0 - solidification))
    # Rounding of a few hundred additions; asked for in the issue: 0.5 %.
    assert got.voids == pytest.approx(want, rel=1e-9, abs=1e-12 * metal)
    assert got.contracted == pytest.approx(want, rel=1e-9, abs=1e-12 * metal)
    assert abs(got.residual) < 1e-9
    assert sum(body.macro + body.micro for body in got.bodies) == pytest.approx(got.voids, abs=1e-12 * metal)
    inside = part > 0
    assert np.isnan(got.macro[~inside]).all()
    assert (got.macro[inside] >= 0).all()
    assert (got.macro[inside] + got.micro[inside] <= 1.0 + 1e-6).all()


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.0, 0.08), st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_expansion_makes_no_negative_voids_and_keeps_the_mass(seed, graphite, rigidity, fraction):
    """An iron whose graphite gives back more or less than it lost: voids stay at or above zero, and mass is kept.

    Solution: mass poured V, pushed out P, left: the metal fills V - voids at the end density 1/v_end, so
    V - P = (V - voids) / v_end with v_end = (1-l)(1 - s + r g).
    """
    rng = np.random.default_rng(seed)
    grid = box(6, 6, 6, 1.0)
    part = rng.choice(np.array([0, 1], np.uint8), grid.shape, p=[0.2, 0.8])
    part[0, 0, 0] = 1
    contraction = Contraction(0.01, 0.03, fraction, graphite=graphite, rigidity=rigidity)
    got = judged(grid, part, rng.uniform(1.0, 9.0, grid.shape), contraction)
    end = 0.99 * (0.97 + rigidity * graphite)
    metal = float(part.sum())
    assert np.nanmin(got.macro) >= 0.0
    assert np.nanmin(got.micro) >= 0.0
    assert got.pushed_out >= 0.0
    assert metal - got.pushed_out == pytest.approx((metal - got.voids) / end, rel=1e-9)


def test_wedge_feeds_from_its_thick_end():
    """A wedge, thickness growing along x, cooled at its two faces: t ~ thickness^2, one hot spot, at the thick end.

    Solution: the field has no maximum but at the thick end; no pool is ever cut off, so the whole contraction up to
    the end of feeding lies at the highest liquid: with the thick end up, in the topmost layers that stay liquid.
    """
    grid = box(60, 8, 24, 1.0)
    xx, _, zz = fields(grid)
    half = 2.0 + 10.0 * xx / 60.0
    depth = half - np.abs(zz - 12.0)
    part = (depth > 0).astype(np.uint8)
    time = np.where(part > 0, 2.0 * half * depth - depth**2 + 1e-3 * xx, 0.0)
    tree = pool_tree(grid, part, time.astype(np.float32), outlast_share=0.02)
    assert len(tree.hot_spots) == 1
    assert tree.hot_spots[0].place[0] == pytest.approx(59.5)
    got = judged(grid, part, time + 1.0, Contraction(0.01, 0.04, 0.7), gravity=(-1, 0, 0))
    inside = part > 0
    share = np.where(inside, got.macro, 0.0)
    # All voids above (x larger than) the level that a flat drained wedge would have, give or take its frozen skin.
    volume = inside.sum((0, 1)).cumsum()
    assert (share * xx).sum() / share.sum() > np.interp(0.8 * volume[-1], volume, grid.x[1:])
    assert abs(got.residual) < 1e-9
