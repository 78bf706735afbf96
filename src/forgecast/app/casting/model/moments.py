"""Temperatures of the metal during a run, kept while it works, each time another twentieth of its heat is gone."""

from __future__ import annotations

from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from forgecast.casting.heat_run import HeatRun

F4: TypeAlias = "NDArray[np.float32]"

#: Temperatures are kept each time the metal has given off another such share of its heat.
_SHARE = 0.05


class Moments:
    """Keeps temperatures of the metal in a folder; a run that goes on after an interruption finds them there.

    Parameters
    ----------
    folder : Path
        There already.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._next = 0.0

    def look(self, run: HeatRun) -> None:
        """Keep the temperatures if the time has come."""
        share = run.frozen_share
        if share < self._next and not run.solidified:
            return
        self._next = (np.floor(share / _SHARE + 1e-9) + 1.0) * _SHARE
        metal = run.layout.part > 0
        values = run.temperature()[metal].astype(np.float32)
        path = self._folder / f"moment_{run.time:014.6f}.npz"
        fresh = path.with_suffix(".new")
        with fresh.open("wb") as file:
            np.savez(file, time=np.array(run.time), temperature=values)
        fresh.replace(path)


def kept_moments(folder: Path, metal: NDArray[np.bool_]) -> list[tuple[float, F4]]:
    """Return times [s] and temperatures [K] that were kept, (nz, ny, nx), NaN outside the metal, the earliest first."""
    found: list[tuple[float, F4]] = []
    for path in sorted(folder.glob("moment_*.npz")):
        with np.load(path) as kept:
            values: F4 = np.full(metal.shape, np.nan, dtype=np.float32)
            values[metal] = kept["temperature"]
            found.append((float(kept["time"]), values))
    return found
