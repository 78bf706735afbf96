"""Doors of casting: tables, a part before it is frozen, freezing runs, risers, gating, interface coefficients."""

from __future__ import annotations

from typing import Any

from forgecast.app.doors.casting.materials import MATERIAL_DOORS
from forgecast.app.doors.casting.part import PART_DOORS
from forgecast.app.doors.casting.risers import RISER_DOORS
from forgecast.app.doors.casting.rules import RULE_DOORS
from forgecast.app.doors.casting.run import FREEZE
from forgecast.app.doors.door import Door

DOORS: tuple[Door[Any], ...] = (*MATERIAL_DOORS, *PART_DOORS, FREEZE, *RISER_DOORS, *RULE_DOORS)
