"""`forgecast signals try-alarm`: how an alarm would have rung in the past, before it is switched on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
import numpy as np

from forgecast.app.cli.bilingual import BilingualCommand, argument, json_option, language_of, language_option, option
from forgecast.app.cli.casting.show import show_figures
from forgecast.app.cli.quality.asked import echo_json, plant_argument, say, say_picture, show_rows
from forgecast.app.cli.quantity import Quantity
from forgecast.app.cli.signals.show import percent, span
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Language, Text, text

if TYPE_CHECKING:
    from forgecast.signals.alarm.definition import Alarm
    from forgecast.store.plant_folder import PlantFolder
    from forgecast.tasks.replay_alarm import Replay


@click.command(
    cls=BilingualCommand,
    name="try-alarm",
    sentence=text(
        "Try an alarm on the past: how often it would have rung, for what, at what cost, and how other settings "
        "would have done."
    ),
    examples=(
        ("forgecast signals try-alarm my-plant EF1-WATER", text("an alarm on record")),
        (
            "forgecast signals try-alarm my-plant T-0104 --high 62 --deadband 2 --on-delay 30s --picture trial.png",
            text("one that is not switched on yet"),
        ),
        (
            "forgecast signals try-alarm my-plant CO-1 --high 24 --per-ring 5min",
            text("and how much of a person's time false rings would have cost"),
        ),
    ),
)
@plant_argument
@argument("tag", help=text("A series, or the number of an alarm on record."))
@option("--high", type=float, help=text("Ring above this, in the unit of the series."))
@option("--low", type=float, help=text("Ring below this, in the unit of the series."))
@option("--rate", type=float, help=text("Ring when it changes faster than this, in that unit per second."))
@option("--stale", type=Quantity("time_span"), help=text("Ring when no good reading has come for so long."))
@option("--deadband", type=click.FloatRange(min=0), help=text("How far it must come back, in that unit."))
@option("--on-delay", type=Quantity("time_span"), help=text("How long it must last before it rings."))
@option("--off-delay", type=Quantity("time_span"), help=text("How long the return must last."))
@option("--days", type=click.FloatRange(min=0, min_open=True), help=text("How far back from the last reading."))
@option("--per-ring", type=Quantity("time_span"), help=text("Time that one ring takes a person."))
@option("--picture", type=click.Path(path_type=Path, dir_okay=False), help=text(
    "Draw series, limit and rings into this .svg or .png."))  # fmt: skip
@json_option
@language_option
@click.pass_context
def try_alarm(
    context: click.Context,
    *,
    plant: Path,
    tag: str,
    high: float | None,
    low: float | None,
    rate: float | None,
    stale: float | None,
    deadband: float | None,
    on_delay: float | None,
    off_delay: float | None,
    days: float | None,
    per_ring: float | None,
    picture: Path | None,
    as_json: bool,
) -> None:
    """Try an alarm and show what it would have done."""
    from dataclasses import replace  # noqa: PLC0415

    from forgecast.store.plant_folder import PlantFolder  # noqa: PLC0415  (heavy libraries load only when needed)
    from forgecast.tasks.replay_alarm import replay_alarm  # noqa: PLC0415

    language = language_of(context)
    if picture is not None:
        from forgecast.app.quality.canvas import check_picture  # noqa: PLC0415

        check_picture(picture)
    with PlantFolder.open(plant) as opened:
        alarm = _alarm(opened, tag, {"high": high, "low": low, "rate": rate, "stale": stale})
        alarm = replace(
            alarm,
            deadband=alarm.deadband if deadband is None else deadband,
            on_delay=alarm.on_delay if on_delay is None else on_delay,
            off_delay=alarm.off_delay if off_delay is None else off_delay,
        )
        found = replay_alarm(opened, alarm, days=days)
        settings = opened.settings
    if picture is not None:
        from forgecast.app.signals.trial_picture import draw_trial  # noqa: PLC0415

        draw_trial(found, picture, language, settings.zone, synthetic=settings.synthetic)
    if as_json:
        echo_json(found.as_json(per_ring) | {"picture": None if picture is None else str(picture)})
        return
    _show(found, per_ring, language)
    say_picture(picture, language)


def _alarm(plant: PlantFolder, tag: str, limits: dict[str, float | None]) -> Alarm:
    from forgecast.signals.alarm.definition import Alarm, Kind  # noqa: PLC0415
    from forgecast.tasks.alarm_journal import alarms_of  # noqa: PLC0415
    from forgecast.tasks.replay_alarm import on_machine_of  # noqa: PLC0415

    asked = [(kind, limit) for kind, limit in limits.items() if limit is not None]
    if len(asked) > 1:
        raise ForgecastError(
            text("an alarm has one limit, and several are given"),
            repair=text("give one of --high, --low, --rate and --stale"),
        )
    known = alarms_of(plant)
    if not asked:
        if tag in known:
            return known[tag]
        raise ForgecastError(
            text("{tag} is no alarm on record, and no limit is given", tag=tag),
            repair=text("give one of --high, --low, --rate and --stale"),
        )
    if tag in known:
        from dataclasses import replace  # noqa: PLC0415

        return replace(known[tag], kind=Kind(asked[0][0]), limit=asked[0][1])
    return on_machine_of(plant, Alarm(tag, tag, Kind(asked[0][0]), asked[0][1]))


def _show(found: Replay, per_ring: float | None, language: Language) -> None:
    trial = found.trial
    lengths = trial.lengths
    figures: list[tuple[Text, str]] = [
        (text("Stretch tried"), span(86400.0 * trial.days, language)),
        (text("Rings"), f"{len(trial.rings)}  ({trial.per_day:.3g}/d)"),
        (text("Time in alarm"), f"{span(trial.active, language)}  ({percent(trial.active_share)} %)"),
    ]
    if lengths.size:
        figures.append((text("Median length of a ring"), span(float(np.median(lengths)), language)))
    figures += [
        (text("Rings on doubtful readings"), str(len(trial.doubtful))),
        (text("Rings in quick succession"), str(trial.chattering)),
        (text("Floods by this alarm alone"), str(trial.floods)),
        (text("Hidden by design"), str(trial.hidden)),
    ]
    false = trial.false_rings
    if false is not None:
        figures.append((text("False rings"), str(len(false))))
    if per_ring is not None:
        figures.append((text("Time they would have cost a person"), span(trial.attention(per_ring), language)))
    show_figures(figures, language)
    if trial.noticed:
        click.echo()
        rows = [(one.known.name, text("noticed").say(language) if one.ring else text("missed").say(language),
                 span(one.lead, language)) for one in trial.noticed]  # fmt: skip
        show_rows((text("Incident"), text("Would have been"), text("ahead by")), rows, language, right=frozenset({2}))
    if len(found.others) > 1:
        click.echo()
        _show_others(found, language)
    if not trial.rings:
        say(text("It would never have rung."), language)


def _show_others(found: Replay, language: Language) -> None:
    unit = f" [{found.unit}]" if found.unit else ""
    heads = (text("Limit{unit}", unit=unit), text("deadband{unit}", unit=unit), text("on delay"), text("rings"),
             text("in alarm [%]"), text("quick succession"), text("Note"))  # fmt: skip
    rows = []
    for other in found.others:
        alarm, trial = other.alarm, other.trial
        marks = [text("as asked").say(language)] if alarm == found.trial.alarm else []
        if found.calmest is not None and other is found.calmest:
            marks.append(text("calmest that misses nothing").say(language))
        rows.append((f"{alarm.limit:g}", f"{alarm.deadband:g}", span(alarm.on_delay, language), str(len(trial.rings)),
                     percent(trial.active_share), str(trial.chattering), "; ".join(marks)))  # fmt: skip
    show_rows(heads, rows, language, right=frozenset(range(6)))
