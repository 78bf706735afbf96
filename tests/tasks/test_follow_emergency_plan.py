"""Measures of a warning: a stop that ran is not done, a fall is measured with its uncertainty, silence is not known."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from forgecast.ground.dates import Period, day_start_us
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.follow_emergency_plan import follow_emergency_plan
from tests.tasks.making import made_plant

PERIOD = Period(date(2025, 1, 1), date(2025, 2, 1))
TABLES = {
    "equipment": "id,kind\nCU,cupola\nIF,induction_furnace\nSB,shot_blast",
    "tag": "id,measures,unit,equipment,interval (s),reading\n"
    "CU.on,operating,,CU,3600,mean\nIF.e,energy,kWh,IF,3600,quantity",
    "pollution_warning": "level,from_time,until_time,source\norange,2025-01-10 00:00,2025-01-13 00:00,N1",
    "emergency_measure": "level,number,equipment,action,reduction_percent,measure\n"
    "orange,1,CU,stop,,Cupola stops\norange,2,IF,reduce,50,Half load\norange,3,,no_transport,,No lorries\n"
    "orange,4,SB,reduce,30,Less blasting\nred,1,IF,stop,,All stops",
}


def followed(folder: Path, *, cupola: float = 0.0, energy: float = 40.0, at: date = date(2025, 2, 1)):
    on, used = np.full(31 * 24, 1.0), 100.0 + np.tile([-2.0, 2.0], 31 * 12)
    used = used + np.repeat([0.0, 3.0, -3.0] * 11, 24)[: used.size]
    warned = slice(9 * 24, 12 * 24)
    on[warned], used[warned] = cupola, energy
    on[9 * 24] = 1.0  # an hour of running down
    with PlantFolder.open(made_plant(folder, TABLES, {"CU.on": on, "IF.e": used})) as plant:
        return follow_emergency_plan(plant, PERIOD, now_us=day_start_us(at, "Asia/Shanghai"))


def test_what_was_asked_and_done(tmp_path: Path) -> None:
    (warning,) = followed(tmp_path).warnings
    stop, half, lorries, blast = warning.measures
    assert (stop.done, stop.reduction.share) == (True, 1.0)
    assert half.done is True
    assert half.reduction.share == pytest.approx(0.6, abs=0.02)  # 40 of 100; the days before differ by 3
    assert (lorries.done, blast.done) == (None, None)


def test_a_stop_that_ran_and_a_fall_too_small_are_not_done(tmp_path: Path) -> None:
    answer = followed(tmp_path, cupola=1.0, energy=90.0)
    (warning,) = answer.warnings
    stop, half, *_ = warning.measures
    assert stop.done is False
    assert "ran in 70 hours" in str(stop.why)
    assert half.done is False
    records = {gap.record for gap in answer.gaps}
    assert records == {"ledger_entry", "machine_state / tag operating, energy: SB"}


def test_what_holds_now(tmp_path: Path) -> None:
    answer = followed(tmp_path, at=date(2025, 1, 11))
    assert answer.in_force is not None
    assert answer.in_force.level == "orange"
    assert [one.measure.text("equipment") for one in answer.in_force.measures if one.required == 1.0] == ["CU"]
    assert followed(tmp_path / "b", at=date(2025, 1, 14)).in_force is None


def test_no_plan_is_a_gap(tmp_path: Path) -> None:
    tables = {"equipment": TABLES["equipment"], "pollution_warning": TABLES["pollution_warning"]}
    with PlantFolder.open(made_plant(tmp_path, tables)) as plant:
        answer = follow_emergency_plan(plant, PERIOD, now_us=day_start_us(date(2025, 2, 1), "Asia/Shanghai"))
    assert [gap.record for gap in answer.gaps] == ["emergency_measure"]
    assert len(answer.tables()[0].rows) == 0
