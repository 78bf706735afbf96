"""Role x page x tenant: a page opens for its right only; what one may not see looks like what is not there."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
import time

import httpx
import pytest

from forgecast.app.pages.mount import declare
from forgecast.app.pages.page import PAGES
from forgecast.app.server.house import House
from forgecast.app.server.identity import COOKIE
from forgecast.store.server import sessions
from forgecast.store.server.database import ServerStore
from forgecast.store.server.rights import Right, Role, rights_of_roles
from forgecast.tasks.new_plant import new_plant
from tests.app.server.serving import FREE
from tests.stores.server_people import PLANTS, settle

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """Return the address of a server with pages, its database and its people."""
    home = tmp_path_factory.mktemp("pages")
    (home / "server.toml").write_text(FREE, encoding="utf-8")
    for plant in PLANTS:
        new_plant(home / "plants" / plant, name=plant.upper(), id=plant)
    with House(home) as house:
        database = house.database
        with house.store.writing() as connection:
            people = settle(connection, {plant: f"plants/{plant}" for plant in PLANTS})
    program = [sys.executable, "-c", "from forgecast.app.cli.main import main; main()", "serve", str(home)]
    with (home / "log").open("w", encoding="utf-8") as log:
        process = subprocess.Popen(
            [*program, "--port", "0", "--json", "--workers", "0"],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env={**os.environ, "NICEGUI_STORAGE_PATH": str(home / "ui")},
        )
    watch = threading.Timer(240.0, process.kill)
    watch.start()
    try:
        assert process.stdout is not None
        said = json.loads(process.stdout.readline())
        watch.cancel()  # it has started; how long the tests take is another matter
        yield said["address"], database, people
    finally:
        watch.cancel()
        process.terminate()
        process.wait(120)
        process.stdout.close()


@pytest.fixture
def person(running):
    """Return what opens a browser for somebody."""
    address, database, people = running
    opened = []

    def signed_in(name):
        with ServerStore(database) as store, store.writing() as connection:
            now_us = time.time_ns() // 1_000
            secret, _ = sessions.open_session(connection, people.ids[name], address="", agent="test", now_us=now_us)
        opened.append(httpx.Client(base_url=address, timeout=300.0, cookies={COOKIE: secret}))
        return opened[-1]

    yield signed_in
    for client in opened:
        client.close()


def _pages():
    declare()
    return [(re.sub(r"\{\w+(?::\w+)?\}", "x", one.path), one.right) for one in PAGES]


def _nameless(answer):
    """Return a page without what tells addresses and sessions apart."""
    told = re.sub(r'(name="forgecast-csrf" content=)"[^"]*"', r"\1", answer.text)
    return answer.status_code, told.replace(answer.request.url.path, "PATH")


@pytest.mark.parametrize("role", Role)
def test_a_page_opens_for_its_right_only(person, role):
    browser, held = person(f"a1-{role.value}"), rights_of_roles()[role]
    nothing = _nameless(browser.get("/a1/no-such-page"))
    assert nothing[0] == 404
    closed = [path for path, right in _pages() if right not in held]
    for path in closed:
        assert _nameless(browser.get(f"/a1/{path}")) == nothing, path
    assert (role is Role.ADMIN) or any(right not in held for right in Right)
    assert browser.get("/a1/home").status_code == 200


@pytest.mark.parametrize("name", ["a1-admin", "north-admin", "nobody"])
def test_the_pages_of_an_unseen_plant_are_not_there(person, name):
    browser = person(name)
    nothing = _nameless(browser.get("/no-such-plant/home"))
    assert nothing[0] == 404
    assert _nameless(browser.get("/b1/home")) == nothing
    for path, _ in _pages():
        assert _nameless(browser.get(f"/b1/{path}"))[0] == 404, path
        assert "B1" not in browser.get(f"/b1/{path}").text


def test_there_are_pages_to_walk():
    assert len(_pages()) >= 20
    assert any(right is not Right.SEE for _, right in _pages())
