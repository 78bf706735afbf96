"""`forgecast casting identify`: the interface coefficient of a plate trial from its thermocouples."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from forgecast.app.cli.bilingual import BilingualCommand, argument, json_option, language_of, language_option, option
from forgecast.app.cli.casting.show import show_figures, show_findings, show_sources, show_table
from forgecast.app.cli.quantity import Quantity, quantity
from forgecast.app.report.numbers import shown, shown_with_unit
from forgecast.ground.errors import ForgecastError, UnitError
from forgecast.ground.texts import Language, text, verbatim

if TYPE_CHECKING:
    from forgecast.tasks.identify_interface import InterfaceIdentified


@click.command(
    cls=BilingualCommand,
    name="identify",
    sentence=text(
        "Identify the interface coefficient of metal and mould from the thermocouples of a plate trial, with its "
        "confidence interval."
    ),
    examples=(
        (
            "forgecast casting identify trial.csv --alloy A356 --mould h13 --half 20mm --depth 60mm "  # noqa: ISC004
            "--pour 700degC --mould-at 200degC",
            text("one coefficient; headers such as `time [s]` and `TC1 @ 5 mm [degC]` say what a column is"),
        ),
        (
            "forgecast casting identify trial.csv --alloy A356 --mould h13 --half 20mm --depth 60mm "  # noqa: ISC004
            "--pour 700degC --mould-at 200degC --knots 450degC,550degC,650degC --place-error 0.5mm",
            text("one that changes with the temperature of the metal, places known to half a millimetre"),
        ),
    ),
)
@argument(
    "record",
    type=click.Path(path_type=Path),
    help=text("Table of temperatures; time counts from the pour, places from the interface (negative in the metal)."),
)
@option("--alloy", required=True, help=text("Alloy by any of its names (`forgecast casting alloys`)."))
@option("--mould", required=True, help=text("Mould or die material (`forgecast casting media`)."))
@option("--half", type=Quantity("length"), required=True, help=text("Half the thickness of the plate."))
@option("--depth", type=Quantity("length"), required=True, help=text("Thickness of the mould."))
@option("--pour", type=Quantity("temperature"), required=True, help=text("Temperature of the metal at time 0."))
@option("--mould-at", type=Quantity("temperature"), required=True, help=text("Temperature of the mould at time 0."))
@option("--knots", help=text("Temperatures of the metal or times since the pour, parted by commas; else one value."))
@option("--place-error", type=Quantity("length"), help=text("Standard error of the thermocouples' places."))
@option("--confidence", type=Quantity("share"), default="95%", show_default=True, help=text("Of the intervals."))
@json_option
@language_option
@click.pass_context
def identify(
    context: click.Context,
    *,
    record: Path,
    alloy: str,
    mould: str,
    half: float,
    depth: float,
    pour: float,
    mould_at: float,
    knots: str | None,
    place_error: float | None,
    confidence: float,
    as_json: bool,
) -> None:
    """Identify the coefficient and show it."""
    from forgecast.gateway.thermocouple import read_thermocouples  # noqa: PLC0415
    from forgecast.tasks.identify_interface import identify_interface, plate_trial  # noqa: PLC0415

    over, at = _knots(knots)
    layout = plate_trial(
        alloy, mould, half_thickness=half, mould_thickness=depth, pour_temperature=pour, mould_temperature=mould_at
    )
    read = read_thermocouples(record)
    language = language_of(context)
    found = identify_interface(read, layout, over=over, at=at, place_error=place_error, confidence=confidence)
    if as_json:
        click.echo(json.dumps({"ok": True, **found.as_json()}, ensure_ascii=False, indent=1))
        return
    _show(found, language)


def _knots(words: str | None) -> tuple[Literal["constant", "temperature", "time"], tuple[float, ...]]:
    """Return what the coefficient changes with, told by the unit of its knots."""
    if words is None:
        return "constant", (0.0,)
    parts = words.split(",")
    try:
        times = tuple(quantity(part, "time_span", "--knots", positive=False) for part in parts)
    except UnitError:
        return "temperature", _rising(tuple(quantity(part, "temperature", "--knots") for part in parts))
    return "time", _rising(times)


def _rising(knots: tuple[float, ...]) -> tuple[float, ...]:
    if any(b <= a for a, b in pairwise(knots)):
        raise ForgecastError(
            text("the knots do not rise"), where="--knots", repair=text("write each once, the lowest first")
        )
    return knots


def _show(found: InterfaceIdentified, language: Language) -> None:
    fit = found.fit
    share = verbatim(f"{100 * fit.confidence:g} %")
    heads = (text("Coefficient"), text("value [W/(m² K)]"), text("from [W/(m² K)]"), text("to [W/(m² K)]"),
             text("moves readings by [K]"))  # fmt: skip
    rows = [
        (e.name, shown(e.value), shown(e.low), shown(e.high), shown(e.sensitivity)) for e in fit.estimates if e.free
    ]
    show_findings(found.findings, language)
    show_table(heads, rows, language)
    click.echo(
        text("from, to: interval of {share} confidence; the last column: for a tenth more", share=share).say(language)
    )
    click.echo()
    show_figures(
        [
            (text("Noise of the readings"), shown_with_unit(fit.noise, "K")),
            (text("Readings that follow one another agree by"), shown(fit.autocorrelation)),
            (text("Rows used, of"), f"{found.used_rows}, {found.rows}"),
        ],
        language,
    )
    show_sources(found.sources, language)
