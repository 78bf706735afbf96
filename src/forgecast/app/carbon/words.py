"""Words that the answers about carbon share: names of carriers and materials, categories, reasons."""

from __future__ import annotations

import math
from collections.abc import Iterable

from forgecast.app.report.numbers import ABSENT
from forgecast.environment.carbon.factor import Category, no_factor
from forgecast.ground.texts import Language, Text, text, verbatim
from forgecast.plant.record import record

CATEGORIES: dict[Category, Text] = {
    "fuel": text("fuel"),
    "electricity": text("electricity"),
    "heat": text("heat"),
    "material": text("material"),
    "process": text("process"),
    "transport": text("transport"),
    "waste": text("waste"),
    "service": text("service"),
    "refrigerant": text("refrigerant"),
}


def item_text(item: str) -> Text:
    """Return a carrier or material in words, with the lot or supplier it is of."""
    code, _, whose = item.partition(":")
    for name, field in (("meter", "carrier"), ("material", "material")):
        for choice in record(name).field(field).choices:
            if choice.code == code:
                said = Text(code.replace("_", " "), choice.zh)
                return text("{item} of {whose}", item=said, whose=whose) if whose else said
    return verbatim(item)


def number(value: float | None, digits: int = 4) -> str:
    """Return a number to some significant digits, a dash where it is not known."""
    if value is None or not math.isfinite(value):
        return ABSENT
    return f"{value:,.{digits}g}" if abs(value) < 10.0**digits else f"{value:,.0f}"


def between(low: float, high: float, digits: int = 4) -> str:
    """Return an interval."""
    return f"{number(low, digits)} … {number(high, digits)}"


def reasons(lacking: Iterable[tuple[str, Text]], language: Language) -> list[Text]:
    """Return why items are not counted, each reason once; those that merely have no factor in one line."""
    without: dict[str, None] = {}
    others: dict[Text, None] = {}
    for item, why in lacking:
        if why == no_factor(item.partition(":")[0]):
            without[item_text(item).say(language)] = None
        else:
            others[why] = None
    said = list(others)
    return [text("no emission factor: {items}", items=", ".join(without)), *said] if without else said
