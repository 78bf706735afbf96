"""`forgecast carbon product`: the footprint of a kilogram and of a piece."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from forgecast.app.carbon.words import between, item_text, number, reasons
from forgecast.app.cli.bilingual import BilingualCommand, argument, json_option, language_of, language_option, option
from forgecast.app.cli.casting.show import show_figures, show_notes, show_table
from forgecast.app.cli.melting.show import echo_json, say, say_list
from forgecast.app.report.numbers import ABSENT
from forgecast.ground.texts import Language, text

if TYPE_CHECKING:
    from forgecast.tasks.footprint_product import Footprint


@click.command(
    cls=BilingualCommand,
    name="product",
    sentence=text(
        "Return the carbon footprint of a product, cradle to gate: bought metal by the charge of its heats, melting "
        "by each heat's energy, other energy by line and plant, each with its factor and how well it is known."
    ),
    examples=(
        ("forgecast carbon product my-plant C-101", text("all heats of the last twelve months")),
        ("forgecast carbon product my-plant C-101 --heat I25-05752", text("the castings of one heat")),
    ),
)
@argument("plant", type=click.Path(path_type=Path), help=text("Folder of the plant."))
@argument("product", help=text("Part number."))
@option("--heat", "heats", multiple=True, help=text("Only this heat; may be given again."))
@option("--year", type=click.IntRange(2000, 2100), help=text("Calendar year; without it the last twelve months."))
@option("--strict", is_flag=True, help=text("Leave with exit code 1 where the total is not known."))
@json_option
@language_option
@click.pass_context
def product(
    context: click.Context,
    *,
    plant: Path,
    product: str,
    heats: tuple[str, ...],
    year: int | None,
    strict: bool,
    as_json: bool,
) -> int:
    """Return the footprint and show it."""
    from forgecast.store.plant_folder import PlantFolder  # noqa: PLC0415  (heavy libraries load only when needed)
    from forgecast.tasks.footprint_product import footprint_product  # noqa: PLC0415

    with PlantFolder.open(plant) as opened:
        answer = footprint_product(opened, product, heats=heats, year=year)
    if as_json:
        echo_json(answer.as_json())
    else:
        _show(answer, language_of(context))
    return 1 if strict and answer.total is None else 0


def _show(answer: Footprint, language: Language) -> None:
    from forgecast.tasks.product_amounts import STAGES  # noqa: PLC0415

    of = answer.of
    say(text("Carbon footprint of {product}, cradle to gate", product=of.product), language, "bold")
    total, spread = answer.total, answer.spread
    show_figures(
        [
            (text("of a kilogram [kg CO2e/kg]"), number(total)),
            (text("known part of it [kg CO2e/kg]"), number(answer.known if spread else None)),
            (text("95 % interval of the known part"), ABSENT if spread is None else between(spread.low, spread.high)),
            (text("of a piece [kg CO2e]"), number(answer.per_piece)),
            (text("heats, months"), f"{len(of.heats)}, {len(of.months)}"),
            (text("good metal of poured"), number(of.good_per_poured, 3)),
        ],
        language,
    )
    click.echo()
    heads = (
        text("stage"),
        text("what"),
        text("amount [per kg good]"),
        text("factor [kg CO2e/unit]"),
        text("emissions [kg CO2e/kg]"),
        text("of the variance [%]"),
    )
    shares = _shares(answer)
    rows = []
    for number_of, one in enumerate(answer.lines):
        factor = None if one.line is None else one.line.factor
        rows.append(
            (
                STAGES[one.amount.stage].say(language),
                item_text(one.amount.item).say(language),
                f"{number(one.amount.per_kg)} {one.amount.unit}",
                ABSENT if factor is None else f"{number(factor.value)} /{factor.per}",
                number(one.emission),
                shares.get(number_of, ABSENT),
            )
        )
    show_table(heads, rows, language)
    lacking = [(one.amount.item, one.why_missing) for one in answer.lines if one.why_missing is not None]
    say_list(text("Missing, and not counted as nothing"), reasons(lacking, language), language)
    click.echo()
    show_notes(answer.notes, language)


def _shares(answer: Footprint) -> dict[int, str]:
    """Return what each line that could be counted brings to the variance, in per cent."""
    if answer.spread is None or not answer.spread.shares.any():
        return {}
    known = [place for place, one in enumerate(answer.lines) if one.emission is not None]
    return {place: f"{max(100.0 * share, 0.0):.0f}" for place, share in zip(known, answer.spread.shares, strict=True)}
