"""Condition of a plant's own machines: OEE from records and power, linings of heats, cards from tags."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from forgecast.ground.errors import ForgecastError
from forgecast.tasks.condition_values import SignalsAsked, read_signals
from forgecast.tasks.estimate_life import estimate_life
from forgecast.tasks.explain_fault import explain_fault
from forgecast.tasks.find_changes import find_changes
from forgecast.tasks.rate_machine import rate_machine
from forgecast.tasks.track_lining import track_lining
from tests.tasks.making import made_plant

HOURS = 2000


def shifts() -> dict[str, str]:
    state = ["equipment,started_at,ended_at,state", "P1,2025-01-06 08:00,2025-01-06 09:00,setup",
             "P1,2025-01-06 09:00,2025-01-06 13:00,running", "P1,2025-01-06 13:00,2025-01-06 14:00,breakdown",
             "P1,2025-01-06 15:00,2025-01-06 18:00,running"]  # fmt: skip
    output = ["equipment,started_at,ended_at,total,good,ideal_cycle [s]",
              "P1,2025-01-06 08:00,2025-01-06 14:00,200,190,60",
              "P1,2025-01-06 15:00,2025-01-06 18:00,150,,60"]  # fmt: skip
    equipment = ["id,kind", "P1,forging_press", "F1,induction_furnace"]
    return {"machine_state": "\n".join(state), "machine_output": "\n".join(output), "equipment": "\n".join(equipment)}


def test_oee_of_records_with_what_is_missing(tmp_path: Path) -> None:
    rating = rate_machine(made_plant(tmp_path, shifts()), "P1")
    found = rating.effectiveness
    assert rating.moment(found.start) == "2025-01-06 08:00"
    assert found.actual_production_time == 7 * 3600
    assert found.planned_busy_time == 9 * 3600
    assert found.not_known_time == 3600
    assert found.quality.value == pytest.approx(190 / 200)
    assert found.quality.low == pytest.approx(190 / 350)
    assert found.quality.high == pytest.approx(340 / 350)
    assert found.oee.low == pytest.approx(190 * 60 / 36000)
    # Nobody judged 150 pieces and nobody knows one hour: at best all are good and the hour passed at the ideal cycle.
    assert found.oee.high == pytest.approx((340 * 60 + 3600) / 36000)
    with pytest.raises(ForgecastError, match="nothing on record"):
        rate_machine(tmp_path / "plant", "F1")


def test_states_come_from_the_power_where_none_are_on_record(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    hour = np.arange(HOURS) % 24
    power = np.where(hour < 8, 1.0, np.where(hour < 10, 50.0, 400.0)) * (1 + 0.05 * rng.normal(size=HOURS))
    tags = "id,measures,unit,equipment\nF1.P,active_power,kW,F1"
    plant = made_plant(tmp_path, {**shifts(), "tag": tags}, {"F1.P": power})
    rating = rate_machine(plant, "F1")
    assert rating.thresholds is not None
    assert 60.0 < rating.thresholds.running_from < 350.0
    # Sixteen hours a day are planned, fourteen of them run.
    assert rating.effectiveness.availability.value == pytest.approx(14 / 16, abs=0.01)
    assert rating.effectiveness.oee.value is None


def heats() -> str:
    rng = np.random.default_rng(2)
    rows, at = (
        ["id,tapped_at,furnace,charge_mass [kg],tap_temperature_degC,energy_kWh,lining"],
        datetime(2025, 1, 2, tzinfo=UTC),
    )
    for n in range(250):
        mass, hot = 3000 + 100 * rng.normal(), 1480 + 15 * rng.normal()
        energy = (540.0 - 0.25 * (n % 90) + 0.3 * (hot - 1480) + 3.0 * rng.normal()) * mass / 1000.0
        at += timedelta(hours=2)
        rows.append(f"H{n},{at:%Y-%m-%d %H:%M},F1,{mass:.0f},{hot:.0f},{energy:.0f},L{n // 90}")
    return "\n".join(rows)


def test_the_lining_of_a_plants_furnace(tmp_path: Path) -> None:
    plant = made_plant(tmp_path, {"heat": heats(), "equipment": "id,kind\nF1,induction_furnace"})
    answer = track_lining(plant)
    assert answer.furnace == "F1"
    assert [one.heats for one in answer.wear.campaigns] == [90, 90, 70]
    for one in answer.wear.campaigns:
        assert one.slope_low - 0.05 <= -0.25 <= one.slope_high + 0.05
    effect = {name: value for name, value, _ in answer.wear.effects}
    assert effect["tap_temperature_degC"] == pytest.approx(0.3, abs=0.06)
    assert "conditions that most heats lack" in " ".join(str(note) for note in answer.notes)
    assert answer.wear.left_low is not None
    assert answer.wear.left_low <= 20.0
    with pytest.raises(ForgecastError, match="no heats"):
        track_lining(plant, furnace="F9")
    # Two ended linings are too few to tell a life, and the running one has not ended.
    with pytest.raises(ForgecastError, match="2 failures"):
        estimate_life(plant)


def furnace_plant(folder: Path) -> Path:
    rng = np.random.default_rng(3)
    at = np.arange(HOURS)
    leak = 8.0 + 5.0 * (at >= 1400) + 0.5 * rng.normal(size=HOURS)
    water = 70.0 + 0.8 * rng.normal(size=HOURS)
    power = 600.0 + 25.0 * (at >= 1400) + 10.0 * rng.normal(size=HOURS)
    tags = (
        "id,measures,unit,equipment\nF1.leak,leakage_current,mA,F1\nF1.water,cooling_water_flow,m3/h,F1\n"
        "F1.P,active_power,kW,F1"
    )
    return made_plant(folder, {"equipment": "id,kind\nF1,induction_furnace", "tag": tags},
                      {"F1.leak": leak, "F1.water": water, "F1.P": power})  # fmt: skip


def test_a_card_out_of_a_furnaces_own_tags(tmp_path: Path) -> None:
    plant = furnace_plant(tmp_path)
    answer = explain_fault(plant, machine="F1")
    seen = {one.key for one in answer.card.signs if one.seen}
    assert {"leakage_current:up", "active_power:up"} <= seen
    assert "cooling_water_flow:down" not in seen
    assert answer.card.causes[0].id == "lining_thin"
    words = " ".join(str(one.words) for one in answer.card.signs if one.seen)
    # 1,400 hours after 1 January 00:00, with the levels before and after.
    assert "8.0" in words or "7.9" in words
    assert "2025-02-28" in words
    with pytest.raises(ForgecastError, match="no machine F9"):
        explain_fault(plant, machine="F9")


def test_a_tag_is_averaged_over_local_days(tmp_path: Path) -> None:
    plant = furnace_plant(tmp_path)
    watched = read_signals(plant, SignalsAsked(("F1.leak",), every=86_400.0))
    assert watched.moment(1).endswith("00:00:00")
    answer = find_changes(watched, trials=0)
    (one,) = answer.found.changes
    assert one.size_low < 5.0 < one.size_high
    with pytest.raises(ForgecastError, match="no readings of F1"):
        read_signals(plant, SignalsAsked(("F1.nothing",)))
