"""Readings: time series as they come out of a file or an instrument, not yet stored."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

#: Flag of a reading: 0 good, 1 doubtful (kept, not used for verdicts), 2 marked invalid by its source
#: (calibration, maintenance, fault).
GOOD, DOUBTFUL, INVALID = 0, 1, 2


@dataclass(frozen=True, slots=True, eq=False)
class Readings:
    """Readings of one tag.

    Parameters
    ----------
    tag : str
    t : (n,) int64 array
        Microseconds UTC, ascending, without repeats.
    value : (n,) float64 array
        In the tag's unit; never NaN (a missing reading is absent).
    flag : (n,) int8 array
        `GOOD`, `DOUBTFUL` or `INVALID`.
    """

    tag: str
    t: NDArray[np.int64]
    value: NDArray[np.float64]
    flag: NDArray[np.int8]

    def __len__(self) -> int:
        return int(self.t.size)
