"""`forgecast quality tolerance`: which measured dimensions are out of their limits."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from forgecast.app.cli.bilingual import BilingualCommand, json_option, language_of, language_option, option
from forgecast.app.cli.quality.asked import echo_json, plant_argument, say, say_notes, show_rows
from forgecast.app.report.numbers import ABSENT, count, pretty_unit
from forgecast.ground.dates import from_us
from forgecast.ground.texts import Language, text

if TYPE_CHECKING:
    from forgecast.tasks.check_dimensions import DimensionCheck, Outlier

_MOST = 40


@click.command(
    cls=BilingualCommand,
    name="tolerance",
    sentence=text(
        "List the measured dimensions that are out of their limits; with the measurement uncertainty, where it is on "
        "record, also those too near to a limit to tell."
    ),
    examples=(
        ("forgecast quality tolerance my-plant", text("all products")),
        ("forgecast quality tolerance my-plant --product shaft --strict", text("exit code 1 if one is out")),
    ),
)
@plant_argument
@option("--product", default="", help=text("Only this product."))
@option("--strict", is_flag=True, help=text("Leave with exit code 1 if a value does not meet its limits."))
@json_option
@language_option
@click.pass_context
def tolerance(context: click.Context, *, plant: Path, product: str, strict: bool, as_json: bool) -> int:
    """Check dimensions."""
    from forgecast.store.plant_folder import PlantFolder  # noqa: PLC0415  (heavy libraries load only when needed)
    from forgecast.tasks.check_dimensions import check_dimensions  # noqa: PLC0415

    with PlantFolder.open(plant) as opened:
        made = check_dimensions(opened, product=product)
    if as_json:
        echo_json(made.as_json())
    else:
        show_check(made, language_of(context))
    return 1 if strict and made.not_met else 0


def show_check(made: DimensionCheck, language: Language) -> None:
    """Print a line for each characteristic, then the values that are out."""
    several = len({dimension.product for dimension in made.dimensions}) > 1
    heads = (
        *((text("product"),) if several else ()), text("characteristic"), text("unit"), text("lower limit"),
        text("upper limit"), text("lowest"), text("highest"), text("measured"), text("not met"), text("not known"),
    )  # fmt: skip
    rows = [
        (
            *((one.product or ABSENT,) if several else ()), one.name, pretty_unit(one.unit) or ABSENT,
            _plain(one.lower), _plain(one.upper), _plain(one.lowest), _plain(one.highest), count(one.measured),
            count(one.not_met), count(one.not_known),
        )
        for one in made.dimensions
    ]  # fmt: skip
    first = 3 if several else 2
    show_rows(heads, rows, language, right=frozenset(range(first, first + 7)))
    click.echo()
    for word, title in (
        ("not met", text("{count} values do not meet their limits:", count=made.not_met)),
        ("not known", text("These lie within their measurement uncertainty of a limit:")),
    ):
        found = [outlier for outlier in made.outliers if outlier.word == word]
        if found:
            _outliers(found, title.say(language), made, language)
    if not made.not_met:
        say(text("No value is out of its limits."), language)
    reasons = dict.fromkeys(one.why_not_known for one in made.dimensions if one.why_not_known is not None)
    say_notes((*made.notes, *reasons), language)


def _outliers(found: list[Outlier], title: str, made: DimensionCheck, language: Language) -> None:
    click.secho(title, bold=True)
    units = {(one.product, one.name): pretty_unit(one.unit) for one in made.dimensions}
    heads = (
        text("characteristic"), text("piece"), text("measured"), text("value"), text("limit"), text("beyond"),
        text("unit"), text("place"),
    )  # fmt: skip
    rows = [
        (
            one.name, one.piece, f"{from_us(one.measured_at, made.zone):%Y-%m-%d %H:%M}", _plain(one.value),
            _plain(one.limit), _plain(one.beyond), units[one.product, one.name] or ABSENT, one.place,
        )
        for one in found[:_MOST]
    ]  # fmt: skip
    show_rows(heads, rows, language, right=frozenset((3, 4, 5)))
    if len(found) > _MOST:
        say(text("… and {left} more; --json lists all", left=len(found) - _MOST), language)


def _plain(value: float | None) -> str:
    """Return a dimension with all digits that were measured, without the noise of binary numbers."""
    return ABSENT if value is None else f"{value:.8g}"
