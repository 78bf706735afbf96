"""CBAM of one good: its specific embedded emissions with precursors, free allocation, and what the importer owes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from forgecast.environment.carbon.cbam_tables import CbamError
from forgecast.ground.texts import Text, text

Basis: TypeAlias = Literal["actual", "default"]


@dataclass(frozen=True, slots=True)
class Precursor:
    """A covered material that a good is made of.

    Parameters
    ----------
    name : str
    mass_t : float
        Mass used in the period for the good's production.
    see : float or None
        Specific embedded emissions, t CO2e/t; None where they are not known.
    sefa : float or None
        Specific embedded free allocation, t CO2e/t; None where it is not known.
    eu_origin : bool
        Made in the Union or an exempt country: counts zero emissions.
    verified : bool
        Whether `see` is an actual value confirmed by an accredited verifier, or a default value.
    """

    name: str
    mass_t: float
    see: float | None
    sefa: float | None = None
    eu_origin: bool = False
    verified: bool = False


@dataclass(frozen=True, slots=True)
class Embedded:
    """Specific embedded emissions of a good, t CO2e per t of it.

    Parameters
    ----------
    own : float
        Of the good's own process.
    precursors : float or None
        Carried in with its precursors; None where one of them is not known.
    why_missing : Text or None
    """

    own: float
    precursors: float | None
    why_missing: Text | None = None

    @property
    def total(self) -> float | None:
        """Return own process and precursors together; None where the precursors are not known."""
        return None if self.precursors is None else self.own + self.precursors


@dataclass(frozen=True, slots=True)
class Owed:
    """What one tonne of a good costs its importer, and how that comes about.

    Parameters
    ----------
    basis : str
        ``actual`` or ``default``.
    embedded : float
        t CO2e/t that count.
    free : float
        Free-allocation adjustment, t CO2e/t.
    net : float
        Certificates, t CO2e/t; never below zero.
    price : float or None
        EUR per certificate; None where none was given.
    """

    basis: Basis
    embedded: float
    free: float
    net: float
    price: float | None

    @property
    def cost(self) -> float | None:
        """Return EUR per tonne of the good; None without a price."""
        return None if self.price is None else self.net * self.price


def specific_embedded(attributed_t: float, output_t: float, precursors: Sequence[Precursor] = ()) -> Embedded:
    r"""Return the specific embedded emissions of a good.

    .. math:: SEE = \frac{E_\mathrm{own} + \sum_i M_i\,SEE_i}{A}

    Parameters
    ----------
    attributed_t : float
        Emissions attributed to the good's process in the period, t CO2e.
    output_t : float
        Activity level: mass of the good made in the period, t.
    precursors : sequence of Precursor

    Raises
    ------
    CbamError
        If nothing was made, or a mass or emission is negative or not finite.

    Notes
    -----
    Implementing Regulation (EU) 2025/2547, equations 57 to 60. Scrap (7204, 7602) is no precursor and is left out by
    the caller.
    """
    for name, value in (("attributed_t", attributed_t), *((one.name, one.mass_t) for one in precursors)):
        _not_negative(name, value)
    if not (math.isfinite(output_t) and output_t > 0.0):
        raise CbamError(
            text("the good was not made in this period: its mass is {mass} t", mass=output_t),
            where="output_t",
            repair=text("take the period in which it was made"),
        )
    unknown = [one.name for one in precursors if one.see is None and not one.eu_origin]
    own = attributed_t / output_t
    if unknown:
        why = text("no embedded emissions are known of: {names}", names=", ".join(unknown))
        return Embedded(own, None, why)
    carried = math.fsum(one.mass_t * (one.see or 0.0) for one in precursors if not one.eu_origin)
    return Embedded(own, carried / output_t)


def free_allocation(
    free_share: float, correction: float, benchmark: float, carried: Sequence[tuple[float, float]] = ()
) -> float:
    r"""Return the specific embedded free allocation of a good, t CO2e/t.

    .. math:: SEFA = f_y\,CSCF_y\,BM + \sum_i m_i\,SEFA_i

    Parameters
    ----------
    free_share : float
        Share of free allocation kept in the year, 0 to 1.
    correction : float
        Cross-sectoral correction factor of the year.
    benchmark : float
        t CO2e/t: column A with actual data (precursors then bring their own), column B with default values.
    carried : sequence of (float, float)
        Of each precursor: tonnes per tonne of the good, and its own specific embedded free allocation.

    Notes
    -----
    Implementing Regulation (EU) 2025/2620, Annex, equations 2 to 4 and 6.
    """
    return free_share * correction * benchmark + math.fsum(mass * sefa for mass, sefa in carried)


def owed(basis: Basis, embedded: float, free: float, *, price: float | None = None) -> Owed:
    """Return what a tonne of the good costs: embedded emissions less free allocation, not below zero.

    Raises
    ------
    CbamError
        If the embedded emissions, the allocation or the price is negative or not finite.
    """
    for name, value in (("embedded", embedded), ("free", free), ("price", price or 0.0)):
        _not_negative(name, value)
    return Owed(basis, embedded, free, max(embedded - free, 0.0), price)


def _not_negative(name: str, value: float) -> None:
    if not (math.isfinite(value) and value >= 0.0):
        raise CbamError(
            text("{name} is {value}; it must be a number that is not negative", name=name, value=value),
            where="cbam",
            repair=text("correct the record it comes from"),
        )
