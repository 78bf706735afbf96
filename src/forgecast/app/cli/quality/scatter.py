"""`forgecast quality scatter`: at which level of the process scatter arises."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click
import numpy as np

from forgecast.app.cli.bilingual import BilingualCommand, json_option, language_of, language_option, option
from forgecast.app.cli.quality.asked import (
    conditions,
    echo_json,
    field_argument,
    row_options,
    say_notes,
    say_picture,
    show_rows,
    source_argument,
)
from forgecast.app.report.numbers import ABSENT, count, pretty_unit, shown
from forgecast.ground.texts import Language, text

if TYPE_CHECKING:
    from forgecast.tasks.split_scatter import SplitScatter


@click.command(
    cls=BilingualCommand,
    name="scatter",
    sentence=text(
        "Split the scatter of a quantity by levels that lie in one another: how much arises from heat to heat, ladle "
        "to ladle, mould to mould, cavity to cavity, and how much within."
    ),
    examples=(
        ("forgecast quality scatter my-plant measurement.hardness --within heat,ladle,mould",
         text("labels may stand in what a measurement refers to: its piece, the piece's mould …")),
        ("forgecast quality scatter hardness.csv HB --within heat,mould --out hardness.svg",
         text("columns of a file, with a picture")),
        ("forgecast quality scatter demo/plant heat.tap_temperature_degC --within furnace,day",
         text("from furnace to furnace, and from day to day")),
    ),
)  # fmt: skip
@source_argument
@field_argument
@option("--within", required=True, metavar="LEVELS", help=text("Levels from the coarsest to the finest, with commas."))
@option("--method", type=click.Choice(("reml", "anova")), default="reml", show_default=True, help=text(
    "Restricted maximum likelihood, or mean squares (which may fall below zero)."))  # fmt: skip
@row_options
@option("--out", type=click.Path(path_type=Path, dir_okay=False), help=text("Picture to write, .svg or .png."))
@json_option
@language_option
@click.pass_context
def scatter(
    context: click.Context,
    *,
    source: Path,
    field: str,
    within: str,
    method: Literal["reml", "anova"],
    since: date | None,
    until: date | None,
    where: tuple[str, ...],
    time: str,
    out: Path | None,
    as_json: bool,
) -> int:
    """Split the scatter of a quantity."""
    from forgecast.app.quality.canvas import check_picture  # noqa: PLC0415  (heavy libraries load only when needed)
    from forgecast.tasks.read_watched import read_watched  # noqa: PLC0415
    from forgecast.tasks.split_scatter import split_scatter  # noqa: PLC0415
    from forgecast.tasks.watched import Wanted  # noqa: PLC0415

    language = language_of(context)
    if out is not None:
        check_picture(out)
    levels = tuple(level.strip() for level in within.split(",") if level.strip())
    watched = read_watched(source, Wanted((field,), levels, conditions(where), since, until, time))
    split = split_scatter(watched, levels, method=method)
    if out is not None:
        _draw(split, out, language)
    if as_json:
        echo_json(split.as_json())
    else:
        _show(split, language)
        say_picture(out, language)
    return 0


def _show(split: SplitScatter, language: Language) -> None:
    unit = pretty_unit(split.unit)
    click.secho(f"{split.title.say(language)}{f' [{unit}]' if unit else ''}", bold=True)
    found = split.found
    heads = (text("nested in"), text("groups"), text("deviation"), text("% of variance"), text("degrees of freedom"))
    rows = [
        (
            _level(level, language), count(int(found.groups[n])) if n < found.groups.size else count(found.values),
            shown(float(np.sqrt(variance))), ABSENT if np.isnan(share) else f"{100.0 * share:.1f}", count(int(freedom)),
        )
        for n, (level, variance, share, freedom) in enumerate(
            zip(found.levels, found.variances, found.shares, found.degrees_of_freedom, strict=True)
        )
    ]  # fmt: skip
    show_rows(heads, rows, language, right=frozenset(range(1, 5)))
    click.echo()
    click.echo(split.words.say(language))
    say_notes(split.notes, language)


def _level(level: str, language: Language) -> str:
    return text("within").say(language) if level == "within" else level


def _draw(split: SplitScatter, out: Path, language: Language) -> None:
    from forgecast.app.quality.bars import Bar, draw_bars  # noqa: PLC0415
    from forgecast.app.quality.canvas import made_up  # noqa: PLC0415

    unit = pretty_unit(split.unit)
    found = split.found
    largest = -1 if np.isnan(found.shares).any() else int(np.argmax(found.shares))
    bars = []
    for n, (level, variance, share) in enumerate(zip(found.levels, found.variances, found.shares, strict=True)):
        deviation = float(np.sqrt(variance))
        said = shown(deviation) + (f" {unit}" if unit else "")
        said += (
            ""
            if np.isnan(share)
            else "  (" + text("{percent} % of the variance", percent=f"{100.0 * share:.1f}").say(language) + ")"
        )
        bars.append(Bar(_level(level, language), deviation, said, loud=n == largest))
    title = text("Where the scatter of {title} arises", title=split.title).say(language)
    under = f"{split.source} · {text('values: {n}', n=count(found.values)).say(language)}"
    under += made_up(language, synthetic=split.synthetic)
    draw_bars(bars, out, title, under, text("standard deviation").say(language) + (f" [{unit}]" if unit else ""))
