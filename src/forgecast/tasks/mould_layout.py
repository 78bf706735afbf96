"""Lay a part with its risers, chills and sleeves into a mould: bodies into cells, media and contacts between them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from forgecast.casting.heat_table import Surroundings
from forgecast.casting.layout import SIDES, Layout, Side, fill, skin
from forgecast.ground.citation import Source
from forgecast.ground.errors import ForgecastError
from forgecast.ground.finding import Finding, Place, Severity
from forgecast.ground.texts import text
from forgecast.metal.alloy import Alloy
from forgecast.metal.contact import Contact, Process, contact, outside, perfect
from forgecast.metal.media import covers, kind, medium
from forgecast.metal.medium import Medium
from forgecast.shape.grid import Grid
from forgecast.shape.gridding import Margins, check_memory, free_memory, uniform_grid
from forgecast.shape.solid import Solid, joined
from forgecast.shape.voxel import fractions, surface_areas

F4 = NDArray[np.float32]
F8 = NDArray[np.float64]
U1 = NDArray[np.uint8]

BodyKind: TypeAlias = Literal["riser", "chill", "sleeve", "core"]
#: What a run keeps for each cell while it works, beside what it reads and shows [bytes]; a benchmark holds it.
BYTES_PER_CELL = 150.0
#: A body that loses more than this share of its volume to cells of others is too thin for the cells.
THIN = 0.02


@dataclass(frozen=True, slots=True)
class Body:
    """A solid beside the casting.

    Parameters
    ----------
    kind : {"riser", "chill", "sleeve", "core"}
        A riser, and every other metal that is poured (a neck, an ingate), is ``riser``.
    solid : Solid
    medium : str
        Name of a shipped medium; empty for what is poured.
    """

    kind: BodyKind
    solid: Solid
    medium: str = ""

    def __post_init__(self) -> None:
        if (self.kind == "riser") != (self.medium == ""):
            raise ForgecastError(
                text(
                    "{kind} {name}: medium is {medium}", kind=self.kind, name=self.solid.name, medium=self.medium or "—"
                ),
                repair=text("name a medium for a chill, sleeve or core; a riser is of the alloy"),
            )


@dataclass(frozen=True, slots=True)
class Pour:
    """What is poured into what.

    Parameters
    ----------
    alloy : Alloy
    temperature : float
        Of the metal when the mould is full [K].
    mould : str
        Name of a shipped medium.
    mould_temperature, ambient : float
        Of mould, cores, chills and sleeves at the start, and of the air [K].
    process : Process
        What presses the metal on dies and chills.
    contact : Contact or None
        Interface of metal and mould; None takes the one on record.
    moisture : float or None
        Water in the mould as a share of its mass; None takes the table's.
    """

    alloy: Alloy
    temperature: float
    mould: str
    mould_temperature: float
    ambient: float
    process: Process = "gravity"
    contact: Contact | None = None
    moisture: float | None = None


@dataclass(frozen=True, slots=True)
class Laid:
    """A layout ready to run, and what was noticed while it was made.

    Parameters
    ----------
    layout : Layout
    findings : tuple of Finding
    sources : tuple of Source
    """

    layout: Layout
    findings: tuple[Finding, ...]
    sources: tuple[Source, ...]


def mould_grid(
    solids: Sequence[Solid], cell: float, margin: float, *, symmetry: Sequence[Side] = (), free: int | None = None
) -> Grid:
    """Return a uniform grid around the bodies, with sand of a thickness on all sides.

    Parameters
    ----------
    solids : sequence of Solid
    cell, margin : float
        [m].
    symmetry : sequence of side
        Sides at which the bodies end in a plane of symmetry (``x-``, ``y+`` …); no mould is left there.
    free : int or None
        Bytes that may be used; None asks the system.

    Raises
    ------
    ForgecastError
        If the mould leaves nothing around the part, or the cells need more memory than is free.
    """
    if not margin > 0.0:
        raise ForgecastError(
            text(
                "the mould is {margin} mm thick: the part is bigger than its mould box", margin=round(1e3 * margin, 3)
            ),
            where="margin",
            repair=text("leave mould on all sides, 40 to 80 mm around most castings"),
        )
    corners = np.array([s.box for s in solids])
    box = np.array([corners[:, 0].min(axis=0), corners[:, 1].max(axis=0)])
    grid = uniform_grid(box, cell, margins_around(margin, symmetry))
    check_memory(grid, BYTES_PER_CELL, free=free_memory() if free is None else free)
    return grid


def margins_around(margin: float, symmetry: Collection[Side]) -> Margins:
    """Return the mould [m] on each side of the bodies: none beyond a plane of symmetry."""
    wide = {side: 0.0 if side in symmetry else margin for side in SIDES}
    return Margins(wide["x-"], wide["x+"], wide["y-"], wide["y+"], wide["z-"], wide["z+"])


def lay(casting: Solid, bodies: Sequence[Body], pour: Pour, grid: Grid, *, symmetry: Sequence[Side] = ()) -> Laid:
    """Lay the casting and the other bodies into the cells of a mould.

    Where bodies overlap, the casting goes before risers, and metal before everything else.

    Raises
    ------
    ForgecastError
        If the metal is poured below its liquidus, a table does not cover the temperatures reached, or a body is too
        small for the cells.
    """
    _check_pour(pour)
    metals = [casting, *(b.solid for b in bodies if b.kind == "riser")]
    shares: list[F4] = []
    taken = np.zeros(grid.shape, dtype=np.float32)
    for solid in metals:
        share = np.minimum(fractions(solid, grid), 1.0 - taken)
        taken += share
        shares.append(share)
    metal = taken.copy()
    others: dict[str, F4] = {}
    for body in bodies:
        if body.kind != "riser":
            name = medium(body.medium).name
            share = np.minimum(fractions(body.solid, grid), 1.0 - taken)
            taken += share
            others[name] = others[name] + share if name in others else share
    filled = fill(grid, [metal, *others.values()])
    part = _parts(shares, filled.medium == 0)
    alloy_medium = pour.alloy.medium()
    sand = medium(pour.mould, moisture=pour.moisture)
    media: tuple[Medium | Surroundings, ...] = (
        alloy_medium, *(medium(n) for n in others), sand, Surroundings("air", pour.ambient)
    )  # fmt: skip
    _check_ranges(media, pour)
    contacts = _contacts(pour, tuple(others))
    union = metals[0] if len(metals) == 1 else joined(*metals)
    layout = Layout(
        grid=grid,
        media=media,
        medium=filled.medium,
        part=part,
        start=(pour.temperature, *(pour.mould_temperature for _ in others), pour.mould_temperature, pour.ambient),
        contacts=contacts,
        sides={side: len(media) - 1 for side in SIDES if side not in symmetry},
        filling=filled.filling,
        skin=skin(grid, filled.medium == 0, _cooled(surface_areas(union, grid), metal, grid, symmetry)),
    )
    findings = _thin(grid, [casting.name, *others], (metal, *others.values()), filled.lost)
    found = [s for c in contacts.values() for s in c.sources] + [
        s for m in media if isinstance(m, Medium) for s in m.sources
    ]
    if others:
        # Chills, sleeves and cores lie in the mould without resistance, which nobody measured.
        found += perfect().sources
    return Laid(layout, findings, tuple(dict.fromkeys(found)))


def _parts(shares: Sequence[F4], metal: NDArray[np.bool_]) -> U1:
    """Return which body of metal each cell belongs to; a cell that no body fills most of goes to the fullest."""
    part = np.argmax(np.stack(shares), axis=0).astype(np.uint8) + 1 if len(shares) > 1 else np.ones(metal.shape)
    return np.where(metal, part, 0).astype(np.uint8)


def _cooled(area: F4, metal: F4, grid: Grid, symmetry: Sequence[Side]) -> F4:
    """Return the surface of the metal in each cell, without the cut at a plane of symmetry."""
    widths = grid.widths[::-1]
    for side in symmetry:
        axis = "zyx".index(side[0])
        place: list[slice | int] = [slice(None)] * 3
        place[axis] = 0 if side.endswith("-") else -1
        across = [widths[a] for a in range(3) if a != axis]
        cut = metal[tuple(place)] * across[0][:, None] * across[1][None, :]
        area[tuple(place)] = np.maximum(area[tuple(place)] - cut, 0.0)
    return area


def _check_pour(pour: Pour) -> None:
    alloy = pour.alloy
    if pour.temperature <= alloy.liquidus:
        raise ForgecastError(
            text(
                "{alloy} would be poured at {pour} °C, and its liquidus is {liquidus} °C",
                alloy=alloy.title,
                pour=round(pour.temperature - 273.15, 1),
                liquidus=round(alloy.liquidus - 273.15, 1),
            ),
            where="pour",
            repair=text("pour above the liquidus"),
        )


def _check_ranges(media: Sequence[Medium | Surroundings], pour: Pour) -> None:
    low = min(pour.ambient, pour.mould_temperature)
    for one in media:
        if isinstance(one, Medium):
            covers(one, low, pour.temperature)


def _contacts(pour: Pour, others: tuple[str, ...]) -> dict[tuple[int, int], Contact]:
    """Return the contacts by pair: metal, other media, mould, air, in this order."""
    mould, air = len(others) + 1, len(others) + 2
    found: dict[tuple[int, int], Contact] = {}
    for index, name in enumerate(others, start=1):
        found[(0, index)] = contact(pour.alloy.family, name, process=_process(pour, name))
        found[(index, air)] = outside(name)
    found[(0, mould)] = pour.contact or contact(pour.alloy.family, pour.mould, process=_process(pour, pour.mould))
    found[(mould, air)] = outside(pour.mould)
    return found


def _process(pour: Pour, name: str) -> Process:
    return pour.process if kind(name).word in ("die", "iron-chill", "copper-chill", "graphite-chill") else "gravity"


def _thin(grid: Grid, names: Sequence[str], shares: Sequence[F4], lost: Sequence[float]) -> tuple[Finding, ...]:
    found = []
    volumes = grid.volumes
    for name, share, gone in zip(names, shares, lost, strict=False):
        total = float((share * volumes).sum())
        if total <= 0.0:
            raise ForgecastError(
                text("{name} lies outside the mould or is smaller than a cell", name=name),
                where=name,
                repair=text("check its place and unit, or take smaller cells"),
            )
        if gone > THIN * total:
            found.append(
                Finding(
                    "thin-for-cells",
                    Severity.DOUBTFUL,
                    Place(name),
                    f"{100 * gone / total:.1f} %",
                    text("so much of its volume lies in walls thinner than the cells and was spread over the rest"),
                    text("take cells of at most half the thinnest wall"),
                )
            )
    return tuple(found)
