"""The key of the first start: printed once, it makes the first administrator, and is gone then."""

from __future__ import annotations

from hmac import compare_digest
from pathlib import Path

from sqlalchemy.engine import Connection

from forgecast.store.server.accounts import any_account
from forgecast.store.server.secrets_kept import hash_of, new_secret

#: File in the home folder that keeps the key's hash.
FILE_NAME = "start-key.sha256"


def new_start_key(connection: Connection, home: Path) -> str | None:
    """Return a new key for the first administrator, whose hash is kept in the home folder; None where there is one.

    An earlier key that was not used holds no longer.
    """
    if any_account(connection):
        (home / FILE_NAME).unlink(missing_ok=True)
        return None
    key = new_secret()
    (home / FILE_NAME).write_text(hash_of(key), encoding="ascii")
    return key


def fits_start_key(connection: Connection, home: Path, key: str) -> bool:
    """Tell whether a key is the one of the first start; none is, once there is an account."""
    try:
        kept = (home / FILE_NAME).read_text(encoding="ascii")
    except FileNotFoundError:
        return False
    return compare_digest(kept, hash_of(key)) and not any_account(connection)


def use_start_key(connection: Connection, home: Path, key: str) -> bool:
    """Use up the key; of several who come at once one only is told yes.

    Parameters
    ----------
    connection : Connection
        Of the writing transaction that makes the account.
    home : Path
    key : str
    """
    if not fits_start_key(connection, home, key):
        return False
    try:
        (home / FILE_NAME).unlink()
    except FileNotFoundError:
        return False
    return True
