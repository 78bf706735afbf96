"""Made-up machines whose wear is known: a struck bearing, a furnace's heats, press blows, lives of dies, a power."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from forgecast.signals.condition.bearing import judge_bearing, orders_of_bearing

RATE, SHAFT = 20_000.0, 25.0


def bearing() -> np.ndarray:
    """Return ten seconds of a 6205 whose inner race is struck, its load coming and going once a turn."""
    rng, t = np.random.default_rng(1), np.arange(int(10 * RATE)) / RATE
    signal = rng.normal(size=t.size) + sum(0.2 * np.sin(2 * np.pi * k * SHAFT * t) for k in (1, 2, 3))
    spacing = 1.0 / (orders_of_bearing("6205").bpfi * SHAFT)
    hits = np.cumsum(spacing * (1.0 + 0.002 * rng.normal(size=int(9.9 / spacing))))
    ring_time = np.arange(80) / RATE
    ring = np.exp(-ring_time / 0.0006) * sum(np.sin(2 * np.pi * f * ring_time) for f in (3000.0, 5200.0, 7000.0))
    for at in hits[hits < 9.9]:
        load = 0.55 + 0.45 * np.cos(2 * np.pi * SHAFT * at)
        signal[int(at * RATE) : int(at * RATE) + ring.size] += 6.0 * load * ring
    return signal


def lines() -> dict[str, list[str]]:
    """Return the rows of the CSV files, each with its header."""
    rng = np.random.default_rng(2)
    power, heats, blows, dies = ["t,P [kW]"], ["heat,energy [kWh/t],superheat [K],lining"], [], ["die,shots,failed"]
    for n in range(7 * 288):
        hour = n // 12 % 24
        mean = 2.0 if hour < 6 else 60.0 if n // 6 % 4 == 0 else 480.0
        moment = datetime(2026, 3, 2, tzinfo=UTC).replace(tzinfo=None) + timedelta(minutes=5 * n)
        if not 900 < n < 960:
            power.append(f"{moment},{mean * (1 + 0.05 * rng.normal()):.1f}")
    for n in range(280):
        hot = rng.normal(100.0, 20.0)
        heats.append(f"{n + 1},{560 - 0.3 * (n % 100) + 0.25 * hot + 3 * rng.normal():.1f},{hot:.0f},L{n // 100 + 1}")
    for n in range(120):
        peak = 5000.0 * (1 + 3e-4 * n + 0.01 * rng.normal()) * (1.25 if n == 90 else 1.0)
        blows += [f"{n + 1},{s:.1f},{peak * np.exp((s - 60) / 9):.1f}" for s in np.linspace(0.0, 60.0, 80)]
    for n, (end, seen) in enumerate(zip(60000 * rng.weibull(2.5, 40), rng.uniform(2e4, 9e4, 40), strict=True)):
        dies.append(f"D{n + 1},{min(end, seen):.0f},{int(end <= seen)}")
    return {"power": power, "heats": heats, "blows": ["blow,way [mm],force [kN]", *blows], "dies": dies}


def main(folder: Path) -> None:
    """Write the files and judge the bearing."""
    folder.mkdir(exist_ok=True)
    for name, rows in lines().items():
        (folder / f"{name}.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    pq.write_table(pa.table({"acc": bearing()}), folder / "bearing.parquet")
    verdict = judge_bearing(bearing(), RATE, SHAFT, orders_of_bearing("6205"))
    print(f"{verdict.state}; sampling rate confirmed: {verdict.rate.confirmed}")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "machines"))
