"""The metal route: what each kilogram of a heat stands for in bought metal and energy, own returns followed or cut off.

Everything is kept as *amounts* (kg of pig iron, kWh of electricity …) for a kilogram of metal; factors come last, so
an amount can be traced and a factor changed without allocating anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray: TypeAlias = NDArray[np.float64]
#: ``cut_off``: own returns carry nothing, so the good castings of the heat bear everything it took. ``carried``:
#: returns keep what they stand for and bring it into the heats they are charged to.
ReturnsMethod: TypeAlias = Literal["cut_off", "carried"]


@dataclass(frozen=True, slots=True, eq=False)
class Route:
    """What a kilogram of good metal of each heat stands for.

    Parameters
    ----------
    per_good_kg : (n, k) float array
        Amounts for a kilogram that left as good; NaN for a heat of which nothing did.
    pool : (k,) float array
        Amounts that no good metal stands for: those of the returns left over at the end; with ``cut_off`` what heats
        took of which nothing good came.
    pool_mass : float
        kg.
    """

    per_good_kg: FloatArray
    pool: FloatArray
    pool_mass: float


def metal_route(
    bought: ArrayLike,
    returns_in: ArrayLike,
    good: ArrayLike,
    returned: ArrayLike,
    *,
    method: ReturnsMethod,
    pool: ArrayLike | None = None,
    pool_mass: float = 0.0,
) -> Route:
    r"""Follow amounts through heats in the order in which they were melted.

    Parameters
    ----------
    bought : (n, k) array_like
        Amounts that came into each heat from outside: bought metal, additions, energy.
    returns_in : (n,) array_like
        Own returns charged, kg.
    good : (n,) array_like
        Metal that left as good castings or forgings, kg.
    returned : (n,) array_like
        Metal that came back as gates, pigs and scrap, kg. What is lost (slag, oxidation) is in neither: its amounts
        stay with the metal that remains.
    method : str
        ``cut_off`` or ``carried``.
    pool : (k,) array_like, optional
        Amounts that the stock of returns stands for at the beginning (``carried`` only).
    pool_mass : float
        Its mass, kg.

    Returns
    -------
    Route

    Raises
    ------
    ValueError
        If shapes do not fit, a mass is negative or not finite, or (``carried``) a heat is charged more returns than
        the pool holds.

    Notes
    -----
    With ``carried`` the pool is mixed: :math:`p \leftarrow p + r\,(b + q\,p/P) / (g + r) - q\,p/P` for bought amounts
    b, returns in q, pool mass P, good g and returned r. Both methods conserve: good castings and pool together stand
    for everything bought.
    """
    b, q = np.asarray(bought, np.float64), np.asarray(returns_in, np.float64)
    g, r = np.asarray(good, np.float64), np.asarray(returned, np.float64)
    stock = np.zeros(b.shape[1] if b.ndim == 2 else 0) if pool is None else np.array(pool, np.float64)
    _check(b, q, g, r, stock)
    per_good = np.full(b.shape, np.nan)
    if method == "cut_off":
        some = g > 0.0
        per_good[some] = b[some] / g[some, None]
        return Route(per_good, b[~some].sum(axis=0), 0.0)
    mass = float(pool_mass)
    for i in range(b.shape[0]):
        if q[i] > mass * (1.0 + 1e-9) + 1e-9:
            message = f"heat {i} is charged {q[i]} kg of returns, the pool holds {mass} kg"
            raise ValueError(message)
        taken = stock * (min(q[i] / mass, 1.0) if mass > 0.0 else 0.0)
        stock, mass = stock - taken, max(mass - q[i], 0.0)
        out = g[i] + r[i]
        if out == 0.0:
            # Nothing came of it: what it took waits with the returns, so that nothing is lost from sight.
            stock = stock + b[i] + taken
            continue
        amounts = (b[i] + taken) / out
        if g[i] > 0.0:
            per_good[i] = amounts
        stock, mass = stock + amounts * r[i], mass + r[i]
    return Route(per_good, stock, mass)


def shared_out(total: ArrayLike, driver: ArrayLike) -> FloatArray:
    """Share amounts out by a driver (mass, time, surface …).

    Parameters
    ----------
    total : (k,) array_like
        Amounts to share out.
    driver : (n,) array_like
        What each takes of the driver, not negative.

    Returns
    -------
    (n, k) float array
        Rows add up to the total; all NaN where the driver is zero everywhere (nothing tells how to share).

    Raises
    ------
    ValueError
        If a driver is negative or not finite.
    """
    amounts, weights = np.asarray(total, np.float64), np.asarray(driver, np.float64)
    if not np.isfinite(weights).all() or (weights < 0.0).any():
        message = "a driver is negative or missing; what it drives cannot be shared out"
        raise ValueError(message)
    whole = weights.sum()
    if whole == 0.0:
        return np.full((weights.size, amounts.size), np.nan)
    shared: FloatArray = weights[:, None] / whole * amounts[None, :]
    return shared


def _check(b: FloatArray, q: FloatArray, g: FloatArray, r: FloatArray, stock: FloatArray) -> None:
    if b.ndim != 2 or not (q.shape == g.shape == r.shape == (b.shape[0],)) or stock.shape != (b.shape[1],):
        message = "amounts and masses of the heats do not fit together"
        raise ValueError(message)
    for name, array in (("bought", b), ("returns_in", q), ("good", g), ("returned", r), ("pool", stock)):
        if not np.isfinite(array).all() or (array < 0.0).any():
            message = f"{name} holds a number that is negative or missing"
            raise ValueError(message)
