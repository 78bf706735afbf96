"""What the commands of a plant share: who acts, and values of a record as a reader sees them."""

from __future__ import annotations

from forgecast.app.cli.bilingual import option
from forgecast.ground.dates import from_us
from forgecast.ground.texts import Language, text
from forgecast.plant.record import Field
from forgecast.plant.rows import Value

#: ``--by``: whoever writes answers for it.
by_option = option(
    "--by",
    default="",
    metavar="NAME",
    help=text("Who answers for it; without it FORGECAST_BY or the account of this computer is named."),
)


def said_value(field: Field | None, value: Value, zone: str, language: Language) -> str:
    """Return a value of a field: instants in the plant's time, words in the language, quantities with their unit."""
    if value is None:
        return "—"
    if isinstance(value, bool):
        return (text("yes") if value else text("no")).say(language)
    if field is None:
        return str(value)
    if field.kind == "time" and isinstance(value, int):
        return said_time(value, zone)
    if field.kind == "code" and language == "zh":
        return next((choice.zh for choice in field.choices if choice.code == value), str(value))
    number = f"{value:.10g}" if isinstance(value, float) else str(value)
    return f"{number} {field.unit}" if field.unit and field.is_number else number


def said_time(at: int, zone: str) -> str:
    """Return an instant in the time of a plant, to the second."""
    return from_us(at, zone).strftime("%Y-%m-%d %H:%M:%S")
