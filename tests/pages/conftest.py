"""What tests of pages share: a server on the sample plant, a browser, and somebody who is signed in.

A test says who looks and how: ``page = signed_in("engineer", language="zh", theme="dark", width=390)``; then
``page.goto(to("quality"))``. Whatever the page writes to its console, whatever fails, and whatever it asks of another
host fails the test. `settled` waits until all is drawn, `check_accessible` asks axe-core, `check_width` looks for what
sticks out.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from playwright.sync_api import Error as PlaywrightError

from forgecast.app.server.home import home_of
from forgecast.app.server.identity import COOKIE
from forgecast.ground.texts import Language
from tests.pages.browsing import DESK, HEIGHT, SHOWN_MS, Watch, opened_browser
from tests.pages.plant_server import PlantServer, plant_server

SignedIn = Callable[..., Page]
HERE = Path(__file__).parent
_FAILED = pytest.StashKey[bool]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of pages: an open browser leaves its event loop behind, so they run in a process of their own."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.pages)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, pytest.TestReport]:
    """Remember that a test failed, for its fixtures to show what its pages held."""
    report = yield
    item.stash[_FAILED] = item.stash.get(_FAILED, False) or report.failed
    del call
    return report


def tell_pages(pages: list[Page], server: PlantServer | None = None) -> None:
    """Print what pages show, and the end of the server's log: what a failed test leaves to go by."""
    for page in pages:
        try:
            shown = page.locator("body").inner_text(timeout=2_000)
        except PlaywrightError as error:
            shown = str(error)
        print(f"--- {page.url} shows:\n{shown[:4_000]}")
    if server is not None:
        log = home_of(server.folder).path / "server.log"
        print(f"--- the server's log ends:\n{log.read_text(encoding='utf-8')[-4_000:]}")


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
def signed_in(
    server: PlantServer, browser: Browser, watch: Watch, request: pytest.FixtureRequest
) -> Iterator[SignedIn]:
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
        context.set_default_timeout(SHOWN_MS)
        watch.over(context)
        secret = server.session(role, language=language, theme=theme)
        context.add_cookies([{"name": COOKIE, "value": secret, "url": server.address}])
        return context.new_page()

    yield opened
    if request.node.stash.get(_FAILED, False):
        tell_pages([page for context in contexts for page in context.pages], server)
    for context in contexts:
        context.close()
