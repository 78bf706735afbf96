"""What the sciences found, in the terms that pictures, summary and page show."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from forgecast.app.casting.outcome import Cavity, Field, Spot
from forgecast.casting.freezing import Freezing
from forgecast.casting.pools import PoolTree
from forgecast.casting.shrinkage import Shrinkage
from forgecast.ground.texts import Text, text


def fields_of(freezing: Freezing, shrinkage: Shrinkage | None = None, extra: Mapping[str, Field] | None = None
              ) -> dict[str, Field]:  # fmt: skip
    """Return the fields of a run for the field file, each named with its quantity and unit; all are SI.

    Parameters
    ----------
    freezing : Freezing
    shrinkage : Shrinkage or None
    extra : mapping of str to (nz, ny, nx) array or None
        Further fields of criteria, named likewise.
    """
    found: dict[str, Field] = {
        "part": freezing.part,
        "medium": freezing.medium,
        "metal_volume [m3]": freezing.metal_volume,
        "liquidus_time [s]": freezing.time_liquidus,
        "feeding_end_time [s]": freezing.time_feeding,
        "solidification_time [s]": freezing.time_solidus,
        "cooling_rate [K/s]": freezing.cooling_rate,
        "gradient [K/m]": freezing.gradient,
        "temperature [K]": freezing.temperature,
    }
    if shrinkage is not None:
        found |= {"cavity_share [1]": shrinkage.macro, "porosity_share [1]": shrinkage.micro}
    return found | dict(extra or {})


def spots_of(pools: PoolTree, names: Mapping[int, Text]) -> tuple[Spot, ...]:
    """Return the hot spots, the last to freeze first.

    Parameters
    ----------
    pools : PoolTree
    names : mapping of int to Text
        What each body of metal is called.
    """
    return tuple(
        Spot(number, spot.place, spot.frozen_at if np.isfinite(spot.frozen_at) else np.nan, body_name(spot.body, names))
        for number, spot in enumerate(pools.hot_spots, start=1)
    )


def cavities_of(shrinkage: Shrinkage, names: Mapping[int, Text]) -> tuple[Cavity, ...]:
    """Return the cavities, the largest first."""
    return tuple(
        Cavity(number, cavity.place, cavity.volume, body_name(cavity.body, names))
        for number, cavity in enumerate(shrinkage.cavities, start=1)
    )


def body_name(body: int, names: Mapping[int, Text]) -> Text:
    """Return what a body of metal is called."""
    if body in names:
        return names[body]
    return text("casting") if body == 1 else text("riser {number}", number=body - 1)
