"""Find a shift: limits learnt from the first points, and what they see of wear and of a new core pin.

Problem. A core pin wears. Ninety bores are measured as they come; for the first thirty the process is as it was set,
then the pin wears a little with every shot, and after the seventieth it is changed for one that is too thick. When does
a chart see either?

Data. SYNTHETIC, made here with known truth: bores of 25 mm, scatter 0.010 mm, wear 0.0006 mm a shot from shot 30 on, a
step of 0.030 mm at shot 70.

What is seen. With limits learnt from the first thirty bores the wear is flagged before the pin is changed, and the new
pin at its first bores. A chart of all ninety takes part of the shift for scatter and flags fewer.

Reference. `forgecast.quality.variable_charts`; proofs in tests/proof/test_quality_chart_proofs.py.

Run: python examples/find_a_shift.py --out shift
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from forgecast.app.cli.quality.chart import show_chart
from forgecast.app.quality.control_chart import draw_control_chart
from forgecast.ground.texts import LANGUAGES, bilingual, preferred_language
from forgecast.tasks.chart_quality import ChartPlan, QualityChart, chart_quality
from forgecast.tasks.watched import Column, Watched

BORES, LEARNT, CHANGED = 90, 30, 70
NOMINAL, SCATTER, WEAR, STEP = 25.0, 0.010, 0.0006, 0.030


def bores(seed: int = 3) -> Watched:
    """Return the bores in the order in which they were made."""
    at = np.arange(BORES)
    true = NOMINAL - WEAR * np.clip(at - LEARNT, 0, CHANGED - LEARNT) * (at < CHANGED) + STEP * (at >= CHANGED)
    measured = np.round(true + np.random.default_rng(seed).normal(0.0, SCATTER, BORES), 4)
    column = Column("bore", bilingual("Bore, synthetic", "孔径（虚构数据）"), "mm", measured)
    names = np.array([f"shot {n + 1}" for n in at], dtype=object)
    times = 1_741_564_800_000_000 + at.astype(np.int64) * 120_000_000
    return Watched("find_a_shift.py", (column,), {}, names, times, "Asia/Shanghai", np.ones(BORES), synthetic=True)


def run(baseline: int | None = LEARNT) -> QualityChart:
    """Chart the bores, with limits learnt from the first of them or from all."""
    return chart_quality(bores(), ChartPlan(baseline=baseline))


def main() -> None:
    """Print both charts and draw the one that learns from the first bores."""
    parser = argparse.ArgumentParser(description="When does a chart see a shift?")
    parser.add_argument("--out", type=Path, required=True, help="folder for the pictures")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    for baseline in (LEARNT, None):
        show_chart(run(baseline), preferred_language())
    for language in LANGUAGES:
        draw_control_chart(run(), given.out / f"bores.{language}.png", language)
        print(given.out / f"bores.{language}.png")


if __name__ == "__main__":
    main()
