"""The home folder of a server: that of one plant lies in the plant's folder, that of many plants is named."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from forgecast.app.server.access_settings import FILE_NAME as SERVER_FILE
from forgecast.app.server.house import DATABASE, House
from forgecast.ground.errors import PlantError
from forgecast.ground.texts import text
from forgecast.store.plant_folder import PlantFolder
from forgecast.store.server.plants import add_enterprise, add_plant, kept_folder, plants
from forgecast.store.settings import FILE_NAME

#: Home of a server that serves one plant only, in the plant's folder.
IN_PLANT = "server"


@dataclass(frozen=True, slots=True)
class Home:
    """Where a server keeps its things.

    Parameters
    ----------
    path : Path
    plant : Path or None
        Folder of the one plant it serves; None where it serves those that were added to it.
    """

    path: Path
    plant: Path | None


def home_of(folder: Path, *, named_database: bool = False) -> Home:
    """Return the home of the server for a plant folder, or the folder itself as the home of a server of many plants.

    Parameters
    ----------
    folder : Path
    named_database : bool
        Whether the server's database is named elsewhere; any folder may be its home then.

    Raises
    ------
    PlantError
        If the folder is neither.
    """
    folder = Path(folder).absolute()
    if (folder / FILE_NAME).is_file():
        return Home(folder / IN_PLANT, folder)
    if named_database or any((folder / name).is_file() for name in (DATABASE, SERVER_FILE)):
        return Home(folder, None)
    raise PlantError(
        text("this is neither a plant folder nor the home of a server"),
        where=str(folder),
        repair=text(
            "make a plant with `forgecast plant new`, or the home of a server of many plants with "
            "`forgecast server enterprise add`"
        ),
    )


def register_plant(house: House, folder: Path) -> None:
    """Make sure that the server knows the one plant it serves: its own enterprise, with the plant's name.

    Raises
    ------
    PlantError
        If the folder cannot be opened.
    """
    with PlantFolder.open(folder) as plant:
        settings = plant.settings
    # Relative, so that the plant's folder can be moved with its server in it.
    kept = ".." if house.home.parent == folder else kept_folder(house.home, folder)
    now_us = time.time_ns() // 1_000
    with house.store.writing() as connection:
        if any(one.folder == kept for one in plants(connection)):
            return
        add_enterprise(connection, settings.id, settings.name, now_us)
        add_plant(connection, settings.id, enterprise_id=settings.id, name=settings.name, folder=kept, now_us=now_us)
