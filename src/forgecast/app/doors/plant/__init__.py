"""Doors of the plant's records: what is there, rows and their history, entries by hand, files that come in."""

from __future__ import annotations

from typing import Any

from forgecast.app.doors.door import Door
from forgecast.app.doors.plant.entry import ENTRY_DOORS
from forgecast.app.doors.plant.files import FILE_DOORS
from forgecast.app.doors.plant.records import RECORD_DOORS
from forgecast.app.doors.plant.upkeep import UPKEEP_DOORS

DOORS: tuple[Door[Any], ...] = (*RECORD_DOORS, *ENTRY_DOORS, *FILE_DOORS, *UPKEEP_DOORS)
