"""Doors of standing: the first page, index, evidence, peers, duties, grade, incentives, report."""

from __future__ import annotations

from typing import Any

from forgecast.app.doors.door import Door
from forgecast.app.doors.standing import home, score, titles

DOORS: tuple[Door[Any], ...] = (*home.DOORS, *score.DOORS, *titles.DOORS)
