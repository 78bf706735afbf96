"""Passwords: the rule for them, and their argon2id hashes."""

from __future__ import annotations

import threading
import unicodedata
from functools import lru_cache

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from forgecast.ground.texts import text
from forgecast.store.server.refused import AccountError

#: NIST SP 800-63B-4 asks for 15 characters where a password is all there is and 8 beside a second factor; it also
#: asks for no mixture of kinds and no regular change. Twelve, with growing waits, stand between.
SHORTEST = 12
#: Longer ones would only keep the processor busy.
LONGEST = 1024
#: RFC 9106, section 4, second choice: 64 MiB, three passes, four lanes; one hash takes some 0.1 s.
_HASHER = PasswordHasher(time_cost=3, memory_cost=65_536, parallelism=4, hash_len=32, salt_len=16, type=Type.ID)
#: So many hashes at a time in a process: each holds 64 MiB, and a rush of sign-ins must not take the memory.
_AT_A_TIME = threading.BoundedSemaphore(2)


def check_password(name: str, password: str) -> None:
    """Refuse a password that is too short, too long, made of one character, or like the name.

    Raises
    ------
    AccountError
    """
    plain = _plain(password)
    if len(password) < SHORTEST:
        raise AccountError(
            text("the password has {count} characters", count=len(password)),
            where="password",
            repair=text("take {shortest} characters or more; a sentence is easy to remember", shortest=SHORTEST),
        )
    if len(password) > LONGEST:
        raise AccountError(
            text("the password has {count} characters", count=len(password)),
            where="password",
            repair=text("take at most {longest} characters", longest=LONGEST),
        )
    if len(set(plain)) < 4 or (name and _plain(name) in {plain, plain[::-1]}):
        raise AccountError(
            text("the password is easily guessed: it is the name, or hardly more than one character"),
            where="password",
            repair=text("take a sentence that only you know"),
        )


def hashed(password: str) -> str:
    """Return the argon2id hash of a password, with its salt and parameters inside; takes some 0.1 s."""
    with _AT_A_TIME:
        return _HASHER.hash(_normal(password))


def fits(kept: str | None, password: str) -> bool:
    """Tell whether a password is the one behind a hash; where there is no hash it takes as long and says no.

    Parameters
    ----------
    kept : str or None
        Hash; None where there is no such account, or it has no password.
    password : str
    """
    if len(password) > LONGEST:
        password = password[:LONGEST]
        kept = None
    with _AT_A_TIME:
        try:
            found = _HASHER.verify(kept or _nobodys(), _normal(password))
        except (VerificationError, InvalidHashError):
            return False
    return found and kept is not None


def is_outdated(kept: str) -> bool:
    """Tell whether a hash was made with other parameters than today's; it is made anew at the next sign-in."""
    return _HASHER.check_needs_rehash(kept)


@lru_cache(maxsize=1)
def _nobodys() -> str:
    return _HASHER.hash("the password of nobody")


def _normal(password: str) -> str:
    # The same characters typed on another keyboard or system must be the same password.
    return unicodedata.normalize("NFKC", password)


def _plain(word: str) -> str:
    return unicodedata.normalize("NFKC", word).casefold().strip()
