"""API tokens: a program's way in, on behalf of an account, with no more rights than it needs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from forgecast.ground.dates import MINUTE_US
from forgecast.ground.texts import text
from forgecast.store.server.refused import AccountError, UnknownError
from forgecast.store.server.rights import Right
from forgecast.store.server.secrets_kept import TOKEN_PREFIX, hash_of, new_secret
from forgecast.store.server.tables import ACCOUNT, TOKEN

#: Of the secret, so many characters after the prefix are shown in lists: enough to tell tokens apart.
_SHOWN = 6
_LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class Token:
    """A token as it may be shown.

    Parameters
    ----------
    id, account_id : int
    name : str
        What it is for.
    begins_with : str
        First characters of its secret.
    rights : frozenset of Right
        What it may do at most; never more than its account.
    plant_id : str or None
        Only plant it opens; None for all its account may see.
    made_us : int
    until_us, used_us, revoked_us : int or None
    """

    id: int
    account_id: int
    name: str
    begins_with: str
    rights: frozenset[Right]
    plant_id: str | None
    made_us: int
    until_us: int | None
    used_us: int | None
    revoked_us: int | None


def make_token(
    connection: Connection,
    account_id: int,
    *,
    name: str,
    rights: Iterable[Right],
    plant_id: str | None = None,
    until_us: int | None = None,
    now_us: int,
) -> tuple[str, Token]:
    """Make a token and return its secret, which is told nowhere else, and the token.

    Raises
    ------
    AccountError
        If it has no name or no right, or would have expired already.
    """
    plain = " ".join(name.split())
    if not plain or len(plain) > _LONGEST_NAME or not plain.isprintable():
        raise AccountError(
            text("the token has no name, or one that is too long"),
            where="name",
            repair=text("say what it is for, in at most {longest} characters", longest=_LONGEST_NAME),
        )
    held = sorted(set(rights))
    if not held:
        raise AccountError(
            text("the token would hold no right"), where="rights", repair=text("name the rights it needs")
        )
    if until_us is not None and until_us <= now_us:
        raise AccountError(
            text("the token would have expired already"), where="until", repair=text("give a later time, or none")
        )
    secret = new_secret(TOKEN_PREFIX)
    row = {
        "account_id": account_id,
        "name": plain,
        "secret_hash": hash_of(secret),
        "begins_with": secret[: len(TOKEN_PREFIX) + _SHOWN],
        "rights": " ".join(held),
        "plant_id": plant_id,
        "made_us": now_us,
        "until_us": until_us,
        "used_us": None,
        "revoked_us": None,
    }
    made = connection.execute(sa.insert(TOKEN).values(row).returning(TOKEN)).one()
    return secret, _token(made)


def token_of(connection: Connection, secret: str, *, now_us: int) -> Token | None:
    """Return the valid token of a secret; None where there is none, or its account is disabled."""
    if not secret.startswith(TOKEN_PREFIX):
        return None
    asked = (
        sa.select(TOKEN)
        .join(ACCOUNT, ACCOUNT.c.id == TOKEN.c.account_id)
        .where(
            TOKEN.c.secret_hash == hash_of(secret),
            TOKEN.c.revoked_us.is_(None),
            sa.or_(TOKEN.c.until_us.is_(None), TOKEN.c.until_us > now_us),
            ACCOUNT.c.disabled_us.is_(None),
        )
    )
    found = connection.execute(asked).first()
    return None if found is None else _token(found)


def is_use_due(token: Token, now_us: int) -> bool:
    """Tell whether the use of a token is to be written down again: at most once a minute."""
    return token.used_us is None or now_us - token.used_us >= MINUTE_US


def write_used(connection: Connection, token_id: int, now_us: int) -> None:
    """Write down that a token is in use."""
    connection.execute(sa.update(TOKEN).where(TOKEN.c.id == token_id).values(used_us=now_us))


def tokens(connection: Connection, account_id: int) -> list[Token]:
    """Return the tokens of an account that are not revoked, the newest first."""
    mine = (TOKEN.c.account_id == account_id, TOKEN.c.revoked_us.is_(None))
    return [_token(row) for row in connection.execute(sa.select(TOKEN).where(*mine).order_by(TOKEN.c.id.desc()))]


def revoke(connection: Connection, account_id: int, token_id: int, now_us: int) -> None:
    """Let a token of an account in no more.

    Raises
    ------
    UnknownError
        If the account has no such token, or it was revoked before.
    """
    mine = (TOKEN.c.id == token_id, TOKEN.c.account_id == account_id, TOKEN.c.revoked_us.is_(None))
    done = connection.execute(sa.update(TOKEN).where(*mine).values(revoked_us=now_us))
    if done.rowcount == 0:
        raise UnknownError(text("there is no such token"), where="token", repair=text("see the list of tokens"))


def _token(row: Row[tuple[object, ...]]) -> Token:
    return Token(
        id=int(row.id),
        account_id=int(row.account_id),
        name=row.name,
        begins_with=row.begins_with,
        rights=frozenset(Right(one) for one in row.rights.split()),
        plant_id=row.plant_id,
        made_us=row.made_us,
        until_us=row.until_us,
        used_us=row.used_us,
        revoked_us=row.revoked_us,
    )
