"""The casting studio in a browser: from the file of a part to its result, in both languages."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
import trimesh
from playwright.sync_api import Page, expect

from forgecast.app.server.identity import COOKIE
from tests.metal.test_alloys import OWN
from tests.pages.browsing import PHONE, SHOWN_MS, WORKED_OUT_MS, check_accessible, check_width, settled
from tests.pages.conftest import SignedIn
from tests.pages.plant_server import PlantServer, asking

SAID = {
    "en": {"alloy": "Alloy", "mould": "Mould", "pour": "Pouring temperature", "cell": "Edge of a cell",
           "start": "Start the run", "unit": "Unit of the file", "margin": "Temperatures and mould box",
           "around": "Mould around the part", "sound": "Is the casting sound?", "spot": "hot spot 1: show it"},
    "zh": {"alloy": "合金", "mould": "铸型", "pour": "浇注温度", "cell": "单元边长", "start": "开始计算",
           "unit": "文件单位", "margin": "温度与砂箱", "around": "零件周围的铸型厚度", "sound": "铸件是否致密？",
           "spot": "热节1：查看"},
}  # fmt: skip


@pytest.fixture
def block(tmp_path: Path) -> Path:
    """Return an STL file of a block of 60 x 40 x 20 mm."""
    path = tmp_path / "block.stl"
    trimesh.creation.box(bounds=[[0.0, 0.0, 0.0], [60.0, 40.0, 20.0]]).export(path)
    return path


def choose(page: Page, label: str, words: str) -> None:
    """Choose the one of a long list that has these words in one of its names."""
    page.get_by_label(label, exact=True).fill(words)
    found = page.locator(".q-menu [role=option]", has_text=words)
    expect(found).to_have_count(1)
    found.click()


def fill_in(page: Page, to: Callable[[str], str], part: Path, said: dict[str, str], *, cell: str = "5") -> None:
    """Fill in a new run of a part."""
    page.goto(to("casting/new"))
    page.set_input_files("input[type=file]", part)
    # The kind of file does not know its unit: it is asked for, with the sizes that both would give.
    expect(page.locator(".fc-error").first).to_contain_text("60 x 40 x 20 mm", timeout=WORKED_OUT_MS)
    page.get_by_label(said["unit"]).click()
    page.get_by_role("option", name="mm", exact=True).click()
    expect(page.locator(".fc-facts").first).to_contain_text("60", timeout=WORKED_OUT_MS)
    expect(page.locator(".fc-mesh[data-drawn]")).to_be_visible(timeout=WORKED_OUT_MS)
    choose(page, said["alloy"], "A356")
    choose(page, said["mould"], "green-sand")
    page.get_by_label(said["pour"], exact=True).fill("700")
    page.get_by_label(said["cell"], exact=True).fill(cell)
    page.get_by_label(said["cell"], exact=True).blur()


@pytest.mark.slow  # two runs with all they write
def test_from_the_file_of_a_part_to_its_result(
    signed_in: SignedIn, to: Callable[[str], str], block: Path, language: str
) -> None:
    said = SAID[language]
    page = signed_in("engineer", language=language)
    fill_in(page, to, block, said)
    page.get_by_role("button", name=said["start"]).click()
    page.wait_for_url("**/casting/run/**")
    page.reload()  # the run goes on
    expect(page.get_by_role("heading", name=said["sound"])).to_be_visible(timeout=WORKED_OUT_MS)
    expect(page.locator("h1")).to_have_text("block")
    settled(page)
    check_accessible(page)
    frames = page.locator(".fc-mesh").first.get_attribute("data-frames")
    page.get_by_role("button", name=said["spot"]).click()
    expect(page.locator(".fc-mesh").first).not_to_have_attribute("data-frames", frames or "")
    page.goto(to("casting"))
    expect(page.locator(".fc-run").first).to_contain_text("block")
    settled(page)
    check_accessible(page)


def test_a_draft_outlives_a_reload(
    server: PlantServer, signed_in: SignedIn, to: Callable[[str], str], block: Path
) -> None:
    page = signed_in("manager")
    fill_in(page, to, block, SAID["en"])
    page.get_by_role("button", name="Add a riser").click()
    page.get_by_label("diameter").fill("20")
    page.get_by_label("diameter").blur()
    server.wait_for_draft('"diameter": 20')  # a field is kept when it is left, and the page does not say so
    page.reload()
    settled(page)
    expect(page.get_by_label("diameter")).to_have_value("20")
    expect(page.get_by_label("Pouring temperature")).to_have_value("700")
    # The part is drawn although the riser lacks its place.
    page.get_by_role("button", name="Show them on the part").click()
    expect(page.get_by_text("without place and size")).to_be_visible(timeout=WORKED_OUT_MS)
    expect(page.locator(".fc-mesh[data-drawn]")).to_be_visible(timeout=WORKED_OUT_MS)
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_label("diameter")).to_have_count(0)


def test_what_is_missing_is_said_when_the_run_is_started(signed_in: SignedIn, to: Callable[[str], str]) -> None:
    page = signed_in("admin")
    page.goto(to("casting/new"))
    page.get_by_role("button", name="Start the run").click()
    expect(page.locator(".fc-error")).to_contain_text("this field is needed")


@pytest.mark.parametrize("path", ["casting", "casting/new", "casting/materials", "casting/gate", "casting/interface"])
def test_a_page_fits_a_phone(signed_in: SignedIn, to: Callable[[str], str], path: str, language: str) -> None:
    page = signed_in("engineer", language=language, width=PHONE, theme="dark")
    page.goto(to(path))
    settled(page)
    check_width(page)
    check_accessible(page)


def test_alloys_are_searched_by_any_name(signed_in: SignedIn, to: Callable[[str], str]) -> None:
    page = signed_in("engineer")
    page.goto(to("casting/materials?find=ZG230"))
    expect(page.locator("table").first.locator("tbody tr")).to_have_count(1)
    page.get_by_role("link", name="WCB").click()
    expect(page.locator("h1")).to_contain_text("WCB")
    expect(page.locator("table tbody tr").first).to_be_visible()


def test_whoever_may_not_run_does_not_see_the_studio(
    signed_in: SignedIn, to: Callable[[str], str], watch: object
) -> None:
    watch.allowed.add(404)  # type: ignore[attr-defined]
    page = signed_in("viewer")
    answer = page.goto(to("casting"))
    assert answer is not None
    assert answer.status == 404


def test_half_a_part_is_frozen_with_its_plane_of_symmetry(
    server: PlantServer, signed_in: SignedIn, to: Callable[[str], str], block: Path
) -> None:
    page = signed_in("admin")
    fill_in(page, to, block, SAID["en"])
    effort = page.locator(".fc-card", has_text="Cells and time")
    expect(effort).to_contain_text("32,256", timeout=WORKED_OUT_MS)  # 36 x 32 x 28
    page.get_by_text("More settings").click()
    sides = page.get_by_label("Ends in a plane of symmetry at")
    sides.click()
    page.get_by_role("option", name="its lowest x").click()
    expect(effort).to_contain_text("21,504", timeout=WORKED_OUT_MS)  # 24 x 32 x 28: no mould beyond the plane
    page.keyboard.press("Escape")
    server.wait_for_draft('"x-"')
    page.reload()
    settled(page)
    page.get_by_text("More settings").click()
    expect(page.locator(".q-chip")).to_contain_text("its lowest x")
    expect(page.locator(".fc-mesh[data-drawn]")).to_be_visible(timeout=WORKED_OUT_MS)
    page.get_by_role("button", name="Start the run").click()
    page.wait_for_url("**/casting/run/**")
    with asking(f"{server.address}/api/v1", cookies={COOKIE: server.session("admin")}) as client:
        job = client.get(f"/plants/{server.plant}/jobs/{page.url.rsplit('/', 1)[1]}").json()
    assert job["question"]["symmetry"] == ["x-"]


def _most(took: list[float]) -> float:
    """Return what 95 of 100 answers stay below [s]."""
    return sorted(took)[int(0.95 * len(took))]


@pytest.mark.slow  # a million cells
def test_a_million_cells_leave_the_pages_quick(
    server: PlantServer, signed_in: SignedIn, to: Callable[[str], str], block: Path
) -> None:
    """A casting of a million cells is started in the browser; while it works, others are answered as ever."""
    page = signed_in("engineer")
    # 60 x 40 x 20 mm with 60 mm of sand around it, in cells of 1.6 mm.
    fill_in(page, to, block, SAID["en"], cell="1.6")
    expect(page.locator(".fc-card", has_text="Cells and time")).to_contain_text("1,02", timeout=WORKED_OUT_MS)
    api = f"{server.address}/api/v1"
    viewer = asking(api, cookies={COOKIE: server.session("viewer")})
    engineer = asking(api, cookies={COOKIE: server.session("engineer")})
    with viewer, engineer:

        def answered() -> float:
            begun = time.perf_counter()
            assert viewer.get("/me").status_code == 200
            return time.perf_counter() - begun

        calm = [answered() for _ in range(50)]
        page.get_by_role("button", name="Start the run").click()
        page.wait_for_url("**/casting/run/**")
        job = page.url.rsplit("/", 1)[1]
        took: list[float] = []
        shares: list[float] = []
        until = time.monotonic() + WORKED_OUT_MS / 1000
        while time.monotonic() < until:
            took.append(answered())
            state = engineer.get(f"/plants/{server.plant}/jobs/{job}").json()
            shares.append(state["share"])
            if state["state"] not in {"queued", "running"} or (len(took) >= 200 and shares[-1] > 0.0):
                break
            time.sleep(0.05)
    # The bound of the issue for a page's action is half a second; half of all answers come far below it. A machine
    # that takes longer for everything is held against what the same question took before.
    assert _most(took) < max(0.5, 10.0 * _most(calm))
    assert state["state"] in {"running", "done"}, state
    assert max(shares) > 0.0
    expect(page.get_by_role("button", name="Stop").or_(page.locator(".fc-keys"))).to_be_visible(timeout=WORKED_OUT_MS)
    if state["state"] == "running" and shares[-1] < 0.5:  # a run that is about to end may end under the hand
        page.get_by_role("button", name="Stop").click()
        expect(page.locator(".fc-notice, .fc-keys").first).to_be_visible(timeout=WORKED_OUT_MS)


def test_an_alloy_of_ones_own_and_a_riser_out_of_a_file(
    server: PlantServer, signed_in: SignedIn, to: Callable[[str], str], block: Path, tmp_path: Path
) -> None:
    table, riser = tmp_path / "mine.csv", tmp_path / "riser.stl"
    table.write_text(f"{OWN}feeding_stop,,0.7,1,my foundry,aluminium\n", encoding="utf-8")
    trimesh.creation.box(bounds=[[20.0, 10.0, 20.0], [40.0, 30.0, 60.0]]).export(riser)
    page = signed_in("manager")
    fill_in(page, to, block, SAID["en"])
    page.get_by_text("Your own table of the alloy").click()
    page.get_by_label("Table (CSV, TOML)").set_input_files(table)
    expect(page.get_by_text("The alloy is the one of your own table mine.csv.")).to_be_visible(timeout=SHOWN_MS)
    page.get_by_role("button", name="Add a riser").click()
    page.get_by_role("button", name="Take a solid from a file instead").click()
    body = page.get_by_role("group", name="riser 1")
    expect(body.get_by_label("diameter")).to_have_count(0)
    body.get_by_label("Solid").set_input_files(riser)
    server.wait_for_draft("riser.stl")
    page.reload()
    settled(page)
    expect(body).to_contain_text("riser.stl")
    expect(page.get_by_text("The alloy is the one of your own table mine.csv.")).to_be_visible(timeout=SHOWN_MS)
    check_accessible(page)
    page.get_by_role("button", name="Show them on the part").click()
    expect(page.get_by_text("without place and size")).to_have_count(0)
    page.get_by_role("button", name="Start the run").click()
    page.wait_for_url("**/casting/run/**")
    with asking(f"{server.address}/api/v1", cookies={COOKIE: server.session("manager")}) as client:
        job = client.get(f"/plants/{server.plant}/jobs/{page.url.rsplit('/', 1)[1]}").json()
    assert job["question"]["alloy"] == "mine"
    assert job["question"]["alloy_table"]
    assert job["question"]["risers"][0]["file"]
    assert job["question"]["risers"][0]["at_mm"] is None
    # The result says what was poured; and another run like it begins with both.
    expect(page.get_by_role("heading", name=SAID["en"]["sound"])).to_be_visible(timeout=WORKED_OUT_MS)
    expect(page.locator("#content")).to_contain_text("mine")
    page.goto(to(f"casting/new?like={job['id']}"))
    settled(page)
    expect(page.get_by_role("button", name="Take the one of the list")).to_be_visible(timeout=SHOWN_MS)
    file = job["question"]["risers"][0]["file"]
    expect(body).to_contain_text(file, timeout=SHOWN_MS)
    page.get_by_role("button", name="Give measures instead").click()
    page.get_by_role("button", name="Take a solid from a file instead").click()
    expect(body).to_contain_text("in the unit of the part")
    expect(body).not_to_contain_text(file)
