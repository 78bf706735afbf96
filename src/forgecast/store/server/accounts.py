"""Accounts: people who may come in, with a password or through another house's sign-in (OIDC)."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from forgecast.ground.texts import LANGUAGES, Text, text
from forgecast.store.server.refused import AccountError, TakenError, UnknownError
from forgecast.store.server.sessions import close_all
from forgecast.store.server.tables import ACCOUNT

THEMES = ("light", "dark")
_NAME = re.compile(r"[\w][\w.@+-]{0,63}")
_LONGEST_SHOWN = 120


@dataclass(frozen=True, slots=True)
class Account:
    """A person, as the server knows him; the hash of the password is not part of it.

    Parameters
    ----------
    id : int
    name : str
        What he signs in with.
    shown_name : str
    language, theme : str or None
        None where he has chosen none.
    has_password : bool
        Whether he can sign in here, not only at the OIDC issuer.
    oidc_issuer : str or None
    made_us : int
    disabled_us : int or None
    """

    id: int
    name: str
    shown_name: str
    language: str | None
    theme: str | None
    has_password: bool
    oidc_issuer: str | None
    made_us: int
    disabled_us: int | None


def normal_name(name: str) -> str:
    """Return a name as it is kept: the same however it is typed.

    Raises
    ------
    AccountError
        If it is no name: empty, too long, or with blanks.
    """
    plain = unicodedata.normalize("NFKC", name).casefold().strip()
    if not _NAME.fullmatch(plain):
        raise AccountError(
            text("this is no name of an account"),
            where="name",
            repair=text("take 1 to 64 letters, digits and . @ + - _, without blanks"),
        )
    return plain


def create(
    connection: Connection,
    *,
    name: str,
    shown_name: str = "",
    password_hash: str | None,
    now_us: int,
    oidc: tuple[str, str] | None = None,
    language: str | None = None,
) -> int:
    """Make an account and return its id.

    Parameters
    ----------
    connection : Connection
        Of a writing transaction.
    name, shown_name : str
        Shown is the name where nothing else is given.
    password_hash : str or None
        None where he comes through OIDC only.
    now_us : int
    oidc : tuple of (str, str) or None
        Issuer and subject.
    language : str or None

    Raises
    ------
    AccountError
        If the name is none.
    TakenError
        If it is another's.
    """
    plain = normal_name(name)
    shown = _shown(shown_name) or plain
    _check_choice("language", language, LANGUAGES)
    issuer, subject = oidc if oidc is not None else (None, None)
    taken = TakenError(text("there is an account of this name already"), where="name", repair=text("take another name"))
    if connection.execute(sa.select(ACCOUNT.c.id).where(ACCOUNT.c.name == plain)).first() is not None:
        raise taken
    row: dict[str, Any] = {
        "name": plain,
        "shown_name": shown,
        "password_hash": password_hash,
        "oidc_issuer": issuer,
        "oidc_subject": subject,
        "language": language,
        "theme": None,
        "made_us": now_us,
        "disabled_us": None,
    }
    try:
        made: int = connection.execute(sa.insert(ACCOUNT).values(row).returning(ACCOUNT.c.id)).scalar_one()
    except sa.exc.IntegrityError as error:  # somebody made it between the question and now
        raise taken from error
    return int(made)


def account(connection: Connection, account_id: int) -> Account:
    """Return an account.

    Raises
    ------
    UnknownError
    """
    found = connection.execute(sa.select(ACCOUNT).where(ACCOUNT.c.id == account_id)).mappings().first()
    if found is None:
        raise _unknown(str(account_id))
    return _account(found)


def account_named(connection: Connection, name: str) -> Account:
    """Return the account of a name, however it is typed.

    Raises
    ------
    AccountError, UnknownError
    """
    plain = normal_name(name)
    found = connection.execute(sa.select(ACCOUNT).where(ACCOUNT.c.name == plain)).mappings().first()
    if found is None:
        raise _unknown(name)
    return _account(found)


def account_of_oidc(connection: Connection, issuer: str, subject: str) -> Account | None:
    """Return the account that an OIDC issuer's person has here."""
    asked = sa.select(ACCOUNT).where(ACCOUNT.c.oidc_issuer == issuer, ACCOUNT.c.oidc_subject == subject)
    found = connection.execute(asked).mappings().first()
    return None if found is None else _account(found)


def accounts(connection: Connection) -> list[Account]:
    """Return all accounts by name."""
    found = connection.execute(sa.select(ACCOUNT).order_by(ACCOUNT.c.name)).mappings()
    return [_account(row) for row in found]


def any_account(connection: Connection) -> bool:
    """Tell whether the server has an account at all."""
    return connection.execute(sa.select(ACCOUNT.c.id).limit(1)).first() is not None


def password_hash_of(connection: Connection, name: str) -> tuple[Account, str | None] | None:
    """Return the account of a name that may sign in with a password, and the hash; None where there is none."""
    try:
        plain = normal_name(name)
    except AccountError:
        return None
    asked = sa.select(ACCOUNT).where(ACCOUNT.c.name == plain, ACCOUNT.c.disabled_us.is_(None))
    found = connection.execute(asked).mappings().first()
    return None if found is None else (_account(found), found["password_hash"])


def change_password(connection: Connection, account_id: int, password_hash: str, *, sign_out: bool = True) -> None:
    """Keep another password.

    Parameters
    ----------
    connection : Connection
    account_id : int
    password_hash : str
    sign_out : bool
        Whether all his sessions are closed; only for the same password hashed anew they are not.
    """
    connection.execute(sa.update(ACCOUNT).where(ACCOUNT.c.id == account_id).values(password_hash=password_hash))
    if sign_out:
        close_all(connection, account_id)


def disable(connection: Connection, account_id: int, now_us: int) -> None:
    """Let an account in no more: its sessions are closed and its tokens refused."""
    unset = ACCOUNT.c.disabled_us.is_(None)
    connection.execute(sa.update(ACCOUNT).where(ACCOUNT.c.id == account_id, unset).values(disabled_us=now_us))
    close_all(connection, account_id)


def enable(connection: Connection, account_id: int) -> None:
    """Let a disabled account in again."""
    connection.execute(sa.update(ACCOUNT).where(ACCOUNT.c.id == account_id).values(disabled_us=None))


def change_choices(
    connection: Connection,
    account_id: int,
    *,
    shown_name: str | None = None,
    language: str | None = None,
    theme: str | None = None,
) -> None:
    """Change what a person chooses for himself; None leaves a thing as it is.

    Raises
    ------
    AccountError
        If a language or theme is unknown, or a shown name empty or too long.
    """
    _check_choice("language", language, LANGUAGES)
    _check_choice("theme", theme, THEMES)
    values: dict[str, str] = {}
    if shown_name is not None:
        values["shown_name"] = _shown(shown_name)
        if not values["shown_name"]:
            raise AccountError(text("the name shown is empty"), where="shown_name", repair=text("give a name"))
    if language is not None:
        values["language"] = language
    if theme is not None:
        values["theme"] = theme
    if values:
        connection.execute(sa.update(ACCOUNT).where(ACCOUNT.c.id == account_id).values(values))


def _account(row: Any) -> Account:  # noqa: ANN401  (a row of SQLAlchemy)
    return Account(
        id=int(row["id"]),
        name=row["name"],
        shown_name=row["shown_name"],
        language=row["language"],
        theme=row["theme"],
        has_password=row["password_hash"] is not None,
        oidc_issuer=row["oidc_issuer"],
        made_us=row["made_us"],
        disabled_us=row["disabled_us"],
    )


def _shown(name: str) -> str:
    plain = " ".join(name.split())
    if len(plain) > _LONGEST_SHOWN or not plain.isprintable():
        raise AccountError(
            text("the name shown is too long, or has characters that cannot be printed"),
            where="shown_name",
            repair=text("take at most {longest} characters", longest=_LONGEST_SHOWN),
        )
    return plain


def _check_choice(field: str, value: str | None, known: tuple[str, ...]) -> None:
    if value is None or value in known:
        return
    raise AccountError(
        text("{field} cannot be {value}", field=field, value=value[:40]),
        where=field,
        repair=text("take one of {known}", known=", ".join(known)),
    )


def _unknown(name: str) -> UnknownError:
    what: Text = text("there is no account {name}", name=name[:64])
    return UnknownError(what, where="account", repair=text("see the list of accounts"))
