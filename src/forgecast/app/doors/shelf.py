"""All doors, by their address."""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from forgecast.app.doors.door import Door
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text

#: Modules of `forgecast.app.doors`; each has a tuple DOORS.
AREAS = (
    "plant",
    "casting",
    "forging",
    "melting",
    "pieces",
    "quality",
    "signals",
    "condition",
    "environment",
    "energy",
    "carbon",
    "rules",
    "standing",
    "plan",
)


@lru_cache(maxsize=1)
def doors() -> dict[str, Door[Any]]:
    """Return all doors by ``area/name``."""
    found: dict[str, Door[Any]] = {}
    for area in AREAS:
        if find_spec(f"forgecast.app.doors.{area}") is None:  # being built
            continue
        for door in import_module(f"forgecast.app.doors.{area}").DOORS:
            if door.id in found:
                message = f"two doors are called {door.id}"
                raise ValueError(message)
            found[door.id] = door
    return found


def door_of(name: str) -> Door[Any]:
    """Return a door by ``area/name``.

    Raises
    ------
    ForgecastError
        If there is none of that name.
    """
    found = doors().get(name)
    if found is None:
        raise ForgecastError(
            text("there is no door called {name}", name=name), where=name, repair=text("see the list of the API")
        )
    return found
