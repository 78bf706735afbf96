"""Doors of signals: live values and alarms, and the past of both.

Collecting and forwarding are processes of their own beside the server (`forgecast signals collect`), so no door starts
them; how they go is told by ``signals/collecting``.
"""

from __future__ import annotations

from typing import Any

from forgecast.app.doors.door import Door
from forgecast.app.doors.signals.live import ACT, ALARM, ALARMS, COLLECTING, JOURNAL, LATEST
from forgecast.app.doors.signals.past import DEFINE, GATE, INCIDENTS, RECORD_INCIDENTS, REVIEW, SERIES, TRY

DOORS: tuple[Door[Any], ...] = (
    LATEST, SERIES, ALARMS, ALARM, ACT, JOURNAL, REVIEW, TRY, DEFINE, INCIDENTS, RECORD_INCIDENTS, GATE, COLLECTING,
)  # fmt: skip
