"""A bath corrected through its task: what fades, what past heats teach, and what nobody has said."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from forgecast.gateway.case_file import CaseError
from forgecast.gateway.correction_case import CorrectionCase, read_correction_case
from forgecast.melting.material import Content
from forgecast.plant.rows import Value
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.correct_melt import correct_melt
from forgecast.tasks.melt_history import MeltHistory
from tests.tasks.melt_plant import empty_plant, moment, put

LADLE = Path(__file__).parents[2] / "examples" / "melting" / "ladle.toml"
SPREAD = {"Mg": 1e-5, "Si": 2e-4}
#: Hidden in the heats below: mean recovery of silicon, its scatter, and the rate of fading [1/s].
RECOVERY, SCATTER, RATE = 0.92, 0.015, 6.0e-4

Rows = list[dict[str, Value]]


def case(**changes: object) -> CorrectionCase:
    """Return the case of the examples with changes."""
    return replace(read_correction_case(LADLE), **changes)  # type: ignore[arg-type]


def heats(count: int, seed: int = 0, *, noise: float = 1.0) -> dict[str, Rows]:
    """Return heats with a melt-down sample, an addition of FeSi and a second sample, noise and all."""
    rng = np.random.default_rng(seed)
    found: dict[str, Rows] = {name: [] for name in ("heat", "sample", "charge_item", "lot")}
    found["lot"].append(
        {"id": "SI", "material": "nodulariser", "received_at": moment(1), "mass": 5e4, "Si_percent": 45.0}
    )  # fmt: skip
    for n in range(count):
        heat, added, tapped = f"H{n}", 40.0, 3000.0
        before = float(rng.uniform(1.2, 1.6))
        gained = added * 0.45 * (RECOVERY + noise * SCATTER * float(rng.normal()))
        after = 100.0 * ((tapped - added) * before / 100.0 + gained) / tapped
        day = 2 + n % 25
        found["heat"].append({"id": heat, "tapped_at": moment(1, day, 9), "furnace": "F", "alloy": "A", "mass": tapped})
        for number, (stage, minute, value) in enumerate((("melt_down", 0, before), ("adjusted", 20, after))):
            seen = value + 100.0 * noise * SPREAD["Si"] * float(rng.normal())
            found["sample"].append(
                {"id": f"{heat}-{number}", "heat": heat, "taken_at": moment(1, day, 8, minute), "stage": stage,
                 "Si_percent": seen}
            )  # fmt: skip
        found["charge_item"].append(
            {"heat": heat, "number": 1, "material": "nodulariser", "lot": "SI", "mass": added,
             "added_at": moment(1, day, 8, 10)}
        )  # fmt: skip
    return found


def ladles(count: int, seed: int = 0) -> dict[str, Rows]:
    """Return ladles treated and sampled after 2, 7 and 12 minutes."""
    rng = np.random.default_rng(seed)
    found: dict[str, Rows] = {"treatment": [], "sample": []}
    for n in range(count):
        day, start = 2 + n % 25, 0.05
        found["treatment"].append(
            {"id": f"T{n}", "ladle": f"L{n}", "kind": "nodularising", "started_at": moment(2, day, 8, 0),
             "ended_at": moment(2, day, 8, 1)}
        )  # fmt: skip
        for minute in (3, 8, 13):
            true = start * math.exp(-RATE * 60.0 * (minute - 1))
            found["sample"].append(
                {"id": f"L{n}-{minute}", "ladle": f"L{n}", "taken_at": moment(2, day, 8, minute), "stage": "ladle",
                 "Mg_percent": true + 100.0 * SPREAD["Mg"] * float(rng.normal())}
            )  # fmt: skip
    return found


@pytest.fixture
def opened(tmp_path: Path) -> Callable[..., PlantFolder]:
    """Return a maker of open plants with rows."""

    def make(rows: dict[str, Rows]) -> PlantFolder:
        plant = empty_plant(tmp_path / "p")
        put(plant, rows)
        return plant

    return make


def test_what_fades_in_the_bath_fades_in_the_addition_too() -> None:
    """By hand on the mean: (m0 w0 + r c x) κ = w (m0 + y x), κ = 2^(−8/20)."""
    answer = correct_melt(case(confidence=0.5))
    kept = 2.0 ** (-8.0 / 20.0)
    assert answer.faded[0].kept == pytest.approx(kept)
    by_hand = 1000.0 * (0.00035 - 0.00042 * kept) / (0.45 * 0.06 * kept - 0.00035 * 0.9)
    assert answer.correction.additions[0] == pytest.approx(by_hand, rel=1e-5)


def test_without_a_fading_or_a_time_nothing_is_promised() -> None:
    with pytest.raises(CaseError, match="how Mg fades is not known"):
        correct_melt(case(fades={}))
    with pytest.raises(CaseError, match="time to pouring is not told"):
        correct_melt(case(time_to_pouring=None))


def test_the_recovery_of_past_heats_is_found(opened: Callable[..., PlantFolder]) -> None:
    with opened(heats(40)) as plant:
        answer = correct_melt(case(limits=case().limits[1:], fades={}), plant)
        (learnt,) = answer.learnt
        assert (learnt.kind, learnt.element, learnt.found.heats) == ("nodulariser", "Si", 40)
        # The case's own recovery is its prior (95 ± 2 %); four standard deviations of what 40 heats leave.
        assert abs(learnt.found.mean - RECOVERY) < 4.0 * learnt.found.uncertainty
        # A heat's gain of 18 kg is known to √2 · 3000 kg · 0.02 %, 4.7 % of it: 40 heats leave 0.75 %.
        assert learnt.found.uncertainty < 0.0075
        # What is learnt goes before what the case states.
        found = answer.correction.problem.recoveries.find("nodulariser", "Si")
        assert found is not None
        assert found.mean == learnt.found.mean


def test_without_noise_the_recovery_is_the_hidden_one(opened: Callable[..., PlantFolder]) -> None:
    with opened(heats(4, noise=0.0)) as plant:
        found = MeltHistory(plant, {"Si": 1e-9}).recovery("nodulariser", "Si", 1e-9)
    assert found is not None
    assert found.mean == pytest.approx(RECOVERY, rel=1e-9)


def test_an_addition_that_was_not_alone_teaches_nothing(opened: Callable[..., PlantFolder]) -> None:
    rows = heats(6)
    rows["lot"].append(
        {"id": "X", "material": "ferrosilicon", "received_at": moment(1), "mass": 1e4, "Si_percent": 75.0}
    )
    rows["charge_item"] += [
        {"heat": f"H{n}", "number": 2, "material": "ferrosilicon", "lot": "X", "mass": 10.0,
         "added_at": moment(1, 2 + n, 8, 12)}
        for n in range(3)
    ]  # fmt: skip
    rows["charge_item"] += [  # its content is not on record: the pair cannot be reckoned
        {"heat": "H3", "number": 2, "material": "other", "mass": 10.0, "added_at": moment(1, 5, 8, 12)}
    ]
    with opened(rows) as plant:
        found = MeltHistory(plant, SPREAD).recovery("nodulariser", "Si", 0.01)
    assert found is not None
    assert found.heats == 2


def test_a_bad_burn_teaches_nothing(opened: Callable[..., PlantFolder]) -> None:
    rows = heats(5)
    rows["sample"][1] |= {"Si_percent": 9.0, "valid": False}
    with opened(rows) as plant:
        found = MeltHistory(plant, SPREAD).recovery("nodulariser", "Si", 0.01)
    assert found is not None
    assert found.heats == 4
    assert found.mean == pytest.approx(RECOVERY, abs=0.05)


def test_the_uncertainty_on_record_goes_before_that_of_the_case(opened: Callable[..., PlantFolder]) -> None:
    rows = heats(3) | {
        "measurement_uncertainty": [
            {"quantity": "Si_percent", "instrument": "all", "expanded": 0.06, "coverage_factor": 2.0}
        ]
    }
    with opened(rows) as plant:
        history = MeltHistory(plant, SPREAD)
        sample = plant.records.read("sample")[0]
        assert history.spread_of("Si", sample) == pytest.approx(0.0003)
        assert history.spread_of("Mg", sample) == SPREAD["Mg"]
        assert math.isnan(history.spread_of("C", sample))


def test_how_magnesium_fades_is_learnt_from_ladles(opened: Callable[..., PlantFolder]) -> None:
    with opened(ladles(12)) as plant:
        answer = correct_melt(case(fades={}), plant)
        fade = MeltHistory(plant, SPREAD).fade("Mg")
    assert fade is not None
    assert abs(fade.rate - RATE) < 4.0 * fade.rate_uncertainty
    # Times count from the end of the treatment: from its beginning all would start 3.6 % higher. Twelve ladles settle
    # that to 0.35 % by their samples and to as much again by the rate.
    assert float(np.mean(fade.starts)) == pytest.approx(0.0005, rel=0.015)
    assert fade.rate_uncertainty < 0.1 * RATE
    assert answer.faded[0].kept == pytest.approx(math.exp(-fade.rate * 480.0))
    assert "12 ladles" in answer.faded[0].basis.say("en")


def test_ladles_sampled_once_tell_no_fading(opened: Callable[..., PlantFolder]) -> None:
    rows = ladles(4)
    rows["sample"] = rows["sample"][::3]
    with opened(rows) as plant:
        assert MeltHistory(plant, SPREAD).fade("Mg") is None
        with pytest.raises(CaseError, match="how Mg fades is not known"):
            correct_melt(case(fades={}), plant)


def test_without_the_doubt_of_the_mass_history_is_left_aside_and_said_to(opened: Callable[..., PlantFolder]) -> None:
    with opened(heats(10)) as plant:
        answer = correct_melt(case(bath_mass_doubt=None), plant)
    assert answer.learnt == ()
    assert any("nothing was learnt" in note.say("en") for note in answer.notes)


def test_a_bath_beyond_help_is_told() -> None:
    answer = correct_melt(case(sample={"Mg": Content(0.00042, 1e-5), "Si": Content(0.04, 2e-4)}))
    assert not answer.correction.feasible
    assert answer.as_json()["confidence"] is None
