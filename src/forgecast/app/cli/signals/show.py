"""What the commands of signals show alike: instants, spans of time, values."""

from __future__ import annotations

import math

from forgecast.app.report.numbers import ABSENT
from forgecast.ground.dates import from_us
from forgecast.ground.texts import Language, Text, bilingual, text
from forgecast.plant.record import record
from forgecast.signals.lasting import lasting
from forgecast.signals.reading import DOUBTFUL, GOOD, INVALID

FLAG_TEXTS: dict[int, Text] = {GOOD: text("good"), DOUBTFUL: text("doubtful"), INVALID: text("invalid")}


def instant(t: int | None, zone_name: str) -> str:
    """Return an instant in the plant's zone, to the second."""
    return ABSENT if t is None else f"{from_us(t, zone_name):%Y-%m-%d %H:%M:%S}"


def span(seconds: float | None, language: Language) -> str:
    """Return a span of time in the unit that suits it."""
    if seconds is None or not math.isfinite(seconds):
        return ABSENT if seconds is None else "∞"
    return lasting(seconds).say(language)


def percent(share: float | None) -> str:
    """Return a share in per cent; never rounded up to all of it."""
    if share is None:
        return ABSENT
    said = f"{100.0 * share:.2f}"
    return "99.99" if said == "100.00" and share < 1.0 else said


def word(of: str, field_name: str, code: str) -> Text:
    """Return a code of a record as a person reads it, in both languages."""
    field = next(field for field in record(of).fields if field.name == field_name)
    chinese = next((choice.zh for choice in field.choices if choice.code == code), code)
    return bilingual(code.replace("_", " "), chinese)
