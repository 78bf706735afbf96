"""Why a value of a stack is missing: one code per value, one sentence per code."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from forgecast.ground.texts import Text, text

FloatArray: TypeAlias = NDArray[np.float64]
CodeArray: TypeAlias = NDArray[np.uint8]


class Missing(IntEnum):
    """Reason codes; PRESENT means the value is there. Where two reasons hold, the smaller code is kept."""

    PRESENT = 0
    NO_VALUE = 1
    NO_OXYGEN = 2
    OXYGEN_NEAR_AIR = 3
    OXYGEN_IMPOSSIBLE = 4
    NO_STATE = 5
    STATE_IMPOSSIBLE = 6
    NO_MOISTURE = 7
    MOISTURE_IMPOSSIBLE = 8
    NO_FLOW = 9
    NO_SAMPLE = 10
    NO_GOOD_SAMPLE = 11
    TOO_FEW_SAMPLES = 12
    NOTHING_ENTERS = 13
    NO_REFERENCE = 14


MISSING_TEXTS: dict[Missing, Text] = {
    Missing.PRESENT: text("the value is there"),
    Missing.NO_VALUE: text("no measured value"),
    Missing.NO_OXYGEN: text("the oxygen content was not measured, and this stack's value needs it"),
    Missing.OXYGEN_NEAR_AIR: text(
        "the oxygen content is that of ambient air: too little flue gas to convert to reference oxygen"
    ),
    Missing.OXYGEN_IMPOSSIBLE: text("the oxygen content is below zero"),
    Missing.NO_STATE: text("gas temperature or pressure was not measured"),
    Missing.STATE_IMPOSSIBLE: text("the absolute temperature or pressure is not above zero"),
    Missing.NO_MOISTURE: text("the moisture of the gas was not measured"),
    Missing.MOISTURE_IMPOSSIBLE: text("the moisture is below zero or above what a stack can carry"),
    Missing.NO_FLOW: text("the gas flow was not measured"),
    Missing.NO_SAMPLE: text("no sample in this hour"),
    Missing.NO_GOOD_SAMPLE: text("every sample of this hour is flagged as not valid"),
    Missing.TOO_FEW_SAMPLES: text("too few valid samples for an hourly mean"),
    Missing.NO_REFERENCE: text("it is not settled to which oxygen content the value of this stack is converted"),
    Missing.NOTHING_ENTERS: text("nothing enters the treatment unit, so no share can be removed"),
}


@dataclass(frozen=True, slots=True, eq=False)
class StackValues:
    """Values of a stack quantity, each either present or missing for a stated reason.

    Parameters
    ----------
    values : (n,) float64 array
        NaN exactly where a value is missing; never infinite.
    missing : (n,) uint8 array
        `Missing` code of each value.
    """

    values: FloatArray
    missing: CodeArray

    @property
    def present(self) -> NDArray[np.bool_]:
        """Return where a value is there, (n,) bool."""
        return np.asarray(self.missing == Missing.PRESENT)

    def counts(self) -> dict[Missing, int]:
        """Return how many values are missing for which reason (reasons that occur only)."""
        codes, counts = np.unique(self.missing, return_counts=True)
        return {Missing(int(c)): int(n) for c, n in zip(codes, counts, strict=True) if c != Missing.PRESENT}


def answered(values: FloatArray, *reasons: tuple[NDArray[np.bool_], Missing]) -> StackValues:
    """Return values with reasons: the smallest code among the conditions that hold, NaN where any holds.

    Parameters
    ----------
    values : (n,) float64 array
    reasons : tuples of ((n,) bool array, Missing)
        Where a reason holds, and its code.
    """
    values = np.asarray(values, dtype=np.float64)
    missing = np.zeros(values.shape, dtype=np.uint8)
    for holds, code in sorted(reasons, key=lambda reason: -reason[1]):
        missing[np.broadcast_to(holds, values.shape)] = code
    missing[(missing == Missing.PRESENT) & ~np.isfinite(values)] = Missing.NO_VALUE
    return StackValues(np.where(missing == Missing.PRESENT, values, np.nan), missing)
