"""`forgecast plant map`: propose what a messy table means, ask where it is not sure, and write the map."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text as Plain

from forgecast.app.cli.bilingual import (
    BilingualCommand,
    argument,
    json_option,
    language_of,
    language_option,
    option,
)
from forgecast.app.cli.progress import progress_bar
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Language, Text, text, verbatim
from forgecast.plant.record import record

if TYPE_CHECKING:
    from forgecast.gateway.propose.proposal import ColumnProposal, TableProposal
    from forgecast.tasks.propose_map import MapProposal, Trial

_STYLES = {"sure": "green", "likely": "yellow", "unsure": "red", "none": "dim"}
_MOST_TO_DO = 30


@click.command(
    cls=BilingualCommand,
    name="map",
    sentence=text(
        "Propose what the columns of a table mean, from their names, units and values, and write a map for `forgecast "
        "plant import`. On a terminal it asks where it is not sure. A unit is never guessed."
    ),
    examples=(
        ("forgecast plant map furnace_book.xlsx", text("ask what is not sure, write furnace_book.toml")),
        ("forgecast plant map shots.csv --record shot --yes", text("the record is known; ask nothing")),
        ("forgecast plant map log.csv --set furnace=IF1 --unit 'Temp=°C'", text("say what the table does not")),
        ("forgecast plant import my-plant furnace_book.xlsx --map furnace_book.toml", text("then use it")),
    ),
)
@argument("file", type=click.Path(path_type=Path), help=text("CSV, XLSX or Parquet file, also gzipped."))
@option("--record", "record_name", default="", help=text("Record the file is known to hold."))
@option("--set", "constants", multiple=True, metavar="FIELD=VALUE", help=text(
    "Value of a field that is the same in all rows; may be given again."))  # fmt: skip
@option("--unit", "units", multiple=True, metavar="HEADER=UNIT", help=text(
    "Unit of a column whose header does not tell it; may be given again."))  # fmt: skip
@option("--column", "columns", multiple=True, metavar="HEADER=FIELD", help=text(
    "Field a column is known to feed; #3 is the third column; may be given again."))  # fmt: skip
@option("--out", type=click.Path(path_type=Path, dir_okay=False), help=text(
    "Map to write; without it the file's name with .toml, in this folder."))  # fmt: skip
@option("--yes", is_flag=True, help=text("Ask nothing: take what is sure or likely, leave the rest as remarks."))
@json_option
@language_option
@click.pass_context
def map_(
    context: click.Context,
    *,
    file: Path,
    record_name: str,
    constants: tuple[str, ...],
    units: tuple[str, ...],
    columns: tuple[str, ...],
    out: Path | None,
    yes: bool,
    as_json: bool,
) -> int:
    """Propose a map."""
    from forgecast.tasks.propose_map import propose_map  # noqa: PLC0415  (heavy libraries load only when needed)

    language = language_of(context)
    target = out if out is not None else Path(f"{file.name.split('.')[0]}.toml")
    if target.exists() and (out is not None or not as_json):
        raise ForgecastError(
            text("this file exists already, and is not written over"),
            where=str(target),
            repair=text("name another with --out, or remove it"),
        )
    made = propose_map(
        file,
        record_name=record_name,
        constants=_pairs(constants, "--set"),
        units=_pairs(units, "--unit"),
        columns=_pairs(columns, "--column"),
    )
    if as_json:
        return _answer(made, file, out, language)
    console = Console()
    for table in made.tables:
        show_table(table, console, language)
    if not made.map_text:
        _to_do(made, console, language)
        return 0
    if not yes and somebody_answers():
        from forgecast.app.cli.plant_map_questions import asked  # noqa: PLC0415

        answered = asked(made, language)
        if answered is None:
            click.echo(text("Nothing was written.").say(language))
            return 0
        made = answered
    _write(target, made.map_text)
    _to_do(made, console, language)
    _show_trial(_tried(file, made.map_text, language), console, language)
    click.echo(text("Map written: {path}. Read it, then:", path=str(target)).say(language))
    click.echo(f"  forgecast plant import PLANT {_shell(file)} --map {_shell(target)}")
    return 0


def somebody_answers() -> bool:
    """Whether a person sits at a terminal; a pipe or a file answers nothing."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def _answer(made: MapProposal, file: Path, out: Path | None, language: Language) -> int:
    """Print the JSON answer; the map is a file only where one was named."""
    answer: dict[str, object] = {"ok": True, **made.as_json()}
    if made.map_text:
        answer["trial"] = _tried(file, made.map_text, language).as_json()
        if out is not None:
            _write(out, made.map_text)
    click.echo(json.dumps(answer, ensure_ascii=False, indent=1))
    return 0


def _tried(file: Path, map_text: str, language: Language) -> Trial:
    from forgecast.tasks.propose_map import try_map  # noqa: PLC0415

    with progress_bar(text("trying the map").say(language)) as progress:
        return try_map(file, map_text, progress=progress)


def _write(target: Path, content: str) -> None:
    try:
        target.write_text(content, encoding="utf-8", newline="\n")
    except OSError as error:
        raise ForgecastError(
            text("the map cannot be written: {why}", why=str(error.strerror or error)),
            where=str(target),
            repair=text("name another place with --out"),
        ) from None


def _pairs(given: tuple[str, ...], name: str) -> dict[str, str]:
    found = {}
    for one in given:
        head, equals, value = one.partition("=") if name == "--set" else one.rpartition("=")
        if not equals or not head.strip() or not value.strip():
            raise ForgecastError(
                text("{given} is no pair", given=one), where=name, repair=text("write NAME=VALUE, in quotes if need be")
            )
        found[head.strip()] = value.strip()
    return found


def show_table(table: TableProposal, console: Console, language: Language) -> None:
    """Print what is proposed for one table."""
    where = f"{table.file}!{table.sheet}" if table.sheet else table.file
    others = ", ".join(f"{name} {score:.1f}" for name, score in table.ranked[1:3])
    if not table.record:
        console.print(Plain(text("{table}: no record is like it", table=where).say(language), style="bold"))
    elif table.record == "series":
        console.print(Plain(text("{table}: time series", table=where).say(language), style="bold"))
    else:
        title = record(table.record).title.say(language)
        line = text("{table}: record {record} ({title})", table=where, record=table.record, title=title)
        console.print(Plain(line.say(language), style="bold"))
    line = text("Headers in row {header}, values from row {first}.", header=table.header_row, first=table.first_row)
    console.print(Plain(line.say(language), style="dim"))
    if others and table.record:
        console.print(Plain(text("Next best: {others}.", others=others).say(language), style="dim"))
    grid = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    # Where the terminal is narrow, the names of the fields matter more than runners-up and long samples.
    broad = console.width >= 110
    heads = (text("column"), text("values"), text("means"), text("unit"), text("how sure"), text("or else"))
    for place, head in enumerate(heads[: 6 if broad else 5]):
        grid.add_column(Plain(head.say(language)), overflow="fold", no_wrap=place in {2, 4})
    for column in table.columns:
        row = _row(column, language, longest=32 if broad else 16)
        grid.add_row(*row[: 6 if broad else 5])
    console.print(grid)
    for column in table.columns:
        for fact in column.facts if column.stand_ins else ():
            console.print(Plain(f"· {column.key}: {fact.say(language)}", style="dim"))
    console.print()


def _row(column: ColumnProposal, language: Language, *, longest: int) -> tuple[Plain, ...]:
    from forgecast.gateway.propose.proposal import CONFIDENCE_TEXTS, Role  # noqa: PLC0415

    roles = {
        Role.PART: text("half of a date"), Role.DIMENSION: text("a dimension"), Role.TAG: text("a tag"),
        Role.TIME: text("time of the readings"), Role.NOTHING: verbatim("—"),
    }  # fmt: skip
    means = column.chosen.field if column.chosen is not None else roles[column.role].say(language)
    unit = column.unit or ("? " + "/".join(column.chosen.units) if column.chosen and column.unit_open else "")
    plain = column.role in {Role.PART, Role.NOTHING}
    sure = "" if plain else CONFIDENCE_TEXTS[column.confidence].say(language)
    runner_up = column.others[0].field if column.others and column.others[0].score >= 0.3 else ""
    samples = ", ".join(column.samples)
    samples = samples if len(samples) <= longest else samples[: longest - 1] + "…"
    return (
        Plain(column.key), Plain(samples, style="dim"), Plain(means, style="" if not plain else "dim"),
        Plain(unit, style="red" if unit.startswith("?") else ""), Plain(sure, style=_STYLES[str(column.confidence)]),
        Plain(runner_up, style="dim"),
    )  # fmt: skip


def _to_do(made: MapProposal, console: Console, language: Language) -> None:
    lines = made.to_do
    if not lines:
        return
    console.print(Plain(text("What only you can say:").say(language), style="bold"))
    for line in lines[:_MOST_TO_DO]:
        console.print(Plain(f"· {line.say(language)}"))
    if len(lines) > _MOST_TO_DO:
        left = text("… and {left} more; they stand in the map", left=len(lines) - _MOST_TO_DO)
        console.print(Plain(left.say(language)))
    console.print()


def _show_trial(trial: Trial, console: Console, language: Language) -> None:
    """Say what an import with the map would do."""
    if trial.error is not None:
        head = text("A trial import refuses the file as the map stands:")
        console.print(Plain(head.say(language), style="bold"))
        console.print(Plain(trial.error.say(language)))
        console.print()
        return
    for name, count in trial.rows.items():
        line: Text = text("A trial import takes in {count} rows of `{record}`.", count=f"{count:,}", record=name)
        console.print(Plain(line.say(language), style="bold"))
    line = text("Refused: {rows} rows, and {cells} single values.", rows=f"{trial.refused:,}", cells=f"{trial.cells:,}")
    console.print(Plain(line.say(language)))
    console.print()


def _shell(path: Path) -> str:
    return f'"{path}"' if " " in str(path) else str(path)
