"""`forgecast environment emergency`: what must stop at a warning, and whether it measurably did."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from forgecast.app.cli.bilingual import BilingualCommand, argument, json_option, language_of, language_option, option
from forgecast.app.cli.environment.show import (
    echo_json,
    say,
    say_written,
    show_gaps,
    show_report_table,
    write_tables,
)
from forgecast.app.cli.environment.stretch import stretch_of, stretch_options
from forgecast.ground.dates import to_us, zone
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Language, text

if TYPE_CHECKING:
    from forgecast.tasks.follow_emergency_plan import EmergencyAnswer


@click.command(
    cls=BilingualCommand,
    name="emergency",
    sentence=text(
        "Show what the emergency plan of a heavy-pollution warning asks of each machine, and how far it fell against "
        "the days before; with --out a record for the inspector."
    ),
    examples=(
        ("forgecast environment emergency my-plant", text("the warnings of the last twelve months, and the plan")),
        (
            "forgecast environment emergency my-plant --at '2025-12-10 09:00' --month 2025-12",
            text("what must stop now"),
        ),
        (
            "forgecast environment emergency my-plant --month 2025-12 --out warning.xlsx",
            text("a record for the inspector"),
        ),
    ),
)
@argument("plant", type=click.Path(path_type=Path), help=text("Folder of the plant."))
@stretch_options
@option("--at", metavar="'2025-12-10 09:00'", help=text(
    "Local time to which a warning that still holds is looked at; without it, the end of the days."))  # fmt: skip
@option("--out", type=click.Path(path_type=Path), help=text("Workbook (.xlsx): the record for the inspector."))
@option("--strict", is_flag=True, help=text("Leave with exit code 1 where a measure was not done."))
@json_option
@language_option
@click.pass_context
def emergency(
    context: click.Context,
    *,
    plant: Path,
    month: str | None,
    quarter: str | None,
    year: str | None,
    since: str | None,
    until: str | None,
    at: str | None,
    out: Path | None,
    strict: bool,
    as_json: bool,
) -> int:
    """Follow the plan and show it."""
    from forgecast.store.plant_folder import PlantFolder  # noqa: PLC0415  (heavy libraries load only when needed)
    from forgecast.tasks.follow_emergency_plan import follow_emergency_plan  # noqa: PLC0415

    with PlantFolder.open(plant) as opened:
        period = stretch_of(opened, month=month, quarter=quarter, year=year, since=since, until=until)
        now = period.bounds_us(opened.settings.zone)[1] if at is None else _instant(at, opened.settings.zone)
        found = follow_emergency_plan(opened, period, now_us=now)
    language = language_of(context)
    if out is not None:
        title = text("Emergency reduction, {start} to {end}", start=str(period.start), end=str(period.end))
        write_tables(out, title, (text("Gaps: {count}", count=len(found.gaps)),), found.tables())
    undone = [one for warning in found.warnings for one in warning.measures if one.done is False]
    if as_json:
        holding = found.in_force
        echo_json(
            {
                "in_force": None if holding is None else holding.level,
                "must_stop": [] if holding is None else [
                    one.measure.text("equipment") for one in holding.measures if one.measure.text("action") == "stop"
                ],
                "tables": [table.as_json() for table in found.tables()],
                "gaps": [gap.as_json() for gap in found.gaps],
            }
        )  # fmt: skip
    else:
        _show(found, language)
        if out is not None:
            say_written(out, language)
    return 1 if strict and undone else 0


def _show(found: EmergencyAnswer, language: Language) -> None:
    from forgecast.tasks.keep_ledger import choice_text  # noqa: PLC0415

    holding = found.in_force
    if holding is not None:
        level = choice_text("pollution_warning", "level", holding.level)
        stops = ", ".join(
            one.measure.text("equipment") for one in holding.measures if one.measure.text("action") == "stop"
        )
        say(
            text("A {level} warning is in force. Must stop: {machines}.", level=level, machines=stops or "—"),
            language,
            "bold",
        )
    elif not found.warnings:
        say(
            text("No warning on record in these days. Enter one: forgecast plant record PLANT pollution_warning …"),
            language,
        )
    done, plan = found.tables()
    if found.warnings:
        show_report_table(done, language)
    show_report_table(plan, language)
    show_gaps(found.gaps, language)


def _instant(words: str, zone_name: str) -> int:
    try:
        moment = datetime.fromisoformat(words.strip())
    except ValueError:
        raise ForgecastError(
            text("{given} is no time", given=words), where="--at", repair=text("write it like 2025-12-10 09:00")
        ) from None
    return to_us(moment if moment.tzinfo else moment.replace(tzinfo=zone(zone_name)))
