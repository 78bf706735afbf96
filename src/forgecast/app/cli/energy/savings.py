"""`forgecast energy savings`: what an energy measure has saved, and how sure that is."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from forgecast.app.cli.bilingual import BilingualCommand, argument, json_option, language_of, language_option, option
from forgecast.app.cli.casting.show import show_figures
from forgecast.app.cli.energy.asked import driver_option, number, out_option, plant_argument, since_until
from forgecast.app.cli.energy.baseline import show_model
from forgecast.app.cli.quality.asked import echo_json, say, say_notes, say_picture
from forgecast.ground.texts import Language, Text, text

if TYPE_CHECKING:
    from forgecast.tasks.energy_series import By
    from forgecast.tasks.prove_savings import ProvenSavings

_SURE = 0.05


@click.command(
    cls=BilingualCommand,
    name="savings",
    sentence=text(
        "Prove what a measure on record (energy_measure) has saved: baseline before the work, measured "
        "after it, with a "
        "95 % interval, the CUSUM, and whether it changed since."
    ),
    examples=(
        ("forgecast energy savings my-plant M1", text("months, good production")),
        ("forgecast energy savings my-plant M1 --driver heat_t --by day --out m1.png", text("days, tapped metal")),
    ),
)
@plant_argument
@argument("measure", help=text("Number of the measure in the record energy_measure."))
@driver_option
@option(
    "--by",
    type=click.Choice(["month", "day", "hour"]),
    default="month",
    show_default=True,
    help=text("Length of a period."),
)
@since_until
@out_option
@option("--strict", is_flag=True, help=text("Leave with exit code 1 where no saving is proven."))
@json_option
@language_option
@click.pass_context
def savings(
    context: click.Context,
    *,
    plant: Path,
    measure: str,
    drivers: tuple[str, ...],
    by: str,
    since: date | None,
    until: date | None,
    out: Path | None,
    strict: bool,
    as_json: bool,
) -> int:
    """Prove savings and show them."""
    from forgecast.app.energy.baseline_picture import draw_savings  # noqa: PLC0415  (heavy: only when needed)
    from forgecast.app.quality.canvas import check_picture  # noqa: PLC0415
    from forgecast.store.plant_folder import PlantFolder  # noqa: PLC0415
    from forgecast.tasks.prove_savings import prove_savings  # noqa: PLC0415

    language = language_of(context)
    if out is not None:
        check_picture(out)
    with PlantFolder.open(plant) as opened:
        synthetic = opened.settings.synthetic
        answer = prove_savings(opened, measure, drivers=drivers, by=cast("By", by), since=since, until=until)
    if out is not None:
        draw_savings(answer, out, language, synthetic=synthetic)
    if as_json:
        echo_json(answer.as_json())
    else:
        _show(answer, language)
        say_picture(out, language)
    return 1 if strict and not (answer.saved.significant and answer.saved.saved > 0.0) else 0


def _show(answer: ProvenSavings, language: Language) -> None:
    saved, unit = answer.saved, answer.baseline.unit
    figures: list[tuple[Text, str]] = [
        (text("Saved"), f"{number(saved.saved)} {unit}  ({number(saved.low)} … {number(saved.high)})"),
        (text("Of what was expected"), f"{100.0 * saved.share:.1f} %"),
        (text("In a year"), f"{number(answer.per_year)} {unit}"),
        (text("Expected by the record"), f"{number(answer.expected_kWh)} kWh"),
        (text("Periods reported"), str(saved.periods)),
    ]
    say(text("{measure}: {name}", measure=answer.measure, name=answer.name), language, style="bold")
    show_figures(figures, language)
    if not saved.significant:
        say(text("No saving is proven: the interval holds zero."), language, style="bold")
    elif saved.saved < 0.0:
        say(text("More was used than the baseline expects."), language, style="bold")
    else:
        say(text("The saving is proven with 95 %."), language, style="bold")
    if answer.change is not None and answer.change.p < _SURE:
        say(
            text(
                "It changed in {period}: from {before} to {after} a period (p {p})",
                period=answer.periods[answer.change.position],
                before=number(answer.change.before),
                after=number(answer.change.after),
                p=f"{answer.change.p:.2g}",
            ),
            language,
        )
    click.echo()
    say(text("Baseline"), language, style="bold")
    show_model(answer.baseline.model, answer.baseline.worth, answer.baseline.periods, language)
    if answer.static:
        say(text("What else changed, for which nothing is adjusted"), language, style="bold")
    say_notes((*answer.static, *saved.expected.outside), language)
