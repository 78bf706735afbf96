"""`forgecast condition oee`: availability, effectiveness, quality and OEE of a machine, with its losses."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from forgecast.app.cli.bilingual import BilingualCommand, argument, json_option, language_of, language_option, option
from forgecast.app.cli.condition.asked import picture_option, time_option
from forgecast.app.cli.quality.asked import echo_json, say_notes, say_picture, show_rows, source_argument, span_options
from forgecast.app.report.numbers import ABSENT, shown
from forgecast.ground.texts import Language, text

if TYPE_CHECKING:
    from forgecast.tasks.rate_machine import MachineRating


@click.command(
    cls=BilingualCommand,
    name="oee",
    sentence=text(
        "Tell how a machine spent its time: availability, effectiveness, quality, OEE (names of ISO 22400-2), "
        "the losses "
        "between, and bounds where records are missing."
    ),
    examples=(
        ("forgecast condition oee my-plant P1", text("from the records machine_state and machine_output")),
        (
            "forgecast condition oee my-plant F1 --power F1.power",
            text("states from the power where none are on record"),
        ),
        ("forgecast condition oee power.csv --power 'P [kW]' --time t", text("availability from a file of power")),
    ),
)
@source_argument
@argument("machine", required=False, default="", help=text("Machine of a plant; may be left out if there is one only."))
@option("--power", default="", metavar="SIGNAL", help=text("Tag or header of the power that tells states."))
@option(
    "--running-from", type=float, help=text("Power from which the machine runs; without it found from its histogram.")
)
@option("--off-below", type=float, help=text("Power below which it is off."))
@time_option
@span_options
@picture_option
@json_option
@language_option
@click.pass_context
def oee(
    context: click.Context, *, source: Path, machine: str, power: str, running_from: float | None,
    off_below: float | None, time: str, since: date | None, until: date | None, out: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Rate a machine and show it."""
    from forgecast.app.condition.series_pictures import draw_rating  # noqa: PLC0415  (heavy libraries load late)
    from forgecast.app.quality.canvas import check_picture  # noqa: PLC0415
    from forgecast.tasks.rate_machine import rate_machine  # noqa: PLC0415

    language = language_of(context)
    if out is not None:
        check_picture(out)
    rating = rate_machine(source, machine, since=since, until=until, power=power, time=time,
                          running_from=running_from, off_below=off_below)  # fmt: skip
    if out is not None:
        draw_rating(rating, out, language)
    if as_json:
        echo_json(rating.as_json())
        return
    _show(rating, language)
    say_picture(out, language)


def _show(rating: MachineRating, language: Language) -> None:
    from forgecast.signals.condition.effectiveness import LOSS_TEXTS  # noqa: PLC0415

    found = rating.effectiveness
    title = text("{machine}, {start} to {end}", machine=rating.machine, start=rating.moment(found.start),
                 end=rating.moment(found.end))  # fmt: skip
    click.secho(title.say(language), bold=True)
    rows = []
    for name, one in (
        (text("availability"), found.availability), (text("effectiveness"), found.effectiveness),
        (text("quality"), found.quality), (text("OEE"), found.oee),
    ):  # fmt: skip
        rows.append((name.say(language), *(_percent(value) for value in (one.value, one.low, one.high))))
    heads = (text("ratio"), text("on record [%]"), text("at least [%]"), text("at most [%]"))
    show_rows(heads, rows, language, right=frozenset({1, 2, 3}))
    click.echo()
    whole = (found.end - found.start) / 1e6
    lines = [
        (LOSS_TEXTS[loss].say(language), shown(seconds / 3600.0), f"{100.0 * seconds / whole:.1f}")
        for loss, seconds in found.losses.items() if abs(seconds) > 0.0
    ]  # fmt: skip
    show_rows((text("where the time went"), text("[h]"), text("[%]")), lines, language, right=frozenset({1, 2}))
    power = rating.thresholds
    notes = list(rating.notes)
    if power is not None:
        unit = f" {rating.unit}" if rating.unit else ""
        off = (
            text("never off")
            if power.off_below is None
            else text("off below {at}", at=f"{shown(power.off_below)}{unit}")
        )
        notes.insert(0, text("states from the power: {off}, running from {at}; it stays around {modes}", off=off,
                             at=f"{shown(power.running_from)}{unit}",
                             modes=", ".join(shown(one) for one in power.modes) or ABSENT))  # fmt: skip
    say_notes(notes, language)


def _percent(value: float | None) -> str:
    return ABSENT if value is None else f"{100.0 * value:.1f}"
