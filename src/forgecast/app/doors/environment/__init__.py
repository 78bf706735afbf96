"""Doors of the environment: stacks by the hour, ledger, duties, masses, waste, sand, emergency, reports, telegrams."""

from __future__ import annotations

from typing import Any

from forgecast.app.doors.door import Door
from forgecast.app.doors.environment import flows, hours, ledger, report

DOORS: tuple[Door[Any], ...] = (*hours.DOORS, *ledger.DOORS, *flows.DOORS, *report.DOORS)
