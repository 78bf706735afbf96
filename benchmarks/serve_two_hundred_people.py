"""What two hundred people at once, and a program that asks two hundred times a second, wait for.

Goals on two cores, server and askers on the same machine: 95 of 100 page actions under 500 ms, 95 of 100 answers of the
API under 50 ms at 200 requests a second, the first page interactive under 2 s cold; and the same while a casting of a
million cells is run by the server's workers. Told for one web process, as a plant starts with, and for two behind
nginx, shared out as `deploy/nginx.conf` does it (without encryption here).

A page action is what a browser does when somebody follows a link: the page is fetched, its line (web socket) is
opened and greeted, and every figure that its charts and lists ask for is fetched. Each person then reads for some
seconds with the line open, and goes on; between them they walk over all pages of the navigation. The program asks
open-loop at random times (Poisson), whether earlier answers have come or not, for a mix of records, verdicts, signals
and kept figures. The peer of the same run is a server that does nothing: the same program asks a bare Starlette route
on uvicorn, so the ratio says what sessions, rights, records and answers cost beyond the web server itself.

Run: ``python benchmarks/serve_two_hundred_people.py [people] [seconds] [web processes ..]``;
made-up plant.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from html import unescape
from pathlib import Path

import aiohttp
import httpx

from forgecast.app.server.house import House
from forgecast.app.server.identity import COOKIE
from forgecast.store.server import accounts, grants, sessions, tokens
from forgecast.store.server.grants import Place
from forgecast.store.server.rights import Right, Role
from forgecast.tasks.make_sample_plant import make_sample_plant

PLANT = "sample"
READS_FOR_S = (5.0, 15.0)
FIRST_PORT = 8171
RATE = 200.0
#: Of the hundred million readings of the whole sample plant, as `make demo` makes it.
SCALE = 0.02
GOALS = {"page action": 500.0, "api": 50.0, "first page": 2_000.0}
SETTINGS = "[access]\nrequests_per_s = 1e6\nburst = 1e6\nstranger_requests_per_s = 1e6\nstranger_burst = 1e6\n"
#: What the program asks for, and how often among a hundred.
ASKED = {
    "/api/v1/me": 10,
    f"/api/v1/plants/{PLANT}/signals/latest": 25,
    f"/api/v1/plants/{PLANT}/plant/rows?record=heat&limit=50": 15,
    f"/api/v1/plants/{PLANT}/rules/summary": 10,
    f"/api/v1/plants/{PLANT}/energy/figures": 15,
    f"/api/v1/plants/{PLANT}/environment/now": 10,
    f"/api/v1/plants/{PLANT}/quality/pareto": 15,
}
FETCHED = re.compile(r"/api/v1/plants/[^\"'\\ <>]+")
CLIENT = re.compile(r"'client_id': '([0-9a-f-]+)'")
LINKS = re.compile(rf'href=\\?"(/{PLANT}/[a-z/-]+)\\?"')


def main() -> None:
    people = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 60.0
    with tempfile.TemporaryDirectory(prefix="serve-") as place:
        plant = Path(place) / "plant"
        shutil.move(make_sample_plant(Path(place) / "made", scale=SCALE).plant, plant)
        cookies, token = make_people(plant, people)
        for processes in [int(one) for one in sys.argv[3:]] or [1, 2]:
            told = f"{people} people, web processes: {processes}"
            if processes > 1 and shutil.which("nginx") is None:
                print(f"{told}: not run, nginx is not there")
                continue
            with served(plant, processes, Path(place)) as address:
                pages = warmed(address, cookies[:4])
                print(f"{told}, {len(pages)} pages, made-up plant")
                print(f"first page interactive, cold browser: {cold(address, cookies[0]):.0f} ms")
                measure(address, cookies, token, pages, seconds)
    print(f"a server that does nothing, same program: p95 {bare():.1f} ms")


def measure(address: str, cookies: list[str], token: str, pages: list[str], seconds: float) -> None:
    """Measure and print: either kind alone, each beside a casting, and all at once."""
    report(measured(address, cookies, "", pages, seconds), "the people")
    report(measured(address, [], token, pages, seconds), "the program")
    for whose, people, asks in (("the people", cookies, ""), ("the program", [], token)):
        job = casting_begun(address, cookies[0])
        report(measured(address, people, asks, pages, seconds), f"{whose}, beside a casting of a million cells")
        print(f"the casting meanwhile: {casting_share(address, cookies[0], job)}")
    report(measured(address, cookies, token, pages, seconds), "people and program together")


def make_people(plant: Path, people: int) -> tuple[list[str], str]:
    """Give accounts, sessions and a token to the server of a plant before it starts."""
    from forgecast.app.server.home import home_of, register_plant  # noqa: PLC0415

    home = home_of(plant)
    home.path.mkdir(parents=True, exist_ok=True)
    (home.path / "server.toml").write_text(SETTINGS, encoding="utf-8")
    now_us = time.time_ns() // 1_000
    with House(home.path) as house:
        register_plant(house, plant)
        with house.store.writing() as connection:
            cookies = []
            for number in range(people):
                name = f"person{number}"
                account = accounts.create(connection, name=name, shown_name=name, password_hash="", now_us=now_us)
                grants.give(
                    connection, account, Role.MANAGER, Place(plant_id=PLANT), by="bench", now_us=now_us, mine=None
                )
                cookies.append(sessions.open_session(connection, account, address="", agent="", now_us=now_us)[0])
            token, _ = tokens.make_token(
                connection, account, name="program", rights=[Right.SEE], plant_id=None, now_us=now_us
            )
    return cookies, token


@contextmanager
def served(plant: Path, processes: int, place: Path) -> Iterator[str]:
    """Serve a plant, by several web processes behind nginx, and give the address."""
    program = [sys.executable, "-c", "from forgecast.app.cli.main import main; main()"]
    port = 0 if processes == 1 else FIRST_PORT
    asked = [*program, "serve", str(plant), "--port", str(port), "--processes", str(processes), "--json"]
    with subprocess.Popen(asked, stdout=subprocess.PIPE, text=True, encoding="utf-8") as server:
        try:
            line = server.stdout.readline() if server.stdout is not None else ""
            address = str(json.loads(line)["address"])
            if processes == 1:
                yield address
            else:
                with shared_out(processes, place) as front:
                    yield front
        finally:
            server.terminate()
            server.wait(30)


@contextmanager
def shared_out(processes: int, place: Path) -> Iterator[str]:
    """Run nginx before the web processes: a browser comes back to its own, the API is asked anywhere."""
    ports = "".join(f" server 127.0.0.1:{FIRST_PORT + number};" for number in range(processes))
    settings = place / "nginx.conf"
    settings.write_text(
        f"worker_processes 1; pid {place}/nginx.pid; events {{ worker_connections 2048; }} {'user root;' * is_root()}"
        f"http {{ access_log off; error_log {place}/nginx.log; proxy_http_version 1.1;"
        'map $cookie_forgecast_session $browser { "" $remote_addr; default $cookie_forgecast_session; }'
        'map $http_upgrade $kept_open { "" ""; default upgrade; }'
        f"upstream pages {{ hash $browser consistent; {ports} }}"
        f"upstream api {{ least_conn; {ports} keepalive 32; keepalive_timeout 4s; }}"
        "proxy_set_header Host $http_host; proxy_set_header X-Forwarded-For $remote_addr;"
        "proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $kept_open;"
        f"server {{ listen 127.0.0.1:{FIRST_PORT - 1}; location /api/ {{ proxy_pass http://api; }}"
        "location / { proxy_pass http://pages; } } }",
        encoding="utf-8",
    )
    with subprocess.Popen(["nginx", "-c", str(settings), "-e", f"{place}/first.log", "-g", "daemon off;"]) as proxy:
        try:
            time.sleep(1.0)
            yield f"http://127.0.0.1:{FIRST_PORT - 1}"
        finally:
            proxy.terminate()


def is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def warmed(address: str, cookies: list[str]) -> list[str]:
    """Look at every page of the navigation until its figures are worked out; return the pages.

    Several people do, so that each process has been asked once.
    """
    pages: list[str] = []
    for cookie in cookies:
        with httpx.Client(base_url=address, cookies={COOKIE: cookie}, timeout=120.0) as client:
            areas = LINKS.findall(client.get(f"/{PLANT}/home").text)
            pages = sorted({link for area in areas for link in LINKS.findall(client.get(area).text)})
            until = time.monotonic() + 600.0
            for path in pages:
                while time.monotonic() < until:
                    content = client.get(path).text
                    waits = [one for one in fetched(content) if client.get(one).status_code == 202]
                    if not waits and not client.get(f"/api/v1/plants/{PLANT}/jobs?limit=20").text.count('"queued"'):
                        break
                    time.sleep(0.5)
    return pages


def fetched(content: str) -> list[str]:
    """Return what a page's charts and lists fetch."""
    return sorted({unescape(one) for one in FETCHED.findall(content) if "/jobs/" not in one})


@dataclass
class Waits:
    """What was waited for, in milliseconds."""

    pages: list[float] = field(default_factory=list)
    api: list[float] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


def measured(address: str, cookies: list[str], token: str, pages: list[str], seconds: float) -> Waits:
    """Let the people and the program ask, each kind in a process of its own; without a token, only the people."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(2) as pool:
        begun = []
        if cookies:
            begun.append(pool.apply_async(walkers, (address, cookies, pages, seconds)))
        if token:
            begun.append(pool.apply_async(program, (address, {"Authorization": f"Bearer {token}"}, ASKED, seconds)))
        found = [one.get() for one in begun]
    return Waits(
        pages=[took for one in found for took in one.pages],
        api=[took for one in found for took in one.api],
        failed=[what for one in found for what in one.failed],
    )


def walkers(address: str, cookies: list[str], pages: list[str], seconds: float) -> Waits:
    waits = Waits()

    async def run() -> None:
        # Like a browser, which opens a connection of its own for each line.
        fetching, lines = aiohttp.TCPConnector(limit=0), aiohttp.TCPConnector(limit=0, force_close=True)
        jar = aiohttp.DummyCookieJar()
        async with (
            aiohttp.ClientSession(address, connector=fetching, cookie_jar=jar) as client,
            aiohttp.ClientSession(address, connector=lines, cookie_jar=jar) as on_line,
        ):
            until = time.monotonic() + seconds
            await asyncio.gather(*(person(client, on_line, one, pages, until, waits) for one in cookies))

    asyncio.run(run())
    return waits


async def person(
    client: aiohttp.ClientSession,
    on_line: aiohttp.ClientSession,
    cookie: str,
    pages: list[str],
    until: float,
    waits: Waits,
) -> None:
    headers = {"Cookie": f"{COOKIE}={cookie}", "Accept-Encoding": "gzip"}
    tab = uuid.uuid4()
    await asyncio.sleep(random.uniform(0.0, READS_FOR_S[1]))
    while time.monotonic() < until:
        begun = time.perf_counter()
        path = random.choice(pages)
        async with client.get(path, headers=headers) as answer:
            content = await answer.text()
            if answer.status != 200:
                waits.failed.append(f"{answer.status} {path}")
                continue
        who = f"client_id={CLIENT.findall(content)[0]}&tab_id={tab}&document_id={uuid.uuid4()}"
        query = f"{who}&next_message_id=0&implicit_handshake=true"
        line_of_page = f"/_nicegui_ws/socket.io/?EIO=4&transport=websocket&{query}"
        async with on_line.ws_connect(line_of_page, headers=headers) as line:
            await line.receive()
            await line.send_str("40")
            await line.receive()
            await asyncio.gather(*(fetch(client, one, headers, waits) for one in fetched(content)))
            waits.pages.append((time.perf_counter() - begun) * 1e3)
            leave = time.monotonic() + random.uniform(*READS_FOR_S)
            while (rest := min(leave, until) - time.monotonic()) > 0:
                try:
                    said = await line.receive(timeout=rest)
                except TimeoutError:
                    break
                if said.type is not aiohttp.WSMsgType.TEXT:
                    waits.failed.append(f"line closed with {line.close_code}: {path}")
                    break
                if said.data == "2":
                    await line.send_str("3")


async def fetch(client: aiohttp.ClientSession, path: str, headers: dict[str, str], waits: Waits) -> None:
    async with client.get(path, headers=headers) as answer:
        await answer.read()
        if answer.status >= 500:
            waits.failed.append(f"{answer.status} {path}")


def program(address: str, headers: dict[str, str], asked: dict[str, int], seconds: float) -> Waits:
    waits = Waits()

    async def once(client: aiohttp.ClientSession, path: str) -> None:
        begun = time.perf_counter()
        async with client.get(path, headers=headers) as answer:
            await answer.read()
            if answer.status != 200:
                waits.failed.append(f"{answer.status} {path}")
        waits.api.append((time.perf_counter() - begun) * 1e3)

    async def run() -> None:
        async with (
            aiohttp.ClientSession(address, connector=aiohttp.TCPConnector(limit=0)) as client,
            asyncio.TaskGroup() as group,
        ):
            at, until = time.monotonic(), time.monotonic() + seconds
            while at < until:
                at += random.expovariate(RATE)
                await asyncio.sleep(max(0.0, at - time.monotonic()))
                group.create_task(once(client, random.choices(list(asked), list(asked.values()))[0]))

    asyncio.run(run())
    return waits


def bare() -> float:
    """Return the 95th percentile of a route that does nothing."""
    code = (
        "import uvicorn\nfrom starlette.applications import Starlette\nfrom starlette.responses import JSONResponse\n"
        "from starlette.routing import Route\n"
        "app = Starlette(routes=[Route('/', lambda request: JSONResponse({'ok': True}))])\n"
        "uvicorn.run(app, port=8099, log_level='error')\n"
    )
    server = subprocess.Popen([sys.executable, "-c", code])
    try:
        for _ in range(100):
            try:
                httpx.get("http://127.0.0.1:8099/")
                break
            except httpx.ConnectError:
                time.sleep(0.1)
        return p95(program("http://127.0.0.1:8099", {}, {"/": 1}, 15.0).api)
    finally:
        server.terminate()
        server.wait(10)


def cold(address: str, cookie: str) -> float:
    """Return the median time from a click in a new browser until the home page can be used, in milliseconds."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415

    taken = []
    with sync_playwright() as driver:
        for _ in range(5):
            browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
            context = browser.new_context()
            context.add_cookies([{"name": COOKIE, "value": cookie, "url": address}])
            page = context.new_page()
            begun = time.perf_counter()
            page.goto(f"{address}/{PLANT}/home", wait_until="commit")
            page.wait_for_function("window.socket?.connected && document.querySelector('main h1')")
            taken.append((time.perf_counter() - begun) * 1e3)
            browser.close()
    return statistics.median(taken)


def casting_begun(address: str, cookie: str) -> str:
    """Start a casting of about a million cells, as the page does, and return its job once it runs."""
    with httpx.Client(base_url=address, cookies={COOKIE: cookie}, timeout=60.0) as client:
        csrf = {"X-Forgecast-CSRF": client.get("/api/v1/me").json()["csrf"]}
        part = Path(__file__).resolve().parents[1] / "docs" / "start" / "first_casting" / "boss.stl"
        upload = client.post(
            f"/api/v1/plants/{PLANT}/uploads",
            params={"file_name": part.name},
            content=part.read_bytes(),
            headers={**csrf, "Content-Type": "application/octet-stream"},
        )
        asked = {
            "part": upload.raise_for_status().json()["id"],
            "unit": "mm",
            "alloy": "WCB",
            "mould": "green-sand",
            "pour_degC": 1580.0,
            "cell_mm": 2.0,
        }
        job = client.post(f"/api/v1/plants/{PLANT}/casting/freeze", json=asked, headers=csrf).raise_for_status().json()
        while client.get(f"/api/v1/plants/{PLANT}/jobs/{job['id']}").json()["state"] == "queued":
            time.sleep(0.2)
    return str(job["id"])


def casting_share(address: str, cookie: str, job: str) -> str:
    with httpx.Client(base_url=address, cookies={COOKIE: cookie}, timeout=60.0) as client:
        told = client.get(f"/api/v1/plants/{PLANT}/jobs/{job}").json()
    if told["ended_at"] is None:
        return f"{told['state']}, {told['share']:.0%}"
    begun, ended = (datetime.fromisoformat(told[key]) for key in ("begun_at", "ended_at"))
    return f"{told['state']} after {(ended - begun).total_seconds():.0f} s"


def report(waits: Waits, when: str) -> None:
    print(f"-- {when}")
    for name, found in (("page action", waits.pages), ("api", waits.api)):
        if not found:
            continue
        half, most = statistics.median(found), p95(found)
        goal = GOALS[name]
        said = "met" if most < goal else "NOT MET"
        print(
            f"{name:12s} {len(found):6d} times, median {half:7.1f} ms, p95 {most:7.1f} ms, goal {goal:.0f} ms: {said}"
        )
    print(f"failed: {len(waits.failed)} {sorted(set(waits.failed))[:5]}")


def p95(found: list[float]) -> float:
    return statistics.quantiles(found, n=20)[-1]


if __name__ == "__main__":
    main()
