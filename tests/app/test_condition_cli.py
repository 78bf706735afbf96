"""The commands of condition: what they say, exit codes, both languages, JSON, pictures."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from tests.app.test_casting_cli import called
from tests.proof.test_condition_bearing import ORDERS, RATE, SHAFT, struck

START = datetime(2026, 3, 2, tzinfo=UTC).replace(tzinfo=None)


def said(out: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(out)
    assert found["ok"] is True
    return found


def written(path: Path, head: str, rows: list[str]) -> str:
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return str(path)


def is_picture(path: Path) -> bool:
    with Image.open(path) as picture:
        return picture.width > 1000


def power_file(folder: Path) -> str:
    rng = np.random.default_rng(1)
    rows = []
    for n in range(7 * 288):
        hour = (n // 12) % 24
        power = 2.0 if hour < 6 else (60.0 if (n // 6) % 4 == 0 else 480.0)
        if not 900 < n < 961:
            rows.append(f"{START + timedelta(minutes=5 * n)},{power * (1 + 0.05 * rng.normal()):.2f}")
    return written(folder / "power.csv", "t,P [kW]", rows)


def test_states_of_a_power_and_their_availability(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file, picture = power_file(tmp_path), tmp_path / "oee.png"
    code, out, _ = called(capsys, "condition", "oee", file, "--power", "P", "--time", "t", "--out", str(picture))
    flat = " ".join(out.split())
    assert code == 0
    assert "state not known" in flat
    assert "off below" in flat
    assert is_picture(picture)
    answer = said(called(capsys, "condition", "oee", file, "--power", "P", "--time", "t", "--json")[1])
    # Three quarters of each working hour; five hours and five minutes lack readings, less the last one's own span.
    assert answer["availability"]["value"] == pytest.approx(0.75, abs=0.01)
    assert answer["not_known_s"] == pytest.approx(60 * 300.0, abs=301.0)
    assert answer["availability"]["low"] < answer["availability"]["value"] < answer["availability"]["high"]
    assert answer["oee"]["value"] is None


def test_changes_of_a_file_with_their_back_test(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    rows = [
        f"{START + timedelta(hours=n)},{10 + 4 * (n >= 300) + 3 * ((n % 24) > 12) + rng.normal():.3f}"
        for n in range(600)
    ]
    file, picture = written(tmp_path / "x.csv", "t,flow [m3/h]", rows), tmp_path / "changes.svg"
    code, out, _ = called(
        capsys, "condition", "changes", file, "flow", "--time", "t", "--season", "day", "--out", str(picture)
    )
    assert code == 0
    assert "back-test" in out
    assert picture.stat().st_size > 5000
    answer = said(called(capsys, "condition", "changes", file, "flow", "--time", "t", "--season", "day", "--json")[1])
    (one,) = answer["changes"]
    assert one["from"] <= "2026-03-14 12:00" <= one["until"]
    assert one["size_low"] < 4.0 < one["size_high"]
    assert answer["false_changes_per_month"] is not None


def test_discords_of_a_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    values = np.sin(np.arange(1500) * 2 * np.pi / 48) + 0.05 * rng.normal(size=1500)
    values[900:920] = 0.9
    rows = [f"{START + timedelta(minutes=30 * n)},{v:.4f}" for n, v in enumerate(values)]
    file, picture = written(tmp_path / "x.csv", "t,load", rows), tmp_path / "d.png"
    words = ("condition", "discords", file, "load", "--time", "t", "--span", "1day", "--count", "1")
    code, out, _ = called(capsys, *words, "--out", str(picture))
    assert code == 0
    assert "beyond the" in out
    assert is_picture(picture)
    answer = said(called(capsys, *words, "--json")[1])
    assert answer["window"] == 48
    # It overlaps the flat top, from value 900 to 919: 20 March 18:00 to 21 March 03:30.
    assert "2026-03-19 18:30" <= answer["discords"][0]["from"] <= "2026-03-21 03:30"


def test_an_anomaly_names_its_signal(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    x = rng.normal(size=(2000, 2)) @ np.array([[1.0, 0.8], [0.0, 0.6]])
    x[1900, 1] += 9.0
    rows = [
        f"{START + timedelta(minutes=10 * n)},{a:.3f},{b:.3f},{'A' if n % 2 else 'B'}" for n, (a, b) in enumerate(x)
    ]
    file, picture = written(tmp_path / "x.csv", "t,p,q,mode", rows), tmp_path / "a.png"
    words = ("condition", "anomaly", file, "p", "q", "--time", "t", "--regime", "mode")
    code, out, _ = called(capsys, *words, "--out", str(picture))
    assert code == 0
    assert "sound rows alone would pass" in " ".join(out.split())
    assert is_picture(picture)
    answer = said(called(capsys, *words, "--json")[1])
    worst = max(answer["alarms"], key=lambda one: one["excess"])
    assert worst["signals"][0]["signal"] == "q"
    assert worst["from"] == "2026-03-15 04:40"
    assert called(capsys, *words, "--find-regimes", "p")[0] == 2


def test_a_bearing_is_judged_and_a_wrong_rate_refused_to(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file, picture = tmp_path / "run.parquet", tmp_path / "b.png"
    pq.write_table(pa.table({"acc": struck(ORDERS.bpfo)}), file)
    words = [
        "condition",
        "bearing",
        str(file),
        "acc",
        "--rpm",
        str(60 * SHAFT),
        "--balls",
        "8",
        "--ball",
        "9mm",
        "--pitch",
        "40mm",
    ]
    code, out, _ = called(capsys, *words, "--rate", f"{RATE / 1000}kHz", "--out", str(picture))
    assert code == 0
    assert "fault of the outer race" in out
    assert is_picture(picture)
    assert called(capsys, *words, "--rate", f"{RATE / 1000}kHz", "--strict")[0] == 1
    answer = said(called(capsys, *words, "--rate", "80kHz", "--json")[1])
    assert answer["state"] == "not_known"
    assert answer["rate_Hz"]["implied"] == RATE
    code, _, err = called(capsys, *words)
    assert code == 2
    assert "nothing says how fast" in err


def test_a_lining_of_a_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    rows = [f"{n},{560 - 0.3 * (n % 100) + rng.normal():.2f},L{n // 100}" for n in range(280)]
    file, picture = written(tmp_path / "heats.csv", "heat,power [kW],lining", rows), tmp_path / "l.png"
    words = ("condition", "lining", file, "--column", "power", "--campaign", "lining")
    code, out, _ = called(capsys, *words, "--out", str(picture))
    assert code == 0
    assert "heats left to the limit" in out
    assert is_picture(picture)
    answer = said(called(capsys, *words, "--json")[1])
    assert answer["heats_left_low"] <= 20 <= answer["heats_left_high"]
    assert called(capsys, "condition", "lining", file)[0] == 2


def test_blows_of_a_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    rng = np.random.default_rng(6)
    rows = []
    for n in range(60):
        peak = 5000.0 * (1 + 0.01 * rng.normal()) * (1.3 if n == 50 else 1.0)
        rows += [f"{n},{s:.2f},{peak * np.exp((s - 60) / 9):.1f}" for s in np.linspace(0, 60, 60)]
    file, picture = written(tmp_path / "blows.csv", "blow,way [mm],force [kN]", rows), tmp_path / "p.png"
    words = ["condition", "press", file, "--blow", "blow", "--axis", "way", "--force", "force"]
    code, out, _ = called(capsys, *words, "--out", str(picture))
    assert code == 0
    assert "peak force" in out
    assert is_picture(picture)
    answer = said(called(capsys, *words, "--json")[1])
    assert "50" in [one["blow"] for one in answer["strange"]]
    # ∫ P e^{(s-60)/9} ds = 9 mm P (1 - e^{-60/9}); the trapezoid of 60 points is a thousandth too high.
    assert answer["blows"][0]["work"] == pytest.approx(
        answer["blows"][0]["peak"] * 0.009 * (1 - np.exp(-60 / 9)), rel=2e-3
    )
    file = written(tmp_path / "bare.csv", "blow,way,force", rows)
    assert called(capsys, "condition", "press", file, "--blow", "blow", "--axis", "way", "--force", "force")[0] == 2


def lives_file(folder: Path) -> str:
    rng = np.random.default_rng(7)
    end, seen = 60000 * rng.weibull(2.5, 40), rng.uniform(20000, 90000, 40)
    return written(folder / "dies.csv", "die,shots,failed", [
        f"D{n},{int(min(a, b))},{int(a <= b)}" for n, (a, b) in enumerate(zip(end, seen, strict=True))])  # fmt: skip


def test_lives_of_a_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file, picture = lives_file(tmp_path), tmp_path / "life.png"
    words = ["condition", "life", file, "--duration", "shots", "--failed", "failed", "--age", "40000",
             "--planned-cost", "4000", "--failure-cost", "30000"]  # fmt: skip
    code, out, _ = called(capsys, *words, "--out", str(picture))
    assert code == 0
    assert "Weibull shape" in out
    assert is_picture(picture)
    answer = said(called(capsys, *words, "--json")[1])
    assert answer["shape_low"] < 2.5 < answer["shape_high"]
    assert answer["replacement"]["cost_rate"] < answer["replacement"]["cost_rate_at_failure"]
    assert answer["remaining"]["low"] < answer["remaining"]["median"] < answer["remaining"]["high"]
    assert called(capsys, *words[:-2])[0] == 2
    assert called(capsys, "condition", "life", file)[0] == 2


def test_a_card_without_a_plant(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    words = ["condition", "card", "--kind", "forging_press", "--sign", "force:up", "--sign", "temperature:down"]
    page, picture = tmp_path / "card.html", tmp_path / "card.png"
    code, out, _ = called(capsys, *words, "--out", str(page))
    assert code == 0
    assert "likely · billets are too cold" in out
    assert "hand pyrometer" in out
    content = page.read_text(encoding="utf-8")
    assert content.startswith("<!doctype html>")
    assert "What to check first" in content
    assert called(capsys, *words, "--lang", "zh", "--out", str(picture))[0] == 0
    assert is_picture(picture)
    zh = called(capsys, *words, "--lang", "zh")[1]
    assert "坯料温度偏低" in zh
    answer = said(called(capsys, *words, "--json")[1])
    assert answer["causes"][0]["cause"] == "billet_cold"
    assert answer["causes"][0]["words"]["zh"] == "坯料温度偏低"
    code, _, err = called(capsys, *words[:4], "--sign", "dancing:up")
    assert code == 2
    assert "force:up" in err


def test_help_teaches_with_examples(capsys: pytest.CaptureFixture[str]) -> None:
    out = called(capsys, "condition", "--help")[1]
    for name in ("oee", "changes", "discords", "anomaly", "bearing", "lining", "press", "life", "card"):
        assert f"\n  {name} " in out or f"\n    {name} " in out
        page = called(capsys, "condition", name, "--help")[1]
        assert "Examples" in page
        assert f"forgecast condition {name}" in page
