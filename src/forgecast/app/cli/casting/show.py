"""How the commands of casting show tables, notes and sources on the terminal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text as Plain

from forgecast.app.report.words import CONFIDENCE_TEXTS, SEVERITY_TEXTS
from forgecast.ground.citation import Source
from forgecast.ground.finding import Finding
from forgecast.ground.texts import Language, Text, text


def show_table(heads: tuple[Text, ...], rows: Iterable[tuple[str, ...]], language: Language) -> None:
    """Print a table; a column whose head has a unit in brackets is set to the right."""
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for head in heads:
        said = head.say(language)
        # The unit stands on a line of its own; as plain text, for brackets mean markup to the table.
        title = Plain(said.replace(" [", "\n["))
        justify: Literal["left", "right"] = "right" if "[" in said else "left"
        table.add_column(title, justify=justify, no_wrap=head.template == "Name", overflow="fold")
    for row in rows:
        table.add_row(*map(Plain, row))
    Console().print(table)


def show_figures(rows: Iterable[tuple[Text, str]], language: Language) -> None:
    """Print figures, one a line, their values set to the right of their names."""
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(overflow="fold")
    table.add_column(overflow="fold", style="bold")
    for title, value in rows:
        table.add_row(Plain(title.say(language)), Plain(value))
    Console().print(table)


def show_notes(notes: Iterable[Text], language: Language) -> None:
    """Print what a reader has to know, if there is anything."""
    console = Console()
    for note in notes:
        console.print(Plain(f"· {note.say(language)}"), style="dim")


def show_findings(findings: Iterable[Finding], language: Language) -> None:
    """Print defects of the input with their repair, on standard error: they are no part of the answer."""
    for finding in findings:
        click.echo(
            f"{SEVERITY_TEXTS[finding.severity].say(language)} · {finding.place}: {finding.reason.say(language)} "
            f"→ {finding.repair.say(language)}",
            err=True,
        )


def show_sources(sources: tuple[Source, ...], language: Language) -> None:
    """Print where values come from and how well they are known."""
    if not sources:
        return
    Console().print()
    heads = [text("What"), text("Source"), text("Known")]
    licensed = any(source.licence for source in sources)
    rows = []
    for source in sources:
        valid = f" ({source.valid})" if source.valid else ""
        row = [f"{source.what.say(language)}{valid}", source.source.say(language)]
        row.append(CONFIDENCE_TEXTS[source.confidence].say(language))
        rows.append((*row, source.licence) if licensed else tuple(row))
    show_table((*heads, text("Licence")) if licensed else tuple(heads), rows, language)
