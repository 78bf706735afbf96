"""`forgecast condition anomaly`: when several signals together are strange, and which of them."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from forgecast.app.cli.bilingual import BilingualCommand, argument, json_option, language_of, language_option, option
from forgecast.app.cli.condition.asked import series_options
from forgecast.app.cli.quality.asked import (
    conditions,
    echo_json,
    say,
    say_notes,
    say_picture,
    show_rows,
    source_argument,
)
from forgecast.app.cli.quantity import Quantity
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Language, text

if TYPE_CHECKING:
    from forgecast.signals.condition.anomaly import Method
    from forgecast.tasks.find_anomalies import FoundAnomalies

_SHOWN = 15


@click.command(
    cls=BilingualCommand,
    name="anomaly",
    sentence=text(
        "Find when several signals together are strange for the regime the machine is in, and which signal "
        "makes them so. "
        "Learns from the first part, sets thresholds on the next, judges the rest."
    ),
    examples=(
        ("forgecast condition anomaly my-plant shot.cast_pressure_bar shot.biscuit_thickness_mm --regime die",
         text("shots, each die by itself")),
        ("forgecast condition anomaly pump.csv p T I --time t --find-regimes n", text("regimes found by the speed")),
        ("forgecast condition anomaly pump.csv p T I --method forest --false-alarm 0.5%", text("another method")),
    ),
)  # fmt: skip
@source_argument
@argument("signals", nargs=-1, required=True, help=text("Tags, record.field, or headers: two or more."))
@option("--regime", default="", metavar="FIELD", help=text("Field whose word is the regime of a row."))
@option(
    "--find-regimes", multiple=True, metavar="SIGNAL", help=text("Find regimes by this signal; may be given again.")
)
@option("--good", default="", metavar="FIELD", help=text("Field that is good, 0 or empty on sound rows."))
@option("--method", type=click.Choice(("pca", "robust", "forest")), default="pca", show_default=True, help=text(
    "Principal components (T² and Q), robust covariance, or isolation forest."))  # fmt: skip
@option("--false-alarm", type=Quantity("share"), default="0.1%", show_default=True, help=text(
    "Share of sound rows that may pass the threshold."))  # fmt: skip
@option("--consecutive", type=click.IntRange(1), default=1, show_default=True, help=text(
    "Rows in a row that make an alarm."))  # fmt: skip
@series_options
@json_option
@language_option
@click.pass_context
def anomaly(
    context: click.Context, *, source: Path, signals: tuple[str, ...], regime: str, find_regimes: tuple[str, ...],
    good: str, method: str, false_alarm: float, consecutive: int, every: float | None, time: str,
    where: tuple[str, ...], since: date | None, until: date | None, out: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Find anomalies and show them."""
    from forgecast.app.condition.series_pictures import draw_anomalies  # noqa: PLC0415  (heavy libraries load late)
    from forgecast.app.quality.canvas import check_picture  # noqa: PLC0415
    from forgecast.tasks.condition_values import SignalsAsked, read_signals  # noqa: PLC0415
    from forgecast.tasks.find_anomalies import find_anomalies  # noqa: PLC0415

    language = language_of(context)
    if out is not None:
        check_picture(out)
    if regime and find_regimes:
        raise ForgecastError(
            text("regimes are either named by a field or found"),
            repair=text("give --regime or --find-regimes, not both"),
        )
    names = (*signals, *(one for one in find_regimes if one not in signals))
    asked = SignalsAsked(names, tuple(filter(None, (regime, good))), conditions(where), since, until, time, every)
    answer = find_anomalies(
        read_signals(source, asked), regime=regime, regime_signals=[names.index(one) for one in find_regimes],
        method=cast("Method", method), false_alarm=false_alarm, consecutive=consecutive, good=good,
    )  # fmt: skip
    if out is not None:
        draw_anomalies(answer, out, language)
    if as_json:
        echo_json(answer.as_json())
        return
    _show(answer, language)
    say_picture(out, language)


def _show(answer: FoundAnomalies, language: Language) -> None:
    found = answer.found
    if not found.alarms:
        say(text("No alarm in the judged rows."), language)
    else:
        rows = [
            (answer.place(one.first), answer.place(one.last), one.regime, f"{one.excess:.3g}",
             ", ".join(f"{name} {100.0 * share:.0f} %" for name, share in one.shares[:3]))
            for one in sorted(answer.worst(_SHOWN), key=lambda one: one.first)
        ]  # fmt: skip
        heads = (text("from"), text("until"), text("regime"), text("over threshold [1]"), text("which signals"))
        show_rows(heads, rows, language, right=frozenset({3}))
        if len(found.alarms) > _SHOWN:
            say_notes([text("the {n} strongest of {all} alarms are shown; all are in --json", n=_SHOWN,
                            all=len(found.alarms))], language)  # fmt: skip
    month, expected = answer.alarms_per_month, answer.false_per_month
    said = text(
        "{alarms} alarms ({month} a month); sound rows alone would pass the threshold {expected} times a month",
        alarms=len(found.alarms), month="—" if month is None else f"{month:.3g}",
        expected="—" if expected is None else f"{expected:.2g}",
    )  # fmt: skip
    say_notes([said, *answer.notes], language)
