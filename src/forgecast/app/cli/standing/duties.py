"""`forgecast standing duties`: what a permit or a title asks when, what is done, and what is overdue."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from forgecast.app.cli.assess import at_option
from forgecast.app.cli.bilingual import BilingualCommand, argument, json_option, language_of, language_option, option
from forgecast.app.cli.environment.show import echo_json, say, show_gaps, show_report_table
from forgecast.ground.texts import text


@click.command(
    cls=BilingualCommand,
    name="duties",
    sentence=text(
        "Show the duties of discharge permits and titles as a calendar: what is due when, what is done, what is "
        "overdue. A proof is a row of the record `duty_proof`."
    ),
    examples=(
        ("forgecast standing duties my-plant", text("as of the plant's last record")),
        ("forgecast standing duties my-plant --at 2026-02-01 --json", text("as of a day, for another program")),
        ("forgecast standing duties my-plant --strict", text("exit code 1 where something is overdue")),
    ),
)
@argument("plant", type=click.Path(path_type=Path), help=text("Folder of the plant."))
@at_option
@option("--strict", is_flag=True, help=text("Leave with exit code 1 where a duty is overdue."))
@json_option
@language_option
@click.pass_context
def duties(context: click.Context, *, plant: Path, at: datetime | None, strict: bool, as_json: bool) -> int:
    """Show the calendar."""
    from forgecast.store.plant_folder import PlantFolder  # noqa: PLC0415  (heavy libraries load only when needed)
    from forgecast.tasks.permit_calendar import DutyState, permit_calendar  # noqa: PLC0415

    with PlantFolder.open(plant) as opened:
        found = permit_calendar(opened, at=at.date() if at else None)
    language = language_of(context)
    overdue = found.count(DutyState.OVERDUE)
    if as_json:
        echo_json(found.as_json())
    else:
        say(
            text(
                "{overdue} overdue, {due} due within a year, {done} done.",
                overdue=overdue,
                due=found.count(DutyState.DUE),
                done=found.count(DutyState.DONE) + found.count(DutyState.LATE),
            ),
            language,
            "bold",
        )
        show_report_table(found.table(), language)
        show_gaps(found.gaps, language)
    return 1 if strict and overdue else 0
