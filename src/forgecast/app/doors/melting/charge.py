"""Doors that calculate: the cheapest charge, a correction after a sample, and what the yard holds to fill them in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel
from pydantic import Field as Asked

from forgecast.app.doors.door import Call, Door, Question, Way, Words
from forgecast.app.doors.melting.log import contents_percent
from forgecast.app.doors.values import known
from forgecast.gateway.case_file import CaseError, case_told
from forgecast.gateway.charge_case import LotRules, charge_case_of
from forgecast.gateway.correction_case import correction_case_of
from forgecast.ground.texts import text
from forgecast.metal.grade import Grade, all_grades
from forgecast.metal.rule_formula import ELEMENTS
from forgecast.plant.record import record
from forgecast.store.server.rights import Right
from forgecast.tasks.check_grade import own_grades
from forgecast.tasks.correct_melt import correct_melt
from forgecast.tasks.melt_log import heat_file
from forgecast.tasks.mix_charge import mix_charge
from forgecast.tasks.plant_lots import kind_of, plant_lots

Told = dict[str, Any]


class AskedCharge(Question):
    """A charge as a case in TOML has it, with its keys; every quantity carries its unit in a text."""

    case: dict[str, Any] = Asked(
        description="Keys of a case: material, limit, furnace, share, recovery, confidence, currency, lots, returns …"
    )
    lots: bool = Asked(default=False, description="Charge from the plant's lots too; the case says their yields.")
    ranges: Annotated[int, Asked(ge=0, le=40)] | None = Asked(
        default=None, description="For how many of what binds it is told how far that holds."
    )


class MassTold(BaseModel):
    """A material of the charge."""

    material: str
    kind: str
    mass_kg: float | None
    pieces: float | None
    piece_kg: float | None
    price_per_t: float
    mean_mass_kg: float | None


class LimitTold(BaseModel):
    """A limit with what the metal holds, and the probability that it is kept."""

    name: str
    side: str
    bound: float
    expected: float
    spread: float | None
    probability: float | None
    binds: bool


class BindingTold(BaseModel):
    """What a bound or a price is worth, and within which range that holds."""

    name: str
    side: str
    value: float | None
    saving: float | None
    valid_low: float | None
    valid_high: float | None
    words: Words


class ChargeTold(BaseModel):
    """The cheapest charge, what binds it, or why there is none."""

    title: str
    feasible: bool
    currency: str
    confidence: float
    joint: bool
    masses: list[MassTold]
    liquid_mass_kg: float | None
    cost: float | None
    cost_per_t: float | None
    least_cost: float | None
    mean_cost_per_t: float | None
    carbon_kg: float | None
    limits: list[LimitTold]
    contents: dict[str, Told]
    binding: list[BindingTold]
    conflict: Told | None
    generations: Told | None
    notes: list[Words]
    optimiser_s: float


def _charge(call: Call, question: AskedCharge) -> Mapping[str, Any]:
    case = charge_case_of(_case(question.case, "charge"))
    plant = call.plant if question.lots else None
    return mix_charge(case, plant, ranges=question.ranges, progress=call.progress).as_json()


def _case(content: Mapping[str, Any], name: str) -> Any:  # noqa: ANN401  (a CaseTable)
    if "materials" in content:
        # It names a file of the server, which nobody may read from outside.
        raise CaseError(
            text("the materials of a case asked over the network stand in it"),
            where=f"{name}: materials",
            repair=text("write them as a list under material"),
        )
    return case_told(content, name)


class AskedCorrection(Question):
    """A correction as a case in TOML has it, with its keys; every quantity carries its unit in a text."""

    case: dict[str, Any] = Asked(description="Keys of a case: bath, material, limit, fade, recovery, confidence …")
    history: bool = Asked(default=True, description="Let past heats of the plant teach recoveries and fading.")


class CorrectionTold(BaseModel):
    """What to add, how sure that is, and what it rests on."""

    title: str
    feasible: bool
    currency: str
    asked_confidence: float
    confidence: float | None
    additions: list[Told]
    tapped_kg: float | None
    cost: float | None
    outlook: list[Told]
    limits: list[LimitTold]
    faded: list[Told]
    learnt: list[Told]
    notes: list[Words]


def _correct(call: Call, question: AskedCorrection) -> Mapping[str, Any]:
    case = correction_case_of(_case(question.case, "correction"))
    return correct_melt(case, call.plant if question.history else None).as_json()


class StartCharge(Question):
    """For which alloy a charge or a correction is asked, and from which heat's sample it begins."""

    alloy: str = ""
    heat: str = ""


class LotTold(BaseModel):
    """What is left of a lot."""

    lot: str
    kind: str
    title: Words
    stock_kg: float
    price_per_t: float
    contents_percent: dict[str, float]


class BoundTold(BaseModel):
    """A content that the grade of an alloy bounds."""

    element: str
    lowest_percent: float | None
    highest_percent: float | None
    decides: bool
    source: Words


class StartTold(BaseModel):
    """What is on record to fill a charge or a correction in with; nothing of it is guessed."""

    alloys: list[str]
    alloy: str
    standard: str | None
    bounds: list[BoundTold]
    lots: list[LotTold]
    left_out: list[Words]
    heat: str | None
    mass_kg: float | None
    sample: str | None
    sample_percent: dict[str, float]
    sample_spread_percent: dict[str, float]


def _start(call: Call, question: StartCharge) -> Mapping[str, Any]:
    alloys = {str(row["id"]): row for row in call.plant.records.read("alloy")}
    heat = heat_file(call.plant, question.heat) if question.heat else None
    alloy = question.alloy or ("" if heat is None else str(heat.row["alloy"] or ""))
    # A yield stands for nothing here: only stock, price and contents of the lots are told.
    lots = plant_lots(call.plant, LotRules(1.0, {}, {}, {}, "lots"), "CNY")
    samples = () if heat is None else heat.parts["sample"]
    standard = None if alloy not in alloys else alloys[alloy]["standard"]
    titles = {kind_of(one.code): one for one in record("lot").field("material").choices}
    return {
        "alloys": sorted(alloys),
        "alloy": alloy,
        "standard": standard,
        "bounds": [] if not alloy else _bounds(alloy, str(standard or ""), own_grades(call.plant.path, ())),
        "lots": [
            {
                "lot": one.material.name,
                "kind": one.material.kind,
                "title": {"en": one.material.kind.replace("-", " "), "zh": titles[one.material.kind].zh},
                "stock_kg": one.material.most,
                "price_per_t": float(f"{1000.0 * one.material.price:.12g}"),
                "contents_percent": {
                    element: float(f"{100.0 * content.mean:.12g}") for element, content in one.material.contents.items()
                },
            }
            for one in lots.materials
        ],
        "left_out": [note.as_json() for note in lots.notes],
        "heat": None if heat is None else heat.row["id"],
        "mass_kg": None if heat is None else known(heat.row["mass"]),
        "sample": str(samples[-1]["id"]) if samples else None,
        "sample_percent": contents_percent(samples[-1].values) if samples else {},
        "sample_spread_percent": _spreads(call, str(samples[-1]["instrument"] or "")) if samples else {},
    }


def _bounds(alloy: str, standard: str, own: tuple[Grade, ...]) -> list[Told]:
    """Return what a grade of this very name and standard says of single elements; nothing where there is none."""
    plain = standard.replace(" ", "").casefold()
    for grade in all_grades(own):
        if grade.name == alloy and (not plain or plain.startswith(grade.standard.replace(" ", "").casefold())):
            return [
                {
                    "element": one.rule,
                    "lowest_percent": one.lower,
                    "highest_percent": one.upper,
                    "decides": one.decides,
                    "source": one.source.source.as_json(),
                }
                for one in grade.requirements
                if one.unit == "%" and one.rule in ELEMENTS and one.rule == one.formula.written
            ]
    return []


def _spreads(call: Call, instrument: str) -> dict[str, float]:
    """Return the standard uncertainty of the spectrometer by element [%], as far as it is on record."""
    found: dict[str, float] = {}
    for row in call.plant.records.read("measurement_uncertainty"):
        quantity = str(row["quantity"])
        expanded, factor = known(row["expanded"]), known(row["coverage_factor"])
        if quantity.endswith("_percent") and row["instrument"] in {instrument, "all"} and expanded and factor:
            found[quantity.removesuffix("_percent")] = expanded / factor
    return found


START = Door("melting", "start", text("Lots in the yard, limits of an alloy's grade and the last sample of a heat."),
             Right.SEE, Way.READ, StartCharge, StartTold, _start, steady=True)  # fmt: skip
CHARGE = Door("melting", "charge", text("The cheapest charge that keeps every limit, what binds it, or why not."),
              Right.SEE, Way.RUN, AskedCharge, ChargeTold, _charge)  # fmt: skip
CORRECT = Door("melting", "correct", text("What to add to a bath after a sample, and how sure that is."),
               Right.SEE, Way.RUN, AskedCorrection, CorrectionTold, _correct)  # fmt: skip

CHARGE_DOORS: tuple[Door[Any], ...] = (START, CHARGE, CORRECT)
