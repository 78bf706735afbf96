"""What stands around every page: navigation, languages, light and dark, signing out, the phone."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import expect
from prometheus_client.parser import text_string_to_metric_families

from forgecast.app.pages.frame import AREAS
from forgecast.app.pages.mount import RECONNECT_S
from tests.pages.browsing import PHONE, SHOWN_MS, check_accessible, check_width, settled, tab_stops
from tests.pages.plant_server import asking

#: The page that is looked at; any would do.
PATH = "quality"


def test_a_page_that_was_left_is_gone_at_once(server, signed_in, to):
    # The first test of this file: the pages of others, which are kept a while, would be counted too.
    assert kept_pages(server) == 0
    page = signed_in("engineer")
    for path in ("quality", "melt", "pieces", "quality"):
        page.goto(to(path))
        settled(page)
        page.wait_for_function("window.socket?.connected")  # of a page that never had its line, no tab is known
    until_one_is_kept(page, server)
    page.go_back()
    page.wait_for_url(to("pieces"))
    settled(page)
    until_one_is_kept(page, server)


def test_signing_in_leads_to_the_page_one_wanted(server, browser, watch, to):
    from tests.pages.plant_server import PASSWORD

    context = browser.new_context(base_url=server.address)
    context.set_default_timeout(SHOWN_MS)
    watch.over(context)
    page = context.new_page()
    page.goto(to(PATH))
    page.locator("input[name=name]").fill("viewer")
    page.locator("input[type=password]").fill(PASSWORD)
    page.locator("button[type=submit], form button").first.click()
    page.wait_for_url(to(PATH))
    settled(page)
    context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_frame_is_accessible_and_in_one_language(signed_in, to, language, theme):
    page = signed_in("admin", language=language, theme=theme)
    page.goto(to(PATH))
    settled(page)
    assert page.get_attribute("html", "lang") == {"en": "en-US", "zh": "zh-CN"}[language]
    assert page.evaluate("document.documentElement.dataset.theme") == theme
    names = page.locator(".fc-nav > ul > li:not(.sub)").all_inner_texts()
    assert names == [name.say(language) for area, (name, _) in AREAS.items() if name.say(language) in names]
    assert len(names) >= 1
    check_accessible(page)


def test_language_and_theme_are_kept(signed_in, to):
    page = signed_in("viewer")
    page.goto(to(PATH))
    settled(page)
    page.get_by_role("button", name="中文").click()
    page.wait_for_function("document.documentElement.lang === 'zh-CN'")
    settled(page)
    page.locator(".fc-top button[title]").nth(1).click()
    page.wait_for_function("document.documentElement.dataset.theme === 'dark'")
    page.wait_for_function("document.cookie.includes('forgecast_theme=dark')")
    page.reload()
    settled(page)
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert page.get_attribute("html", "lang") == "zh-CN"


def test_menu_of_a_phone_opens_and_closes_by_keyboard(signed_in, to, language):
    page = signed_in("engineer", language=language, width=PHONE)
    page.goto(to(PATH))
    settled(page)
    check_width(page)
    link = page.locator(".fc-nav a").first
    assert not link.is_visible()
    page.locator("[data-fc=menu]").focus()
    page.keyboard.press("Enter")
    link.wait_for(state="visible")
    check_accessible(page)
    page.keyboard.press("Escape")
    link.wait_for(state="hidden")
    assert page.evaluate("document.activeElement.dataset.fc") == "menu"


def test_keyboard_reaches_content_first_by_the_skip_link(signed_in, to):
    page = signed_in("engineer")
    page.goto(to(PATH))
    settled(page)
    stops = tab_stops(page, 3)
    assert stops[0] == "Skip to content"
    page.locator(".fc-skip").focus()
    page.keyboard.press("Enter")
    page.wait_for_function("document.activeElement.id === 'content'")


def test_made_up_plant_says_so(signed_in, to):
    page = signed_in("viewer")
    page.goto(to(PATH))
    settled(page)
    expect(page.locator(".fc-banner")).to_have_text("Made-up plant: every record here is synthetic.")


def test_signing_out_ends_it(signed_in, to):
    page = signed_in("viewer")
    page.goto(to(PATH))
    settled(page)
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(re.compile("/sign-in"))
    page.goto(to(PATH))
    page.wait_for_url(re.compile("/sign-in"))


def test_plant_one_may_not_see_is_not_there(signed_in, server, watch):
    watch.allowed = {404}
    page = signed_in("viewer", language="zh")
    answer = page.goto(f"{server.address}/no-such-plant/quality")
    assert answer.status == 404
    assert page.get_attribute("html", "lang") == "zh-CN"
    check_accessible(page)


def test_first_page_is_quick(signed_in, to, record_property):
    page = signed_in("viewer")
    got = []
    page.context.on("response", lambda response: got.append(response))  # noqa: PLW0108  (a builtin is refused)
    page.goto(to(PATH))
    settled(page)
    taken = page.evaluate("performance.now()") / 1000
    size = page.evaluate(
        "performance.getEntriesByType('resource').concat(performance.getEntriesByType('navigation'))"
        ".reduce((sum, one) => sum + one.transferSize, 0)"
    )
    record_property("interactive_s", taken)
    print(f"first page: {taken:.2f} s, {len(got)} requests, {size / 1e6:.2f} MB")
    # Vue, Quasar and the Latin typeface, packed; charts and bodies are fetched by pages that have them only.
    assert size < 1.5e6


def test_address_without_a_page_is_answered_in_our_words(signed_in, to, watch, language):
    watch.allowed = {404}
    page = signed_in("viewer", language=language)
    assert page.goto(to("no-such-page")).status == 404
    assert page.locator(".fc-gate-card .fc-place").inner_text().endswith("/no-such-page")


def until_one_is_kept(page, server) -> None:
    """Wait until the page that is shown has its line to the server; long before the others would go by their time."""
    until = time.monotonic() + RECONNECT_S / 2
    while kept_pages(server) != 1:
        assert time.monotonic() < until, f"{kept_pages(server):.0f} pages are kept"
        page.wait_for_timeout(100)


def kept_pages(server) -> float:
    """Return how many pages the server keeps, open or not."""
    with asking(server.address) as client:
        content = client.get("/metrics").text
    families = {one.name: one for one in text_string_to_metric_families(content)}
    return families["forgecast_kept_pages"].samples[0].value
