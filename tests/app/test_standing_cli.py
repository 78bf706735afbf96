"""The commands of standing: exit codes, both languages, JSON, and the picture."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from tests.app.made_up_assessment import made_up_assessment
from tests.app.test_cli import called
from tests.tasks.small_plants import plant_of

CLAIM = "book,requirement,answered_on,degree [1],answered_by\nevidence,customer_certificates,2025-03-01,1,Q\n"


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "140")


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a small plant that claims to certify every shipment and certifies none."""
    tables = {
        "production": "month,line,route,good_mass_t,metal_mass_t,scrap_mass_t\n2025-03,A,casting,100,160,5\n",
        "shipment": "id,customer,shipped_at\nS1,X,2025-03-20 10:00\n",
        "claim": CLAIM,
    }
    return plant_of(tmp_path_factory.mktemp("standing"), tables)


def test_the_score_is_an_interval_and_says_what_would_raise_it(plant: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = called(capsys, "standing", "score", str(plant), "--json")
    told = json.loads(out)
    assert code == 0
    assert len(told["directions"]) == 7
    score = told["score"]
    assert 0 <= score["low"] <= score["value_over_known"] <= score["high"] <= 100
    assert score["low"] == pytest.approx(score["coverage"] * score["value_over_known"])
    # The claim earns nothing; the shipment without a certificate is known.
    row = next(i for d in told["directions"] for i in d["indicators"] if i["id"] == "customer_certificates")
    assert (row["known"], row["earned"]) == (1.0, 0.0)
    code, out, _ = called(capsys, "standing", "score", str(plant), "--indicators")
    assert code == 0
    for words in ("Industrial structure", "least possible", "What would raise it most", "no law", "12 … 2 %"):
        assert words in out


@pytest.mark.parametrize(("ending", "language"), [("png", "zh"), ("svg", "en")])
def test_the_radar_is_drawn_in_both_languages(
    plant: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], ending: str, language: str
) -> None:
    place = tmp_path / f"radar.{ending}"
    code, _, err = called(capsys, "standing", "score", str(plant), "--out", str(place), "--lang", language)
    assert (code, err) == (0, "")
    if ending == "png":
        with Image.open(place) as picture:
            assert picture.width > 1000
    else:
        assert place.read_text(encoding="utf-8").count("<path") > 50


def test_a_picture_of_another_kind_is_refused_before_any_work(plant: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = called(capsys, "standing", "score", str(plant), "--out", "radar.gif")
    assert code == 2
    assert "cannot be written as .gif" in err


def test_a_claim_above_what_is_shown_is_seen(plant: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = called(capsys, "standing", "evidence", str(plant), "--why")
    assert code == 0
    assert "claimed higher than shown" in out
    assert "would prove it: record `certificate`" in out
    assert called(capsys, "standing", "evidence", str(plant), "--strict")[0] == 1
    code, out, _ = called(capsys, "standing", "evidence", str(plant), "--json")
    told = {one["id"]: one for one in json.loads(out)["evidence"]}
    assert told["customer_certificates"]["agreement"] == "claimed higher than shown"
    assert told["customer_certificates"]["degree_shown"] == 0.0
    assert told["recall_drill"]["degree_shown"] is None


def test_a_generated_cluster_says_that_it_is_made_up(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = called(capsys, "standing", "cluster", "--generated", "6", "--workers", "1")
    assert code == 0
    assert "synthetic" in out
    assert "6 plants" in out
    code, out, _ = called(capsys, "standing", "cluster", "--generated", "6", "--workers", "1", "--json")
    told = json.loads(out)
    assert (told["plants"], told["synthetic"], told["least_peers"]) == (6, True, 5)


def test_a_folder_of_assessments_is_added_up(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = json.dumps(made_up_assessment().as_json(), ensure_ascii=False)
    for n in range(2):
        (tmp_path / f"{n}.json").write_text(made, encoding="utf-8")
    code, out, _ = called(capsys, "standing", "cluster", str(tmp_path), "--json")
    assert code == 0
    assert json.loads(out)["plants"] == 2
    # Two plants are too few to show an index of.
    assert json.loads(out)["index"] == {}


def test_peers_need_five_and_one_source(plant: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = called(capsys, "standing", "peers", str(plant))
    assert code == 2
    assert "--among or --generated" in err
    (tmp_path / "one.json").write_text(json.dumps(made_up_assessment().as_json()), encoding="utf-8")
    code, _, err = called(capsys, "standing", "peers", str(plant), "--among", str(tmp_path))
    assert code == 2
    assert "at least 5 are needed" in err
    code, _, err = called(capsys, "standing", "cluster", str(tmp_path), "--generated", "5")
    assert code == 2


def test_a_plant_among_generated_peers(plant: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = called(capsys, "standing", "peers", str(plant), "--generated", "6", "--all-groups", "--json")
    told = json.loads(out)
    assert code == 0
    assert (told["peers"], told["synthetic_peers"]) == (6, True)
    best, worst = told["rank_sure"]
    assert 1 <= best <= worst <= 7
    # No energy is on record, so no frontier is drawn and the reason is said.
    assert told["frontier"]["variable_returns"] is None
    assert told["frontier"]["why_missing"]["en"] == "energy or output of this plant is not known"
    assert told["benchmark"]["selected"] is False
    code, out, _ = called(capsys, "standing", "peers", str(plant), "--generated", "6", "--all-groups")
    assert code == 0
    assert "Benchmark enterprise" in out
