"""The honest scores that the example's page prints come out again, and nothing leaks into them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from examples import which_shots_will_be_rejected as example
from forgecast.quality.reject.score import Scores
from forgecast.tasks.learn_rejects import RejectStudy

#: Percent. The page rounds to half a percent; another version of the trees' library cuts its bins a little otherwise.
TOLERANCE = 3.0


@pytest.fixture(scope="module")
def study(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> RejectStudy:
    return example.run(shared / "data", tmp_path_factory.mktemp("rejects") / "plant")


def printed(line: str) -> list[float]:
    assert example.__doc__ is not None
    (found,) = re.findall(rf"^ *{re.escape(line)} +(\d+) % +(\d+) %$", example.__doc__, re.MULTILINE)
    return [float(number) for number in found]


def scores(study: RejectStudy, kind: str) -> Scores:
    (one,) = study.of_kind(kind)  # type: ignore[arg-type]
    return one.scores


@pytest.mark.real_data
@pytest.mark.slow
@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("shots drawn by lot (FLATTERS)", "random"),
        ("later days", "later"),
        ("new dies 8413 and 8576, later", "new_mould"),
    ],
)
def test_the_page_prints_the_scores(study: RejectStudy, line: str, kind: str) -> None:
    got = scores(study, kind)
    assert [100.0 * got.precision.value, 100.0 * got.found.value] == pytest.approx(printed(line), abs=TOLERANCE)


@pytest.mark.real_data
@pytest.mark.slow
def test_the_page_prints_the_coverage_and_the_watch_objects(study: RejectStudy) -> None:
    assert example.__doc__ is not None
    (said,) = re.findall(r"holds for (\d+) % of the good shots", example.__doc__)
    assert 100.0 * scores(study, "later").good_covered.value == pytest.approx(float(said), abs=TOLERANCE)
    objections = " ".join(str(one) for one in study.watch.objections())
    assert "90 % were promised" in objections
    assert "stirring" in objections


@pytest.mark.real_data
@pytest.mark.slow
def test_the_flag_of_trial_shots_and_the_trials_are_left_out(study: RejectStudy) -> None:
    """README: "All 1,894 try shots (D) are labelled reject: the flag leaks the label"; 90,177 shots."""
    (flag,) = [one for one in study.left_out if one.feature.name == "trial"]
    assert flag.precision == 1.0
    names = {one.name for one in study.model.features}
    assert not names & {"trial", "number_of_day", "id", "shot_at", "die", "data_part", "result"}
    assert "cast_pressure_bar" in names
    assert (study.taken.trials, len(study.taken.pieces)) == (1_894, 90_177)
    assert sum(one.scores.pieces for one in study.of_kind("unseen_mould")) == 90_177 - 1_894


@pytest.mark.real_data
@pytest.mark.slow
def test_the_moulds_of_the_second_part_are_new_and_never_seen(study: RejectStudy) -> None:
    """README: "Moulds 8413 and 8576 occur only in part b: a natural unseen-mould test"."""
    (new,) = study.of_kind("new_mould")
    assert new.moulds == ("8413", "8576")
    assert {one.moulds for one in study.of_kind("unseen_mould")} >= {("8413",), ("8576",)}
    flattered = scores(study, "random").precision.value
    assert flattered > max(scores(study, "later").precision.high, new.scores.precision.high)
    json.dumps(study.as_json(), allow_nan=False)


def test_no_picture_may_be_put_into_the_repository(root: Path) -> None:
    script = root / "examples" / "which_shots_will_be_rejected.py"
    words = [sys.executable, str(script), "--data", "x", "--out", str(root / "x")]
    done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "internal use only" in done.stderr
    assert not (root / "x").exists()


@pytest.mark.real_data
@pytest.mark.slow
def test_the_script_ends_with_its_pictures(root: Path, shared: Path, tmp_path: Path) -> None:
    script = root / "examples" / "which_shots_will_be_rejected.py"
    words = [sys.executable, str(script), "--data", str(shared / "data"), "--out", str(tmp_path / "out")]
    done = subprocess.run(
        words, stdin=subprocess.DEVNULL, capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr
    assert "FLATTERS" in done.stdout
    pictures = sorted((tmp_path / "out").glob("*.png"))
    assert [one.name for one in pictures] == ["rejects.en.png", "rejects.zh.png"]
    assert all(one.read_bytes().startswith(b"\x89PNG") for one in pictures)
