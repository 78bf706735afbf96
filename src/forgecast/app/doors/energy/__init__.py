"""Doors of energy: figures by month, meter tree, baselines, savings, bills, shifting of melting, diagnosis."""

from __future__ import annotations

from typing import Any

from forgecast.app.doors.door import Door
from forgecast.app.doors.energy import cost, meters, models

DOORS: tuple[Door[Any], ...] = (*meters.DOORS, *models.DOORS, *cost.DOORS)
