"""`forgecast server backup` and `forgecast server restore`."""

from __future__ import annotations

import json
from pathlib import Path

import click

from forgecast.app.cli.bilingual import (
    BilingualCommand,
    argument,
    json_option,
    language_of,
    language_option,
    option,
)
from forgecast.app.cli.server.opened import database_option, home_argument, opened
from forgecast.ground.texts import text
from forgecast.store.server.plant_schema import share_password


@click.command(
    cls=BilingualCommand,
    name="backup",
    sentence=text(
        "Write all that a server holds into one file, while it runs: its database, its plants, their series."
    ),
    examples=(("forgecast server backup /srv/forgecast --out monday.tar.gz", text("nobody has to wait for it")),),
)
@home_argument
@option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help=text("File of the backup; a name that is free. It holds what proves passwords: keep it safe."),
)
@database_option
@json_option
@language_option
@click.pass_context
def backup(context: click.Context, *, home: Path, out: Path, database: str, as_json: bool) -> None:
    """Make a backup."""
    from forgecast.app.server.backup import make_backup  # noqa: PLC0415  (loads all of the store)

    with opened(home, database) as server:
        told = make_backup(server.home, server.store, server.database, out)
    if as_json:
        click.echo(json.dumps({"ok": True, "out": str(out), **told}, ensure_ascii=False, indent=2))
        return
    said = text(
        "{file}: {plants} plants, {files} files.", file=str(out), plants=len(told["plants"]), files=told["files"]
    )
    click.echo(said.say(language_of(context)))


@click.command(
    cls=BilingualCommand,
    name="restore",
    sentence=text("Make the home of a server from a backup, after checking every byte; nothing is ever written over."),
    examples=(
        ("forgecast server restore monday.tar.gz /srv/again", text("then: forgecast serve /srv/again")),
        (
            "forgecast server restore monday.tar.gz /srv/again --database postgresql+psycopg://forgecast@db/again",
            text("of a server on PostgreSQL, into an empty database"),
        ),
    ),
)
@argument("file", type=click.Path(path_type=Path, dir_okay=False), help=text("File of the backup."))
@argument(
    "home",
    type=click.Path(path_type=Path, file_okay=False),
    help=text("Home folder to be made: a name that is free, or an empty folder."),
)
@database_option
@json_option
@language_option
@click.pass_context
def restore(context: click.Context, *, file: Path, home: Path, database: str, as_json: bool) -> None:
    """Put a backup back."""
    from forgecast.app.server.restore import restore_backup  # noqa: PLC0415  (loads all of the store)

    share_password(database)
    told = restore_backup(file, home, database=database)
    if as_json:
        click.echo(json.dumps({"ok": True, "home": str(home), **told}, ensure_ascii=False, indent=2))
        return
    said = text("{home}: {plants} plants, {files} files, each as it was written.", home=str(home),
                plants=len(told["plants"]), files=told["files"])  # fmt: skip
    click.echo(said.say(language_of(context)))
