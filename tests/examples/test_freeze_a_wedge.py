"""The wedge: it freezes from the thin end, and a riser takes the cavity out of the casting."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from examples import freeze_a_wedge
from forgecast.app.casting.outcome import Outcome

#: Coarse, so that the test is quick: five cells in the thick end.
CELL = 0.01


@pytest.fixture(scope="module")
def bare() -> Outcome:
    return freeze_a_wedge.run(CELL)


@pytest.fixture(scope="module")
def fed() -> Outcome:
    return freeze_a_wedge.run(CELL, riser=True)


def figure(outcome: Outcome, name: str) -> float:
    (found,) = [one.value for one in outcome.figures if one.name == name]
    assert found is not None
    return found


def test_the_front_runs_from_the_thin_end_to_the_thick_one(bare: Outcome) -> None:
    x, _, _ = bare.grid.centres
    columns = np.nanmax(np.where(bare.part == 1, bare.time_solidus, np.nan), axis=(0, 1), initial=-1.0)
    inside = (x > 0.06) & (x < 0.17)  # within half a thickness of its end the thick end cools through that end too
    assert (np.diff(columns[inside]) < 0.0).all()


def test_the_bare_wedge_pays_with_a_cavity_and_the_riser_takes_it(bare: Outcome, fed: Outcome) -> None:
    assert bare.spots[0].body.say("en") == "casting"
    assert fed.spots[0].body.say("en") == "riser 1"
    # a steel contracts by some percent from pour to solidus, and the wedge has 300 cm3
    assert 3.0 < figure(bare, "cavity_volume") + figure(bare, "porosity_volume") < 30.0
    assert figure(bare, "cavity_volume") > 1.0
    assert figure(fed, "cavity_volume") == pytest.approx(0.0, abs=1e-9)
    assert all(cavity.body.say("en") == "riser 1" for cavity in fed.cavities)


@pytest.mark.parametrize("which", ["bare", "fed"])
def test_the_balances_close(which: str, request: pytest.FixtureRequest) -> None:
    residuals = {one.name: one.value for one in request.getfixturevalue(which).residuals}
    assert residuals["energy_residual"] <= 1e-4
    assert abs(residuals["mass_residual"]) < 5e-3


@pytest.mark.slow
def test_the_script_ends_with_two_folders(root: Path, tmp_path: Path) -> None:
    words = [sys.executable, str(root / "examples" / "freeze_a_wedge.py"), "--out", str(tmp_path / "out")]
    done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for name in ("bare", "with_riser"):
        assert (tmp_path / "out" / name / "summary.json").is_file()
        assert (tmp_path / "out" / name / "report.pdf").read_bytes().startswith(b"%PDF-")
