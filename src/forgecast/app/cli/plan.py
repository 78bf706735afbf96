"""`forgecast plan`: the cheapest measures that reach the goals, or the proof that none do."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Final

import click

from forgecast.app.cli.bilingual import (
    BilingualCommand,
    argument,
    json_option,
    language_of,
    language_option,
    option,
)
from forgecast.app.cli.progress import progress_bar
from forgecast.app.cli.quality.asked import echo_json, say, say_notes, show_rows
from forgecast.app.plan.asked import read_budget, read_prices
from forgecast.ground.texts import Language, text

LIBRARY: Final = "measures"


@click.command(
    cls=BilingualCommand,
    name="plan",
    sentence=text("Find the cheapest measures that reach the goals by their years, or prove that none do."),
    examples=(
        ("forgecast plan my-plant", text("the goals on record, else those of the two opinions")),
        (
            "forgecast plan my-plant --goal particulate=-30% --goal energy_per_tonne=-5% --goal water=-13%",
            text("goals of your own, counted from today"),
        ),
        ("forgecast plan my-plant --budget 2000000 --until 2028 --out plan", text("with pictures and summary.json")),
        ("forgecast plan measures", text("the library: what is in the choice, and where its numbers are from")),
    ),
)
@argument("plant", help=text("Folder of the plant; or the word measures, to see the library."))
@option("--goal", "goals", multiple=True, metavar="NAME=VALUE", help=text(
    "A change from today (particulate=-30%) or a value (cnc=80), with @2027 for its year; may be given again."
))  # fmt: skip
@option("--budget", "budgets", multiple=True, metavar="CNY", help=text(
    "Most that may be paid in a year; 2026=500000 for one year, the others then have none."))  # fmt: skip
@option("--until", type=click.IntRange(2000, 2100), metavar="YEAR", help=text(
    "Last year of the plan; without it 2027, or two years from now."))  # fmt: skip
@option("--rate", default=6.0, show_default=True, metavar="%", help=text("Rate of interest a year."))
@option("--horizon", default=10, show_default=True, metavar="YEARS", help=text("Years over which costs count."))
@option("--price", "price", multiple=True, metavar="NAME=CNY", help=text(
    "Your price of what a meter counts (natural_gas=3.2); may be given again."))  # fmt: skip
@option("--with-credits", is_flag=True, help=text(
    "Count tax credits; you answer for the machines being in the catalogue and for tax to set them off."))  # fmt: skip
@option("--pareto", is_flag=True, help=text("Also trace cost against particulate, energy and carbon dioxide."))
@option("--draws", default=40, show_default=True, metavar="N", help=text(
    "How often estimates are drawn anew within ±30 %; 0 leaves it."))  # fmt: skip
@option("--at", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help=text(
    "Stand of the plant on this day: the twelve months before it."))  # fmt: skip
@option("--out", type=click.Path(path_type=Path, file_okay=False), help=text("Folder for pictures and summary.json."))
@option("--svg", is_flag=True, help=text("Pictures as SVG in place of PNG."))
@option("--strict", is_flag=True, help=text("Leave with exit code 1 if a goal cannot be reached or is not known."))
@json_option
@language_option
@click.pass_context
def plan(
    context: click.Context,
    *,
    plant: str,
    goals: tuple[str, ...],
    budgets: tuple[str, ...],
    until: int | None,
    rate: float,
    horizon: int,
    price: tuple[str, ...],
    with_credits: bool,
    pareto: bool,
    draws: int,
    at: datetime | None,
    out: Path | None,
    svg: bool,
    strict: bool,
    as_json: bool,
) -> int:
    """Plan a plant and show the plan."""
    language = language_of(context)
    if plant == LIBRARY and not (Path(plant) / "plant.toml").is_file():
        _show_library(language, as_json=as_json)
        return 0
    from forgecast.app.results_folder import check_folder  # noqa: PLC0415  (heavy libraries load only when needed)
    from forgecast.store.plant_folder import PlantFolder  # noqa: PLC0415
    from forgecast.tasks.plan_plant import plan_plant  # noqa: PLC0415

    budget, prices = read_budget(budgets), read_prices(price)
    if out is not None:
        check_folder(out)
    with PlantFolder.open(Path(plant)) as folder, progress_bar(text("planning").say(language)) as progress:
        answer = plan_plant(
            folder,
            goals=goals,
            budget=budget,
            until=until,
            rate=rate / 100.0,
            horizon=horizon,
            own_prices=prices,
            with_credits=with_credits,
            pareto=pareto,
            draws=draws,
            at=at.date() if at else None,
            progress=progress,
        )
    if out is not None:
        from forgecast.app.plan.write import write_plan  # noqa: PLC0415

        write_plan(answer, out, language, "svg" if svg else "png")
    if as_json:
        echo_json(answer.as_json())
    else:
        from forgecast.app.cli.plan_view import show_plan  # noqa: PLC0415

        show_plan(answer, language)
        if out is not None:
            click.echo(text("Pictures and summary.json: {path}", path=str(out)).say(language))
    return 1 if strict and not answer.reached else 0


def _show_library(language: Language, *, as_json: bool) -> None:
    from forgecast.app.plan.library_json import library_json  # noqa: PLC0415  (as above)
    from forgecast.planning.library import COST_BASES, kinds  # noqa: PLC0415

    library = kinds()
    if as_json:
        echo_json(library_json())
        return
    heads = (text("kind"), text("measure"), text("cost"), text("years"), text("known"))
    rows = [
        (
            one.id,
            one.title.say(language),
            f"{one.cost:,.0f} {COST_BASES[one.cost_basis].say(language)}",
            f"{one.lifetime:g}",
            "≈" if one.estimate else one.confidence,
        )
        for one in library.values()
    ]  # fmt: skip
    show_rows(heads, rows, language, right=frozenset({3}))
    say(
        text(
            "≈ is an engineering estimate, no quotation. Enter yours in the record `plan_measure` (kind, equipment or "
            "stack, cost, source): it goes before the library."
        ),
        language,
    )
    say_notes([text("what each effect is computed from, and every source: forgecast plan measures --json")], language)
