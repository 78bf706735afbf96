"""`forgecast rules what-if`: which verdicts would change if a fact or a figure were another one."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import click
from rich.console import Console
from rich.text import Text as Line

from forgecast.app.cli.bilingual import BilingualCommand, argument, json_option, language_of, language_option, option
from forgecast.app.cli.progress import progress_bar
from forgecast.ground.texts import Language, text
from forgecast.rules.verdict import WORD_TEXTS, Verdict
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.what_if import VerdictChange, WhatIf, supposed_text
from forgecast.tasks.what_if import what_if as changes_of


@click.command(
    cls=BilingualCommand,
    name="what-if",
    sentence=text(
        "List the verdicts that would change if facts or figures were otherwise. Nothing is written; what follows from "
        "a changed fact (the reference oxygen of a stack) is computed anew."
    ),
    examples=(
        ("forgecast rules what-if my-plant DA001.furnace=induction_furnace", text("if the cupola were converted")),
        ("forgecast rules what-if my-plant DA001.pm=25 DA005.pm=25", text("if filters brought both down to 25 mg/m3")),
        ("forgecast rules what-if my-plant site.key_region=yes", text("if the region became a key region")),
        ("forgecast rules what-if my-plant DA001.process=", text("what hangs on a fact: suppose it is not known")),
    ),
)
@argument("plant", type=click.Path(path_type=Path), help=text("Folder of the plant."))
@argument("supposed", nargs=-1, required=True, help=text("SUBJECT.field=value, as often as needed."))
@option(
    "--at",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar=text("DATE").template,
    help=text("Judge as of this day (YYYY-MM-DD): the twelve months before it; without it, up to the last record."),
)
@json_option
@language_option
@click.pass_context
def what_if(
    context: click.Context,
    plant: Path,
    supposed: tuple[str, ...],
    at: datetime | None,
    as_json: bool,  # noqa: FBT001
) -> int:
    """List the verdicts that would change."""
    language = language_of(context)
    with PlantFolder.open(plant) as folder, progress_bar(text("assessing").say(language)) as progress:
        found = changes_of(folder, supposed, at=at.date() if at else None, progress=progress)
    if as_json:
        click.echo(json.dumps(found.as_json(), ensure_ascii=False, indent=1))
    else:
        _show(found, Console(), language)
    return 0


def _show(found: WhatIf, console: Console, language: Language) -> None:
    for one in found.supposed:
        console.print(Line.assemble((text("supposed").say(language), "bold"), "  ", supposed_text(one).say(language)))
    said = text("verdicts that change: {count} of {all}", count=len(found.changes), all=found.judged)
    console.print(said.say(language))
    for change in found.changes:
        _change(change, console, language)


def _change(change: VerdictChange, console: Console, language: Language) -> None:
    console.print()
    words = " → ".join(
        WORD_TEXTS[side.word].say(language) if side is not None else "—" for side in (change.before, change.after)
    )
    console.print(Line.assemble((change.either.title.say(language), "bold"), f"  {words}"))
    sides = [_side(side) for side in (change.before, change.after)]
    if sides[0] != sides[1]:
        console.print(Line(f"  {sides[0] or '—'} → {sides[1] or '—'}"))
    after = change.after
    for missing in () if after is None else after.missing[:3]:
        console.print(Line(f"  {text('missing').say(language)}: {missing.say(language)}"))
    console.print(Line(f"  {change.id}", "dim", overflow="fold"))


def _side(verdict: Verdict | None) -> str:
    """Return figure and limit of one side, as numbers."""
    if verdict is None:
        return ""
    value = "" if verdict.figure_value is None else f"{verdict.figure_value:.5g} "
    limit = verdict.limit
    if limit is None or limit.value is None:
        return value.strip()
    return f"{value}({limit.comparison} {limit.value:g} {limit.unit})"
