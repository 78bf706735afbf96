"""Try an alarm on a plant's own past: recorded or not yet, with the gate's doubts and the incidents on record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from forgecast.ground.dates import DAY_US, SECOND_US
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text
from forgecast.signals.alarm.definition import Alarm
from forgecast.signals.alarm.trial import Known, Setting, Trial, calmest, try_alarm, try_settings
from forgecast.signals.gate.gate import check
from forgecast.signals.gate.profile import learn_profile
from forgecast.signals.reading import Readings
from forgecast.store.plant_folder import PlantFolder

#: A ring up to so long before an incident belongs to it [s].
EARLY_S = 3600.0


@dataclass(frozen=True, slots=True)
class Replay:
    """What an alarm would have done, and what other settings would have done.

    Parameters
    ----------
    trial : Trial
    readings : Readings
    unit : str
    others : tuple of Setting
        Neighbouring settings.
    calmest : Setting or None
        The one with the fewest rings that misses nothing; None where no incident is on record to miss.
    """

    trial: Trial
    readings: Readings
    unit: str
    others: tuple[Setting, ...]
    calmest: Setting | None

    def as_json(self, per_ring: float | None = None) -> dict[str, object]:
        """Return the JSON answer.

        Parameters
        ----------
        per_ring : float or None
            Time that one ring takes a person, s.
        """
        trial = self.trial
        false = trial.false_rings
        return {
            "tag": trial.alarm.tag,
            "unit": self.unit,
            **_setting(trial),
            "start_us": trial.start,
            "end_us": trial.end,
            "readings": trial.readings,
            "rings_per_day": trial.per_day,
            "hidden": trial.hidden,
            "on_doubtful_readings": len(trial.doubtful),
            "chattering": trial.chattering,
            "floods": trial.floods,
            "false_rings": None if false is None else len(false),
            "attention_s": None if per_ring is None else trial.attention(per_ring),
            "noticed": [
                {"incident": one.known.name, "noticed": one.ring is not None, "lead_s": one.lead}
                for one in trial.noticed
            ],
            "rang": [[ring.at, ring.returned_at] for ring in trial.rings],
            "other_settings": [_setting(other.trial) for other in self.others],
            "calmest": None if self.calmest is None else _setting(self.calmest.trial),
        }


def _setting(trial: Trial) -> dict[str, object]:
    alarm = trial.alarm
    return {
        "kind": str(alarm.kind),
        "limit": alarm.limit,
        "deadband": alarm.deadband,
        "on_delay_s": alarm.on_delay,
        "off_delay_s": alarm.off_delay,
        "rings": len(trial.rings),
        "active_share": trial.active_share,
        "noticed_count": sum(one.ring is not None for one in trial.noticed),
    }


def replay_alarm(
    plant: PlantFolder,
    alarm: Alarm,
    *,
    days: float | None = None,
    deadbands: Sequence[float] = (),
    on_delays: Sequence[float] = (),
    limits: Sequence[float] = (),
) -> Replay:
    """Lead an alarm through the readings that a plant has stored.

    Parameters
    ----------
    plant : PlantFolder
    alarm : Alarm
        On record or not.
    days : float or None
        How far back from the last reading; None means all.
    deadbands, on_delays, limits : sequence of float
        Other settings to try; where all are empty, a few around the alarm's own.

    Raises
    ------
    ForgecastError
        If the series has fewer than two readings.
    """
    latest = plant.tail.latest([alarm.tag]).get(alarm.tag)
    since = None if latest is None or days is None else latest.t - round(days * DAY_US)
    readings = plant.tail.series(alarm.tag, since)
    if len(readings) < 2:
        raise ForgecastError(
            text("{tag} has no past to try the alarm on", tag=alarm.tag),
            where=str(plant.path),
            repair=text("`forgecast signals latest PLANT` lists the series that have readings"),
        )
    suppressing = plant.tail.series(alarm.suppress_tag, since) if alarm.suppress_tag else None
    profile = learn_profile(readings.t, readings.value, readings.flag)
    doubts = check(readings.t, readings.value, readings.flag, profile)
    known = _known(plant, alarm, int(readings.t[0]), int(readings.t[-1]))
    trial = try_alarm(alarm, readings, suppressing=suppressing, doubts=doubts, known=known, early=EARLY_S)
    if not (deadbands or on_delays or limits):
        step = (profile.interval or SECOND_US) / SECOND_US
        on_delays = sorted({alarm.on_delay, *(round(n * step, 3) for n in (0, 2, 6))})
        width = abs(profile.high - profile.low) if profile.high - profile.low < float("inf") else 0.0
        deadbands = sorted({alarm.deadband, *(float(f"{share * width:.2g}") for share in (0.0, 0.01, 0.03))})
    others = try_settings(
        alarm, readings, limits=limits, deadbands=deadbands, on_delays=on_delays, suppressing=suppressing,
        doubts=doubts, known=known, early=EARLY_S,
    )  # fmt: skip
    unit = next((str(row["unit"] or "") for row in plant.records.read("tag", id=alarm.tag)), "")
    return Replay(trial, readings, unit, others, calmest(others, alarm))


def _known(plant: PlantFolder, alarm: Alarm, start: int, end: int) -> tuple[Known, ...]:
    """Return the incidents on record of the alarm's machine and hazard; a machine's, where it names no hazard.

    A draft that an alarm has written and no person has added a cause to proves nothing but that the alarm rang.
    """
    found = []
    for row in plant.records.read("incident"):
        began, ended = row["began_at"], row["ended_at"]
        same = row["alarm"] == alarm.id or (
            bool(alarm.equipment) and row["equipment"] == alarm.equipment and alarm.hazard in ("", row["hazard"])
        )
        drafted = row["alarm"] is not None and row["cause"] is None and row["severity"] in (None, "precursor")
        if same and not drafted and isinstance(began, int) and start <= began <= end:
            found.append(Known(str(row["id"]), began, ended if isinstance(ended, int) else began))
    return tuple(found)


def on_machine_of(plant: PlantFolder, alarm: Alarm) -> Alarm:
    """Return the alarm with the machine that its series belongs to, where it names none itself."""
    if alarm.equipment:
        return alarm
    rows = plant.records.read("tag", id=alarm.tag)
    return replace(alarm, equipment=str(rows[0]["equipment"] or "")) if rows else alarm
