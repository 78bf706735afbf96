"""Read a cooling curve that was made here, so that the truth is known: what is found, and what smoothing hides.

Problem. A cup of hypoeutectic iron is recorded ten times a second with a noise of 0.1 K. Are liquidus, lowest and
highest eutectic temperature found, and how far does a wide smoothing window bend them?

Equations. (1 + L dfp/dT) dT/dt = -k (T - T0) + L (1 - fp) dfe/dt: dendrites fp on a line between liquidus and eutectic;
dfe/dt = g (TE - T)^2 (fe + s) (1 - fe) below TE alone, so the cup undercools and is lifted again (recalescence).

Data. None is read; every constant is made up.

What is seen. With 4 s the arrests are found to a tenth of a kelvin, and the bias told for the rate is what the rise
lacks. With 20 s the low is flattened by 2.7 K and the rise lost, more of it than half a window can tell.

Reference. `forgecast.melting.cooling_curve`, `forgecast.melting.smoothing`.
Run: python examples/a_cup_with_known_truth.py [--out folder]
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from forgecast.app.melting.write import write_curve
from forgecast.gateway.cooling_curve import CurveRecord
from forgecast.ground.texts import preferred_language
from forgecast.tasks.read_cooling_curve import CurveAnswer, CurveAsked, read_cooling_curve

LIQUIDUS, EUTECTIC, ROOM, START = 1480.0, 1427.0, 320.0, 1560.0  # [K]
LATENT, PRIMARY, COOLING, GROWTH, SEED, STEP = 260.0, 0.35, 2.2e-3, 1.2e-3, 2e-3, 0.01


def truth(seconds: float = 280.0) -> tuple[np.ndarray, np.ndarray]:
    """Return times [s] and temperatures [K] of the cup without noise, in steps of a hundredth of a second."""
    time = np.arange(0.0, seconds, STEP)
    curve, kelvin, frozen = np.full_like(time, START), START, 0.0
    for n in range(1, time.size):
        dendrites = LATENT * PRIMARY / (LIQUIDUS - EUTECTIC) if EUTECTIC < kelvin < LIQUIDUS and frozen < 0.01 else 0.0
        grow = GROWTH * max(EUTECTIC - kelvin, 0.0) ** 2 * (frozen + SEED) * (1.0 - frozen)
        kelvin += STEP * (LATENT * (1.0 - PRIMARY) * grow - COOLING * (kelvin - ROOM)) / (1.0 + dendrites)
        frozen, curve[n] = frozen + STEP * grow, kelvin
    return time, curve


def run(window: float = 4.0) -> tuple[CurveAnswer, tuple[float, float, float]]:
    """Return what is read with a window, and the eutectic's true low and high [K] and fastest rise [K/s]."""
    time, curve = truth()
    rise = np.diff(curve)
    low = int(np.flatnonzero(rise > 0.0)[0])
    noisy = curve[::10] + np.random.default_rng(1).normal(0.0, 0.1, curve[::10].size)
    record = CurveRecord("cup with known truth", time[::10], noisy, 0, ("time [s]", "T [K]"))
    asked = CurveAsked("iron", {}, {}, surroundings=ROOM, window=window)
    return read_cooling_curve(record, asked), (float(curve[low]), float(curve[low:].max()), float(rise.max()) / STEP)


def main() -> None:
    """Print truth and findings for two windows."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path)
    out = parser.parse_args().out
    table = Table("window 窗口 s", "TL °C", "TElow °C", "TEhigh °C", "fastest 最快回升 K/s", "bias 偏差 K/s")
    _, (low, high, fastest) = run()
    table.add_row("truth 真值", *(f"{kelvin - 273.15:.2f}" for kelvin in (LIQUIDUS, low, high)), f"{fastest:.2f}", "")
    for window in (4.0, 20.0):
        found = run(window)[0].features
        if found.liquidus is not None and (arrest := found.eutectic) is not None:
            seen = (found.liquidus.high.temperature, arrest.low.temperature, arrest.high.temperature)
            rates = (f"{arrest.fastest.rate:.2f}", f"{arrest.fastest.rate_bias:+.2f}")
            table.add_row(f"{window:g}", *(f"{kelvin - 273.15:.2f}" for kelvin in seen), *rates)
    Console().print(table)
    if out:
        Console().print(*write_curve(run()[0], out, preferred_language()))


if __name__ == "__main__":
    main()
