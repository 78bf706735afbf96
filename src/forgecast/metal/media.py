"""Mould materials, dies, chills and sleeves: shipped media, and whether a medium's table reaches far enough."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from forgecast.ground.tables import SourcedTable, read_table
from forgecast.ground.texts import Text, bilingual, text
from forgecast.metal.curve import Curve, degC
from forgecast.metal.enthalpy import enthalpy
from forgecast.metal.error import MaterialError
from forgecast.metal.medium import Ignition, Medium
from forgecast.metal.naming import find_name
from forgecast.metal.property import Properties, gather

#: Temperature that the reference density of a medium is taken at [K].
ROOM = 293.15


@dataclass(frozen=True, slots=True)
class Kind:
    """What a medium is to its neighbours: the word by which the table of contacts knows it.

    Parameters
    ----------
    word : str
        ``sand``, ``shell``, ``die``, ``iron-chill``, ``copper-chill``, ``graphite-chill``, ``sleeve``.
    limit : float or None
        Temperature at which it melts or breaks down [K]; its table goes on beyond, so that a run does not stop, and
        whoever shows the run has to say where that was reached.
    emissivity : float or None
        Of its outer surface [1].
    """

    word: str
    limit: float | None
    emissivity: float | None


def medium(name: str, *, moisture: float | None = None) -> Medium:
    """Return a shipped medium by any of its names (``green-sand``, ``潮模砂`` …).

    Parameters
    ----------
    name : str
    moisture : float or None
        Water as a share of the mass, in place of the table's; 0 is dry.

    Raises
    ------
    MaterialError
        If no shipped medium has that name (the nearest names are shown), or the moisture is not within 0 to 0.2.
    """
    code, title, properties = _shipped(name)
    return medium_of(code, title, properties, moisture=moisture)


def kind(name: str) -> Kind:
    """Return what a shipped medium is to its neighbours.

    Raises
    ------
    MaterialError
        If no shipped medium has that name.
    """
    code, _, properties = _shipped(name)
    (index,) = read_table("medium").where(medium=code)
    constants = properties.constants
    return Kind(index["kind"], constants.get("limit"), constants.get("emissivity"))


def media() -> tuple[Medium, ...]:
    """Return all shipped media."""
    return tuple(medium(row["medium"]) for row in read_table("medium"))


def medium_of(name: str, title: Text, properties: Properties, *, moisture: float | None = None) -> Medium:
    r"""Form a medium from the properties of what does not melt.

    Parameters
    ----------
    name : str
    title : Text
    properties : Properties
    moisture : float or None
        As in `medium`.

    Raises
    ------
    MaterialError
        If density, conductivity or specific heat is missing, or the moisture is not within 0 to 0.2.

    Notes
    -----
    Water boils off between ``drying_start`` and ``drying_end``: there enthalpy rises by
    :math:`\rho\,w\,L_w` more than the specific heat makes it. The water's own specific heat, the vapour that carries
    heat into colder sand, and the loss of mass are left out, and a sand that cools again takes the plateau backwards:
    good for the heat the mould draws while the casting freezes, not for the temperature of sand below 100 degC.
    """
    low = max(properties.curve(n).low for n in ("conductivity", "specific_heat"))
    high = min(properties.curve(n).high for n in ("conductivity", "specific_heat"))
    density = float(properties.curve("density").sided(ROOM, upper=True))
    conductivity = properties.curve("conductivity")
    heat = properties.curve("specific_heat")
    drying = _drying(properties, moisture)
    bends = conductivity.temperature[(conductivity.temperature > low) & (conductivity.temperature < high)]
    knots, content = enthalpy(heat, density=density, also=(*map(float, bends), *(drying[:2] if drying else ())))
    keep = (knots >= low) & (knots <= high)
    knots, content = knots[keep], content[keep]
    if drying:
        start, end, per_mass = drying
        content = content + density * per_mass * np.clip((knots - start) / (end - start), 0.0, 1.0)
    burning = properties.constants.get("burning_heat")
    return Medium(
        name=name,
        title=title,
        temperature=knots,
        enthalpy=content,
        conductivity=conductivity.sided(knots, upper=True),
        solid_fraction=None,
        density=density,
        ignition=None
        if burning is None
        else Ignition(properties.constant("ignition"), density * burning, properties.constant("burning_time")),
        sources=properties.sources,
    )


def covers(medium: Medium, low: float, high: float) -> None:
    """Make sure that a medium's table reaches from one temperature to another: nothing is extrapolated.

    Parameters
    ----------
    medium : Medium
    low, high : float
        Lowest and highest temperature that it may reach [K].

    Raises
    ------
    MaterialError
        If the table ends within; the missing stretch is named.
    """
    have = Curve(medium.temperature, medium.enthalpy)
    gaps = [(low, have.low)] if low < have.low else []
    gaps += [(have.high, high)] if high > have.high else []
    if gaps:
        missing = ", ".join(f"{degC(a)} … {degC(b)} °C" for a, b in gaps)
        raise MaterialError(
            text(
                "the table of {medium} covers {low} to {high} °C; {missing} is missing",
                medium=medium.title,
                low=degC(have.low),
                high=degC(have.high),
                missing=missing,
            ),
            where=medium.name,
            repair=text("add rows there to a table of your own, or choose a medium that stands the temperature"),
        )


@lru_cache(maxsize=64)
def _shipped(name: str) -> tuple[str, Text, Properties]:
    code = find_name(name, table="medium", kind=text("mould material"))
    (index,) = read_table("medium").where(medium=code)
    title = bilingual(index["en"], index["zh"])
    table: SourcedTable = read_table("medium_property")
    return code, title, gather(table, table.where(medium=code), title)


def _drying(properties: Properties, moisture: float | None) -> tuple[float, float, float] | None:
    """Return from where to where the water boils off [K] and the heat it takes [J/kg of medium], or None."""
    share = properties.constants.get("moisture") if moisture is None else moisture
    if not share:
        return None
    if not 0.0 < share <= 0.2:
        raise MaterialError(
            text("a moisture of {share} is not within 0 to 0.2", share=share),
            where=properties.where,
            repair=text("give water as a share of the mass: 0.035 is 3.5 %"),
        )
    start, end = properties.constant("drying_start"), properties.constant("drying_end")
    return start, end, share * properties.constant("water_latent_heat")
