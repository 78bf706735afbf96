"""The example of a boss and its riser sees what it says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from examples import riser_for_a_boss

ROOT = Path(__file__).parents[2]
#: Coarser than the example's own, that the test is quick.
CELL = 0.010


def test_the_bare_boss_is_hollow_and_the_loop_saves_metal():
    design = riser_for_a_boss.run(cell=CELL)
    (cavity,) = [t for t in design.rounds[0].troubles if t.kind == "cavity"]
    assert 0.4 * riser_for_a_boss.BOSS < cavity.size < 0.7 * riser_for_a_boss.BOSS
    assert design.rounds[1].sound
    assert design.casting_yield > design.rounds[1].casting_yield
    assert any(not one.sound for one in design.rounds[2:])


def test_a_sleeve_saves_more_and_its_use_is_told():
    plain = riser_for_a_boss.run(cell=CELL)
    sleeved = riser_for_a_boss.run(riser_for_a_boss.SLEEVED, cell=CELL)
    assert sleeved.sound
    assert sleeved.feeders[0].volume < plain.feeders[0].volume
    assert any("the volume rule counts on" in note.say("en") for note in sleeved.notes)


def test_it_is_short_and_both_pages_list_it():
    assert len((ROOT / "examples" / "riser_for_a_boss.py").read_text(encoding="utf-8").splitlines()) < 80
    for page in ("README.md", "README.zh.md"):
        assert "](riser_for_a_boss.py)" in (ROOT / "examples" / page).read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_script_runs():
    words = [sys.executable, str(ROOT / "examples" / "riser_for_a_boss.py")]
    done = subprocess.run(words, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    assert "→" in done.stdout
