"""Coming in and going out: what happens in the database when somebody signs in, signs out or changes a password."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import Connection

from forgecast.app.server.access_settings import ClaimGrant
from forgecast.app.server.refusals import RefusedError
from forgecast.app.server.start_key import use_start_key
from forgecast.app.server.visitors import Visitors
from forgecast.ground.texts import Language, text
from forgecast.store.server import accounts, passwords
from forgecast.store.server.database import ServerStore
from forgecast.store.server.deeds import Doer, write_deed
from forgecast.store.server.grants import SERVER_WIDE, give, replace_given_by
from forgecast.store.server.refused import AccountError, TakenError
from forgecast.store.server.rights import Role
from forgecast.store.server.secrets_kept import hash_of
from forgecast.store.server.sessions import close_session, open_session, was_here
from forgecast.store.server.sign_in import begin_attempt, succeeded

#: Stands behind the grants that follow from another house's claims.
BY_OIDC = "oidc"
_NOBODY = -1


@dataclass(frozen=True, slots=True)
class Coming:
    """From where somebody comes.

    Parameters
    ----------
    address, agent : str
    request_id : str
    language : Language
        Of the page; kept for an account that has chosen none.
    """

    address: str
    agent: str
    request_id: str
    language: Language

    def doer(self, name: str) -> Doer:
        """Return him as the one who does something."""
        return Doer(name, "", self.address, self.request_id)


class SignInRefusedError(RefusedError):
    """Name and password do not belong together; it is not said which of them is wrong."""

    code = "sign-in-refused"
    status = 403

    def __init__(self) -> None:
        super().__init__(
            text("this name and password do not belong together"),
            repair=text("try again; if you have forgotten it, an administrator can give you a new one"),
        )


class SignInWaitsError(RefusedError):
    """There were too many failures; after a while it may be tried again."""

    code = "sign-in-waits"
    status = 429

    def __init__(self, wait_us: int) -> None:
        self.wait_s = max(1, -(-wait_us // 1_000_000))
        super().__init__(
            text("too many failed attempts"),
            repair=text("wait {seconds} s and try again; the account is not locked", seconds=self.wait_s),
        )


class StartRefusedError(RefusedError):
    """The link of the first start is not, or no longer, valid."""

    code = "start-refused"
    status = 403

    def __init__(self) -> None:
        super().__init__(
            text("this link is not valid, or was used already"),
            repair=text("sign in; if there is no account yet, start the server again: it prints a new link"),
        )


def sign_in(store: ServerStore, visitors: Visitors, name: str, password: str, coming: Coming) -> str:
    """Open a session for a name and its password, and return the session's secret.

    Raises
    ------
    SignInWaitsError, SignInRefusedError
    """
    account_id = _proven(store, name, password, coming)
    with store.writing() as connection:
        secret, _ = open_session(
            connection,
            account_id,
            address=coming.address,
            agent=coming.agent,
            now_us=_now_us(),
            limits=visitors.limits,
        )
        person = accounts.account(connection, account_id)
        if person.language is None:
            accounts.change_choices(connection, account_id, language=coming.language)
        write_deed(connection, coming.doer(person.name), "sign-in", person.name, at_us=_now_us())
    return secret


def sign_out(store: ServerStore, visitors: Visitors, secret: str, coming: Coming) -> None:
    """Close the session of a secret."""
    visitor = visitors.of_session(secret)
    with store.writing() as connection:
        close_session(connection, secret)
        if visitor is not None:
            write_deed(connection, coming.doer(visitor.name), "sign-out", visitor.name, at_us=_now_us())
    if visitor is not None:
        visitors.forget(visitor.account_id)


def change_password(store: ServerStore, visitors: Visitors, name: str, old: str, new: str, coming: Coming) -> str:
    """Change one's own password; all sessions are closed, and the secret of a new one is returned.

    Raises
    ------
    SignInWaitsError, SignInRefusedError
        If the old one is not right.
    AccountError
        If the new one breaks the rule.
    """
    passwords.check_password(name, new)
    account_id = _proven(store, name, old, coming)
    kept = passwords.hashed(new)
    with store.writing() as connection:
        accounts.change_password(connection, account_id, kept)
        secret, _ = open_session(
            connection,
            account_id,
            address=coming.address,
            agent=coming.agent,
            now_us=_now_us(),
            limits=visitors.limits,
        )
        write_deed(connection, coming.doer(name), "account.password", name, at_us=_now_us())
    visitors.forget(account_id)
    return secret


def start(
    store: ServerStore, visitors: Visitors, home: Path, *, key: str, name: str, password: str, coming: Coming
) -> str:
    """Make the first administrator with the key of the first start, and return the secret of his session.

    Raises
    ------
    StartRefusedError
        If the key does not fit, or there is an account already.
    AccountError
        If name or password break their rules; the key is not used up then.
    """
    plain = accounts.normal_name(name)
    passwords.check_password(plain, password)
    kept = passwords.hashed(password)
    with store.writing() as connection:
        if not use_start_key(connection, home, key):
            raise StartRefusedError
        now_us = _now_us()
        account_id = accounts.create(
            connection, name=plain, password_hash=kept, now_us=now_us, language=coming.language
        )
        give(connection, account_id, Role.ADMIN, SERVER_WIDE, by="first start", now_us=now_us, mine=None)
        secret, _ = open_session(
            connection,
            account_id,
            address=coming.address,
            agent=coming.agent,
            now_us=now_us,
            limits=visitors.limits,
        )
        write_deed(connection, coming.doer(plain), "account.first", plain, at_us=now_us)
    return secret


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whom another house vouches for.

    Parameters
    ----------
    issuer, subject : str
    name, shown_name : str
        As the issuer calls him.
    grants : tuple of ClaimGrant
        Those whose claim he has.
    """

    issuer: str
    subject: str
    name: str
    shown_name: str
    grants: tuple[ClaimGrant, ...]


class NoAccountError(RefusedError):
    """Another house vouches for somebody who has no account here."""

    code = "no-account"
    status = 403

    def __init__(self) -> None:
        super().__init__(
            text("you are known there, but have no account here, or it was disabled"),
            repair=text("ask an administrator of this server for an account"),
        )


def sign_in_vouched(
    store: ServerStore, visitors: Visitors, person: Person, coming: Coming, *, makes_accounts: bool
) -> str:
    """Open a session for somebody another house vouches for, and return its secret.

    His grants by claims become those of today. A local account of the same name is another's: it is never taken over.

    Raises
    ------
    NoAccountError
    """
    with store.writing() as connection:
        now_us = _now_us()
        found = accounts.account_of_oidc(connection, person.issuer, person.subject)
        if (found is None and not makes_accounts) or (found is not None and found.disabled_us is not None):
            raise NoAccountError
        if found is None:
            account_id, name = _made(connection, person, coming, now_us)
        else:
            account_id, name = found.id, found.name
        wanted = frozenset((grant.role, grant.place) for grant in person.grants)
        replace_given_by(connection, account_id, wanted, by=BY_OIDC, now_us=now_us)
        secret, _ = open_session(
            connection,
            account_id,
            address=coming.address,
            agent=coming.agent,
            now_us=now_us,
            limits=visitors.limits,
        )
        write_deed(connection, coming.doer(name), "sign-in.oidc", name, at_us=now_us)
    visitors.forget(account_id)
    return secret


def _made(connection: Connection, person: Person, coming: Coming, now_us: int) -> tuple[int, str]:
    wished = [person.name, *(f"{person.name}-{number}" for number in range(2, 10))]
    for name in [*wished, f"oidc-{hash_of(person.issuer + person.subject)[:12]}"]:
        try:
            account_id = accounts.create(
                connection,
                name=name,
                shown_name=person.shown_name[:100],
                password_hash=None,
                now_us=now_us,
                oidc=(person.issuer, person.subject),
                language=coming.language,
            )
        except (AccountError, TakenError):
            continue
        return account_id, accounts.normal_name(name)
    raise NoAccountError


def _proven(store: ServerStore, name: str, password: str, coming: Coming) -> int:
    """Return the account whose password this is; a name that is not known takes as long as a wrong password."""
    with store.reading() as connection:
        found = accounts.password_hash_of(connection, name)
        account_id = found[0].id if found is not None else _NOBODY
        at_home = was_here(connection, account_id, coming.address)
    with store.writing() as connection:
        attempt = begin_attempt(connection, name, coming.address, now_us=_now_us(), at_home=at_home)
    if attempt.wait_us > 0:
        raise SignInWaitsError(attempt.wait_us)
    kept = found[1] if found is not None else None
    fitting = passwords.fits(kept, password)
    anew = passwords.hashed(password) if fitting and kept is not None and passwords.is_outdated(kept) else None
    with store.writing() as connection:
        if not fitting or found is None:
            known = found[0].name if found is not None else ""
            write_deed(connection, coming.doer(known), "sign-in", known, at_us=_now_us(), outcome="refused")
        else:
            succeeded(connection, attempt, name, coming.address)
            if anew is not None:
                accounts.change_password(connection, account_id, anew, sign_out=False)
    if not fitting or found is None:
        raise SignInRefusedError
    return account_id


def _now_us() -> int:
    return time.time_ns() // 1_000
