"""`forgecast environment ledger` and `report`: the ledger that keeps itself, and the execution report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from forgecast.app.cli.bilingual import BilingualCommand, argument, json_option, language_of, language_option, option
from forgecast.app.cli.environment.show import (
    check_place,
    echo_json,
    say,
    say_written,
    show_doubts,
    show_gaps,
    show_report_table,
    write_tables,
)
from forgecast.app.cli.environment.stretch import stretch_of, stretch_options
from forgecast.app.cli.progress import progress_bar
from forgecast.app.cli.quantity import Quantity
from forgecast.environment.mass_estimate import FILLS, Fill
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Language, text

if TYPE_CHECKING:
    from forgecast.tasks.report_execution import ExecutionReport

_SECTIONS = ("basic", "production", "control", "monitoring", "abnormal", "other")


@click.command(
    cls=BilingualCommand,
    name="ledger",
    sentence=text(
        "Show the permit ledger (HJ 944) that Forgecast keeps from the plant's records and readings, with what it "
        "lacks and who has it."
    ),
    examples=(
        ("forgecast environment ledger my-plant --month 2025-09", text("what is kept and what lacks")),
        ("forgecast environment ledger my-plant --section abnormal", text("one section")),
        ("forgecast environment ledger my-plant --quarter 2025Q3 --out ledger.xlsx", text("a sheet for each section")),
    ),
)
@argument("plant", type=click.Path(path_type=Path), help=text("Folder of the plant."))
@stretch_options
@option("--section", type=click.Choice(_SECTIONS), help=text("Only this section."))
@option("--out", type=click.Path(path_type=Path), help=text("Workbook (.xlsx), one sheet a section."))
@option("--strict", is_flag=True, help=text("Leave with exit code 1 where the ledger has gaps."))
@json_option
@language_option
@click.pass_context
def ledger(
    context: click.Context,
    *,
    plant: Path,
    month: str | None,
    quarter: str | None,
    year: str | None,
    since: str | None,
    until: str | None,
    section: str | None,
    out: Path | None,
    strict: bool,
    as_json: bool,
) -> int:
    """Show the ledger."""
    from forgecast.store.plant_folder import PlantFolder  # noqa: PLC0415  (heavy libraries load only when needed)
    from forgecast.tasks.keep_ledger import keep_ledger  # noqa: PLC0415

    with PlantFolder.open(plant) as opened:
        period = stretch_of(opened, month=month, quarter=quarter, year=year, since=since, until=until)
        kept = keep_ledger(opened, period)
    language = language_of(context)
    tables = [table for table in kept.tables() if section is None or table.id == section]
    if out is not None:
        title = text("Permit ledger, {start} to {end}", start=str(period.start), end=str(period.end))
        write_tables(out, title, (text("Gaps: {count}", count=len(kept.gaps)),), tables)
    if as_json:
        echo_json({"tables": [table.as_json() for table in tables], "gaps": [gap.as_json() for gap in kept.gaps]})
    else:
        for table in tables:
            if table.id != "gaps":
                show_report_table(table, language, most=8 if section is None else 200)
        show_gaps(kept.gaps, language)
        if out is not None:
            say_written(out, language)
    return 1 if strict and kept.gaps else 0


@click.command(
    cls=BilingualCommand,
    name="report",
    sentence=text(
        "Write the execution report on the discharge permit: emissions against the permit, exceedances, monitoring, "
        "control units, waste, sand; each figure with its origin, each gap with the record that settles it."
    ),
    examples=(
        (
            "forgecast environment report my-plant --quarter 2025Q3 --scale 1% --out report.pdf",
            text("a quarter as PDF; sand weighed to 1 %"),
        ),
        (
            "forgecast environment report my-plant --year 2025 --scale 1% --out report.xlsx --out report.pdf --lang zh",
            text("a year, both files, in Chinese"),
        ),
        (
            "forgecast environment report my-plant --year 2025 --scale 1% --disclosure --out disclosure.xlsx",
            text("only the tables for disclosure"),
        ),
    ),
)
@argument("plant", type=click.Path(path_type=Path), help=text("Folder of the plant."))
@stretch_options
@option("--scale", required=True, type=Quantity("share"), help=text(
    "Standard deviation of masses of sand and waste, as a share: what you say of your scales."))  # fmt: skip
@option("--fill", type=click.Choice(FILLS), default="none", show_default=True, help=text(
    "How hours without a mass flow are filled; it is told in the report."))  # fmt: skip
@option("--disclosure", is_flag=True, help=text("Only the tables that a plant discloses."))
@option(
    "--out",
    "outs",
    multiple=True,
    type=click.Path(path_type=Path),
    help=text("File: .pdf or .xlsx; may be given again."),
)
@option("--strict", is_flag=True, help=text("Leave with exit code 1 where the report has gaps."))
@json_option
@language_option
@click.pass_context
def report(
    context: click.Context,
    *,
    plant: Path,
    month: str | None,
    quarter: str | None,
    year: str | None,
    since: str | None,
    until: str | None,
    scale: float,
    fill: Fill,
    disclosure: bool,
    outs: tuple[Path, ...],
    strict: bool,
    as_json: bool,
) -> int:
    """Write the execution report."""
    from forgecast.store.plant_folder import PlantFolder  # noqa: PLC0415  (heavy libraries load only when needed)
    from forgecast.tasks.report_execution import report_execution  # noqa: PLC0415

    for path in outs:
        check_place(path)
        if path.suffix.lower() not in (".pdf", ".xlsx"):
            raise ForgecastError(
                text("a report is written as .pdf or .xlsx"),
                where=str(path),
                repair=text("give a name that ends with .pdf or .xlsx"),
            )
    language = language_of(context)
    with progress_bar(text("report").say(language)) as tell, PlantFolder.open(plant) as opened:
        period = stretch_of(opened, month=month, quarter=quarter, year=year, since=since, until=until)
        made = report_execution(opened, period, relative_uncertainty=scale, fill=fill)
        made = made.disclosed() if disclosure else made
        tell(0.6)
        for path in outs:
            _write(made, path, language)
        tell(1.0)
    if as_json:
        echo_json(made.as_json())
    else:
        for line in made.first_page:
            say(line, language)
        if not outs:
            for table in made.tables:
                if table.rows and table.id != "gaps":
                    show_report_table(table, language, most=8)
        show_doubts(made.findings, language)
        show_gaps(made.gaps, language)
        for path in outs:
            say_written(path, language)
    return 1 if strict and made.gaps else 0


def _write(made: ExecutionReport, path: Path, language: Language) -> None:
    from forgecast.tasks.report_execution import report_title  # noqa: PLC0415

    if path.suffix.lower() == ".xlsx":
        write_tables(path, report_title(made), made.first_page, made.tables)
        return
    from forgecast.app.environment.page import render_report  # noqa: PLC0415

    content = render_report(made, language)
    try:
        path.write_bytes(content)
    except OSError as error:
        raise ForgecastError(
            text("the file cannot be written: {error}", error=error.strerror or str(error)),
            where=str(path),
            repair=text("close it where it is open, or choose another place"),
        ) from error
