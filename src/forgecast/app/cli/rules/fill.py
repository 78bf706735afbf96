"""`forgecast rules fill`: what is open in a rulebook, and entering it from one's own copy."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text as Line

from forgecast.app.cli.bilingual import BilingualCommand, argument, json_option, language_of, language_option, option
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Language, Text, text
from forgecast.rules.verdict import Confidence
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.fill_book import KNOWN, OpenEntry, OwnCopy, book_of_plant, fill_book, open_entries

_DAY = click.DateTime(["%Y-%m-%d"])


@click.command(
    cls=BilingualCommand,
    name="fill",
    sentence=text(
        "List what is open in a rulebook (not verified, or not yet issued), and enter it from your own copy. What you "
        "enter stays in your plant's folder with your source, and decides from then on."
    ),
    examples=(
        ("forgecast rules fill gb_39726_2020 my-plant", text("list what is open")),
        ("forgecast rules fill gb_39726_2020 my-plant --ask", text("be asked for one after the other")),
        (
            "forgecast rules fill gb_39726_2020 my-plant --name tvoc_coating --clause 4.1 --source 'my printed copy'",
            text("enter one number"),
        ),
    ),
)
@argument("book", help=text("Name of the rulebook."))
@argument("plant", type=click.Path(path_type=Path), help=text("Folder of the plant."))
@option("--name", metavar="NAME", help=text("What to enter, as the list names it."))
@option("--value", type=float, help=text("The number; without it, the book's own number is confirmed."))
@option("--unit", default="", metavar="UNIT", help=text("Unit of the number; it must be the book's."))
@option("--clause", metavar="TEXT", help=text("Clause where you read it."))
@option("--source", metavar="TEXT", help=text("Document you read it in, with its edition."))
@option(
    "--confidence",
    type=click.Choice([str(one) for one in KNOWN]),
    default=str(Confidence.PRIMARY),
    show_default=True,
    help=text("primary: read in the document itself; secondary: in a text that cites it."),
)
@option("--from", "start", type=_DAY, metavar="DATE", help=text("First day it holds; without it, the book's."))
@option("--until", type=_DAY, metavar="DATE", help=text("First day it no longer holds."))
@option(
    "--for",
    "addressed",
    default="",
    metavar="EXPRESSION",
    help=text("For whom it holds, as in \"id == 'DA001'\"; without it, for all the book means."),
)
@option("--ask", is_flag=True, help=text("Ask for one after the other; an empty answer leaves it open."))
@json_option
@language_option
@click.pass_context
def fill(  # noqa: PLR0917  (one argument for each option)
    context: click.Context,
    book: str,
    plant: Path,
    name: str | None,
    value: float | None,
    unit: str,
    clause: str | None,
    source: str | None,
    confidence: str,
    start: datetime | None,
    until: datetime | None,
    addressed: str,
    ask: bool,  # noqa: FBT001
    as_json: bool,  # noqa: FBT001
) -> int:
    """List what is open in a book, or enter it."""
    language = language_of(context)
    with PlantFolder.open(plant) as folder:
        if name is not None:
            copy = OwnCopy(
                name, value, unit, _said(clause, "--clause"), _said(source, "--source"), Confidence(confidence),
                None if start is None else start.date(), None if until is None else until.date(), addressed,
            )  # fmt: skip
            path = fill_book(folder, book, copy)
            if as_json:
                left = [one.as_json() for one in open_entries(book_of_plant(folder, book))]
                click.echo(json.dumps({"ok": True, "file": path.name, "open": left}, ensure_ascii=False, indent=1))
            else:
                click.echo(_kept(path, language))
            return 0
        entries = open_entries(book_of_plant(folder, book))
        if as_json:
            told = {"ok": True, "book": book, "open": [one.as_json() for one in entries]}
            click.echo(json.dumps(told, ensure_ascii=False, indent=1))
        elif ask:
            _ask(entries, lambda copy: fill_book(folder, book, copy), language)
        else:
            _list(entries, book, str(plant), Console(), language)
    return 0


def _said(value: str | None, name: str) -> str:
    if value is None or not value.strip():
        raise ForgecastError(
            text("{option} is missing", option=name),
            repair=text("say where you read it: --clause and --source are shown in every verdict that rests on it"),
        )
    return value


def _kept(path: Path, language: Language) -> str:
    return text("Kept in {path}; `forgecast assess` uses it from now on.", path=str(path)).say(language)


def _list(entries: tuple[OpenEntry, ...], book: str, plant: str, console: Console, language: Language) -> None:
    if not entries:
        console.print(text("Nothing is open in {book}: every number is known.", book=book).say(language))
        return
    for why in dict.fromkeys(one.why.say(language) for one in entries):
        console.print(Line(why, "bold"))
        table = Table(box=None, pad_edge=False, header_style="dim")
        for title in (text("name"), text("clause"), text("what is required"), text("the book has")):
            table.add_column(title.say(language), overflow="fold")
        for one in entries:
            if one.why.say(language) == why:
                table.add_row(one.name, one.clause.say(language), one.title.say(language), _has(one, language))
        console.print(table)
        console.print()
    console.print(
        Line(
            text("open: {count}. Enter one with", count=len(entries)).say(language)
            + f"\n  forgecast rules fill {book} {plant} --name {entries[0].name} "
            + ("" if entries[0].is_state else "--value … ")
            + "--clause … --source …\n"
            + text("or all of them, one after the other, with --ask.").say(language)
        )
    )


def _has(one: OpenEntry, language: Language) -> str:
    if one.is_state:
        return text("a rule in words").say(language)
    value = "—" if one.value is None else f"{one.value:g}"
    dates = f" ({one.start}→{one.until or ''})" if one.start is not None else ""
    return f"{one.comparison} {value} {one.unit}{dates}".strip()


def _ask(entries: tuple[OpenEntry, ...], keep: Callable[[OwnCopy], Path], language: Language) -> None:
    """Ask for each open entry on the terminal."""
    path: Path | None = None
    source = clause = ""
    for one in entries:
        click.echo(f"\n{one.name} · {one.clause.say(language)}\n{one.title.say(language)}\n{_has(one, language)}")
        if one.is_state:
            if not _answer(text("Does your copy say so? Type yes, or Enter to leave it open"), language):
                continue
            value = None
        else:
            said = _answer(
                text("Number in {unit} as your copy states it, or Enter to leave it open", unit=one.unit), language
            )
            if not said:
                continue
            value = _number(said)
        clause = _answer(text("Clause"), language, clause)
        source = _answer(text("Document and edition"), language, source)
        first = _answer(text("Did you read it in the document itself? yes or no"), language, "yes")
        known = Confidence.PRIMARY if first.lower() in {"yes", "y", "是"} else Confidence.SECONDARY
        start = _day(_answer(text("First day it holds (YYYY-MM-DD), or Enter for the book's"), language))
        path = keep(OwnCopy(one.name, value, "", clause, source, known, None if one.parameter else start))
    click.echo(text("Nothing was entered.").say(language) if path is None else _kept(path, language))


def _answer(question: Text, language: Language, default: str = "") -> str:
    answer: str = click.prompt(question.say(language), default=default, show_default=bool(default), err=not _shown())
    return answer.strip()


def _shown() -> bool:
    """Return whether the answer goes to a terminal; otherwise questions must not mix with it."""
    return sys.stdout.isatty()


def _number(said: str) -> float:
    try:
        return float(said)
    except ValueError:
        raise ForgecastError(
            text("{value} is no number", value=said), repair=text("write a plain decimal number")
        ) from None


def _day(said: str) -> date | None:
    if not said:
        return None
    try:
        return date.fromisoformat(said)
    except ValueError:
        raise ForgecastError(
            text("{value} is no date", value=said), repair=text("write year, month and day as in 2023-07-01")
        ) from None
