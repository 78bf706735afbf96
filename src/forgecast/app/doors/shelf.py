"""All doors, by their address; an area is loaded when one of its doors is asked for."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeAlias

from forgecast.app.doors.door import Door
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text

Doors: TypeAlias = tuple[Door[Any], ...]


@lru_cache(maxsize=1)
def doors() -> dict[str, Door[Any]]:
    """Return all doors by ``area/name``."""
    return {name: door for area in AREAS for name, door in _of_area(area).items()}


def door_of(name: str) -> Door[Any]:
    """Return a door by ``area/name``.

    Raises
    ------
    ForgecastError
        If there is none of that name.
    """
    area = name.partition("/")[0]
    found = _of_area(area).get(name) if area in AREAS else None
    if found is None:
        raise ForgecastError(
            text("there is no door called {name}", name=name), where=name, repair=text("see the list of the API")
        )
    return found


@lru_cache
def _of_area(area: str) -> dict[str, Door[Any]]:
    found = {door.id: door for door in AREAS[area]()}
    assert len(found) == len(AREAS[area]()), f"two doors of {area} have one name"  # noqa: S101  (a slip of the author)
    return found


def _plant() -> Doors:
    from forgecast.app.doors.plant import DOORS  # noqa: PLC0415

    return DOORS


def _casting() -> Doors:
    from forgecast.app.doors.casting import DOORS  # noqa: PLC0415

    return DOORS


def _forging() -> Doors:
    from forgecast.app.doors.forging import DOORS  # noqa: PLC0415

    return DOORS


def _melting() -> Doors:
    from forgecast.app.doors.melting import DOORS  # noqa: PLC0415

    return DOORS


def _pieces() -> Doors:
    from forgecast.app.doors.pieces import DOORS  # noqa: PLC0415

    return DOORS


def _quality() -> Doors:
    from forgecast.app.doors.quality import DOORS  # noqa: PLC0415

    return DOORS


def _signals() -> Doors:
    from forgecast.app.doors.signals import DOORS  # noqa: PLC0415

    return DOORS


def _condition() -> Doors:
    from forgecast.app.doors.condition import DOORS  # noqa: PLC0415

    return DOORS


def _environment() -> Doors:
    from forgecast.app.doors.environment import DOORS  # noqa: PLC0415

    return DOORS


def _energy() -> Doors:
    from forgecast.app.doors.energy import DOORS  # noqa: PLC0415

    return DOORS


def _carbon() -> Doors:
    from forgecast.app.doors.carbon import DOORS  # noqa: PLC0415

    return DOORS


def _rules() -> Doors:
    from forgecast.app.doors.rules import DOORS  # noqa: PLC0415

    return DOORS


def _standing() -> Doors:
    from forgecast.app.doors.standing import DOORS  # noqa: PLC0415

    return DOORS


def _plan() -> Doors:
    from forgecast.app.doors.plan import DOORS  # noqa: PLC0415

    return DOORS


#: Areas, and what loads their doors: a worker that works out one figure need not load every science.
AREAS: dict[str, Callable[[], Doors]] = {
    "plant": _plant,
    "casting": _casting,
    "forging": _forging,
    "melting": _melting,
    "pieces": _pieces,
    "quality": _quality,
    "signals": _signals,
    "condition": _condition,
    "environment": _environment,
    "energy": _energy,
    "carbon": _carbon,
    "rules": _rules,
    "standing": _standing,
    "plan": _plan,
}
