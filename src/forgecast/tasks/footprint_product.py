"""The carbon footprint of a product, down to a heat and a piece: amounts times dated factors, with uncertainty."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from forgecast.environment.carbon.chance import Spread
from forgecast.environment.carbon.inventory import Activity, Line, counted, spread_of_lines
from forgecast.ground.texts import Text, text
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.carbon_factors import carbon_factors
from forgecast.tasks.carbon_inventory import MADE_UP, day_of_year, factor_of
from forgecast.tasks.plant_view import PlantView, period_of
from forgecast.tasks.product_amounts import Amount, ProductAmounts, product_amounts


@dataclass(frozen=True, slots=True)
class FootprintLine:
    """One amount with its factor and emissions, kg CO2e per kg of good product."""

    amount: Amount
    line: Line | None
    emission: float | None
    why_missing: Text | None


@dataclass(frozen=True, slots=True)
class Footprint:
    """The footprint of a product.

    Parameters
    ----------
    of : ProductAmounts
    lines : tuple of FootprintLine
    known : float
        Sum of what is known, kg CO2e per kg of good product.
    spread : Spread or None
        Of the known sum.
    notes : tuple of Text
    """

    of: ProductAmounts
    lines: tuple[FootprintLine, ...]
    known: float
    spread: Spread | None
    notes: tuple[Text, ...]

    @property
    def total(self) -> float | None:
        """Return kg CO2e per kg, None where a part is missing: the known sum is then a lower part only."""
        return self.known if all(one.emission is not None for one in self.lines) and self.lines else None

    @property
    def per_piece(self) -> float | None:
        """Return kg CO2e per piece, None where a part or the mass of a piece is missing."""
        mass = self.of.piece_mass
        return self.total * mass if self.total is not None and math.isfinite(mass) else None

    def as_json(self) -> dict[str, object]:
        """Return the JSON answer; what is not known is null."""
        return {
            "product": self.of.product,
            "line": self.of.line,
            "heats": list(self.of.heats),
            "months": list(self.of.months),
            "yield": _number(self.of.good_per_poured),
            "piece_mass_kg": _number(self.of.piece_mass),
            "total_kgCO2e_per_kg": self.total,
            "known_kgCO2e_per_kg": self.known,
            "low_kgCO2e_per_kg": None if self.spread is None else self.spread.low,
            "high_kgCO2e_per_kg": None if self.spread is None else self.spread.high,
            "per_piece_kgCO2e": self.per_piece,
            "lines": [_line_json(one) for one in self.lines],
            "notes": [note.as_json() for note in self.notes],
        }


def footprint_product(
    plant: PlantFolder, product: str, *, heats: Sequence[str] = (), year: int | None = None, seed: int = 0
) -> Footprint:
    """Return the footprint of a kilogram of a product from cradle to gate.

    Parameters
    ----------
    plant : PlantFolder
    product : str
    heats : sequence of str
        Only these heats; empty for all of the product in the period.
    year : int or None
        Calendar year; None for the last twelve months on record.
    seed : int
        Of the Monte Carlo draw.

    Raises
    ------
    ForgecastError
        If the product, a heat or its line is not on record.

    Notes
    -----
    ISO 14067 and GB/T 24067 leave the allocation to be declared; here it is by measured energy and mass
    (`forgecast.tasks.product_amounts.product_amounts`). An amount without a factor leaves the total unknown.
    """
    period, at = period_of(plant, day_of_year(year))
    view = PlantView(plant, period, at)
    amounts = product_amounts(view, product, heats=heats)
    factors = carbon_factors(view)
    last = amounts.months[-1]
    activities = [
        Activity(one.item, one.category, last, one.per_kg, one.unit, one.relative_uncertainty)
        for one in amounts.amounts
    ]
    lines = counted(activities, lambda activity: factor_of(factors, activity))
    made = tuple(
        FootprintLine(amount, line, line.emission_kg, amount.why_missing or line.why_missing)
        for amount, line in zip(amounts.amounts, lines, strict=True)
    )
    spread = spread_of_lines(lines, seed=seed)
    notes = [*((MADE_UP,) if plant.settings.synthetic else ()), *amounts.notes]
    if spread is not None and spread.unstated:
        notes.append(
            text(
                "the uncertainty of {count} of {all} amounts or factors is not on record: the interval is too narrow",
                count=len(spread.unstated),
                all=sum(line.emission_kg is not None for line in lines),
            )
        )
    if any(
        line.factor is not None and line.factor.basis == "direct" and line.activity.category == "material"
        for line in lines
    ):
        notes.append(text("a declared material tells direct emissions only: its indirect ones are not in the sum"))
    known = math.fsum(line.emission_kg for line in lines if line.emission_kg is not None)
    return Footprint(amounts, made, known, spread, tuple(notes))


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _line_json(one: FootprintLine) -> dict[str, object]:
    factor = None if one.line is None else one.line.factor
    return {
        "stage": one.amount.stage,
        "item": one.amount.item,
        "per_kg": _number(one.amount.per_kg),
        "unit": one.amount.unit,
        "factor": None if factor is None else factor.id,
        "factor_value": None if factor is None else factor.value,
        "factor_unit": None if factor is None else f"kgCO2e/{factor.per}",
        "source": None if factor is None else factor.source.as_json(),
        "kgCO2e_per_kg": one.emission,
        "why_missing": None if one.why_missing is None else one.why_missing.as_json(),
    }
