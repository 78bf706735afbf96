"""Several web processes behind real nginx: pages stay where they are, one may die, all are renewed, none is left."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import threading
import time

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from forgecast.store.plant_folder import PlantFolder
from tests.app.server.running import STARTS_WITHIN_S, cookies, nginx, running, until

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")]


@pytest.fixture(scope="module")
def server(sample_plant, tmp_path_factory):
    plant = tmp_path_factory.mktemp("many") / "plant"
    shutil.copytree(sample_plant, plant)
    with running(plant, "--processes", "2", "--workers", "1") as one:
        yield one


@pytest.fixture(scope="module")
def proxy(server, tmp_path_factory):
    with nginx(tmp_path_factory.mktemp("nginx"), server.ports) as address:
        yield address


@pytest.fixture
def outside(proxy):
    with httpx.Client(base_url=proxy, verify=False, timeout=300, trust_env=False) as client:  # noqa: S501  (our own)
        yield client


def asked_for(server, route: str) -> list[float]:
    """Return how often each process was asked for a route."""
    counts = []
    for at in range(len(server.ports)):
        with server.client(at) as client:
            families = list(text_string_to_metric_families(client.get("/metrics").text))
        samples = [s for family in families for s in family.samples if s.name == "forgecast_requests_total"]
        counts.append(sum(s.value for s in samples if s.labels["route"] == route))
    return counts


def test_a_browser_comes_back_to_its_process_and_the_api_goes_anywhere(server, outside):
    route = "/{plant}/home"
    used = set()
    for browser in range(60):
        if browser >= 8 and len(used) == 2:
            break  # by chance, one in 128 times the first eight all have the same process
        before = asked_for(server, route)
        headers = cookies(server.session())
        for _ in range(3):
            assert outside.get(f"/{server.plant}/home", headers=headers).status_code == 200
        came = [now - then for now, then in zip(asked_for(server, route), before, strict=True)]
        assert sorted(came) == [0, 3], "all pages of a browser are built by one process"
        used.add(came.index(3))
    assert used == {0, 1}, "browsers are shared out"
    before = asked_for(server, "/api/v1/plants")
    token = server.token()
    for _ in range(10):
        assert outside.get("/api/v1/plants", headers=token).status_code == 200
    came = [now - then for now, then in zip(asked_for(server, "/api/v1/plants"), before, strict=True)]
    assert sum(came) == 10
    assert min(came) > 0


def test_a_page_is_not_built_twice(server, proxy):
    from tests.pages.browsing import opened_browser

    with opened_browser() as browser:
        context = browser.new_context(ignore_https_errors=True)
        name, _, value = cookies(server.session())["Cookie"].partition("=")
        context.add_cookies([{"name": name, "value": value, "url": proxy}])
        page = context.new_page()
        built = []
        page.on("request", lambda request: built.append(request.url) if request.is_navigation_request() else None)
        lines = []
        page.on("websocket", lambda line: lines.append(line.url))
        page.goto(f"{proxy}/{server.plant}/home", timeout=240_000)
        page.wait_for_function("window.socket && window.socket.connected", timeout=240_000)
        assert len(built) == 1, "a page whose line leads to another process is built anew"
        assert any("_nicegui_ws" in line for line in lines), "its line passes the proxy"
        context.close()


def test_figures_of_the_server_are_not_told_through_the_proxy(server, outside):
    assert outside.get("/metrics").status_code == 404
    with server.client() as client:
        assert client.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 403
        assert client.get("/metrics").status_code == 200


def test_a_closed_session_is_refused_everywhere_within_five_seconds(server):
    headers = cookies(server.session())
    with server.client(0) as first, server.client(1) as second:
        for client in (first, second):
            assert client.get("/api/v1/me", headers=headers).status_code == 200
        same = {"Origin": str(first.base_url).rstrip("/")}
        assert first.post("/sign-out", headers=headers | same).status_code in {200, 303}
        time.sleep(5)
        assert second.get("/api/v1/me", headers=headers).status_code == 401


class Recorder(threading.Thread):
    """Records suppliers one after the other and keeps which were answered for."""

    def __init__(self, address: str, plant: str, token: dict[str, str]) -> None:
        super().__init__()
        self._way, self._token = f"{address}/api/v1/plants/{plant}/plant/record", token
        self.kept: list[tuple[float, str]] = []
        self.refused: list[str] = []
        self.ending = threading.Event()

    def run(self) -> None:
        with httpx.Client(verify=False, timeout=300, trust_env=False) as client:  # noqa: S501  (our own)
            number = 0
            while not self.ending.is_set():
                number += 1
                row = {"id": f"{self.name}-{number}", "name": "one"}
                try:
                    got = client.post(self._way, headers=self._token, json={"record": "supplier", "rows": [row]})
                except httpx.TransportError as error:
                    self.refused.append(repr(error))
                    continue
                if got.status_code == 200:
                    self.kept.append((time.monotonic(), row["id"]))
                else:
                    self.refused.append(f"{got.status_code} {got.text[:200]}")


def test_one_process_is_killed_and_no_answered_write_is_lost(server, proxy):
    recorders = [Recorder(proxy, server.plant, server.token()) for _ in range(2)]
    for one in recorders:
        one.start()
    try:
        until(lambda: all(len(one.kept) > 5 for one in recorders))
        pid = server.pid_at(server.ports[0])
        os.kill(pid, signal.SIGKILL)
        killed = time.monotonic()
        until(lambda: all(one.kept[-1][0] > killed + 1 for one in recorders))
        until(lambda: server.pid_at(server.ports[0]) not in {None, pid}, STARTS_WITHIN_S)
    finally:
        for one in recorders:
            one.ending.set()
        for one in recorders:
            one.join()
    with PlantFolder.open(server.home.parent) as plant:
        kept = {row["id"] for row in plant.browse("supplier", limit=1_000_000).rows}
        assert plant.verify().whole
    answered = {id_ for one in recorders for _, id_ in one.kept}
    assert answered <= kept
    # What was under way in the process that died has no answer, and nothing else went wrong.
    assert sum(len(one.refused) for one in recorders) <= 2, [one.refused for one in recorders]
    with server.client() as client:
        assert "it is started again" in server.log.read_text(encoding="utf-8")
        assert client.get("/health/ready").status_code == 200


def test_renewed_one_after_the_other_nobody_is_refused(server, outside):
    before = [server.pid_at(port) for port in server.ports]
    assert None not in before
    workers = set(server.family()) - set(before)
    token, answers = server.token(), []
    server.process.send_signal(signal.SIGHUP)

    def renewed() -> bool:
        answers.append(outside.get("/api/v1/plants", headers=token).status_code)
        now = [server.pid_at(port) for port in server.ports]
        return None not in now and not set(now) & set(before)

    until(renewed, 2 * STARTS_WITHIN_S)
    assert set(answers) == {200}
    assert workers
    until(lambda: not set(server.family()) & workers, STARTS_WITHIN_S)  # and then the workers


def test_told_to_end_it_ends_in_order(server):
    assert server.end() == 0
    log = server.log.read_text(encoding="utf-8")
    assert "Traceback" not in log
