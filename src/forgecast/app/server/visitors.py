"""Visitors: who a session's or a token's secret belongs to, and what he may do now."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.engine import Connection

from forgecast.ground.texts import LANGUAGES, Language
from forgecast.store.server.accounts import account
from forgecast.store.server.database import ServerStore
from forgecast.store.server.grants import Place, Reach, reach
from forgecast.store.server.rights import Right
from forgecast.store.server.secrets_kept import TOKEN_PREFIX, hash_of
from forgecast.store.server.sessions import SessionLimits, is_seen_due, session_of, write_seen
from forgecast.store.server.tokens import is_use_due, token_of, write_used

#: A closed session, a revoked token or a lost role is noticed after this time at the latest [s].
NOTICED_AFTER_S = 4.0
_MOST_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who is known to the server, as he stands now.

    Parameters
    ----------
    account_id : int
    name, shown_name : str
    language : Language
    theme : str
        ``light``, ``dark`` or ``auto``.
    reach : Reach
        What he may, everywhere; a token's is narrowed to its rights.
    csrf : str
        What a page sends beside the cookie to change anything; empty for a token.
    session : str
        What his session is called; empty for a token.
    token : str
        Name of his token; empty for a browser.
    """

    account_id: int
    name: str
    shown_name: str
    language: Language
    theme: str
    reach: Reach
    csrf: str = ""
    session: str = ""
    token: str = ""

    @property
    def by(self) -> str:
        """Return the name that stands behind a change."""
        return f"{self.name} ({self.token})" if self.token else self.name

    def rights(self, plant_id: str) -> frozenset[Right]:
        """Return his rights in a plant; none where he may not see it."""
        return self.reach.at(Place(plant_id=plant_id))


class Visitors:
    """Finds visitors in the server's database, and knows them for a few seconds without asking again.

    Parameters
    ----------
    store : ServerStore
    limits : SessionLimits
    """

    def __init__(
        self,
        store: ServerStore,
        limits: SessionLimits = SessionLimits(),  # noqa: B008  (frozen)
    ) -> None:
        self.limits = limits
        self._store = store
        self._known: dict[str, tuple[float, Visitor]] = {}
        self._lock = threading.Lock()

    def rights(self, visitor: Visitor, plant_id: str) -> frozenset[Right]:
        """Return a visitor's rights in a plant."""
        return visitor.rights(plant_id)

    def of_session(self, secret: str) -> Visitor | None:
        """Return who is signed in with a session's secret; None where it is no open one's."""
        return self._found(secret, self._by_session) if secret else None

    def of_token(self, secret: str) -> Visitor | None:
        """Return whom a token speaks for; None where it is not valid."""
        return self._found(secret, self._by_token) if secret.startswith(TOKEN_PREFIX) else None

    def known(self, secret: str) -> Visitor | None:
        """Return the visitor of a secret if that needs no look into the database."""
        with self._lock:
            until, visitor = self._known.get(hash_of(secret), (0.0, None))
        return visitor if until > time.monotonic() else None

    def forget(self, account_id: int) -> None:
        """Look again at once for an account: it signed out, or something of it was changed here."""
        with self._lock:
            for key in [key for key, (_, visitor) in self._known.items() if visitor.account_id == account_id]:
                del self._known[key]

    def forget_all(self) -> None:
        """Look again at once for everybody."""
        with self._lock:
            self._known.clear()

    def _found(self, secret: str, look: Callable[[str], Visitor | None]) -> Visitor | None:
        known = self.known(secret)
        if known is not None:
            return known
        # Counted from before the look: what is written meanwhile is noticed in time as well.
        until = time.monotonic() + NOTICED_AFTER_S
        found = look(secret)
        if found is None:
            return None
        with self._lock:
            if len(self._known) >= _MOST_KEPT:
                now = time.monotonic()
                self._known = {key: kept for key, kept in self._known.items() if kept[0] > now}
            if len(self._known) < _MOST_KEPT:
                self._known[hash_of(secret)] = until, found
        return found

    def _by_session(self, secret: str) -> Visitor | None:
        now_us = time.time_ns() // 1_000
        with self._store.reading() as connection:
            session = session_of(connection, secret, now_us=now_us, limits=self.limits)
            if session is None:
                return None
            found = _visitor(connection, session.account_id, csrf=session.csrf, session=session.handle)
        if is_seen_due(session, now_us):
            with self._store.writing() as connection:
                write_seen(connection, secret, now_us)
        return found

    def _by_token(self, secret: str) -> Visitor | None:
        now_us = time.time_ns() // 1_000
        with self._store.reading() as connection:
            token = token_of(connection, secret, now_us=now_us)
            if token is None:
                return None
            found = _visitor(connection, token.account_id, narrowed=(token.rights, token.plant_id), token=token.name)
        if is_use_due(token, now_us):
            with self._store.writing() as connection:
                write_used(connection, token.id, now_us)
        return found


def _visitor(
    connection: Connection,
    account_id: int,
    *,
    narrowed: tuple[frozenset[Right], str | None] | None = None,
    csrf: str = "",
    session: str = "",
    token: str = "",
) -> Visitor:
    person = account(connection, account_id)
    whole = reach(connection, account_id)
    language: Language = next((known for known in LANGUAGES if known == person.language), "en")
    return Visitor(
        account_id=account_id,
        name=person.name,
        shown_name=person.shown_name,
        language=language,
        theme=person.theme or "auto",
        reach=whole if narrowed is None else whole.narrowed(*narrowed),
        csrf=csrf,
        session=session,
        token=token,
    )
