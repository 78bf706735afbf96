"""Doors of the condition of machines."""

from __future__ import annotations

from typing import Any

from forgecast.app.doors.condition.machines import CARD, MACHINES, OEE, SIGNS
from forgecast.app.doors.condition.searches import ANOMALY, CHANGES, DISCORDS
from forgecast.app.doors.condition.wear import BEARING, LIFE, LINING, PRESS
from forgecast.app.doors.door import Door

DOORS: tuple[Door[Any], ...] = (
    MACHINES, OEE, CARD, SIGNS, CHANGES, DISCORDS, ANOMALY, BEARING, LINING, PRESS, LIFE,
)  # fmt: skip
