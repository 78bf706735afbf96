"""The example of the ring test sees what it says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from examples import a_ring_tells_friction

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("m", [0.05, 0.3])
def test_the_friction_is_found_within_its_interval(m: float) -> None:
    found = [a_ring_tells_friction.run(m, seed) for seed in (1, 2, 3)]
    held = [abs(one.m - m) <= one.halfwidth for one in found]
    assert sum(held) >= 2  # each holds with 95 %: fewer than two of three happens once in 140
    assert np.mean([one.m for one in found]) == pytest.approx(m, abs=0.01)


def test_high_friction_is_told_less_sharply() -> None:
    low, high = (a_ring_tells_friction.run(m) for m in (0.05, 0.6))
    assert high.halfwidth > 2.5 * low.halfwidth


def test_it_is_short_and_both_pages_list_it() -> None:
    script = "a_ring_tells_friction.py"
    assert len((ROOT / "examples" / script).read_text(encoding="utf-8").splitlines()) < 80
    for page in ("README.md", "README.zh.md"):
        assert f"]({script})" in (ROOT / "examples" / page).read_text(encoding="utf-8")
