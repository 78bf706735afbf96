"""`forgecast compare`: what two assessments differ in."""

from __future__ import annotations

import json

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text as Line

from forgecast.app.cli.bilingual import BilingualCommand, argument, json_option, language_of, language_option, option
from forgecast.app.cli.progress import progress_bar
from forgecast.ground.texts import Language, Text, text
from forgecast.rules.verdict import WORD_TEXTS, Word
from forgecast.tasks.compare_assessments import (
    BECAME,
    BookChange,
    Compared,
    FigureMove,
    Side,
    WordChange,
    assessment_of,
    compare_assessments,
)

KIND_TEXTS: dict[str, Text] = {
    "not_met": text("became not met"),
    "partly": text("became partly met"),
    "not_known": text("became unknown"),
    "met": text("became met"),
    "not_applicable": text("became not applicable"),
    "appeared": text("new in the second"),
    "gone": text("only in the first"),
    "limit": text("same word, another limit"),
}
_STYLES = {"not_met": "bold red", "partly": "yellow", "not_known": "cyan", "met": "green"}
_MOST = 20


@click.command(
    cls=BilingualCommand,
    name="compare",
    sentence=text(
        "Compare two assessments: what became met, not met or known, which figures moved, which rulebooks changed."
    ),
    examples=(
        ("forgecast compare my-plant@2024-12-31 my-plant@2025-12-31", text("one plant on two days")),
        ("forgecast compare last-year.json my-plant", text("a kept assessment against today")),
        ("forgecast compare north-works south-works --json", text("two plants, for another program")),
    ),
)
@argument("before", help=text("Plant folder, PLANT@YYYY-MM-DD, or a file written with `forgecast assess --json`."))
@argument("after", help=text("The same, for the second side."))
@option("--strict", is_flag=True, help=text("Leave with exit code 1 if anything became `not met`."))
@json_option
@language_option
@click.pass_context
def compare(context: click.Context, before: str, after: str, strict: bool, as_json: bool) -> int:  # noqa: FBT001
    """Compare two assessments."""
    language = language_of(context)
    with progress_bar(text("assessing").say(language)) as progress:
        first = assessment_of(before, progress=lambda done: progress(0.5 * done))
        second = assessment_of(after, progress=lambda done: progress(0.5 + 0.5 * done))
    found = compare_assessments(first, second)
    if as_json:
        click.echo(json.dumps(found.as_json(), ensure_ascii=False, indent=1))
    else:
        _show(found, Console(), language)
    return 1 if strict and any(change.kind == "not_met" for change in found.verdicts) else 0


def _show(found: Compared, console: Console, language: Language) -> None:
    sides = Table.grid(padding=(0, 2))
    for title, side in ((text("first"), found.before), (text("second"), found.after)):
        sides.add_row(Line(title.say(language), "bold"), Line(_said(side, language)))
    console.print(sides)
    counts = {kind: sum(change.kind == kind for change in found.verdicts) for kind in BECAME}
    said = [f"{KIND_TEXTS[kind].say(language)}: {count}" for kind, count in counts.items() if count]
    said.append(text("unchanged verdicts: {count}", count=found.same).say(language))
    console.print(Line(" · ".join(said)))
    for kind in BECAME:
        changes = [change for change in found.verdicts if change.kind == kind]
        if changes:
            _heading(console, KIND_TEXTS[kind].say(language), len(changes), _STYLES.get(kind, "bold"))
            _verdicts(changes, console, language)
    if found.figures:
        _heading(console, text("figures that moved").say(language), len(found.figures))
        _figures(found.figures, console, language)
    if found.books:
        _heading(console, text("rulebooks that changed").say(language), len(found.books))
        _books(found.books, console, language)
    if not (found.verdicts or found.figures or found.books):
        console.print(text("The two assessments say the same.").say(language))


def _said(side: Side, language: Language) -> str:
    return text(
        "{name} ({id}), as of {at}, {start} until before {end}",
        name=side.name, id=side.plant, at=side.at, start=side.start, end=side.end,
    ).say(language)  # fmt: skip


def _heading(console: Console, title: str, count: int, style: str = "bold") -> None:
    console.print()
    console.print(Line.assemble((title, style), (f"  {count}", "dim")))


def _verdicts(changes: list[WordChange], console: Console, language: Language) -> None:
    for change in changes[:_MOST]:
        words = " → ".join(
            WORD_TEXTS[Word(word)].say(language) if word else "—" for word in (change.before, change.after)
        )
        console.print(Line.assemble("  ", (change.title[language], "bold"), f"  {words}"))
        # A limit beside a word that no longer applies says nothing.
        if change.limit_before and change.limit_after and change.limit_before != change.limit_after:
            console.print(Line(f"    {change.limit_before} → {change.limit_after}"))
        console.print(Line(f"    {change.id}", "dim", overflow="fold"))
    _and_more(console, len(changes) - _MOST, language)


def _figures(moves: tuple[FigureMove, ...], console: Console, language: Language) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(text("figure").say(language), overflow="fold")
    for title in (text("first"), text("second"), text("change")):
        table.add_column(title.say(language), justify="right", no_wrap=True)
    table.add_column(text("unit").say(language))
    for move in moves[:_MOST]:
        share = "" if move.relative is None else f"{100 * move.relative:+.1f} %"
        table.add_row(move.title[language], _number(move.before), _number(move.after), share, move.unit)
    console.print(table)
    _and_more(console, len(moves) - _MOST, language)


def _number(value: float | None) -> str:
    return "—" if value is None else f"{value:.5g}"


def _books(books: tuple[BookChange, ...], console: Console, language: Language) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in (text("book"), text("first"), text("second")):
        table.add_column(title.say(language), overflow="fold")
    for book in books:
        table.add_row(book.title[language], book.before or "—", book.after or "—")
    console.print(table)


def _and_more(console: Console, left: int, language: Language) -> None:
    if left > 0:
        console.print(Line(f"  {text('… and more: {left}', left=left).say(language)}", "dim"))
