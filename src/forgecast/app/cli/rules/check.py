"""`forgecast rules check`: whether a rulebook is complete and its cases come true, and what a plant lays on it."""

from __future__ import annotations

import json
from collections.abc import Iterable

import click
from rich.console import Console

from forgecast.app.cli.bilingual import BilingualCommand, argument, json_option, language_of, language_option, option
from forgecast.app.cli.summary import show_findings
from forgecast.ground.errors import ForgecastError
from forgecast.ground.finding import Finding, Severity
from forgecast.ground.texts import text
from forgecast.tasks.check_books import check_books


@click.command(
    cls=BilingualCommand,
    name="check",
    sentence=text(
        "Check rulebooks: every limit with unit, dates, source and confidence, told in both languages, with cases on "
        "each side that come true; and what a plant's own files lay on them."
    ),
    examples=(
        ("forgecast rules check", text("all books that ship")),
        ("forgecast rules check my-plant/books/my_book", text("a book of your own")),
        ("forgecast rules check my-plant", text("all that a plant has entered: its books and overlays")),
    ),
)
@argument(
    "what", nargs=-1, help=text("Names of books, folders of books, or plant folders; without any, all that ship.")
)
@option("--strict", is_flag=True, help=text("Leave with exit code 1 if a book is not complete."))
@json_option
@language_option
@click.pass_context
def check(context: click.Context, what: tuple[str, ...], strict: bool, as_json: bool) -> int:  # noqa: FBT001
    """Check rulebooks."""
    language = language_of(context)
    found = check_books(what)
    refused = any(_wrong(findings) for _name, findings in found)
    if as_json:
        told = [{"name": name, "findings": [one.as_json() for one in findings]} for name, findings in found]
        click.echo(json.dumps({"ok": True, "checked": told, "complete": not refused}, ensure_ascii=False, indent=1))
        return 1 if strict and refused else 0
    console = Console()
    for name, findings in found:
        wrong, opened = len(_wrong(findings)), len(findings) - len(_wrong(findings))
        state = text("complete") if not wrong else text("problems: {count}", count=wrong)
        console.print(f"[bold]{name}[/bold]  {state.say(language)}", highlight=False)
        if opened:
            console.print(f"  {text('open, not verified: {count}', count=opened).say(language)}", highlight=False)
        if wrong:
            show_findings(_wrong(findings), console, language)
    if not found:
        raise ForgecastError(text("there is nothing to check"), repair=text("name a book, a folder or a plant"))
    return 1 if strict and refused else 0


def _wrong(findings: Iterable[Finding]) -> list[Finding]:
    return [one for one in findings if one.severity is Severity.REFUSED]
