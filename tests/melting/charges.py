"""Charge problems that several tests share."""

from __future__ import annotations

import numpy as np

from forgecast.melting.material import (
    ChargeProblem,
    Content,
    Furnace,
    Limit,
    Material,
    Recoveries,
    Recovery,
    ShareLimit,
)

SURE = Recoveries(tuple(Recovery("*", e, 1.0, 0.0) for e in ("C", "Si", "Mn", "Cu")))


def material(name, price, c=0.0, si=0.0, mn=0.0, cu=0.0, *, kind="scrap", spread=0.0, **more):
    """Return a material with contents in per cent and spreads as a share of them."""
    parts = {"C": c, "Si": si, "Mn": mn, "Cu": cu}
    contents = {e: Content(v / 100, spread * v / 100) for e, v in parts.items()}
    return Material(name, kind, contents, price, more.pop("metal_yield", 1.0), more.pop("most", 1e5), **more)


def iron(**more) -> ChargeProblem:
    """Return a small charge of grey iron: pig, clean and dirty steel, returns, FeSi, carburiser."""
    scale = more.pop("spread", 0.0)
    materials = (
        material("pig", 3.6, 4.2, 1.2, 0.3, 0.01, kind="pig", spread=scale),
        material("clean steel", 3.1, 0.1, 0.2, 0.5, 0.05, spread=scale),
        material("dirty steel", 2.2, 0.2, 0.2, 0.6, 0.6, spread=scale),
        material("returns", 2.0, 3.3, 2.0, 0.6, 0.2, kind="returns", spread=scale, most=400.0),
        material("FeSi", 9.0, 0.1, 75.0, 0.0, 0.0, kind="fesi"),
        material("carburiser", 6.0, 98.0, 0.0, 0.0, 0.0, kind="carbon"),
    )
    limits = (
        Limit("C", {"C": 1.0}, 0.0325, 0.0340),
        Limit("Si", {"Si": 1.0}, 0.0190, 0.0210),
        Limit("Mn", {"Mn": 1.0}, None, 0.0060),
        Limit("Cu", {"Cu": 1.0}, None, 0.0020),
        Limit("CE", {"C": 1.0, "Si": 1 / 3}, 0.0390, 0.0405),
    )
    shares = (ShareLimit("returns", frozenset({"returns"}), 0.0, 0.5),)
    return ChargeProblem(materials, limits, more.pop("furnace", Furnace(1000.0, 1000.0)), SURE, shares, **more)


def large(count=60, confidence=0.95, seed=1) -> ChargeProblem:
    """Return a made-up charge of many materials and 15 elements, most limits near to binding."""
    rng = np.random.default_rng(seed)
    names = [f"E{i}" for i in range(15)]
    held = rng.uniform(0.0, 0.02, (count, 15))
    price = 2 + 60 * held[:, :3].sum(1) + rng.uniform(0, 1, count) - 20 * held[:, 10:].sum(1)
    materials = tuple(
        Material(
            f"m{i}",
            f"k{i % 5}",
            {e: Content(held[i, j], 0.05 * held[i, j]) for j, e in enumerate(names)},
            price[i],
            0.97,
            rng.uniform(200, 2000),
        )
        for i in range(count)
    )
    recoveries = Recoveries(tuple(Recovery("*", e, 0.95, 0.01) for e in names))
    limits = tuple(Limit(e, {e: 1.0}, 0.0095 if j < 3 else None, 0.0105) for j, e in enumerate(names))
    return ChargeProblem(materials, limits, Furnace(3000, 3000), recoveries, confidence=confidence)
