"""The rounds of a riser design: what is asked for, what stands, what was found wrong and what was done about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from forgecast.casting.placing import Standing
from forgecast.casting.riser import Fed, Riser, Rule, Shape, Sleeve
from forgecast.casting.soundness import Limits
from forgecast.ground.texts import Text, text
from forgecast.shape.solid import Point
from forgecast.tasks.freeze_part import FrozenPart
from forgecast.tasks.mould_layout import Body

F8 = NDArray[np.float64]

Kind: TypeAlias = Literal["cavity", "pool", "pipe", "microporosity", "niyama", "not known", "unfinished"]
Where: TypeAlias = Literal["auto", "top", "side"]


@dataclass(frozen=True, slots=True)
class RiserChoice:
    """Which risers are wanted.

    Parameters
    ----------
    rule : str
        As in `forgecast.casting.riser.propose_riser`.
    position : {"auto", "top", "side"}
        ``auto`` takes the top where a vertical neck reaches the hot spot, else the nearest side.
    shape : {"cylinder", "domed"}
    height_ratio : float
        Height over diameter [1].
    sleeve : {"none", "insulating", "exothermic"}
    sleeve_thickness : float or None
        [m]; needed with a sleeve.
    neck_length : float or None
        [m]; None takes a tenth of the diameter and at least a cell, that the neck is seen by the grid.
    shift : (x, y)
        By which a riser stands beside the place above its hot spot [m].
    factor, neck_factor : float
        Diameters of riser and neck over those of the rule, in the first round [1].
    chill : str
        Medium of the chill that is laid where no riser finds a place; empty for none.
    chill_rise : float or None
        By which such a chill may warm [K]; needed with it.
    """

    rule: Rule | Literal["largest"] = "largest"
    position: Where = "auto"
    shape: Shape = "cylinder"
    height_ratio: float = 1.5
    sleeve: Sleeve = "none"
    sleeve_thickness: float | None = None
    neck_length: float | None = None
    shift: tuple[float, float] = (0.0, 0.0)
    factor: float = 1.0
    neck_factor: float = 1.0
    chill: str = ""
    chill_rise: float | None = None


@dataclass(frozen=True, slots=True)
class Bounds:
    """How far the loop may go.

    Parameters
    ----------
    most_risers, most_rounds : int
        Rounds count the bare casting and those that shrink the risers.
    refine : int
        Rounds that shrink a sound design; 0 leaves the first sound one.
    step : float
        By which a diameter grows in a round [1].
    largest : float
        Largest diameter over that of the rule [1].
    pipe_reserve : float
        Share of a riser's height that its pipe must leave [1].
    flask : (2, 3) float64 or None
        Lowest and highest corner of the room for risers and chills [m].
    most_chills : int
    most_drained : float or None
        Largest share of its metal that a riser may give [1]; None leaves it to the field. The rules count on what the
        table riser_sleeve calls efficiency.
    outlast_share : float
        Share of its own time by which a pool in the casting has to outlast its feeder to count [1]; times on a few
        cells across a wall are no better than that.
    confirm_cell : float or None
        Edge of the finer cells in which the answer is frozen once more [m]; where it is not sound there, the sound one
        with the next lower yield is tried, and then larger ones. None trusts the cells of the search.
    """

    most_risers: int = 4
    most_rounds: int = 12
    refine: int = 3
    step: float = 1.15
    largest: float = 2.0
    pipe_reserve: float = 0.1
    flask: F8 | None = None
    most_chills: int = 2
    outlast_share: float = 0.05
    most_drained: float | None = None
    confirm_cell: float | None = None


@dataclass(frozen=True, slots=True)
class Feeder:
    """A riser that stands on the casting.

    Parameters
    ----------
    spot : (x, y, z)
        Hot spot that it feeds [m].
    depth : float
        Of the spot below the surface [m].
    fed : Fed
    proposal : Riser
        By the rules, before anything was changed.
    factor : float
        Diameter over that of the proposal [1].
    neck_factor : float
        Diameter of the neck over that of the proposal [1].
    diameter, neck_diameter : float
        [m].
    standing : Standing
    volume : float
        Of riser and neck [m3].
    """

    spot: Point
    depth: float
    fed: Fed
    proposal: Riser
    factor: float
    neck_factor: float
    diameter: float
    neck_diameter: float
    standing: Standing
    volume: float

    def as_json(self) -> dict[str, object]:
        """Return the riser with units in the names."""
        return {
            "spot_m": list(self.spot),
            "fed_volume_m3": self.fed.volume,
            "fed_modulus_m": self.fed.modulus,
            "position": self.standing.position,
            "foot_m": list(self.standing.foot),
            "diameter_m": self.diameter,
            "height_m": self.standing.height,
            "neck_diameter_m": self.neck_diameter,
            "volume_m3": self.volume,
            "factor_of_rule": self.factor,
            "proposal": self.proposal.as_json(),
        }


@dataclass(frozen=True, slots=True)
class Trouble:
    """What keeps a casting from being sound.

    Parameters
    ----------
    kind : str
        ``cavity`` or ``pool`` in the casting, ``pipe`` of a riser too deep or too large, ``microporosity`` or
        ``niyama`` beyond its limit; ``not known`` where a limit decides nothing, ``unfinished`` where the run was
        stopped.
    says : Text
    place : (x, y, z) or None
        [m].
    size : float
        What the worst is told by: diameter of a cavity, of a sphere of a pool's volume, depth of a pipe [m].
    riser : int or None
        Number of the riser from 0, of a pipe.
    frozen_at : float or None
        When the place was solid [s], of a pool.
    """

    kind: Kind
    says: Text
    place: Point | None = None
    size: float = 0.0
    riser: int | None = None
    frozen_at: float | None = None

    def as_json(self) -> dict[str, object]:
        """Return it with units in the names."""
        return {
            "kind": self.kind,
            "says": self.says.as_json(),
            "place_m": None if self.place is None else list(self.place),
            "riser": None if self.riser is None else self.riser + 1,
        }


@dataclass(frozen=True, slots=True)
class Round:
    """A freezing and what was changed before it.

    Parameters
    ----------
    number : int
        0 is the bare casting.
    change : Text
        What was changed.
    why : Text
        For what reason, by which rule or by what the field showed.
    feeders : tuple of Feeder
    bodies : tuple of Body
        All that stood beside the casting.
    sound : bool
    troubles : tuple of Trouble
        Empty where sound; the worst first.
    casting_yield : float
        Casting over casting and risers [1]; gating is left out.
    last_frozen : float
        When the casting was solid [s]; NaN where it was not.
    """

    number: int
    change: Text
    why: Text
    feeders: tuple[Feeder, ...]
    bodies: tuple[Body, ...]
    sound: bool
    troubles: tuple[Trouble, ...]
    casting_yield: float
    last_frozen: float

    def as_json(self) -> dict[str, object]:
        """Return the round with units in the names."""
        return {
            "round": self.number,
            "change": self.change.as_json(),
            "why": self.why.as_json(),
            "sound": self.sound,
            "troubles": [trouble.as_json() for trouble in self.troubles],
            "casting_yield": self.casting_yield,
            "casting_solid_s": None if np.isnan(self.last_frozen) else self.last_frozen,
            "risers": [feeder.as_json() for feeder in self.feeders],
        }


def troubles_of(
    frozen: FrozenPart,
    limits: Limits | None,
    bounds: Bounds,
    *,
    floor: float,
    riser_bodies: tuple[int, ...],
) -> tuple[Trouble, ...]:
    """Return what keeps a frozen casting from being sound, the worst first.

    Parameters
    ----------
    frozen : FrozenPart
    limits : Limits or None
        Of the user. Where no limit of cavities is given, no pool may be cut off in the casting and no cavity may be
        larger than `floor`.
    bounds : Bounds
    floor : float
        Diameter below which the cells cannot tell a cavity from rounding [m].
    riser_bodies : tuple of int
        Number in `part` of each riser that was designed.
    """
    if not frozen.freezing.effort.finished:
        return (Trouble("unfinished", text("the run was stopped before all metal was solid")),)
    given = limits or Limits()
    found = _broken_limits(frozen, given)
    if given.cavity is None:
        found += _unfed(frozen, floor, bounds.outlast_share)
    for number, body in enumerate(riser_bodies):
        found += _drained(frozen, bounds, number, body)
    return tuple(sorted(found, key=lambda trouble: -trouble.size))


def drained_share(frozen: FrozenPart, body: int) -> float:
    """Return the share of a riser's metal that was drawn from it [1]."""
    return sum(own.macro / own.volume for own in frozen.shrinkage.bodies if own.body == body)


def _drained(frozen: FrozenPart, bounds: Bounds, number: int, body: int) -> list[Trouble]:
    """Return whether a riser was drained too deep, or of too much."""
    found = []
    for own in frozen.shrinkage.bodies:
        if own.body != body or own.deepest_void is None:
            continue
        if own.deepest_void > (1.0 - bounds.pipe_reserve) * own.height:
            says = text(
                "riser {number}: its pipe reaches {depth} mm down of {height} mm",
                number=number + 1,
                depth=_mm(own.deepest_void),
                height=_mm(own.height),
            )
            found.append(Trouble("pipe", says, None, own.deepest_void, number))
        share = drained_share(frozen, body)
        if bounds.most_drained is not None and share > bounds.most_drained:
            says = text(
                "riser {number} gives {share} % of its metal, more than {most} %",
                number=number + 1,
                share=round(100 * share),
                most=round(100 * bounds.most_drained),
            )
            found.append(Trouble("pipe", says, None, own.deepest_void, number))
    return found


def _broken_limits(frozen: FrozenPart, limits: Limits) -> list[Trouble]:
    """Return what breaks a limit that the user gave."""
    found: list[Trouble] = []
    asked = {"cavity": limits.cavity, "microporosity": limits.microporosity, "niyama": limits.niyama}
    for check in frozen.soundness.checks:
        if asked[check.name] is None or check.word in ("met", "not applicable"):
            continue
        reason = check.reason or text("its limit is broken")
        says = text("{check}: {reason}", check=check.title, reason=reason)
        if check.word == "not known":
            found.append(Trouble("not known", says))
            continue
        kind: Kind = "cavity" if check.name == "cavity" else "niyama" if check.name == "niyama" else "microporosity"
        found += [Trouble(kind, says, spot.place, spot.size) for spot in check.spots]
    return found


def _unfed(frozen: FrozenPart, floor: float, outlast_share: float) -> list[Trouble]:
    """Return cavities in the casting, and pools cut off in it although something outlasts them."""
    found = []
    for cavity in frozen.shrinkage.cavities:
        if cavity.body == 1 and cavity.diameter > floor:
            says = text(
                "a cavity of {size} mm at {place} mm in the casting", size=_mm(cavity.diameter), place=at(cavity.place)
            )
            found.append(Trouble("cavity", says, cavity.place, cavity.diameter))
    for pool in frozen.pools.isolated_in_casting:
        if (pool.outlasts or 0.0) < outlast_share * pool.frozen_at:
            continue
        size = float(np.cbrt(6.0 * pool.volume / np.pi))
        says = text(
            "a pool at {place} mm in the casting was cut off after {cut} s and froze after {frozen} s",
            place=at(pool.place),
            cut=round(pool.isolated_at or 0.0),
            frozen=round(pool.frozen_at),
        )
        found.append(Trouble("pool", says, pool.place, size, frozen_at=pool.frozen_at))
    return found


def at(place: Point) -> str:
    """Return a place as it is shown, in mm."""
    return ", ".join(f"{1e3 * x:.0f}" for x in place)


def _mm(metres: float) -> float:
    return round(1e3 * metres, 1)
