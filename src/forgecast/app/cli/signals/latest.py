"""`forgecast signals latest`: the latest value of each series, how old it is, and what its alarms say."""

from __future__ import annotations

from pathlib import Path

import click

from forgecast.app.cli.bilingual import BilingualCommand, argument, json_option, language_of, language_option
from forgecast.app.cli.quality.asked import echo_json, plant_argument, say, show_rows
from forgecast.app.cli.signals.show import FLAG_TEXTS, instant, span
from forgecast.ground.texts import text


@click.command(
    cls=BilingualCommand,
    name="latest",
    sentence=text("Show the latest value of each series, how old it is, and which of its alarms are not normal."),
    examples=(
        ("forgecast signals latest my-plant", text("all series")),
        ("forgecast signals latest my-plant EF-1.P T-0104 --json", text("two of them, for a program")),
    ),
)
@plant_argument
@argument("tags", nargs=-1, help=text("Series; without any, all of them."))
@json_option
@language_option
@click.pass_context
def latest(context: click.Context, *, plant: Path, tags: tuple[str, ...], as_json: bool) -> None:
    """Show the latest values."""
    from forgecast.store.plant_folder import PlantFolder  # noqa: PLC0415  (heavy libraries load only when needed)
    from forgecast.tasks.latest_signals import latest_signals  # noqa: PLC0415

    with PlantFolder.open(plant) as opened:
        zone = opened.settings.zone
        found = latest_signals(opened, tags)
    language = language_of(context)
    if as_json:
        echo_json({"series": [one.as_json() for one in found]})
        return
    if not found:
        say(text("No series has readings yet: take some in with `forgecast plant import`, or collect them."), language)
        return
    from forgecast.signals.alarm.event import SHOWN_TEXTS  # noqa: PLC0415

    rows = []
    for one in found:
        states = [
            FLAG_TEXTS[one.flag].say(language),
            *([text("overdue").say(language)] if one.late else []),
            *(f"{number}: {SHOWN_TEXTS[shown].say(language)}" for number, shown in one.alarms),
        ]
        rows.append((one.tag, f"{one.value:.6g}", one.unit, span(one.age, language), instant(one.t, zone),
                     "; ".join(states)))  # fmt: skip
    heads = (text("Series"), text("value"), text("unit"), text("age"), text("at"), text("State"))
    show_rows(heads, rows, language, right=frozenset({1, 3}))
