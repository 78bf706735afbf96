"""Rate how effectively a machine spent its time: from its records, or from its power where nobody wrote states."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from forgecast.ground.dates import DAY_US, day_start_us, from_us
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Text, text
from forgecast.signals.condition.effectiveness import Effectiveness, Output, Ratio, effectiveness_of
from forgecast.signals.condition.machine_time import (
    PowerThresholds,
    Stretch,
    power_thresholds,
    states_of_power,
    timeline,
)
from forgecast.signals.reading import GOOD
from forgecast.store.plant_folder import PlantFolder
from forgecast.store.records import StoredRow
from forgecast.tasks.condition_values import SignalsAsked, read_signals


@dataclass(frozen=True, slots=True, eq=False)
class MachineRating:
    """How a machine spent its time.

    Parameters
    ----------
    source, machine, zone : str
    states : tuple of Stretch
        Of the whole period.
    effectiveness : Effectiveness
    thresholds : PowerThresholds or None
        Where states come from the power.
    unit : str
        Of the power.
    notes : tuple of Text
    """

    source: str
    machine: str
    zone: str
    states: tuple[Stretch, ...]
    effectiveness: Effectiveness
    thresholds: PowerThresholds | None
    unit: str
    notes: tuple[Text, ...]

    def moment(self, t: int) -> str:
        """Return the local time of an instant."""
        return from_us(t, self.zone).strftime("%Y-%m-%d %H:%M")

    def as_json(self) -> dict[str, object]:
        """Return the answer; times in seconds."""
        found, power = self.effectiveness, self.thresholds
        return {
            "source": self.source,
            "machine": self.machine,
            "from": self.moment(found.start),
            "until": self.moment(found.end),
            "planned_busy_time_s": found.planned_busy_time,
            "actual_production_time_s": found.actual_production_time,
            "not_known_s": found.not_known_time,
            "produced": found.produced,
            "good": found.good,
            "availability": _ratio(found.availability),
            "effectiveness": _ratio(found.effectiveness),
            "quality": _ratio(found.quality),
            "oee": _ratio(found.oee),
            "losses_s": {str(loss): seconds for loss, seconds in found.losses.items()},
            "power_thresholds": None if power is None else {
                "off_below": power.off_below, "running_from": power.running_from, "modes": list(power.modes),
                "unit": self.unit,
            },
            "notes": [one.as_json() for one in self.notes],
        }  # fmt: skip


def rate_machine(
    source: Path, machine: str = "", *, since: date | None = None, until: date | None = None, power: str = "",
    time: str = "", running_from: float | None = None, off_below: float | None = None,
) -> MachineRating:  # fmt: skip
    """Return availability, effectiveness, quality and OEE of a machine.

    Parameters
    ----------
    source : Path
        A plant; or a file with a power.
    machine : str
        Equipment of a plant; may be empty where only one has states or pieces on record.
    since, until : date or None
        First and last local day; None takes what is on record.
    power, time : str
        Tag or header of the power that tells states where none are on record; column of times of a file.
    running_from, off_below : float or None
        Thresholds in the unit of the power; None finds them.

    Raises
    ------
    ForgecastError
        If nothing on record tells what the machine did.
    """
    if not source.is_dir():
        return _of_file(source, power, time, running_from, off_below, since, until)
    with PlantFolder.open(source) as plant:
        zone = plant.settings.zone
        start = None if since is None else day_start_us(since, zone)
        end = None if until is None else day_start_us(until, zone) + DAY_US
        machine = machine or _only_machine(plant)
        states, outputs = _recorded(plant, machine, end)
        thresholds, unit, notes = None, "", []
        tag = power or ("" if states else _power_tag(plant, machine))
        if tag:
            series = plant.telemetry.series(tag, start, end)
            good = series.flag == GOOD
            thresholds = _thresholds(series.value[good], running_from, off_below)
            found = states_of_power(series.t[good], series.value[good], thresholds)
            unit = next((str(row["unit"] or "") for row in plant.records.read("tag", id=tag)), "")
            # A recorded state knows more than the power: it began later or not, it holds.
            states = (*_outside(found, states), *states)
            notes.append(text("states come from the power {tag} where none are on record", tag=tag))
        name = plant.settings.name
    return _rated((name, machine, zone), states, outputs, (thresholds, unit), notes, start, end)


def _of_file(
    source: Path, power: str, time: str, running_from: float | None, off_below: float | None, since: date | None,
    until: date | None,
) -> MachineRating:  # fmt: skip
    if not (power and time):
        raise ForgecastError(
            text("of a file states are told from a power over time"), where=source.name,
            repair=text("name the columns with --power and --time; pieces need a plant (`forgecast plant import`)"),
        )  # fmt: skip
    watched = read_signals(source, SignalsAsked((power,), time=time, since=since, until=until))
    assert watched.times is not None  # noqa: S101  (a column of times was named)
    there = np.isfinite(watched.columns[0].values)
    values = watched.columns[0].values[there]
    thresholds = _thresholds(values, running_from, off_below)
    states = states_of_power(watched.times[there], values, thresholds)
    of, unit = (watched.source, source.stem, watched.zone), watched.columns[0].unit
    return _rated(of, states, (), (thresholds, unit), list(watched.notes), None, None)


def _rated(
    of: tuple[str, str, str], states: Sequence[Stretch], outputs: Sequence[Output],
    power: tuple[PowerThresholds | None, str], notes: list[Text], start: int | None, end: int | None,
) -> MachineRating:  # fmt: skip
    (source, machine, zone), (thresholds, unit) = of, power
    if not states and not outputs:
        raise ForgecastError(
            text("nothing on record tells what {machine} did", machine=machine or "—"), where=source,
            repair=text("take in the records machine_state and machine_output, or a tag of its active power"),
        )  # fmt: skip
    known = [(one.start, one.end) for one in states] + [(one.start, one.end) for one in outputs]
    first = min(begun for begun, _ in known) if start is None else start
    last = max(ended for _, ended in known) if end is None else end
    found = effectiveness_of(states, outputs, first, last)
    if thresholds is not None and thresholds.depth > 0.5:
        notes.append(text("the power has no clear valley between its states; look at the thresholds"))
    if not outputs:
        notes.append(text("no pieces are on record, so only availability is told"))
    filled, _ = timeline(states, first, last)
    return MachineRating(source, machine, zone, filled, found, thresholds, unit, (*notes, *found.notes))


def _recorded(plant: PlantFolder, machine: str, end: int | None) -> tuple[tuple[Stretch, ...], tuple[Output, ...]]:
    rows = sorted(plant.records.read("machine_state", equipment=machine), key=lambda row: int(str(row["started_at"])))
    counts = plant.records.read("machine_output", equipment=machine)
    closed = [int(str(row["ended_at"])) for row in (*rows, *counts) if row["ended_at"] is not None]
    # A state that lasts is known up to the last instant anything of the machine is on record.
    now = max([*closed, *(int(str(row["started_at"])) for row in rows)], default=0) if end is None else end
    states = []
    for n, row in enumerate(rows):
        began = int(str(row["started_at"]))
        until = int(str(rows[n + 1]["started_at"])) if n + 1 < len(rows) else now
        ended = until if row["ended_at"] is None else int(str(row["ended_at"]))
        if ended > began:
            states.append(Stretch(began, ended, str(row["state"])))
    return tuple(states), tuple(_output(row) for row in counts)


def _output(row: StoredRow) -> Output:
    return Output(
        int(str(row["started_at"])), int(str(row["ended_at"])), int(str(row["total"])),
        None if row["good"] is None else int(str(row["good"])),
        None if row["ideal_cycle"] is None else float(str(row["ideal_cycle"])),
    )  # fmt: skip


def _outside(found: Sequence[Stretch], recorded: Sequence[Stretch]) -> list[Stretch]:
    """Return the stretches of the power less what a record covers."""
    made = list(found)
    for known in recorded:
        rest = []
        for one in made:
            if one.end <= known.start or one.start >= known.end:
                rest.append(one)
                continue
            if one.start < known.start:
                rest.append(Stretch(one.start, known.start, one.state))
            if one.end > known.end:
                rest.append(Stretch(known.end, one.end, one.state))
        made = rest
    return made


def _thresholds(values: NDArray[np.float64], running_from: float | None, off_below: float | None) -> PowerThresholds:
    if running_from is not None:
        return PowerThresholds(off_below, running_from, (), float("nan"))
    found = power_thresholds(values)
    return found if off_below is None else PowerThresholds(off_below, found.running_from, found.modes, found.depth)


def _power_tag(plant: PlantFolder, machine: str) -> str:
    known = set(plant.telemetry.tags())
    rows = plant.records.read("tag", equipment=machine, measures="active_power")
    return next((str(row["id"]) for row in rows if str(row["id"]) in known), "")


def _only_machine(plant: PlantFolder) -> str:
    names = {
        str(row["equipment"]) for record in ("machine_state", "machine_output") for row in plant.records.read(record)
    }
    if len(names) == 1:
        return names.pop()
    raise ForgecastError(
        text("nothing says which machine is meant") if names else text("no machine has states or pieces on record"),
        where=str(plant.path),
        repair=text("name one: {names}", names=", ".join(sorted(names)))
        if names else text("take in the records machine_state and machine_output, or name a machine with a power tag"),
    )  # fmt: skip


def _ratio(one: Ratio) -> dict[str, float | None]:
    return {"value": one.value, "low": one.low, "high": one.high}
