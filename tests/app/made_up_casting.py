"""A made-up casting run for the tests of its doors: a plate with a boss, a riser on it and a chill below."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import trimesh
from numpy.typing import NDArray
from scipy import ndimage

from forgecast.app.casting.outcome import Body, Cavity, Figure, Judgement, Outcome, Setting, Spot
from forgecast.ground.citation import Source
from forgecast.ground.texts import bilingual, verbatim
from forgecast.shape.grid import Grid

CELL = 0.004
SOURCE = Source(
    bilingual("made-up metal: conductivity", "虚构金属：导热系数"),
    bilingual("made up for a test", "为测试而虚构"),
    "unverified",
)


def _box(low: tuple[float, float, float], high: tuple[float, float, float]) -> trimesh.Trimesh:
    return trimesh.creation.box(bounds=np.array([low, high]))


def made_up_bodies() -> tuple[Body, ...]:
    """Return plate and boss as one solid, a riser on the boss, and a chill under the far end of the plate."""
    plate = _box((0.0, 0.0, 0.0), (0.16, 0.08, 0.02))
    boss = trimesh.creation.cylinder(0.028, segment=np.array([[0.045, 0.04, 0.0], [0.045, 0.04, 0.055]]), sections=64)
    riser = trimesh.creation.cylinder(
        0.024, segment=np.array([[0.045, 0.04, 0.055], [0.045, 0.04, 0.115]]), sections=64
    )
    chill = _box((0.12, 0.01, -0.015), (0.15, 0.07, 0.0))
    solids = (
        ("casting", bilingual("casting", "铸件"), trimesh.boolean.union([plate, boss])),
        ("riser", bilingual("riser 1", "冒口1"), riser),
        ("chill", bilingual("chill 1", "冷铁1"), chill),
    )
    return tuple(Body(k, n, np.asarray(m.vertices), np.asarray(m.faces, dtype=np.int64)) for k, n, m in solids)


def made_up_part(grid: Grid) -> NDArray[np.uint8]:
    x, y, z = np.meshgrid(*grid.centres, indexing="ij")
    x, y, z = (one.transpose(2, 1, 0) for one in (x, y, z))
    near = np.hypot(x - 0.045, y - 0.04)
    plate = (x > 0) & (x < 0.16) & (y > 0) & (y < 0.08) & (z > 0) & (z < 0.02)
    boss = (near < 0.028) & (z > 0) & (z < 0.055)
    riser = (near < 0.024) & (z >= 0.055) & (z < 0.115)
    return np.where(riser, 2, (plate | boss).astype(np.uint8)).astype(np.uint8)


def made_up_outcome(*, cell: float = CELL, stopped: bool = False) -> Outcome:
    """Return a run whose times grow with the square of the depth below the surface, as Chvorinov's rule has it."""
    grid = Grid(
        *(cell * np.arange(round((b - a) / cell) + 1) + a for a, b in ((-0.04, 0.2), (-0.04, 0.12), (-0.04, 0.156)))
    )
    part = made_up_part(grid)
    depth = ndimage.distance_transform_edt(np.pad(part, 1) > 0)[1:-1, 1:-1, 1:-1] * cell
    depth = ndimage.gaussian_filter(depth, 1.2)
    time = np.where(part > 0, 9e5 * depth**2 + 5, np.nan).astype(np.float32)
    if stopped:
        time[time > 0.7 * np.nanmax(time)] = np.nan
    last = np.unravel_index(np.nanargmax(time), time.shape)
    x, y, z = grid.centres
    place = (float(x[last[2]]), float(y[last[1]]), float(z[last[0]]))
    void = np.zeros(grid.shape, dtype=np.float32)
    void[(part == 2) & (np.arange(grid.shape[0])[:, None, None] > 32)] = 0.8
    porosity = np.where(part > 0, 0.01 * np.clip(depth / 0.02, 0, 1), np.nan).astype(np.float32)
    spots = (
        Spot(1, place, float(np.nanmax(time)), bilingual("riser 1", "冒口1")),
        Spot(2, (0.045, 0.04, 0.03), 240.0, bilingual("casting", "铸件")),
        Spot(3, (0.11, 0.04, 0.01), 80.0, bilingual("casting", "铸件")),
    )
    return Outcome(
        title="bracket <17> & Söhne",
        made=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        grid=grid,
        part=part,
        time_solidus=time,
        void=void,
        porosity=porosity,
        fields={"solidification_time [s]": time, "part": part},
        bodies=made_up_bodies(),
        settings=(
            Setting("alloy", bilingual("Alloy", "合金"), verbatim("A356"), SOURCE),
            Setting("cell", bilingual("Cell size", "网格尺寸"), verbatim("4 mm")),
            Setting("ambient", bilingual("Air", "空气"), verbatim("20 °C"), assumed=True),
        ),
        figures=(
            Figure("volume", bilingual("Volume", "体积"), 371.2, "cm3"),
        ),
        residuals=(
            Figure("energy_residual", bilingual("Energy residual", "能量残差"), 3.2e-6, "1"),
            Figure("mass_residual", bilingual("Mass residual", "质量残差"), None, "1", bilingual("none", "未判定")),
        ),
        spots=spots,
        cavities=(Cavity(1, (0.045, 0.04, 0.1), 1.2e-5, bilingual("riser 1", "冒口1")),),
        judgements=(
            Judgement(bilingual("Shrinkage cavities", "缩孔"), "met", verbatim("0 mm³"), verbatim("0 mm³"),
                      bilingual("all cavities lie in risers", "缩孔均位于冒口内"), SOURCE),
            Judgement(bilingual("Niyama criterion", "Niyama判据"), "not applicable", verbatim("—"), verbatim("—"),
                      bilingual("it does not address made-up metals", "该判据不适用于虚构金属")),
        ),
        notes=(bilingual("A note.", "说明。"),),
        sources=(SOURCE,),
        hashes={"part": "0" * 64, "settings": "f" * 64},
        timings={"freeze": 1.5},
    )  # fmt: skip
