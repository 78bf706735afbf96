"""What the commands of energy ask alike, and how they show numbers."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from forgecast.app.cli.bilingual import argument, option
from forgecast.app.cli.quality.asked import Day
from forgecast.app.report.numbers import ABSENT
from forgecast.energy.idle_loss import Estimate
from forgecast.ground.texts import text

Function = TypeVar("Function", bound=Callable[..., Any])

plant_argument = argument("plant", type=click.Path(path_type=Path), help=text("Folder of the plant."))
meter_option = option("--meter", default="", help=text("Meter; without, the only main meter of electricity."))
driver_option = option(
    "--driver",
    "drivers",
    multiple=True,
    metavar="NAME",
    help=text(
        "What drives energy: good_t, metal_t, scrap_share, heats, heat_t, pieces, tag:NAME; good_t@LINE for a part; "
        "may be given again."
    ),
)
out_option = option("--out", type=click.Path(path_type=Path), help=text("Picture to draw, ending in .svg or .png."))


def since_until(function: Function) -> Function:
    """Add --since and --until, whose absence means the last twelve whole months."""
    function = option("--until", type=Day(), help=text("Last day (2025-12-31); without, the last one on record."))(
        function
    )
    return option("--since", type=Day(), help=text("First day (2025-01-01); without, twelve whole months."))(function)


def number(value: float | None, digits: int = 0) -> str:
    """Return a number with its thousands set off; a dash where it is not known."""
    if value is None or not math.isfinite(value):
        return ABSENT
    return f"{value:,.{digits}f}".replace("-", "−")


def spread(one: Estimate, digits: int = 0) -> str:
    """Return an estimate with its interval; a dash where it is not known."""
    if one.value is None:
        return ABSENT
    if one.low is None or one.high is None or number(one.low, digits) == number(one.high, digits):
        return number(one.value, digits)
    return f"{number(one.value, digits)} ({number(one.low, digits)} … {number(one.high, digits)})"
