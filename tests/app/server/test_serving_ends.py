"""The end of a server: told once it ends what it does, told twice at once; nothing half done is left."""

from __future__ import annotations

import contextlib
import json
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import httpx
import psutil
import pytest

from forgecast.app.server.ending import ENDED_AT_ONCE
from forgecast.app.server.listening import free_ports, listener
from forgecast.ground.errors import ForgecastError
from forgecast.store.plant_folder import PlantFolder
from forgecast.store.turn import holder_of, line_of
from tests.app.server.running import ROOT, cookies, running, until

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")


@pytest.fixture
def plant(sample_plant, tmp_path):
    shutil.copytree(sample_plant, tmp_path / "plant")
    return tmp_path / "plant"


@POSIX
@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_requests_under_way_are_answered_and_the_code_is_0(plant, number):
    with running(plant, "--workers", "1", "--log", "json", "--log-requests") as server:
        secret = server.session()
        with server.client(headers=cookies(secret)) as client:
            csrf = client.get("/api/v1/me").json().get("csrf", "")
            rows = [{"id": f"s{i}", "name": "x"} for i in range(1000)]  # as many as are taken at once
            answered = []

            def record() -> None:
                question = {"record": "supplier", "rows": rows}
                headers = {"X-Forgecast-CSRF": csrf, "Origin": str(client.base_url).rstrip("/")}
                way = f"/api/v1/plants/{server.plant}/plant/record"
                with contextlib.suppress(httpx.TransportError):  # a machine too slow for the patience of the server
                    answered.append(client.post(way, json=question, headers=headers))

            under_way = threading.Thread(target=record)
            under_way.start()
            # Under way is what writes; where it is faster than this looks, it has been answered already.
            until(lambda: bool(answered) or _writes(plant) == "admin")
            assert server.end(number) == 0
            under_way.join()
        lines = [json.loads(line) for line in server.log.read_text(encoding="utf-8").splitlines()]
        told = next(line for line in lines if line.get("route") == "/api/v1/me")
        assert told["status"] == 200
        assert told["account_id"] == 1
        assert len(told["request_id"]) >= 8
        assert secret not in server.log.read_text(encoding="utf-8")
    with PlantFolder.open(plant) as opened:
        kept = {row["id"] for row in opened.browse("supplier", limit=1_000_000).rows} & {row["id"] for row in rows}
        assert all(one.status_code == 200 for one in answered)
        assert len(kept) in ({len(rows)} if answered else {0, len(rows)})
        assert opened.verify().whole


def _writes(plant: Path) -> str:
    """Return who writes into a plant now."""
    holder = holder_of(line_of(plant / "records.sqlite"))
    return "" if holder is None else holder.by


HANGS = """
import time
from forgecast.app.server.ending import listening_for_the_end

with listening_for_the_end() as ending:
    print("on", flush=True)
    while not ending.wait(0.5):
        pass
    print("told", flush=True)
    time.sleep(60)
"""


@POSIX
def test_told_twice_it_ends_at_once():
    with subprocess.Popen([sys.executable, "-c", HANGS], cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "on\n"
        process.send_signal(signal.SIGINT)
        assert process.stdout.readline() == "told\n"
        process.send_signal(signal.SIGINT)
        assert process.wait(50) == ENDED_AT_ONCE


@POSIX
@pytest.mark.slow
def test_when_the_server_dies_its_workers_end(plant):
    with running(plant, "--workers", "1") as server:
        family = psutil.Process(server.process.pid).children(recursive=True)
        assert family
        server.process.kill()
        _, left = psutil.wait_procs(family, timeout=300)
        assert left == [], "workers notice that it has died"


@POSIX
@pytest.mark.slow
def test_without_workers_it_serves_and_ends(plant):
    with running(plant, "--workers", "0") as server:
        with server.client() as client:
            assert client.get("/health/ready").json()["ok"] is True
            assert "forgecast_workers 0.0" in client.get("/metrics").text
        assert psutil.Process(server.process.pid).children() == [] or sys.platform == "darwin"
        assert server.end() == 0


def test_a_port_that_is_taken_is_named_and_nothing_is_started():
    with listener("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ForgecastError, match="cannot be listened at"):
            free_ports("127.0.0.1", port, 1)
        with pytest.raises(ForgecastError, match="cannot be listened at"):
            free_ports("127.0.0.1", port - 1, 2)
