"""What tests of pages share: a server on the sample plant, a browser, and somebody who is signed in.

A test says who looks and how: ``page = signed_in("engineer", language="zh", theme="dark", width=390)``; then
``page.goto(to("quality"))``. Whatever the page writes to its console, whatever fails, and whatever it asks of another
host fails the test. `settled` waits until all is drawn, `check_accessible` asks axe-core, `check_width` looks for what
sticks out.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from forgecast.app.server.identity import COOKIE
from forgecast.ground.texts import Language
from tests.pages.browsing import DESK, HEIGHT, Watch, opened_browser
from tests.pages.plant_server import PlantServer, plant_server

SignedIn = Callable[..., Page]
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of pages: an open browser leaves its event loop behind, so they run in a process of their own."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.pages)


@pytest.fixture(scope="module")
def server(sample_plant: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PlantServer]:
    """Return the server of a file of tests, on a copy of the sample plant: what one file records, no other meets."""
    folder = tmp_path_factory.mktemp("served") / "plant"
    shutil.copytree(sample_plant, folder)
    with plant_server(folder) as running:
        yield running


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Return the browser of the session."""
    with opened_browser() as opened:
        yield opened


@pytest.fixture(params=["en", "zh"])
def language(request: pytest.FixtureRequest) -> Language:
    """Return each language in turn."""
    return request.param


@pytest.fixture
def watch(server: PlantServer) -> Iterator[Watch]:
    """Return what watches the pages of the test; it fails the test afterwards."""
    watching = Watch(server.address.removeprefix("http://"))
    yield watching
    watching.check()


@pytest.fixture
def to(server: PlantServer) -> Callable[[str], str]:
    """Return the address of a page of the plant."""
    return lambda path: f"{server.address}/{server.plant}/{path}"


@pytest.fixture
def signed_in(server: PlantServer, browser: Browser, watch: Watch) -> Iterator[SignedIn]:
    """Return what opens a window for somebody who is signed in: role, language, theme, width."""
    contexts = []

    def opened(role: str = "engineer", *, language: str = "en", theme: str = "light", width: int = DESK) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": HEIGHT},
            reduced_motion="reduce",
            locale={"en": "en-GB", "zh": "zh-CN"}[language],
            timezone_id="America/New_York",  # not the plant's, so that a page which shows the browser's is found out
        )
        contexts.append(context)
        context.set_default_timeout(60_000)  # two workers and a browser each share two cores
        watch.over(context)
        secret = server.session(role, language=language, theme=theme)
        context.add_cookies([{"name": COOKIE, "value": secret, "url": server.address}])
        return context.new_page()

    yield opened
    for context in contexts:
        context.close()
