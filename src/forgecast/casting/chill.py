"""External chills by rule: how much a chill shortens freezing, and how heavy it must be to do so."""

from __future__ import annotations

from typing import Literal, TypeAlias

from forgecast.casting.constant import Constant, RuleError, find, need_positive
from forgecast.casting.riser import Fed
from forgecast.ground.tables import read_table
from forgecast.ground.texts import bilingual, text

ChillContact: TypeAlias = Literal["tight", "gap"]


def chill_gain(contact: ChillContact) -> Constant:
    """Return the area in sand that a unit of chilled area adds to the unit itself [1].

    Raises
    ------
    RuleError
        If there is no such contact.
    """
    for row in read_table("chill_gain").where(contact=contact):
        found = find("chill_gain", text("chill: {contact}", contact=bilingual(row["en"], row["zh"])), contact=contact)
        assert found is not None  # noqa: S101  (the row was just seen)
        return found
    raise RuleError(
        text("there is no contact of a chill named {name}", name=contact),
        repair=text("use one of: {names}", names="tight, gap"),
    )


def chilled_modulus(fed: Fed, contact_area: float, gain: Constant) -> float:
    """Return the modulus of a zone with an external chill on part of its surface [m].

    M_1 = V / (A + gain A_s).

    Parameters
    ----------
    fed : Fed
        The zone without chill.
    contact_area : float
        Area A_s that the chill touches [m2], a part of the zone's area.
    gain : Constant
        From `chill_gain`, or a user's own.

    Raises
    ------
    RuleError
        If the chill touches more than the zone's area.

    Notes
    -----
    Validity: a chill heavy enough (`chill_mass`). The shipped gains are from memory; freeze the zone with its chill.
    """
    need_positive(volume=fed.volume, area=fed.area, contact_area=contact_area)
    if contact_area > fed.area:
        raise RuleError(
            text("the chill touches {chill} m2 of a zone of {zone} m2", chill=contact_area, zone=fed.area),
            where="contact_area",
            repair=text("give the area that the chill touches, at most the zone's own"),
        )
    return fed.volume / (fed.area + gain.value * contact_area)


def chill_mass(
    fed: Fed, chilled: float, *, density: float, heat: float, heat_capacity: float, temperature_rise: float
) -> float:
    """Return the mass of a chill that takes up the heat which sand no longer has to [kg].

    m = rho V (1 - M_1 / M_0) q / (c dT): the share of the zone's heat that goes into the chill is the share by which
    its modulus falls. A heat balance, no rule of thumb: every number in it is the caller's.

    Parameters
    ----------
    fed : Fed
        The zone without chill, of modulus M_0.
    chilled : float
        Modulus M_1 with the chill [m].
    density : float
        Of the metal [kg/m3].
    heat : float
        Heat given off by the metal until it is solid, per mass [J/kg].
    heat_capacity : float
        Of the chill [J/(kg K)].
    temperature_rise : float
        That the chill may take [K].

    Raises
    ------
    RuleError
        If an input is not above zero.
    """
    need_positive(
        chilled=chilled, density=density, heat=heat, heat_capacity=heat_capacity, temperature_rise=temperature_rise
    )
    share = 1.0 - chilled / fed.modulus
    return density * fed.volume * share * heat / (heat_capacity * temperature_rise)
