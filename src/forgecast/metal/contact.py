"""Heat transfer across the interface of two media, over the temperature of the metal there or over time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from forgecast.ground.citation import Source
from forgecast.ground.tables import SourcedTable, read_table
from forgecast.ground.texts import Text, bilingual, text
from forgecast.metal.alloy import FAMILY_TEXTS, family_of
from forgecast.metal.curve import ZERO_DEGC
from forgecast.metal.error import MaterialError
from forgecast.metal.media import kind, medium

Floats = NDArray[np.float64]

Process: TypeAlias = Literal["gravity", "low-pressure", "squeeze", "high-pressure", "coated"]
PROCESSES: tuple[Process, ...] = get_args(Process)


@dataclass(frozen=True, slots=True)
class Contact:
    """Interface coefficient of a pair of media, linear between knots and constant beyond them.

    Parameters
    ----------
    over : {"constant", "temperature", "time"}
        What `at` counts: nothing, the hotter side's temperature at the interface [K], or time since the pour [s].
    at : (n,) float64
        Knots, rising; one knot (of any value) where it is constant.
    coefficient : (n,) float64
        [W/(m2 K)]; ``inf`` is perfect contact.
    emissivity : float
        Effective emissivity of the gap [1]; radiation across it is added to `coefficient`. 0 for none.
    sources : tuple of Source
    """

    over: Literal["constant", "temperature", "time"]
    at: Floats
    coefficient: Floats
    emissivity: float = 0.0
    sources: tuple[Source, ...] = ()


def contact(family: str, against: str, *, process: Process = "gravity") -> Contact:
    """Return the shipped interface coefficient between a metal and a mould material.

    Parameters
    ----------
    family : str
        Family of the alloy (``aluminium``, ``steel`` …).
    against : str
        Name of a shipped medium; a row for it goes before one for its kind (``sand``, ``die``, ``iron-chill`` …).
    process : {"gravity", "low-pressure", "squeeze", "high-pressure", "coated"}
        What presses the metal on; ``coated`` is a chill with a coating.

    Raises
    ------
    MaterialError
        If the family or the medium is unknown, or no row fits: a coefficient is never taken from another pair.
    """
    known = family_of(family, where="contact")
    title, word = medium(against).title, kind(against).word
    table = read_table("contact")
    for key in (medium(against).name, word):
        if rows := table.where(family=known, against=key, process=process):
            return _read(table, rows, text("{metal} against {medium}", metal=FAMILY_TEXTS[known], medium=title))
    having = sorted({f"{r['family']}/{r['against']}/{r['process']}" for r in table if r["against"] in (word, "*")})
    raise MaterialError(
        text(
            "there is no interface coefficient for {metal} against {medium} ({process})",
            metal=FAMILY_TEXTS[known],
            medium=title,
            process=process,
        ),
        where="contact.csv",
        repair=text("give your own coefficient; rows on record: {rows}", rows=", ".join(having) or "—"),
    )


def outside(against: str) -> Contact:
    """Return the loss from the outer surface of a shipped medium to the air: convection, and its emissivity.

    Raises
    ------
    MaterialError
        If the medium is unknown or the table has no emissivity for it.
    """
    shipped, known = medium(against), kind(against)
    table = read_table("contact")
    rows = table.where(family="air", against="*", process="gravity")
    if known.emissivity is None:
        raise MaterialError(
            text("the emissivity of {medium} is not known", medium=shipped.title),
            where="medium_property.csv",
            repair=text("give convection and emissivity of the outer surface yourself"),
        )
    surface = _read(table, rows, text("outer surface of {medium}", medium=shipped.title))
    of_emissivity = tuple(s for s in shipped.sources if s.what.say("en").endswith(": emissivity of its surface"))
    return Contact("constant", surface.at, surface.coefficient, known.emissivity, (*surface.sources, *of_emissivity))


def perfect() -> Contact:
    """Return the contact without resistance that is assumed between media that are rammed or fitted together."""
    return Contact(
        "constant",
        np.zeros(1),
        np.full(1, np.inf),
        0.0,
        (
            Source(
                text("contact of mould materials with each other"),
                text("assumed without resistance; no measured value at hand"),
                "unverified",
            ),
        ),
    )


def _read(table: SourcedTable, rows: tuple[Mapping[str, str], ...], what: Text) -> Contact:
    """Form a contact from its rows; those of one contact share what they are over."""
    over = rows[0]["over"]
    knots = []
    for row in rows:
        at, value = table.number(row, "at"), table.number(row, "value")
        if row["over"] != over or value is None or value <= 0.0 or (at is None) != (over == "constant"):
            raise MaterialError(
                text("the rows of {what} do not fit together", what=what),
                where=f"{table.name}.csv:{table.rows.index(row) + 2}",
                repair=text("give all rows of a pair over the same, each with a coefficient above 0"),
            )
        knots.append((0.0 if at is None else at + (ZERO_DEGC if over == "temperature" else 0.0), value))
    sources = dict.fromkeys(
        Source(what, bilingual(row["source"], row["source_zh"]), row["confidence"], row["range"], row["licence"])
        for row in rows
    )
    kinds: dict[str, Literal["constant", "temperature", "time"]] = {"temperature": "temperature", "time": "time"}
    return Contact(
        kinds.get(over, "constant"),
        np.array([at for at, _ in knots]),
        np.array([value for _, value in knots]),
        0.0,
        tuple(sources),
    )
