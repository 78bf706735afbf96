"""`forgecast carbon factors`: the emission factors a plant's answers rest on."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from forgecast.app.carbon.words import CATEGORIES, item_text, number
from forgecast.app.cli.bilingual import BilingualCommand, argument, json_option, language_of, language_option, option
from forgecast.app.cli.casting.show import show_table
from forgecast.app.cli.melting.show import echo_json, say
from forgecast.app.report.numbers import ABSENT
from forgecast.environment.carbon.factor import Confidence, EmissionFactor
from forgecast.ground.dates import Period, zone
from forgecast.ground.texts import Text, text

_KNOWN: dict[Confidence, Text] = {
    "own": text("own"),
    "primary": text("primary"),
    "secondary": text("secondary"),
    "unverified": text("unverified"),
}


@click.command(
    cls=BilingualCommand,
    name="factors",
    sentence=text("List the emission factors a plant may use on a day: shipped ones, declarations, and its own."),
    examples=(
        ("forgecast carbon factors my-plant", text("those of today")),
        (
            "forgecast plant record my-plant emission_factor",
            text("enter a factor of your own with its source"),
        ),
    ),
)
@argument("plant", type=click.Path(path_type=Path), help=text("Folder of the plant."))
@option("--on", "day", type=click.DateTime(formats=["%Y-%m-%d"]), help=text("As of this day; without it today."))
@json_option
@language_option
@click.pass_context
def factors(context: click.Context, *, plant: Path, day: datetime | None, as_json: bool) -> int:
    """List the factors."""
    from forgecast.store.plant_folder import PlantFolder  # noqa: PLC0415  (heavy libraries load only when needed)
    from forgecast.tasks.carbon_factors import carbon_factors  # noqa: PLC0415
    from forgecast.tasks.plant_view import PlantView  # noqa: PLC0415

    with PlantFolder.open(plant) as opened:
        at = (datetime.now(tz=zone(opened.settings.zone)) if day is None else day).date()
        found = tuple(carbon_factors(PlantView(opened, Period.twelve_months_to(at), at)))
    if as_json:
        echo_json({"factors": [_as_json(one) for one in found]})
        return 0
    language = language_of(context)
    say(text("Emission factors as of {day}", day=at.isoformat()), language, "bold")
    heads = (
        text("number"),
        text("of"),
        text("kind"),
        text("value [kg CO2e/unit]"),
        text("± [%]"),
        text("known"),
        text("source"),
    )
    rows = [
        (
            one.id,
            item_text(one.item).say(language),
            CATEGORIES[one.category].say(language),
            f"{number(one.value)} /{one.per}",
            ABSENT if one.relative_uncertainty is None else f"{100.0 * one.relative_uncertainty:.3g}",
            _KNOWN[one.confidence].say(language),
            one.source.say(language),
        )
        for one in found
    ]
    show_table(heads, rows, language)
    if not any(one.confidence == "own" for one in found):
        say(
            text(
                "Bought materials have no factor until a declaration (`embedded_emission`) or an own factor "
                "(`emission_factor`) is on record."
            ),
            language,
        )
    return 0


def _as_json(one: EmissionFactor) -> dict[str, object]:
    return {
        "id": one.id,
        "item": one.item,
        "category": one.category,
        "value": one.value,
        "unit": f"kgCO2e/{one.per}",
        "basis": one.basis,
        "region": one.region,
        "supplier": one.supplier,
        "relative_uncertainty": one.relative_uncertainty,
        "valid_from": None if one.validity.start is None else one.validity.start.isoformat(),
        "valid_before": None if one.validity.end is None else one.validity.end.isoformat(),
        "restates": one.restates,
        "confidence": one.confidence,
        "source": one.source.as_json(),
    }
