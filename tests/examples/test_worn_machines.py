"""The made-up machines hold the truth they claim."""

from __future__ import annotations

from pathlib import Path

import pytest

from examples import worn_machines
from forgecast.signals.condition.bearing import BearingState, judge_bearing, orders_of_bearing


def test_the_struck_race_is_named() -> None:
    verdict = judge_bearing(worn_machines.bearing(), worn_machines.RATE, worn_machines.SHAFT, orders_of_bearing("6205"))
    assert verdict.state is BearingState.INNER_RACE
    assert verdict.rate.confirmed


def test_the_files_are_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    worn_machines.main(tmp_path / "machines")
    assert capsys.readouterr().out == "inner_race; sampling rate confirmed: True\n"
    names = sorted(path.name for path in (tmp_path / "machines").iterdir())
    assert names == ["bearing.parquet", "blows.csv", "dies.csv", "heats.csv", "power.csv"]


def test_the_script_is_short() -> None:
    assert len(Path(worn_machines.__file__).read_text(encoding="utf-8").splitlines()) < 80
