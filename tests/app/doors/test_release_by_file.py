"""A file releases nothing for whoever may not release: it is refused as a whole, and other files are taken."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from forgecast.app.doors.plant import DOORS
from forgecast.store.plant_folder import PlantFolder
from forgecast.store.server.rights import Role, rights_of_roles
from forgecast.tasks.import_files import import_files
from tests.app.doors.calls import Asking
from tests.docs.pages import ROOT

IMPORT = next(door for door in DOORS if door.name == "import")
HEAT_17 = ROOT / "examples" / "plants" / "heat_17"


@pytest.fixture
def asking(sample_plant: Path, tmp_path: Path):
    with PlantFolder.open(shutil.copytree(sample_plant, tmp_path / "plant")) as plant:
        import_files(plant, sorted((HEAT_17 / "made").glob("*.csv")), by="tester")
        made = Asking(plant, tmp_path / "asked")
        shutil.copyfile(HEAT_17 / "sent" / "disposition.csv", made.folder / "disposition.csv")
        yield made


def test_an_operator_releases_nothing_by_a_file(asking: Asking) -> None:
    asking.rights = rights_of_roles()[Role.OPERATOR]
    before = asking.plant.records.count("disposition")
    told = asking(IMPORT, uploads=["disposition.csv"])
    assert told["files"][0]["refused"]["code"] == "import-refused"
    assert asking.plant.records.count("disposition") == before


def test_an_engineer_does(asking: Asking) -> None:
    asking.rights = rights_of_roles()[Role.ENGINEER]
    before = asking.plant.records.count("disposition")
    assert asking(IMPORT, uploads=["disposition.csv"])["files"][0]["refused"] is None
    assert asking.plant.records.count("disposition") > before
