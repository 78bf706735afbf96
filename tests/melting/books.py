"""Books of a made-up foundry: true masses that balance, measured with noise, with a fault hidden in them."""

from __future__ import annotations

import numpy as np

from forgecast.melting.metal_balance import STREAMS

MONTHS = tuple(f"2026-{m:02d}" for m in range(1, 13))


def truth(seed: int = 0, months: int = 12) -> dict[str, np.ndarray]:
    """Return masses in tonnes that balance in every month."""
    rng = np.random.default_rng(seed)
    poured = rng.uniform(300, 500, months)
    loss = rng.uniform(0.02, 0.04, months) * poured
    scrap, stock = rng.uniform(0.02, 0.06, months) * poured, rng.normal(0, 8, months)
    returns = rng.uniform(0.25, 0.45, months) * poured
    good = poured - scrap - returns - stock
    sold, yard = rng.uniform(0, 5, months), rng.normal(0, 6, months)
    charged = returns + scrap - sold - yard
    return {
        "new_metal": poured + loss - charged,
        "returns_charged": charged,
        "loss": loss,
        "poured": poured,
        "good": good,
        "returns": returns,
        "scrap": scrap,
        "stock_change": stock,
        "yard_change": yard,
        "sold": sold,
    }


def doubts(true: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return standard deviations: half a per cent of large streams, at least 0.3 t."""
    return {name: np.maximum(0.005 * np.abs(true[name]), 0.3) for name in STREAMS}


def measured(true, spread, seed: int = 0):
    """Return the masses with their noise."""
    rng = np.random.default_rng(1000 + seed)
    return {name: values + rng.normal(0.0, spread[name]) for name, values in true.items()}
