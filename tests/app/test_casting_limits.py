"""Limits of a casting as they are written on the command line."""

from __future__ import annotations

import pytest

from forgecast.app.casting.asked import limits_of
from forgecast.ground.errors import ForgecastError
from forgecast.metal.alloy import alloy


@pytest.mark.parametrize(
    ("words", "si"),
    # 1 °C^½ min^½/cm is sqrt(60) s^½ over 0.01 m.
    [("0.1 K^0.5 s^0.5/mm", 100.0), ("100 K^0.5 s^0.5/m", 100.0), ("1 K^0.5 min^0.5/cm", 60.0**0.5 / 0.01)],
)
def test_a_niyama_value_of_ones_own_decides(words, si):
    limit = limits_of(alloy("wcb"), None, None, words).niyama
    assert limit is not None
    assert limit.value == pytest.approx(si, rel=1e-12)
    assert limit.source.confidence == "primary"


def test_without_one_the_value_on_record_is_taken_with_its_confidence():
    limit = limits_of(alloy("wcb"), 0.004, 0.02, None)
    assert limit.niyama is not None
    assert limit.niyama.source.confidence == "unverified"
    assert limit.cavity is not None
    assert limit.cavity.value == 0.004


@pytest.mark.parametrize("words", ["0.1", "0.1 mm", "much K^0.5 s^0.5/mm", "-1 K^0.5 s^0.5/mm", "nan K^0.5 s^0.5/mm"])
def test_a_niyama_value_without_its_unit_is_refused(words):
    with pytest.raises(ForgecastError) as caught:
        limits_of(alloy("wcb"), None, None, words)
    assert "K^0.5 s^0.5/mm" in caught.value.say("en")
