"""Coming in by the plain pages: the first start, what a wrong password costs, growing waits, and what the logs keep."""

from __future__ import annotations

import base64
import logging
import re
import time
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from anyio.from_thread import start_blocking_portal

from forgecast.app.server.access_settings import AccessSettings, read_access
from forgecast.app.server.build import application
from forgecast.app.server.house import House
from forgecast.app.server.identity import COOKIE
from forgecast.app.server.quiet_logs import keep_secrets_out
from forgecast.app.server.sign_in import OIDC_COOKIE
from forgecast.app.server.start_key import FILE_NAME, new_start_key
from forgecast.store.server import accounts, passwords
from forgecast.store.server.tables import ACCOUNT, DEED, ROLE_GRANT, SESSION, SIGN_IN_FAILURE, TOKEN
from tests.app.server.issuer import CLIENT, SECRET, Issuer, running
from tests.app.server.serving import FREE, PASSWORD, Browser

NAME = "boss"


@pytest.fixture(scope="module")
def begun(tmp_path_factory):
    """Return a server that nobody has an account of."""
    home = tmp_path_factory.mktemp("begun")
    (home / "server.toml").write_text(FREE, encoding="utf-8")
    with House(home) as house, start_blocking_portal() as portal:
        yield house, Browser(portal, application(house, pages=False))


@pytest.fixture
def fresh(begun):
    """Return it as it was, with a key of the first start."""
    house, browser = begun
    with house.store.writing() as connection:
        for table in (SIGN_IN_FAILURE, SESSION, TOKEN, ROLE_GRANT, DEED, ACCOUNT):
            connection.execute(table.delete())
        key = new_start_key(connection, house.home)
    house.visitors.forget_all()
    house.access, browser.client._transport.app.state.other_house = AccessSettings(), None
    browser.client.cookies.clear()
    return house, browser, key


def _start(browser, key, **given):
    form = {"key": key, "name": NAME, "password": PASSWORD, "again": PASSWORD} | given
    return browser.post("/start", data=form)


def test_the_first_administrator_is_made_once(fresh):
    house, browser, key = fresh
    assert f'value="{key}"' in browser.get("/start", params={"key": key}).text
    answer = _start(browser, key)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "administer" in browser.get("/api/v1/me").json()["server_rights"]
    browser.client.cookies.clear()
    assert browser.get("/start", params={"key": key}).status_code == 403
    assert _start(browser, key, name="second").status_code == 403
    with house.store.writing() as connection:
        assert new_start_key(connection, house.home) is None
    assert not (house.home / FILE_NAME).exists()


@pytest.mark.parametrize("key", ["", "x", "../server.sqlite"])
def test_another_key_makes_nobody(fresh, key):
    house, browser, _ = fresh
    assert browser.get("/start", params={"key": key}).status_code == 403
    assert _start(browser, key).status_code == 403
    with house.store.reading() as connection:
        assert not accounts.any_account(connection)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"password": "short", "again": "short"}, "The password has 5 characters"),
        ({"again": "another sentence"}, "The two passwords differ"),
        ({"name": "two words"}, "This is no name of an account"),
    ],
)
def test_a_form_that_does_not_fit_leaves_the_key_good(fresh, given, words):
    _, browser, key = fresh
    answer = _start(browser, key, **given)
    assert answer.status_code == 422
    assert words in answer.text
    assert PASSWORD not in answer.text
    assert _start(browser, key).status_code == 303


def test_only_the_last_key_holds_and_only_its_hash_is_kept(fresh):
    house, browser, old = fresh
    with house.store.writing() as connection:
        new = new_start_key(connection, house.home)
    assert new not in (house.home / FILE_NAME).read_text(encoding="ascii")
    assert _start(browser, old).status_code == 403
    assert _start(browser, new).status_code == 303


class _Counted:
    """The hasher of passwords, which counts."""

    def __init__(self, hasher):
        self.hasher, self.calls = hasher, []

    def verify(self, kept, given):
        self.calls.append("verify")
        return self.hasher.verify(kept, given)

    def __getattr__(self, name):
        return getattr(self.hasher, name)


def test_a_name_that_is_not_known_costs_as_much_as_a_wrong_password(fresh, monkeypatch):
    house, browser, key = fresh
    _start(browser, key)
    browser.client.cookies.clear()
    with house.store.writing() as connection:
        accounts.create(connection, name="no-password", password_hash=None, now_us=1)
        gone = accounts.create(connection, name="gone", password_hash=passwords.hashed(PASSWORD), now_us=1)
        accounts.disable(connection, gone, 2)
    counted = _Counted(passwords._HASHER)
    monkeypatch.setattr(passwords, "_HASHER", counted)
    told = []
    for name, password in (
        (NAME, "a wrong sentence"),
        ("nobody-at-all", "a wrong sentence"),
        ("no-password", "a wrong sentence"),
        ("gone", PASSWORD),
    ):
        counted.calls.clear()
        answer = browser.post("/sign-in", data={"name": name, "password": password})
        told.append((answer.status_code, counted.calls[:], answer.text.replace(name, "NAME")))
    assert told[0][:2] == (403, ["verify"])
    assert all(one == told[0] for one in told[1:])


def test_failures_make_the_wait_grow_and_nobody_is_locked(fresh, monkeypatch):
    _, browser, key = fresh
    _start(browser, key)
    browser.client.cookies.clear()
    now, waits = [time.time_ns()], []
    monkeypatch.setattr("forgecast.app.server.coming_in._now_us", lambda: now[0] // 1_000)
    stranger = {"name": NAME, "password": "a wrong sentence"}
    for _ in range(30):
        answer = browser.post("/sign-in", data=stranger)
        if answer.status_code == 429:
            waits.append(int(answer.headers["retry-after"]))
            assert f"Wait {waits[-1]} s" in answer.text
            now[0] += (waits[-1] + 1) * 1_000_000_000
    assert len(waits) >= 3
    assert waits == sorted(waits)
    assert waits[-1] > waits[0]
    now[0] += 86_400 * 1_000_000_000
    assert browser.post("/sign-in", data={"name": NAME, "password": PASSWORD}).status_code == 303


class _Kept(logging.Handler):
    """Keeps what a handler writes."""

    def __init__(self):
        super().__init__(logging.DEBUG)
        self.lines = []

    def emit(self, record):
        self.lines.append(self.format(record))


@pytest.fixture
def logged():
    """Return what the server's log would hold at its most talkative."""
    handler, root = _Kept(), logging.getLogger()
    level = root.level
    keep_secrets_out(handler)
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield handler.lines
    root.removeHandler(handler)
    root.setLevel(level)


def test_no_secret_is_in_the_logs(fresh, logged):
    house, browser, key = fresh
    secrets = [key, PASSWORD, SECRET, "a wrong sentence", base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()]
    browser.get("/start", params={"key": key})
    _start(browser, key)
    secrets.append(browser.client.cookies[COOKIE])
    me = browser.get("/api/v1/me").json()
    secrets.append(me["csrf"])
    made = browser.post(
        "/api/v1/me/tokens", json={"name": "t", "rights": ["see"]}, headers={"X-Forgecast-CSRF": me["csrf"]}
    )
    secrets.append(made.json()["secret"])
    browser.client.cookies.clear()
    for token in (made.json()["secret"], "fgc_a-token-that-is-not-valid"):
        browser.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})
    secrets.append("fgc_a-token-that-is-not-valid")
    browser.post("/sign-in", data={"name": NAME, "password": "a wrong sentence"})
    browser.post("/sign-in", data={"name": NAME, "password": PASSWORD})
    secrets.append(browser.client.cookies[COOKIE])
    browser.client.cookies.clear()
    with running(Issuer()) as issuer:
        secrets += _through(house, browser, issuer)
        secrets += issuer.given
    logging.getLogger("forgecast.api").error("a defect", exc_info=ValueError(f"what was sent: token={secrets[6]}"))
    assert len(secrets) == len({one for one in secrets if len(one) >= 10})
    whole = "\n".join(logged)
    assert [one for one in secrets if one in whole] == []
    # It did write: the addresses are there, what stood in them is struck out.
    assert re.search(r"/oidc/back\?code=…&state=…", whole)
    assert re.search(r"/start\?key=…", whole)


def _through(house, browser, issuer):
    """Sign in through another house and return every secret of it."""
    said = f'[oidc]\nissuer = "{issuer.address}"\nclient_id = "{CLIENT}"\nclient_secret_file = "kept"\n'
    (house.home / "kept").write_text(SECRET, encoding="utf-8")
    (house.home / "server.toml").write_text(FREE + said + "makes_accounts = true\n", encoding="utf-8")
    house.access = read_access(house.home)
    sent = browser.get("/oidc/sign-in")
    carried = browser.client.cookies[OIDC_COOKIE].strip('"')
    back = httpx.get(sent.headers["location"]).headers["location"]
    assert browser.get(back).status_code == 303
    asked, form = issuer.asked[0], issuer.tokens_asked[0]
    code = parse_qs(urlsplit(back).query)["code"][0]
    return [carried, asked["state"], asked["nonce"], form["code_verifier"], code, browser.client.cookies[COOKIE]]
