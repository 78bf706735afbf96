"""The pages of the administration and of one's own account: people, roles, tokens, deeds; who may not, sees nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from forgecast.app.server.identity import COOKIE
from forgecast.store.server import accounts, grants
from forgecast.store.server.database import ServerStore
from forgecast.store.server.grants import SERVER_WIDE, Place
from forgecast.store.server.rights import Role
from tests.pages.browsing import PHONE, check_accessible, check_width, settled
from tests.pages.conftest import SignedIn
from tests.pages.plant_server import PlantServer, asking

PAGES = ("admin", "admin/people", "admin/deeds", "admin/plants", "admin/server", "account")
SAID = {
    "en": {"let_in": "Let in", "name": "Name to sign in with", "up": "Make up a password", "made": "may come in now",
           "who": "People and roles", "disable": "Disable the account", "disabled": "disabled",
           "deed": "let somebody in", "token": "Make a token", "for": "What it is for", "revoke": "Revoke"},
    "zh": {"let_in": "添加", "name": "登录名", "up": "生成密码", "made": "现在可用此密码进入", "who": "人员与角色",
           "disable": "停用账户", "disabled": "已停用", "deed": "添加人员", "token": "生成令牌", "for": "用途",
           "revoke": "吊销"},
}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def head(server: PlantServer) -> Iterator[None]:
    """Let the administrator of the plant administer the whole server while these tests run."""
    store = ServerStore(server.database)
    with store.writing() as connection:
        grant = grants.give(
            connection, server.ids["admin"], Role.ADMIN, SERVER_WIDE, by="test", now_us=_now_us(), mine=None
        )
        # Somebody else has to stay when this one is taken back.
        other = accounts.create(connection, name="head", password_hash=None, now_us=_now_us())
        grants.give(connection, other, Role.ADMIN, SERVER_WIDE, by="test", now_us=_now_us(), mine=None)
    yield
    with store.writing() as connection:
        grants.take(connection, grant, mine=None)
    store.close()


def _now_us() -> int:
    return time.time_ns() // 1_000


def _opened(page: Page, address: str) -> Page:
    page.goto(address)
    return settled(page)


@pytest.mark.slow  # three pages, each written to
def test_somebody_is_let_in_signs_in_and_is_disabled(
    signed_in: SignedIn, to: Callable[[str], str], server: PlantServer, language: str
) -> None:
    said = SAID[language]
    name = f"wang-{language}"
    page = _opened(signed_in("admin", language=language), to("admin/people"))
    page.get_by_label(said["name"], exact=True).fill(name)
    page.get_by_role("button", name=said["up"]).click()
    page.get_by_role("button", name=said["let_in"], exact=True).click()
    expect(page.locator(".fc-notice", has_text=said["made"])).to_be_visible()
    password = page.locator(".fc-secret").inner_text()
    with asking(server.address, headers={"Origin": server.address}) as client:
        answer = client.post("/sign-in", data={"name": name, "password": password})
        assert answer.status_code == 303
        assert client.get(f"/api/v1/plants/{server.plant}/deeds").status_code == 403  # a viewer
        _opened(page, to("admin/people"))
        page.get_by_role("link", name=name).click()
        expect(page.locator("h1")).to_have_text(name)
        settled(page)
        check_accessible(page)
        page.get_by_role("button", name=said["disable"]).click()
        expect(page.locator(".fc-facts")).to_contain_text(said["disabled"])
        assert client.get("/api/v1/me").status_code == 401
    _opened(page, to("admin/deeds?where=enterprise"))
    expect(page.locator("table")).to_contain_text(said["deed"])
    expect(page.locator("table")).to_contain_text(f"{name} viewer")


@pytest.mark.slow  # the page is built four times
def test_a_token_is_shown_once_works_and_is_revoked(
    signed_in: SignedIn, to: Callable[[str], str], server: PlantServer, language: str
) -> None:
    said = SAID[language]
    page = _opened(signed_in("engineer", language=language), to("account"))
    page.get_by_label(said["for"], exact=True).fill(f"scrap {language}")
    page.get_by_role("button", name=said["token"]).click()
    secret = page.locator(".fc-secret").inner_text()
    with asking(server.address, headers={"Authorization": f"Bearer {secret}"}) as program:
        me = program.get("/api/v1/me").json()
        assert me["token"] == f"scrap {language}"
        assert [plant["rights"] for plant in me["plants"]] == [["see"]]
        _opened(page, to("account"))
        assert page.locator(".fc-secret").count() == 0
        revoke = page.get_by_role("button", name=f"{said['revoke']} scrap {language}")
        revoke.click()
        page.locator(".fc-dialog").get_by_role("button", name=said["revoke"], exact=True).click()
        expect(page.locator(".fc-dialog")).to_have_count(0)
        expect(revoke).to_have_count(0)
        settled(page)  # the page shows itself anew, and what is not there yet is not gone
        expect(revoke).to_have_count(0)
        assert program.get("/api/v1/me").status_code == 401


@pytest.mark.slow  # every page of the area
@pytest.mark.parametrize(("width", "theme"), [(1440, "dark"), (PHONE, "light")])
def test_pages_are_accessible_and_fit(
    signed_in: SignedIn, to: Callable[[str], str], language: str, width: int, theme: str
) -> None:
    page = signed_in("admin", language=language, theme=theme, width=width)
    for path in PAGES:
        _opened(page, to(path))
        check_accessible(page)
        check_width(page)


@pytest.mark.parametrize("path", ["admin/people", "admin/deeds", "admin/plants", "admin/server", "admin/people/1"])
def test_pages_of_administrators_are_not_there_for_others(server: PlantServer, path: str) -> None:
    for role in ("viewer", "engineer", "manager"):
        with asking(server.address, cookies={COOKIE: server.session(role)}) as client:
            assert client.get(f"/{server.plant}/{path}").status_code == 404


def test_whoever_administers_a_plant_only_sees_nobody_of_the_enterprise(
    server: PlantServer, signed_in: SignedIn, to: Callable[[str], str]
) -> None:
    store = ServerStore(server.database)
    with store.writing() as connection:
        lone = accounts.create(connection, name=f"lone-{_now_us()}", password_hash=None, now_us=_now_us())
        grants.give(connection, lone, Role.ADMIN, Place(plant_id=server.plant), by="test", now_us=_now_us(), mine=None)
    store.close()
    server.ids["lone"] = lone
    page = _opened(signed_in("lone"), to("admin/people"))
    expect(page.locator("#content")).to_contain_text("You administer this plant, not the enterprise it belongs to.")
    assert page.locator("#content table").count() == 0
    _opened(page, to("admin/server"))
    expect(page.locator("#content")).to_contain_text("You administer this plant, not the server it is on.")
    assert str(server.folder) not in page.content()
