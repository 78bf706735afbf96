"""What the commands of genealogy share: assumptions, instants and how they show chances."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

import click

from forgecast.app.cli.bilingual import option
from forgecast.app.cli.quantity import Quantity
from forgecast.ground.dates import to_us, zone
from forgecast.ground.errors import ForgecastError
from forgecast.ground.finding import Finding
from forgecast.ground.texts import Language, text
from forgecast.plant.lineage import Assumptions

Function = TypeVar("Function", bound=Callable[..., Any])


def assumption_options(function: Function) -> Function:
    """Add what is taken for granted where records are silent."""
    for one in (
        option("--any-order", is_flag=True, help=text(
            "Allow that moulds of a line were poured from ladles in any order.")),
        option("--before-pouring", type=Quantity("time_span"), help=text(
            "Least time from filling a ladle to pouring from it; without it none is assumed.")),
        option("--in-ladle", type=Quantity("time_span"), help=text(
            "How long metal may stay in a ladle whose emptying is not on record; without it 30 min are assumed.")),
        option("--clock", type=Quantity("time_span"), help=text(
            "Standard uncertainty of the difference of two clocks; without it 30 s are assumed.")),
        option("--least-share", type=Quantity("share"), help=text(
            "Share from which on a thing is said to hold another; without it 1 %.")),
    ):  # fmt: skip
        function = one(function)
    return function


def assumptions_of(
    clock: float | None, in_ladle: float | None, before_pouring: float | None, *, any_order: bool
) -> Assumptions:
    """Return the assumptions asked for; the others keep their defaults."""
    made = Assumptions(ordered=not any_order)
    if clock is not None:
        made = replace(made, clock=clock)
    if in_ladle is not None:
        made = replace(made, longest_in_ladle=in_ladle)
    if before_pouring is not None:
        made = replace(made, before_pouring=before_pouring)
    return made


def instant(words: str | None, zone_name: str, where: str, *, end: bool = False) -> int | None:
    """Return an instant written as plant-local date and time, in microseconds UTC; None for None.

    Parameters
    ----------
    words : str or None
        ``2025-03-04``, ``2025-03-04 07:30`` or with an offset, ``2025-03-04T07:30+08:00``.
    zone_name : str
        IANA zone of the plant.
    where : str
        Option it was given for.
    end : bool
        Whether a day without a time means its end.

    Raises
    ------
    ForgecastError
        If it is none.
    """
    if words is None:
        return None
    try:
        moment = datetime.fromisoformat(words)
    except ValueError:
        raise ForgecastError(
            text("{words} is no instant", words=words),
            where=where,
            repair=text("write it as 2025-03-04 or '2025-03-04 07:30', in the time of the plant"),
        ) from None
    if end and len(words) == len("2025-03-04"):
        moment += timedelta(days=1)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone(zone_name))
    return to_us(moment)


def show_contradictions(findings: Iterable[Finding], language: Language) -> None:
    """Print what contradicts itself in the records, with what to do."""
    for finding in findings:
        click.echo(
            f"{finding.place}: {finding.reason.say(language)} ({finding.value}) → {finding.repair.say(language)}",
            err=True,
        )


def chance(low: float, best: float, high: float) -> str:
    """Return a probability: one number where its bounds agree, else the estimate and its bounds."""
    if high - low < 0.0005:
        return _two(best)
    return f"{_two(best)} ({_two(low)}–{_two(high)})"


def _two(value: float) -> str:
    """Return a share or probability; what is not quite sure is not shown as sure."""
    if value >= 1.0 - 1e-9:
        return "1"
    if value > 0.9995:
        return ">0.999"
    if 0.0 < value < 0.0005:
        return "<0.001"
    return f"{value:.3f}".rstrip("0").rstrip(".") or "0"
