"""What the commands of condition ask alike."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from forgecast.app.cli.bilingual import argument, option
from forgecast.app.cli.quality.asked import span_options
from forgecast.app.cli.quantity import Quantity
from forgecast.ground.texts import text

Function = TypeVar("Function", bound=Callable[..., Any])

signal_argument = argument(
    "signal", help=text("In a plant a tag, or record.field (shot.cast_pressure_bar); in a file a header.")
)
picture_option = option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help=text("Picture to write, .svg or .png.")
)
time_option = option("--time", default="", metavar="COLUMN", help=text(
    "Column of a file that holds the time; without it rows are taken in their order."))  # fmt: skip
where_option = option("--where", multiple=True, metavar="FIELD=WORD", help=text(
    "Only rows whose field has this word (FIELD!=WORD: has not); may be given again."))  # fmt: skip
confidence_option = option(
    "--confidence", type=Quantity("share"), default="90%", show_default=True, help=text("Of the intervals.")
)


def series_options(function: Function) -> Function:
    """Add --every, --time, --where, --since, --until, --out."""
    function = picture_option(function)
    function = option("--every", type=Quantity("time_span"), help=text("Average over this span first."))(function)
    return span_options(where_option(time_option(function)))
