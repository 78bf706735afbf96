"""`forgecast quality tolerance`: which measured dimensions are out of their limits."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text as Plain

from forgecast.app.cli.bilingual import BilingualCommand, json_option, language_of, language_option, option
from forgecast.app.cli.quality.asked import echo_json, plant_argument, say, say_notes
from forgecast.app.report.numbers import ABSENT, count, pretty_unit
from forgecast.ground.dates import from_us
from forgecast.ground.texts import Language, Text, text

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
    unsettled = any(dimension.not_known for dimension in made.dimensions)
    heads = [
        *((text("product"),) if several else ()), text("characteristic"), text("unit"), text("limits"),
        text("values"), text("measured"), text("not met"), *((text("not known"),) if unsettled else ()),
    ]  # fmt: skip
    rows = [
        (
            *((one.product or ABSENT,) if several else ()), one.name, pretty_unit(one.unit) or ABSENT,
            _span(one.lower, one.upper), _span(one.lowest, one.highest), count(one.measured),
            count(one.not_met), *((count(one.not_known),) if unsettled else ()),
        )
        for one in made.dimensions
    ]  # fmt: skip
    _show(heads, rows, language, whole=3 if several else 2)
    click.echo()
    for word, title in (
        ("not met", text("Values out of their limits: {count}", count=made.not_met)),
        (
            "not known",
            text("Within their measurement uncertainty of a limit, so not known: {count}", count=_near(made)),
        ),
    ):
        found = [outlier for outlier in made.outliers if outlier.word == word]
        if found:
            _outliers(found, title.say(language), made, language)
    if not made.not_met:
        say(text("No value is out of its limits."), language)
    reasons = dict.fromkeys(one.why_not_known for one in made.dimensions if one.why_not_known is not None)
    say_notes((*made.notes, *reasons), language)


def _near(made: DimensionCheck) -> int:
    return sum(outlier.word == "not known" for outlier in made.outliers)


def _outliers(found: list[Outlier], title: str, made: DimensionCheck, language: Language) -> None:
    click.secho(title, bold=True)
    heads = [
        text("characteristic"), text("piece"), text("value"), text("limit"), text("beyond"), text("time"), text("place")
    ]  # fmt: skip
    rows = [
        (
            one.name, one.piece, _plain(one.value), _plain(one.limit), _plain(one.beyond),
            f"{from_us(one.measured_at, made.zone):%Y-%m-%d %H:%M}", one.place,
        )
        for one in found[:_MOST]
    ]  # fmt: skip
    _show(heads, rows, language, whole=2)
    if len(found) > _MOST:
        say(text("… and {left} more; --json lists all", left=len(found) - _MOST), language)
    click.echo()


def _show(heads: list[Text], rows: Sequence[tuple[str, ...]], language: Language, *, whole: int) -> None:
    """Print a table; from the column `whole` on, numbers stand to the right and are never broken over two lines."""
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for place, head in enumerate(heads):
        number = place >= whole and place < len(heads) - (heads[-1].template == "place")
        table.add_column(
            Plain(head.say(language)), justify="right" if number else "left", no_wrap=number, overflow="fold"
        )
    for row in rows:
        table.add_row(*map(Plain, row))
    Console().print(table)


def _span(low: float | None, high: float | None) -> str:
    return ABSENT if low is None and high is None else f"{_plain(low)} … {_plain(high)}"


def _plain(value: float | None) -> str:
    """Return a dimension with all digits that were measured, without the noise of binary numbers."""
    return ABSENT if value is None else f"{value:.8g}"
