"""A forming run of a case: how the dies are set, what the bar says, and what is kept when the user ends it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from forgecast.forging.pressing import Ended
from forgecast.gateway.case_file import CaseError
from forgecast.gateway.press_case import PressCase, read_press_case
from forgecast.tasks.press_forging import done_share, press_forging, pressing_of

CASE = Path(__file__).parents[2] / "examples" / "forging" / "press.toml"


@pytest.fixture(scope="module")
def case() -> PressCase:
    return replace(read_press_case(CASE), side=0.006, thermal=None, die_metal=None)


def test_the_billet_stands_on_the_lower_die_and_the_upper_one_rests_on_it(case: PressCase) -> None:
    asked = pressing_of(case)
    foot = asked.outline[:, 1].min()
    assert asked.outline[:, 1].max() - foot == pytest.approx(0.0323, rel=1e-12)
    # The web of the lower die is the highest place below the billet; the upper die's lowest one touches its top.
    gap = asked.upper.nearest(np.array([[r, foot + 0.0323] for r in np.linspace(0.0, 0.025, 60)]))[0]
    assert gap.min() == pytest.approx(0.0, abs=1e-9)
    below = asked.lower.nearest(np.array([[r, foot] for r in np.linspace(0.0, 0.025, 60)]))[0]
    assert below.min() == pytest.approx(0.0, abs=1e-9)
    # Closed, the upper die is where it was drawn.
    assert asked.upper.moved(-asked.closing).profile == pytest.approx(case.upper, abs=1e-12)


def test_a_run_the_user_ends_keeps_what_was_there(case: PressCase) -> None:
    told: list[float] = []
    answer = press_forging(case, progress=told.append, stop=lambda: len(told) == 3)
    assert answer.stopped
    assert answer.run.ended is Ended.FAILED
    assert "the user ended it" in str(answer.run.why)
    assert len(answer.run.series.time) == 3
    assert len(answer.run.moments) >= 1
    assert any("no heat" in str(note) for note in answer.notes)


def test_the_bar_runs_from_nothing_to_all() -> None:
    shares = [done_share(way) for way in np.linspace(0.0, 1.0, 50)]
    assert shares[0] == 0.0
    assert shares[-1] == pytest.approx(1.0)
    assert np.all(np.diff(shares) > 0.0)
    # Half of the way is far less than half of the time: steps shorten towards the end.
    assert done_share(0.5) < 0.2


def test_a_profile_may_be_drawn_from_either_end(case: PressCase) -> None:
    assert np.all(case.lower[0, 0] < case.lower[-1, 0])
    assert np.all(case.upper[0, 0] > case.upper[-1, 0])


def test_a_billet_that_does_not_fit_is_refused(case: PressCase) -> None:
    with pytest.raises(CaseError, match="wider than the dies"):
        pressing_of(replace(case, diameter=0.2))
    with pytest.raises(CaseError, match="lower than the closed dies"):
        pressing_of(replace(case, height=0.002))
