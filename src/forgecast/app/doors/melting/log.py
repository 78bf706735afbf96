"""Doors of the furnaces' log: what was melted by day, the heats of some days, one heat with all that is on record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel
from pydantic import Field as Asked

from forgecast.app.doors.door import Call, Door, Question, Way, Words
from forgecast.app.doors.plant.entry import StandingTold, standing_told
from forgecast.app.doors.plant.records import RowTold
from forgecast.app.doors.values import PlantDay, known, moment_at, plain_values, told
from forgecast.ground.texts import text, verbatim
from forgecast.plant.lifecycle import decision_title
from forgecast.plant.record import record
from forgecast.plant.rows import Value as Held
from forgecast.store.server.rights import Right
from forgecast.tasks.melt_log import OF_HEAT, LoggedHeat, heat_file, melt_days, melt_log

Value = str | float | int | bool | None
#: Elements as a furnace hand reads them, the main ones of iron first; others follow by their symbol.
_FIRST = ("C", "Si", "Mn", "P", "S", "Mg", "Cu", "Cr", "Ni", "Mo", "Sn", "Al")
_SUFFIX = "_percent"


class Days(Question):
    """How many days, up to the last heat."""

    days: Annotated[int, Asked(ge=1, le=730)] = 60


class DayTold(BaseModel):
    """What was melted on a day."""

    day_on: str
    heats: int
    mass_kg: float | None
    energy_kWh: float | None


class DaysTold(BaseModel):
    """What was melted by day, oldest first; days without a heat too."""

    days: list[DayTold]


def _days(call: Call, question: Days) -> Mapping[str, Any]:
    return {
        "days": [
            {"day_on": one.day.isoformat(), "heats": one.heats, "mass_kg": one.mass, "energy_kWh": one.energy_kwh}
            for one in melt_days(call.plant, days=question.days)
        ]
    }


class AboutHeats(Question):
    """Heats of which days, of which furnace and alloy."""

    from_on: PlantDay | None = Asked(
        default=None, description="First plant-local day; without it the last day with a heat."
    )
    to_on: PlantDay | None = Asked(default=None, description="Last plant-local day.")
    furnace: str = ""
    alloy: str = ""
    words: str = Asked(
        default="", max_length=200, description="Words within the number of the heat, its furnace, alloy."
    )
    limit: Annotated[int, Asked(ge=1, le=1000)] = 100
    after: str = ""


class HeatTold(BaseModel):
    """A heat in the list."""

    id: str
    furnace: str | None
    alloy: str | None
    started_at: str | None
    tapped_at: str | None
    mass_kg: float | None
    tap_temperature_degC: float | None
    energy_kWh_per_t: float | None
    contents_percent: dict[str, float]
    from_sample: str | None
    samples: int
    ladles: int
    decision: str | None
    decided: Words | None


class HeatsTold(BaseModel):
    """Heats, newest first, and the furnaces and alloys there are."""

    from_on: str | None
    to_on: str | None
    total: int
    heats: list[HeatTold]
    furnaces: list[str]
    alloys: list[str]
    next: str | None


def _heats(call: Call, question: AboutHeats) -> Mapping[str, Any]:
    found = melt_log(
        call.plant,
        first=question.from_on,
        last=question.to_on,
        furnace=question.furnace,
        alloy=question.alloy,
        words=question.words.strip(),
        after=question.after,
        limit=question.limit,
    )
    seen = call.plant.records.columns("heat", ("furnace", "alloy"))
    return {
        "from_on": None if found.first is None else found.first.isoformat(),
        "to_on": None if found.last is None else found.last.isoformat(),
        "total": found.total,
        "heats": [_heat_told(one) for one in found.heats],
        "furnaces": sorted({str(one) for one in seen["furnace"] if one}),
        "alloys": sorted({str(one) for one in seen["alloy"] if one}),
        "next": found.next or None,
    }


def _heat_told(one: LoggedHeat) -> dict[str, Any]:
    row = one.row
    sample = one.last_sample
    return {
        "id": row["id"],
        "furnace": row["furnace"],
        "alloy": row["alloy"],
        "started_at": moment_at(row["started_at"]),
        "tapped_at": moment_at(row["tapped_at"]),
        "mass_kg": known(row["mass"]),
        "tap_temperature_degC": known(row["tap_temperature_degC"]),
        "energy_kWh_per_t": _per_tonne(row["energy_kWh"], row["mass"]),
        "contents_percent": contents_percent(row.values if sample is None else sample.values),
        "from_sample": None if sample is None else str(sample["id"]),
        "samples": one.samples,
        "ladles": one.ladles,
        "decision": one.decision or None,
        "decided": decision_title(one.decision).as_json() if one.decision else None,
    }


def _per_tonne(energy: Held, mass: Held) -> float | None:
    kwh, kilograms = known(energy), known(mass)
    return None if kwh is None or not kilograms else 1000.0 * kwh / kilograms


def contents_percent(values: Mapping[str, Held]) -> dict[str, float]:
    """Return the contents of a row by element [%], those a furnace hand looks at first in front."""
    found = {
        name.removesuffix(_SUFFIX): float(value)
        for name, value in values.items()
        if name.endswith(_SUFFIX) and isinstance(value, int | float) and not isinstance(value, bool)
    }
    order = {element: place for place, element in enumerate(_FIRST)}
    return dict(sorted(found.items(), key=lambda one: (order.get(one[0], len(_FIRST)), one[0])))


class AboutHeat(Question):
    """Which heat."""

    id: str


class ProductsTold(BaseModel):
    """Pieces that were cast of a heat, by product and what was found."""

    product: str
    result: str
    title: Words
    pieces: int


class HeatFileTold(BaseModel):
    """All that is on record of a heat."""

    id: str
    values: dict[str, Value]
    energy_kWh_per_t: float | None
    contents_percent: dict[str, float]
    file: str
    row: int | None
    charge: list[RowTold]
    samples: list[RowTold]
    temperatures: list[RowTold]
    ladles: list[RowTold]
    treatments: list[RowTold]
    holding: list[RowTold]
    lots: dict[str, str]
    materials: dict[str, Words]
    stages: dict[str, Words]
    kinds: dict[str, Words]
    moulds: int
    products: list[ProductsTold]
    standing: StandingTold | None


#: What each record of a heat is called in its answer.
_PARTS = dict(zip(OF_HEAT, ("charge", "samples", "temperatures", "ladles", "treatments", "holding"), strict=True))


def _heat(call: Call, question: AboutHeat) -> Mapping[str, Any]:
    found = heat_file(call.plant, question.id)
    row = found.row
    results = _choices("piece", "result")
    return {
        "id": row["id"],
        "values": plain_values(record("heat"), row.values),
        "energy_kWh_per_t": _per_tonne(row["energy_kWh"], row["mass"]),
        "contents_percent": contents_percent(row.values),
        "file": row.file,
        "row": row.row or None,
        **{name: told(found.parts[kind], record(kind)) for kind, name in _PARTS.items()},
        "lots": dict(found.lots),
        "materials": _choices("charge_item", "material"),
        "stages": _choices("sample", "stage"),
        "kinds": _choices("treatment", "kind"),
        "moulds": found.moulds,
        "products": [
            {
                "product": product,
                "result": result,
                "title": results.get(result, (verbatim(result) if result else text("not inspected")).as_json()),
                "pieces": count,
            }
            for (product, result), count in sorted(found.products.items())
        ],
        "standing": None if found.standing is None else standing_told(found.standing),
    }


def _choices(name: str, field: str) -> dict[str, Any]:
    return {one.code: {"en": one.code.replace("_", " "), "zh": one.zh} for one in record(name).field(field).choices}


DAYS = Door("melting", "days", text("What was melted by day: heats, metal, energy."),
            Right.SEE, Way.READ, Days, DaysTold, _days, steady=True)  # fmt: skip
HEATS = Door("melting", "heats", text("Heats of some days with their last sample and the last decision."),
             Right.SEE, Way.READ, AboutHeats, HeatsTold, _heats, steady=True)  # fmt: skip
HEAT = Door("melting", "heat", text("All that is on record of a heat: charge, samples, temperatures, ladles, pieces."),
            Right.SEE, Way.READ, AboutHeat, HeatFileTold, _heat, steady=True)  # fmt: skip

LOG_DOORS: tuple[Door[Any], ...] = (DAYS, HEATS, HEAT)
