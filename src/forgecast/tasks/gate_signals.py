"""Ask the quality gate about series of a plant: what is doubtful, and how complete a stretch is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from forgecast.ground.dates import DAY_US, SECOND_US
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text
from forgecast.signals.gate.certificate import Certificate, certify
from forgecast.signals.gate.gate import Bounds, check
from forgecast.signals.gate.profile import Profile, learn_profile
from forgecast.signals.gate.still import MAY_STAND_STILL
from forgecast.signals.reading import Readings
from forgecast.store.plant_folder import PlantFolder

#: What is usual is learned from so much history before the stretch.
HISTORY_US = 30 * DAY_US


@dataclass(frozen=True, slots=True)
class Gated:
    """What the gate says of one series.

    Parameters
    ----------
    certificate : Certificate
    unit : str
    profile : Profile
    own : bool
        Whether what is usual was learned from the stretch itself, for want of enough readings before it.
    """

    certificate: Certificate
    unit: str
    profile: Profile
    own: bool

    def as_json(self) -> dict[str, object]:
        """Return the JSON answer."""
        return {**self.certificate.as_json(), "unit": self.unit, "judged_by_itself": self.own}


def gate_signals(
    plant: PlantFolder,
    tags: Sequence[str] = (),
    start_us: int | None = None,
    end_us: int | None = None,
    *,
    progress: Callable[[float], None] = lambda _share: None,
) -> tuple[Gated, ...]:
    """Return what the gate says of series.

    Parameters
    ----------
    plant : PlantFolder
    tags : sequence of str
        None means all that have readings.
    start_us, end_us : int or None
        The stretch, microseconds UTC, end exclusive; without them each series from its first to its last reading.
    progress : callable
        Is told the share done, 0 to 1.

    Returns
    -------
    tuple of Gated

    Raises
    ------
    ForgecastError
        If a series has no readings at all.
    """
    latest = plant.tail.latest()
    asked = list(tags) or sorted(latest)
    for tag in asked:
        if tag not in latest:
            raise ForgecastError(
                text("{tag} has no readings", tag=tag),
                where=str(plant.path),
                repair=text("`forgecast signals latest PLANT` lists the series that have some"),
            )
    found = []
    for number, tag in enumerate(asked, start=1):
        found.append(_gated(plant, tag, start_us, end_us))
        progress(number / len(asked))
    return tuple(found)


def _gated(plant: PlantFolder, tag: str, start_us: int | None, end_us: int | None) -> Gated:
    rows = plant.records.read("tag", id=tag)
    row = rows[0].values if rows else {}
    declared = row.get("interval")
    interval = float(declared) if isinstance(declared, int | float) else None
    low, high = row.get("low"), row.get("high")
    bounds = Bounds(
        float(low) if isinstance(low, int | float) else float("-inf"),
        float(high) if isinstance(high, int | float) else float("inf"),
    )
    since = None if start_us is None else start_us - HISTORY_US
    found = plant.tail.series(tag, since)
    before = _part(found, None, start_us) if start_us is not None else _part(found, None, -(2**62))
    within = _part(found, start_us, end_us)
    may_stand = row.get("measures") in MAY_STAND_STILL
    own = len(before) < max(len(within), 200) // 2
    learned = within if own else before
    profile = learn_profile(learned.t, learned.value, learned.flag, interval=interval, may_stand_still=may_stand)
    doubts = check(within.t, within.value, within.flag, profile, bounds)
    start = start_us if start_us is not None else int(within.t[0])
    step = profile.interval or SECOND_US
    end = end_us if end_us is not None else int(within.t[-1]) + step
    return Gated(certify(within, start, end, profile.interval, doubts), str(row.get("unit") or ""), profile, own)


def _part(readings: Readings, start: int | None, end: int | None) -> Readings:
    keep = slice(
        0 if start is None else int(readings.t.searchsorted(start)),
        len(readings) if end is None else int(readings.t.searchsorted(end)),
    )
    return Readings(readings.tag, readings.t[keep], readings.value[keep], readings.flag[keep])
