"""Doors of the rules: rulebooks, verdicts with their trees, ways to pass, what if, compare, files to take along."""

from __future__ import annotations

from typing import Any

from forgecast.app.doors.door import Door
from forgecast.app.doors.rules import books, changes, files, verdicts
from forgecast.app.doors.rules.kept import ASSESSMENT

DOORS: tuple[Door[Any], ...] = (ASSESSMENT, *books.DOORS, *verdicts.DOORS, *changes.DOORS, *files.DOORS)
