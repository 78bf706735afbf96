"""What the sciences found, in the terms that pictures, summary and page show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from forgecast.app.casting.outcome import Cavity, Field, Judgement, Spot
from forgecast.app.report.numbers import ABSENT, shown_with_unit
from forgecast.casting.freezing import Freezing
from forgecast.casting.pools import PoolTree
from forgecast.casting.shrinkage import Shrinkage
from forgecast.casting.soundness import Check, Soundness
from forgecast.ground.texts import Text, text, verbatim

#: How units of a check are shown: what to multiply by, and the unit then.
_SHOWN: Final[dict[str, tuple[float, str]]] = {
    "m": (1e3, "mm"),
    "1": (100.0, "%"),
    "K^0.5 s^0.5/m": (1.0, "√(K·s)/m"),
}


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


def judgements_of(soundness: Soundness) -> tuple[Judgement, ...]:
    """Return the checks of a casting with value, threshold and source as they are shown."""
    return tuple(_judgement(check) for check in soundness.checks)


def _judgement(check: Check) -> Judgement:
    times, unit = _SHOWN.get(check.unit, (1.0, check.unit))
    limit = None if check.limit is None else check.limit.value
    value = None if check.figure is None else times * check.figure
    against = None if limit is None else times * limit
    sign = "≥" if check.name == "niyama" else "≤"
    return Judgement(
        criterion=check.title,
        word=check.word,
        value=verbatim(shown_with_unit(value, unit, against)),
        threshold=verbatim(ABSENT if against is None else f"{sign} {shown_with_unit(against, unit)}"),
        reason=check.reason or _places(check),
        source=None if check.limit is None else check.limit.source,
    )


def _places(check: Check) -> Text:
    if check.word != "not met" or not check.spots:
        return text("everywhere in the casting")
    x, y, z = (f"{1000 * part:.1f}".replace("-", "−") for part in check.spots[0].place)
    if len(check.spots) == 1:
        return text("at x = {x}, y = {y}, z = {z} mm", x=x, y=y, z=z)
    return text("at {count} places, the largest at x = {x}, y = {y}, z = {z} mm", count=len(check.spots), x=x, y=y, z=z)
