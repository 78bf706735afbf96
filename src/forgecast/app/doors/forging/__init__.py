"""Doors of forging: estimate, press run, billet, flow stress, ring test."""

from __future__ import annotations

from typing import Any

from forgecast.app.doors.door import Door
from forgecast.app.doors.forging.estimate import BILLET, ESTIMATE
from forgecast.app.doors.forging.flow_stress import FLOW_DOORS
from forgecast.app.doors.forging.press import PRESS
from forgecast.app.doors.forging.ring import RING

DOORS: tuple[Door[Any], ...] = (ESTIMATE, BILLET, PRESS, *FLOW_DOORS, RING)
