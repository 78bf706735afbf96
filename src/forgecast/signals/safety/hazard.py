"""Which signals matter for which hazard, and in which direction danger lies: rules as data, without any limit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from forgecast.ground.tables import read_table
from forgecast.ground.texts import Text, bilingual


@dataclass(frozen=True, slots=True)
class HazardSignal:
    """A signal that tells of a hazard.

    Parameters
    ----------
    hazard : str
        Code of the records `alarm` and `incident`.
    measures : str
        Code of `tag.measures`.
    upwards : bool
        Whether danger lies above (else below).
    together : str
        Signals of one hazard with the same word here are a precursor only if all of them move towards danger; empty
        where the signal speaks for itself.
    why : Text
    source : Text
    confidence : str
    """

    hazard: str
    measures: str
    upwards: bool
    together: str
    why: Text
    source: Text
    confidence: str


@lru_cache(maxsize=1)
def hazard_signals() -> tuple[HazardSignal, ...]:
    """Return the rows of the table `hazard_signal`."""
    return tuple(
        HazardSignal(
            row["hazard"],
            row["measures"],
            row["direction"] == "up",
            row["together"],
            bilingual(row["en"], row["zh"]),
            bilingual(row["source"], row["source_zh"]),
            row["confidence"],
        )
        for row in read_table("hazard_signal")
    )


def unwatched(measured: Mapping[str, str], watched: set[tuple[str, str]]) -> tuple[tuple[str, HazardSignal], ...]:
    """Return the series that tell of a hazard and that no alarm watches in that direction.

    Parameters
    ----------
    measured : mapping of str to str
        Tag to what it measures.
    watched : set of (str, str)
        Tag and direction (``up``, ``down``) of every alarm.

    Returns
    -------
    tuple of (str, HazardSignal)
    """
    return tuple(
        (tag, signal)
        for tag, measures in measured.items()
        for signal in hazard_signals()
        if signal.measures == measures and (tag, "up" if signal.upwards else "down") not in watched
    )
