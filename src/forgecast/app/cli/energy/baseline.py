"""`forgecast energy baseline`: what drives a meter's energy, and what the model is worth."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from forgecast.app.cli.bilingual import BilingualCommand, json_option, language_of, language_option, option
from forgecast.app.cli.energy.asked import driver_option, meter_option, number, out_option, plant_argument, since_until
from forgecast.app.cli.quality.asked import echo_json, say, say_notes, say_picture, show_rows
from forgecast.app.report.words import CONFIDENCE_TEXTS
from forgecast.ground.texts import Language, text

if TYPE_CHECKING:
    from forgecast.energy.adequacy import Adequacy
    from forgecast.energy.driver_model import DriverModel, Method
    from forgecast.tasks.energy_series import By
    from forgecast.tasks.fit_energy_baseline import FittedBaseline


@click.command(
    cls=BilingualCommand,
    name="baseline",
    sentence=text("Fit a meter's energy against what drives it, with tests of the model and its intervals."),
    examples=(
        ("forgecast energy baseline my-plant", text("good castings and forgings by month")),
        ("forgecast energy baseline my-plant --driver heat_t --by day --out days.png", text("tapped metal by day")),
        (
            "forgecast energy baseline my-plant --driver good_t@IL --driver tag:AIR.temperature --robust",
            text("a line and the temperature outdoors, odd months pull less"),
        ),
    ),
)
@plant_argument
@meter_option
@driver_option
@option(
    "--by",
    type=click.Choice(["month", "day", "hour"]),
    default="month",
    show_default=True,
    help=text("Length of a period."),
)
@option("--robust", is_flag=True, help=text("Huber's regression, which odd periods pull less."))
@since_until
@out_option
@option("--strict", is_flag=True, help=text("Leave with exit code 1 where the baseline is not adequate."))
@json_option
@language_option
@click.pass_context
def baseline(
    context: click.Context,
    *,
    plant: Path,
    meter: str,
    drivers: tuple[str, ...],
    by: str,
    robust: bool,
    since: date | None,
    until: date | None,
    out: Path | None,
    strict: bool,
    as_json: bool,
) -> int:
    """Fit a baseline and show it."""
    from forgecast.app.energy.baseline_picture import draw_baseline  # noqa: PLC0415  (heavy: only when needed)
    from forgecast.app.quality.canvas import check_picture  # noqa: PLC0415
    from forgecast.store.plant_folder import PlantFolder  # noqa: PLC0415
    from forgecast.tasks.fit_energy_baseline import fit_energy_baseline  # noqa: PLC0415

    language = language_of(context)
    if out is not None:
        check_picture(out)
    method: Method = "huber" if robust else "ols"
    with PlantFolder.open(plant) as opened:
        synthetic = opened.settings.synthetic
        answer = fit_energy_baseline(
            opened, meter=meter, drivers=drivers, by=cast("By", by), since=since, until=until, method=method
        )
    if out is not None:
        draw_baseline(answer, out, language, synthetic=synthetic)
    if as_json:
        echo_json(answer.as_json())
    else:
        _show(answer, language)
        say_picture(out, language)
    return 1 if strict and answer.worth.adequate is not True else 0


def _show(answer: FittedBaseline, language: Language) -> None:
    length = {"month": text("a month"), "day": text("a day"), "hour": text("an hour")}[answer.by]
    say(
        text("{unit} of {meter}, {length}", unit=answer.unit, meter=answer.meter, length=length), language, style="bold"
    )
    show_model(answer.model, answer.worth, answer.periods, language)


def show_model(model: DriverModel, worth: Adequacy, periods: Sequence[str], language: Language) -> None:
    """Print coefficients, tests with their bounds, and periods to look at."""
    rows = [
        (one.name, number(one.value, 1), number(one.error, 1), f"{one.t:.1f}", f"{one.p:.2g}")
        for one in model.coefficients
    ]
    heads = (text("driver"), text("a unit of it adds"), text("± std. error"), text("t"), text("p"))
    show_rows(heads, rows, language, right=frozenset({1, 2, 3, 4}))
    click.echo()
    tests = []
    for one in worth.criteria:
        sign = "≥" if one.comparison == "at_least" else "≤"
        words = {True: text("yes"), False: text("NO"), None: text("not known")}[one.holds].say(language)
        known = CONFIDENCE_TEXTS[one.confidence].say(language)
        role = "" if one.decides else text("shown only").say(language)
        tests.append((one.title.say(language), f"{one.value:.3g}", f"{sign} {one.bound:g}", words, known, role))
    columns = (text("test"), text("value"), text("bound"), text("holds"), text("bound is"), text("role"))
    show_rows(columns, tests, language, right=frozenset({1}))
    verdict = {
        True: text("The baseline is adequate."),
        False: text("The baseline is NOT adequate."),
        None: text("Whether the baseline is adequate is not known."),
    }[worth.adequate]
    say(verdict, language, style="bold")
    if worth.outliers:
        say(text("Far from the model: {names}", names=", ".join(periods[n] for n in worth.outliers[:12])), language)
    if worth.leveraged:
        say(text("Pull it most: {names}", names=", ".join(periods[n] for n in worth.leveraged[:12])), language)
    say_notes(worth.notes, language)
