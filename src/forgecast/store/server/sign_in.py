"""Waits between failed sign-ins: they grow, end by themselves, and lock nobody out for good.

Three things are counted over the last quarter of an hour: failures of a name from an address (a person who has
forgotten the password, or somebody who tries one), of an address (somebody who tries many names), and of a name
from anywhere (many machines that try one name). The last one makes only strangers wait: from an address where the
account is signed in already, its owner comes in whatever others do elsewhere.
"""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from forgecast.ground.dates import MINUTE_US, SECOND_US
from forgecast.store.server.tables import SIGN_IN_FAILURE

#: Failures older than this are forgotten.
WINDOW_US = 15 * MINUTE_US


@dataclass(frozen=True, slots=True)
class Rule:
    """How a wait grows: so many failures are free, then it doubles from a second up to the longest."""

    free: int
    longest_us: int

    def wait_us(self, failures: int) -> int:
        """Return the wait after so many failures."""
        over = failures - self.free
        return 0 if over <= 0 else min(self.longest_us, SECOND_US << min(over - 1, 30))


PAIR = Rule(free=5, longest_us=5 * MINUTE_US)
ADDRESS = Rule(free=60, longest_us=5 * MINUTE_US)
#: Short, for it is the one that others can cause.
NAME = Rule(free=30, longest_us=30 * SECOND_US)


@dataclass(frozen=True, slots=True)
class Attempt:
    """A sign-in that may be tried, or how long to wait before.

    Parameters
    ----------
    wait_us : int
        0 where it may be tried now.
    marks : tuple of int
        Rows to be taken back if it succeeds.
    """

    wait_us: int
    marks: tuple[int, ...] = ()


def begin_attempt(connection: Connection, name: str, address: str, *, now_us: int, at_home: bool = False) -> Attempt:
    """Count an attempt before the password is looked at, so that many at once cannot slip by; or tell the wait.

    Parameters
    ----------
    connection : Connection
        Of a writing transaction.
    name, address : str
        As given; only their hashes are kept (a password is easily typed into the wrong field).
    now_us : int
    at_home : bool
        Whether the account is signed in from this address already.

    Returns
    -------
    Attempt
        An attempt that has to wait is not counted: trying again and again does not make the wait longer.
    """
    counted = [(_key("pair", name, address), PAIR), (_key("address", address), ADDRESS)]
    if not at_home:
        counted.append((_key("name", name), NAME))
    _one_at_a_time(connection, counted[0][0])
    connection.execute(sa.delete(SIGN_IN_FAILURE).where(SIGN_IN_FAILURE.c.at_us <= now_us - WINDOW_US))
    wait_us = max(_wait_us(connection, who, rule, now_us) for who, rule in counted)
    if wait_us > 0:
        return Attempt(wait_us)
    marks = []
    for who, _ in counted:
        row = sa.insert(SIGN_IN_FAILURE).values(who=who, at_us=now_us).returning(SIGN_IN_FAILURE.c.id)
        marks.append(int(connection.execute(row).scalar_one()))
    return Attempt(0, tuple(marks))


def succeeded(connection: Connection, attempt: Attempt, name: str, address: str) -> None:
    """Take back the count of an attempt that succeeded, and forget the person's own failures from this address."""
    mine = SIGN_IN_FAILURE.c.who == _key("pair", name, address)
    connection.execute(sa.delete(SIGN_IN_FAILURE).where(sa.or_(mine, SIGN_IN_FAILURE.c.id.in_(attempt.marks))))


def _wait_us(connection: Connection, who: str, rule: Rule, now_us: int) -> int:
    asked = sa.select(sa.func.count(), sa.func.max(SIGN_IN_FAILURE.c.at_us)).where(SIGN_IN_FAILURE.c.who == who)
    failures, last_us = connection.execute(asked).one()
    return 0 if last_us is None else max(0, int(last_us) + rule.wait_us(int(failures)) - now_us)


def _one_at_a_time(connection: Connection, who: str) -> None:
    # SQLite has one writer anyway.
    if connection.dialect.name == "postgresql":
        number = int(who[:15], 16)
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(number)))


def _key(kind: str, *parts: str) -> str:
    plain = [unicodedata.normalize("NFKC", part).casefold().strip() for part in parts]
    return hashlib.sha256("\0".join([kind, *plain]).encode("utf-8")).hexdigest()
