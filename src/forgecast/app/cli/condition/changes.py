"""`forgecast condition changes`: where the level of a signal changed."""

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
    say,
    say_notes,
    say_picture,
    show_rows,
    source_argument,
)
from forgecast.app.report.numbers import shown
from forgecast.ground.texts import Language, text

if TYPE_CHECKING:
    from forgecast.tasks.find_changes import FoundChanges


@click.command(
    cls=BilingualCommand,
    name="changes",
    sentence=text(
        "Find where the level of a signal changed: when, by how much, with intervals, and how many such changes chance "
        "alone would give."
    ),
    examples=(
        ("forgecast condition changes my-plant F1.power --every 1h", text("a tag, averaged over hours")),
        ("forgecast condition changes load.csv 'kWh' --time date --every 1day --season week",
         text("a file, with each weekday held against its own median")),
    ),
)  # fmt: skip
@source_argument
@signal_argument
@option("--season", type=click.Choice(("day", "week")), help=text(
    "Take out the usual course of a day or a week first."))  # fmt: skip
@option("--shortest", type=click.IntRange(2), default=10, show_default=True, help=text("Fewest values of a level."))
@option("--strictness", type=click.FloatRange(0.1, 100.0), default=3.0, show_default=True, help=text(
    "Factor of the penalty for a further change; higher finds fewer."))  # fmt: skip
@series_options
@json_option
@language_option
@click.pass_context
def changes(
    context: click.Context, *, source: Path, signal: str, season: str | None, shortest: int, strictness: float,
    every: float | None, time: str, where: tuple[str, ...], since: date | None, until: date | None, out: Path | None,
    as_json: bool,
) -> None:  # fmt: skip
    """Find changes and show them."""
    from forgecast.app.condition.series_pictures import draw_changes  # noqa: PLC0415  (heavy libraries load late)
    from forgecast.app.quality.canvas import check_picture  # noqa: PLC0415
    from forgecast.tasks.condition_values import SignalsAsked, read_signals  # noqa: PLC0415
    from forgecast.tasks.find_changes import find_changes  # noqa: PLC0415

    language = language_of(context)
    if out is not None:
        check_picture(out)
    asked = SignalsAsked((signal,), (), conditions(where), since, until, time, every)
    answer = find_changes(read_signals(source, asked), shortest=shortest, strictness=strictness, season=season or "")
    if out is not None:
        draw_changes(answer, out, language)
    if as_json:
        echo_json(answer.as_json())
        return
    _show(answer, language)
    say_picture(out, language)


def _show(answer: FoundChanges, language: Language) -> None:
    found, unit = answer.found, answer.watched.columns[0].unit
    if not found.changes:
        say(text("No change of level in {n} values.", n=int(answer.rows.size)), language)
    else:
        rows = [
            (answer.place(one.at), f"{answer.place(one.low)} … {answer.place(one.high)}", shown(one.before),
             shown(one.after), f"{one.size:+.3g} ({one.size_low:+.3g} … {one.size_high:+.3g})",
             f"{one.probability:.1e}" if one.probability >= 1e-99 else "< 1e-99")
            for one in found.changes
        ]  # fmt: skip
        heads = (text("changed at"), text("may lie within"), text("before"), text("after"),
                 text("by"), text("chance at most"))  # fmt: skip
        show_rows(heads, rows, language, right=frozenset({2, 3, 5}))
    notes = list(answer.notes)
    if unit:
        notes.append(text("values in {unit}", unit=unit))
    if found.false_per_search is not None:
        month = answer.false_per_month
        notes.append(
            text("back-test: the same signal without changes gives {search} changes a search ({month} a month)",
                 search=f"{found.false_per_search:.2g}", month="—" if month is None else f"{month:.2g}")
        )  # fmt: skip
    say_notes(notes, language)
