"""`forgecast signals alarm-review`: whether the alarms of a plant can be lived with."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from forgecast.app.cli.bilingual import BilingualCommand, json_option, language_of, language_option, option
from forgecast.app.cli.casting.show import show_figures
from forgecast.app.cli.quality.asked import echo_json, plant_argument, say, say_notes, show_rows
from forgecast.app.cli.signals.show import instant, percent, span
from forgecast.app.report.words import CONFIDENCE_TEXTS
from forgecast.ground.texts import Language, Text, text

if TYPE_CHECKING:
    from forgecast.signals.alarm.review import Review


@click.command(
    cls=BilingualCommand,
    name="alarm-review",
    sentence=text("Measure the alarm system: floods, bad actors, chattering and standing alarms, priorities."),
    examples=(
        ("forgecast signals alarm-review my-plant", text("the last 30 days of the journal")),
        ("forgecast signals alarm-review my-plant --days 7 --operators 2", text("a week, for two people")),
    ),
)
@plant_argument
@option("--days", type=click.FloatRange(min=0, min_open=True), default=30.0, show_default=True,
        help=text("How far back from the last event."))  # fmt: skip
@option("--operators", type=click.IntRange(min=1), default=1, show_default=True,
        help=text("People who share the alarms."))  # fmt: skip
@json_option
@language_option
@click.pass_context
def alarm_review(context: click.Context, *, plant: Path, days: float, operators: int, as_json: bool) -> None:
    """Measure the alarms and show it."""
    from forgecast.store.plant_folder import PlantFolder  # noqa: PLC0415  (heavy libraries load only when needed)
    from forgecast.tasks.review_alarms import review_alarms  # noqa: PLC0415

    with PlantFolder.open(plant) as opened:
        zone = opened.settings.zone
        found = review_alarms(opened, days, operators=operators)
    if as_json:
        echo_json(_json(found))
        return
    _show(found, zone, language_of(context))


def _json(found: Review) -> dict[str, object]:
    return {
        "start_us": found.start,
        "end_us": found.end,
        "operators": found.operators,
        "rings": len(found.rings),
        "masked": found.masked,
        "per_ten_minutes": found.per_ten_minutes,
        "in_flood_share": found.in_flood,
        "floods": [
            {"start_us": one.start, "end_us": one.end, "rings": one.count, "peak": one.peak, "first": one.first}
            for one in found.floods
        ],
        "most": dict(found.most),
        "most_share": found.most_share,
        "chattering": dict(found.chattering),
        "fleeting": dict(found.fleeting),
        "standing_s": dict(found.standing),
        "priorities": {str(priority): share for priority, share in found.priorities.items()},
    }


def _show(found: Review, zone: str, language: Language) -> None:
    from forgecast.signals.alarm.definition import PRIORITY_TEXTS, Priority  # noqa: PLC0415
    from forgecast.signals.alarm.review import targets  # noqa: PLC0415

    if not found.rings:
        say(text("Nothing has rung in this time."), language)
        return
    known = targets()
    figures: list[tuple[Text, str]] = [
        (text("Rings"), f"{len(found.rings)} (+{found.masked} {text('hidden').say(language)})"),
        (text("Rings in 10 min per operator"), f"{found.per_ten_minutes:.3g}  (≤ {known['per_window'].value:g})"),
        (text("Time in flood [%]"), f"{percent(found.in_flood)}  (< {100 * known['in_flood'].value:g})"),
        (text("Ten most frequent [% of rings]"),
         f"{percent(found.most_share)}  (≤ {100 * known['most_share'].value:g})"),
    ]  # fmt: skip
    aims = {
        Priority.LOW: known["share_low"],
        Priority.MEDIUM: known["share_medium"],
        Priority.HIGH: known["share_high"],
    }
    for priority, share in found.priorities.items():
        aim = aims.get(priority)
        figures.append(
            (PRIORITY_TEXTS[priority], f"{percent(share)} %" + (f"  (≈ {100 * aim.value:g})" if aim else ""))
        )
    show_figures(figures, language)
    for title, listed in (
        (text("rings"), [(name, str(count)) for name, count in found.most]),
        (text("chattering: rings in quick succession"), [(name, str(count)) for name, count in found.chattering]),
        (text("fleeting: gone before anybody could act"), [(name, str(count)) for name, count in found.fleeting]),
        (text("standing: active for"), [(name, span(seconds, language)) for name, seconds in found.standing]),
    ):
        if listed:
            click.echo()
            show_rows((text("Alarm"), title), listed, language, right=frozenset({1}))
    if found.floods:
        click.echo()
        heads = (text("Flood from"), text("until"), text("rings"), text("most in 10 min"), text("began with"))
        show_rows(heads, [(instant(one.start, zone), instant(one.end, zone), str(one.count), str(one.peak), one.first)
                          for one in found.floods], language, right=frozenset({2, 3}))  # fmt: skip
    notes = {(one.source, one.source_zh, one.confidence) for one in known.values()}
    click.echo()
    say_notes(
        [
            text("{source} ({known})", source=zh if language == "zh" else en, known=CONFIDENCE_TEXTS[confidence])
            for en, zh, confidence in sorted(notes)
        ],
        language,
    )
