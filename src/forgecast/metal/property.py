"""Properties of materials: which there are, in which unit a table holds them, and how rows become curves in SI."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np

from forgecast.ground.citation import Source
from forgecast.ground.tables import SourcedTable
from forgecast.ground.texts import Text, bilingual, text
from forgecast.metal.curve import ZERO_DEGC, Curve
from forgecast.metal.error import MaterialError


@dataclass(frozen=True, slots=True)
class Property:
    """One property: its words, its unit in tables, and the range beyond which a value is a slip of the pen.

    Parameters
    ----------
    title : Text
    unit : str
        Unit a table must give it in.
    low, high : float
        Plausible range in that unit.
    curve : bool
        Whether it may depend on temperature; a constant otherwise.
    scale, offset : float
        SI value = scale * (value + offset).
    """

    title: Text
    unit: str
    low: float
    high: float
    curve: bool = False
    scale: float = 1.0
    offset: float = 0.0


PROPERTIES: Mapping[str, Property] = MappingProxyType(
    {
        "density": Property(text("density"), "kg/m3", 100.0, 12000.0, curve=True),
        "conductivity": Property(text("thermal conductivity"), "W/(m K)", 0.02, 450.0, curve=True),
        "specific_heat": Property(text("specific heat, latent heat not in it"), "J/(kg K)", 100.0, 5000.0, curve=True),
        "solid_fraction": Property(text("solid fraction"), "1", 0.0, 1.0, curve=True),
        "liquidus": Property(text("liquidus"), "degC", 100.0, 1700.0, offset=ZERO_DEGC),
        "solidus": Property(text("solidus"), "degC", 100.0, 1700.0, offset=ZERO_DEGC),
        "eutectic": Property(text("eutectic temperature"), "degC", 100.0, 1700.0, offset=ZERO_DEGC),
        "latent_heat": Property(text("latent heat of freezing"), "kJ/kg", 30.0, 700.0, scale=1e3),
        "eutectic_share": Property(text("share that freezes as eutectic"), "1", 0.0, 1.0),
        "feeding_stop": Property(text("solid fraction at which feeding stops"), "1", 0.2, 1.0),
        "liquid_contraction": Property(
            text("volume contraction of the liquid per kelvin"), "1e-4/K", 0.2, 5.0, scale=1e-4
        ),
        "solidification_contraction": Property(
            text("volume contraction on freezing, graphite left out"), "1", 0.0, 0.12
        ),
        "graphite_expansion": Property(text("volume expansion by graphite on freezing"), "1", 0.0, 0.12),
        "viscosity": Property(text("viscosity of the melt at the liquidus"), "mPa s", 0.3, 20.0, scale=1e-3),
        "arm_spacing_coefficient": Property(
            text("dendrite arm spacing at a cooling rate of 1 K/s"), "um", 5.0, 500.0, scale=1e-6
        ),
        "arm_spacing_exponent": Property(
            text("exponent of the cooling rate in the dendrite arm spacing"), "1", -0.6, -0.1
        ),
        "niyama_threshold": Property(
            text("Niyama value below which shrinkage porosity shows"), "K^0.5 s^0.5/mm", 0.01, 5.0, scale=1e3
        ),
        "emissivity": Property(text("emissivity of its surface"), "1", 0.02, 1.0),
        "moisture": Property(text("water as a share of the mass"), "1", 0.0, 0.2),
        "water_latent_heat": Property(text("latent heat of the water"), "kJ/kg", 2000.0, 2600.0, scale=1e3),
        "drying_start": Property(
            text("temperature at which the water begins to boil off"), "degC", 60.0, 130.0, offset=ZERO_DEGC
        ),
        "drying_end": Property(text("temperature at which the water is gone"), "degC", 60.0, 160.0, offset=ZERO_DEGC),
        "burning_heat": Property(text("heat given off by burning"), "kJ/kg", 50.0, 4000.0, scale=1e3),
        "ignition": Property(text("temperature of ignition"), "degC", 200.0, 1200.0, offset=ZERO_DEGC),
        "burning_time": Property(text("time of burning"), "s", 5.0, 600.0),
        "limit": Property(
            text("temperature at which it melts or breaks down"), "degC", 100.0, 3000.0, offset=ZERO_DEGC
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Properties:
    """What a table says of one material, in SI.

    Parameters
    ----------
    title : Text
    where : str
        File or table.
    curves : mapping of str to Curve
    constants : mapping of str to float
    sources : tuple of Source
        One for each property and each origin of its values.
    """

    title: Text
    where: str
    curves: Mapping[str, Curve] = field(default_factory=dict)
    constants: Mapping[str, float] = field(default_factory=dict)
    sources: tuple[Source, ...] = ()

    def curve(self, name: str) -> Curve:
        """Return the curve of a property.

        Raises
        ------
        MaterialError
            If the table does not have it.
        """
        if (curve := self.curves.get(name)) is None:
            raise self._missing(name)
        return curve

    def constant(self, name: str) -> float:
        """Return a constant in SI units.

        Raises
        ------
        MaterialError
            If the table does not have it.
        """
        if (value := self.constants.get(name)) is None:
            raise self._missing(name)
        return value

    def _missing(self, name: str) -> MaterialError:
        known = PROPERTIES[name]
        return MaterialError(
            text("{material}: {property} is not known", material=self.title, property=known.title),
            where=self.where,
            repair=text("add rows of `{property}` in {unit} with their source", property=name, unit=known.unit),
        )


def gather(table: SourcedTable, rows: Iterable[Mapping[str, str]], title: Text) -> Properties:
    """Turn rows (property, temperature_degC, value, unit, source …) of one material into curves and constants in SI.

    Raises
    ------
    MaterialError
        If a property or its unit is unknown, a value is missing or implausible, a constant is given twice or over
        temperature, or a curve's temperatures fall.
    """
    knots: dict[str, list[tuple[float, float]]] = {}
    constants: dict[str, float] = {}
    sources: dict[tuple[str, str, str], Source] = {}
    for row in rows:
        name, where = row["property"], f"{table.name}.csv:{table.rows.index(row) + 2}"
        known = PROPERTIES.get(name)
        if known is None:
            raise MaterialError(
                text("there is no property `{property}`", property=name),
                where=where,
                repair=text("use one of {names}", names=", ".join(PROPERTIES)),
            )
        value, temperature = _value(table, row, known, where), table.number(row, "temperature_degC")
        if known.curve:
            if temperature is None:
                raise MaterialError(
                    text("{property} has no temperature", property=known.title),
                    where=where,
                    repair=text("give the temperature; a constant takes two rows, one at each end of its range"),
                )
            knots.setdefault(name, []).append((temperature + ZERO_DEGC, value))
        elif temperature is not None or name in constants:
            raise MaterialError(
                text("{property} is one number, and the table gives several or a temperature", property=known.title),
                where=where,
                repair=text("keep one row and leave its temperature empty"),
            )
        else:
            constants[name] = value
        key = (name, row["source"], row["confidence"])
        sources.setdefault(key, _source(row, title, known))
    curves = {
        name: Curve(np.array([t for t, _ in pairs]), np.array([v for _, v in pairs]), f"{table.name}.csv ({title})")
        for name, pairs in knots.items()
    }
    return Properties(title, f"{table.name}.csv", curves, constants, tuple(sources.values()))


def _value(table: SourcedTable, row: Mapping[str, str], known: Property, where: str) -> float:
    value = table.number(row, "value")
    if value is None:
        raise MaterialError(
            text("{property} has no value", property=known.title),
            where=where,
            repair=text("give the number, or leave the row out where it is not known"),
        )
    if row["unit"] != known.unit:
        raise MaterialError(
            text(
                "{property} is given in {got}, not in {want}",
                property=known.title,
                got=row["unit"] or "—",
                want=known.unit,
            ),
            where=where,
            repair=text("convert the value and write the unit {want}", want=known.unit),
        )
    if not known.low <= value <= known.high:
        raise MaterialError(
            text(
                "{property} is {value} {unit}, outside {low} to {high}",
                property=known.title,
                value=value,
                unit=known.unit,
                low=known.low,
                high=known.high,
            ),
            where=where,
            repair=text("correct the value or its unit; specific heat must not contain latent heat"),
        )
    return known.scale * (value + known.offset)


def _source(row: Mapping[str, str], title: Text, known: Property) -> Source:
    low, high, edition = (row.get(name, "") for name in ("valid_from_degC", "valid_to_degC", "edition"))
    return Source(
        what=text("{material}: {property}", material=title, property=known.title),
        source=bilingual(
            row["source"] + (f" ({edition})" if edition else ""),
            row["source_zh"] + (f"（{edition}）" if edition else ""),
        ),
        confidence=row["confidence"],
        valid=f"{low} … {high} °C" if low and high else "",
        licence=row.get("licence", ""),
    )
