"""Cookies, tokens, the CSRF word, foreign pages, headers, sizes, rates; what is closed is refused within seconds."""

from __future__ import annotations

import anyio
import pytest

from forgecast.app.server import visitors
from forgecast.app.server.identity import COOKIE, IdentityMiddleware
from forgecast.app.server.origins import is_allowed_host, local_way
from forgecast.app.server.rates import Buckets
from forgecast.store.server import accounts, grants, sessions, tokens
from forgecast.store.server.rights import Right
from tests.app.server.serving import ORIGIN, served

API = "/api/v1"


def _change(browser, **given):
    return browser.ask("PATCH", f"{API}/me", json={"theme": "dark"}, **given)


def test_a_change_with_the_cookie_needs_the_word_of_the_page(server):
    browser = server.signed_in("a1-viewer", csrf=False)
    assert browser.get(f"{API}/me").status_code == 200
    assert _change(browser).status_code == 403
    assert _change(browser, headers={"X-Forgecast-CSRF": "x"}).status_code == 403
    other = server.signed_in("a1-viewer").get(f"{API}/me").json()["csrf"]
    assert _change(browser, headers={"X-Forgecast-CSRF": other}).status_code == 403
    own = browser.get(f"{API}/me").json()["csrf"]
    assert _change(browser, headers={"X-Forgecast-CSRF": own}).status_code == 204


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": ORIGIN}, 204),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "https://forge.example"}, 403),
        ({"Origin": "http://forge.example:81"}, 403),
        ({"Origin": "http://forge.example.evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
    ],
)
def test_a_page_of_another_site_changes_nothing(server, headers, status):
    assert _change(server.signed_in("a1-viewer"), headers=headers).status_code == status


def test_a_form_of_another_site_signs_nobody_in(server):
    answer = server.stranger().post("/sign-in", data={"name": "x", "password": "y"}, headers={"Origin": "http://evil"})
    assert answer.status_code == 403


def test_a_program_needs_no_word_and_its_token_opens_no_page(server):
    program = server.program("a1-viewer", [Right.SEE])
    assert program.get(f"{API}/me").json()["csrf"] is None
    assert program.get("/a1/home").status_code == 303
    assert program.post(f"{API}/me/tokens", json={"name": "t", "rights": ["see"]}).json()["error"]["code"] == (
        "session-needed"
    )
    wrong = server.stranger(headers={"Authorization": "Bearer fgc_wrong"})
    assert wrong.get(f"{API}/me").status_code == 401
    # A token that does not hold is not made good by a cookie beside it.
    browser = server.signed_in("a1-viewer")
    assert browser.get(f"{API}/me", headers={"Authorization": "Bearer fgc_wrong"}).status_code == 401


def _over(server, browser, close, monkeypatch):
    """Return the statuses before, at once after, and once the time to notice has passed."""
    now = [1_000.0]
    monkeypatch.setattr(visitors.time, "monotonic", lambda: now[0])
    statuses = [browser.get(f"{API}/plants/a1/deeds").status_code]
    with server.house.store.writing() as connection:
        close(connection)
    now[0] += 5.0
    statuses.append(browser.get(f"{API}/plants/a1/deeds").status_code)
    return statuses


def test_a_session_closed_elsewhere_is_refused_after_five_seconds(server, monkeypatch):
    browser, account = server.signed_in("a1-auditor"), server.people.ids["a1-auditor"]
    assert _over(server, browser, lambda c: sessions.close_all(c, account), monkeypatch) == [200, 401]


def test_a_revoked_token_is_refused_after_five_seconds(server, monkeypatch):
    program, account = server.program("a1-auditor", [Right.AUDIT]), server.people.ids["a1-auditor"]

    def revoke(connection):
        tokens.revoke(connection, account, tokens.tokens(connection, account)[0].id, 1)

    assert _over(server, program, revoke, monkeypatch) == [200, 401]


def test_a_role_taken_away_is_noticed_after_five_seconds(tmp_path, monkeypatch):
    with served(tmp_path) as server:
        browser, account = server.signed_in("a1-auditor"), server.people.ids["a1-auditor"]

        def take(connection):
            grants.take(connection, grants.grants_of(connection, account)[0].id, mine=None)

        assert _over(server, browser, take, monkeypatch) == [200, 404]


def test_a_disabled_account_is_refused_after_five_seconds(tmp_path, monkeypatch):
    with served(tmp_path) as server:
        program, account = server.program("a1-auditor", [Right.AUDIT]), server.people.ids["a1-auditor"]
        assert _over(server, program, lambda c: accounts.disable(c, account, 1), monkeypatch) == [200, 401]


def test_the_database_is_not_asked_for_every_request(server, monkeypatch):
    monkeypatch.setattr(visitors, "NOTICED_AFTER_S", 3600.0)  # the machine may take seconds for the requests
    browser = server.signed_in("a1-viewer")
    browser.get(f"{API}/me")
    asked = []
    monkeypatch.setattr(visitors, "session_of", lambda *a, **_: asked.append(a))
    for _ in range(20):
        assert browser.get(f"{API}/me").status_code == 200
    assert asked == []


class _Socket:
    """A web socket's two ends, as ASGI has them."""

    def __init__(self, received):
        self.received = list(received)
        self.sent = []

    async def receive(self):
        return self.received.pop(0)

    async def send(self, message):
        self.sent.append(message)


async def _echo(scope, receive, send):
    assert scope["type"] == "websocket"
    await receive()
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] == "websocket.receive":
        await send({"type": "websocket.send", "text": message["text"]})


def _talk(server, headers, between=lambda: None):
    """Open a web socket, say two things with something done between them, and return what came back."""
    socket = _Socket([{"type": "websocket.connect"}])
    said = [{"type": "websocket.receive", "text": "one"}, {"type": "websocket.receive", "text": "two"}]

    async def receive():
        if socket.received:
            return socket.received.pop(0)
        if len(said) == 1:
            between()
        return said.pop(0) if said else {"type": "websocket.disconnect", "code": 1000}

    pairs = [(b"host", b"forge.example"), *[(name.encode(), value.encode()) for name, value in headers.items()]]
    scope = {"type": "websocket", "path": "/_nicegui_ws/x", "scheme": "ws", "headers": pairs, "query_string": b""}
    anyio.run(IdentityMiddleware(_echo, server.house), scope, receive, socket.send)
    return [message.get("text") or message["type"] for message in socket.sent]


def test_a_web_socket_is_for_ones_own_pages_and_ends_with_the_session(server):
    secret = server.signed_in("a1-viewer").client.cookies[COOKIE]
    account = server.people.ids["a1-viewer"]
    cookie = {"cookie": f"{COOKIE}={secret}", "origin": ORIGIN}
    assert _talk(server, cookie) == ["websocket.accept", "one", "two"]
    assert _talk(server, {}) == ["websocket.close"]
    assert _talk(server, cookie | {"origin": "http://evil.example"}) == ["websocket.close"]

    def close():
        with server.house.store.writing() as connection:
            sessions.close_all(connection, account)
        server.house.visitors.forget(account)

    assert _talk(server, cookie, close) == ["websocket.accept", "one", "websocket.close"]


def test_every_answer_carries_the_headers_that_browsers_obey(server):
    for answer in (
        server.stranger().get("/sign-in"),
        server.stranger().get(f"{API}/me"),
        server.signed_in("a1-viewer").get(f"{API}/me"),
        server.stranger().get("/a1/home"),
    ):
        headers = answer.headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "http:" not in headers["content-security-policy"]
        assert headers["referrer-policy"] == "same-origin"
        assert "geolocation=()" in headers["permissions-policy"]
        assert len(headers["x-request-id"]) == 32
        assert "strict-transport-security" not in headers
    assert "script-src" not in server.stranger().get("/sign-in").headers["content-security-policy"]


def test_https_is_kept_to(server):
    answer = server.stranger().get("https://forge.example/sign-in")
    assert answer.headers["strict-transport-security"].startswith("max-age=")


def test_a_request_keeps_the_number_it_came_with_if_it_is_one(server):
    stranger = server.stranger()
    assert stranger.get("/sign-in", headers={"X-Request-ID": "abcd-1234"}).headers["x-request-id"] == "abcd-1234"
    assert stranger.get("/sign-in", headers={"X-Request-ID": "a b\t<x>"}).headers["x-request-id"] != "a b\t<x>"


def test_what_is_too_large_is_refused_with_its_length_and_without(tmp_path):
    with served(tmp_path, settings="[access]\nlargest_body_MiB = 0.001\n") as server:
        browser = server.signed_in("a1-viewer")
        large = b'{"theme": "' + b"x" * 2_000 + b'"}'

        async def in_parts():
            for start in range(0, len(large), 100):
                yield large[start : start + 100]

        for content in (large, in_parts()):
            answer = browser.ask("PATCH", f"{API}/me", content=content, headers={"Content-Type": "application/json"})
            assert answer.status_code == 413
            assert answer.json()["ok"] is False


def test_a_name_that_is_not_the_servers_is_refused(tmp_path):
    with served(tmp_path, settings='[access]\nhosts = ["forge.example", "*.plant.example"]\n') as server:
        stranger = server.stranger()
        assert stranger.get("/sign-in").status_code == 200
        assert stranger.get("http://a.plant.example/sign-in").status_code == 200
        assert stranger.get("http://evil.example/sign-in").status_code == 421
    assert is_allowed_host("anything", ())
    assert not is_allowed_host("xplant.example", ("*.plant.example",))


def test_too_many_requests_wait(tmp_path):
    # So slowly filled that none comes while this runs, however slow the machine is.
    slow = "[access]\nrequests_per_s = 0.001\nburst = 3\nstranger_requests_per_s = 0.001\nstranger_burst = 2\n"
    with served(tmp_path, settings=slow) as server:
        browser = server.signed_in("a1-viewer")
        statuses = [browser.get(f"{API}/me").status_code for _ in range(5)]
        assert statuses == [200, 200, 200, 429, 429]
        assert int(browser.get(f"{API}/me").headers["retry-after"]) >= 1
        assert server.signed_in("a2-viewer").get(f"{API}/me").status_code == 200
        stranger = server.stranger(address="6.6.6.6")
        assert [stranger.get("/sign-in").status_code for _ in range(3)] == [200, 200, 429]
        assert server.stranger(address="7.7.7.7").get("/sign-in").status_code == 200
        # Strangers at an address keep nobody out who is signed in there.
        server.house.visitors.forget_all()
        at_home = server.signed_in("b1-viewer")
        assert at_home.get(f"{API}/me").status_code == 200


def test_a_bucket_fills_steadily():
    now = [0.0]
    buckets = Buckets(per_s=2.0, burst=4.0, clock=lambda: now[0])
    assert [buckets.take("a") for _ in range(5)] == [0, 0, 0, 0, 0.5]
    now[0] = 0.5
    assert buckets.take("a") == 0
    assert buckets.take("a") == pytest.approx(0.5)  # one was there, and it takes half a second to the next
    assert buckets.take("b") == 0


@pytest.mark.parametrize(
    ("given", "way"),
    [
        ("/a1/home?x=1", "/a1/home?x=1"),
        ("", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/a\r\nSet-Cookie: x", "/"),
        ("\\\\evil", "/"),
        ("/\t/evil.example", "/"),
    ],
)
def test_one_goes_on_to_this_server_only(given, way):
    assert local_way(given) == way
