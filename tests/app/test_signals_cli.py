"""The commands of signals: exit codes, both languages, JSON, and the picture of a trial."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from forgecast.app.signals.trial_picture import _columns
from forgecast.tasks.watch_signals import SignalWatch
from tests.app.test_casting_cli import called
from tests.tasks.melt_plant import empty_plant
from tests.tasks.watched_plants import ALARM, START, S, store, water_plant

LAST = {**ALARM, "id": "EF1-WATER-LL", "kind": "low_low", "limit": 10.0, "on_delay": 0.0}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return a plant whose water failed for ten minutes, watched."""
    folder = tmp_path_factory.mktemp("signals") / "p"
    rng = np.random.default_rng(0)
    seconds = np.arange(3000.0) * 10.0
    values = 30.0 + rng.normal(0.0, 1.0, 3000)
    values[2000:2060] = np.linspace(25.0, 5.0, 60)
    values[500] = 55.0
    keep = np.delete(np.arange(3000), slice(1000, 1090))
    with water_plant(folder, [ALARM, LAST]) as plant:
        store(plant, ("EF1.FLOW", seconds[keep], values[keep]))
        with SignalWatch(plant, now=lambda: START + 30_000 * S) as watch:
            assert watch.flush()
    return str(folder)


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[str]:
    with empty_plant(tmp_path / "e") as plant:
        yield str(plant.path)


def said(out: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(out)
    return found


def test_the_latest_value_is_shown_with_its_age_and_state(capsys: pytest.CaptureFixture[str], made: str) -> None:
    code, out, _ = called(capsys, "signals", "latest", made)
    assert code == 0
    assert "EF1.FLOW" in out
    assert "overdue" in out
    assert "returned, not acknowledged" in " ".join(out.split())
    [one] = said(called(capsys, "signals", "latest", made, "--json")[1])["series"]
    assert (one["t_us"] - START) / S == 29_990
    assert one["alarms"] == {"EF1-WATER": "returned-unacknowledged", "EF1-WATER-LL": "returned-unacknowledged"}


def test_the_gate_names_what_is_doubtful_and_leaves_with_one_when_strict(
    capsys: pytest.CaptureFixture[str], made: str
) -> None:
    code, out, _ = called(capsys, "signals", "gate", made, "EF1.FLOW")
    assert code == 0
    for words in ("97.00", "96.97", "readings missing", "spike", "SHA-256"):
        assert words in " ".join(out.split())
    assert called(capsys, "signals", "gate", made, "--strict")[0] == 1
    [one] = said(called(capsys, "signals", "gate", made, "--json")[1])["series"]
    assert (one["due"], one["present"], one["good"], one["complete"]) == (3000, 2910, 2909, False)
    code, _, err = called(capsys, "signals", "gate", made, "NONE")
    assert code == 2
    assert "has no readings" in err
    # Days are those of the plant: the first one begins eight hours before the first reading.
    [day] = said(
        called(capsys, "signals", "gate", made, "--since", "2026-03-02", "--until", "2026-03-02", "--json")[1]
    )["series"]
    assert (day["start_us"], day["end_us"]) == (START - 8 * 3600 * S, START + 16 * 3600 * S)


def test_alarms_are_shown_acknowledged_and_shelved(capsys: pytest.CaptureFixture[str], made: str) -> None:
    code, out, _ = called(capsys, "signals", "alarms", made)
    assert code == 0
    assert out.index("EF1-WATER") < out.index("EF1-WATER-LL")
    code, out, _ = called(capsys, "signals", "alarms", made, "--acknowledge", "EF1-WATER-LL", "--by", "Li")
    assert (code, out.strip()) == (0, "EF1-WATER-LL: acknowledged by Li")
    code, _, err = called(capsys, "signals", "alarms", made, "--acknowledge", "EF1-WATER-LL", "--by", "Li")
    assert code == 2
    assert "is normal" in err
    code, out, _ = called(capsys, "signals", "alarms", made, "--shelve", "EF1-WATER", "--for", "2h", "--by", "Li",
                          "--note", "pump", "--lang", "zh")  # fmt: skip
    assert code == 0
    assert "搁置" in out
    states = said(called(capsys, "signals", "alarms", made, "--json")[1])["alarms"]
    assert {one["alarm"]: one["state"] for one in states} == {"EF1-WATER": "shelved", "EF1-WATER-LL": "normal"}
    code, out, _ = called(capsys, "signals", "alarms", made, "--journal")
    assert out.index("shelved") < out.index("raised")
    assert called(capsys, "signals", "alarms", made, "--unshelve", "EF1-WATER", "--by", "Li")[0] == 0
    assert called(capsys, "signals", "alarms", made, "--shelve", "EF1-WATER", "--by", "Li")[0] == 2
    assert called(capsys, "signals", "alarms", made, "--acknowledge", "A", "--unshelve", "B")[0] == 2


def test_a_review_shows_figures_with_their_aims(capsys: pytest.CaptureFixture[str], made: str) -> None:
    code, out, _ = called(capsys, "signals", "alarm-review", made)
    assert code == 0
    for words in ("Rings in 10 min per operator", "critical", "EF1-WATER", "not verified"):
        assert words in out
    answer = said(called(capsys, "signals", "alarm-review", made, "--json")[1])
    assert (answer["rings"], answer["priorities"]["critical"]) == (2, 1.0)


def test_an_alarm_is_tried_on_the_past_and_drawn(capsys: pytest.CaptureFixture[str], made: str, tmp_path: Path) -> None:
    picture = tmp_path / "trial.png"
    code, out, _ = called(capsys, "signals", "try-alarm", made, "EF1.FLOW", "--high", "50", "--per-ring", "5min",
                          "--picture", str(picture))  # fmt: skip
    assert code == 0
    assert "Rings on doubtful readings" in out
    with Image.open(picture) as image:
        assert image.width > 1000
    answer = said(called(capsys, "signals", "try-alarm", made, "EF1.FLOW", "--high", "50", "--per-ring", "5min",
                         "--json")[1])  # fmt: skip
    # The one reading above 50 is a spike: the alarm would have told of the sensor.
    assert (len(answer["rang"]), answer["on_doubtful_readings"], answer["attention_s"]) == (1, 1, 300.0)
    on_record = said(called(capsys, "signals", "try-alarm", made, "EF1-WATER", "--json")[1])
    assert (on_record["kind"], on_record["limit"], on_record["rings"]) == ("low", 20.0, 1)
    for words in (["EF1.FLOW"], ["EF1.FLOW", "--high", "1", "--low", "2"], ["NONE", "--high", "1"],
                  ["EF1-WATER", "--picture", "x.bmp"]):  # fmt: skip
        assert called(capsys, "signals", "try-alarm", made, *words)[0] == 2


def test_incidents_are_shown_and_recorded_once(capsys: pytest.CaptureFixture[str], made: str) -> None:
    code, out, _ = called(capsys, "signals", "incidents", made, "--record", "--by", "Li")
    assert code == 0
    flat = " ".join(out.split())
    assert "seen early: EF1-WATER rang" in flat
    assert "New incidents recorded: 1" in flat
    assert "Nobody is alarmed by these series" in flat
    answer = said(called(capsys, "signals", "incidents", made, "--record", "--by", "Li", "--json")[1])
    assert answer["recorded"] == 0
    [one] = answer["incidents"]
    assert (one["hazard"], one["alarm"], one["rings"]) == ("cooling_water", "EF1-WATER", 2)


def test_an_empty_plant_says_what_to_do_next(capsys: pytest.CaptureFixture[str], empty: str) -> None:
    for words, hint in (
        (("latest",), "forgecast plant import"),
        (("gate",), "forgecast plant import"),
        (("alarms",), "forgecast plant record"),
        (("alarms", "--journal"), "journal is empty"),
        (("alarm-review",), "Nothing has rung"),
        (("incidents",), "No alarm of a safety hazard has rung."),
    ):
        code, out, _ = called(capsys, "signals", words[0], empty, *words[1:])
        assert code == 0
        assert hint in " ".join(out.split())


def test_a_picture_leaves_gaps_white() -> None:
    t = np.arange(10_000, dtype=np.int64)
    t = np.concatenate((t, t + 20_000))
    value = np.arange(20_000.0)
    x, low, high = _columns(t, value)
    assert int(np.isnan(low).sum()) == 1
    assert x[np.isnan(low)][0] == 19_999
    assert np.nanmax(high) == 19_999.0
    assert np.nanmin(low) == 0.0
