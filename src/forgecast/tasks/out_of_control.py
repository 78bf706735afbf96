"""What is out of control now: the quantities of a plant whose last points signal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Text, text
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.chart_quality import ChartPlan, GroupChart, chart_quality
from forgecast.tasks.quality_points import needed_labels
from forgecast.tasks.watchable_quantities import Watchable, watchable_quantities
from forgecast.tasks.watched import Wanted
from forgecast.tasks.watched_records import watched_in_plant

#: Points at the end of a chart that are "now".
LATEST = 25
#: Rules that ask few false alarms of many charts: beyond the limits, nine on one side, six rising or falling.
RULES = "nelson-1,nelson-2,nelson-3"
#: Where more of all points signal, the chart asks to be parted otherwise before its signals mean much.
_MANY = 0.15


@dataclass(frozen=True, slots=True)
class OutOfControl:
    """A chart whose last points signal.

    Parameters
    ----------
    quantity : Watchable
    kind : str
        Kind of the chart.
    group : str
    signals, points : int
        Of the last points.
    rules : tuple of (str, Text)
        Sign and words of each rule that is broken.
    last, at : str, int or None
        Name and instant of the last point that signals, microseconds UTC.
    value, centre, lower, upper : float or None
    restless : bool
        Whether so many of all points signal that the chart should be parted otherwise.
    """

    quantity: Watchable
    kind: str
    group: str
    signals: int
    points: int
    rules: tuple[tuple[str, Text], ...]
    last: str
    at: int | None
    value: float | None
    centre: float | None
    lower: float | None
    upper: float | None
    restless: bool


@dataclass(frozen=True, slots=True)
class ControlNow:
    """What was looked at, and what is out of control.

    Parameters
    ----------
    found : tuple of OutOfControl
        Those that broke a limit first, then the latest first.
    charts, quantities : int
        Looked at.
    notes : tuple of Text
    """

    found: tuple[OutOfControl, ...]
    charts: int
    quantities: int
    notes: tuple[Text, ...]


def out_of_control(plant: PlantFolder, *, progress: Callable[[float], None] = lambda _share: None) -> ControlNow:
    """Chart every quantity of a plant and return those whose last points signal.

    Parameters
    ----------
    plant : PlantFolder
    progress : callable
        Is told the share done, 0 to 1.
    """
    quantities = watchable_quantities(plant)
    found: list[OutOfControl] = []
    charts, notes = 0, []
    for n, quantity in enumerate(quantities):
        progress(n / len(quantities))
        try:
            made = _charted(plant, quantity)
        except ForgecastError as error:
            notes.append(text("{field} could not be charted: {why}", field=quantity.field, why=error.what))
            continue
        charts += len(made[1])
        found += [one for group in made[1] if (one := _latest(quantity, made[0], group)) is not None]
    found.sort(key=lambda one: (one.restless, not _beyond(one), -(one.at or 0)))
    return ControlNow(tuple(found), charts, len(quantities), tuple(notes))


def _beyond(one: OutOfControl) -> bool:
    return any(sign == "1" for sign, _ in one.rules)


def _charted(plant: PlantFolder, quantity: Watchable) -> tuple[str, Sequence[GroupChart]]:
    plan = ChartPlan(rules=RULES)
    labels = (quantity.by, *needed_labels("", result=quantity.is_result))
    watched = watched_in_plant(plant, Wanted((quantity.field,), labels))
    made = chart_quality(watched, plan, by=quantity.by)
    return made.kind, made.groups


def _latest(quantity: Watchable, kind: str, group: GroupChart) -> OutOfControl | None:
    panel, n = group.panels[0], len(group.points)
    late = panel.flagged[panel.flagged >= n - LATEST]
    if not late.size:
        return None
    at = int(late[-1])
    broken = tuple((mark.sign, mark.title) for mark in panel.marks if (mark.at >= n - LATEST).any())
    times = group.points.times()
    return OutOfControl(
        quantity, kind, group.group, int(late.size), min(LATEST, n), broken, str(group.points.names[at]),
        None if times is None else int(times[at]), _known(panel.values[at]), _known(panel.centre[at]),
        _known(panel.lower[at]), _known(panel.upper[at]), restless=n >= 100 and panel.flagged.size > _MANY * n,
    )  # fmt: skip


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
