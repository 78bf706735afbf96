"""`forgecast standing grade`: the performance grade for heavily polluted weather, as far as it can be told."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.table import Table

from forgecast.app.cli.assess import at_option, plant_argument
from forgecast.app.cli.bilingual import BilingualCommand, json_option, language_of, language_option
from forgecast.app.cli.environment.show import echo_json, say
from forgecast.ground.texts import Language, Text, text

if TYPE_CHECKING:
    from forgecast.tasks.performance_grade import PerformanceGrade

#: Conditions named one by one, for each grade.
_MOST = 8


@click.command(
    cls=BilingualCommand,
    name="grade",
    sentence=text(
        "Tell the performance grade (A to D) of a foundry for heavily polluted weather, as far as the guide is known: "
        "which grade at best, what keeps the plant from a better one, and what is open."
    ),
    examples=(
        ("forgecast standing grade my-plant", text("as of the plant's last record")),
        ("forgecast standing grade my-plant --at 2025-12-31 --json", text("as of a day, for another program")),
        ("forgecast rules fill performance_grading_2020 my-plant", text("enter what is open from your own copy")),
    ),
)
@plant_argument
@at_option
@json_option
@language_option
@click.pass_context
def grade(context: click.Context, *, plant: Path, at: datetime | None, as_json: bool) -> int:
    """Tell the grade."""
    from forgecast.store.plant_folder import PlantFolder  # noqa: PLC0415  (heavy libraries load only when needed)
    from forgecast.tasks.performance_grade import performance_grade  # noqa: PLC0415

    with PlantFolder.open(plant) as opened:
        found = performance_grade(opened, at=at.date() if at else None)
    language = language_of(context)
    if as_json:
        echo_json(found.as_json())
        return 0
    say(found.sentence(), language, "bold")
    for verdict in found.undecided_table:
        _condition(verdict.title, verdict.reasons, language, sign="?")
        _ask(verdict.missing, language)
    if found.graded and not found.undecided_table:
        _show_standings(found, language)
    return 0


def _show_standings(found: PerformanceGrade, language: Language) -> None:
    from forgecast.tasks.performance_grade import REACH_TEXTS  # noqa: PLC0415

    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 3, 0, 0))
    table.add_column(text("grade").say(language))
    table.add_column(text("standing").say(language))
    for head in (text("met"), text("not met"), text("still open")):
        table.add_column(head.say(language), justify="right")
    for one in found.standings:
        counts = (len(one.met), len(one.hindering), len(one.open))
        table.add_row(one.grade, REACH_TEXTS[one.reach].say(language), *map(str, counts))
    console = Console()
    console.print()
    console.print(table)
    for one in found.standings:
        if one.hindering:
            console.print()
            say(text("What keeps the plant from grade {grade}", grade=one.grade), language, "bold")
        for verdict in one.hindering[:_MOST]:
            what = text("{title} — {subject}", title=verdict.title, subject=verdict.subject_name or verdict.subject_id)
            _condition(what, verdict.reasons, language)
        if len(one.hindering) > _MOST:
            say(text("and {count} more: --json has all of them", count=len(one.hindering) - _MOST), language, "dim")
    asked = dict.fromkeys(missing for one in found.standings for verdict in one.open for missing in verdict.missing)
    if asked:
        console.print()
        say(text("What would settle the open conditions"), language, "bold")
        _ask(asked, language)


def _condition(what: Text, reasons: Iterable[Text], language: Language, *, sign: str = "✗") -> None:
    console = Console()
    console.print(f"  {sign} {what.say(language)}", markup=False, highlight=False)
    for reason in list(reasons)[:1]:
        console.print(f"    {reason.say(language)}", style="dim", markup=False, highlight=False)


def _ask(asked: Iterable[Text], language: Language) -> None:
    wanted = list(asked)
    for one in wanted[:_MOST]:
        Console().print(f"  → {one.say(language)}", markup=False, highlight=False)
    if len(wanted) > _MOST:
        say(text("and {count} more: --json has all of them", count=len(wanted) - _MOST), language, "dim")
