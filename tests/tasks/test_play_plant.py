"""The made-up plant at work: an exceedance arrives by HJ 212, is alarmed, judged and written into the ledger."""

import time
from types import SimpleNamespace

import pytest

from forgecast.ground.dates import HOUR_US, MINUTE_US
from forgecast.ground.errors import PlantError
from forgecast.ground.texts import verbatim
from forgecast.rules.verdict import Word
from forgecast.sample.live import script_of, stack_shows
from forgecast.sample.write import write_sample_files
from forgecast.signals.batch import batch_of
from forgecast.signals.reading import GOOD
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.hours_while_collecting import HoursWhileCollecting
from forgecast.tasks.import_files import import_files
from forgecast.tasks.judge_hours import Entered
from forgecast.tasks.judge_live_hours import LiveAnswer
from forgecast.tasks.new_plant import new_plant
from forgecast.tasks.play_plant import Play, _Clock, _Director, play_plant


@pytest.mark.slow
def test_the_play_from_the_instrument_to_the_ledger(tmp_path):
    manifest = write_sample_files(tmp_path / "files", scale=0.001)
    names = ("site.csv", "01_基础台账.xlsx", "tags.csv")
    new_plant(tmp_path / "plant", name="Play (synthetic) 演示（虚构）", id="sample", synthetic=True)
    shown = []
    with PlantFolder.open(tmp_path / "plant") as plant:
        import_files(plant, [path for path in manifest.files if path.name in names])
        play = play_plant(plant, tell=shown.append)
        entries = plant.records.read("ledger_entry")
        events = plant.records.read("alarm_event")
        incidents = plant.records.read("incident")
        dust = plant.telemetry.series("DA001.pm")
    # One hour of three is over 40 mg/m3 at 12 % oxygen, and only after conversion.
    assert (play.over, play.entries, len(entries)) == (1, 1, 1)
    (entry,) = entries
    assert (entry["stack"], entry["pollutant"], entry["automatic"]) == ("DA001", "pm", True)
    assert entry["value"] > 40.0
    assert entry["limit"] == 40.0
    torn = (dust.t > entry["began_at"]) & (dust.t <= entry["began_at"] + HOUR_US)
    assert dust.value[torn].mean() < 40.0
    # Each minute of the stack came once.
    assert len(set(dust.t.tolist())) == len(dust) >= 3 * 60 - 1
    raised = {event["alarm"] for event in events if event["event"] == "raised"}
    assert {"A-DA001-PM", "A-IF1-FLOW"} <= raised
    assert [incident["hazard"] for incident in incidents] == ["cooling_water"]
    kinds = [scene.kind for scene in shown]
    assert kinds.index("alarm") < kinds.index("warning") < kinds.index("verdict") < kinds.index("ledger")


def test_an_hour_that_late_data_has_judged_anew_is_one_hour():
    words = [Word.NOT_MET, Word.NOT_MET, Word.MET]

    def tick(_now: int) -> LiveAnswer:
        verdict = SimpleNamespace(stack="S", pollutant="pm", hour=5, word=words.pop(0), why=verbatim("w"))
        return LiveAnswer((verdict,), Entered((), (), 0), ())

    play, clock = Play(), _Clock(0, 1.0)
    clock.start()
    alarms = SimpleNamespace(tick=lambda _now: None, standings={})
    director = _Director(clock, alarms, SimpleNamespace(tick=tick), play, lambda _scene: None)
    counted = []
    while words:
        director.look()
        counted.append((play.hours, play.over))
    assert counted == [(1, 1), (1, 1), (1, 0)]


def test_made_up_readings_are_never_mixed_into_a_real_plant(tmp_path):
    new_plant(tmp_path / "plant", name="Real")
    with PlantFolder.open(tmp_path / "plant") as plant, pytest.raises(PlantError, match="real"):
        play_plant(plant)


def test_an_hour_that_arrives_while_collecting_is_in_the_ledger_when_collecting_ends(tmp_path):
    manifest = write_sample_files(tmp_path / "files", scale=0.001)
    names = ("site.csv", "01_基础台账.xlsx", "tags.csv")
    new_plant(tmp_path / "plant", name="Play (synthetic) 演示（虚构）", id="sample", synthetic=True)
    hour = (time.time_ns() // 1_000 // HOUR_US - 3) * HOUR_US
    script = script_of(hour - HOUR_US)
    names_at = {"pm": "DA001.pm", "o2": "DA001.o2"}
    readings = [
        (tag, t, stack_shows(script, t)[name][0], GOOD)
        for t in range(hour + MINUTE_US, hour + HOUR_US + 1, MINUTE_US)
        for name, tag in names_at.items()
    ]
    with PlantFolder.open(tmp_path / "plant") as plant:
        import_files(plant, [path for path in manifest.files if path.name in names])
        with HoursWhileCollecting(plant, by="test") as hours, plant.live() as live:
            batch = batch_of("logger", 1, readings)
            live.take(batch)
            hours.take(batch)
        entries = plant.records.read("ledger_entry")
    assert hours.trouble is None
    assert (hours.entries, [entry["began_at"] for entry in entries]) == (1, [hour])
