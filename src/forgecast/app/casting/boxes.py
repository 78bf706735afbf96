"""The box around a part with its risers and chills, from what was measured and what is asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def box_with(measured: Mapping[str, Any], asked: Mapping[str, Any]) -> tuple[list[float], list[float]]:
    """Return the lowest and the highest corner [mm]; a riser or chill that is not complete yet is left out.

    Parameters
    ----------
    measured : mapping
        As the door of measures answers.
    asked : mapping
        ``risers`` and ``chills`` as a run is asked.
    """
    low = [1000.0 * at for at in measured["lowest_m"]]
    high = [at + 1000.0 * side for at, side in zip(low, measured["box_m"], strict=True)]
    boxes = []
    for one in asked.get("risers") or []:
        if one.get("at_mm") and one.get("diameter_mm") and one.get("height_mm"):
            x, y, z = one["at_mm"]
            wide = 0.5 * one["diameter_mm"] + (one.get("sleeve_mm") or 0.0)
            boxes.append(([x - wide, y - wide, z], [x + wide, y + wide, z + one["height_mm"]]))
    for one in asked.get("chills") or []:
        if one.get("at_mm") and one.get("size_mm"):
            ends = [at + side for at, side in zip(one["at_mm"], one["size_mm"], strict=True)]
            boxes.append((list(one["at_mm"]), ends))
    for lowest, highest in boxes:
        low = [min(pair) for pair in zip(low, lowest, strict=True)]
        high = [max(pair) for pair in zip(high, highest, strict=True)]
    return low, high
