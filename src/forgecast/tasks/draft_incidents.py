"""Incidents from alarm events: drafted, and written into the records for people to complete."""

from __future__ import annotations

from dataclasses import dataclass

from forgecast.ground.texts import Language
from forgecast.plant.rows import Value
from forgecast.signals.safety.early_warning import moves
from forgecast.signals.safety.hazard import HazardSignal, hazard_signals, unwatched
from forgecast.signals.safety.incident import Draft, draft_incidents
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.alarm_journal import alarms_of, journal_of, response_times
from forgecast.tasks.record_entry import record_entries
from forgecast.tasks.review_alarms import TREND_US


@dataclass(frozen=True, slots=True)
class Precursor:
    """Signals of one machine that move towards a hazard together.

    Parameters
    ----------
    hazard, equipment : str
    signals : tuple of (str, HazardSignal)
        Series and what it means.
    """

    hazard: str
    equipment: str
    signals: tuple[tuple[str, HazardSignal], ...]

    def as_json(self) -> dict[str, object]:
        """Return the JSON answer."""
        return {
            "hazard": self.hazard,
            "equipment": self.equipment,
            "signals": {tag: signal.why.as_json() for tag, signal in self.signals},
        }


def drafts_of(plant: PlantFolder) -> tuple[Draft, ...]:
    """Return the incidents that the alarm journal tells of, by their beginning."""
    return draft_incidents(journal_of(plant), alarms_of(plant), response_times(plant))


def record_incidents(plant: PlantFolder, drafts: tuple[Draft, ...], language: Language, *, by: str = "") -> int:
    """Write drafted incidents into the records; what a person has written there stays. Return how many are new.

    Parameters
    ----------
    plant : PlantFolder
    drafts : tuple of Draft
    language : Language
        Of the evaluation.
    by : str

    Raises
    ------
    EntryRefusedError, PlantError
        If they cannot be written; then none of them is.
    """
    there = {str(row["id"]): row for row in plant.records.read("incident")}
    for draft in drafts:
        row: dict[str, Value] = {
            "id": draft.id,
            "hazard": draft.hazard,
            "severity": "precursor",
            "equipment": draft.equipment or None,
            "alarm": draft.alarm,
            "began_at": draft.began_at,
            "noticed_at": draft.noticed_at,
            "handled_at": draft.handled_at,
            "handled_by": draft.handled_by or None,
            "ended_at": draft.ended_at,
            "evaluation": ("；" if language == "zh" else "; ").join(one.say(language) for one in draft.evaluation),
        }
        old = there.get(draft.id)
        if old is not None:
            # What the alarms know now and nobody has written yet.
            row = {k: v for k, v in row.items() if k == "id" or (old[k] is None and v is not None)}
        if len(row) > 1:
            record_entries(plant, "incident", [row], by=by)
    return sum(draft.id not in there for draft in drafts)


def precursors_of(plant: PlantFolder, at: int) -> tuple[Precursor, ...]:
    """Return the hazards whose signals move towards danger all together, machine by machine.

    Parameters
    ----------
    plant : PlantFolder
    at : int
        Microseconds UTC; the trend is that of the two hours before.
    """
    tags: dict[str, dict[str, str]] = {}
    for row in plant.records.read("tag"):
        if row["equipment"]:
            tags.setdefault(str(row["equipment"]), {})[str(row["id"])] = str(row["measures"])
    groups: dict[tuple[str, str], list[HazardSignal]] = {}
    for signal in hazard_signals():
        if signal.together:
            groups.setdefault((signal.hazard, signal.together), []).append(signal)
    found = []
    for machine, measured in tags.items():
        for (hazard, _), signals in groups.items():
            moving = []
            for signal in signals:
                own = [tag for tag, measures in measured.items() if measures == signal.measures]
                moving.append(next(((tag, signal) for tag in own if _moves(plant, tag, signal, at)), None))
            if all(one is not None for one in moving):
                found.append(Precursor(hazard, machine, tuple(one for one in moving if one is not None)))
    return tuple(found)


def _moves(plant: PlantFolder, tag: str, signal: HazardSignal, at: int) -> bool:
    readings = plant.tail.series(tag, at - TREND_US)
    return moves(readings.t, readings.value, readings.flag, upwards=signal.upwards)


def unwatched_hazards(plant: PlantFolder) -> tuple[tuple[str, HazardSignal], ...]:
    """Return the series that tell of a hazard and that no alarm watches in the dangerous direction."""
    watched = {(alarm.tag, "down" if alarm.downwards else "up") for alarm in alarms_of(plant).values()}
    measured = {str(row["id"]): str(row["measures"]) for row in plant.records.read("tag")}
    return unwatched(measured, watched)
