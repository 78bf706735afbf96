"""`forgecast plant record` and `status`: write a row by hand, and see how a heat, a piece … stands."""

from __future__ import annotations

import json
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from forgecast.app.cli.bilingual import BilingualCommand, argument, json_option, language_of, language_option
from forgecast.app.cli.plant_words import by_option, said_time
from forgecast.app.cli.summary import show_findings
from forgecast.ground.texts import Language, text
from forgecast.plant.lifecycle import decision_title, states
from forgecast.store.guard import Standing
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.record_entry import entry_of, record_entries
from forgecast.tasks.subject_status import subject_status

_RELEASE = "subject=heat subject_id=H17 'decided_at=2025-03-01 14:30' decision=release decided_by=QA"


@click.command(
    cls=BilingualCommand,
    name="record",
    sentence=text(
        "Record a row without a file, with the checks of an import: units, ranges, words, and whether a decision is "
        "possible. A row that is there already keeps what is not given."
    ),
    examples=(
        (
            f"forgecast plant record my-plant disposition {_RELEASE} --by QA",
            text("release a heat"),
        ),
        ("forgecast plant record my-plant heat id=H17 pigged_mass=120kg", text("add a value to a row; with its unit")),
        ("forgecast plant fields disposition", text("which fields there are")),
    ),
)
@argument("folder", metavar="PLANT", type=click.Path(path_type=Path), help=text("Folder of the plant."))
@argument("name", metavar="RECORD", help=text("Record, as `forgecast plant fields` lists it."))
@argument("words", metavar="FIELD=VALUE…", nargs=-1, required=True, help=text("Values of the row, its key among them."))
@by_option
@json_option
@language_option
@click.pass_context
def record_(
    context: click.Context,
    folder: Path,
    name: str,
    words: tuple[str, ...],
    by: str,
    as_json: bool,  # noqa: FBT001
) -> int:
    """Record a row."""
    language = language_of(context)
    with PlantFolder.open(folder) as opened:
        done = record_entries(opened, name, [entry_of(name, words)], by=by)
    if as_json:
        click.echo(json.dumps(done.as_json(), ensure_ascii=False, indent=1))
        return 0
    if done.same:
        click.echo(text("That is recorded already; nothing was changed.").say(language))
    else:
        click.echo(
            (text("Recorded, as a new row.") if done.new else text("Recorded; what it held before is kept.")).say(
                language
            )
        )
    if done.findings:
        show_findings(done.findings, Console(), language)
    return 0


@click.command(
    cls=BilingualCommand,
    name="status",
    sentence=text(
        "Show how a lot, heat, ladle, mould, piece, heat-treatment lot or nonconformity stands: its state, how it "
        "came there, what may be decided next and what is missing for it."
    ),
    examples=(
        ("forgecast plant status my-plant heat H17", text("is the heat released?")),
        ("forgecast plant status my-plant piece P4", text("may the piece be shipped, and if not, why?")),
    ),
)
@argument("folder", metavar="PLANT", type=click.Path(path_type=Path), help=text("Folder of the plant."))
@argument(
    "kind",
    metavar="SUBJECT",
    help=text("lot, heat, ladle, mould, piece, heat_treatment or nonconformity."),
)
@argument("number", metavar="ID", help=text("Its number."))
@json_option
@language_option
@click.pass_context
def status(context: click.Context, folder: Path, kind: str, number: str, as_json: bool) -> int:  # noqa: FBT001
    """Show how a subject stands."""
    language = language_of(context)
    with PlantFolder.open(folder) as opened:
        found = subject_status(opened, kind, number)
        zone = opened.settings.zone
    if as_json:
        click.echo(json.dumps(_as_json(found), ensure_ascii=False, indent=1))
        return 0
    _show(found, Console(), zone, language)
    return 0


def _show(found: Standing, console: Console, zone: str, language: Language) -> None:
    head = text("{subject} is {state}.", subject=found.life.subject.title, state=found.state)
    console.print(head.say(language), style="bold", highlight=False)
    if found.life.steps:
        console.print(_steps(found, zone, language))
    else:
        console.print(text("Nothing has been decided on it yet.").say(language), highlight=False)
    if found.next:
        console.print()
        console.print(text("Possible next:").say(language), style="bold", highlight=False)
        table = Table(box=None, pad_edge=False, show_header=False)
        for decision, lacking in found.next:
            needed = "" if lacking is None else text("not yet: {why}", why=lacking).say(language)
            table.add_row(decision, decision_title(decision).say("zh") if language == "zh" else "", needed)
        console.print(table)
    if found.shipping is None:
        return
    console.print()
    if not found.shipping:
        console.print(text("It may be shipped.").say(language), style="green", highlight=False)
        return
    console.print(text("It may not be shipped:").say(language), style="bold red", highlight=False)
    for one in found.shipping:
        console.print(f"- {one.reason.say(language)}", highlight=False, markup=False)
        console.print(f"  → {one.repair.say(language)}", highlight=False, markup=False, style="dim")


def _steps(found: Standing, zone: str, language: Language) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(text("when").say(language), no_wrap=True)
    for title in (text("what"), text("who"), text("then")):
        table.add_column(title.say(language), overflow="fold")
    words = states()
    for step in found.life.steps:
        decision = step.decision
        what = decision_title(decision.decision).say(language)
        if decision.decision == "ship":
            what = text("shipped: {count} in {shipment}", count=decision.count, shipment=decision.by).say(language)
        then = words[step.after].say(language)
        if step.refusal:
            then = text("does not count: {why}", why=step.refusal[0]).say(language)
        by = "" if decision.decision == "ship" else decision.by
        table.add_row(*(cell.replace("[", r"\[") for cell in (said_time(decision.at, zone), what, by, then)))
    return table


def _as_json(found: Standing) -> dict[str, object]:
    subject = found.life.subject
    return {
        "ok": True,
        "subject": subject.kind,
        "id": subject.id,
        "state": {"code": found.life.at(), **found.state.as_json()},
        "steps": [
            {
                "at": step.decision.at,
                "decision": step.decision.decision,
                "by": step.decision.by,
                "before": step.before,
                "after": step.after,
                "refused": [why.as_json() for why in step.refusal],
            }
            for step in found.life.steps
        ],
        "next": [
            {"decision": decision, "missing": None if lacking is None else lacking.as_json()}
            for decision, lacking in found.next
        ],
        "shipping": None
        if found.shipping is None
        else [{"reason": one.reason.as_json(), "repair": one.repair.as_json()} for one in found.shipping],
    }
