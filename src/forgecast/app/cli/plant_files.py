"""`forgecast plant new`, `import`, `show` and `fields`: a plant folder, the files in it, and what it holds."""

from __future__ import annotations

import json
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from forgecast.app.cli.bilingual import (
    BilingualCommand,
    argument,
    json_option,
    language_of,
    language_option,
    option,
)
from forgecast.app.cli.plant_words import by_option
from forgecast.app.cli.progress import progress_bar
from forgecast.app.cli.summary import show_findings
from forgecast.ground.dates import CHINA
from forgecast.ground.texts import Language, text
from forgecast.plant.record import Record, record, records
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.import_files import ImportReport, SomeRefusedError, import_files
from forgecast.tasks.new_plant import new_plant


@click.command(
    cls=BilingualCommand,
    name="new",
    sentence=text("Make a plant folder: settings in plant.toml, records in SQLite, series in Parquet files."),
    examples=(
        ("forgecast plant new my-plant --name 'My foundry'", text("a plant in China (+08:00)")),
        ("forgecast plant new giesserei --zone Europe/Berlin", text("a plant elsewhere")),
    ),
)
@argument("folder", type=click.Path(path_type=Path), help=text("Folder to make; it must not exist or be empty."))
@option("--name", default="", help=text("Name of the plant; without it the folder's name."))
@option("--zone", default=CHINA, show_default=True, help=text("Time zone of the plant's clocks, by its IANA name."))
@language_option
@click.pass_context
def new(context: click.Context, folder: Path, name: str, zone: str) -> int:
    """Make a plant folder."""
    new_plant(folder, name=name or folder.name, zone_name=zone)
    language = language_of(context)
    click.echo(text("Made {folder}. Next:", folder=str(folder)).say(language))
    click.echo(f"  forgecast plant fields          # {text('what can be recorded').say(language)}")
    click.echo(f"  forgecast plant import {folder} FILE…   # {text('take in your files').say(language)}")
    return 0


@click.command(
    cls=BilingualCommand,
    name="import",
    sentence=text(
        "Take files into a plant: CSV (any delimiter, UTF-8 or GB18030), XLSX, Parquet, also gzipped. Each file goes "
        "in wholly or not at all; a file taken in before is not taken in twice; what was refused or is doubtful is "
        "shown."
    ),
    examples=(
        ("forgecast plant import my-plant equipment.csv heats_2025.xlsx", text("headers in English or Chinese")),
        ("forgecast plant import my-plant meter.csv --map meter.toml", text("headers explained by a map")),
    ),
)
@argument("folder", metavar="PLANT", type=click.Path(path_type=Path), help=text("Folder of the plant."))
@argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), help=text("Files to take in."))
@option("--map", "map_path", type=click.Path(path_type=Path), help=text("Map that explains headers, units and times."))
@by_option
@json_option
@language_option
@click.pass_context
def import_(
    context: click.Context,
    folder: Path,
    files: tuple[Path, ...],
    map_path: Path | None,
    by: str,
    as_json: bool,  # noqa: FBT001
) -> int:
    """Take files into a plant."""
    language = language_of(context)
    with PlantFolder.open(folder) as opened, progress_bar(text("importing").say(language)) as progress:
        try:
            report = import_files(opened, files, map_path=map_path, progress=progress, by=by)
        except SomeRefusedError as refused:
            if not as_json:
                show_import(refused.report, Console(), language)
            raise
    if as_json:
        click.echo(json.dumps(report.as_json(), ensure_ascii=False, indent=1))
        return 0
    show_import(report, Console(), language)
    return 0


def show_import(report: ImportReport, console: Console, language: Language) -> None:
    """Print what became of each file, and what was refused or is doubtful."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in (text("file"), text("fed")):
        table.add_column(title.say(language), overflow="fold")
    for title in (text("new"), text("changed"), text("same"), text("refused")):
        table.add_column(title.say(language), justify="right")
    for file in report.files:
        if file.already_in:
            table.add_row(file.name, text("already in").say(language), "", "", "", "")
        if file.refused is not None:
            table.add_row(file.name, f"[red]{text('refused').say(language)}[/red]", "", "", "", "")
        for fed in file.fed:
            counts = (f"{n:,}" for n in (fed.new, fed.changed, fed.same, fed.refused))
            table.add_row(file.name, fed.name, *counts)
    console.print(table)
    findings = tuple(finding for file in report.files for finding in file.findings)
    show_findings(findings, console, language)


@click.command(
    cls=BilingualCommand,
    name="show",
    sentence=text("Show what a plant holds: rows by record, series, and the files they came from."),
    examples=(("forgecast plant show my-plant", text("an overview")),),
)
@argument("folder", metavar="PLANT", type=click.Path(path_type=Path), help=text("Folder of the plant."))
@json_option
@language_option
@click.pass_context
def show(context: click.Context, folder: Path, as_json: bool) -> int:  # noqa: FBT001
    """Show what a plant holds."""
    language = language_of(context)
    with PlantFolder.open(folder) as opened:
        counts = {name: opened.records.count(name) for name in records()}
        tags = opened.telemetry.tags()
        files = opened.records.imports()
    if as_json:
        held = {"ok": True, "records": counts, "series": len(tags), "files": [f.name for f in files]}
        click.echo(json.dumps(held, ensure_ascii=False, indent=1))
        return 0
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(text("record").say(language))
    table.add_column("")
    table.add_column(text("rows").say(language), justify="right")
    for name, count in counts.items():
        if count:
            table.add_row(name, records()[name].title.say(language), f"{count:,}")
    console = Console()
    if not files:
        click.echo(text("This plant holds nothing yet. Take files in with `forgecast plant import`.").say(language))
        return 0
    console.print(table)
    held_text = text("{series} series and {files} files.", series=len(tags), files=len(files))
    console.print(held_text.say(language))
    return 0


@click.command(
    cls=BilingualCommand,
    name="fields",
    sentence=text("List the records a plant can keep, or the fields of one: name, unit, meaning."),
    examples=(
        ("forgecast plant fields", text("all records")),
        ("forgecast plant fields heat --lang zh", text("the fields of a heat")),
        ("forgecast plant fields heat --template heat.csv", text("an empty file to fill in")),
    ),
)
@argument("name", metavar="[RECORD]", required=False, help=text("Record to show."))
@option(
    "--template",
    type=click.Path(path_type=Path, dir_okay=False),
    help=text("Write an empty CSV with the record's headers to this file."),
)
@language_option
@click.pass_context
def fields(context: click.Context, name: str | None, template: Path | None) -> int:
    """List records or the fields of one."""
    language = language_of(context)
    console = Console()
    if name is None:
        table = Table(box=None, pad_edge=False, header_style="bold")
        table.add_column(text("record").say(language))
        table.add_column("")
        table.add_column(text("fields").say(language), justify="right")
        for one in records().values():
            table.add_row(one.name, one.title.say(language), str(len(one.fields)))
        console.print(table)
        return 0
    wanted = record(name)
    if template is not None:
        template.write_text(_template(wanted, language), encoding="utf-8-sig", newline="")
        click.echo(str(template))
        return 0
    _show_fields(wanted, console, language)
    return 0


def _template(wanted: Record, language: Language) -> str:
    """Return a header line whose units are written out, so that nobody has to guess them."""
    heads = [
        field.header.say(language) + (f" ({field.unit})" if field.unit and field.is_number else "")
        for field in wanted.fields
    ]
    return ",".join(heads) + "\r\n"


def _show_fields(wanted: Record, console: Console, language: Language) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(text("field").say(language))
    table.add_column(text("header").say("zh" if language == "en" else "en"))
    table.add_column(text("unit").say(language))
    table.add_column(text("needed").say(language))
    table.add_column(text("meaning").say(language), overflow="fold")
    for field in wanted.fields:
        meaning = field.sentence.say(language)
        if field.choices:
            words = ", ".join(f"{c.code} {c.zh}" for c in field.choices)
            meaning = f"{meaning} [{words}]"
        needed = text("key") if field.key else text("yes") if field.required else text("no")
        row = (field.name, field.header.say("zh"), field.unit, needed.say(language), meaning)
        table.add_row(*(cell.replace("[", r"\[") for cell in row))
    console.print(table)
