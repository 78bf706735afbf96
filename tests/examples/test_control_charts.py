"""The examples of control charts find what their data hold: documented changes of real shafts, and a known shift."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from examples import control_charts_of_forgings, find_a_shift


@pytest.mark.real_data
def test_the_shafts_move_and_have_no_capability(shared: Path, tmp_path: Path) -> None:
    """README of forge-afrc-cmm: jumps up after seq 63 and seq 81."""
    chart, judged = control_charts_of_forgings.run(shared / "data", tmp_path / "plant")
    moving = chart.groups[0].panels[1]
    assert {63, 81} <= set(moving.flagged.tolist())
    assert judged.groups[0].found.cpk is None
    assert judged.groups[0].outside == 0


def test_limits_of_the_first_bores_see_the_new_pin_at_its_first_bores() -> None:
    learnt, from_all = find_a_shift.run(), find_a_shift.run(None)
    beyond = learnt.groups[0].panels[0].marks[0].at
    truth = find_a_shift.CHANGED
    # A step of three deviations, less what a bore scatters by itself: one of the first few lies beyond.
    assert truth <= beyond[beyond >= truth][0] <= truth + 3
    # What was true before the wear began, within three standard errors of thirty bores.
    centre = learnt.groups[0].panels[0].centre[0]
    assert abs(centre - find_a_shift.NOMINAL) < 3 * find_a_shift.SCATTER / np.sqrt(find_a_shift.LEARNT)
    # The wear is flagged before the pin is changed.
    flagged = learnt.groups[0].panels[0].flagged
    assert ((flagged > find_a_shift.LEARNT) & (flagged < truth)).any()
    early = from_all.groups[0].panels[0].marks[0].at
    assert early.size < beyond.size
