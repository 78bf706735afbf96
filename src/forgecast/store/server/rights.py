"""What a role may do: the rights, the roles, and which role has which right (`role_right.csv`)."""

from __future__ import annotations

import csv
from enum import StrEnum
from functools import lru_cache
from importlib import resources


class Right(StrEnum):
    """One thing a person may do in a plant."""

    SEE = "see"
    RECORD = "record"
    ENGINEER = "engineer"
    RELEASE = "release"
    ENVIRONMENT = "environment"
    MANAGE = "manage"
    AUDIT = "audit"
    ADMINISTER = "administer"


class Role(StrEnum):
    """What a person is in a plant, an enterprise or the whole server."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    ENGINEER = "engineer"
    ENVIRONMENT = "environment"
    MANAGER = "manager"
    AUDITOR = "auditor"
    ADMIN = "admin"


@lru_cache(maxsize=1)
def rights_of_roles() -> dict[Role, frozenset[Right]]:
    """Return the rights of every role."""
    found: dict[Role, set[Right]] = {role: set() for role in Role}
    place = resources.files("forgecast.store.server") / "role_right.csv"
    with place.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            found[Role(row["role"])].add(Right(row["right"]))
    return {role: frozenset(rights) for role, rights in found.items()}
