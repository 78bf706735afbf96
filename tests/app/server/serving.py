"""The built application, asked without a network: who asks keeps his cookies, as a browser does."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from anyio.from_thread import BlockingPortal, start_blocking_portal

from forgecast.app.server.build import application
from forgecast.app.server.house import House
from forgecast.app.server.identity import COOKIE
from forgecast.store.server import passwords, sessions, tokens
from forgecast.store.server.rights import Right
from forgecast.tasks.new_plant import new_plant
from tests.stores.server_people import PLANTS, People, settle

ORIGIN = "http://forge.example"
PASSWORD = "a sentence nobody guesses"  # noqa: S105  (of made-up people)
#: Nobody is slowed down, unless a test is about that.
FREE = "[access]\nrequests_per_s = 1e6\nburst = 1e6\nstranger_requests_per_s = 1e6\nstranger_burst = 1e6\n"


class Browser:
    """Somebody who asks."""

    def __init__(self, portal: BlockingPortal, app, *, headers=None, address="10.0.0.9") -> None:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=(address, 5000))
        self._portal = portal
        self.client = httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers=headers)

    def ask(self, method: str, path: str, **given) -> httpx.Response:
        """Send a request and return the answer; redirects are not followed."""

        async def sent():
            return await self.client.request(method, path, **given)

        return self._portal.call(sent)

    def get(self, path: str, **given) -> httpx.Response:
        return self.ask("GET", path, **given)

    def post(self, path: str, **given) -> httpx.Response:
        return self.ask("POST", path, **given)


class Served:
    """A server with people, plants and its application."""

    def __init__(self, house: House, app, portal: BlockingPortal, people: People) -> None:
        self.house, self.app, self.portal, self.people = house, app, portal, people

    def stranger(self, **given) -> Browser:
        return Browser(self.portal, self.app, **given)

    def signed_in(self, name: str, *, csrf: bool = True) -> Browser:
        """Return a browser with an open session; it sends the CSRF word of its pages."""
        with self.house.store.writing() as connection:
            secret, session = sessions.open_session(
                connection, self.people.ids[name], address="10.0.0.9", agent="test", now_us=time.time_ns() // 1_000
            )
        browser = self.stranger(headers={"X-Forgecast-CSRF": session.csrf} if csrf else None)
        browser.client.cookies.set(COOKIE, secret, domain="forge.example")
        return browser

    def program(self, name: str, rights, *, plant: str | None = None) -> Browser:
        """Return a program with a token."""
        with self.house.store.writing() as connection:
            secret, _ = tokens.make_token(
                connection,
                self.people.ids[name],
                name="program",
                rights=[Right(right) for right in rights],
                plant_id=plant,
                now_us=time.time_ns() // 1_000,
            )
        return self.stranger(headers={"Authorization": f"Bearer {secret}"})


@contextmanager
def served(home: Path, *, settings: str = FREE, plants: tuple[str, ...] = (), password: str = "") -> Iterator[Served]:
    """Serve the people and plants of `tests.stores.server_people`; folders are made for the plants named."""
    home.mkdir(parents=True, exist_ok=True)
    (home / "server.toml").write_text(settings, encoding="utf-8")
    for plant in plants:
        new_plant(home / "plants" / plant, name=plant.upper(), id=plant)
    with House(home) as house, start_blocking_portal() as portal:
        kept = passwords.hashed(password) if password else None
        with house.store.writing() as connection:
            people = settle(connection, {plant: f"plants/{plant}" for plant in PLANTS}, kept)
        yield Served(house, application(house, pages=False), portal, people)
