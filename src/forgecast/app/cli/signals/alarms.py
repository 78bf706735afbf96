"""`forgecast signals alarms`: which alarms wait for somebody; acknowledge, shelve and stop them; their journal."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from forgecast.app.cli.bilingual import BilingualCommand, json_option, language_of, language_option, option
from forgecast.app.cli.quality.asked import echo_json, plant_argument, say, show_rows
from forgecast.app.cli.quantity import Quantity
from forgecast.app.cli.signals.show import instant, span, word
from forgecast.app.report.numbers import ABSENT
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Language, text

if TYPE_CHECKING:
    from forgecast.signals.alarm.event import Event
    from forgecast.store.plant_folder import PlantFolder
    from forgecast.tasks.review_alarms import AlarmState


@click.command(
    cls=BilingualCommand,
    name="alarms",
    sentence=text("Show which alarms are active or wait for somebody, and act on them."),
    examples=(
        ("forgecast signals alarms my-plant", text("what rings now, and what is about to")),
        ("forgecast signals alarms my-plant --acknowledge EF1-WATER --by Li", text("I have seen it")),
        (
            "forgecast signals alarms my-plant --shelve EF1-WATER --for 2h --by Li --note 'flow meter exchanged'",
            text("be quiet for two hours"),
        ),
        ("forgecast signals alarms my-plant --journal", text("what happened, newest first")),
    ),
)
@plant_argument
@option("--acknowledge", metavar="ALARM", help=text("Say that you have seen it."))
@option("--shelve", metavar="ALARM", help=text("Keep it quiet for the time of --for."))
@option("--for", "time_for", type=Quantity("time_span"), help=text("How long it is shelved."))
@option("--unshelve", metavar="ALARM", help=text("End its shelving."))
@option("--out-of-service", metavar="ALARM", help=text("Take it out of service; give the reason with --note."))
@option("--in-service", metavar="ALARM", help=text("Put it back into service."))
@option("--by", default="", help=text("Who you are; without it the environment or the operating system says."))
@option("--note", default="", help=text("Why."))
@option("--journal", is_flag=True, help=text("Show the journal of events instead."))
@option("--all", "everything", is_flag=True, help=text("Show alarms that are normal, too."))
@json_option
@language_option
@click.pass_context
def alarms(
    context: click.Context,
    *,
    plant: Path,
    acknowledge: str | None,
    shelve: str | None,
    time_for: float | None,
    unshelve: str | None,
    out_of_service: str | None,
    in_service: str | None,
    by: str,
    note: str,
    journal: bool,
    everything: bool,
    as_json: bool,
) -> None:
    """Show alarms, or act on one."""
    from forgecast.signals.alarm.event import What  # noqa: PLC0415  (heavy libraries load only when needed)
    from forgecast.store.plant_folder import PlantFolder  # noqa: PLC0415

    language = language_of(context)
    asked = [
        (what, number)
        for what, number in (
            (What.ACKNOWLEDGED, acknowledge),
            (What.SHELVED, shelve),
            (What.UNSHELVED, unshelve),
            (What.OUT_OF_SERVICE, out_of_service),
            (What.IN_SERVICE, in_service),
        )
        if number is not None
    ]
    if len(asked) > 1:
        raise ForgecastError(text("several things are asked for at once"), repair=text("do one after the other"))
    with PlantFolder.open(plant) as opened:
        zone = opened.settings.zone
        if asked:
            _act(opened, asked[0][0], asked[0][1], by, note, time_for, as_json=as_json, language=language)
        elif journal:
            _journal(opened, zone, as_json=as_json, language=language)
        else:
            from forgecast.tasks.review_alarms import alarm_states  # noqa: PLC0415

            states = alarm_states(opened)
            if as_json:
                echo_json({"alarms": [one.as_json() for one in states]})
            else:
                _show(states, zone, language, everything=everything)


def _act(
    plant: PlantFolder,
    what: object,
    number: str,
    by: str,
    note: str,
    time_for: float | None,
    *,
    as_json: bool,
    language: Language,
) -> None:
    from forgecast.signals.alarm.event import What  # noqa: PLC0415
    from forgecast.store.who import who  # noqa: PLC0415
    from forgecast.tasks.act_on_alarm import act_on_alarm  # noqa: PLC0415

    event = act_on_alarm(plant, number, What(str(what)), by=who(by), note=note, shelve_s=time_for)
    if as_json:
        echo_json(_event_json(event))
        return
    event_word = word("alarm_event", "event", str(event.what))
    if event.until is None:
        say(text("{alarm}: {event} by {by}", alarm=number, event=event_word, by=event.by), language)
    else:
        until = instant(event.until, plant.settings.zone)
        say(
            text("{alarm}: {event} by {by} until {until}", alarm=number, event=event_word, by=event.by, until=until),
            language,
        )


def _event_json(event: Event) -> dict[str, object]:
    return {
        "alarm": event.alarm,
        "at_us": event.at,
        "event": str(event.what),
        "value": event.value,
        "until_us": event.until,
        "by": event.by,
        "note": event.note,
    }


def _journal(plant: PlantFolder, zone: str, *, as_json: bool, language: Language) -> None:
    from forgecast.tasks.alarm_journal import journal_of  # noqa: PLC0415

    events = sorted(journal_of(plant), key=lambda event: (-event.at, event.alarm, event.number))
    if as_json:
        echo_json({"events": [_event_json(event) for event in events]})
        return
    if not events:
        say(text("The journal is empty: no alarm has rung yet."), language)
        return
    rows = [
        (instant(event.at, zone), event.alarm, word("alarm_event", "event", str(event.what)).say(language),
         ABSENT if event.value is None else f"{event.value:.5g}", event.by, event.note)
        for event in events[:60]
    ]  # fmt: skip
    heads = (text("Time"), text("Alarm"), text("Event"), text("value"), text("by"), text("Note"))
    show_rows(heads, rows, language, right=frozenset({3}))
    if len(events) > len(rows):
        say(text("{count} more; `--json` lists them all.", count=len(events) - len(rows)), language)


def _show(states: tuple[AlarmState, ...], zone: str, language: Language, *, everything: bool) -> None:
    from forgecast.signals.alarm.definition import KIND_TEXTS, PRIORITY_TEXTS  # noqa: PLC0415
    from forgecast.signals.alarm.event import SHOWN_TEXTS, Shown  # noqa: PLC0415

    if not states:
        say(
            text(
                "No alarm is on record. Record one with `forgecast plant record PLANT alarm id=… tag=… kind=high "
                "limit=… priority=high`; try it on the past first: `forgecast signals try-alarm`."
            ),
            language,
        )
        return
    rows = [
        (one.alarm.id, SHOWN_TEXTS[one.shown].say(language), PRIORITY_TEXTS[one.alarm.priority].say(language),
         f"{one.alarm.tag} {KIND_TEXTS[one.alarm.kind].say(language)} ({one.alarm.limit:g})",
         instant(one.standing.raised_at, zone),
         ABSENT if one.standing.value is None else f"{one.standing.value:.5g}")
        for one in states
        if everything or one.shown is not Shown.NORMAL
    ]  # fmt: skip
    if rows:
        heads = (text("Alarm"), text("State"), text("Priority"), text("Watches"), text("raised"), text("value"))
        show_rows(heads, rows, language, right=frozenset({5}))
    else:
        say(text("All {count} alarms are normal.", count=len(states)), language)
    for one in states:
        if one.warning is not None:
            say(
                text(
                    "Early warning: {tag} reaches {limit} of {alarm} in {expected} by its trend "
                    "({earliest} to {latest}, 90 %)",
                    tag=one.alarm.tag,
                    limit=f"{one.alarm.limit:g}",
                    alarm=one.alarm.id,
                    expected=span(one.warning.expected, language),
                    earliest=span(one.warning.earliest, language),
                    latest=span(one.warning.latest, language),
                ),
                language,
            )
