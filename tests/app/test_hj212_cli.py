"""The commands of HJ 212: what they show, their exit codes, and a logger and a listener that meet."""

from __future__ import annotations

import importlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from forgecast.gateway.hj212.telegram import Telegram, write
from forgecast.signals.reading import GOOD, INVALID
from forgecast.store.plant_folder import PlantFolder
from tests.app.test_casting_cli import called
from tests.tasks.small_plants import plant_of

MN = "010000A8900016F000169DC0"
GOOD_ONE = write(
    Telegram("20250301080000000", "31", "2061", "secret", MN, 5, cp=(
        ("DataTime", "20250301070000"), ("a21026-Avg", "12.5"), ("a21026-Flag", "N"), ("a01012-Avg", "85"),
        ("a01012-Flag", "D")))
)  # fmt: skip
INSTRUMENTS = f"""
[[hj212]]
name = "stacks"
listen = "127.0.0.1"
port = 0
[[hj212.device]]
mn = "{MN}"
[[hj212.device.channel]]
code = "a21026"
tag = "so2"
unit = "mg/m3"
[[hj212.device.channel]]
code = "a21026"
tag = "so2_hour"
unit = "mg/m3"
field = "Avg"
command = "2061"
"""


def capture(tmp_path: Path, content: bytes) -> str:
    path = tmp_path / "capture.txt"
    path.write_bytes(content)
    return str(path)


def test_a_stream_is_listed_with_its_deviations(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    damaged = GOOD_ONE.replace(b"12.5", b"13.5")
    path = capture(tmp_path, GOOD_ONE + b"noise" + damaged + GOOD_ONE[:50] + GOOD_ONE.rstrip())
    code, out, _ = called(capsys, "hj212", "check", path)
    flat = " ".join(out.split())
    assert code == 0
    for words in ("Telegrams 2", "Rejected 2", "Bytes outside of telegrams 5", "sulphur dioxide", "wrong-check-digits"):
        assert words in flat
    assert "secret" not in json.dumps(json.loads(called(capsys, "hj212", "check", path, "--json")[1])["first"][0])
    assert called(capsys, "hj212", "check", path, "--strict")[0] == 1
    sound = capture(tmp_path, GOOD_ONE * 3)
    code, out, _ = called(capsys, "hj212", "check", sound, "--strict")
    assert code == 0
    assert "Nothing deviates" in out


def test_the_json_counts_codes_and_good_values(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = capture(tmp_path, GOOD_ONE * 3)
    code, out, _ = called(capsys, "hj212", "check", path, "--json", "--most", "1")
    answer = json.loads(out)
    assert code == 0
    assert (answer["telegrams"], answer["rejected"], answer["stray_bytes"], len(answer["first"])) == (3, 0, 0, 1)
    assert {(one["code"], one["telegrams"], one["good"]) for one in answer["codes"]} == {
        ("a21026", 3, 3),
        ("a01012", 3, 0),
    }


def test_an_empty_file_and_none_at_all_say_what_to_do(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, out, _ = called(capsys, "hj212", "check", capture(tmp_path, b"GET / HTTP/1.1\r\n"))
    assert code == 0
    assert "There is no telegram in it" in out
    code, _, err = called(capsys, "hj212", "check", str(tmp_path / "none.txt"))
    assert code == 2
    assert "cannot be read" in err


@contextmanager
def listening(*words: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    call = [sys.executable, "-c", "from forgecast.app.cli.main import main; main()", "hj212", "listen", "--port", "0"]
    process = subprocess.Popen(
        [*call, "--json", *words], stdout=subprocess.PIPE, text=True, encoding="utf-8",
        env=os.environ | {"FORGECAST_LANG": "en", "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    try:
        assert process.stdout is not None
        yield process, json.loads(process.stdout.readline())["port"]
    finally:
        process.kill()
        process.communicate()


def test_a_listener_without_a_plant_shows_and_does_not_answer(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # In the middle of ten minutes: where the clock had just passed their end, or the hour's, their means came too.
    clock = SimpleNamespace(time_ns=lambda: int(datetime(2025, 3, 1, 0, 5, 30, tzinfo=UTC).timestamp()) * 10**9)
    monkeypatch.setattr(importlib.import_module("forgecast.app.cli.hj212.send"), "time", clock)
    box = str(tmp_path / "box")
    with listening() as (process, port):
        code, _, err = called(
            capsys,
            "hj212",
            "send",
            "--port",
            str(port),
            "--mn",
            MN,
            "--minutes",
            "3",
            "--keep",
            box,
            "--patience",
            "4",  # long enough to be heard on a machine that has much else to do
        )
        assert code == 2
        assert re.search(r"\b3 telegrams were not answered", " ".join(err.split()))
        assert process.stdout is not None
        first = json.loads(process.stdout.readline())
        assert (first["kind"], first["mn"], first["cn"]) == ("telegram", MN, "2011")


def test_what_a_logger_sends_lies_in_the_plant(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    folder = plant_of(tmp_path / "plant", {"tags.csv": "id,measures,unit\nso2,so2,mg/m3\nso2_hour,so2,mg/m3\n"})
    (folder / "instruments.toml").write_text(INSTRUMENTS, encoding="utf-8")
    stack = tmp_path / "stack.csv"
    stack.write_text(
        "time,a21026,a21026-Flag,a99999\n2025-03-01 07:59,11,N,1\n2025-03-01 08:00,12.25,N,1\n2025-03-01 08:01,9,D,1\n",
        encoding="utf-8",
    )
    with listening("--plant", str(folder)) as (_, port):
        code, out, err = called(capsys, "hj212", "send", "--port", str(port), "--mn", MN, "--csv", str(stack), "--json")
        assert code == 0, err
        # Three real-time values, and the means of the minutes and the hour that ended at eight.
        assert json.loads(out)["answered"] == 5
    with PlantFolder.open(folder) as plant:
        plant.seal(by="test")
        readings = plant.telemetry.series("so2")
        eight = int(datetime(2025, 3, 1, 0, 0, tzinfo=UTC).timestamp()) * 1_000_000
        assert (readings.t - eight).tolist() == [-60_000_000, 0, 60_000_000]
        assert readings.value.tolist() == [11.0, 12.25, 9.0]
        assert readings.flag.tolist() == [GOOD, GOOD, INVALID]
        assert plant.telemetry.series("so2_hour").value.tolist() == [11.0]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("time,a21026\n2025-03-01 08:00,1\n", "two rows"),
        ("time,a21026\nyesterday,1\n", "is no time"),
        ("time,a21026\n2025-03-01 08:00,much\n", "is no number"),
        ("time,a21026\n2025-03-01 08:00,1\n2025-03-01 08:01,1\n2025-03-01 08:02:30,1\n", "whole steps"),
        ("time,a21026,a21026-Flag\n2025-03-01 08:00,1,good\n", "is no flag"),
    ],
)
def test_a_file_that_cannot_be_played_is_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, content: str, says: str
) -> None:
    path = tmp_path / "stack.csv"
    path.write_text(content, encoding="utf-8")
    code, _, err = called(capsys, "hj212", "send", "--port", "9", "--mn", MN, "--csv", str(path))
    assert code == 2
    assert says in " ".join(err.split())


@pytest.mark.parametrize("command", ["check", "listen", "send"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_help_teaches_with_examples(capsys: pytest.CaptureFixture[str], command: str, language: str) -> None:
    code, out, _ = called(capsys, "hj212", command, "--help", "--lang", language)
    assert code == 0
    assert f"forgecast hj212 {command}" in out
    assert "#" in out
