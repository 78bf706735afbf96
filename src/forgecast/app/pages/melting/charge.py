"""The cheapest charge: stocks, prices and limits in, masses and what binds them out."""

from __future__ import annotations

from typing import Any

from nicegui import ui

from forgecast.app.doors.melting.charge import CHARGE, START, AskedCharge, StartCharge
from forgecast.app.pages.melting.case_form import Limits, Materials, needed, written
from forgecast.app.pages.page import page
from forgecast.app.pages.parts import (
    Draft,
    Heading,
    KeyFigure,
    asked,
    button,
    card,
    chart,
    choice_field,
    columns,
    draft,
    fold,
    heading,
    joined,
    key_figures,
    notice,
    number,
    number_field,
    put,
    row,
    switch_field,
    table,
    tag,
)
from forgecast.app.pages.runs import RunPlace
from forgecast.app.pages.visit import Visit
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text

#: Kinds of iron's charge, of which the newest lot is ticked at first.
_USUAL = ("pig-iron", "steel-scrap", "returns", "ferrosilicon", "ferromanganese", "carburiser")
_SMALL = 1e-6


@page("melt", "melt/charge", text("Charge"), in_menu=True)
async def charge(visit: Visit) -> None:
    """Fill the page of the charge."""
    heading(
        visit,
        text("Charge"),
        lead=text("The cheapest mix of what is in the yard whose metal keeps every limit, and what binds it."),
    )
    question = StartCharge(alloy=visit.query.get("alloy", ""))
    await asked(visit, START, question, lambda told: _Form(visit, told).place())


class _Form:
    """The form of a charge."""

    def __init__(self, visit: Visit, told: dict[str, Any]) -> None:
        self._visit = visit
        self._told = told

    async def place(self) -> None:
        visit, told = self._visit, self._told
        kept = await draft(visit, "melting-charge")
        newest = {one["kind"]: one["lot"] for one in told["lots"] if one["kind"] in _USUAL}
        with columns(2):
            self._place_wanted(kept)
            self._place_sure(kept)
        with card(visit, text("What is in the yard"), note=text("Stock is what was received less what was charged.")):
            self._materials = Materials(visit, kept, told["lots"], set(newest.values()))
            if told["left_out"]:
                with fold(visit, text("Lots that cannot be charged")):
                    put(tag("ul", *(tag("li", visit.say(one)) for one in told["left_out"]), class_="fc-list"))
        with row():
            button(visit, text("Find the cheapest charge"), self._start, kind="main")
        self._place = RunPlace(visit, lambda found, _job: shown_charge(visit, found), what=text("Mixing the charge"))
        await self._place.resume()

    def _place_wanted(self, kept: Draft) -> None:
        visit, told = self._visit, self._told
        with card(visit, text("What is to come out")):
            choice_field(
                visit,
                text("Alloy"),
                {one: one for one in told["alloys"]},
                value=told["alloy"] or None,
                hint=text("Fills in the limits of its grade, where these are known."),
                on_change=lambda event: ui.navigate.to(visit.link("melt/charge", alloy=str(event.value))),
            )
            with row():
                self._least = kept.keep(
                    "least", number_field(visit, text("Liquid metal, at least"), unit="kg", least=1)
                )
                self._most = kept.keep("most", number_field(visit, text("Liquid metal, at most"), unit="kg", least=1))
            self._limits = Limits(visit, kept, told["bounds"])

    def _place_sure(self, kept: Draft) -> None:
        visit = self._visit
        with card(visit, text("How surely")):
            self._yield = kept.keep(
                "yield",
                number_field(
                    visit,
                    text("Metal yield of all materials"),
                    unit="%",
                    least=1,
                    most=100,
                    hint=text("Liquid metal from what is charged; no record holds it."),
                ),
            )
            self._spread = kept.keep(
                "spread",
                number_field(
                    visit,
                    text("Spread of contents, as a share of them"),
                    unit="%",
                    least=0,
                    hint=text("Standard deviation; a probability rests on it."),
                ),
            )
            self._sure = kept.keep(
                "sure",
                number_field(
                    visit,
                    text("Each limit holds with"),
                    value=95,
                    unit="%",
                    least=50,
                    most=99.9,
                    hint=text("50 % keeps the limits by the means alone."),
                ),
            )
            self._recovery = kept.keep(
                "recovery",
                number_field(
                    visit,
                    text("Recovery of the elements"),
                    unit="%",
                    least=1,
                    most=100,
                    hint=text("Your own, for all that have none; empty: those on record."),
                ),
            )
            self._unverified = kept.keep(
                "unverified", switch_field(visit, text("Use recoveries that are remembered, not read"))
            )

    async def _start(self) -> None:
        try:
            case = self._case()
        except ForgecastError as error:
            self._place.refuse(error)
            return
        await self._place.start(CHARGE, AskedCharge(case=case))

    def _case(self) -> dict[str, Any]:
        visit = self._visit
        least = needed(self._least, text("Liquid metal, at least"), visit)
        most = self._most.value if self._most.value is not None else least
        metal_yield = needed(self._yield, text("Metal yield of all materials"), visit)
        made: dict[str, Any] = {
            "title": self._told["alloy"] or visit.say(text("charge")),
            "currency": "CNY",
            "confidence": written(needed(self._sure, text("Each limit holds with"), visit), "%"),
            "accept_unverified": bool(self._unverified.value),
            "furnace": {"liquid": [written(least, "kg"), written(most, "kg")]},
            "material": self._materials.case(metal_yield, self._spread.value),
            "limit": self._limits.case(),
        }
        if self._recovery.value is not None:
            elements = {one["element"] for one in made["limit"] if "element" in one} | {"C", "Si"}
            made["recovery"] = [
                {"kind": "*", "element": element, "mean": written(self._recovery.value, "%"), "spread": "0 %"}
                for element in sorted(elements)
            ]
        return made


def shown_charge(visit: Visit, told: dict[str, Any]) -> None:
    """Place a charge that was found, or why there is none."""
    if not told["feasible"]:
        _conflict(visit, told)
        return
    currency = told["currency"]
    used = [one for one in told["masses"] if (one["mass_kg"] or 0.0) > _SMALL * told["liquid_mass_kg"]]
    total = sum(one["mass_kg"] for one in used)
    certainty = None if told["mean_cost_per_t"] is None else told["cost_per_t"] - told["mean_cost_per_t"]
    key_figures(
        visit,
        [
            KeyFigure(text("Cost of the metal"), told["cost_per_t"], f"{currency}/t", tone="good"),
            KeyFigure(text("Cost of the charge"), told["cost"], currency),
            KeyFigure(text("Liquid metal"), told["liquid_mass_kg"], "kg"),
            KeyFigure(text("What certainty costs"), certainty, f"{currency}/t"),
        ],
    )
    with columns(2):
        with card(visit, text("Weigh in"), flush=True):
            heads = [
                Heading(text("Material")),
                Heading(text("Mass"), "kg", numeric=True),
                Heading(text("Share"), "%", numeric=True),
                Heading(text("Cost"), currency, numeric=True),
            ]
            ordered = sorted(used, key=lambda one: -one["mass_kg"])
            table(
                visit,
                heads,
                [
                    (
                        one["material"],
                        one["mass_kg"],
                        100.0 * one["mass_kg"] / total,
                        one["mass_kg"] * one["price_per_t"] / 1000.0,
                    )
                    for one in ordered
                ],
            )
        with card(visit, text("The metal"), flush=True):
            limits_table(visit, told["limits"])
    with card(visit, text("Masses")):
        drawn = {
            "x": [one["material"] for one in ordered],
            "series": [
                {
                    "name": text("Mass").as_json(),
                    "unit": "kg",
                    "kind": "bar",
                    "values": [one["mass_kg"] for one in ordered],
                }
            ],
        }
        chart(visit, drawn, title=text("Masses of the charge"), from_zero=True, zoom=False, height=240)
    _binding(visit, told["binding"])
    _notes(visit, told["notes"])


def _binding(visit: Visit, binding: list[dict[str, Any]]) -> None:
    with card(visit, text("What binds, and what it is worth")):
        said = [one["words"] for one in binding if one["side"] != "price"]
        put(tag("ul", *(tag("li", visit.say(one)) for one in said), class_="fc-list"))
        unused = [one["words"] for one in binding if one["side"] == "price"]
        if unused:
            with fold(visit, text("What is not used, and at which price it would be")):
                put(tag("ul", *(tag("li", visit.say(one)) for one in unused), class_="fc-list"))


def limits_table(visit: Visit, limits: list[dict[str, Any]]) -> None:
    """Place limits with what the metal holds and how surely each is kept."""
    heads = [
        Heading(text("Limit")),
        Heading(text("Bound"), "%", numeric=True),
        Heading(text("Expected"), "%", numeric=True),
        Heading(text("Kept with"), "%", numeric=True),
        Heading(text("Binds")),
    ]
    rows = []
    for one in limits:
        sign = "≥" if one["side"] == "lowest" else "≤"
        kept = None if one["probability"] is None else 100.0 * one["probability"]
        rows.append(
            (
                one["name"],
                joined(f"{sign} ", number(100.0 * one["bound"])),
                joined(
                    number(100.0 * one["expected"]), "" if one["spread"] is None else f" ± {100 * one['spread']:.2g}"
                ),
                None if kept is None else ("> 99.9" if kept > 99.9 else number(kept)),
                visit.say(text("yes")) if one["binds"] else "",
            )
        )
    table(visit, heads, rows)


def _conflict(visit: Visit, told: dict[str, Any]) -> None:
    notice(visit, text("There is no charge that keeps all of this together."), tone="bad")
    conflict = told["conflict"] or {"members": [], "relaxations": [], "materials": []}
    with card(visit, text("What conflicts"), tone="bad"):
        put(tag("ul", *(tag("li", visit.say(one)) for one in conflict["members"]), class_="fc-list"))
    if conflict["relaxations"]:
        with card(visit, text("The smallest way out"), tone="warn"):
            said = (tag("li", visit.say(one["words"])) for one in conflict["relaxations"])
            put(tag("ul", *said, class_="fc-list"))
    _notes(visit, told["notes"])


def _notes(visit: Visit, notes: list[dict[str, Any]]) -> None:
    if notes:
        with fold(visit, text("Notes"), opened=True):
            put(tag("ul", *(tag("li", visit.say(one)) for one in notes), class_="fc-list"))
