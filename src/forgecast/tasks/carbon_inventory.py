"""Draw up the carbon inventory of a plant: scope 1, 2 and bought materials, line by line, with what is missing."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import cast

import numpy as np

from forgecast.environment.carbon.factor import Category, Choice, EmissionFactors, Restated, restated
from forgecast.environment.carbon.inventory import Activity, Line, ScopeTotal, counted, scope_totals
from forgecast.ground.dates import month_start, next_month
from forgecast.ground.texts import Text, text
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.carbon_factors import carbon_factors
from forgecast.tasks.energy_figures import NOT_ENERGY, meter_months
from forgecast.tasks.plant_view import PlantView, period_of

#: Must stand wherever figures of a made-up plant are shown.
MADE_UP = text("made-up data (synthetic): no real plant")
#: Carriers that are bought as energy made elsewhere; the rest is burnt here.
_BOUGHT: dict[str, Category] = {"electricity": "electricity", "steam": "heat", "heat": "heat"}
#: Carriers that are neither burnt nor bought energy in the sense of scope 2: their energy is metered where it is made.
_MADE_HERE = frozenset(("compressed_air", "oxygen", "nitrogen", "argon"))


@dataclass(frozen=True, slots=True)
class Inventory:
    """The inventory of a plant for twelve months.

    Parameters
    ----------
    months : tuple of str
    lines : tuple of Line
    totals : tuple of ScopeTotal
        Scopes 1, 2, 3.
    region : str
        Whose electricity was counted.
    restated : tuple of Restated
        Items whose factor another one has replaced, and by which.
    notes : tuple of Text
        What the inventory rests on and what it does not hold.
    """

    months: tuple[str, ...]
    lines: tuple[Line, ...]
    totals: tuple[ScopeTotal, ...]
    region: str
    restated: tuple[Restated, ...]
    notes: tuple[Text, ...]

    def as_json(self) -> dict[str, object]:
        """Return the JSON answer; what is not known is null."""
        return {
            "months": list(self.months),
            "region": self.region,
            "totals": [
                {
                    "scope": one.scope,
                    "total_kgCO2e": one.total_kg,
                    "known_kgCO2e": one.known_kg if one.lines else None,
                    "low_kgCO2e": None if one.spread is None else one.spread.low,
                    "high_kgCO2e": None if one.spread is None else one.spread.high,
                    "lines": one.lines,
                    "missing": one.missing,
                    "without_uncertainty": 0 if one.spread is None else len(one.spread.unstated),
                }
                for one in self.totals
            ],
            "lines": [_line_json(one) for one in self.lines],
            "restated": [
                {
                    "item": one.item,
                    "before": None if one.before is None else one.before.id,
                    "after": None if one.after is None else one.after.id,
                }
                for one in self.restated
            ],
            "notes": [note.as_json() for note in self.notes],
        }


def carbon_inventory(plant: PlantFolder, *, year: int | None = None) -> Inventory:
    """Return the inventory of a calendar year, or of the last twelve whole months on record.

    Parameters
    ----------
    plant : PlantFolder
    year : int or None

    Raises
    ------
    ForgecastError
        If the plant holds nothing that has a date.

    Notes
    -----
    Scope 1: fuels burnt (main meters), processes and refrigerants (`carbon_activity`). Scope 2: electricity and heat
    bought. Scope 3: bought materials (`material`), and what `carbon_activity` tells of transport, waste and services.
    """
    period, at = period_of(plant, day_of_year(year))
    view = PlantView(plant, period, at)
    factors = carbon_factors(view)
    site = next((row.text("id") for row in view.rows("site")), "")
    activities = [*_metered(view), *_materials(view), *_told(view)]

    def choose(activity: Activity) -> Choice:
        return factor_of(factors, activity)

    lines = counted(activities, choose)
    notes = [
        text(
            "fuels and electricity by the main meters of the site {site}; a month without a reading is missing",
            site=site,
        ),
        text("scope 3 holds bought materials and what `carbon_activity` tells, nothing else"),
    ]
    if plant.settings.synthetic:
        notes.append(MADE_UP)
    if not any(one.category == "process" for one in activities):
        notes.append(
            text("no process emissions (carbonates, electrodes, shielding gas) are on record in `carbon_activity`")
        )
    return Inventory(view.months, lines, scope_totals(lines), site, _restated(factors, activities), tuple(notes))


def _restated(factors: EmissionFactors, activities: Sequence[Activity]) -> tuple[Restated, ...]:
    """Return the items whose factor is another one than before the restatements."""
    before = EmissionFactors(one for one in factors if not one.restates)
    asked = {(one.item, one.category): one for one in activities}
    return restated(
        [(item, factor_of(before, one)) for (item, _), one in asked.items()],
        [(item, factor_of(factors, one)) for (item, _), one in asked.items()],
    )


def day_of_year(year: int | None) -> date | None:
    """Return the last day of a calendar year; None for none."""
    return None if year is None else date(year, 12, 31)


def factor_of(factors: EmissionFactors, activity: Activity) -> Choice:
    """Return the factor of an activity on the last day of its month: a declared lot's or supplier's own first."""
    last = next_month(month_start(activity.month)) - timedelta(days=1)
    supplier = activity.item.partition(":")[2]
    item = activity.item.partition(":")[0]
    if supplier:
        own = factors.find(activity.item, activity.category, on=last)
        if own.factor is not None:
            return own
    return factors.find(item, activity.category, on=last, supplier=supplier)


def _metered(view: PlantView) -> Iterator[Activity]:
    for meter in view.rows("meter"):
        carrier = meter.text("carrier")
        if meter.text("parent") or carrier in NOT_ENERGY or carrier in _MADE_HERE:
            continue
        percent = meter.number_of("accuracy_percent")
        monthly = meter_months(view, meter)
        # A meter without any month on record is said to be silent once, not twelve times.
        silent = not np.isfinite(monthly).any()
        for month, quantity in zip(view.months, monthly, strict=True):
            if silent and month != view.months[-1]:
                continue
            yield Activity(
                item=carrier,
                category=_BOUGHT.get(carrier, "fuel"),
                month=month,
                quantity=float(quantity),
                unit=meter.text("unit"),
                relative_uncertainty=percent / 100.0 if math.isfinite(percent) else None,
                origin=f"meter {meter.text('id')}",
            )


def _materials(view: PlantView) -> Iterator[Activity]:
    for row in view.of_months("material"):
        if row.text("direction") == "bought":
            yield Activity(
                row.text("material"), "material", row.text("month"), row.number_of("mass_t"), "t", origin=row.place
            )


def _told(view: PlantView) -> Iterator[Activity]:
    for row in view.of_months("carbon_activity"):
        percent = row.number_of("uncertainty_percent")
        yield Activity(
            row.text("item"),
            cast("Category", row.text("category")),
            row.text("month"),
            row.number_of("quantity"),
            row.text("unit"),
            percent / 100.0 if math.isfinite(percent) else None,
            row.place,
        )


def _line_json(line: Line) -> dict[str, object]:
    one = line.activity
    return {
        "scope": one.scope,
        "category": one.category,
        "item": one.item,
        "month": one.month,
        "quantity": one.quantity if math.isfinite(one.quantity) else None,
        "unit": one.unit,
        "origin": one.origin,
        "factor": None if line.factor is None else line.factor.id,
        "factor_value": None if line.factor is None else line.factor.value,
        "factor_unit": None if line.factor is None else f"kgCO2e/{line.factor.per}",
        "emission_kgCO2e": line.emission_kg,
        "why_missing": None if line.why_missing is None else line.why_missing.as_json(),
    }
