"""Rejects are learnt from a plant's records: what is left out is counted, and what cannot be learnt from is said."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from forgecast.ground.dates import from_us
from forgecast.ground.errors import ForgecastError
from forgecast.quality.reject.model import Boosting
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.import_files import import_files
from forgecast.tasks.inspected_pieces import inspected_pieces
from forgecast.tasks.learn_rejects import RejectStudy, learn_rejects
from tests.quality.shots import made_shots
from tests.tasks.making import made_plant

QUICK = Boosting(trees=30, rate=0.2)
HEADS = (
    "id,shot_at,die,number_of_day,trial,result,cast_pressure_bar (bar),melt_temperature_degC (°C),melt_volume_cm3 (cm3)"
)


def shot_table(*, waiting: int = 5, rework: int = 3) -> str:
    """Return made-up shots as a file: the last ones wait for their result, some before them are to be reworked."""
    shots = made_shots(days=40, per_day=50)
    n, lines = len(shots), [HEADS]
    for row in range(n):
        result = "reject" if shots.rejected[row] else "good"
        if not shots.trial[row] and row >= n - waiting - rework - 20:
            result = "" if row >= n - waiting - 10 else "rework" if row < n - waiting - rework - 10 else result
        pressure, temperature, volume = shots.values[row, :3]
        when = from_us(int(shots.time[row])).strftime("%Y-%m-%d %H:%M:%S")
        said = "" if np.isnan(volume) else f"{volume:.1f}"
        lines.append(
            f"{shots.ids[row]},{when},{shots.mould[row]},{shots.values[row, 4]:.0f},"
            f"{str(bool(shots.trial[row])).lower()},{result},{pressure:.1f},{temperature + 500:.1f},{said}"
        )
    return "\n".join(lines)


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_plant(tmp_path_factory.mktemp("cell"), {"shot": shot_table()})


@pytest.fixture(scope="module")
def study(plant: Path) -> RejectStudy:
    with PlantFolder.open(plant) as opened:
        return learn_rejects(opened, boosting=QUICK)


def test_every_row_is_learnt_from_or_counted(plant: Path, study: RejectStudy) -> None:
    taken = study.taken
    with PlantFolder.open(plant) as opened:
        rows = opened.records.read("shot")
    results = [row["result"] for row in rows]
    assert len(taken.pieces) == sum(one in ("good", "reject") for one in results)
    assert len(taken.waiting) == len(study.waiting) == results.count(None) > 0
    assert taken.rework == results.count("rework") > 0
    assert taken.trials == sum(row["trial"] is True for row in rows if row["result"] in ("good", "reject"))
    assert taken.by == "die"


def test_no_key_time_verdict_or_running_number_is_a_feature(study: RejectStudy) -> None:
    known = {"cast_pressure_bar", "melt_temperature_degC", "melt_volume_cm3"}
    assert {one.name for one in study.model.features} == known
    assert {"trial", "number_of_day"} <= {one.feature.name for one in study.left_out}
    assert any("knows the verdict" in str(one.why) for one in study.left_out if one.feature.name == "trial")


def test_it_is_judged_on_later_days_on_each_mould_and_by_lot(study: RejectStudy) -> None:
    kinds = [one.kind for one in study.judged]
    assert kinds == ["later", "unseen_mould", "unseen_mould", "unseen_mould", "random"]
    assert [one.moulds for one in study.of_kind("unseen_mould")] == [("M0",), ("M1",), ("M2",)]
    assert [one.flatters for one in study.judged] == [False] * 4 + [True]
    (later,) = study.of_kind("later")
    # The made cause holds on every day: nine of ten rejects come from low pressure, which is 8 % of the shots.
    assert later.scores.precision.value > 0.8
    assert study.reasons[0].feature.name == "cast_pressure_bar"


def test_a_shot_that_waits_is_judged_and_explained(plant: Path, study: RejectStudy) -> None:
    first, last = study.waiting[0], study.waiting[-1]
    assert first.probability >= last.probability
    with PlantFolder.open(plant) as opened:
        asked = learn_rejects(opened, asked=[first.id, study.explanations[0].id], boosting=QUICK)
    assert [one.id for one in asked.explanations] == [first.id, study.explanations[0].id]
    assert not asked.explanations[0].learnt_from
    assert asked.explanations[0].probability == pytest.approx(first.probability, abs=1e-12)


def test_a_field_is_left_out_or_kept_on_request(plant: Path) -> None:
    with PlantFolder.open(plant) as opened:
        found = learn_rejects(opened, without=["cast_pressure_bar"], keep=["number_of_day"], boosting=QUICK)
    assert {one.name for one in found.model.features} == {"melt_temperature_degC", "melt_volume_cm3", "number_of_day"}
    # Without the cause little is left of the score.
    assert found.judged[0].scores.precision.value < 0.3


def test_the_answer_is_json_and_the_same_every_time(plant: Path, study: RejectStudy) -> None:
    with PlantFolder.open(plant) as opened:
        again = learn_rejects(opened, boosting=QUICK)
    first, second = (replace(one, seconds=0.0).as_json() for one in (study, again))
    assert json.dumps(first, allow_nan=False) == json.dumps(second, allow_nan=False)


def test_progress_ends_at_one(plant: Path) -> None:
    seen: list[float] = []
    with PlantFolder.open(plant) as opened:
        learn_rejects(opened, boosting=QUICK, progress=seen.append)
    assert seen[-1] <= 1.0
    assert max(seen) > 0.8


@pytest.mark.parametrize(
    ("asked", "says", "repair"),
    [
        ({"record_name": "site"}, "has no result or no time", "shot"),
        ({"by": "cast_pressure_bar"}, "can be grouped by", "die"),
        ({"without": ["colour"]}, "has no field colour", "cast_pressure_bar"),
        ({"keep": ["colour"]}, "no field that could be kept", "cast_pressure_bar"),
        ({"asked": ["nobody"]}, "there is no nobody", "such as"),
        ({"record_name": "piece"}, "nothing to learn from", "plant import"),
    ],
)
def test_what_cannot_be_done_says_what_can(plant: Path, asked: dict[str, object], says: str, repair: str) -> None:
    with PlantFolder.open(plant) as opened, pytest.raises(ForgecastError, match=says) as refused:
        learn_rejects(opened, **asked, boosting=QUICK)  # type: ignore[arg-type]
    assert repair in str(refused.value.repair)


def test_batches_are_no_single_pieces(tmp_path: Path) -> None:
    """A row of 140 good pieces and a row of 7 rejects are no share of one half."""
    rows = [
        "id,product,made_at,count,result,mass (kg)",
        "B1,P,2025-01-01 08:00,140,good,2",
        "B2,P,2025-01-01 09:00,7,reject,2",
    ]
    plant = made_plant(tmp_path, {"product": "id,name\nP,Part", "piece": "\n".join(rows)})
    with PlantFolder.open(plant) as opened:
        with pytest.raises(ForgecastError, match="stands for several pieces"):
            inspected_pieces(opened, "piece")
        single = tmp_path / "more.csv"
        single.write_text("\n".join([rows[0], "P1,P,2025-01-01 10:00,,good,2", "P2,P,2025-01-01 11:00,1,reject,2"]))
        import_files(opened, [single.rename(tmp_path / "piece_2.csv")])
        taken = inspected_pieces(opened, "piece")
    assert (taken.batches, taken.pieces.ids.tolist()) == (2, ["P1", "P2"])
    assert "count" not in taken.pieces.names


def test_few_days_are_too_few(tmp_path: Path) -> None:
    lines = shot_table().splitlines()
    plant = made_plant(tmp_path, {"shot": "\n".join(lines[:101])})  # two days of fifty shots
    with PlantFolder.open(plant) as opened, pytest.raises(ForgecastError, match="2 days"):
        learn_rejects(opened, boosting=QUICK)


def test_days_are_those_of_the_plant(plant: Path) -> None:
    """The first shots are of 00:00 UTC; the clocks of the plant stand at +08:00."""
    with PlantFolder.open(plant) as opened:
        taken = inspected_pieces(opened, "shot")
    pieces = taken.pieces.in_time()
    assert from_us(int(pieces.time[0]), "Asia/Shanghai").date().toordinal() == pieces.block[0]
    late = (pieces.time // 3_600_000_000) % 24 >= 16  # after 16:00 UTC a new day has begun in the plant
    shifted = pieces.time // 86_400_000_000 + 719_163 + late
    assert (pieces.block == shifted).all()
