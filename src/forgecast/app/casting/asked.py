"""From what a caller asks for to what the task freezes: bodies, pour and cells."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from forgecast.app.casting.asked_bodies import AskedChill, AskedRiser
from forgecast.app.casting.effort import chosen_cell
from forgecast.casting.constant import own
from forgecast.casting.criteria import NIYAMA_UNITS
from forgecast.casting.layout import Side
from forgecast.casting.soundness import Limits
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text
from forgecast.metal.alloy import Alloy, alloy
from forgecast.metal.media import medium
from forgecast.metal.own_table import read_alloy
from forgecast.shape.read import read_solid
from forgecast.shape.solid import Solid, box, cylinder, without
from forgecast.shape.wall import spacing_within, wall_map
from forgecast.tasks.freeze_part import Fineness, limits_on_record
from forgecast.tasks.mould_layout import Body, Pour

if TYPE_CHECKING:
    from forgecast.app.casting.outcome import Place

#: What is taken where the call does not say [K], [m]; the results mark it as assumed.
ROOM: Final = 293.15
MARGIN: Final = 0.06
#: Walls are measured at no more points, to choose the cells.
_MOST_POINTS = 60_000


@dataclass(frozen=True, slots=True)
class Asked:
    """What the call says of the mould and the run; None where it does not.

    Parameters
    ----------
    alloy, mould : str
    pour : float
        [K].
    mould_at, ambient : float or None
        [K].
    cell, margin : float or None
        [m].
    estimate : bool
    symmetry : tuple of side
    """

    alloy: str
    mould: str
    pour: float
    mould_at: float | None = None
    ambient: float | None = None
    cell: float | None = None
    margin: float | None = None
    estimate: bool = False
    symmetry: tuple[Side, ...] = ()

    @property
    def assumed(self) -> frozenset[str]:
        """Return the names of what nobody gave."""
        given = {"mould_at": self.mould_at, "ambient": self.ambient, "cell": self.cell, "margin": self.margin}
        return frozenset(name for name, value in given.items() if value is None)


def pour_of(asked: Asked) -> Pour:
    """Return what is poured into what.

    Raises
    ------
    MaterialError
        If alloy or mould are unknown; the nearest names are shown.
    """
    return Pour(
        alloy=_alloy(asked.alloy),
        temperature=asked.pour,
        mould=medium(asked.mould).name,
        mould_temperature=ROOM if asked.mould_at is None else asked.mould_at,
        ambient=ROOM if asked.ambient is None else asked.ambient,
    )


def _alloy(words: str) -> Alloy:
    """Return a shipped alloy by its name, or one's own from a table (CSV or TOML)."""
    own_table = Path(words)
    if own_table.suffix.lower() in (".csv", ".toml"):
        return read_alloy(own_table)
    return alloy(words)


def fineness_of(asked: Asked, casting: Solid, bodies: tuple[Body, ...]) -> Fineness:
    """Return how finely the part is cut; without a cell size, so that walls are some cells thick."""
    margin = MARGIN if asked.margin is None else asked.margin
    cell = asked.cell
    if cell is None:
        corners = np.array([one.box for one in (casting, *(body.solid for body in bodies))])
        sides = corners[:, 1].max(axis=0) - corners[:, 0].min(axis=0) + 2 * margin
        longest = float((casting.box[1] - casting.box[0]).max())
        walls = wall_map(casting, spacing=spacing_within(casting, longest / 50, _MOST_POINTS)).ray
        cell = chosen_cell(float(np.quantile(walls, 0.05)), sides)
    return Fineness(cell=cell, margin=margin, estimate=asked.estimate, symmetry=asked.symmetry)


def bodies_of(risers: list[AskedRiser], chills: list[AskedChill], unit: str | None) -> tuple[Body, ...]:
    """Return risers with their sleeves, and chills.

    Raises
    ------
    ForgecastError
        If a file cannot be read or a medium is unknown.
    """
    made: list[Body] = []
    for number, riser in enumerate(risers, start=1):
        name = f"riser {number}"
        made.append(Body("riser", _riser(riser, name, unit)))
        if riser.sleeve is not None and riser.thickness is not None:
            made.append(Body("sleeve", _sleeve(riser, name), medium(riser.sleeve).name))
    for number, chill in enumerate(chills, start=1):
        made.append(Body("chill", _chill(chill, f"chill {number}", unit), medium(chill.medium).name))
    return tuple(made)


def limits_of(metal: Alloy, largest_cavity: float | None, porosity: float | None, niyama: str | None) -> Limits:
    """Return what the casting has to keep to: what the call says, and the Niyama value on record if it says none.

    Raises
    ------
    ForgecastError
        If the Niyama value is no number with one of its units.
    """
    asked = limits_asked(largest_cavity, porosity)
    if niyama is None:
        return replace(asked, niyama=limits_on_record(metal).niyama)
    return replace(asked, niyama=own(_niyama(niyama), text("lowest Niyama value allowed")))


def _niyama(words: str) -> float:
    """Return a Niyama value with its unit, such as ``0.1 K^0.5 s^0.5/mm``, in SI."""
    number, _, unit = words.strip().partition(" ")
    try:
        value = float(number)
    except ValueError:
        value = -1.0
    if not 0.0 < value < 1e6 or unit.strip() not in NIYAMA_UNITS:
        raise ForgecastError(
            text("{words} is no Niyama value", words=words),
            where="--niyama",
            repair=text("write a number and one of {units}", units=", ".join(NIYAMA_UNITS)),
        )
    return value * NIYAMA_UNITS[unit.strip()]


def limits_asked(largest_cavity: float | None, porosity: float | None) -> Limits:
    """Return what the call says that the casting has to keep to, and nothing else."""
    return Limits(
        cavity=None if largest_cavity is None else own(largest_cavity, text("largest cavity allowed")),
        microporosity=None if porosity is None else own(porosity, text("highest microporosity allowed")),
    )


def _riser(riser: AskedRiser, name: str, unit: str | None) -> Solid:
    if riser.file is not None:
        return _file(riser.file, unit)
    assert riser.diameter is not None and riser.height is not None and riser.at is not None  # noqa: PT018, S101
    return cylinder(riser.diameter, riser.height, at=riser.at, name=name)


def _sleeve(riser: AskedRiser, name: str) -> Solid:
    assert riser.diameter is not None and riser.height is not None and riser.at is not None  # noqa: PT018, S101
    assert riser.thickness is not None  # noqa: S101  (whoever reads the words has seen to it)
    outer = cylinder(riser.diameter + 2 * riser.thickness, riser.height, at=riser.at, name=f"{name}: sleeve")
    # A little longer than the sleeve at both ends, so that no skin of it is left over the opening.
    x, y, z = riser.at
    below: Place = (x, y, z - 0.1 * riser.height)
    return without(outer, cylinder(riser.diameter, 1.2 * riser.height, at=below), name=f"{name}: sleeve")


def _chill(chill: AskedChill, name: str, unit: str | None) -> Solid:
    if chill.file is not None:
        return _file(chill.file, unit)
    assert chill.size is not None and chill.at is not None  # noqa: PT018, S101
    return box(chill.size, at=chill.at, name=name)


def _file(path: Path, unit: str | None) -> Solid:
    return read_solid(path, unit=None if path.suffix.lower() in (".step", ".stp", ".3mf") else unit).solid
