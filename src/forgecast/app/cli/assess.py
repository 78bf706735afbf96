"""`forgecast assess` and `forgecast why`."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path

import click
from rich.console import Console

from forgecast.app.cli.bilingual import (
    BilingualCommand,
    argument,
    json_option,
    language_of,
    language_option,
    option,
)
from forgecast.app.cli.progress import progress_bar
from forgecast.app.cli.summary import show_assessment, show_why
from forgecast.app.cli.ways import show_ways
from forgecast.ground.texts import Language, text
from forgecast.rules.change import WaysToPass
from forgecast.rules.verdict import Force, Verdict, Word
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.assess_plant import assess_plant
from forgecast.tasks.assessment import Assessment
from forgecast.tasks.find_verdict import find_verdict
from forgecast.tasks.what_if import ways_for

plant_argument = argument("plant", type=click.Path(path_type=Path), help=text("Folder of the plant."))

at_option = option(
    "--at",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar=text("DATE").template,
    help=text("Judge as of this day (YYYY-MM-DD): the twelve months before it; without it, up to the last record."),
)


@click.command(
    cls=BilingualCommand,
    name="assess",
    sentence=text(
        "Judge a plant: data quality first, then what is not met, what is not known and which record would settle it, "
        "key figures with their trend, and where everything came from."
    ),
    examples=(
        ("forgecast assess my-plant", text("the last twelve months, on the screen")),
        ("forgecast assess my-plant --at 2025-12-31 --report report.pdf --lang zh", text("a report in Chinese")),
        ("forgecast assess my-plant --json > assessment.json", text("for another program")),
        ("forgecast assess my-plant --strict", text("exit code 1 when something is not met")),
    ),
)
@plant_argument
@at_option
@json_option
@option(
    "--report",
    type=click.Path(path_type=Path, dir_okay=False),
    help=text("Also write a report to this file, .pdf or .html."),
)
@option(
    "--oscal",
    type=click.Path(path_type=Path, dir_okay=False),
    help=text("Also write the verdicts as OSCAL assessment-results (JSON) to this file."),
)
@option(
    "--strict",
    is_flag=True,
    help=text("Leave with exit code 1 if a duty is `not met` (goals and advice do not count)."),
)
@language_option
@click.pass_context
def assess(
    context: click.Context,
    plant: Path,
    at: datetime | None,
    as_json: bool,  # noqa: FBT001
    report: Path | None,
    oscal: Path | None,
    strict: bool,  # noqa: FBT001
) -> int:
    """Judge a plant and show the assessment."""
    language = language_of(context)
    assessment = _assessed(plant, at.date() if at else None, language)
    if report is not None:
        from forgecast.app.report import write_report  # noqa: PLC0415  (fonts and plots load only when needed)

        write_report(assessment, report, language)
    if oscal is not None:
        from forgecast.tasks.export_oscal import oscal_json  # noqa: PLC0415  (rarely asked for)

        oscal.write_text(oscal_json(assessment, language), encoding="utf-8", newline="\n")
    if as_json:
        click.echo(json.dumps(assessment.as_json(), ensure_ascii=False, indent=1))
    else:
        show_assessment(assessment, Console(), language, plant_path=str(plant))
        if oscal is not None:
            click.echo(text("OSCAL: {path}", path=str(oscal)).say(language))
        if report is not None:
            click.echo(text("Report: {path}", path=str(report)).say(language))
    return 1 if strict and any(map(_broken, assessment.verdicts)) else 0


def _broken(verdict: Verdict) -> bool:
    """Return whether a duty is not met; a goal or an advice that is missed breaks nothing."""
    return verdict.word is Word.NOT_MET and verdict.force is Force.DUTY


@click.command(
    cls=BilingualCommand,
    name="why",
    sentence=text(
        "Show how a verdict came about: clause, limit, figure, facts, down to file and row; and what would let it pass."
    ),
    examples=(
        ("forgecast why my-plant gb_39726_2020/nox_cupola/DA001", text("one verdict, by its full name")),
        ("forgecast why my-plant DA001", text("all verdicts on one stack, if the name is not complete")),
    ),
)
@plant_argument
@argument("verdict", help=text("Name of the verdict as `forgecast assess` shows it, or a part of it."))
@at_option
@json_option
@language_option
@click.pass_context
def why(context: click.Context, plant: Path, verdict: str, at: datetime | None, as_json: bool) -> int:  # noqa: FBT001
    """Show the tree of one verdict, or the names that fit."""
    language = language_of(context)
    day = at.date() if at else None
    assessment = _assessed(plant, day, language)
    found = find_verdict(assessment, verdict)
    ways: dict[str, WaysToPass] = {}
    if any(one.word in {Word.NOT_MET, Word.PARTLY} for one in found):
        with PlantFolder.open(plant) as folder:
            ways = ways_for(folder, [one.id for one in found], at=day)
    if as_json:
        told = {"ok": True, "verdicts": [v.as_json() for v in found], "to_pass": [w.as_json() for w in ways.values()]}
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
        return 0
    console = Console()
    for one in found:
        show_why(one, console, language, zone=assessment.zone)
        if one.id in ways:
            show_ways(ways[one.id], console, language)
    return 0


def _assessed(plant: Path, at: date | None, language: Language) -> Assessment:
    with PlantFolder.open(plant) as folder, progress_bar(text("assessing").say(language)) as progress:
        return assess_plant(folder, at=at, progress=progress)
