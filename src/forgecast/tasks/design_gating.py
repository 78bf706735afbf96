"""Design the gating of a part: from its solid, its alloy and where it is gated to areas and checks."""

from __future__ import annotations

from dataclasses import dataclass

from forgecast.casting.constant import own
from forgecast.casting.gating import (
    Gate,
    Gating,
    HeadMethod,
    discharge_coefficient,
    effective_head,
    find_ratio,
    gate_mould,
    height_above_gate,
)
from forgecast.casting.pouring import PouringTime, choose_time, given_time, pouring_times
from forgecast.ground.texts import Text, text
from forgecast.metal.alloy import alloy
from forgecast.shape.measure import measure
from forgecast.shape.solid import Solid

#: At which a part's mass is stated [K].
ROOM = 293.15


@dataclass(frozen=True, slots=True)
class PartInMould:
    """What the rules ask of a part.

    Parameters
    ----------
    volume : float
        [m3].
    area : float
        Surface [m2].
    height : float
        Of the part as it lies in the mould [m].
    above_gates : float or None
        Height of the part above gates at the parting [m]; not asked for where they are at top or bottom.
    """

    volume: float
    area: float
    height: float
    above_gates: float | None = None


def part_in_mould(solid: Solid, above_gates: float | None = None) -> PartInMould:
    """Return what the rules ask of a solid that lies as in the mould, z up.

    Raises
    ------
    ShapeError
        If the solid encloses no volume.
    """
    measures = measure(solid)
    return PartInMould(measures.volume, measures.area, measures.box[2], above_gates)


@dataclass(frozen=True, slots=True)
class GatingDesign:
    """The gating of a part, and what it was made from.

    Parameters
    ----------
    alloy : str
        Name of the alloy.
    casting_mass, poured_mass : float
        [kg].
    wall : float
        Wall thickness that the pouring time was taken for [m].
    density : float
        Of the liquid as it is poured [kg/m3].
    times : tuple of PouringTime
        What every rule on record says.
    gating : Gating
    """

    alloy: str
    casting_mass: float
    poured_mass: float
    wall: float
    density: float
    times: tuple[PouringTime, ...]
    gating: Gating

    def as_json(self) -> dict[str, object]:
        """Return the design with units in the names."""
        return {
            "alloy": self.alloy,
            "casting_mass_kg": self.casting_mass,
            "poured_mass_kg": self.poured_mass,
            "wall_m": self.wall,
            "liquid_density_kg_per_m3": self.density,
            "pouring_times_s": {time.rule: time.seconds for time in self.times},
            **self.gating.as_json(),
        }


def design_gating(
    part: PartInMould,
    alloy_name: str,
    *,
    pour_temperature: float,
    head: float,
    gate: Gate,
    mould: str,
    ratio: str = "",
    pouring_time: float | None = None,
    time_rule: str = "",
    poured_mass: float | None = None,
    wall: float | None = None,
    discharge: float | None = None,
    fluidity: float | None = None,
    basin_depth: float | None = None,
    gates: int = 1,
    method: HeadMethod = "mean",
) -> GatingDesign:
    """Design the gating of a part.

    Parameters
    ----------
    part : PartInMould
        From `part_in_mould`.
    alloy_name : str
        Any name of a shipped alloy.
    pour_temperature : float
        [K].
    head : float
        Level in the basin above the gates [m].
    gate : {"top", "bottom", "parting"}
    mould : str
        Medium of the mould (``green-sand``); the discharge coefficient depends on it.
    ratio : str
        Sprue:runner:gates; empty for the first on record.
    pouring_time : float or None
        The user's own [s]; None takes a rule.
    time_rule : str
        Name of the rule; empty for the first that was read in a source.
    poured_mass : float or None
        Casting, risers and gating [kg]. None takes the casting alone, and a note says so.
    wall : float or None
        Prevailing wall thickness [m]. None takes twice the modulus, that of a plate, and a note says so.
    discharge : float or None
        The user's own coefficient [1].
    fluidity : float or None
        Length of the fluidity spiral over 40 inches [1].
    basin_depth : float or None
        Metal above the top of the sprue [m].
    gates : int
    method : {"mean", "exact"}
        As in `forgecast.casting.gating.effective_head`.

    Raises
    ------
    MaterialError
        If the alloy is unknown or its density does not reach the pouring temperature.
    RuleError
        If an input cannot be, or no rule is on record.
    """
    metal = alloy(alloy_name)
    density = float(metal.density.at(pour_temperature))
    casting_mass = part.volume * float(metal.density.at(ROOM))
    notes: list[Text] = []
    if poured_mass is None:
        poured_mass = casting_mass
        notes.append(text("the mass poured is not known; the casting alone was taken, without risers and gating"))
    if wall is None:
        wall = 2.0 * part.volume / part.area
        notes.append(text("the wall thickness is not known; that of a plate of the same modulus was taken"))
    times = pouring_times(
        metal.family, casting_mass=casting_mass, poured_mass=poured_mass, wall=wall, fluidity=fluidity
    )
    time = given_time(pouring_time) if pouring_time is not None else choose_time(times, metal.family, time_rule)
    if discharge is None:
        coefficient, more = discharge_coefficient(metal.family, mould)
        notes.extend(more)
    else:
        coefficient = own(discharge, text("discharge coefficient: {family}", family=metal.title))
    above = height_above_gate(gate, part.height, part.above_gates)
    gating = gate_mould(
        metal.family,
        poured_mass=poured_mass,
        time=time,
        density=density,
        head=effective_head(head, part.height, above, method),
        full_head=head,
        discharge=coefficient,
        ratio=find_ratio(metal.family, ratio),
        basin_depth=basin_depth,
        gates=gates,
        viscosity=metal.number("viscosity"),
        fall=part.height - above,
        notes=tuple(notes),
    )
    return GatingDesign(metal.name, casting_mass, poured_mass, wall, density, times, gating)
