"""The doors of collecting: what they show, Ctrl-C in the middle, and a collector that is killed."""

from __future__ import annotations

import importlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from forgecast.store.plant_folder import PlantFolder
from tests.app.test_casting_cli import called
from tests.tasks.collecting_gateways import until
from tests.tasks.small_plants import plant_of
from tests.tasks.test_collect_signals import TAGS, modbus, press, write

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="signals are sent as POSIX knows them")


def test_instruments_are_shown_with_what_does_not_fit(tmp_path, capsys):
    plant = plant_of(tmp_path, {"tag": TAGS})
    write(plant, modbus("press", 1, "load", "oil"))
    code, out, _ = called(capsys, "signals", "instruments", str(plant), "--strict")
    assert code == 0
    assert "All values will be taken" in out
    write(plant, modbus("press", 1, "load", "oil").replace('unit = "°C"', 'unit = "bar"'))
    code, out, _ = called(capsys, "signals", "instruments", str(plant), "--strict")
    assert code == 1
    assert "✗ press:oil: bar does not measure what °C measures" in out
    code, out, _ = called(capsys, "signals", "instruments", str(plant), "--json")
    assert code == 0
    said = json.loads(out)
    assert (said["ok"], said["findings"][0]["code"]) == (False, "unit-does-not-fit")


def test_without_instruments_the_program_says_what_to_do(tmp_path, capsys):
    plant = plant_of(tmp_path, {"tag": TAGS})
    code, _, err = called(capsys, "signals", "collect", str(plant))
    assert code == 2
    assert "connect_instruments.md" in err
    code, _, err = called(capsys, "signals", "status", str(plant), "--lang", "en")
    assert code == 2
    assert "forgecast signals collect" in err


def _rows(plant: Path) -> int:
    """Return the rows that the first gateway has stored, as the status file says it."""
    try:
        return int(json.loads((plant / "collecting.json").read_text("utf-8"))["gateways"][0].get("rows", 0))
    except (OSError, ValueError):
        return 0


def test_collecting_for_a_time_and_asking_how_it_went(tmp_path, capsys, monkeypatch):
    plant = plant_of(tmp_path, {"tag": TAGS})
    stored = until(lambda: _rows(plant) > 0)
    # The six seconds go by once something is stored: how long a gateway takes to start is up to the machine.
    clock = SimpleNamespace(monotonic=lambda: 6.0 if stored() else 0.0)
    monkeypatch.setattr(importlib.import_module("forgecast.app.cli.signals.collect"), "time", clock)
    with press() as device:
        write(plant, modbus("press", device.port, "load"))
        code, out, _ = called(capsys, "signals", "collect", str(plant), "--for", "6s", "--json")
    assert code == 0
    said = json.loads(out)
    assert said["gateways"][0]["rows"] > 0
    code, out, _ = called(capsys, "signals", "status", str(plant))
    assert code == 0
    assert "press" in out
    assert "Nothing is being collected now" in out
    with PlantFolder.open(plant) as opened:
        assert len(opened.telemetry.series("load")) == said["gateways"][0]["rows"]


def _started(plant: Path) -> tuple[subprocess.Popen[str], int]:
    """Start a collector in a group of its own and wait until it has stored something; return it and its rows."""
    program = "from forgecast.app.cli.main import main; main()"
    process = subprocess.Popen(
        [sys.executable, "-c", program, "signals", "collect", str(plant)], text=True, start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=os.environ | {"FORGECAST_LANG": "en"},
    )  # fmt: skip
    end = time.monotonic() + 300.0
    while True:
        assert time.monotonic() < end
        assert process.poll() is None
        time.sleep(0.05)
        rows = _rows(plant)
        if rows > 3:
            return process, rows


@POSIX
@pytest.mark.slow
def test_ctrl_c_leaves_everything_sealed(tmp_path):
    plant = plant_of(tmp_path, {"tag": TAGS})
    with press() as device:
        write(plant, modbus("press", device.port, "load"))
        process, rows = _started(plant)
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to every process of the group
        out, err = process.communicate(timeout=300.0)
    assert process.returncode == 0, err
    assert "Stopping" in err
    assert "ended" in out
    with PlantFolder.open(plant) as opened:
        assert len(opened.telemetry.series("load")) >= rows


@POSIX
@pytest.mark.slow
def test_a_killed_collector_takes_its_gateways_along_and_loses_nothing(tmp_path):
    plant = plant_of(tmp_path, {"tag": TAGS})
    with press() as device:
        write(plant, modbus("press", device.port, "load"))
        process, rows = _started(plant)
        children = psutil.Process(process.pid).children(recursive=True)
        assert children
        process.kill()
        process.communicate()
        _, alive = psutil.wait_procs(children, timeout=120.0)
        assert not alive
        # What was acknowledged is in the log; the next collector, or a seal, brings it into the series.
        with PlantFolder.open(plant) as opened:
            opened.seal()
            assert len(opened.telemetry.series("load")) >= rows
