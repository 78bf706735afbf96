"""`forgecast plant verify` and `history`: whether the audit trail is whole, and what a row held before."""

from __future__ import annotations

import json
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from forgecast.app.cli.bilingual import BilingualCommand, argument, json_option, language_of, language_option, option
from forgecast.app.cli.plant_words import said_time, said_value
from forgecast.app.cli.progress import progress_bar
from forgecast.ground.texts import Language, text
from forgecast.plant.record import record
from forgecast.store.history import Version
from forgecast.store.plant_folder import PlantFolder
from forgecast.store.verify import Verification
from forgecast.tasks.row_history import row_history

#: Breaks shown on a terminal; the rest is counted (``--json`` has all).
_SHOWN = 50


@click.command(
    cls=BilingualCommand,
    name="verify",
    sentence=text(
        "Verify the audit trail of a plant: the chain of hashes, every row against its last change, and the series "
        "files. The exit code is 1 if anything is broken."
    ),
    examples=(
        ("forgecast plant verify my-plant", text("verify, and note the head that is printed")),
        ("forgecast plant verify my-plant --head 3f2a9c…", text("also find a trail whose end was cut off")),
    ),
)
@argument("folder", metavar="PLANT", type=click.Path(path_type=Path), help=text("Folder of the plant."))
@option("--head", "noted", default="", metavar="HASH", help=text("Head of the trail that was noted elsewhere before."))
@json_option
@language_option
@click.pass_context
def verify(context: click.Context, folder: Path, noted: str, as_json: bool) -> int:  # noqa: FBT001
    """Verify the audit trail."""
    language = language_of(context)
    with PlantFolder.open(folder) as opened, progress_bar(text("verifying").say(language)) as progress:
        found = opened.verify(noted=noted, progress=progress)
    if as_json:
        click.echo(json.dumps(found.as_json(), ensure_ascii=False, indent=1))
    else:
        _show_verification(found, language, noted=bool(noted))
    return 0 if found.whole else 1


def _show_verification(found: Verification, language: Language, *, noted: bool) -> None:
    console = Console()
    counts = text(
        "{links} links with {changes} changes, {rows} rows and {files} series files were verified.",
        links=f"{found.links:,}",
        changes=f"{found.changes:,}",
        rows=f"{found.rows:,}",
        files=f"{found.files:,}",
    )
    console.print(counts.say(language), highlight=False)
    if found.opened_with:
        before = text(
            "{count} of the rows were there before the trail was opened; who wrote them is not known.",
            count=f"{found.opened_with:,}",
        )
        console.print(before.say(language), highlight=False)
    if found.whole:
        console.print(f"[green]{text('The trail is whole.').say(language)}[/green]")
    else:
        _show_breaks(found, console, language)
    console.print(text("Head: {hash}", hash=found.head.hash).say(language), highlight=False, soft_wrap=True)
    if not noted:
        advice = text(
            "Note the head outside this plant: links cut off at the end show only against a noted head "
            "(`--head`). Certificates carry it."
        )
        console.print(advice.say(language), style="dim", highlight=False)


def _show_breaks(found: Verification, console: Console, language: Language) -> None:
    title = text("The trail is broken in {count} places:", count=f"{len(found.breaks):,}").say(language)
    console.print(f"[bold red]{title}[/bold red]")
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(text("link").say(language), justify="right")
    table.add_column(text("record").say(language))
    table.add_column(text("row").say(language), overflow="fold")
    table.add_column(text("what differs").say(language), overflow="fold")
    for one in found.breaks[:_SHOWN]:
        key = ", ".join(map(str, json.loads(one.key))) if one.key else ""
        link = "" if one.link is None else str(one.link)
        table.add_row(link, one.record, key.replace("[", r"\["), one.what.say(language).replace("[", r"\["))
    console.print(table)
    if len(found.breaks) > _SHOWN:
        more = text("… and {count} more; --json shows all.", count=f"{len(found.breaks) - _SHOWN:,}")
        console.print(more.say(language), highlight=False)


@click.command(
    cls=BilingualCommand,
    name="history",
    sentence=text("Show all versions of a row: who wrote them, when, from which file, and what each changed."),
    examples=(
        ("forgecast plant history my-plant heat H17", text("what became of a heat's row")),
        (
            "forgecast plant history my-plant shipment_item S1 P4",
            text("a record with a key of two fields: both, in their order"),
        ),
    ),
)
@argument("folder", metavar="PLANT", type=click.Path(path_type=Path), help=text("Folder of the plant."))
@argument("name", metavar="RECORD", help=text("Record, as `forgecast plant fields` lists it."))
@argument("key", metavar="KEY…", nargs=-1, required=True, help=text("Key of the row, one value for each key field."))
@json_option
@language_option
@click.pass_context
def history(context: click.Context, folder: Path, name: str, key: tuple[str, ...], as_json: bool) -> int:  # noqa: FBT001
    """Show the history of a row."""
    language = language_of(context)
    with PlantFolder.open(folder) as opened:
        versions = row_history(opened, name, key)
        zone = opened.settings.zone
    if as_json:
        click.echo(json.dumps({"ok": True, "versions": _as_json(versions)}, ensure_ascii=False, indent=1))
        return 0
    fields = {field.name: field for field in record(name).fields}
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(text("link").say(language), justify="right")
    table.add_column(text("when").say(language), no_wrap=True)
    for title in (text("who"), text("from"), text("field"), text("before"), text("after")):
        table.add_column(title.say(language), overflow="fold")
    before: Version | None = None
    for version in versions:
        who = text("before the trail").say(language) if version.opening else version.by
        head = (str(version.link), said_time(version.at, zone), who, version.place())
        for field, (was, now) in version.changed(before).items():
            cells = (said_value(fields.get(field), one, zone, language) for one in (was, now))
            name_of = fields[field].header.say(language) if field in fields else field
            table.add_row(*(cell.replace("[", r"\[") for cell in (*head, name_of, *cells)))
            head = ("", "", "", "")
        before = version
    Console().print(table)
    return 0


def _as_json(versions: tuple[Version, ...]) -> list[dict[str, object]]:
    listed: list[dict[str, object]] = []
    before: Version | None = None
    for version in versions:
        changed = version.changed(before)
        listed.append(
            {
                "link": version.link,
                "at": version.at,
                "by": version.by,
                "before_the_trail": version.opening,
                "file": version.file,
                "row": version.row,
                "changed": {
                    field: {"before": _plain(was), "after": _plain(now)} for field, (was, now) in changed.items()
                },
            }
        )
        before = version
    return listed


def _plain(value: object) -> object:
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)
