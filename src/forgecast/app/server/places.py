"""Enterprises and plants of the server, added by its administrator; every change leaves a deed."""

from __future__ import annotations

from forgecast.app.server.acting import Acting, now_us
from forgecast.app.server.made_plant import RecordsIn, make_plant
from forgecast.app.server.refusals import NotThereError
from forgecast.ground.dates import CHINA, zone
from forgecast.store.server import plants
from forgecast.store.server.deeds import write_deed
from forgecast.store.server.plants import Enterprise, Plant


def add_enterprise(acting: Acting, enterprise: str, name: str) -> Enterprise:
    """Register an enterprise.

    Raises
    ------
    NotPermittedError, AccountError, TakenError
    """
    acting.check_server()
    with acting.house.store.writing() as connection:
        made = plants.add_enterprise(connection, enterprise, name, now_us())
        write_deed(connection, acting.doer, "enterprise.add", made.id, at_us=now_us(), enterprise_id=made.id)
    acting.house.visitors.forget_all()
    return made


def add_plant(
    acting: Acting, enterprise: str, plant: str, *, name: str, zone_name: str = CHINA, records: RecordsIn = "server"
) -> Plant:
    """Make a plant with an empty folder in the server's home.

    Raises
    ------
    NotPermittedError, NotThereError, AccountError, TakenError, PlantError
    """
    acting.check_server()
    if enterprise not in acting.visitor.reach.enterprises:
        raise NotThereError(enterprise)
    zone(zone_name)
    house = acting.house
    folder = house.home / "plants" / plant
    with house.store.writing() as connection:
        made = plants.add_plant(
            connection,
            plant,
            enterprise_id=enterprise,
            name=name,
            folder=plants.kept_folder(house.home, folder),
            now_us=now_us(),
        )
        write_deed(
            connection,
            acting.doer,
            "plant.add",
            made.id,
            at_us=now_us(),
            enterprise_id=enterprise,
            plant_id=made.id,
        )
        # Last: if the folder cannot be made, nothing is registered.
        make_plant(folder, name=made.name, id_=made.id, zone_name=zone_name, database=house.database, records=records)
    house.visitors.forget_all()
    return made
