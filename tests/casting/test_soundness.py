"""Soundness: what decides, what does not, and where the places are."""

from __future__ import annotations

import numpy as np
import pytest

from forgecast.casting.constant import Constant
from forgecast.casting.criteria import niyama_thresholds
from forgecast.casting.pools import JudgingError
from forgecast.casting.shrinkage import Contraction, shrinkage
from forgecast.casting.soundness import Limits, overall, soundness
from forgecast.ground.citation import Source
from forgecast.ground.texts import verbatim
from forgecast.shape.grid import Grid

N = 10


def limit(value, confidence="primary"):
    return Constant(value, Source(verbatim("limit"), verbatim("order 17"), confidence))


def casting(*, riser=True, fraction=1.0, end=None):
    """A block of 10 cells of 1 cm, its upper half a riser or not; all freezes at once."""
    grid = Grid(*(np.linspace(0.0, 0.1, N + 1),) * 3)
    part = np.ones(grid.shape, np.uint8)
    if riser:
        part[5:] = 2
    metal = grid.volumes.astype(np.float32)
    at = np.full(grid.shape, 1.0, np.float32)
    last = 2 * at
    if end is not None:
        last[0] = np.nan
    voids = shrinkage(grid, part, metal, at, last, last, Contraction(0.0, 0.05, fraction), end_time=end)
    return grid, part, metal, voids


def by_name(judged):
    return {check.name: check for check in judged.checks}


GOOD = np.full((N, N, N), 2000.0)


def test_a_fed_casting_that_keeps_all_limits_is_sound():
    judged = soundness(*casting(), Limits(limit(0.001), limit(0.001), limit(1000.0)), niyama=GOOD)
    assert judged.word == "met"
    assert [check.word for check in judged.checks] == ["met"] * 3
    assert [check.figure for check in judged.checks] == [0.0, 0.0, 2000.0]
    assert all(check.spots == () for check in judged.checks)


def test_a_cavity_in_the_casting_is_found_with_place_and_size():
    judged = soundness(*casting(riser=False), Limits(limit(0.01), limit(0.001), limit(1000.0)), niyama=GOOD)
    cavity = by_name(judged)["cavity"]
    assert (judged.word, cavity.word) == ("not met", "not met")
    # 5 % of a litre, in the top layer.
    assert cavity.figure == pytest.approx((6.0 * 5e-5 / np.pi) ** (1 / 3))
    assert cavity.spots[0].place == pytest.approx((0.05, 0.05, 0.095))
    assert by_name(soundness(*casting(riser=False), Limits(limit(0.06))))["cavity"].word == "met"


def test_an_unverified_limit_decides_nothing_and_the_figure_is_shown():
    judged = soundness(
        *casting(riser=False), Limits(limit(0.01, "unverified"), limit(0.001), limit(1000.0)), niyama=GOOD
    )
    cavity = by_name(judged)["cavity"]
    assert (judged.word, cavity.word) == ("not known", "not known")
    assert cavity.figure > 0.01
    assert "order 17" in str(cavity.reason)
    recalled = niyama_thresholds("steel")[0]
    low = soundness(*casting(), Limits(niyama=recalled), niyama=0.001 * GOOD)
    assert by_name(low)["niyama"].word == "not known"
    assert by_name(low)["niyama"].figure == 2.0


def test_without_limits_only_nothing_missing_is_met():
    judged = by_name(soundness(*casting(), Limits(), niyama=GOOD))
    assert [judged[name].word for name in ("cavity", "microporosity", "niyama")] == ["met", "met", "not known"]
    judged = by_name(soundness(*casting(riser=False, fraction=0.5), Limits()))
    assert [judged[name].word for name in ("cavity", "microporosity", "niyama")] == ["not known"] * 3
    # The worst places are shown all the same; without a field there is no Niyama value.
    assert len(judged["cavity"].spots) == len(judged["microporosity"].spots) == 1
    assert judged["niyama"].figure is None


def test_microporosity_over_its_limit():
    judged = by_name(soundness(*casting(fraction=0.6), Limits(microporosity=limit(0.01))))
    micro = judged["microporosity"]
    assert (micro.word, len(micro.spots)) == ("not met", 1)
    assert micro.figure == pytest.approx(1.0 - 0.95 / 0.97, rel=1e-5)
    # The whole casting, the lower half of the block; the riser is not judged.
    assert micro.spots[0].place == pytest.approx((0.05, 0.05, 0.025))
    assert micro.spots[0].size == pytest.approx((6.0 * 5e-4 / np.pi) ** (1 / 3))


def test_low_niyama_values_in_the_casting_only():
    field = GOOD.copy()
    field[7, 2, 2] = 1.0
    assert by_name(soundness(*casting(), Limits(niyama=limit(1000.0)), niyama=field))["niyama"].word == "met"
    field[2, 2, 2:4] = [500.0, 300.0]
    check = by_name(soundness(*casting(), Limits(niyama=limit(1000.0)), niyama=field))["niyama"]
    assert (check.word, check.figure) == ("not met", 300.0)
    assert check.spots[0].place == pytest.approx((0.03, 0.025, 0.025))
    assert check.spots[0].worst == 300.0


def test_cells_without_a_niyama_value_leave_it_unknown():
    field = GOOD.copy()
    field[0, 0, 0] = np.nan
    check = by_name(soundness(*casting(), Limits(niyama=limit(1000.0)), niyama=field))["niyama"]
    assert check.word == "not known"
    assert "1 cells" in str(check.reason)


def test_a_criterion_that_does_not_apply_is_left_out():
    judged = soundness(*casting(), Limits(limit(0.01), limit(0.01), limit(1000.0)), niyama=0.1 * GOOD,
                       niyama_does_not_apply=verbatim("graphitic iron"))  # fmt: skip
    assert judged.word == "met"
    assert by_name(judged)["niyama"].word == "not applicable"


def test_an_unfinished_run_proves_no_soundness():
    judged = by_name(soundness(*casting(riser=True, end=3.0), Limits(limit(0.001), limit(0.5))))
    assert [judged[name].word for name in ("cavity", "microporosity")] == ["not known"] * 2
    assert by_name(soundness(*casting(riser=False, end=3.0), Limits(limit(0.001))))["cavity"].word == "not met"


def test_words_together():
    assert overall(["met", "not met", "not known"]) == "not met"
    assert overall(["met", "not known"]) == "not known"
    assert overall(["met", "not applicable"]) == "met"
    assert overall(["not applicable"]) == overall([]) == "not known"


def test_fields_that_do_not_fit_are_refused():
    with pytest.raises(JudgingError, match="shape"):
        soundness(*casting(), Limits(), niyama=GOOD[:1])
