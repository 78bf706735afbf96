"""`forgecast condition life`: how long parts last, what is left of one, and when to replace."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import click

from forgecast.app.cli.bilingual import BilingualCommand, json_option, language_of, language_option, option
from forgecast.app.cli.casting.show import show_figures
from forgecast.app.cli.condition.asked import confidence_option, picture_option
from forgecast.app.cli.quality.asked import echo_json, say_notes, say_picture, source_argument
from forgecast.app.report.numbers import ABSENT, shown
from forgecast.ground.texts import Language, Text, text

if TYPE_CHECKING:
    from forgecast.tasks.estimate_life import LifeAnswer

_COST = click.FloatRange(min=0.0, min_open=True)


@click.command(
    cls=BilingualCommand,
    name="life",
    sentence=text(
        "Tell how long dies, linings or pumps last, units that still live included, how much is left of one, "
        "and the age "
        "at which planned replacement costs least."
    ),
    examples=(
        ("forgecast condition life dies.csv --duration shots --failed failed --age 60000",
         text("what is left of a die")),
        ("forgecast condition life pumps.csv --duration hours --failed failed --planned-cost 4000 --failure-cost 30000",
         text("when to replace")),
        ("forgecast condition life my-plant --furnace F1", text("linings of a furnace, in heats")),
    ),
)  # fmt: skip
@source_argument
@option("--duration", default="", metavar="HEADER", help=text("Column of lives: hours, shots, heats."))
@option(
    "--failed", default="", metavar="HEADER", help=text("Column that is 1 for a failure, 0 where it has not failed.")
)
@option("--with", "covariates", multiple=True, metavar="HEADER", help=text(
    "What may shorten a life (Cox); may be given again."))  # fmt: skip
@option("--age", type=click.FloatRange(0.0), help=text("Age of a unit in use, in the unit of the lives."))
@option("--planned-cost", type=_COST, help=text("Cost of a planned replacement."))
@option("--failure-cost", type=_COST, help=text("Cost of a replacement after a failure, all that follows included."))
@option("--furnace", default="", help=text("Furnace of a plant."))
@confidence_option
@picture_option
@json_option
@language_option
@click.pass_context
def life(
    context: click.Context, *, source: Path, duration: str, failed: str, covariates: tuple[str, ...], age: float | None,
    planned_cost: float | None, failure_cost: float | None, furnace: str, confidence: float, out: Path | None,
    as_json: bool,
) -> None:  # fmt: skip
    """Estimate lives and show them."""
    from forgecast.app.condition.part_pictures import draw_life  # noqa: PLC0415  (heavy libraries load late)
    from forgecast.app.quality.canvas import check_picture  # noqa: PLC0415
    from forgecast.tasks.estimate_life import estimate_life  # noqa: PLC0415

    language = language_of(context)
    if out is not None:
        check_picture(out)
    answer = estimate_life(
        source,
        duration=duration,
        failed=failed,
        covariates=covariates,
        age=age,
        planned=planned_cost,
        failure=failure_cost,
        furnace=furnace,
        confidence=confidence,
    )
    if out is not None:
        draw_life(answer, out, language)
    if as_json:
        echo_json(answer.as_json())
        return
    _show(answer, confidence, language)
    say_picture(out, language)


def _show(answer: LifeAnswer, confidence: float, language: Language) -> None:
    found, unit = answer.weibull, answer.unit
    click.secho(text("Life: {name}", name=answer.source).say(language) + (f" [{unit}]" if unit else ""), bold=True)
    rows: list[tuple[Text, str]] = [
        (text("failures, and units that have not failed"), f"{found.failures}, {found.censored}"),
        (text("Weibull shape (above 1: wears out)"), _interval(found.shape, found.shape_low, found.shape_high)),
        (text("Weibull scale (63 % failed)"), _interval(found.scale, found.scale_low, found.scale_high)),
        (text("median life, without a distribution assumed"), shown(answer.curve.median)),
    ]
    if answer.remaining is not None:
        rest = answer.remaining
        rows += [
            (text("median of what is left at {age}", age=shown(rest.age)),
             _interval(rest.median, rest.median_low, rest.median_high)),
            (text("fails between these with {share} %", share=f"{100.0 * confidence:.0f}"),
             f"{shown(rest.low)} … {shown(rest.high)}"),
        ]  # fmt: skip
    if answer.replacement is not None:
        best = answer.replacement
        told = text("never: wait for the failure").say(language) if best.age is None else shown(best.age)
        bounds = f"({shown(best.age_low)} … {shown(best.age_high) if best.age_high is not None else '∞'})"
        rows += [
            (text("replace at the age"), f"{told} {bounds if best.age_low is not None else ''}".strip()),
            (
                text("cost a unit of life then, and at failure only"),
                f"{shown(best.rate)}, {shown(best.rate_at_failure)}",
            ),
        ]
    for one in answer.effects:
        rows.append((text("hazard for one unit more of {name}", name=one.name),
                     f"× {one.ratio:.3g} ({one.low:.3g} … {one.high:.3g}), p = {one.probability:.2g}"))  # fmt: skip
    show_figures(rows, language)
    say_notes(
        [*answer.notes, text("in brackets: the interval with {share} %", share=f"{100.0 * confidence:.0f}")], language
    )


def _interval(value: float, low: float, high: float) -> str:
    return f"{shown(value)} ({shown(low)} … {shown(high) if math.isfinite(high) else ABSENT})"
