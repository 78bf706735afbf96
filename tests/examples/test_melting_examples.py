"""The examples of melting see what they say."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from examples import a_charge_with_copper, a_cup_with_known_truth

ROOT = Path(__file__).parents[2]
SCRIPTS = ("a_charge_with_copper.py", "a_cup_with_known_truth.py")


@pytest.mark.parametrize("confidence", [0.5, 0.95])
def test_copper_holds_as_often_as_promised(confidence: float) -> None:
    answer = a_charge_with_copper.run(confidence)
    # Four standard errors of a share in 10^5 draws.
    assert a_charge_with_copper.drawn_share(answer) == pytest.approx(confidence, abs=0.0064)


def test_certainty_takes_a_third_of_the_mixed_scrap_away() -> None:
    sure, mean = a_charge_with_copper.run(0.95), a_charge_with_copper.run(0.5)
    at = sure.problem.names.index(a_charge_with_copper.SCRAP)
    assert 0.6 < sure.mix.masses[at] / mean.mix.masses[at] < 0.75
    (copper,) = [one for one in sure.marginals if one.name == "Cu"]
    # 1 % of the limit of 0.30 %, a tonne of metal.
    assert 1000.0 * copper.saving * 0.00003 / sure.mix.liquid_mass == pytest.approx(2.5, abs=0.1)
    assert sure.generations is not None
    assert sure.generations.mixes[-1].cost_per_tonne > sure.mix.cost_per_tonne + 10.0


def test_the_cup_is_read_to_a_tenth_of_a_kelvin_and_a_wide_window_flattens_it() -> None:
    answer, (low, high, fastest) = a_cup_with_known_truth.run(4.0)
    features = answer.features
    assert features.liquidus is not None
    assert features.eutectic is not None
    assert features.liquidus.high.temperature == pytest.approx(a_cup_with_known_truth.LIQUIDUS, abs=0.1)
    assert features.eutectic.low.temperature == pytest.approx(low, abs=0.1)
    assert features.eutectic.high.temperature == pytest.approx(high, abs=0.1)
    rise = features.eutectic.fastest
    # The bias told is what the rise lacks, to a tenth of it and the rate's noise.
    assert rise.rate - rise.rate_bias == pytest.approx(fastest, abs=0.1)
    # Latent heat over heat capacity of the cup, by Newton's baseline.
    assert answer.fraction is not None
    assert answer.fraction.latent_over_capacity == pytest.approx(a_cup_with_known_truth.LATENT, rel=0.02)
    wide, _ = a_cup_with_known_truth.run(20.0)
    assert wide.features.eutectic is not None
    assert wide.features.eutectic.low.temperature > low + 2.0


@pytest.mark.parametrize("script", SCRIPTS)
def test_it_is_short_and_both_pages_list_it(script: str) -> None:
    assert len((ROOT / "examples" / script).read_text(encoding="utf-8").splitlines()) < 80
    for page in ("README.md", "README.zh.md"):
        assert f"]({script})" in (ROOT / "examples" / page).read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.parametrize("script", SCRIPTS)
def test_the_script_runs(script: str, tmp_path: Path) -> None:
    words = [sys.executable, str(ROOT / "examples" / script), "--out", str(tmp_path / "out")]
    done = subprocess.run(words, capture_output=True, text=True, encoding="utf-8", check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "summary.json").is_file()
