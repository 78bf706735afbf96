"""`forgecast energy diagnose`: where energy goes to waste, ranked by money."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
from rich.console import Console
from rich.padding import Padding
from rich.text import Text as Plain

from forgecast.app.cli.bilingual import BilingualCommand, json_option, language_of, language_option, option
from forgecast.app.cli.energy.asked import number, out_option, plant_argument, since_until, spread
from forgecast.app.cli.quality.asked import echo_json, say, say_notes, say_picture
from forgecast.app.cli.quantity import Quantity
from forgecast.ground.texts import Language, Text, text

if TYPE_CHECKING:
    from forgecast.tasks.diagnose_energy import Diagnosis

_CERTAIN: Final[dict[str, Text]] = {
    "measured": text("measured"),
    "estimated": text("estimated"),
    "hint": text("a hint"),
}


@click.command(
    cls=BilingualCommand,
    name="diagnose",
    sentence=text(
        "Find where a plant's energy makes nothing: holding, load outside work, compressed air, peaks, power "
        "factor, meters, waste "
        "heat; each with kWh and CNY a year, how it was found, and what to do."
    ),
    examples=(
        ("forgecast energy diagnose my-plant", text("money by the tariff on record")),
        (
            "forgecast energy diagnose my-plant --price 0.72 --down-to 120degC",
            text("with your own price, and waste heat"),
        ),
    ),
)
@plant_argument
@option("--price", type=float, metavar="CNY/kWh", help=text("Price of a kWh; without, the mean of the tariff."))
@option("--down-to", type=Quantity("temperature"), help=text("Temperature to which waste heat can be taken."))
@since_until
@out_option
@json_option
@language_option
@click.pass_context
def diagnose(
    context: click.Context,
    *,
    plant: Path,
    price: float | None,
    down_to: float | None,
    since: date | None,
    until: date | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """Diagnose energy and show it."""
    from forgecast.app.energy.plan_picture import draw_diagnosis  # noqa: PLC0415  (heavy: only when needed)
    from forgecast.app.quality.canvas import check_picture  # noqa: PLC0415
    from forgecast.store.plant_folder import PlantFolder  # noqa: PLC0415
    from forgecast.tasks.diagnose_energy import diagnose_energy  # noqa: PLC0415

    language = language_of(context)
    if out is not None:
        check_picture(out)
    cool = None if down_to is None else down_to - 273.15
    with PlantFolder.open(plant) as opened:
        synthetic = opened.settings.synthetic
        answer = diagnose_energy(opened, since=since, until=until, price=price, down_to_degC=cool)
    if out is not None:
        draw_diagnosis(answer, out, language, synthetic=synthetic)
    if as_json:
        echo_json(answer.as_json())
    else:
        _show(answer, language)
        say_picture(out, language)


def _show(answer: Diagnosis, language: Language) -> None:
    from forgecast.app.energy.plan_picture import KIND_NAMES  # noqa: PLC0415

    price = (
        text("{price} CNY a kWh", price=number(answer.price, 3)) if answer.price is not None else text("no price known")
    )
    say(
        text(
            "{since} to {until}, {price}; a year each, 95 % intervals; findings overlap and do not add up",
            since=str(answer.since),
            until=str(answer.until),
            price=price,
        ),
        language,
    )
    for place, one in enumerate(answer.wastes, 1):
        click.echo()
        say(
            text("{n}. {kind}, {subject}", n=place, kind=KIND_NAMES[one.kind], subject=one.subject),
            language,
            style="bold",
        )
        if one.energy.value:
            _indented(text("{kWh} kWh a year", kWh=spread(one.energy)), language)
        if one.money.value is not None:
            _indented(text("{money} CNY a year", money=spread(one.money)), language)
        elif one.money.why_missing is not None:
            _indented(text("CNY not known: {why}", why=one.money.why_missing), language)
        _indented(one.what, language)
        _indented(text("found by: {how} ({certainty})", how=one.how, certainty=_CERTAIN[one.certainty]), language)
        _indented(text("to do: {to_do}", to_do=one.to_do), language)
    if not answer.wastes:
        say(text("Nothing was found; what is missing is listed below."), language)
    if answer.not_known:
        click.echo()
        say(text("Not known, and what would settle it"), language, style="bold")
        say_notes(answer.not_known, language)


def _indented(line: Text, language: Language) -> None:
    Console().print(Padding(Plain(line.say(language)), (0, 0, 0, 3)))
