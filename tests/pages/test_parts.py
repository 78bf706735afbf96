"""The parts that pages are made of, in a browser: drawn, read out, worked by keyboard, narrow, light and dark."""

from __future__ import annotations

import itertools
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Page, Route, expect

from forgecast.ground.texts import text
from tests.pages.browsing import DESK, HEIGHT, PHONE, SHOWN_MS, Watch, check_accessible, check_width, settled
from tests.ports import free_port

_STARTS_WITHIN_S = 240.0


@pytest.fixture(scope="module")
def gallery() -> Iterator[str]:
    """Return the address of the gallery's own server."""
    port = free_port()
    program = [sys.executable, "-m", "tests.pages.gallery", str(port)]
    process = subprocess.Popen(program, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        until = time.monotonic() + _STARTS_WITHIN_S
        while True:
            try:
                httpx.get(f"{address}/data/refused")
                break
            except httpx.TransportError:
                assert process.poll() is None, "the gallery ended"
                assert time.monotonic() < until, "the gallery does not answer"
                time.sleep(0.25)
        yield address
    finally:
        process.kill()  # it keeps nothing, and would wait for browsers
        process.wait(_STARTS_WITHIN_S)


@pytest.fixture
def shown(gallery, browser) -> Iterator:
    """Return what opens a page of the gallery; it fails the test on console, other hosts and failed requests."""
    watch = Watch(gallery.removeprefix("http://"), allowed={422})
    contexts = []

    def opened(
        name: str,
        *,
        language: str = "en",
        theme: str = "light",
        width: int = DESK,
        held: Callable[[Route], object] | None = None,
    ) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": HEIGHT}, reduced_motion="reduce", timezone_id="America/New_York"
        )
        contexts.append(context)
        context.set_default_timeout(SHOWN_MS)
        watch.over(context)
        page = context.new_page()
        if held is not None:
            page.route("**/data/**", held)
        page.goto(f"{gallery}/gallery/{language}/{theme}/{name}")
        return settled(page) if held is None else page

    yield opened
    for context in contexts:
        context.close()
    watch.check()


@pytest.mark.parametrize("name", ["small", "fields", "charts", "lists", "mesh"])
@pytest.mark.parametrize(("theme", "language"), [("light", "en"), ("dark", "zh")])
def test_parts_are_accessible(shown, name, theme, language):
    check_accessible(shown(name, theme=theme, language=language))


@pytest.mark.parametrize("name", ["small", "fields", "charts", "lists", "mesh"])
def test_parts_fit_a_phone(shown, name):
    page = shown(name, language="zh", width=PHONE)
    check_width(page)
    check_accessible(page)


def test_chart_draws_many_points_on_the_plants_clock(shown):
    page = shown("charts")
    plot = page.locator(".fc-chart [role=img]").first
    assert "19600 values" in plot.get_attribute("aria-label")  # 400 of 20,000 are missing, and stay so
    # Ink of the line's own colour: the series is drawn, and not only its axes.
    page.wait_for_function(
        """() => {
          const c = document.querySelector('.fc-chart canvas');
          const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
          const near = (i, colour) => colour.every((part, k) => Math.abs(d[i + k] - part) < 12);
          let n = 0;
          for (let i = 0; i < d.length; i += 4) if (d[i + 3] > 200 && near(i, [0x2c, 0x4a, 0x68])) n++;
          return n > 2000;
        }"""
    )
    page.get_by_role("button", name="Show as table").first.click()
    first = page.locator(".fc-chart-table tbody tr").first.locator("td").first
    expect(first).to_have_text("2026-01-01 00:00")  # of Shanghai, where the plant stands; the browser is in New York


def test_chart_says_why_there_is_none(shown):
    page = shown("charts")
    said = page.locator(".fc-part-said").all_inner_texts()
    assert "There is nothing to draw yet." in said
    assert any("the value 4,1 is no number → write a number" in words for words in said)


def test_chart_follows_the_theme(shown):
    page = shown("charts")
    before = page.evaluate("document.querySelectorAll('.fc-chart canvas')[1].toDataURL()")
    page.evaluate("forgecast.theme('dark')")
    page.wait_for_function("(old) => document.querySelectorAll('.fc-chart canvas')[1].toDataURL() !== old", arg=before)


def test_figures_of_a_chart_are_saved(shown):
    page = shown("charts", language="zh")
    with page.expect_download() as download:
        page.locator(".fc-chart").nth(1).get_by_role("button", name="CSV").click()
    lines = Path(download.value.path()).read_text(encoding="utf-8-sig").splitlines()
    assert lines[1] == "气孔,82,52.9"
    with page.expect_download() as picture:
        page.locator(".fc-chart").nth(1).get_by_role("button", name="PNG").click()
    assert Path(picture.value.path()).read_bytes().startswith(b"\x89PNG\r\n\x1a\n")


def test_list_of_many_rows_is_sorted_filtered_and_worked_by_keyboard(shown):
    page = shown("lists")
    page.wait_for_function("document.querySelector('.fc-grid .count').innerText === '5,000 rows'")
    page.get_by_role("columnheader", name="Mass [kg]").locator(".ag-header-cell-label").click()
    page.get_by_role("searchbox").fill("42CrMo4")
    page.wait_for_function("document.querySelector('.fc-grid .count').innerText === '1,666 of 5,000 rows'")
    page.locator(".ag-row[row-index='0'] .ag-cell").nth(1).click()
    expect(page.locator(".ag-row[row-index='0'] .ag-cell-focus")).to_be_attached()
    page.keyboard.press("ArrowDown")
    expect(page.locator(".ag-row[row-index='1'] .ag-cell-focus")).to_be_attached()
    chosen = page.locator(".ag-row[row-index='1'] .ag-cell").first.inner_text()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/data/piece/{chosen}")


def test_list_on_a_phone_is_read_top_down(shown):
    page = shown("lists", width=PHONE)
    card = page.locator(".fc-grid-cards [role=listitem]").first
    assert card.inner_text().split("\n")[:2] == ["Piece", "P-00000"]
    assert "2026-01-01 08:30" in card.inner_text()


def test_body_is_drawn_cut_stepped_and_turned(shown):
    page = shown("mesh")
    stage = page.locator(".fc-mesh-stage")
    picture = "document.querySelector('.fc-mesh canvas').toDataURL()"

    def changed(old: str) -> str:
        page.wait_for_function(f"(old) => {picture} !== old", arg=old)
        return page.evaluate(picture)

    assert "102,412 triangles" in page.locator(".fc-mesh").inner_text()
    assert "solid after from 0 to 620 s" in stage.get_attribute("aria-label")
    now = page.evaluate(picture)
    page.get_by_label("Cut").select_option("z")
    now = changed(now)
    # The face of the cut is closed by the inside: seen from above, the middle of the ring's wall has a colour.
    page.get_by_role("button", name="top").click()
    now = changed(now)
    stage.focus()
    page.keyboard.press("ArrowLeft")
    now = changed(now)
    page.get_by_label("Colour").select_option("temperature")
    now = changed(now)
    step = page.get_by_label("Time step")
    expect(step).to_have_attribute("aria-valuetext", "400 s")
    step.focus()
    page.keyboard.press("Home")
    changed(now)
    expect(step).to_have_attribute("aria-valuetext", "0 s")


def test_value_under_the_pointer_is_told(shown):
    page = shown("mesh")
    page.get_by_role("button", name="top").click()
    box = page.locator(".fc-mesh-stage").bounding_box()
    # Where the body lies hangs on how wide its stage is: the pointer goes over it until it is told something.
    ways = itertools.cycle(range(8))

    def told() -> list[str]:
        page.mouse.move(box["x"] + box["width"] * (0.36 + 0.04 * next(ways)), box["y"] + box["height"] / 2)
        page.wait_for_timeout(700)
        return page.locator(".fc-mesh-probe").all_inner_texts()

    until = time.monotonic() + SHOWN_MS / 1000
    while not (words := told()):
        assert time.monotonic() < until, "nothing is told of what is under the pointer"
    assert words[0].endswith(" s")


def test_question_before_something_is_lost(shown, language):
    page = shown("fields", language=language)
    page.get_by_role("button", name={"en": "Delete", "zh": "删除"}[language]).click()
    dialog = page.locator(".fc-dialog")
    dialog.wait_for()
    page.wait_for_function("document.getAnimations().length === 0")
    check_accessible(page, within=".q-dialog")
    dialog.locator("button.grave").click()
    page.wait_for_function("document.body.innerText.includes('deleted')")


def test_words_of_others_are_never_commands(shown):
    page = shown("small")
    assert page.locator(".fc-error b").count() == 0
    assert "<b>4,1</b>" in page.locator(".fc-error").inner_text()


def test_what_comes_for_a_part_that_is_gone_is_dropped(shown):
    due = {"/data/late/series", "/data/late/rows", "/data/late/mesh"}
    came: set[str] = set()
    held: list[Route] = []
    page = shown("late", held=lambda route: held.append(route))  # noqa: PLW0108  (a builtin is refused)
    page.on("requestfinished", lambda request: came.add(urlsplit(request.url).path))
    page.locator(".fc-mesh, .fc-chart, .fc-grid").nth(2).wait_for()

    def wait_until(reached: Callable[[], bool], words: str) -> None:
        until = time.monotonic() + SHOWN_MS / 1000
        while not reached():
            assert time.monotonic() < until, words
            page.wait_for_timeout(100)

    wait_until(lambda: due <= {urlsplit(one.request.url).path for one in held}, "the parts do not ask for their data")
    page.get_by_role("button", name="Take away").click()
    expect(page.locator(".fc-mesh, .fc-chart, .fc-grid")).to_have_count(0)
    for one in held:
        one.continue_()
    wait_until(lambda: due <= came, "the data do not come")
    page.wait_for_timeout(1_000)  # what would be drawn now would write to the console, which `shown` watches


def test_what_fails_behind_a_button_is_told(shown, language):
    page = shown("late", language=language)
    page.evaluate("Quasar.Notify.setDefaults({ timeout: 0 })")  # what is told goes after five seconds, seen or not
    page.get_by_role("button", name={"en": "Refuse", "zh": "拒绝"}[language]).click()
    said = page.locator(".fc-toast")
    expect(said).to_contain_text({"en": "the value 4,1 is no number", "zh": "4,1"}[language])
    page.get_by_role("button", name={"en": "Misfit", "zh": "不合"}[language]).click()
    expect(said.last).to_contain_text("greater than 0")
    expect(said.last).to_contain_text(text("change the field and send again").say(language))
    page.get_by_role("button", name={"en": "Fail", "zh": "失败"}[language]).click()
    expect(said.last).to_contain_text(
        text("This has failed; the log of the server says why. See what is on record.").say(language)
    )
    assert "a secret of the server" not in page.content()
