"""Balance of meters: what the submeters account for of what the main meter drew, month by month."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from forgecast.energy.month import FloatArray
from forgecast.ground.texts import Text, text

#: Submeters may exceed the main meter by this share before it is a contradiction: two class-1 meters with their
#: transformers differ by as much.
LOWEST_REST_SHARE = -0.02
#: Unmetered rest above this share of the main meter says that a large user is not metered or not read.
HIGHEST_REST_SHARE = 0.10


@dataclass(frozen=True, slots=True, eq=False)
class MonthBalance:
    """Main meter against submeters, by month.

    Parameters
    ----------
    months : tuple of str
        ``YYYY-MM``.
    main, submetered, rest, rest_share : (n,) float64 array
        Main meter, sum of submeters, their difference, and that as share of the main meter; NaN where not
        known.
    balanced : tuple of (bool or None)
        Whether the rest lies within the bounds; None where it is not known.
    reasons : tuple of (Text or None)
        Why a month is not balanced or not known.
    """

    months: tuple[str, ...]
    main: FloatArray
    submetered: FloatArray
    rest: FloatArray
    rest_share: FloatArray
    balanced: tuple[bool | None, ...]
    reasons: tuple[Text | None, ...]

    @property
    def unbalanced_months(self) -> tuple[str, ...]:
        """Return the months that do not balance."""
        return tuple(m for m, ok in zip(self.months, self.balanced, strict=True) if ok is False)


def month_balance(
    months: Sequence[str],
    main: ArrayLike,
    submeters: Mapping[str, ArrayLike],
    *,
    lowest_rest_share: float = LOWEST_REST_SHARE,
    highest_rest_share: float = HIGHEST_REST_SHARE,
) -> MonthBalance:
    """Compare the main meter with the sum of its direct submeters.

    Parameters
    ----------
    months : (n,) sequence of str
    main : (n,) array
        Quantity of the main meter by month; NaN where not read.
    submeters : mapping of str to (n,) array
        Direct submeters by name, in the main meter's unit. One that was not read makes the month not known:
        its use is not taken as zero.
    lowest_rest_share, highest_rest_share : float
        Bounds of the unmetered rest as share of the main meter.

    Notes
    -----
    Equation: rest = E_main − Σ E_sub; share = rest / E_main.
    """
    mains = np.asarray(main, dtype=np.float64)
    names = list(submeters)
    parts = np.array([np.asarray(submeters[name], dtype=np.float64) for name in names]).reshape(len(names), mains.size)
    summed = parts.sum(axis=0) if names else np.full(mains.shape, np.nan)
    rest = mains - summed
    drew = mains > 0.0
    share = np.where(drew, rest / np.where(drew, mains, 1.0), np.nan)
    balanced: list[bool | None] = []
    reasons: list[Text | None] = []
    for at in range(mains.size):
        unread = [name for name, part in zip(names, parts, strict=True) if np.isnan(part[at])]
        reason = _reason(float(mains[at]), float(share[at]), unread, (lowest_rest_share, highest_rest_share))
        known = bool(np.isfinite(share[at]))
        balanced.append(reason is None if known else None)
        reasons.append(reason)
    if not names:
        reasons = [text("no submeter is on record")] * mains.size
    return MonthBalance(tuple(months), mains, summed, rest, share, tuple(balanced), tuple(reasons))


def _reason(main: float, share: float, unread: list[str], bounds: tuple[float, float]) -> Text | None:
    if np.isnan(main):
        return text("the main meter was not read")
    if unread:
        return text("not read: {meters}", meters=", ".join(unread))
    if np.isnan(share):
        return text("the main meter shows no consumption")
    if share < bounds[0]:
        return text("the submeters show {percent} % more than the main meter", percent=round(-100.0 * share, 1))
    if share > bounds[1]:
        return text("{percent} % of the main meter is not accounted for by submeters", percent=round(100.0 * share, 1))
    return None
