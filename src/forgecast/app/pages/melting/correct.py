"""What to add to a bath after a sample: from the last sample of a heat, with what fades until pouring."""

from __future__ import annotations

from typing import Any

from nicegui import ui

from forgecast.app.doors.melting.charge import CORRECT, START, AskedCorrection, StartCharge
from forgecast.app.pages.melting.case_form import Limits, Materials, contents_of, needed, written
from forgecast.app.pages.melting.charge import limits_table
from forgecast.app.pages.page import page
from forgecast.app.pages.parts import (
    Draft,
    Heading,
    KeyFigure,
    asked,
    button,
    card,
    columns,
    draft,
    fold,
    heading,
    key_figures,
    notice,
    number_field,
    put,
    row,
    switch_field,
    table,
    tag,
    text_field,
)
from forgecast.app.pages.runs import RunPlace
from forgecast.app.pages.visit import Visit
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text, verbatim

_ADDITIONS = frozenset(
    ("ferrosilicon", "ferromanganese", "carburiser", "nodulariser", "inoculant", "copper", "pig-iron", "steel-scrap")
)


@page("melt", "melt/correct", text("Correct a bath"), in_menu=True)
async def correct(visit: Visit) -> None:
    """Fill the page of a correction."""
    heading(visit, text("Correct a bath"), lead=text("What to add after a sample so that every limit is kept."))
    question = StartCharge(heat=visit.query.get("heat", ""), alloy=visit.query.get("alloy", ""))
    await asked(visit, START, question, lambda told: _Form(visit, told).place())


class _Form:
    """The form of a correction."""

    def __init__(self, visit: Visit, told: dict[str, Any]) -> None:
        self._visit = visit
        self._told = told

    async def place(self) -> None:
        visit, told = self._visit, self._told
        kept = await draft(visit, f"melting-correct {told['heat'] or ''}".strip())
        with card(visit), row():
            heat = text_field(
                visit, text("Heat"), value=told["heat"] or "", hint=text("Fills in bath and last sample.")
            )
            heat.on("keydown.enter", lambda: self._go(heat))
            button(visit, text("Fill in"), lambda: self._go(heat))
        with columns(2):
            self._place_bath(kept)
            with card(visit, text("What the metal has to keep")):
                self._limits = Limits(visit, kept, told["bounds"])
        with card(visit, text("What may be added")):
            lots = [one for one in told["lots"] if one["kind"] in _ADDITIONS]
            newest = {one["kind"]: one["lot"] for one in lots}
            with row():
                self._yield = kept.keep(
                    "yield", number_field(visit, text("Metal yield of all materials"), unit="%", least=1, most=100)
                )
                self._spread = kept.keep(
                    "spread", number_field(visit, text("Spread of contents, as a share of them"), unit="%", least=0)
                )
            self._materials = Materials(visit, kept, lots, set(newest.values()))
        with row():
            button(visit, text("Find what to add"), self._start, kind="main")
        self._place = RunPlace(visit, lambda found, _job: _shown(visit, found), what=text("Working out the additions"))
        await self._place.resume()

    def _place_bath(self, kept: Draft) -> None:
        visit, told = self._visit, self._told
        with card(visit, text("The bath and its sample")):
            with row():
                self._mass = kept.keep(
                    "mass", number_field(visit, text("Bath"), value=told["mass_kg"], unit="kg", least=1)
                )
                self._capacity = kept.keep(
                    "capacity", number_field(visit, text("At most after the additions"), unit="kg", least=1)
                )
            self._sample = kept.keep(
                "sample",
                text_field(
                    visit,
                    text("Sample [%]"),
                    value=_said(told["sample_percent"]),
                    placeholder=verbatim("C 3.62, Si 1.81"),
                    hint=text("Sample {id}", id=told["sample"]) if told["sample"] else None,
                ),
            )
            self._doubt = kept.keep(
                "doubt",
                text_field(
                    visit,
                    text("Standard deviation of the spectrometer [%]"),
                    value=_said(
                        {e: v for e, v in told["sample_spread_percent"].items() if e in told["sample_percent"]}
                    ),
                    placeholder=verbatim("C 0.03, Si 0.02"),
                    hint=text("One for every element of the sample."),
                ),
            )
            with row():
                self._until = kept.keep(
                    "until", number_field(visit, text("Until the end of pouring"), unit="min", least=0)
                )
                self._half = kept.keep(
                    "half",
                    number_field(
                        visit,
                        text("Half-life of magnesium"),
                        unit="min",
                        least=0,
                        hint=text("Empty: from your ladles, where they tell it."),
                    ),
                )
            self._sure = kept.keep(
                "sure", number_field(visit, text("Each limit holds with"), value=95, unit="%", least=50, most=99.9)
            )
            self._history = kept.keep(
                "history", switch_field(visit, text("Let past heats teach recoveries and fading"), value=True)
            )
            self._unverified = kept.keep(
                "unverified", switch_field(visit, text("Use recoveries that are remembered, not read"))
            )

    def _go(self, field: Any) -> None:  # noqa: ANN401  (an input)
        ui.navigate.to(self._visit.link("melt/correct", heat=str(field.value or "").strip()))

    async def _start(self) -> None:
        try:
            case = self._case()
        except ForgecastError as error:
            self._place.refuse(error)
            return
        await self._place.start(CORRECT, AskedCorrection(case=case, history=bool(self._history.value)))

    def _case(self) -> dict[str, Any]:
        visit = self._visit
        metal_yield = needed(self._yield, text("Metal yield of all materials"), visit)
        bath: dict[str, Any] = {
            "mass": written(needed(self._mass, text("Bath"), visit), "kg"),
            "capacity": written(needed(self._capacity, text("At most after the additions"), visit), "kg"),
            "sample_percent": contents_of(self._sample.value or ""),
            "sample_spread_percent": contents_of(self._doubt.value or ""),
        }
        if self._until.value is not None:
            bath["time_to_pouring"] = written(self._until.value, "min")
        made: dict[str, Any] = {
            "title": self._told["heat"] or visit.say(text("bath")),
            "currency": "CNY",
            "confidence": written(needed(self._sure, text("Each limit holds with"), visit), "%"),
            "accept_unverified": bool(self._unverified.value),
            "bath": bath,
            "material": self._materials.case(metal_yield, self._spread.value),
            "limit": self._limits.case(),
        }
        if self._half.value is not None:
            half = written(self._half.value, "min")
            made["fade"] = [{"element": "Mg", "half_life": half, "half_life_spread": "0 min"}]
        return made


def _said(contents: dict[str, float]) -> str:
    return ", ".join(f"{element} {value:.4g}" for element, value in contents.items())


def _shown(visit: Visit, told: dict[str, Any]) -> None:
    if not told["feasible"]:
        notice(visit, text("No addition brings the bath into its limits."), tone="bad")
    else:
        key_figures(
            visit,
            [
                KeyFigure(text("Cost of the correction"), told["cost"], told["currency"]),
                KeyFigure(
                    text("Each limit holds with"),
                    None if told["confidence"] is None else 100.0 * told["confidence"],
                    "%",
                ),
                KeyFigure(text("Tap before"), told["tapped_kg"], "kg"),
            ],
        )
        with columns(2):
            with card(visit, text("Add"), flush=True):
                rows = [(one["material"], one["mass_kg"]) for one in told["additions"] if (one["mass_kg"] or 0) > 1e-3]
                heads = [Heading(text("Addition")), Heading(text("Mass"), "kg", numeric=True)]
                table(visit, heads, rows, empty=text("Nothing has to be added."))
            with card(visit, text("The metal then"), flush=True):
                limits_table(visit, told["limits"])
    said = [one["words"] for one in told["outlook"]]
    if said:
        with card(visit, text("How sure")):
            put(tag("ul", *(tag("li", visit.say(one)) for one in said), class_="fc-list"))
    if told["notes"]:
        with fold(visit, text("Notes"), opened=True):
            put(tag("ul", *(tag("li", visit.say(one)) for one in told["notes"]), class_="fc-list"))
