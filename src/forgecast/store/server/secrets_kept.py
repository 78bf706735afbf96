"""Secrets: made at random, shown once, and kept only as their SHA-256."""

from __future__ import annotations

import hashlib
import secrets

#: How an API token begins, so that a leaked one is recognised by whoever finds it.
TOKEN_PREFIX = "fgc_"  # noqa: S105  (no secret)


def new_secret(prefix: str = "") -> str:
    """Return 256 random bits as text of an address, 43 characters after the prefix."""
    return prefix + secrets.token_urlsafe(32)


def hash_of(secret: str) -> str:
    """Return what is kept of a random secret.

    A fast hash will do, unlike for a password: 256 random bits cannot be tried through.
    """
    return hashlib.sha256(secret.encode("utf-8")).hexdigest()
