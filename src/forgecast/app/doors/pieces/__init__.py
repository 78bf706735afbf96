"""Doors of the pieces: search, genealogy, recall, certificates, labels, events for others, grades."""

from __future__ import annotations

from typing import Any

from forgecast.app.doors.door import Door
from forgecast.app.doors.pieces.certificates import CERTIFICATE_DOORS
from forgecast.app.doors.pieces.exchange import EXCHANGE_DOORS
from forgecast.app.doors.pieces.genealogy import GENEALOGY_DOORS
from forgecast.app.doors.pieces.grades import GRADE_DOORS
from forgecast.app.doors.pieces.recall import RECALL_DOORS

DOORS: tuple[Door[Any], ...] = (
    *GENEALOGY_DOORS,
    *RECALL_DOORS,
    *CERTIFICATE_DOORS,
    *EXCHANGE_DOORS,
    *GRADE_DOORS,
)
