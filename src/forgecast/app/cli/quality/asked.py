"""What the commands of quality ask alike: source, fields, days, conditions; and how they show tables."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal, TypeVar

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text as Plain

from forgecast.app.cli.bilingual import argument, option
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Language, Text, text

Function = TypeVar("Function", bound=Callable[..., Any])

source_argument = argument(
    "source", type=click.Path(path_type=Path), help=text("A plant folder, or a CSV, XLSX or Parquet file with headers.")
)
field_argument = argument(
    "field",
    help=text(
        "In a plant record.field (shot.cast_pressure_bar) or measurement.NAME of a characteristic; in a file a header."
    ),
)
plant_argument = argument("plant", type=click.Path(path_type=Path), help=text("Folder of the plant."))


class Day(click.ParamType):  # type: ignore[type-arg]  # generic from click 8.3 on
    """A day written 2025-12-31."""

    name = "day"

    def convert(self, value: str | date, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Return the day."""
        if isinstance(value, date):
            return value
        try:
            return datetime.strptime(value, "%Y-%m-%d").date()  # noqa: DTZ007  (a day has no zone)
        except ValueError:
            self.fail(value, param, ctx)


def span_options(function: Function) -> Function:
    """Add --since and --until."""
    function = option("--until", type=Day(), help=text("Last day (2025-12-31)."))(function)
    return option("--since", type=Day(), help=text("First day (2025-01-01)."))(function)


def row_options(function: Function) -> Function:
    """Add what chooses rows: --since, --until, --where, --time."""
    function = option("--time", default="", metavar="COLUMN", help=text(
        "Column of a file that holds the time; without it rows are taken in their order."))(function)  # fmt: skip
    function = option("--where", multiple=True, metavar="FIELD=WORD", help=text(
        "Only rows whose field has this word (FIELD!=WORD: has not); may be given again."))(function)  # fmt: skip
    return span_options(function)


def conditions(where: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Return --where options as pairs; ``FIELD!=WORD`` keeps its mark before the word.

    Raises
    ------
    ForgecastError
        If one has no equals sign.
    """
    pairs = []
    for one in where:
        name, equals, word = one.partition("=")
        if name.endswith("!"):
            name, word = name[:-1], f"!{word.strip()}"
        if not equals or not name.strip():
            raise ForgecastError(
                text("{given} is no condition", given=one),
                where="--where",
                repair=text("write FIELD=WORD or FIELD!=WORD"),
            )
        pairs.append((name.strip(), word.strip()))
    return tuple(pairs)


def echo_json(answer: dict[str, object]) -> None:
    """Print a JSON answer."""
    click.echo(json.dumps({"ok": True, **answer}, ensure_ascii=False, indent=1))


def show_rows(
    heads: tuple[Text, ...], rows: Iterable[tuple[str, ...]], language: Language, *, right: frozenset[int] = frozenset()
) -> None:
    """Print a table; the columns of `right` hold numbers."""
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for at, head in enumerate(heads):
        justify: Literal["left", "right"] = "right" if at in right else "left"
        table.add_column(Plain(head.say(language)), justify=justify, overflow="fold", no_wrap=at == 0)
    for row in rows:
        table.add_row(*map(Plain, row))
    Console().print(table)


def say(line: Text, language: Language, *, style: str = "") -> None:
    """Print a sentence, folded to the terminal."""
    Console().print(Plain(line.say(language)), style=style)


def say_notes(notes: Iterable[Text], language: Language) -> None:
    """Print what a reader has to know, if there is anything."""
    console = Console()
    for note in notes:
        console.print(Plain(f"· {note.say(language)}"), style="dim")


def say_picture(path: Path | None, language: Language) -> None:
    """Print where the picture is, if one was asked for."""
    if path is not None:
        click.echo(text("Picture: {path}", path=str(path)).say(language))
