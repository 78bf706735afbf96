"""`forgecast standing incentives`: which tax credits and loans a plant may use, and what they are worth."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from forgecast.app.cli.assess import at_option
from forgecast.app.cli.bilingual import BilingualCommand, argument, json_option, language_of, language_option, option
from forgecast.app.cli.environment.show import echo_json, show_gaps, show_report_table
from forgecast.ground.texts import text


@click.command(
    cls=BilingualCommand,
    name="incentives",
    sentence=text(
        "Show which tax credits, VAT relief and loans the plant may use, and what each is worth; what rests on memory "
        "is shown and never summed."
    ),
    examples=(
        ("forgecast standing incentives my-plant", text("from purchases, claims and figures of the last year")),
        (
            "forgecast standing incentives my-plant --loan 8000000 --loan-rate 0.0345",
            text("with the interest saved on a loan of 8 million yuan"),
        ),
    ),
)
@argument("plant", type=click.Path(path_type=Path), help=text("Folder of the plant."))
@at_option
@option("--loan", type=float, metavar="CNY", help=text(
    "Yuan borrowed to renew equipment; without it, the purchases of the judged twelve months."))  # fmt: skip
@option("--loan-rate", type=float, metavar="0.0345", help=text("Yearly interest of a usual loan, as a share."))
@json_option
@language_option
@click.pass_context
def incentives(
    context: click.Context,
    *,
    plant: Path,
    at: datetime | None,
    loan: float | None,
    loan_rate: float | None,
    as_json: bool,
) -> int:
    """Show the incentives."""
    from forgecast.store.plant_folder import PlantFolder  # noqa: PLC0415  (heavy libraries load only when needed)
    from forgecast.tasks.incentives_of_plant import incentives_of_plant  # noqa: PLC0415

    with PlantFolder.open(plant) as opened:
        found = incentives_of_plant(opened, at=at.date() if at else None, loan=loan, loan_rate=loan_rate)
    language = language_of(context)
    if as_json:
        echo_json(found.as_json())
        return 0
    show_report_table(found.table(), language)
    show_gaps(found.gaps, language)
    return 0
