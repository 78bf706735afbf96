"""How many digits a quantity is shown with: as many as its scatter makes worth reading."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from forgecast.app.report.numbers import ABSENT, shown
from forgecast.quality.scrap import FloatArray

_MOST = 9


def digits_for(scatter: float) -> int:
    """Return the decimals that show a deviation with two digits."""
    if not math.isfinite(scatter) or scatter <= 0.0:
        return 3
    return min(max(0, 1 - math.floor(math.log10(scatter))), _MOST)


def digits_of(lines: Iterable[FloatArray]) -> int:
    """Return the decimals for values and limits that share an axis: a sixth of their whole width decides."""
    found = [line[np.isfinite(line)] for line in lines]
    together = np.concatenate(found) if found else np.zeros(0)
    if together.size < 2 or np.ptp(together) == 0.0:
        return 3
    return digits_for(float(np.ptp(together)) / 6.0)


def fixed(value: float | None, digits: int) -> str:
    """Return a number with so many decimals; a dash where there is none."""
    if value is None or not math.isfinite(value):
        return ABSENT
    said = f"{value:,.{digits}f}"
    return shown(0.0) if float(said.replace(",", "")) == 0.0 else said.replace("-", "−")
