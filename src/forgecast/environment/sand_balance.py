"""Sand of a foundry: what came in, what left, what is left over, and whether that is within what the scales allow."""

from __future__ import annotations

import math
from dataclasses import dataclass

from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text


@dataclass(frozen=True, slots=True)
class SandFlows:
    """Masses of a stretch [t]; NaN where a mass is not on record.

    Parameters
    ----------
    opening, closing : float
        New sand in stock at the start and the end.
    bought : float
        New sand bought, less what was returned or sold.
    additions : float
        Binders and additives used (bentonite, coal dust, resin, hardener, coating); a part of them leaves with the
        sand.
    dumped : float
        Used sand that left the plant or was put aside: landfilled, reused or sold outside, incinerated, stored.
    dust : float
        Dust that was collected and left; sand for the most part.
    reclaimed : float
        Used sand taken up again in the plant.
    """

    opening: float
    closing: float
    bought: float
    additions: float
    dumped: float
    dust: float
    reclaimed: float


@dataclass(frozen=True, slots=True)
class SandBalance:
    """A balance of new sand, with what is left over and how well that is known.

    Parameters
    ----------
    used : float
        New sand that went into production [t].
    left_over : float
        Used less dumped less dust [t]: lost into castings and air, built up in the sand system, or a wrong mass.
    uncertainty : float
        Expanded uncertainty of `left_over` [t], from the scales.
    low, high : float
        What the left-over may be [t], counting from none to all of the additions as part of what left.
    closes : bool or None
        Whether nothing lost or gained need be assumed; None where a mass is missing.
    reuse_rate : float
        Reclaimed sand over all used sand [1]; NaN where a mass is missing.
    loss_share : float
        `left_over` over `used` [1]; NaN where it cannot be told.
    """

    used: float
    left_over: float
    uncertainty: float
    low: float
    high: float
    closes: bool | None
    reuse_rate: float
    loss_share: float


def balance_sand(flows: SandFlows, *, relative_uncertainty: float, coverage_factor: float = 2.0) -> SandBalance:
    """Balance the sand of a stretch.

    Parameters
    ----------
    flows : SandFlows
    relative_uncertainty : float
        Standard uncertainty of every mass as a share of it. No default: it is what the plant says of its scales.
    coverage_factor : float
        k of the expanded uncertainty.

    Raises
    ------
    ForgecastError
        If the uncertainty is not above zero.

    Notes
    -----
    Equations: used = opening + bought − closing; left over = used − dumped − dust;
    U = k·r·√(opening² + bought² + closing² + dumped² + dust²);
    it closes if [left over − U, left over + additions + U] holds zero

    The reclaimed sand goes round inside and is no part of the balance. Where the sand system fills or empties over
    the stretch, that stands in what is left over.
    """
    if not relative_uncertainty > 0.0:
        raise ForgecastError(
            text("an uncertainty of {value} cannot tell whether a balance closes", value=relative_uncertainty),
            repair=text("say how well masses are known, such as 1%"),
        )
    used = flows.opening + flows.bought - flows.closing
    left_over = used - flows.dumped - flows.dust
    squares = sum(m * m for m in (flows.opening, flows.bought, flows.closing, flows.dumped, flows.dust))
    uncertainty = coverage_factor * relative_uncertainty * math.sqrt(squares)
    additions = 0.0 if math.isnan(flows.additions) else flows.additions
    low, high = left_over - uncertainty, left_over + additions + uncertainty
    closes = None if math.isnan(left_over) else low <= 0.0 <= high
    all_used = flows.reclaimed + flows.dumped
    return SandBalance(
        used=used,
        left_over=left_over,
        uncertainty=uncertainty,
        low=low,
        high=high,
        closes=closes,
        reuse_rate=flows.reclaimed / all_used if all_used > 0.0 else math.nan,
        loss_share=left_over / used if used > 0.0 else math.nan,
    )
