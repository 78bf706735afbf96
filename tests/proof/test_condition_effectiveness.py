"""OEE: its identities, the balance of losses, and bounds that hold whatever the missing records would say."""

from __future__ import annotations

import numpy as np
import pytest

from forgecast.ground.errors import ForgecastError
from forgecast.signals.condition.effectiveness import Loss, Output, effectiveness_of
from forgecast.signals.condition.machine_time import NOT_KNOWN, Stretch, timeline

HOUR = 3_600_000_000


def shift(*parts: tuple[str, float]) -> list[Stretch]:
    made, at = [], 0.0
    for state, hours in parts:
        made.append(Stretch(round(at * HOUR), round((at + hours) * HOUR), state))
        at += hours
    return made


#: A shift of 10 h: 1 h off, 1 h set-up, 0.5 h breakdown, 0.5 h idle, 7 h running.
SHIFT = shift(("off", 1), ("setup", 1), ("running", 3), ("breakdown", 0.5), ("running", 4), ("idle", 0.5))
COUNTS = [Output(HOUR, 10 * HOUR, 360, 342, 60.0)]


def test_a_whole_record_gives_the_textbook_product() -> None:
    found = effectiveness_of(SHIFT, COUNTS, 0, 10 * HOUR)
    assert found.planned_busy_time == pytest.approx(9 * 3600)
    assert found.availability.value == pytest.approx(7 / 9)
    assert found.effectiveness.value == pytest.approx(360 * 60 / (7 * 3600))
    assert found.quality.value == pytest.approx(342 / 360)
    product = 1.0
    for one in (found.availability, found.effectiveness, found.quality):
        assert one.value is not None
        product *= one.value
    assert found.oee.value == pytest.approx(product, rel=1e-12)
    assert found.oee.value == pytest.approx(342 * 60 / (9 * 3600), rel=1e-12)
    for ratio in (found.availability, found.effectiveness, found.quality, found.oee):
        assert ratio.low == pytest.approx(ratio.value, rel=1e-12)
        assert ratio.high == pytest.approx(ratio.value, rel=1e-12)


def test_losses_add_up_to_the_window_and_the_good_rest_is_oee() -> None:
    found = effectiveness_of(SHIFT, COUNTS, 0, 12 * HOUR)
    assert sum(found.losses.values()) == pytest.approx(12 * 3600, rel=1e-12)
    assert found.losses[Loss.NOT_KNOWN] == pytest.approx(2 * 3600)
    assert found.losses[Loss.DEFECTS] == pytest.approx(18 * 60)
    assert found.losses[Loss.SPEED] == pytest.approx(7 * 3600 - 360 * 60)
    assert found.losses[Loss.GOOD] / found.planned_busy_time == pytest.approx(found.oee.value)


def test_unknown_time_is_neither_running_nor_down() -> None:
    known = effectiveness_of(SHIFT, COUNTS, 0, 10 * HOUR)
    found = effectiveness_of(SHIFT, COUNTS, 0, 12 * HOUR)
    assert found.availability.value == known.availability.value
    assert found.oee.value == known.oee.value
    assert found.availability.low == pytest.approx(7 / 11)
    assert found.availability.high == pytest.approx(9 / 11)


def test_bounds_hold_every_completion_of_what_is_missing() -> None:
    rng = np.random.default_rng(0)
    states = ("running", "idle", "setup", "breakdown", "off", "waiting_order", "waiting_material")
    for _ in range(300):
        parts = [(str(rng.choice(states)), float(rng.uniform(0.2, 2.0))) for _ in range(8)]
        whole = shift(*parts)
        end = whole[-1].end
        counts = []
        for one in whole:
            if one.state == "running":
                most = int(one.seconds / 60.0)
                total = int(rng.integers(0, most + 1))
                counts.append(Output(one.start, one.end, total, int(rng.integers(0, total + 1)), 60.0))
        true = effectiveness_of(whole, counts, 0, end)
        kept = [one for one in whole if rng.uniform() > 0.3]
        told = []
        for one in counts:
            what = rng.uniform()
            if what < 0.25:
                continue
            told.append(Output(one.start, one.end, one.total, None if what < 0.5 else one.good, one.ideal_cycle))
        # A count of pieces in a stretch whose state is not on record stays: pieces were made, when is not known.
        found = effectiveness_of(kept, told, 0, end)
        for name in ("availability", "oee", "quality"):
            truth, bound = getattr(true, name).value, getattr(found, name)
            if truth is None or bound.low is None or (name == "quality" and len(told) < len(counts)):
                continue
            assert bound.low - 1e-9 <= truth <= bound.high + 1e-9, name


def test_the_later_of_two_states_holds_and_is_told() -> None:
    filled, twice = timeline([Stretch(0, 4 * HOUR, "running"), Stretch(3 * HOUR, 5 * HOUR, "setup")], 0, 6 * HOUR)
    assert [(one.state, one.seconds / 3600) for one in filled] == [("running", 3), ("setup", 2), (NOT_KNOWN, 1)]
    assert twice == pytest.approx(3600)


def test_impossible_counts_are_refused() -> None:
    with pytest.raises(ForgecastError, match="impossible"):
        effectiveness_of(SHIFT, [Output(HOUR, 2 * HOUR, 5, 6, 60.0)], 0, 10 * HOUR)
    with pytest.raises(ForgecastError, match="overlap"):
        effectiveness_of(SHIFT, [Output(0, 2 * HOUR, 5, 5, 1.0), Output(HOUR, 3 * HOUR, 5, 5, 1.0)], 0, 10 * HOUR)
    with pytest.raises(ForgecastError, match="no meaning"):
        effectiveness_of(shift(("dancing", 1)), [], 0, HOUR)
