"""Doors of the melt shop: heats, charges, corrections, cooling curves, fading, the balance of metal."""

from __future__ import annotations

from typing import Any

from forgecast.app.doors.door import Door
from forgecast.app.doors.melting.charge import CHARGE_DOORS
from forgecast.app.doors.melting.curve import CURVE_DOORS
from forgecast.app.doors.melting.figures import FIGURE_DOORS
from forgecast.app.doors.melting.log import LOG_DOORS

DOORS: tuple[Door[Any], ...] = (*LOG_DOORS, *CHARGE_DOORS, *CURVE_DOORS, *FIGURE_DOORS)
