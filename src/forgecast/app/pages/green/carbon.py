"""Carbon: the inventory by scope, the footprint of a product, what CBAM asks, and the factors it all rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from forgecast.app.doors.carbon import CbamQuestion, FactorsQuestion, GoodQuestion, ProductQuestion, YearQuestion
from forgecast.app.doors.door import NoQuestion
from forgecast.app.doors.shelf import door_of
from forgecast.app.pages.address_form import AddressForm, asked_in
from forgecast.app.pages.gaps import notes
from forgecast.app.pages.green.forms import factor_form
from forgecast.app.pages.green.shared import green_style, live, stacked, to_page
from forgecast.app.pages.page import page
from forgecast.app.pages.parts import (
    Heading,
    KeyFigure,
    Markup,
    Words,
    asked,
    button,
    card,
    chart,
    chip,
    choice_field,
    columns,
    day_field,
    empty,
    error_box,
    filter_bar,
    heading,
    joined,
    key_figures,
    number,
    number_field,
    paragraph,
    row,
    said,
    table,
    tabs,
    tag,
    text_field,
)
from forgecast.app.pages.runs import files_run
from forgecast.app.pages.visit import Visit
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text
from forgecast.store.server.rights import Right

_PATH = "green/carbon"
_TABS = {
    "inventory": text("Inventory"),
    "product": text("A product"),
    "cbam": text("CBAM"),
    "factors": text("Factors"),
}
_KNOWN_TONES = {"own": "good", "primary": "good", "secondary": "plain", "unverified": "unknown"}


@page("green", _PATH, text("Carbon"), in_menu=True)
async def carbon(visit: Visit) -> None:
    """Fill the page with the part that its address names."""
    green_style()
    heading(
        visit, text("Carbon"), lead=text("What is given off, by scope and by product, each number with its factor.")
    )
    tab = tabs(visit, _TABS, visit.query.get("tab", ""), address=visit.link(_PATH))
    try:
        if tab == "factors":
            await _factors(visit)
            return
        choices = (await visit.ask(door_of("carbon/products"), NoQuestion())).read()
        if tab == "product":
            await _product(visit, choices)
        elif tab == "cbam":
            await _cbam(visit, choices)
        else:
            await _inventory(visit, choices)
    except ForgecastError as error:
        error_box(visit, error)


def _years(visit: Visit, form: AddressForm, choices: Mapping[str, Any]) -> None:
    years: dict[str, Words] = {str(year): str(year) for year in choices["years"]}
    hint = text("empty: the last twelve months")
    live(form, "year", choice_field(visit, text("Calendar year"), years, hint=hint))


async def _inventory(visit: Visit, choices: Mapping[str, Any]) -> None:
    form = AddressForm(visit, _PATH, {"tab": "inventory"})
    with filter_bar():
        _years(visit, form, choices)
    question = asked_in(visit, YearQuestion)
    await asked(visit, door_of("carbon/inventory"), question, lambda told: _scopes(visit, told, question), height=700)


def _tonnes(kg: float | None) -> float | None:
    return None if kg is None else kg / 1000.0


def _scopes(visit: Visit, told: Mapping[str, Any], question: YearQuestion) -> None:
    paragraph(visit, text("Greenhouse gases of {first} to {last}", first=told["months"][0], last=told["months"][-1]))
    key_figures(visit, [_scope(one) for one in told["totals"]])
    source = visit.address(door_of("carbon/inventory"), question)
    with columns(2):
        with card(visit, text("By month and scope")):
            chart(visit, source, title=text("By month and scope"), at="charts.months", kind="bar", height=280)
        with card(visit, text("What gives off most")):
            chart(visit, source, title=text("What gives off most"), at="charts.items", kind="bar", height=280)
    heads: list[Heading | Words] = [
        text("Scope"),
        text("What"),
        text("Kind"),
        Heading(text("Quantity"), numeric=True),
        Heading(text("Factor"), numeric=True),
        Heading(text("Emissions"), "t CO2e", numeric=True),
        text("Source of the factor"),
    ]
    with card(visit, text("What is counted, with which factor"), flush=True):
        table(visit, heads, [_item(visit, one) for one in told["items"]], caption=text("What is counted"))
    if told["restated"]:
        with card(visit, text("Restated factors")):
            notes(visit, [f"{one['item']}: {one['before']} → {one['after']}" for one in told["restated"]])
    notes(visit, told["notes"])


def _scope(one: Mapping[str, Any]) -> KeyFigure:
    known = one["known_kgCO2e"] if one["lines"] > one["missing"] else None
    whole = one["total_kgCO2e"]
    note = None
    if whole is None:
        note = text("known part; {missing} of {lines} lines are missing", missing=one["missing"], lines=one["lines"])
    elif one["low_kgCO2e"] is not None:
        note = text(
            "95 %: {low} to {high} t",
            low=f"{one['low_kgCO2e'] / 1000.0:,.0f}",
            high=f"{one['high_kgCO2e'] / 1000.0:,.0f}",
        )
    value = _tonnes(whole if whole is not None else known)
    return KeyFigure(one["scope_name"], value, "t CO2e", note=note, tone="unknown" if whole is None else "")


def _item(visit: Visit, one: Mapping[str, Any]) -> Sequence[Markup | str | float | None]:
    why = "; ".join(said(visit, reason) for reason in one["why_missing"])
    emitted: Markup = number(_tonnes(one["emission_kgCO2e"]))
    if one["emission_kgCO2e"] is None:
        emitted = chip(visit, text("missing"), "unknown")
    factor = None
    if one["factor_value"] is not None:
        factor = tag(
            "a",
            number(one["factor_value"], one["factor_unit"]),
            class_="fc-link",
            href=visit.link(_PATH, tab="factors") + f"#{one['factor']}",
        )
    known = "" if one["confidence_name"] is None else said(visit, one["confidence_name"])
    source = stacked(said(visit, one["source"]), known) if one["source"] else tag("span", why, class_="fc-soft")
    origin = ", ".join(one["origins"][:2]) + (" …" if len(one["origins"]) > 2 else "")
    return (
        one["scope"],
        stacked(said(visit, one["item_name"]), origin),
        said(visit, one["category_name"]),
        number(one["quantity"], one["unit"]),
        factor,
        emitted,
        source,
    )


def _named(choices: Mapping[str, Any]) -> dict[str, Words]:
    return {one["id"]: f"{one['id']} · {one['name']}" for one in choices["products"]}


def _no_product(visit: Visit) -> None:
    empty(
        visit,
        text("No product is on record."),
        do=text("Take in the products with their part numbers."),
        links=(to_page(visit, text("Take in files"), "data"),),
    )


async def _product(visit: Visit, choices: Mapping[str, Any]) -> None:
    if not choices["products"]:
        _no_product(visit)
        return
    form = AddressForm(visit, _PATH, {"tab": "product"})
    first = choices["products"][0]["id"]
    with filter_bar():
        live(
            form,
            "product",
            choice_field(visit, text("Product"), _named(choices), value=first, search=True),
        )
        _years(visit, form, choices)
        form.field("heat", text_field(visit, text("Only these heats"), hint=text("with a comma between")))
        button(visit, text("Show"), form.send, kind="plain")
    given = {} if visit.query.get("product") else {"product": first}
    question = asked_in(visit, ProductQuestion, **given)
    await asked(visit, door_of("carbon/product"), question, lambda told: _footprint(visit, told, question), height=700)


def _footprint(visit: Visit, told: Mapping[str, Any], question: ProductQuestion) -> None:
    whole = told["total_kgCO2e_per_kg"]
    between = None
    if told["low_kgCO2e_per_kg"] is not None:
        between = text(
            "95 % interval of the known part: {low} to {high}",
            low=f"{told['low_kgCO2e_per_kg']:.3g}",
            high=f"{told['high_kgCO2e_per_kg']:.3g}",
        )
    key_figures(
        visit,
        [
            KeyFigure(
                text("Of a kilogram"),
                whole,
                "kgCO2e/kg",
                tone="unknown" if whole is None else "",
                note=text("a part is missing, so the whole is not known") if whole is None else between,
            ),
            KeyFigure(text("Known part"), told["known_kgCO2e_per_kg"], "kgCO2e/kg", note=between),
            KeyFigure(
                text("Of a piece"),
                told["per_piece_kgCO2e"],
                "kgCO2e",
                note=text("{mass} kg a piece", mass=f"{told['piece_mass_kg']:g}") if told["piece_mass_kg"] else None,
            ),
            KeyFigure(text("Good metal of poured"), told["good_per_poured"]),
            KeyFigure(text("Heats"), len(told["heats"]), note=text("in {count} months", count=len(told["months"]))),
        ],
    )
    source = visit.address(door_of("carbon/product"), question)
    with card(visit, text("From the metal to the gate")):
        chart(visit, source, title=text("From the metal to the gate"), at="charts.stages", height=280)
    heads: list[Heading | Words] = [
        text("Stage"),
        text("What"),
        Heading(text("Amount for a kg of good product"), numeric=True),
        Heading(text("Factor"), numeric=True),
        Heading(text("Emissions"), "kgCO2e/kg", numeric=True),
        Heading(text("Of the variance"), "%", numeric=True),
        text("Source of the factor"),
    ]
    rows = [
        (
            said(visit, one["stage_name"]),
            said(visit, one["item_name"]),
            number(one["per_kg"], one["unit"]),
            number(one["factor_value"], one["factor_unit"] or ""),
            number(one["kgCO2e_per_kg"])
            if one["kgCO2e_per_kg"] is not None
            else chip(visit, text("missing"), "unknown"),
            None if one["variance_share"] is None else 100.0 * one["variance_share"],
            tag("span", said(visit, one["source"] or one["why_missing"]), class_="fc-soft"),
        )
        for one in told["lines"]
    ]
    with card(visit, text("Amounts and factors"), flush=True):
        table(visit, heads, rows, caption=text("Amounts and factors"))
    notes(visit, told["notes"])


async def _cbam(visit: Visit, choices: Mapping[str, Any]) -> None:
    form = AddressForm(visit, _PATH, {"tab": "cbam"})
    with filter_bar():
        form.field("product", choice_field(visit, text("Product"), _named(choices), search=True))
        form.field(
            "cn_code",
            text_field(
                visit, text("or a code of the Combined Nomenclature"), hint=text("eight digits; by default values")
            ),
        )
        form.field("country", text_field(visit, text("Country of production"), value="CN"))
        form.field("import_year", number_field(visit, text("Year of import"), least=2026, most=2100, step=1))
        form.field("route", text_field(visit, text("Route of production"), hint=text("a letter; empty: the usual one")))
        form.field("price_EUR_t", number_field(visit, text("Price of a certificate"), unit="EUR/t", least=0))
        _years(visit, form, choices)
        button(visit, text("Show"), form.send, kind="main")
    if visit.query.get("product"):
        question = asked_in(visit, CbamQuestion)
        await asked(visit, door_of("carbon/cbam"), question, lambda told: _good(visit, told), height=400)
        await files_run(
            visit,
            door_of("carbon/importer-sheet"),
            lambda: question,
            start=text("Write the importer's sheet (XLSX)"),
            what=text("Writing the importer's sheet"),
        )
    elif visit.query.get("cn_code"):
        await asked(visit, door_of("carbon/good"), asked_in(visit, GoodQuestion), lambda told: _good(visit, told))
    else:
        empty(
            visit,
            text("Choose a product, or give the code of a good."),
            do=text(
                "A product is answered by the plant's records beside default values; a bare code by default values."
            ),
        )


_OWED: list[Heading | Words] = [
    text("By"),
    Heading(text("Embedded"), "t CO2e/t", numeric=True),
    Heading(text("Benchmark"), "t CO2e/t", numeric=True),
    Heading(text("Free allocation"), "t CO2e/t", numeric=True),
    Heading(text("Certificates"), "t CO2e/t", numeric=True),
    Heading(text("Cost"), "EUR/t", numeric=True),
]


def _good(visit: Visit, told: Mapping[str, Any]) -> None:
    title = f"CN {told['cn_code']}" + (f" · {told['product']}" if told["product"] else "")
    with card(visit, title, tone="good" if told["owed"] else "unknown"):
        paragraph(visit, told["headline"])
        if told["owed"]:
            rows = [
                (
                    said(visit, one["basis_name"]),
                    one["embedded_tCO2e_per_t"],
                    told["benchmark_tCO2e_per_t"].get(one["basis"]),
                    one["free_allocation_tCO2e_per_t"],
                    one["net_tCO2e_per_t"],
                    one["cost_EUR_per_t"],
                )
                for one in told["owed"]
            ]
            table(visit, _OWED, rows, caption=text("What a tonne owes"))
    if told["precursors"]:
        heads: list[Heading | Words] = [
            text("Precursor"),
            text("CN code"),
            Heading(text("Share"), "t/t", numeric=True),
            Heading(text("Embedded"), "t CO2e/t", numeric=True),
            text("Verified"),
            text("From"),
        ]
        rows = [
            (
                said(visit, one["item_name"]),
                one["cn_code"],
                one["t_per_t"],
                one["direct_tCO2e_per_t"],
                chip(visit, text("yes") if one["verified"] else text("no"), "good" if one["verified"] else "warn"),
                said(visit, one["origin"]),
            )
            for one in told["precursors"]
        ]
        with card(visit, text("Precursors"), flush=True):
            table(visit, heads, rows, caption=text("Precursors"))
    notes(visit, told["notes"])


async def _factors(visit: Visit) -> None:
    form = AddressForm(visit, _PATH, {"tab": "factors"})
    with filter_bar():
        live(form, "day_on", day_field(visit, text("As of"), hint=text("empty: today")))
    if visit.may(Right.ENVIRONMENT):
        with row():
            button(visit, text("Enter a factor of your own"), lambda: factor_form(visit), kind="main")
    question = asked_in(visit, FactorsQuestion)
    await asked(visit, door_of("carbon/factors"), question, lambda told: _factor_table(visit, told), height=500)


def _factor_table(visit: Visit, told: Mapping[str, Any]) -> None:
    if not told["own"]:
        paragraph(
            visit,
            text(
                "Bought materials have no factor until a supplier's declaration or a factor of your own is on record."
            ),
            soft=True,
        )
    heads: list[Heading | Words] = [
        text("Of what"),
        text("Kind"),
        Heading(text("Value"), numeric=True),
        Heading(text("Known to within"), "%", numeric=True),
        text("Known"),
        text("Holds"),
        text("Source"),
    ]
    rows = [
        (
            tag("span", stacked(said(visit, one["item_name"]), one["id"]), id=one["id"]),
            said(visit, one["category_name"]),
            number(one["value"], one["unit"]),
            None if one["relative_uncertainty"] is None else 100.0 * one["relative_uncertainty"],
            chip(visit, one["confidence_name"], _KNOWN_TONES[one["confidence"]]),
            _holds(visit, one),
            stacked(said(visit, one["source"]), one["region"]),
        )
        for one in told["factors"]
    ]
    with card(visit, text("Emission factors as of {day}", day=told["day_on"]), flush=True):
        table(visit, heads, rows, caption=text("Emission factors"))


def _holds(visit: Visit, one: Mapping[str, Any]) -> Markup | str:
    if one["valid_from_on"] is None and one["valid_before_on"] is None:
        return tag("span", said(visit, text("always")), class_="fc-soft")
    return joined(one["valid_from_on"] or "…", " – ", one["valid_before_on"] or "…")
