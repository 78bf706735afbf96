"""Doors of condition: machines out of records, searches and wear out of files."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from forgecast.app.doors.condition import DOORS
from forgecast.ground.errors import ForgecastError
from forgecast.store.plant_folder import PlantFolder
from tests.app.doors.green_calls import asked, call_of
from tests.proof.test_condition_bearing import ORDERS, RATE, SHAFT, struck
from tests.tasks.small_plants import plant_of

START = datetime(2026, 3, 2)  # noqa: DTZ001  (local time of a file)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a plant whose press ran sixteen hours of two days, broke down for one, and made a hundred pieces."""
    return plant_of(
        tmp_path_factory.mktemp("condition"),
        {
            "equipment": "id,kind\nP1,forging_press\n",
            "machine_state": "equipment,started_at,ended_at,state\n"
            "P1,2026-03-02 00:00,2026-03-02 08:00,off\nP1,2026-03-02 08:00,2026-03-02 16:00,running\n"
            "P1,2026-03-02 16:00,2026-03-02 17:00,breakdown\nP1,2026-03-02 17:00,2026-03-03 08:00,off\n"
            "P1,2026-03-03 08:00,2026-03-03 16:00,running\nP1,2026-03-03 16:00,2026-03-04 00:00,off\n",
            "machine_output": "equipment,started_at,ended_at,total,good,ideal_cycle (s)\n"
            "P1,2026-03-02 08:00,2026-03-02 16:00,100,90,144\nP1,2026-03-03 08:00,2026-03-03 16:00,200,200,144\n",
        },
    )


@pytest.fixture
def plant(folder: Path) -> Iterator[PlantFolder]:
    with PlantFolder.open(folder) as opened:
        yield opened


def ask(plant: PlantFolder, door: str, uploads: dict[str, Path] | None = None, **question: Any) -> dict[str, Any]:
    return asked(DOORS, door, call_of(plant, uploads=uploads), **question)


def test_the_losses_and_the_good_pieces_make_all_the_time(plant: PlantFolder) -> None:
    found = ask(plant, "oee", machine="P1")
    steps = found["charts"]["losses"]["steps"]
    first, *lost, good = steps
    assert first["value"] == 48.0
    assert first["value"] + sum(step["value"] for step in lost) == pytest.approx(good["value"])
    # 290 good pieces of 144 s.
    assert good["value"] == pytest.approx(290 * 144 / 3600)
    assert found["availability"]["value"] == pytest.approx(16 / 17)
    assert found["quality"]["value"] == pytest.approx(290 / 300)


def test_states_of_each_day_make_the_day(plant: PlantFolder) -> None:
    states = ask(plant, "oee", machine="P1")["charts"]["states"]
    assert states["x"] == ["2026-03-02", "2026-03-03"]
    hours = {one["name"]["en"]: one["values"] for one in states["series"]}
    assert hours == {"off": [15.0, 16.0], "running": [8.0, 8.0], "breakdown": [1.0, 0.0]}
    one_day = ask(plant, "oee", machine="P1", since_on="2026-03-02", until_on="2026-03-02")
    assert one_day["charts"]["losses"]["steps"][0]["value"] == 24.0


def test_machines_tell_their_last_state(plant: PlantFolder) -> None:
    [one] = ask(plant, "machines", days=1)["machines"]
    assert (one["machine"], one["state"], one["state_since_at"]) == ("P1", "off", "2026-03-03T08:00:00Z")
    assert (one["first_on"], one["last_on"]) == ("2026-03-03", "2026-03-03")
    assert one["availability"]["value"] == pytest.approx(1.0)


def test_a_fault_card_of_what_somebody_saw(plant: PlantFolder) -> None:
    kinds = {one["kind"]: one for one in ask(plant, "signs")["kinds"]}
    kind = kinds["compressor"]
    key = kind["signs"][0]["key"]
    found = ask(plant, "card", kind="compressor", signs=[key])
    assert [one["key"] for one in found["signs"] if one["seen"]] == [key]
    assert found["causes"]
    assert ask(plant, "signs", kind="compressor")["kinds"] == [kind]
    with pytest.raises(ForgecastError, match="no sign"):
        ask(plant, "card", kind="compressor", signs=["moon:up"])


def _file(path: Path, head: str, rows: list[str]) -> dict[str, Path]:
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return {"u": path}


def test_a_change_is_found_where_it_was_made(plant: PlantFolder, tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    rows = [f"{START + timedelta(hours=n)},{10 + 4 * (n >= 300) + rng.normal():.3f}" for n in range(600)]
    uploads = _file(tmp_path / "x.csv", "t,flow [m3/h]", rows)
    found = ask(plant, "changes", uploads, upload="u", signal="flow", time="t")
    [one] = found["changes"]
    assert one["size_low"] < 4.0 < one["size_high"]
    [mark] = found["chart"]["marks"]
    # Told in UTC; the file is in the plant's hours, eight ahead. Noise of one against a step of four moves it little.
    at = found["chart"]["times"].index(mark["at"])
    assert abs(at - 300) <= 3
    assert len(found["chart"]["series"][0]["values"]) == 600


def test_a_strange_stretch_and_a_strange_row_are_drawn(plant: PlantFolder, tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    x = rng.normal(size=(2000, 2)) @ np.array([[1.0, 0.8], [0.0, 0.6]])
    x[1900, 1] += 9.0
    rows = [f"{START + timedelta(minutes=10 * n)},{a:.3f},{b:.3f}" for n, (a, b) in enumerate(x)]
    uploads = _file(tmp_path / "x.csv", "t,p,q", rows)
    found = ask(plant, "anomaly", uploads, upload="u", signals=["p", "q"], time="t")
    assert found["chart"]["times"][1900] in {mark["at"] for mark in found["chart"]["marks"]}
    drawn = [len([v for v in one["values"] if v is not None]) for one in found["chart"]["series"]]
    assert sum(drawn) == 2000
    with pytest.raises(ForgecastError, match="named by a field or found"):
        ask(plant, "anomaly", uploads, upload="u", signals=["p", "q"], regime="a", find_regimes=["p"])
    wave = np.sin(np.arange(1500) * 2 * np.pi / 48) + 0.05 * rng.normal(size=1500)
    wave[900:920] = 0.9
    rows = [f"{START + timedelta(minutes=30 * n)},{v:.4f}" for n, v in enumerate(wave)]
    uploads = _file(tmp_path / "y.csv", "t,load", rows)
    found = ask(plant, "discords", uploads, upload="u", signal="load", time="t", span_s=86400.0, count=1)
    part = found["chart"]["series"][1]["values"]
    drawn_at = [n for n, v in enumerate(part) if v is not None]
    assert len(drawn_at) == found["window"] == 48
    # The stretch overlaps the flat top.
    assert drawn_at[0] < 920
    assert drawn_at[-1] >= 900


def test_a_bearing_of_an_uploaded_record(plant: PlantFolder, tmp_path: Path) -> None:
    path = tmp_path / "acc.parquet"
    pq.write_table(pa.table({"acc [m/s2]": struck(ORDERS.bpfo)}), path)
    found = ask(plant, "bearing", {"u": path}, upload="u", signal="acc [m/s2]", rpm=60.0 * SHAFT, rate_hz=RATE, balls=8,
                ball_mm=9.0, pitch_mm=40.0)  # fmt: skip
    assert found["state"] == "outer_race"
    outer = next(one for one in found["parts"] if one["part"] == "outer_race")
    # The lines of the part lie at its order of the shaft; a thousandth is what the speed is known to.
    assert outer["frequency_hz"] == pytest.approx(ORDERS.bpfo * SHAFT, rel=1e-3)
    assert found["chart"]["marks"]


def test_lives_of_an_uploaded_table(plant: PlantFolder, tmp_path: Path) -> None:
    rng = np.random.default_rng(6)
    lives = 1000.0 * rng.weibull(2.0, 200)
    uploads = _file(tmp_path / "l.csv", "life,failed", [f"{one:.1f},1" for one in lives])
    found = ask(plant, "life", uploads, upload="u", duration="life", failed="failed", confidence=0.999)
    # Drawn from a shape of 2; an interval of 99.9 % misses it for one seed in a thousand.
    assert found["shape_low"] < 2.0 < found["shape_high"]
    kaplan = found["chart"]["series"][0]["values"]
    assert kaplan[0] == 100.0
    assert kaplan[-1] == 0.0
    assert all(a >= b for a, b in itertools.pairwise(kaplan))


def test_a_lining_out_of_the_heats(sample_plant: Path) -> None:
    with PlantFolder.open(sample_plant) as plant:
        found = ask(plant, "lining", furnace="IF-1")
        heats = sum(one["heats"] for one in found["campaigns"])
        assert len(found["chart"]["x"]) == heats
        assert found["heats_left_words"]["zh"]
