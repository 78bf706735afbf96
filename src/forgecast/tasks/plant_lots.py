"""A plant's lots as materials of a charge: what is left of each, what it holds, what it costs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from forgecast.gateway.case_file import CaseError
from forgecast.gateway.charge_case import LotRules
from forgecast.gateway.material_table import ReadMaterial
from forgecast.ground.texts import Text, text
from forgecast.melting.material import Content, Material
from forgecast.store.plant_folder import PlantFolder
from forgecast.store.records import StoredRow

#: Materials that become metal, or parts of it; the others of the record are melted with it and not into it.
METALS = frozenset(
    ("pig_iron", "steel_scrap", "iron_scrap", "returns", "ferrosilicon", "ferromanganese", "nodulariser", "inoculant",
     "carburiser", "billet", "aluminium_ingot", "aluminium_scrap", "copper")
)  # fmt: skip
#: Last decisions on a lot after which nothing is charged of it.
_HELD = frozenset(("block", "return", "contain", "scrap"))
_SUFFIX = "_percent"
#: As many notes of one reason are shown.
_ALIKE = 3


@dataclass(frozen=True, slots=True)
class PlantLots:
    """Lots that can be charged, and why others cannot.

    Parameters
    ----------
    materials : tuple of ReadMaterial
    notes : tuple of Text
    """

    materials: tuple[ReadMaterial, ...]
    notes: tuple[Text, ...]


def kind_of(material: str) -> str:
    """Return the kind under which recoveries are found for a material of the records (``steel_scrap``)."""
    return material.replace("_", "-")


def contents_on_record(row: StoredRow) -> dict[str, float]:
    """Return the mass fractions on record in a row, by element [1]; what is not on record is not there."""
    return {
        name.removesuffix(_SUFFIX): float(value) / 100.0
        for name, value in row.values.items()
        if name.endswith(_SUFFIX) and isinstance(value, int | float)
    }


def plant_lots(plant: PlantFolder, rules: LotRules | None, currency: str) -> PlantLots:
    """Return what is left of a plant's lots of metal as materials of a charge.

    Parameters
    ----------
    plant : PlantFolder
    rules : LotRules or None
        Yields and prices by kind, which no record holds or not every lot has.
    currency : str
        Of the case; prices of lots are in CNY.

    Raises
    ------
    CaseError
        If the case says no yield, or reckons in another currency than the records.

    Notes
    -----
    What is left is the mass received less what charges and treatments took from the lot by its number. A lot whose
    last decision blocks, returns or scraps it is left out, and so is one without a mass or a price; each is named.
    """
    if rules is None:
        raise CaseError(
            text("the case says nothing of the plant's lots, and no record holds the yield of a material"),
            where="[lots]",
            repair=text('add [lots] with yield = "98 %", and [[lots.kind]] with name and yield where a kind differs'),
        )
    if currency != "CNY":
        raise CaseError(
            text("the lots' prices are in CNY and the case is in {currency}", currency=currency),
            where=rules.place,
            repair=text("reckon the case in CNY; rates of exchange are not guessed"),
        )
    taken = _taken(plant)
    held = _held(plant)
    found: list[ReadMaterial] = []
    left_out: dict[str, list[Text]] = {}
    for row in plant.records.read("lot"):
        if row["material"] not in METALS:
            continue
        made = _material(row, rules, taken.get(str(row["id"]), 0.0), held=str(row["id"]) in held)
        if isinstance(made, ReadMaterial):
            found.append(made)
        else:
            left_out.setdefault(made.template, []).append(made)
    return PlantLots(tuple(found), tuple(note for alike in left_out.values() for note in _gathered(alike)))


def _gathered(alike: list[Text]) -> list[Text]:
    """Return the first of many notes of one reason, and how many more there are."""
    if len(alike) <= _ALIKE:
        return alike
    return [*alike[: _ALIKE - 1], text("and {count} more lots for the same reason", count=len(alike) - _ALIKE + 1)]


def _taken(plant: PlantFolder) -> Mapping[str, float]:
    """Return the mass taken from each lot so far [kg]."""
    taken: dict[str, float] = {}
    for record in ("charge_item", "treatment"):
        columns = plant.records.columns(record, ("lot", "mass"))
        for lot, mass in zip(columns["lot"], columns["mass"], strict=True):
            if lot is not None and math.isfinite(mass):
                taken[str(lot)] = taken.get(str(lot), 0.0) + float(mass)
    return taken


def _held(plant: PlantFolder) -> frozenset[str]:
    """Return the lots whose last decision holds them back."""
    last: dict[str, tuple[float, str]] = {}
    for row in plant.records.read("disposition", subject="lot"):
        at, name = row["decided_at"], str(row["subject_id"])
        assert isinstance(at, int)  # noqa: S101  (part of the key)
        if name not in last or at >= last[name][0]:
            last[name] = (at, str(row["decision"]))
    return frozenset(name for name, (_, decision) in last.items() if decision in _HELD)


def _material(row: StoredRow, rules: LotRules, taken: float, *, held: bool) -> ReadMaterial | Text:
    """Return a lot as a material, or why it is none."""
    name, kind = str(row["id"]), kind_of(str(row["material"]))
    if held:
        return text("lot {lot} is held back by the last decision on it", lot=name)
    mass, price = row["mass"], row["price_per_t"]
    if not isinstance(mass, int | float):
        return text("lot {lot} has no mass on record", lot=name)
    if mass - taken <= 0.0:
        return text("nothing is left of lot {lot}", lot=name)
    cost = float(price) / 1000.0 if isinstance(price, int | float) else rules.prices.get(kind)
    if cost is None:
        return text("lot {lot} has no price, and the case has none for {kind}", lot=name, kind=kind)
    metal_yield = rules.yields.get(kind, rules.metal_yield)
    if metal_yield is None:
        raise CaseError(
            text("no yield is told for lots of {kind}", kind=kind),
            where=rules.place,
            repair=text('add yield = "98 %" for all lots, or [[lots.kind]] with this name and its yield'),
        )
    label = f"{name} {row['name']}" if row["name"] else name
    contents = {element: Content(mean, 0.0) for element, mean in contents_on_record(row).items()}
    material = Material(label, kind, contents, cost, metal_yield, float(mass) - taken)
    return ReadMaterial(material, row.place(), frozenset(), rules.spread_shares.get(kind))
