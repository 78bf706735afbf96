"""The rows of a charge or a correction as a form: materials, limits, recoveries; and the case they make."""

from __future__ import annotations

import re
from typing import Any

from nicegui import ui

from forgecast.app.pages.parts import (
    Draft,
    fold,
    joined,
    number_field,
    put,
    switch_field,
    tag,
    text_field,
)
from forgecast.app.pages.parts.inline import number
from forgecast.app.pages.visit import Visit
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Text, text, verbatim

_CONTENT = re.compile(r"([A-Z][a-z]?)\s*[=:]?\s*(\d+(?:\.\d+)?)\s*%?")
#: Limits that stand open from the beginning.
FIRST_LIMITS = ("C", "Si", "Mn", "P", "S", "Cu")
#: Rows of materials or limits that are written by hand.
_BY_HAND = 3


def written(value: float, unit: str) -> str:
    """Return a quantity as a case has it."""
    return f"{value:.12g} {unit}"


def contents_of(words: str) -> dict[str, float]:
    """Return contents in per cent out of words such as ``C 4.2, Si 0.9``.

    Raises
    ------
    ForgecastError
        If something in them is no content.
    """
    found = {match[1]: float(match[2]) for match in _CONTENT.finditer(words)}
    left = _CONTENT.sub("", words).strip(" ,;")
    if left or not found:
        raise ForgecastError(
            text("{words} are no contents", words=words),
            where=words,
            repair=text("write elements with their share in per cent, such as C 4.2, Si 0.9"),
        )
    return found


class Materials:
    """Lots of the yard to choose from, and rows for other materials.

    Parameters
    ----------
    visit : Visit
    kept : Draft
    lots : list of dict
        As `melting/start` tells them.
    chosen : set of str
        Lots that are ticked at first.
    """

    def __init__(self, visit: Visit, kept: Draft, lots: list[dict[str, Any]], chosen: set[str]) -> None:
        self._visit = visit
        self._draft = kept
        self._lots = lots
        self._used: dict[str, ui.switch] = {}
        self._prices: dict[str, ui.number] = {}
        self._hand: list[dict[str, Any]] = []
        self._place(chosen)

    def _place(self, chosen: set[str]) -> None:
        visit, kept = self._visit, self._draft
        known = [one for one in self._lots if one["contents_percent"]]
        self._table(sorted(known, key=lambda one: one["lot"] not in chosen), chosen)
        silent = [one for one in self._lots if not one["contents_percent"]]
        if silent:
            with fold(visit, text("{count} lots without an analysis", count=len(silent))):
                self._table(silent, chosen)
        self._others(kept)

    def _table(self, lots: list[dict[str, Any]], chosen: set[str]) -> None:
        visit = self._visit
        if lots:
            with ui.element("div").classes("fc-scroll").props("tabindex=0"), ui.element("table").classes("fc-table"):
                heads = (text("Use"), text("Lot"), text("Left [kg]"), text("Price [CNY/t]"), text("Contents [%]"))
                with ui.element("thead"), ui.element("tr"):
                    for head in heads:
                        put(joined(visit.say(head)), tag_name="th")
                with ui.element("tbody"):
                    for one in lots:
                        with ui.element("tr"):
                            self._lot(one, ticked=one["lot"] in chosen)

    def _others(self, kept: Draft) -> None:
        visit = self._visit
        put(tag("p", visit.say(text("Other materials")), class_="fc-soft"))
        for place in range(_BY_HAND):
            with ui.element("div").classes("fc-row"):
                key = f"material {place}"
                self._hand.append(
                    {
                        "name": kept.keep(f"{key} name", text_field(visit, text("Material"))),
                        "price": kept.keep(f"{key} price", number_field(visit, text("Price"), unit="CNY/t", least=0)),
                        "stock": kept.keep(
                            f"{key} stock", number_field(visit, text("Left; empty: any"), unit="kg", least=0)
                        ),
                        "contents": kept.keep(
                            f"{key} contents",
                            text_field(visit, text("Contents [%]"), placeholder=verbatim("C 4.2, Si 0.9")),
                        ),
                    }
                )

    def _lot(self, one: dict[str, Any], *, ticked: bool) -> None:
        visit, name = self._visit, str(one["lot"])
        with ui.element("td"):
            use = switch_field(visit, "", value=ticked)
            use.props["aria-label"] = visit.say(text("Use {lot}", lot=name))
            self._used[name] = self._draft.keep(f"use {name}", use)
        put(joined(tag("b", name), tag("br"), tag("span", visit.say(one["title"]), class_="fc-soft")), tag_name="td")
        put(number(one["stock_kg"]), tag_name="td").classes("fc-right")
        with ui.element("td"):
            price = number_field(visit, text("Price"), value=one["price_per_t"], least=0)
            price.style("width: 7rem")
            self._prices[name] = self._draft.keep(f"price {name}", price)
        said = ", ".join(f"{element} {value:.3g}" for element, value in one["contents_percent"].items())
        put(tag("span", said or "—", class_="fc-soft"), tag_name="td")

    def case(self, metal_yield: float, spread_share: float | None) -> list[dict[str, Any]]:
        """Return the materials of the case.

        Raises
        ------
        ForgecastError
            If a row written by hand is not whole.
        """
        spread = {} if spread_share is None else {"spread_share": written(spread_share, "%")}
        made = [
            {
                "name": one["lot"],
                "kind": one["kind"],
                "price": written(self._prices[one["lot"]].value or 0.0, "CNY/t"),
                "yield": written(metal_yield, "%"),
                "stock": written(one["stock_kg"], "kg"),
                "composition_percent": one["contents_percent"],
                **spread,
            }
            for one in self._lots
            if self._used[one["lot"]].value
        ]
        return made + [row for row in (_by_hand(one, metal_yield, spread) for one in self._hand) if row is not None]


def _by_hand(row: dict[str, Any], metal_yield: float, spread: dict[str, str]) -> dict[str, Any] | None:
    name = (row["name"].value or "").strip()
    if not name:
        return None
    if row["price"].value is None:
        raise ForgecastError(
            text("the price of {material} is missing", material=name), where=name, repair=text("give it in CNY/t")
        )
    stock = row["stock"].value
    return {
        "name": name,
        "kind": "other",
        "price": written(row["price"].value, "CNY/t"),
        "yield": written(metal_yield, "%"),
        "stock": "any" if stock is None else written(stock, "kg"),
        "composition_percent": contents_of(row["contents"].value or ""),
        **spread,
    }


class Limits:
    """What the metal has to keep, element by element, and a carbon equivalent.

    Parameters
    ----------
    visit : Visit
    kept : Draft
    bounds : list of dict
        Of the alloy's grade, as `melting/start` tells them.
    """

    def __init__(self, visit: Visit, kept: Draft, bounds: list[dict[str, Any]]) -> None:
        told = {one["element"]: one for one in bounds}
        self._rows: list[tuple[str, ui.number, ui.number]] = []
        for element in dict.fromkeys((*told, *FIRST_LIMITS, "Mg")):
            with ui.element("div").classes("fc-row"):
                put(tag("b", element, style="width:2.2rem;display:inline-block"))
                one = told.get(element, {})
                fields = []
                for side, words in (("lowest", text("at least")), ("highest", text("at most"))):
                    field = number_field(visit, words, value=one.get(f"{side}_percent"), unit="%", least=0, most=100)
                    field.style("width: 9rem").props["aria-label"] = visit.say(
                        text("{element} {side}", element=element, side=words)
                    )
                    fields.append(kept.keep(f"{side} {element}", field))
                self._rows.append((element, fields[0], fields[1]))
        with ui.element("div").classes("fc-row"):
            put(tag("b", "CE", style="width:2.2rem;display:inline-block"))
            self._equivalent = [
                kept.keep(f"{side} CE", number_field(visit, words, unit="%", least=0).style("width: 9rem"))
                for side, words in (("lowest", text("at least")), ("highest", text("at most")))
            ]
            put(tag("span", visit.say(text("carbon equivalent C + Si/3")), class_="fc-soft"))

    def case(self) -> list[dict[str, Any]]:
        """Return the limits of the case."""
        made: list[dict[str, Any]] = []
        for element, low, high in self._rows:
            sides = _sides(low.value, high.value)
            if sides:
                made.append({"element": element, **sides})
        sides = _sides(self._equivalent[0].value, self._equivalent[1].value)
        if sides:
            made.append({"name": "CE", "sum": {"C": 1, "Si": 1 / 3}, **sides})
        return made


def _sides(low: float | None, high: float | None) -> dict[str, str]:
    pairs = (("lowest", low), ("highest", high))
    return {side: written(value, "%") for side, value in pairs if value is not None}


def needed(field: ui.number, words: Text, visit: Visit) -> float:
    """Return the number in a field.

    Raises
    ------
    ForgecastError
        If it is empty; the field says so too.
    """
    value: float | None = field.value
    if value is None:
        field.error = visit.say(text("This is needed."))
        raise ForgecastError(
            text("{field} is missing", field=words), repair=text("fill it in; nothing is guessed here")
        )
    field.error = None
    return float(value)
