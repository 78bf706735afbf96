"""`forgecast environment mass`, `sand` and `waste`: what leaves a plant by stack, by lorry, and what goes round."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from forgecast.app.cli.bilingual import BilingualCommand, argument, json_option, language_of, language_option, option
from forgecast.app.cli.environment.show import (
    echo_json,
    say_written,
    show_doubts,
    show_gaps,
    show_report_table,
    write_tables,
)
from forgecast.app.cli.environment.stretch import stretch_of, stretch_options
from forgecast.app.cli.quantity import Quantity
from forgecast.environment.mass_estimate import FILLS, Fill
from forgecast.environment.report_table import Gap, ReportTable
from forgecast.ground.finding import Finding
from forgecast.ground.texts import Language, Text, text

_OUT = option("--out", type=click.Path(path_type=Path), help=text("Workbook (.xlsx) with all tables."))
_PLANT = argument("plant", type=click.Path(path_type=Path), help=text("Folder of the plant."))


@click.command(
    cls=BilingualCommand,
    name="mass",
    sentence=text(
        "Add up the mass emitted by stack and pollutant, with the hours that lack a value stated and bounded, against "
        "what the permit allows and with a projection to the end of the year."
    ),
    examples=(
        ("forgecast environment mass my-plant --year 2025", text("a year against the permit")),
        (
            "forgecast environment mass my-plant --since 2025-01-01 --until 2025-09-30",
            text("from New Year on: with a projection"),
        ),
        ("forgecast environment mass my-plant --quarter 2025Q3 --fill mean", text("fill missing hours, and say so")),
    ),
)
@_PLANT
@stretch_options
@option("--fill", type=click.Choice(FILLS), default="none", show_default=True, help=text(
    "How hours without a value are filled: not at all, by the mean, or by the highest."))  # fmt: skip
@_OUT
@json_option
@language_option
@click.pass_context
def mass(
    context: click.Context,
    *,
    plant: Path,
    month: str | None,
    quarter: str | None,
    year: str | None,
    since: str | None,
    until: str | None,
    fill: Fill,
    out: Path | None,
    as_json: bool,
) -> int:
    """Add up the mass emitted and show it."""
    from forgecast.store.plant_folder import PlantFolder  # noqa: PLC0415  (heavy libraries load only when needed)
    from forgecast.tasks.estimate_emissions import estimate_emissions  # noqa: PLC0415

    with PlantFolder.open(plant) as opened:
        period = stretch_of(opened, month=month, quarter=quarter, year=year, since=since, until=until)
        found = estimate_emissions(opened, period, fill=fill)
    title = text("Mass emitted, {start} to {end}", start=str(period.start), end=str(period.end))
    _answer(title, found.tables(), found.gaps, (), out, language_of(context), as_json=as_json)
    return 0


@click.command(
    cls=BilingualCommand,
    name="sand",
    sentence=text(
        "Balance new sand in against waste sand, dust and stock: reuse rate, loss, and whether it closes within what "
        "the scales allow; water per tonne of output beside it."
    ),
    examples=(
        ("forgecast environment sand my-plant --year 2025 --scale 1%", text("masses are known to 1 %")),
        (
            "forgecast environment sand my-plant --quarter 2025Q3 --scale 2% --strict",
            text("exit code 1 if it does not close"),
        ),
    ),
)
@_PLANT
@stretch_options
@option(
    "--scale", required=True, type=Quantity("share"), help=text("Standard deviation of every mass as a share of it.")
)
@option("--strict", is_flag=True, help=text("Leave with exit code 1 where the balance does not close."))
@_OUT
@json_option
@language_option
@click.pass_context
def sand(
    context: click.Context,
    *,
    plant: Path,
    month: str | None,
    quarter: str | None,
    year: str | None,
    since: str | None,
    until: str | None,
    scale: float,
    strict: bool,
    out: Path | None,
    as_json: bool,
) -> int:
    """Balance the sand and show it."""
    from forgecast.store.plant_folder import PlantFolder  # noqa: PLC0415  (heavy libraries load only when needed)
    from forgecast.tasks.balance_sand import balance_sand_of  # noqa: PLC0415

    with PlantFolder.open(plant) as opened:
        period = stretch_of(opened, month=month, quarter=quarter, year=year, since=since, until=until)
        found = balance_sand_of(opened, period, relative_uncertainty=scale)
    title = text("Sand balance, {start} to {end}", start=str(period.start), end=str(period.end))
    _answer(title, found.tables(), found.gaps, found.findings, out, language_of(context), as_json=as_json)
    return 1 if strict and found.balance.closes is False else 0


@click.command(
    cls=BilingualCommand,
    name="waste",
    sentence=text(
        "Show waste by kind and fate, hazardous waste by code, and whether transfers match what was made and received."
    ),
    examples=(
        ("forgecast environment waste my-plant --year 2025", text("codes, manifests and what does not fit")),
        ("forgecast environment waste my-plant --quarter 2025Q3 --out waste.xlsx", text("as a workbook")),
    ),
)
@_PLANT
@stretch_options
@option("--strict", is_flag=True, help=text("Leave with exit code 1 where something does not fit."))
@_OUT
@json_option
@language_option
@click.pass_context
def waste(
    context: click.Context,
    *,
    plant: Path,
    month: str | None,
    quarter: str | None,
    year: str | None,
    since: str | None,
    until: str | None,
    strict: bool,
    out: Path | None,
    as_json: bool,
) -> int:
    """Check waste and show it."""
    from forgecast.store.plant_folder import PlantFolder  # noqa: PLC0415  (heavy libraries load only when needed)
    from forgecast.tasks.check_waste import check_waste  # noqa: PLC0415

    with PlantFolder.open(plant) as opened:
        period = stretch_of(opened, month=month, quarter=quarter, year=year, since=since, until=until)
        found = check_waste(opened, period)
    title = text("Waste, {start} to {end}", start=str(period.start), end=str(period.end))
    _answer(title, found.tables(), found.gaps, found.findings, out, language_of(context), as_json=as_json)
    return 1 if strict and found.findings else 0


def _answer(
    title: Text,
    tables: Sequence[ReportTable],
    gaps: Sequence[Gap],
    findings: Sequence[Finding],
    out: Path | None,
    language: Language,
    *,
    as_json: bool,
) -> None:
    if out is not None:
        lines = (text("Gaps: {count}", count=len(gaps)), *(finding.reason for finding in findings))
        write_tables(out, title, lines, tables)
    if as_json:
        echo_json(
            {
                "tables": [table.as_json() for table in tables],
                "gaps": [gap.as_json() for gap in gaps],
                "findings": [finding.as_json() for finding in findings],
            }
        )
        return
    for table in tables:
        show_report_table(table, language)
    show_doubts(findings, language)
    show_gaps(gaps, language)
    if out is not None:
        say_written(out, language)
