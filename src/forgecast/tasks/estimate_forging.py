"""Estimate a forging: billet, heating, cooling on the way, load and work, machines, energy and carbon dioxide."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from forgecast.forging.billet import Billet, cut_billet
from forgecast.forging.billet_cooling import CooledBillet, cool_in_air
from forgecast.forging.choose_machine import Judged, choose_machine
from forgecast.forging.error import ForgingError
from forgecast.forging.flash import ClosedDieLoad, FlashLand, flash_rules, long_die_load, round_die_load
from forgecast.forging.heating import Heated, Induction, heat_by_induction, heat_in_furnace, scaled_mass
from forgecast.forging.piece_energy import PieceEnergy, piece_energy
from forgecast.forging.stroke import Stroke, closed, stroke, upset_bar, upset_cylinder, upset_of_ring
from forgecast.gateway.case_file import CaseError
from forgecast.gateway.forging_case import ForgingCase
from forgecast.ground.citation import Source
from forgecast.ground.finding import Finding, Place, Severity
from forgecast.ground.texts import Text, text
from forgecast.metal.flow_stress import ZERO_DEGC
from forgecast.shape.measure import measure
from forgecast.shape.read import ReadSolid, read_solid

_KINDS = {"strain": text("strain"), "rate": text("strain rate"), "temperature": text("temperature")}


@dataclass(frozen=True, slots=True, eq=False)
class ForgingEstimate:
    """A forging with all that is estimated of it.

    Parameters
    ----------
    case : ForgingCase
    part : float
        Volume, m3.
    read : ReadSolid or None
    billet : Billet
    scale_share : float
        Share burnt; NaN where it is not known.
    heated : Heated or Induction
    cooled : CooledBillet
        On the way to the die.
    temperature : float
        Of the billet as it is formed, K.
    stroke : Stroke
    die : ClosedDieLoad or None
    land : FlashLand or None
    rules : mapping of str to FlashLand
        What the rules of the trade say, unverified.
    machines : tuple of Judged
    energy : PieceEnergy
    findings : tuple of Finding
    notes : tuple of Text
    sources : tuple of Source
    """

    case: ForgingCase
    part: float
    read: ReadSolid | None
    billet: Billet
    scale_share: float
    heated: Heated | Induction
    cooled: CooledBillet
    temperature: float
    stroke: Stroke
    die: ClosedDieLoad | None
    land: FlashLand | None
    rules: dict[str, FlashLand]
    machines: tuple[Judged, ...]
    energy: PieceEnergy
    findings: tuple[Finding, ...]
    notes: tuple[Text, ...]
    sources: tuple[Source, ...]

    @property
    def force(self) -> float:
        """Return the greatest force, N."""
        return float(self.stroke.force.max())

    def as_json(self) -> dict[str, object]:
        """Return the estimate with units in the names; what is not known is null."""
        billet, way = self.billet, self.stroke
        return {
            "title": self.case.title,
            "form": self.case.die.form,
            "part_volume_m3": self.part,
            "billet": {
                "diameter_m": billet.diameter,
                "length_m": billet.length,
                "mass_kg": billet.mass,
                "part_kg": billet.density * billet.part,
                "flash_kg": billet.density * billet.flash,
                "clips_kg": billet.density * billet.clips,
                "scale_kg": _known(billet.mass * self.scale_share),
                "slenderness": billet.slenderness,
                "metal_yield": billet.metal_yield,
            },
            "heating": self._heating(),
            "at_the_die": {
                "centre_K": float(self.cooled.centre[-1]),
                "surface_K": float(self.cooled.surface[-1]),
                "mean_K": self.temperature,
            },
            "stroke": {
                "force_N": self.force,
                "work_J": way.work,
                "mean_strain": way.mean_strain,
                "final_strain": float(way.strain[-1]),
                "final_rate_per_s": float(way.rate[-1]),
                "final_flow_stress_Pa": float(way.stress[-1]),
                "travel_m": [float(x) for x in way.travel],
                "force_over_travel_N": [float(x) for x in way.force],
            },
            "closed_die": None
            if self.die is None or self.land is None
            else {
                "flash_thickness_m": self.land.thickness,
                "flash_width_m": self.land.width,
                "mean_pressure_Pa": self.die.mean,
                "highest_pressure_Pa": self.die.highest,
            },
            "flash_rules_unverified": {
                name: {"thickness_m": land.thickness, "width_m": land.width} for name, land in self.rules.items()
            },
            "machines": [_machine(one) for one in self.machines],
            "energy": {
                "heating_J": _known(self.energy.heating),
                "forming_J": _known(self.energy.forming),
                "carbon_kg": _known(self.energy.carbon),
            },
            "findings": [one.as_json() for one in self.findings],
            "notes": [note.as_json() for note in self.notes],
            "sources": [one.as_json() for one in self.sources],
        }

    def _heating(self) -> dict[str, object]:
        heated = self.heated
        return {
            "way": self.case.heating.way,
            "time_s": heated.time,
            "target_K": self.case.heating.target,
            "scale_share": _known(self.scale_share),
            **(
                {"power_W": heated.power, "drawn_J": heated.drawn, "uneven_K": heated.uneven}
                if isinstance(heated, Induction)
                else {"lumped_time_s": heated.lumped, "biot": heated.biot}
            ),
        }


def estimate_forging(case: ForgingCase) -> ForgingEstimate:
    """Estimate a forging.

    Parameters
    ----------
    case : ForgingCase

    Raises
    ------
    ForgecastError
        If the solid cannot be read, or the case asks for what cannot be (`forgecast.forging`); with the case.
    """
    try:
        return _estimated(case)
    except ForgingError as error:
        raise CaseError(error.what, where=str(case.path), repair=error.repair) from error


def _estimated(case: ForgingCase) -> ForgingEstimate:
    read = None if case.part.solid is None else read_solid(case.part.solid, unit=case.part.unit)
    part = case.part.volume if read is None else float(measure(read.solid).volume)
    heated = _heat(case)
    notes: list[Text] = []
    scale = _scale_share(case, heated, notes)
    asked = case.billet
    billet = cut_billet(
        part, case.metal.density, asked.diameter, flash=asked.flash * part if asked.flash_share else asked.flash,
        clips=asked.clips, scale_share=0.0 if math.isnan(scale) else scale,
    )  # fmt: skip
    if isinstance(heated, Induction):
        heated = _heat_mass(case, billet)
    cooled = cool_in_air(
        asked.diameter, case.heating.target, np.linspace(0.0, case.transport, 31)[1:], case.air,
        density=case.metal.density, specific_heat=case.metal.specific_heat, conductivity=case.metal.conductivity,
        step=max(case.transport / 400.0, 1e-4),
    )  # fmt: skip
    temperature = float(cooled.mean[-1])
    way, die, land, rules = _stroke(case, billet, temperature, notes)
    machines = choose_machine(case.machines, way, pieces=case.pieces)
    heat = billet.mass * case.metal.specific_heat * (case.heating.target - case.heating.start)
    energy = piece_energy(
        heat, way.work, heating_efficiency=case.heating.efficiency, forming_efficiency=case.energy.forming_efficiency,
        heating_factor=case.energy.heating_factor, forming_factor=case.energy.forming_factor,
    )  # fmt: skip
    sources = (case.flow.source, *(one.source for one in (land,) if one is not None and one.source is not None))
    return ForgingEstimate(
        case, part, read, billet, scale, heated, cooled, temperature, way, die, land, rules, machines, energy,
        _findings(case, way, temperature), (*notes, *_notes(case, billet, energy)), sources,
    )  # fmt: skip


def _heat(case: ForgingCase) -> Heated | Induction:
    asked = case.heating
    if asked.furnace is None:
        return _heat_mass(case, None)
    return heat_in_furnace(
        case.billet.diameter, asked.start, asked.target, asked.furnace, case.metal, spread=asked.spread
    )


def _heat_mass(case: ForgingCase, billet: Billet | None) -> Induction:
    """Return the heating in a coil; its time does not depend on the mass, which is not known before the scale is."""
    asked = case.heating
    return heat_by_induction(
        case.billet.diameter, 1.0 if billet is None else billet.mass, asked.start, asked.target, case.metal,
        efficiency=asked.efficiency, spread=asked.spread,
    )  # fmt: skip


def _scale_share(case: ForgingCase, heated: Heated | Induction, notes: list[Text]) -> float:
    """Return the share of the billet that burns: told, or by the growth told; NaN where neither is."""
    if not math.isnan(case.billet.scale):
        return case.billet.scale
    if case.scale is None:
        notes.append(
            text(
                "the scale lost is not known and is left out of the billet: give its share, or the constants of its "
                "growth"
            )
        )
        return math.nan
    if isinstance(heated, Induction):
        times = np.linspace(0.0, heated.time, 200)
        kelvin = case.heating.start + (case.heating.target - case.heating.start) * times / heated.time
    else:
        times = np.concatenate([[0.0], heated.curve.time])
        kelvin = np.concatenate([[case.heating.start], heated.curve.surface])
    lost = scaled_mass(times, kelvin, *case.scale)
    # Surface over volume of a long round billet is 4/D.
    return lost * 4.0 / (case.billet.diameter * case.metal.density)


def _stroke(
    case: ForgingCase, billet: Billet, temperature: float, notes: list[Text]
) -> tuple[Stroke, ClosedDieLoad | None, FlashLand | None, dict[str, FlashLand]]:
    asked, law, volume = case.die, case.flow.law, billet.heated
    if asked.form == "upsetting":
        return stroke(law, temperature, asked.speed, billet.length, asked.height,
                      upset_cylinder(volume, asked.friction)), None, None, {}  # fmt: skip
    if asked.form == "ring":
        area = 0.25 * math.pi * (asked.outer**2 - asked.bore**2)
        start = volume / area
        shape = upset_of_ring(asked.outer, asked.bore, start, asked.friction)
        return stroke(law, temperature, asked.speed, start, asked.height, shape), None, None, {}
    if asked.form == "plane-strain":
        bar = upset_bar(volume, asked.length, asked.friction)
        return stroke(law, temperature, asked.speed, billet.diameter, asked.height, bar), None, None, {}
    return _closed_stroke(case, billet, temperature, notes)


def _closed_stroke(
    case: ForgingCase, billet: Billet, temperature: float, notes: list[Text]
) -> tuple[Stroke, ClosedDieLoad, FlashLand, dict[str, FlashLand]]:
    asked, law = case.die, case.flow.law
    long = asked.form == "closed-die-long"
    area = asked.cavity * asked.length if long else 0.25 * math.pi * asked.cavity**2
    height = billet.part / area
    rules = flash_rules(billet.density * billet.part, area)
    land = _land(case, rules, notes)
    shape = (
        upset_bar(billet.part, asked.length, asked.friction) if long else upset_cylinder(billet.part, asked.friction)
    )
    start = billet.diameter if long else billet.length * billet.part / billet.volume
    opened = stroke(law, temperature, asked.speed, start, height, shape)
    strain = float(opened.strain[-1])
    in_flash = asked.flash_temperature
    if math.isnan(in_flash):
        in_flash = temperature
        notes.append(
            text("the flash is taken as hot as the billet; it is colder, and the load higher: give flash_temperature")
        )
    # Metal in the land went down from the cavity's height to the flash's thickness.
    flash_strain = strain + math.log(max(height / land.thickness, 1.0))
    flash_stress = float(law.stress(flash_strain, asked.speed / land.thickness, in_flash))
    stress = float(opened.stress[-1])
    if long:
        die = long_die_load(asked.cavity, height, land, length=asked.length, stress=stress, flash_stress=flash_stress,
                            m=asked.friction)  # fmt: skip
    else:
        die = round_die_load(0.5 * asked.cavity, height, land, stress=stress, flash_stress=flash_stress,
                             m=asked.friction)  # fmt: skip
    notes.append(
        text(
            "the load is taken to rise in a line to its last value while the flash thins by its own thickness; ribs "
            "and corners are not in it"
        )
    )
    return closed(opened, die.force, land.thickness), die, land, rules


def _land(case: ForgingCase, rules: dict[str, FlashLand], notes: list[Text]) -> FlashLand:
    asked = case.die
    if asked.flash_rule and asked.flash_rule not in rules:
        raise CaseError(
            text("{rule} is no rule for the flash land", rule=asked.flash_rule),
            where=f"{case.path}: die.flash_rule",
            repair=text("use one of: {names}", names=", ".join(rules)),
        )
    land = rules.get(asked.flash_rule, FlashLand(math.nan, math.nan, None))
    if not math.isnan(asked.flash_thickness):
        land = replace(land, thickness=asked.flash_thickness)
    if not math.isnan(asked.flash_width):
        land = replace(land, width=asked.flash_width)
    if not math.isnan(asked.flash_thickness) and not math.isnan(asked.flash_width):
        return replace(land, source=None)
    notes.append(text("load and machines rest on a rule for the flash land that is not verified: {rule}",
                      rule=asked.flash_rule))  # fmt: skip
    return land


def _findings(case: ForgingCase, way: Stroke, temperature: float) -> tuple[Finding, ...]:
    valid = case.flow.validity
    place = Place(case.path.name, None, None, "metal.flow_stress")
    if not valid.known:
        return (
            Finding(
                "range-not-known", Severity.DOUBTFUL, place, case.flow.name,
                text("the source does not say in which range its coefficients were measured: not known"),
                text("fit coefficients of your own steel: forgecast forging flow-stress fit"),
            ),
        )  # fmt: skip
    outside = valid.outside(way.strain, way.rate, np.full(way.strain.shape, temperature))
    ranges = {
        "strain": (way.strain, valid.strain, 0.0, ""),
        "rate": (way.rate, valid.rate, 0.0, "1/s"),
        "temperature": (np.array([temperature]), valid.temperature, ZERO_DEGC, "°C"),
    }
    found = []
    for name, where in outside.items():
        # The first bit of every stroke is below the first strain measured; that says nothing.
        late = where & (way.strain > valid.strain[0]) if name == "strain" else where
        if not late.any():
            continue
        values, (low, high), zero, unit = ranges[name]
        found.append(
            Finding(
                "outside-range", Severity.DOUBTFUL, place, name,
                text(
                    "the {quantity} goes from {low} to {high} {unit}; the coefficients were measured from {from_} to "
                    "{to} {unit}",
                    quantity=_KINDS[name], low=f"{float(values.min()) - zero:.4g}",
                    high=f"{float(values.max()) - zero:.4g}", from_=f"{low - zero:.4g}", to=f"{high - zero:.4g}",
                    unit=unit,
                ),
                text("measure the metal there, or take the load as a guess"),
            )
        )  # fmt: skip
    return tuple(found)


def _notes(case: ForgingCase, billet: Billet, energy: PieceEnergy) -> list[Text]:
    notes = [
        text(
            "the billet is formed at its mean temperature on arrival; chill by the dies and its own heat are not in it"
        )
    ]
    if case.die.form in ("upsetting", "closed-die") and billet.slenderness > 2.5:
        notes.append(
            text(
                "the billet is {ratio} times as long as wide; textbooks warn of buckling from about 2.5 on (recalled, "
                "not verified)",
                ratio=f"{billet.slenderness:.2f}",
            )
        )
    if math.isnan(energy.heating) or math.isnan(energy.forming):
        notes.append(text("energy a piece is not known: give the efficiencies of heating and forming"))
    elif math.isnan(energy.carbon):
        notes.append(text("carbon dioxide a piece is not known: give its factors for heating and forming"))
    notes.append(text("die life is not known: no rule for it could be read in its source"))
    return notes


def _machine(one: Judged) -> dict[str, object]:
    return {
        "name": one.candidate.name,
        "kind": one.candidate.kind,
        "fits": one.fits,
        "force_used": _known(one.force_used),
        "energy_used": _known(one.energy_used),
        "blows": one.blows,
        "contact_s": _known(one.contact),
        "pieces_per_s": _known(one.pieces),
        "reasons": [reason.as_json() for reason in one.reasons],
    }


def _known(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
