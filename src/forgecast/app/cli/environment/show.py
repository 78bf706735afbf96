"""What the commands of the environment show alike: report tables in the terminal, gaps, and files written."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import click
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text as Plain

from forgecast.app.environment.cells import NOT_KNOWN, head, is_number, said_cell
from forgecast.environment.report_table import Gap, ReportTable
from forgecast.ground.errors import ForgecastError
from forgecast.ground.finding import Finding
from forgecast.ground.texts import Language, Text, text

#: Rows of a table that are shown; files and JSON have all of them.
MOST_ROWS = 25
#: Columns that the terminal leaves out: they are long, and in every file.
_LEFT_OUT = ("origin", "clause")
#: As many characters as a time has.
_NEVER_FOLDED = 16
#: Letters of a word of a head that are kept together; columns kept in the narrowest window; blanks between columns.
_HEAD_WORD, _KEPT, _GAP = 9, 4, 2


def echo_json(answer: dict[str, object]) -> None:
    """Print a JSON answer."""
    click.echo(json.dumps({"ok": True, **answer}, ensure_ascii=False, indent=1))


def say(line: Text, language: Language, style: str = "") -> None:
    """Print a sentence, folded to the terminal."""
    Console().print(Plain(line.say(language)), style=style)


def show_report_table(table: ReportTable, language: Language, *, most: int = MOST_ROWS) -> None:
    """Print a table with its notes; rows beyond `most` are counted."""
    console = Console()
    console.print()
    console.print(Plain(table.title.say(language), style="bold"))
    if not table.rows:
        console.print(Plain(text("nothing on record").say(language)), style="dim")
        return
    shown = [n for n, column in enumerate(table.columns) if column.id not in _LEFT_OUT]
    # A column in which nothing stands in any row is not worth its room.
    shown = [n for n in shown if any(row[n] not in ("", None) for row in table.rows)]
    drawn = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    missing = NOT_KNOWN.say(language)
    said = [
        ["—" if (cell := said_cell(one, language)) == missing else cell for one in row] for row in table.rows[:most]
    ]
    least = {n: _least_width(head(table.columns[n], language), [row[n] for row in said]) for n in shown}
    fitting = list(shown)
    while len(fitting) > _KEPT and sum(least[n] + _GAP for n in fitting) > console.width:
        fitting.pop()
    for n in fitting:
        column = table.columns[n]
        drawn.add_column(
            Plain(head(column, language).replace(" [", "\n[")),
            justify="right" if is_number(column, [row[n] for row in table.rows]) else "left",
            overflow="fold",
            min_width=least[n],
        )
    for row in said:
        drawn.add_row(*(Plain(row[n], style="yellow" if row[n] == "—" else "") for n in fitting))
    console.print(drawn)
    if len(fitting) < len(shown):
        hidden = text("… and more columns: {left} (a wider window, --json, --out)", left=len(shown) - len(fitting))
        console.print(Plain(hidden.say(language)), style="dim")
    if len(table.rows) > most:
        left = text("… and more: {left} (--json, --out)", left=len(table.rows) - most)
        console.print(Plain(left.say(language)), style="dim")
    for note in table.notes:
        console.print(Plain(f"· {note.say(language)}"), style="dim")


def _least_width(title: str, cells: list[str]) -> int:
    """Return the room a column needs: numbers and times are never folded, words of a head hardly ever."""
    body = max((cell_len(cell) for cell in cells), default=1)
    word = max((cell_len(part) for part in title.split(" ")), default=1)
    return max(min(body, _NEVER_FOLDED), min(word, _HEAD_WORD))


def show_gaps(gaps: Sequence[Gap], language: Language, *, most: int = 12) -> None:
    """Print what is not known and the record that would settle it; a word where nothing lacks."""
    console = Console()
    console.print()
    if not gaps:
        console.print(Plain(text("Nothing that these records should tell is missing.").say(language)), style="dim")
        return
    console.print(Plain(text("What is not known, and the record that would settle it").say(language)), style="bold")
    for gap in gaps[:most]:
        console.print(Plain(f"· {gap.what.say(language)} → {gap.record} ({gap.who.say(language)})"))
    if len(gaps) > most:
        left = text("… and more: {left} (--json, --out)", left=len(gaps) - most)
        console.print(Plain(left.say(language)), style="dim")


def show_doubts(findings: Iterable[Finding], language: Language) -> None:
    """Print doubts about the data with their repair."""
    console = Console()
    for finding in findings:
        console.print(Plain(f"! {finding.reason.say(language)}"), style="yellow")
        console.print(Plain(f"  → {finding.repair.say(language)}"))


def write_tables(path: Path, title: Text, first_page: Sequence[Text], tables: Sequence[ReportTable]) -> None:
    """Write tables as a workbook, after a look at the place."""
    from forgecast.app.environment.workbook import write_workbook  # noqa: PLC0415

    check_place(path)
    write_workbook(path, title, first_page, tables)


def check_place(path: Path) -> None:
    """Make sure that a file can be written where it is asked for.

    Raises
    ------
    ForgecastError
        If the folder is not there, or the name is that of a folder.
    """
    if not path.absolute().parent.is_dir():
        raise ForgecastError(
            text("the folder does not exist"), where=str(path.parent), repair=text("make it, or choose another place")
        )
    if path.is_dir():
        raise ForgecastError(
            text("this is a folder, and a file is asked for"), where=str(path), repair=text("give a file name")
        )


def say_written(path: Path, language: Language) -> None:
    """Say where a file is."""
    click.echo(text("Written: {path}", path=str(path)).say(language))
