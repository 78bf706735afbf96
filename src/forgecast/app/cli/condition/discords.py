"""`forgecast condition discords`: the stretches of a signal that resemble no other."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from forgecast.app.cli.bilingual import BilingualCommand, json_option, language_of, language_option, option
from forgecast.app.cli.condition.asked import series_options, signal_argument
from forgecast.app.cli.quality.asked import (
    conditions,
    echo_json,
    say_notes,
    say_picture,
    show_rows,
    source_argument,
)
from forgecast.app.cli.quantity import Quantity
from forgecast.ground.texts import Language, text

if TYPE_CHECKING:
    from forgecast.tasks.find_discords import FoundDiscords


@click.command(
    cls=BilingualCommand,
    name="discords",
    sentence=text("Find the stretches of a signal that resemble no other (matrix profile), with a back-test."),
    examples=(
        ("forgecast condition discords my-plant F1.power --every 5min --span 1day", text("the strangest days")),
        ("forgecast condition discords cycles.csv force --window 200", text("stretches of 200 values of a file")),
    ),
)
@source_argument
@signal_argument
@option("--span", type=Quantity("time_span"), help=text("Length of a stretch as a time."))
@option("--window", type=click.IntRange(4), help=text("Length of a stretch as a number of values."))
@option("--count", type=click.IntRange(1, 50), default=3, show_default=True, help=text("Most discords."))
@option("--false-alarm", type=Quantity("share"), default="1%", show_default=True, help=text(
    "Share of the stretches of the first half that may pass the threshold."))  # fmt: skip
@series_options
@json_option
@language_option
@click.pass_context
def discords(
    context: click.Context, *, source: Path, signal: str, span: float | None, window: int | None, count: int,
    false_alarm: float, every: float | None, time: str, where: tuple[str, ...], since: date | None, until: date | None,
    out: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Find discords and show them."""
    from forgecast.app.condition.series_pictures import draw_discords  # noqa: PLC0415  (heavy libraries load late)
    from forgecast.app.quality.canvas import check_picture  # noqa: PLC0415
    from forgecast.tasks.condition_values import SignalsAsked, read_signals  # noqa: PLC0415
    from forgecast.tasks.find_discords import find_discords  # noqa: PLC0415

    language = language_of(context)
    if out is not None:
        check_picture(out)
    asked = SignalsAsked((signal,), (), conditions(where), since, until, time, every)
    answer = find_discords(read_signals(source, asked), window=window, span=span, count=count, false_alarm=false_alarm)
    if out is not None:
        draw_discords(answer, out, language)
    if as_json:
        echo_json(answer.as_json())
        return
    _show(answer, language)
    say_picture(out, language)


def _show(answer: FoundDiscords, language: Language) -> None:
    found = answer.found
    rows = [
        (
            answer.place(one.at),
            answer.place(one.at + found.window - 1),
            f"{one.distance:.2f}",
            answer.place(one.nearest),
            (text("beyond the threshold") if one.distance > found.threshold else text("within it")).say(language),
        )
        for one in found.discords
    ]
    heads = (text("from"), text("until"), text("distance [1]"), text("most like"), text("threshold"))
    show_rows(heads, rows, language, right=frozenset({2}))
    month = answer.alarms_per_month
    said = text(
        "back-test: threshold {threshold} learnt in the first half, {alarms} alarms in the second ({month} a month)",
        threshold=f"{found.threshold:.2f}", alarms=found.alarms, month="—" if month is None else f"{month:.2g}",
    )  # fmt: skip
    say_notes([*answer.notes, said], language)
