"""Keep a plant's series in order: put small files together, and let readings go that its rules keep no longer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from forgecast.store.compaction import Compacted
from forgecast.store.plant_folder import PlantFolder
from forgecast.store.retention import Stretch
from forgecast.store.settings import KeepRule
from forgecast.store.who import who


@dataclass(frozen=True, slots=True)
class Keeping:
    """What the rules of a plant let go.

    Parameters
    ----------
    rules : tuple of KeepRule
        As they stand in plant.toml.
    stretches : tuple of Stretch
        Readings that go by now, or have gone.
    applied : bool
        Whether they have gone.
    """

    rules: tuple[KeepRule, ...]
    stretches: tuple[Stretch, ...]
    applied: bool

    @property
    def rows(self) -> int:
        """Return how many readings there are in all."""
        return sum(stretch.rows for stretch in self.stretches)

    def as_json(self) -> dict[str, Any]:
        """Return the JSON answer."""
        return {
            "ok": True,
            "rules": len(self.rules),
            "applied": self.applied,
            "readings": self.rows,
            "stretches": [
                {
                    "period": stretch.period,
                    "readings": stretch.rows,
                    "tags": {
                        tag: {"raw_days": rule.raw_days, "means_minutes": rule.means_minutes}
                        for tag, rule in stretch.rules.items()
                    },
                    "late": list(stretch.late),
                }
                for stretch in self.stretches
            ],
        }


def compact_series(
    plant: PlantFolder, *, by: str = "", progress: Callable[[float], None] = lambda _share: None
) -> Compacted:
    """Put the many small files of each UTC day or month together; no reading changes.

    Parameters
    ----------
    plant : PlantFolder
    by : str
        Who answers for it; without it the environment or the operating system says.
    progress : callable
        Is told the share done, 0 to 1.
    """
    return plant.telemetry.compact(by=who(by), progress=progress)


def keep_series(
    plant: PlantFolder, *, apply: bool, by: str = "", progress: Callable[[float], None] = lambda _share: None
) -> Keeping:
    """Tell which readings the rules of plant.toml let go by now, and let them go if asked to.

    Parameters
    ----------
    plant : PlantFolder
    apply : bool
        Whether they go. Their hours stay, and the means that the rule names; nothing brings the readings back.
    by : str
        Who answers for it; without it the environment or the operating system says.
    progress : callable
        Is told the share done, 0 to 1.
    """
    rules = plant.settings.keep
    if not apply:
        return Keeping(rules, plant.telemetry.due(rules), applied=False)
    tags = plant.records.columns("tag", ("id", "reading"))
    closing = [str(tag) for tag, kind in zip(tags["id"], tags["reading"], strict=True) if kind in ("mean", "quantity")]
    gone = plant.telemetry.let_go(rules, by=who(by), closing=closing, progress=progress)
    return Keeping(rules, gone, applied=True)
