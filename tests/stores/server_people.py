"""A server with two enterprises, three plants and a person for every role, as the tests of rights need it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.engine import Connection

from forgecast.store.server import accounts, grants, plants
from forgecast.store.server.grants import SERVER_WIDE, Place
from forgecast.store.server.rights import Role

NOW = 1_790_000_000_000_000
#: Plants by enterprise.
PLANTS = {"a1": "north", "a2": "north", "b1": "south"}


@dataclass(frozen=True)
class People:
    """Ids of accounts by name: ``a1-viewer`` is a viewer of plant a1, ``north-admin`` one of the enterprise."""

    ids: dict[str, int]


def settle(connection: Connection, folders: dict[str, str], password_hash: str | None = None) -> People:
    """Register everything and return the people."""
    ids = {}
    for enterprise in ("north", "south"):
        plants.add_enterprise(connection, enterprise, enterprise.title(), NOW)
    for plant, enterprise in PLANTS.items():
        plants.add_plant(
            connection, plant, enterprise_id=enterprise, name=plant.upper(), folder=folders[plant], now_us=NOW
        )
    places = {plant: Place(plant_id=plant) for plant in PLANTS}
    places |= {enterprise: Place(enterprise_id=enterprise) for enterprise in ("north", "south")}
    places["server"] = SERVER_WIDE
    for where, place in places.items():
        for role in Role:
            name = f"{where}-{role.value}"
            ids[name] = accounts.create(connection, name=name, password_hash=password_hash, now_us=NOW)
            grants.give(connection, ids[name], role, place, by="test", now_us=NOW, mine=None)
    ids["nobody"] = accounts.create(connection, name="nobody", password_hash=password_hash, now_us=NOW)
    return People(ids)
