"""Sessions: who is signed in with a browser, since when, and until when."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from forgecast.ground.dates import DAY_US, HOUR_US, MINUTE_US
from forgecast.ground.texts import text
from forgecast.store.server.refused import UnknownError
from forgecast.store.server.secrets_kept import hash_of, new_secret
from forgecast.store.server.tables import ACCOUNT, SESSION

#: A use is written down at most this often: a page asks many times a second.
SEEN_EVERY_US = MINUTE_US
_LONGEST_AGENT = 200
#: Characters of the hash by which a session is called; the secret does not follow from them.
_HANDLE = 16


@dataclass(frozen=True, slots=True)
class SessionLimits:
    """How long a session lasts.

    Parameters
    ----------
    idle_us : int
        Without a request.
    longest_us : int
        At most, however busy.
    """

    idle_us: int = 12 * HOUR_US
    longest_us: int = 7 * DAY_US


@dataclass(frozen=True, slots=True)
class Session:
    """A session as it may be shown.

    Parameters
    ----------
    handle : str
        What it is called; not its secret.
    account_id : int
    csrf : str
        What a page must send beside the cookie to change anything.
    made_us, seen_us, until_us : int
    address, agent : str
        Where from, and the browser as it calls itself.
    """

    handle: str
    account_id: int
    csrf: str
    made_us: int
    seen_us: int
    until_us: int
    address: str
    agent: str


def open_session(
    connection: Connection,
    account_id: int,
    *,
    address: str,
    agent: str,
    now_us: int,
    limits: SessionLimits = SessionLimits(),
) -> tuple[str, Session]:
    """Open a session and return its secret, which is told nowhere else, and the session."""
    secret = new_secret()
    row = {
        "secret_hash": hash_of(secret),
        "account_id": account_id,
        "csrf": new_secret(),
        "made_us": now_us,
        "seen_us": now_us,
        "until_us": now_us + limits.longest_us,
        "address": address[:_LONGEST_AGENT],
        "agent": agent[:_LONGEST_AGENT],
    }
    connection.execute(sa.delete(SESSION).where(SESSION.c.until_us < now_us))
    made = connection.execute(sa.insert(SESSION).values(row).returning(SESSION)).one()
    return secret, _session(made)


def session_of(
    connection: Connection,
    secret: str,
    *,
    now_us: int,
    limits: SessionLimits = SessionLimits(),
) -> Session | None:
    """Return the open session of a secret; None where there is none, it has ended, or its account is disabled."""
    asked = (
        sa.select(SESSION)
        .join(ACCOUNT, ACCOUNT.c.id == SESSION.c.account_id)
        .where(SESSION.c.secret_hash == hash_of(secret), ACCOUNT.c.disabled_us.is_(None), *_open(now_us, limits))
    )
    found = connection.execute(asked).first()
    return None if found is None else _session(found)


def is_seen_due(session: Session, now_us: int) -> bool:
    """Tell whether the use of a session is to be written down again."""
    return now_us - session.seen_us >= SEEN_EVERY_US


def write_seen(connection: Connection, secret: str, now_us: int) -> None:
    """Write down that a session is in use."""
    mine = SESSION.c.secret_hash == hash_of(secret)
    older = SESSION.c.seen_us <= now_us - SEEN_EVERY_US
    connection.execute(sa.update(SESSION).where(mine, older).values(seen_us=now_us))


def sessions(
    connection: Connection,
    account_id: int,
    *,
    now_us: int,
    limits: SessionLimits = SessionLimits(),
) -> list[Session]:
    """Return the open sessions of an account, the last used first."""
    mine = SESSION.c.account_id == account_id
    asked = sa.select(SESSION).where(mine, *_open(now_us, limits)).order_by(SESSION.c.seen_us.desc())
    return [_session(row) for row in connection.execute(asked)]


def close_session(connection: Connection, secret: str) -> None:
    """Close the session of a secret, if it is open."""
    connection.execute(sa.delete(SESSION).where(SESSION.c.secret_hash == hash_of(secret)))


def close_handle(connection: Connection, account_id: int, handle: str) -> None:
    """Close a session of an account by what it is called.

    Raises
    ------
    UnknownError
        If the account has none that is called so.
    """
    begins = sa.func.substr(SESSION.c.secret_hash, 1, _HANDLE) == handle
    gone = connection.execute(sa.delete(SESSION).where(SESSION.c.account_id == account_id, begins))
    if gone.rowcount == 0:
        raise UnknownError(
            text("there is no such session"), where="session", repair=text("see the list of your sessions")
        )


def close_all(connection: Connection, account_id: int, *, but: str = "") -> None:
    """Close all sessions of an account, except the one that is called `but`."""
    begins = sa.func.substr(SESSION.c.secret_hash, 1, _HANDLE)
    connection.execute(sa.delete(SESSION).where(SESSION.c.account_id == account_id, begins != but))


def was_here(connection: Connection, account_id: int, address: str) -> bool:
    """Tell whether an account has a session from an address."""
    asked = sa.select(SESSION.c.made_us).where(SESSION.c.account_id == account_id, SESSION.c.address == address)
    return connection.execute(asked.limit(1)).first() is not None


def _open(now_us: int, limits: SessionLimits) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        SESSION.c.until_us > now_us,
        SESSION.c.made_us > now_us - limits.longest_us,
        SESSION.c.seen_us > now_us - limits.idle_us,
    )


def _session(row: Row[tuple[object, ...]]) -> Session:
    return Session(
        handle=row.secret_hash[:_HANDLE],
        account_id=int(row.account_id),
        csrf=row.csrf,
        made_us=row.made_us,
        seen_us=row.seen_us,
        until_us=row.until_us,
        address=row.address,
        agent=row.agent,
    )
