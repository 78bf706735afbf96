"""`forgecast energy cost`: the electricity bill by tariff, and what made the peak."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from forgecast.app.cli.bilingual import BilingualCommand, json_option, language_of, language_option, option
from forgecast.app.cli.energy.asked import meter_option, number, out_option, plant_argument, since_until
from forgecast.app.cli.quality.asked import echo_json, say, say_notes, say_picture, show_rows
from forgecast.app.cli.quantity import quantity
from forgecast.energy.tariff import KIND_TEXTS
from forgecast.ground.dates import from_us
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Language, text, verbatim

if TYPE_CHECKING:
    from forgecast.tasks.bill_energy import Cost


@click.command(
    cls=BilingualCommand,
    name="cost",
    sentence=text(
        "Bill a meter's electricity by the tariff on record: hours of use by the plant's clock, demand, "
        "power factor; and "
        "which machines made the peak."
    ),
    examples=(
        ("forgecast energy cost my-plant --out load.png", text("the last twelve months, with the load drawn")),
        ("forgecast energy cost my-plant --factor 0.88=1% --factor 0.89=0.5%", text("with your contract's adjustment")),
    ),
)
@plant_argument
@meter_option
@option("--tariff", default="", help=text("Tariff; without, the meter's own or the only one on record."))
@option(
    "--factor",
    "factors",
    multiple=True,
    metavar="0.89=0.5%",
    help=text("Adjustment of the bill at a power factor, as your contract says; may be given again. None is built in."),
)
@since_until
@out_option
@json_option
@language_option
@click.pass_context
def cost(
    context: click.Context,
    *,
    plant: Path,
    meter: str,
    tariff: str,
    factors: tuple[str, ...],
    since: date | None,
    until: date | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """Bill electricity and show it."""
    from forgecast.app.energy.load_picture import draw_load  # noqa: PLC0415  (heavy libraries load only when needed)
    from forgecast.app.quality.canvas import check_picture  # noqa: PLC0415
    from forgecast.store.plant_folder import PlantFolder  # noqa: PLC0415
    from forgecast.tasks.bill_energy import bill_energy  # noqa: PLC0415

    language = language_of(context)
    if out is not None:
        check_picture(out)
    table = _factors(factors)
    with PlantFolder.open(plant) as opened:
        synthetic = opened.settings.synthetic
        answer = bill_energy(opened, meter=meter, tariff=tariff, since=since, until=until, factor_table=table)
    if out is not None:
        draw_load(answer, out, language, synthetic=synthetic)
    if as_json:
        echo_json(answer.as_json())
    else:
        _show(answer, language)
        say_picture(out, language)


def _factors(given: tuple[str, ...]) -> dict[float, float]:
    table = {}
    for one in given:
        factor, _, share = one.partition("=")
        try:
            at = round(float(factor), 2)
        except ValueError:
            at = -1.0
        if not 0.0 <= at <= 1.0:
            raise ForgecastError(
                text("{given} is no power factor and adjustment", given=one),
                where="--factor",
                repair=text("write it as 0.89=0.5%, and a reduction as 0.95=-0.5%"),
            )
        table[at] = quantity(share, "share", "--factor", positive=False)
    return table


def _show(answer: Cost, language: Language) -> None:
    kinds = list(dict.fromkeys(kind for one in answer.bills for kind in one.energy_kWh))
    rows = []
    for one in answer.bills:
        energy = sum(one.energy_cost.values()) if len(one.energy_cost) == len(one.energy_kWh) else None
        shares = [number(one.energy_kWh.get(kind, 0.0)) for kind in kinds]
        factor = "—" if one.power_factor is None else f"{one.power_factor:.3f}"
        rows.append(
            (
                one.month,
                *shares,
                number(energy),
                number(one.demand_kW),
                number(one.demand_cost),
                factor,
                number(one.factor_cost),
                number(one.total),
            )
        )
    named = [text("{kind} kWh", kind=KIND_TEXTS[kind]) for kind in kinds]
    heads = (
        text("month"),
        *named,
        text("energy CNY"),
        text("peak kW"),
        text("demand CNY"),
        verbatim("cos φ"),
        text("adjusted CNY"),
        text("bill CNY"),
    )
    say(text("Meter {meter}, tariff {tariff}", meter=answer.meter, tariff=answer.tariff), language, style="bold")
    show_rows(heads, rows, language, right=frozenset(range(1, len(heads))))
    click.echo()
    if answer.peak_at_us is not None:
        when = f"{from_us(answer.peak_at_us, answer.zone):%Y-%m-%d %H:%M}"
        say(text("Peak {kW} kW, {when}", kW=number(answer.peak_kW), when=when), language, style="bold")
    machines = [
        (one.machine, number(one.power_kW), number(one.usual_kW), ", ".join(one.heats)) for one in answer.shares[:8]
    ]
    if machines:
        columns = (text("machine"), text("kW then"), text("kW usually"), text("heats"))
        show_rows(columns, machines, language, right=frozenset({1, 2}))
    reasons = list(dict.fromkeys(why for one in answer.bills for why in one.reasons))
    if len(reasons) > 6:
        reasons = [*reasons[:6], text("… and {n} more; --json lists all", n=len(reasons) - 6)]
    say_notes((*reasons, *answer.notes), language)
