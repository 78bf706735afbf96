"""Make a plant folder."""

from __future__ import annotations

import re
from pathlib import Path

from forgecast.ground.dates import CHINA
from forgecast.store.plant_folder import PlantFolder
from forgecast.store.settings import PlantSettings


def new_plant(
    folder: Path,
    *,
    name: str,
    id: str = "",  # noqa: A002  (the setting's name)
    zone_name: str = CHINA,
    synthetic: bool = False,
    records: str = "records.sqlite",
) -> None:
    """Make a plant folder with its settings, an empty records database and no series.

    Parameters
    ----------
    folder : Path
        A name that is free, or an empty folder.
    name : str
        Name of the plant as it shall stand on reports.
    id : str
        Short identifier; made from the folder's name where empty.
    zone_name : str
        IANA zone of the plant's clocks.
    synthetic : bool
        Whether the records will be made up.
    records : str
        SQLite file name, or ``postgresql+psycopg://`` URL.

    Raises
    ------
    PlantError
        If something is there already, a setting is wrong, or the place cannot be written; then nothing is made.
    """
    made_id = re.sub(r"[^A-Za-z0-9._-]+", "-", id or folder.absolute().name).strip("-._")[:64]
    settings = PlantSettings(
        id=id or made_id or "plant", name=name, zone=zone_name, synthetic=synthetic, records=records
    )
    PlantFolder.create(folder, settings).close()
