"""Explain a stretch of hours over a limit: enter its hours in the ledger, with cause, response and day reported."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from forgecast.ground.dates import HOUR_US, Period, local_day
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text
from forgecast.plant.rows import Value
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.judge_hours import Entered, enter_exceedances, entry_id, judge_hours
from forgecast.tasks.record_entry import Recorded, read_entries, record_entries

#: Most hours explained in one go.
MOST_HOURS = 31 * 24


@dataclass(frozen=True, slots=True)
class Explained:
    """What an explanation wrote: hours entered, and entries that now say why."""

    entered: Entered
    recorded: Recorded
    entries: tuple[str, ...]

    def as_json(self) -> dict[str, object]:
        """Return the JSON answer."""
        return {
            **self.recorded.as_json(),
            "entries": list(self.entries),
            "entered_new": len(self.entered.new),
            "entered_anew": len(self.entered.anew),
        }


def explain_exceedance(
    folder: PlantFolder,
    *,
    stack: str,
    pollutant: str,
    first: int,
    end: int,
    cause: str,
    response: str = "",
    reported_on: date | None = None,
    by: str = "",
) -> Explained:
    """Write cause, response and day reported into the entries of a stretch of hours over a limit.

    Parameters
    ----------
    folder : PlantFolder
    stack, pollutant : str
    first, end : int
        Hours since 1970-01-01T00:00Z, end exclusive.
    cause, response : str
        An empty response leaves what is on record.
    reported_on : date or None
        None leaves what is on record.
    by : str

    Raises
    ------
    ForgecastError
        If no hour of the stretch is over a limit, the cause is empty, or the stretch is too long.
    EntryRefusedError
        If a value is refused; nothing was written.
    """
    if not 0 < end - first <= MOST_HOURS:
        raise ForgecastError(
            text("a stretch of {hours} hours cannot be explained at once", hours=end - first),
            repair=text("name its first hour and its end, at most a month later"),
        )
    zone = folder.settings.zone
    period = Period(local_day(first * HOUR_US, zone), local_day((end - 1) * HOUR_US, zone) + timedelta(days=1))
    judged = judge_hours(folder, period)
    over = [
        one
        for one in judged.exceedances()
        if (one.stack, one.pollutant) == (stack, pollutant) and first <= one.hour < end
    ]
    if not over:
        raise ForgecastError(
            text("no hour of {pollutant} at {stack} was over a limit then", pollutant=pollutant, stack=stack),
            repair=text("look the stretch up in the list of exceedances"),
        )
    if not cause.strip():
        raise ForgecastError(text("the cause is empty"), repair=text("say what was found, in a sentence"))
    entries = tuple(entry_id(one.stack, one.pollutant, one.hour) for one in over)
    said: dict[str, Value] = {"cause": cause.strip()}
    if response.strip():
        said["response"] = response.strip()
    if reported_on is not None:
        said["reported_on"] = reported_on.isoformat()
    rows: list[dict[str, Value]] = [{"id": name, **said} for name in entries]
    read_entries("ledger_entry", rows, zone)  # refused before anything is written
    entered = enter_exceedances(folder, judged, only={one.hour for one in over}, by=by)
    return Explained(entered, record_entries(folder, "ledger_entry", rows, by=by), entries)
