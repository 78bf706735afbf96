"""Long work, uploads and forms on pages: followed, stopped, found again, and never shown as done when they are not."""

from __future__ import annotations

import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, Route, expect

from forgecast.app.server.identity import COOKIE
from tests.pages.browsing import SHOWN_MS, WORKED_OUT_MS, check_accessible, settled
from tests.pages.conftest import SignedIn
from tests.pages.plant_server import PlantServer, asking, plant_server
from tests.ports import free_port

_PART = 4 * 1024 * 1024


@pytest.fixture
def asked(server: PlantServer) -> Iterator[httpx.Client]:
    """Return a client of the API that is signed in as the engineer."""
    yield from _client(server)


@pytest.fixture
def mortal(sample_plant: Path, tmp_path: Path) -> Iterator[PlantServer]:
    """Return a server of the test's own, which may be killed."""
    shutil.copytree(sample_plant, tmp_path / "plant")
    with plant_server(tmp_path / "plant", port=free_port()) as running:  # nobody else is given it meanwhile
        yield running


def _client(server: PlantServer) -> Iterator[httpx.Client]:
    with asking(f"{server.address}/api/v1", cookies={COOKIE: server.session("engineer")}) as client:
        client.headers["X-Forgecast-CSRF"] = client.get("me").json()["csrf"]
        client.headers["Origin"] = server.address
        yield client


def _opened(browser: Browser, server: PlantServer, role: str) -> Page:
    context = browser.new_context(base_url=server.address)
    context.set_default_timeout(SHOWN_MS)
    context.add_cookies([{"name": COOKIE, "value": server.session(role), "url": server.address}])
    return context.new_page()


def _long_run(asked: httpx.Client, server: PlantServer, part: Path) -> str:
    """Start a run that takes minutes, and return its id."""
    plant = f"plants/{server.plant}"
    upload = asked.post(f"{plant}/uploads?file_name=block.stl", content=part.read_bytes())
    assert upload.status_code == 201, upload.text
    question = {
        "part": upload.json()["id"], "unit": "mm", "alloy": "A356", "mould": "green-sand", "pour_degC": 700,
        "cell_mm": 2.0, "title": "a long one",
    }  # fmt: skip
    run = asked.post(f"{plant}/casting/freeze", json=question)
    assert run.status_code == 202, run.text
    return str(run.json()["id"])


@pytest.fixture
def block(tmp_path: Path) -> Path:
    import trimesh

    path = tmp_path / "block.stl"
    trimesh.creation.box(bounds=[[0.0, 0.0, 0.0], [60.0, 40.0, 20.0]]).export(path)
    return path


@pytest.mark.slow  # a run is started, followed and stopped
def test_a_run_is_followed_found_again_after_a_reload_and_stopped(
    signed_in: SignedIn, to: Callable[[str], str], server: PlantServer, asked: httpx.Client, block: Path
) -> None:
    job = _long_run(asked, server, block)
    page = signed_in("engineer")
    page.goto(to("admin"))
    bar = page.locator(".fc-job [role=progressbar]").first
    expect(bar).to_be_visible(timeout=WORKED_OUT_MS)
    page.wait_for_function(
        "Number(document.querySelector('.fc-job [role=progressbar]')?.getAttribute('aria-valuenow')) > 0",
        timeout=WORKED_OUT_MS,
    )
    page.reload()
    expect(bar).to_be_visible(timeout=WORKED_OUT_MS)
    assert asked.get(f"plants/{server.plant}/jobs/{job}").json()["state"] == "running"
    settled(page)
    check_accessible(page)
    page.locator(".fc-job").first.get_by_role("button", name="Stop").click()
    expect(page.locator("#content")).to_contain_text("Stopped; nothing was kept.", timeout=WORKED_OUT_MS)
    assert asked.get(f"plants/{server.plant}/jobs/{job}").json()["state"] == "stopped"
    assert asked.get(f"plants/{server.plant}/jobs/{job}/answer").status_code == 409


@pytest.mark.slow  # the page is opened twice, by people with different rights
def test_only_who_began_it_or_manages_the_plant_may_stop_a_run(
    signed_in: SignedIn, to: Callable[[str], str], server: PlantServer, asked: httpx.Client, block: Path
) -> None:
    job = _long_run(asked, server, block)
    try:
        page = signed_in("environment")
        page.goto(to("admin"))
        settled(page)
        assert page.locator(".fc-job").count() == 0  # what engineers work out is not open to this role
        page = signed_in("manager")
        page.goto(to("admin"))
        expect(page.locator(".fc-job").first.get_by_role("button", name="Stop")).to_be_visible(timeout=WORKED_OUT_MS)
    finally:
        asked.post(f"plants/{server.plant}/jobs/{job}/stop")


def test_a_broken_upload_shows_how_far_it_came_and_leaves_nothing(
    signed_in: SignedIn, to: Callable[[str], str], server: PlantServer, asked: httpx.Client, tmp_path: Path
) -> None:
    path = tmp_path / "large.stl"
    path.write_bytes(b"solid " + bytes(2 * _PART))
    before = asked.get(f"plants/{server.plant}/uploads").json()["uploads"]
    page = signed_in("engineer")
    page.goto(to("casting/new"))
    page.wait_for_selector("input[type=file]", state="attached")
    held: list[Route] = []

    def hold_the_second(route: Route) -> None:
        if route.request.method == "PATCH" and route.request.headers["upload-offset"] != "0":
            held.append(route)  # the line hangs
        else:
            route.continue_()

    page.route("**/uploads/parts/**", hold_the_second)
    page.set_input_files("input[type=file]", path)
    bar = page.locator(".fc-upload [role=progressbar]")
    expect(bar).to_have_attribute("aria-valuenow", "50", timeout=WORKED_OUT_MS)
    page.wait_for_function("document.querySelector('.fc-upload [role=progressbar]')")
    page.goto(to("admin"))  # whoever leaves breaks the line
    settled(page)
    assert asked.get(f"plants/{server.plant}/uploads").json()["uploads"] == before


@pytest.mark.slow  # a server of its own is started twice
def test_a_draft_outlives_a_reload_and_a_killed_server(browser: Browser, mortal: PlantServer) -> None:
    page = _opened(browser, mortal, "engineer")
    page.goto(f"/{mortal.plant}/data/enter/heat")
    field = page.locator("main input[type=text], main input:not([type])").first
    field.fill("H-DRAFT-1")
    field.blur()
    mortal.wait_for_draft("H-DRAFT-1")
    page.reload()
    expect(field).to_have_value("H-DRAFT-1")
    page.goto("about:blank")  # the page would load itself anew, at a moment of its own
    mortal.kill()
    mortal.start_again()
    page.goto(f"/{mortal.plant}/data/enter/heat")
    expect(field).to_have_value("H-DRAFT-1")
    page.context.close()


@pytest.mark.slow  # a server of its own is started twice
@pytest.mark.skipif(sys.platform == "win32", reason="a process cannot be held still there")
def test_a_change_that_the_server_dies_over_is_not_shown_as_done(browser: Browser, mortal: PlantServer) -> None:
    page = _opened(browser, mortal, "manager")
    page.goto(f"/{mortal.plant}/account")
    name = page.get_by_label("Name shown")
    expect(name).to_have_value("Manager")
    name.fill("Somebody else")
    name.blur()
    mortal.process.send_signal(signal.SIGSTOP)
    page.get_by_role("button", name="Save").click()
    mortal.kill()
    assert page.locator(".fc-toast").count() == 0
    page.goto("about:blank")  # the page would load itself anew, at a moment of its own
    mortal.start_again()
    page.goto(f"/{mortal.plant}/account")
    # What was never said to be done was not done.
    expect(page.get_by_label("Name shown")).to_have_value("Manager")
    page.context.close()
