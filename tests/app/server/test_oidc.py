"""Signing in through another house: it works, and whatever does not hold lets nobody in."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from forgecast.app.server import oidc
from forgecast.app.server.access_settings import AccessSettings, read_access
from forgecast.app.server.identity import COOKIE
from forgecast.app.server.sign_in import OIDC_COOKIE
from forgecast.store.server import accounts, deeds, grants
from forgecast.store.server.grants import Place
from forgecast.store.server.rights import Role
from tests.app.server.issuer import CLIENT, SECRET, Issuer, foreign_key, running, shared_key
from tests.app.server.serving import FREE, ORIGIN, Browser, Served

#: An engineer of plant a1 is who stands in the group; a viewer of the enterprise whoever has that one value.
SETTINGS = """
[oidc]
issuer = "{issuer}"
client_id = "{client}"
client_secret_file = "client-secret"
name = "North's directory"
makes_accounts = {makes}

[[oidc.grant]]
claim = "groups"
value = "methods"
role = "engineer"
plant = "a1"

[[oidc.grant]]
claim = "house"
value = "north"
role = "viewer"
enterprise = "north"
"""


#: Everybody who comes is somebody new: the tests share their server.
_PEOPLE = itertools.count(1)


@contextmanager
def _opened(server: Served, issuer: Issuer, *, makes: bool = True, named: str = "") -> Iterator[Served]:
    """Give the server other settings, as if it had been started with them: to build it anew takes seconds."""
    said = SETTINGS.format(issuer=named or issuer.address, client=CLIENT, makes=str(makes).lower())
    (server.house.home / "client-secret").write_text(f"{SECRET}\n", encoding="utf-8")
    (server.house.home / "server.toml").write_text(FREE + said, encoding="utf-8")
    server.house.access, server.app.state.other_house = read_access(server.house.home), None
    yield server
    server.house.access, server.app.state.other_house = AccessSettings(), None


@pytest.fixture(scope="module")
def listening() -> Iterator[Issuer]:
    with running(Issuer()) as issuer:
        yield issuer


@pytest.fixture
def issuer(listening: Issuer) -> Issuer:
    """Return the issuer as it is when it does not lie."""
    number = next(_PEOPLE)
    fresh = Issuer(shows=listening.shows, claims={"sub": f"u-{number}", "preferred_username": f"wang-{number}"})
    for name in ("claims", "lies", "describes", "header", "signs", "gives_token"):
        setattr(listening, name, getattr(fresh, name))
    for kept in (listening.asked, listening.tokens_asked, listening.given, listening.codes):
        kept.clear()
    return listening


def _there(browser: Browser, way: str = "/a1/home") -> str:
    """Go to the other house and return the address it sends the browser back to."""
    sent = browser.get("/oidc/sign-in", params={"next": way})
    assert sent.status_code == 303, sent.text
    back = httpx.get(sent.headers["location"], follow_redirects=False)
    assert back.status_code == 303, back.text
    return back.headers["location"]


def _sign_in(browser: Browser, way: str = "/a1/home") -> httpx.Response:
    return browser.get(_there(browser, way))


def _accounts(server: Served) -> dict[str, accounts.Account]:
    with server.house.store.reading() as connection:
        return {one.name: one for one in accounts.accounts(connection)}


def _refused(answer: httpx.Response, browser: Browser, words: str) -> None:
    assert answer.status_code == 403
    assert words in answer.text.casefold()
    assert COOKIE not in browser.client.cookies
    assert browser.get("/api/v1/me").status_code == 401


def test_whoever_the_other_house_vouches_for_is_let_in(server, issuer):
    issuer.claims |= {"name": "王磊", "groups": ["methods", "chess"]}
    name = issuer.claims["preferred_username"]
    with _opened(server, issuer):
        browser = server.stranger()
        answer = _sign_in(browser)
        assert (answer.status_code, answer.headers["location"]) == (303, "/a1/home")
        me = browser.get("/api/v1/me").json()
        assert (me["name"], me["shown_name"]) == (name, "王磊")
        assert [plant["id"] for plant in me["plants"]] == ["a1"]
        assert "engineer" in me["plants"][0]["rights"]
        with server.house.store.reading() as connection:
            last = deeds.deeds_of_server(connection, limit=1)[0]
        assert (last.action, last.subject) == ("sign-in.oidc", name)
        assert OIDC_COOKIE not in browser.client.cookies
        assert "HttpOnly" in answer.headers["set-cookie"]


def test_the_button_leads_there_and_carries_where_to_go_on(server, issuer):
    with _opened(server, issuer):
        page = server.stranger().get("/sign-in", params={"next": "/a1/home"}).text
        assert "Sign in with North&#x27;s directory" in page
        assert 'href="/oidc/sign-in?next=%2Fa1%2Fhome"' in page


def test_what_is_asked_there_is_bound_to_this_sign_in(server, issuer):
    with _opened(server, issuer):
        first, second = server.stranger(), server.stranger()
        _sign_in(first)
        _sign_in(second)
    for asked in issuer.asked:
        assert asked["redirect_uri"] == f"{ORIGIN}/oidc/back"
        assert asked["code_challenge_method"] == "S256"
        assert SECRET not in str(asked)
    for name in ("state", "nonce", "code_challenge"):
        assert len({asked[name] for asked in issuer.asked}) == 2
        assert all(len(asked[name]) >= 43 for asked in issuer.asked)  # 256 bits in base64
    assert all(form["code_verifier"] for form in issuer.tokens_asked)


@pytest.mark.parametrize(
    "lies",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "somebody-else"},
        {"aud": ["forgecast", "somebody-else"]},
        {"aud": ["forgecast", "somebody-else"], "azp": "somebody-else"},
        {"azp": "somebody-else"},
        {"aud": None},
        {"iss": "http://127.0.0.1:1"},
        {"iss": None},
        {"exp": int(time.time()) - 120},
        {"exp": None},
        {"iat": int(time.time()) + 3_600},
        {"sub": ""},
        {"sub": None},
    ],
    ids="-".join,
)
def test_a_token_that_is_not_for_this_sign_in_lets_nobody_in(server, issuer, lies):
    issuer.lies = lies
    with _opened(server, issuer):
        browser = server.stranger()
        _refused(_sign_in(browser), browser, "the id token is not for this sign-in, or has expired")
        assert issuer.claims["preferred_username"] not in _accounts(server)


@pytest.mark.parametrize("how", ["another's key", "the client's secret as a key", "none at all", "changed after"])
def test_a_token_that_the_other_house_did_not_sign_lets_nobody_in(server, issuer, how, monkeypatch):
    if how == "another's key":
        issuer.signs = foreign_key()
    elif how == "the client's secret as a key":
        issuer.signs, issuer.header = shared_key(), {"alg": "HS256"}
    elif how == "none at all":
        issuer.signs, issuer.header = shared_key(), {"alg": "none"}
    else:
        whole = issuer.token
        monkeypatch.setattr(issuer, "token", lambda asked: _changed(whole(asked)))
    with _opened(server, issuer):
        browser = server.stranger()
        _refused(_sign_in(browser), browser, "the id token is not signed by the other house")
        assert issuer.given


def _changed(token: str) -> str:
    head, body, sign = token.split(".")
    return ".".join((head, body[:10] + ("A" if body[10] != "A" else "B") + body[11:], sign))


def test_another_state_is_refused_before_anything_is_asked(server, issuer):
    with _opened(server, issuer):
        browser = server.stranger()
        code = parse_qs(urlsplit(_there(browser)).query)["code"][0]
        answer = browser.get("/oidc/back", params={"code": code, "state": "another"})
        _refused(answer, browser, "this sign-in was begun in another browser")
        assert issuer.tokens_asked == []


def test_a_link_of_somebody_elses_sign_in_lets_nobody_in(server, issuer):
    with _opened(server, issuer):
        back = _there(server.stranger())
        victim = server.stranger()
        _refused(victim.get(back), victim, "this sign-in was begun in another browser")
        victim.client.cookies.set(OIDC_COOKIE, "bm90IG91cnM=", domain="forge.example", path="/oidc")
        _refused(victim.get(back), victim, "this sign-in was begun in another browser")
        assert issuer.tokens_asked == []


def test_a_code_that_was_stolen_does_not_fit_another_sign_in(server, issuer):
    with _opened(server, issuer):
        stolen = parse_qs(urlsplit(_there(server.stranger())).query)["code"][0]
        thief = server.stranger()
        own = parse_qs(urlsplit(_there(thief)).query)
        answer = thief.get("/oidc/back", params={"code": stolen, "state": own["state"][0]})
        _refused(answer, thief, "did not accept this sign-in")
        assert len(issuer.tokens_asked) == 1


def test_the_way_back_is_gone_once(server, issuer):
    with _opened(server, issuer):
        browser = server.stranger()
        back = _there(browser)
        kept = browser.client.cookies[OIDC_COOKIE]
        assert browser.get(back).status_code == 303
        browser.client.cookies.clear()
        _refused(browser.get(back), browser, "this sign-in was begun in another browser")
        browser.client.cookies.set(OIDC_COOKIE, kept, domain="forge.example", path="/oidc")
        _refused(browser.get(back), browser, "did not accept this sign-in")


def test_what_was_refused_there_is_said(server, issuer):
    with _opened(server, issuer):
        browser = server.stranger()
        state = parse_qs(urlsplit(_there(browser)).query)["state"][0]
        answer = browser.get("/oidc/back", params={"error": "access_denied", "state": state})
        _refused(answer, browser, "the other house did not let you in")


@pytest.mark.parametrize("way", ["//evil.example", "https://evil.example/", "/\\evil.example"])
def test_one_comes_back_to_this_server_only(server, issuer, way):
    with _opened(server, issuer):
        assert _sign_in(server.stranger(), way).headers["location"] == "/"


def test_roles_come_and_go_with_the_claims_and_those_given_by_hand_stay(server, issuer):
    with _opened(server, issuer):
        known = dict(issuer.claims)
        issuer.claims = known | {"groups": ["methods"], "house": "north"}
        browser = server.stranger()
        _sign_in(browser)
        seen = {plant["id"]: plant["rights"] for plant in browser.get("/api/v1/me").json()["plants"]}
        assert set(seen) == {"a1", "a2"}
        assert "engineer" in seen["a1"]
        assert "engineer" not in seen["a2"]
        person = _accounts(server)[issuer.claims["preferred_username"]].id
        with server.house.store.writing() as connection:
            grants.give(connection, person, Role.VIEWER, Place(plant_id="b1"), by="boss", now_us=1, mine=None)
        issuer.claims = known | {"groups": "methodsx"}
        _sign_in(server.stranger())
        # At once, also where he was signed in before.
        assert [plant["id"] for plant in browser.get("/api/v1/me").json()["plants"]] == ["b1"]
        issuer.claims = known | {"groups": "methods"}
        _sign_in(server.stranger())
        assert [plant["id"] for plant in browser.get("/api/v1/me").json()["plants"]] == ["a1", "b1"]


def test_an_account_is_made_only_where_the_settings_say_so(server, issuer):
    with _opened(server, issuer, makes=False):
        before, browser = _accounts(server), server.stranger()
        _refused(_sign_in(browser), browser, "you are known there, but have no account here")
        assert _accounts(server) == before
        with server.house.store.writing() as connection:
            who = (issuer.address, issuer.claims["sub"])
            accounts.create(connection, name="known-there", password_hash=None, now_us=1, oidc=who)
        assert _sign_in(server.stranger()).status_code == 303


def test_an_account_of_the_same_name_is_anothers(server, issuer):
    issuer.claims["preferred_username"] = "server-admin"
    with _opened(server, issuer):
        browser = server.stranger()
        assert _sign_in(browser).status_code == 303
        me = browser.get("/api/v1/me").json()
        assert (me["name"], me["plants"], me["server_rights"]) == ("server-admin-2", [], [])


def test_a_name_may_change_there_the_person_stays(server, issuer):
    with _opened(server, issuer):
        _sign_in(server.stranger())
        name = issuer.claims["preferred_username"]
        issuer.claims = issuer.claims | {"preferred_username": f"{name}.married"}
        browser = server.stranger()
        _sign_in(browser)
        assert browser.get("/api/v1/me").json()["name"] == name


def test_a_disabled_account_is_not_let_in(server, issuer):
    with _opened(server, issuer):
        _sign_in(server.stranger())
        with server.house.store.writing() as connection:
            accounts.disable(connection, _accounts(server)[issuer.claims["preferred_username"]].id, 1)
        browser = server.stranger()
        _refused(_sign_in(browser), browser, "or it was disabled")


@pytest.mark.parametrize(
    ("describes", "words"),
    [
        ({"issuer": "http://127.0.0.1:1"}, "calls itself by another name"),
        ({"token_endpoint": "http://house.example/token"}, "token_endpoint is no https address"),
        ({"jwks_uri": "file:///etc/passwd"}, "jwks_uri is no https address"),
        ({"authorization_endpoint": None}, "authorization_endpoint is no https address"),
    ],
)
def test_a_house_that_describes_itself_wrongly_is_not_asked(server, issuer, describes, words):
    issuer.describes = describes
    with _opened(server, issuer):
        answer = server.stranger().get("/oidc/sign-in")
        assert answer.status_code == 403
        assert words in answer.text.casefold()


def test_a_house_that_is_not_there_keeps_nobody_out_who_has_a_password(server, issuer):
    with _opened(server, issuer, named="http://127.0.0.1:9"):
        answer = server.stranger().get("/oidc/sign-in")
        assert answer.status_code == 403
        assert "cannot be reached" in answer.text
        assert '<form method="post" action="/sign-in">' in answer.text


def test_a_house_that_gives_no_token_vouches_for_nobody(server, issuer):
    issuer.gives_token = False
    with _opened(server, issuer):
        browser = server.stranger()
        _refused(_sign_in(browser), browser, "the other house gave no id token")


def test_a_slash_at_the_end_of_its_name_is_part_of_it(server, issuer):
    issuer.describes = {"issuer": f"{issuer.address}/"}
    issuer.lies = {"iss": f"{issuer.address}/"}
    with _opened(server, issuer, named=f"{issuer.address}/"):
        assert _sign_in(server.stranger()).status_code == 303
        issuer.lies = {}
        browser = server.stranger()
        _refused(_sign_in(browser), browser, "not for this sign-in")


def test_a_new_key_of_the_house_is_learnt(server, issuer):
    with _opened(server, issuer):
        assert _sign_in(server.stranger()).status_code == 303
        issuer.shows = foreign_key()
        assert _sign_in(server.stranger()).status_code == 303


def test_what_the_browser_carries_is_its_own(server, issuer):
    with _opened(server, issuer):
        sent = server.stranger().get("/oidc/sign-in")
        cookie = sent.headers["set-cookie"]
        assert all(part in cookie for part in ("HttpOnly", "Path=/oidc", "SameSite=lax", f"Max-Age={oidc.CARRIED_S}"))
