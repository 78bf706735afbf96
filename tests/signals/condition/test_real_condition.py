"""Condition on real data: bearings of a rig with their trap, a year of a steel plant, shots of die casting."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from forgecast.signals.condition.anomaly import find_anomalies
from forgecast.signals.condition.bearing import BearingState, judge_bearing, orders_of_bearing
from forgecast.signals.condition.change_point import find_changes
from forgecast.signals.condition.machine_time import power_thresholds
from forgecast.signals.condition.rotation_check import check_rate

pytestmark = pytest.mark.real_data

STATES = {
    "normal": BearingState.NO_FAULT_SEEN,
    "inner_race_0.007in": BearingState.INNER_RACE,
    "outer_race_0.007in_6oclock": BearingState.OUTER_RACE,
    "ball_0.007in": BearingState.ROLLING_ELEMENT,
}


def vibration(shared: Path) -> dict[str, tuple[np.ndarray, float, float]]:
    """Return for each state its record [g], true sampling rate [Hz] and shaft speed [Hz]."""
    table = pq.read_table(shared / "data/bearing-cwru/cwru_0hp_4conditions.parquet")
    condition = np.array(table["condition"].to_pylist())
    signal, rpm = table["de_g"].to_numpy(), table["rpm"].to_numpy()
    return {
        name: (signal[condition == name], 48_000.0 if name == "normal" else 12_000.0,
               float(rpm[condition == name][0]) / 60.0)
        for name in STATES
    }  # fmt: skip


@pytest.mark.parametrize("name", STATES)
def test_the_state_of_a_bearing_is_named(shared: Path, name: str) -> None:
    signal, rate, shaft = vibration(shared)[name]
    orders = orders_of_bearing("6205")
    assert judge_bearing(signal, rate, shaft, orders).state is STATES[name]
    # A third of it may be too short to tell, and is never named wrongly.
    for part in np.array_split(signal, 3):
        assert judge_bearing(part, rate, shaft, orders).state in (STATES[name], BearingState.NOT_KNOWN)


@pytest.mark.parametrize("name", STATES)
def test_the_trap_of_the_sampling_rate_is_found(shared: Path, name: str) -> None:
    signal, rate, shaft = vibration(shared)[name]
    other = 60_000.0 - rate  # 12 kHz for 48 kHz and the other way round
    right, wrong = check_rate(signal, rate, shaft), check_rate(signal, other, shaft)
    assert right.confirmed
    assert wrong.contradicts
    assert wrong.implied == rate
    assert judge_bearing(signal, other, shaft, orders_of_bearing("6205")).state is BearingState.NOT_KNOWN


def steel(shared: Path) -> np.ndarray:
    with gzip.open(shared / "data/steel-energy-15min/steel_industry_2018.csv.gz", "rt", encoding="utf-8") as file:
        return np.array([float(row["Usage_kWh"]) for row in csv.DictReader(file)])


def test_a_year_of_a_steel_plant_has_few_changes_once_weekdays_are_taken_out(shared: Path) -> None:
    day = steel(shared).reshape(-1, 96).sum(axis=1)
    weekday = np.arange(day.size) % 7  # 1 January 2018 was a Monday
    plain = find_changes(day, shortest=7, trials=0)
    without = day.copy()
    for one in range(7):
        without[weekday == one] -= np.median(day[weekday == one])
    found = find_changes(without, shortest=7, trials=10)
    # Sunday is a day of rest there: the medians say so, and without them the noise is far larger.
    assert np.median(day[weekday == 6]) < 0.3 * np.median(day[weekday < 5])
    assert found.noise < 0.8 * plain.noise
    assert 1 <= sum(one.probability < 0.01 for one in found.changes) <= 4
    first = found.changes[0]
    assert first.size < 0.0
    assert 25 <= first.at <= 60
    assert found.false_per_search is not None
    assert found.false_per_search < 2.0


def test_the_power_of_a_steel_plant_parts_into_rest_and_work(shared: Path) -> None:
    found = power_thresholds(4.0 * steel(shared))
    assert 30.0 < found.running_from < 150.0
    assert found.off_below is None  # its base load never falls to nothing


SIGNALS = (
    "molten_temp", "facility_operation_cycleTime", "production_cycletime", "low_section_speed", "high_section_speed",
    "cast_pressure", "biscuit_thickness", "upper_mold_temp1", "lower_mold_temp1", "sleeve_temperature",
    "physical_strength", "Coolant_temperature",
)  # fmt: skip


def test_anomalies_by_die_come_before_rejects(shared: Path) -> None:
    with gzip.open(shared / "data/hpdc-kamp/shots_labelled.csv.gz", "rt", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["tryshot_signal"] != "D"]
    table = np.array([[float(row[name]) if row[name] else np.nan for name in SIGNALS] for row in rows])
    die = np.array([row["mold_code"] for row in rows])
    bad = np.array([row["passorfail"] == "1" for row in rows])
    found = find_anomalies(table, SIGNALS, regimes=die, sound=~bad, false_alarm=0.005)
    judged = (found.part == 2) & np.isfinite(found.score)
    told = {}
    for name in np.unique(die):
        mine = judged & (die == name)
        if bad[mine].sum() >= 30:
            good_scores = np.sort(found.score[mine & ~bad])
            below = np.searchsorted(good_scores, found.score[mine & bad]) / good_scores.size
            told[name] = float(below.mean())
    # In order of time, each die by itself: a reject scores above most good shots of the same die (0.5 were chance).
    assert len(told) >= 4
    assert min(told.values()) > 0.7
    assert np.mean(list(told.values())) > 0.85
    # The overflow of a counter (65534) is an anomaly wherever it fell into the judged part, and its signal is named.
    overflow = np.flatnonzero(table[:, 3] > 60_000.0)
    for row in overflow:
        if judged[row]:
            alarm = next(one for one in found.alarms if one.first <= row <= one.last)
            assert alarm.worst != row or alarm.shares[0][0] == "low_section_speed"


def test_a_milling_table_of_a_simulation_shows_its_failures(shared: Path) -> None:
    path = shared / "data/condition-ai4i2020/ai4i2020.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    names = ("Air_temperature", "Process_temperature", "Rotational_speed", "Torque", "Tool_wear")
    table = np.array([[float(row[name]) for name in names] for row in rows])
    failed = np.array([row["Machine.failure"] == "1" for row in rows])
    found = find_anomalies(table, names, sound=~failed, false_alarm=0.01)
    judged = (found.part == 2) & np.isfinite(found.score)
    good = np.sort(found.score[judged & ~failed])
    above = float((np.searchsorted(good, found.score[judged & failed]) / good.size).mean())
    assert above > 0.6  # synthetic: a test of the way through, no claim about machines
