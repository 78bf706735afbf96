"""Doors of quality: charts, studies, losses."""

from __future__ import annotations

from typing import Any

from forgecast.app.doors.door import Door
from forgecast.app.doors.quality.charts import CHART, CHOICES, CONTROL, REACT, REACTIONS
from forgecast.app.doors.quality.losses import CONTAIN, FMEA, LOSSES, PARETO, REJECTS
from forgecast.app.doors.quality.studies import CAPABILITY, GAUGE, SAMPLING, SCATTER, TOLERANCE

DOORS: tuple[Door[Any], ...] = (
    CONTROL, CHOICES, CHART, REACTIONS, REACT, LOSSES, PARETO, CAPABILITY, TOLERANCE, GAUGE, SCATTER, SAMPLING, FMEA,
    CONTAIN, REJECTS,
)  # fmt: skip
