"""`forgecast condition lining`: the wear of a furnace lining, and the heats left."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from forgecast.app.cli.bilingual import BilingualCommand, json_option, language_of, language_option, option
from forgecast.app.cli.condition.asked import confidence_option, picture_option, time_option
from forgecast.app.cli.quality.asked import echo_json, say_notes, say_picture, show_rows, source_argument
from forgecast.app.report.numbers import shown
from forgecast.ground.texts import Language, text

if TYPE_CHECKING:
    from forgecast.tasks.track_lining import LiningAnswer


@click.command(
    cls=BilingualCommand,
    name="lining",
    sentence=text(
        "Follow the wear of a furnace lining over its heats: trend of each campaign, relinings, and the heats "
        "left with "
        "an interval."
    ),
    examples=(
        ("forgecast condition lining my-plant --furnace F1", text("energy per tonne of the heats on record")),
        ("forgecast condition lining heats.csv --column 'power [kW]' --with 'superheat [K]' --limit 640",
         text("another indicator, with a limit")),
    ),
)  # fmt: skip
@source_argument
@option("--furnace", default="", help=text("Furnace of a plant."))
@option("--column", default="", metavar="HEADER", help=text("Indicator of a file, one row a heat."))
@option("--with", "conditions", multiple=True, metavar="HEADER", help=text(
    "What else moves the indicator and is to be taken out; may be given again."))  # fmt: skip
@option(
    "--campaign",
    default="",
    metavar="HEADER",
    help=text("Column that names the lining; without it relinings are found."),
)
@option("--limit", type=float, help=text("Value of the indicator at which the lining is done."))
@confidence_option
@time_option
@picture_option
@json_option
@language_option
@click.pass_context
def lining(
    context: click.Context, *, source: Path, furnace: str, column: str, conditions: tuple[str, ...], campaign: str,
    limit: float | None, confidence: float, time: str, out: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Follow a lining and show it."""
    from forgecast.app.condition.part_pictures import draw_lining  # noqa: PLC0415  (heavy libraries load late)
    from forgecast.app.quality.canvas import check_picture  # noqa: PLC0415
    from forgecast.tasks.track_lining import track_lining  # noqa: PLC0415

    language = language_of(context)
    if out is not None:
        check_picture(out)
    answer = track_lining(source, furnace=furnace, column=column, conditions=conditions, campaign=campaign, limit=limit,
                          confidence=confidence, time=time)  # fmt: skip
    if out is not None:
        draw_lining(answer, out, language)
    if as_json:
        echo_json(answer.as_json())
        return
    _show(answer, language)
    say_picture(out, language)


def _show(answer: LiningAnswer, language: Language) -> None:
    from forgecast.app.condition.part_pictures import heats_left  # noqa: PLC0415

    wear = answer.wear
    unit = f" [{answer.unit}]" if answer.unit else ""
    click.secho(f"{answer.indicator.say(language)}{unit}", bold=True)
    rows = [
        (str(answer.names[one.first]), str(answer.names[one.last]), str(one.heats), shown(one.level),
         f"{one.slope:+.4g} ({one.slope_low:+.3g} … {one.slope_high:+.3g})")
        for one in wear.campaigns
    ]  # fmt: skip
    heads = (text("first heat"), text("last heat"), text("heats"), text("new lining"), text("change a heat"))
    show_rows(heads, rows, language, right=frozenset({2, 3}))
    click.echo()
    click.secho(heats_left(answer).say(language), bold=True)
    notes = list(answer.notes)
    if wear.limit is not None and wear.limit_from is not None:
        notes.insert(0, text("limit {limit}: {origin}", limit=shown(wear.limit), origin=wear.limit_from))
    for name, effect, error in wear.effects:
        notes.append(
            text(
                "{name}: {effect} ± {error} for one unit more (taken out)",
                name=name,
                effect=f"{effect:+.3g}",
                error=f"{error:.2g}",
            )
        )
    say_notes(notes, language)
