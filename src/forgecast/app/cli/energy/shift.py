"""`forgecast energy shift`: what melting in cheaper hours would have saved."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from forgecast.app.cli.bilingual import BilingualCommand, json_option, language_of, language_option, option
from forgecast.app.cli.energy.asked import number, out_option, plant_argument
from forgecast.app.cli.quality.asked import Day, echo_json, say, say_notes, say_picture, show_rows
from forgecast.ground.texts import Language, text, verbatim

if TYPE_CHECKING:
    from forgecast.tasks.shift_melting import ShiftAnswer

_MOST = 24


@click.command(
    cls=BilingualCommand,
    name="shift",
    sentence=text("Move each day's heats to cheaper hours, to a proven optimum, and see what it would have saved."),
    examples=(
        ("forgecast energy shift my-plant --since 2025-06-03 --earlier 6", text("one day, up to six hours earlier")),
        (
            "forgecast energy shift my-plant --since 2025-06-01 --until 2025-06-30 --capacity 3200 --hold 120",
            text("a month, within 3200 kW; finished metal waits at 120 kW"),
        ),
    ),
)
@plant_argument
@option("--since", type=Day(), required=True, help=text("First day (2025-01-01)."))
@option("--until", type=Day(), help=text("Last day; without, the first one only."))
@option("--tariff", default="", help=text("Tariff; without, the meter's own or the only one on record."))
@option("--earlier", default=4, show_default=True, metavar="HOURS", help=text("How much earlier a heat may begin."))
@option("--later", default=0, show_default=True, metavar="HOURS", help=text("How much later a heat may begin."))
@option("--capacity", type=float, metavar="kW", help=text("Highest power of all furnaces; without, that of the day."))
@option("--hold", default=0.0, metavar="kW", help=text("Power of a furnace that keeps finished metal hot."))
@option("--carbon", default="", metavar="TAG", help=text("Tag with kg of CO2 a kWh."))
@option("--carbon-price", default=0.0, metavar="CNY/kg", help=text("Price of a kg of CO2 that counts in the plan."))
@out_option
@json_option
@language_option
@click.pass_context
def shift(
    context: click.Context,
    *,
    plant: Path,
    since: date,
    until: date | None,
    tariff: str,
    earlier: int,
    later: int,
    capacity: float | None,
    hold: float,
    carbon: str,
    carbon_price: float,
    out: Path | None,
    as_json: bool,
) -> None:
    """Plan melting and show it."""
    from forgecast.app.energy.plan_picture import draw_plan  # noqa: PLC0415  (heavy libraries load only when needed)
    from forgecast.app.quality.canvas import check_picture  # noqa: PLC0415
    from forgecast.store.plant_folder import PlantFolder  # noqa: PLC0415
    from forgecast.tasks.shift_melting import shift_melting  # noqa: PLC0415

    language = language_of(context)
    if out is not None:
        check_picture(out)
    with PlantFolder.open(plant) as opened:
        synthetic = opened.settings.synthetic
        answer = shift_melting(
            opened,
            since=since,
            until=until,
            tariff=tariff,
            earlier_h=earlier,
            later_h=later,
            capacity_kW=capacity,
            hold_kW=hold,
            carbon_tag=carbon,
            carbon_price=carbon_price,
        )
    if out is not None:
        draw_plan(answer, out, language, synthetic=synthetic)
    if as_json:
        echo_json(answer.as_json())
    else:
        _show(answer, language)
        say_picture(out, language)


def _show(answer: ShiftAnswer, language: Language) -> None:
    said = text(
        "{before} CNY become {after}: {saved} CNY saved in {days} days; no plan can save more than {most}",
        before=number(answer.before),
        after=number(answer.after),
        saved=number(answer.before - answer.after),
        days=len(answer.days),
        most=number(answer.before - answer.bound),
    )
    say(said, language, style="bold")
    if len(answer.days) == 1:
        heats = answer.as_json()["days"][0]["heats"]  # type: ignore[index]
        rows = [
            (one["heat"], one["furnace"], str(one["hours"]), number(one["power_kW"]), one["was"][11:], one["plan"][11:])
            for one in heats[:_MOST]
        ]
        heads = (text("heat"), text("furnace"), text("hours"), verbatim("kW"), text("was"), text("plan"))
    else:
        rows = [
            (
                one.day,
                str(len(one.runs)),
                number(one.plan.cost_before),
                number(one.plan.cost_after),
                number(one.plan.peak_before),
                number(one.plan.peak_after),
            )
            for one in answer.days
        ]
        heads = (
            text("day"),
            text("heats"),
            text("CNY before"),
            text("CNY after"),
            text("peak before"),
            text("peak after"),
        )
    show_rows(heads, rows, language, right=frozenset(range(1 if len(answer.days) > 1 else 2, 6)))
    say_notes(answer.notes, language)
