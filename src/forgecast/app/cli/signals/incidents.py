"""`forgecast signals incidents`: safety incidents that the alarms tell of, and what is about to become one."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from forgecast.app.cli.bilingual import BilingualCommand, json_option, language_of, language_option, option
from forgecast.app.cli.quality.asked import echo_json, plant_argument, say, show_rows
from forgecast.app.cli.signals.show import instant, word
from forgecast.ground.texts import Language, Text, text

if TYPE_CHECKING:
    from forgecast.signals.safety.hazard import HazardSignal
    from forgecast.signals.safety.incident import Draft
    from forgecast.tasks.draft_incidents import Precursor


@click.command(
    cls=BilingualCommand,
    name="incidents",
    sentence=text(
        "Show safety incidents as the alarms tell them: when each began, was noticed, handled and over, and whether it "
        "was seen early."
    ),
    examples=(
        ("forgecast signals incidents my-plant", text("incidents, precursors, and hazards nobody watches")),
        (
            "forgecast signals incidents my-plant --record --by Li",
            text("write them into the record `incident`, for cause and prevention to be added"),
        ),
    ),
)
@plant_argument
@option("--record", is_flag=True, help=text("Write the drafts into the record `incident`."))
@option("--by", default="", help=text("Who you are; without it the environment or the operating system says."))
@json_option
@language_option
@click.pass_context
def incidents(context: click.Context, *, plant: Path, record: bool, by: str, as_json: bool) -> None:
    """Draft incidents and show them."""
    from forgecast.store.plant_folder import PlantFolder  # noqa: PLC0415  (heavy libraries load only when needed)
    from forgecast.tasks.draft_incidents import (  # noqa: PLC0415
        drafts_of,
        precursors_of,
        record_incidents,
        unwatched_hazards,
    )

    language = language_of(context)
    with PlantFolder.open(plant) as opened:
        drafts = drafts_of(opened)
        zone = opened.settings.zone
        new = record_incidents(opened, drafts, language, by=by) if record else None
        coming = precursors_of(opened, time.time_ns() // 1_000)
        blind = unwatched_hazards(opened)
    if as_json:
        echo_json(
            {
                "incidents": [_json(one) for one in drafts],
                "precursors": [one.as_json() for one in coming],
                "unwatched": [
                    {"tag": tag, "hazard": signal.hazard, "upwards": signal.upwards} for tag, signal in blind
                ],
                "recorded": new,
            }
        )
        return
    _show(drafts, zone, language)
    _show_coming(coming, blind, language)
    if new is not None:
        say(text("New incidents recorded: {count}", count=new), language)


def _json(one: Draft) -> dict[str, object]:
    return {
        "id": one.id,
        "hazard": one.hazard,
        "equipment": one.equipment,
        "alarm": one.alarm,
        "began_us": one.began_at,
        "noticed_us": one.noticed_at,
        "handled_us": one.handled_at,
        "handled_by": one.handled_by,
        "ended_us": one.ended_at,
        "rings": len(one.rings),
        "evaluation": [said.as_json() for said in one.evaluation],
    }


def _show(drafts: tuple[Draft, ...], zone: str, language: Language) -> None:
    if not drafts:
        say(text("No alarm of a safety hazard has rung."), language)
        return
    shown = drafts[-40:]
    rows = [
        (
            instant(one.began_at, zone),
            word("alarm", "hazard", one.hazard).say(language),
            one.equipment or one.alarm,
            *(_same_day(t, one.began_at, zone) for t in (one.noticed_at, one.handled_at, one.ended_at)),
        )
        for one in shown
    ]
    heads: tuple[Text, ...] = (text("Began"), text("Hazard"), text("Machine"), text("noticed"), text("handled"),
                               text("over"))  # fmt: skip
    show_rows(heads, rows, language)
    for one in shown:
        apart = "；" if language == "zh" else "; "
        click.echo(f"· {one.id}: {apart.join(said.say(language) for said in one.evaluation)}")


def _same_day(t: int | None, began: int, zone: str) -> str:
    """Return an instant; of the day on which it began, only the time of day."""
    said, first = instant(t, zone), instant(began, zone)
    return said[11:] if said[:10] == first[:10] else said[:16]


def _show_coming(
    coming: tuple[Precursor, ...], blind: tuple[tuple[str, HazardSignal], ...], language: Language
) -> None:
    for one in coming:
        tags = ", ".join(tag for tag, _ in one.signals)
        say(
            text("Precursor of {hazard} at {machine}: {tags} move towards danger together",
                 hazard=word("alarm", "hazard", one.hazard), machine=one.equipment, tags=tags),
            language, style="bold",
        )  # fmt: skip
        for _, signal in one.signals:
            say(text("· {why}", why=signal.why), language)
    if blind:
        click.echo()
        say(text("Nobody is alarmed by these series, though they tell of a hazard:"), language)
        heads = (text("Series"), text("Hazard"), text("danger lies"), text("Why"))
        rows = [(tag, word("alarm", "hazard", signal.hazard).say(language),
                 (text("above") if signal.upwards else text("below")).say(language), signal.why.say(language))
                for tag, signal in blind]  # fmt: skip
        show_rows(heads, rows, language)
