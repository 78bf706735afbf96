"""`forgecast rules`: which rulebooks there are, and what is in one."""

from __future__ import annotations

import json

import click
from rich.console import Console
from rich.table import Table

from forgecast.app.cli.bilingual import BilingualGroup, argument, json_option, language_of, language_option
from forgecast.app.cli.rules.check import check
from forgecast.app.cli.rules.fill import fill
from forgecast.app.cli.rules.what_if import what_if
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text
from forgecast.rules.book import Book, Requirement
from forgecast.rules.shelf import packaged_books


@click.group(
    cls=BilingualGroup,
    name="rules",
    sentence=text("See the rulebooks: limits with clause, dates, source and how well each number is known."),
    examples=(
        ("forgecast rules show gb_39726_2020", text("the limits of one book")),
        ("forgecast rules fill gb_39726_2020 my-plant", text("what is open in it, to be entered from your own copy")),
        (
            "forgecast rules what-if my-plant DA001.furnace=induction_furnace",
            text("which verdicts would change if this fact changed"),
        ),
    ),
)
@language_option
def rules() -> None:
    """Hold the rules commands together."""


@rules.command(
    name="list",
    sentence=text("List the rulebooks that ship with Forgecast."),
    examples=(("forgecast rules list", text("their names, editions and sizes")),),
)
@json_option
@language_option
@click.pass_context
def list_(context: click.Context, as_json: bool) -> int:  # noqa: FBT001
    """List the rulebooks."""
    language = language_of(context)
    books = packaged_books()
    if as_json:
        rows = [
            {"id": b.id, "title": b.title.as_json(), "version": b.version, "requirements": len(b.requirements)}
            for b in books
        ]
        click.echo(json.dumps({"ok": True, "books": rows}, ensure_ascii=False, indent=1))
        return 0
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in (text("book"), text("title"), text("version")):
        table.add_column(title.say(language), overflow="fold")
    table.add_column(text("requirements").say(language), justify="right")
    for book in books:
        table.add_row(book.id, book.title.say(language), book.version, str(len(book.requirements)))
    Console().print(table)
    return 0


@rules.command(
    name="show",
    sentence=text("Show the requirements of a rulebook, with limit, clause, dates and confidence."),
    examples=(("forgecast rules show gb_39726_2020 --lang zh", text("the emission standard of foundries")),),
)
@argument("book", help=text("Name of the rulebook."))
@language_option
@click.pass_context
def show(context: click.Context, book: str) -> int:
    """Show one rulebook."""
    language = language_of(context)
    chosen = _book(book)
    console = Console()
    console.print(f"[bold]{chosen.title.say(language)}[/bold]  {chosen.id} {chosen.version}")
    table = Table(box=None, pad_edge=False, header_style="bold")
    columns = (text("requirement"), text("clause"), text("what is required"), text("limit"), text("known from"))
    for title in columns:
        table.add_column(title.say(language), overflow="fold")
    for requirement in chosen.requirements:
        table.add_row(
            requirement.id,
            requirement.clause.say(language),
            requirement.title.say(language),
            _limits(requirement),
            ", ".join(sorted({str(value.confidence) for value in requirement.values})),
        )
    console.print(table)
    return 0


rules.add_command(fill)
rules.add_command(check)
rules.add_command(what_if)


def _limits(requirement: Requirement) -> str:
    """Return the values of a requirement, each with its dates."""
    shown = []
    for value in requirement.values:
        if value.value is None:
            continue
        sign = str(requirement.comparison) if requirement.comparison is not None else ""
        since = f" ({value.validity.start}→{value.validity.end or ''})" if value.validity.start else ""
        shown.append(f"{sign} {value.value:g} {requirement.unit}{since}".strip())
    return "\n".join(dict.fromkeys(shown))


def _book(name: str) -> Book:
    for book in packaged_books():
        if book.id == name:
            return book
    raise ForgecastError(
        text("there is no rulebook named {name}", name=name),
        repair=text("use one of: {names}", names=", ".join(book.id for book in packaged_books())),
    )
