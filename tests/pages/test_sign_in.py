"""The plain pages: signing in and out, the first start, another password, and the start of the addresses."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from forgecast.store.server import accounts
from forgecast.store.server.database import ServerStore
from tests.pages.browsing import DESK, HEIGHT, SHOWN_MS, check_accessible, check_width, tab_stops
from tests.pages.plant_server import PASSWORD

SAID = {
    "en": ("Sign in", "Name", "Password", re.compile("do not belong together")),
    "zh": ("登录", "名称", "密码", re.compile("不匹配")),
}


@pytest.fixture
def window(server, browser, watch) -> Iterator[object]:
    """Return what opens a window for somebody who is not signed in."""
    contexts = []

    def opened(language: str = "en", *, theme: str = "light", width: int = DESK) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": HEIGHT},
            color_scheme=theme,
            locale={"en": "en-GB", "zh": "zh-CN"}[language],
            base_url=server.address,
        )
        contexts.append(context)
        context.set_default_timeout(SHOWN_MS)
        watch.over(context)
        return context.new_page()

    yield opened
    for context in contexts:
        context.close()


def _fill(page: Page, name: str, password: str) -> None:
    """Send the form, and wait for the page that answers: it may look like the one before."""
    page.locator("#name").fill(name)
    page.locator("#password").fill(password)
    with page.expect_navigation():
        page.keyboard.press("Enter")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [DESK, 390])
def test_the_form_is_in_the_language_and_the_light_of_the_browser(window, language, theme, width):
    page = window(language, theme=theme, width=width)
    page.goto("/sign-in")
    heading, name, password, _ = SAID[language]
    assert page.locator("h1").inner_text() == heading
    assert [label.inner_text() for label in page.locator("label").all()] == [name, password]
    assert page.get_attribute("html", "lang") == {"en": "en", "zh": "zh-CN"}[language]
    # The card is the theme's, light or dark; an unstyled page would have none of it.
    card = page.locator("main").last.evaluate("(one) => getComputedStyle(one).backgroundColor")
    assert card == {"light": "rgb(255, 253, 249)", "dark": "rgb(28, 32, 36)"}[theme]
    check_accessible(page)
    check_width(page)


def test_no_script_is_needed_and_the_languages_change_places(window):
    page = window("en")
    page.goto("/sign-in?next=/x/home")
    assert page.locator("script").count() == 0
    page.get_by_role("link", name="中文").click()
    expect(page.locator("h1")).to_have_text("登录")
    assert page.locator("[name=next]").get_attribute("value") == "/x/home"
    page.goto("/sign-in")  # it is kept
    assert page.locator("h1").inner_text() == "登录"


def test_keyboard_alone_signs_in_and_leads_where_one_wanted_to_go(window, to):
    page = window()
    page.goto(to("rules"))
    page.wait_for_url(re.compile("/sign-in"))
    assert tab_stops(page, 4) == ["中文", "name", "password", "Sign in"]
    page.locator("#name").focus()
    page.keyboard.type("viewer")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(to("rules"))


@pytest.mark.parametrize("way", ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)"])
def test_one_goes_on_to_this_server_only(window, server, way):
    page = window()
    page.goto("/sign-in")
    page.locator("[name=next]").evaluate("(one, way) => { one.value = way }", way)
    _fill(page, "viewer", PASSWORD)
    page.wait_for_url(f"{server.address}/{server.plant}/home")


def test_a_wrong_password_says_what_to_do(window, watch, language):
    watch.allowed = {403}
    page = window(language)
    page.goto("/sign-in")
    _fill(page, "manager", "a wrong sentence")
    told = page.get_by_role("alert")
    assert SAID[language][3].search(told.inner_text())
    assert re.search({"en": "administrator", "zh": "管理员"}[language], told.inner_text())
    assert page.locator("#name").input_value() == "manager"
    assert page.locator("#password").input_value() == ""
    check_accessible(page)


def test_an_unknown_name_is_told_the_same(window, watch):
    watch.allowed = {403}
    page, told = window(), []
    for name in ("auditor", "no-such-person"):
        page.goto("/sign-in")
        _fill(page, name, "a wrong sentence")
        told.append(page.get_by_role("alert").inner_text())
    assert told[0] == told[1]


def test_failures_make_one_wait_and_say_how_long(window, watch):
    watch.allowed = {403, 429}
    page = window()
    page.goto("/sign-in")
    for _ in range(12):
        _fill(page, "operator", "a wrong sentence")
        if "Too many" in page.get_by_role("alert").inner_text():
            break
    said = page.get_by_role("alert").inner_text()
    found = re.search(r"[Ww]ait (\d+) s", said)
    assert found, said
    assert int(found[1]) >= 1


def test_a_password_is_changed_and_other_browsers_are_out(window, signed_in, server, to, watch):
    watch.allowed = {422}
    page, other = signed_in("environment"), signed_in("environment")
    other.goto(f"{server.address}/password")
    page.goto(to("rules"))
    page.get_by_role("link", name="Change the password").click()
    page.wait_for_url(re.compile("/password$"))
    check_accessible(page)
    new = "another sentence nobody guesses"
    for old, first, again, words in (
        (PASSWORD, new, "not the same at all", "The two passwords differ"),
        (PASSWORD, "short", "short", "The password has 5 characters"),
    ):
        _change(page, old, first, again)
        expect(page.get_by_role("alert")).to_contain_text(words)
    _change(page, PASSWORD, new, new)
    page.wait_for_url(re.compile("/home$"))
    other.goto(f"{server.address}/password")
    other.wait_for_url(re.compile("/sign-in"))
    fresh = window()
    fresh.goto("/sign-in")
    _fill(fresh, "environment", new)
    fresh.wait_for_url(re.compile("/home$"))
    fresh.goto("/password")
    _change(fresh, new, PASSWORD, PASSWORD)
    fresh.wait_for_url(re.compile("/home$"))


def _change(page: Page, old: str, new: str, again: str) -> None:
    for name, value in (("old", old), ("new", new), ("again", again)):
        page.locator(f"#{name}").fill(value)
    with page.expect_navigation():
        page.get_by_role("button", name="Change the password").click()


def test_signing_out_is_asked_for_and_done(signed_in, server):
    page = signed_in("viewer")
    page.goto(f"{server.address}/sign-out")
    assert "Viewer" in page.locator("main").last.inner_text()
    page.goto(f"{server.address}/password")  # an address alone signed nobody out
    assert page.url.endswith("/password")
    page.goto(f"{server.address}/sign-out")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(re.compile("/sign-in"))
    page.goto(f"{server.address}/password")
    page.wait_for_url(re.compile("/sign-in"))


def test_a_link_of_the_first_start_that_is_used_up_says_so(window, watch, language):
    watch.allowed = {403}
    page = window(language, width=390)
    page.goto("/start?key=used")
    assert {"en": "start the server again", "zh": "重新启动服务器"}[language] in page.get_by_role("alert").inner_text()
    check_accessible(page)
    check_width(page)


def test_whoever_has_no_plant_is_told_and_can_leave(window, server, language):
    store = ServerStore(server.database)
    with store, store.writing() as connection:
        kept = accounts.password_hash_of(connection, "viewer")
        assert kept is not None
        name = f"plantless-{language}"
        accounts.create(connection, name=name, password_hash=kept[1], now_us=time.time_ns() // 1_000)
    page = window(language, width=390)
    page.goto("/sign-in")
    _fill(page, name, PASSWORD)
    page.wait_for_url(f"{server.address}/")
    assert page.locator("h1").inner_text() == {"en": "No plant yet", "zh": "尚无工厂"}[language]
    check_accessible(page)
    check_width(page)
    page.get_by_role("button").click()
    page.wait_for_url(re.compile("/sign-in"))
