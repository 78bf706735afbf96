"""`forgecast server token`: a program's way in."""

from __future__ import annotations

import json
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from forgecast.app.cli.bilingual import (
    BilingualCommand,
    BilingualGroup,
    argument,
    json_option,
    language_of,
    language_option,
    option,
)
from forgecast.app.cli.server.opened import account_id_of, database_option, home_argument, now_us, opened, owner_of
from forgecast.ground.dates import DAY_US, from_us
from forgecast.ground.texts import text
from forgecast.store.server import tokens
from forgecast.store.server.grants import Place
from forgecast.store.server.rights import Right

_name_argument = argument("name", help=text("Account on whose behalf the program comes."))


@click.group(cls=BilingualGroup, name="token", sentence=text("API tokens, a program's way in: add, list, revoke."))
@language_option
def token() -> None:
    """Hold the commands of tokens together."""


@token.command(
    cls=BilingualCommand,
    name="add",
    sentence=text("Make a token and show its secret, this once; it may do no more than its account."),
    examples=(
        (
            "forgecast server token add /srv/forgecast wang dashboard --right see --plant p1 --days 90",
            text("reads one plant for three months"),
        ),
    ),
)
@home_argument
@_name_argument
@argument("purpose", help=text("What the token is for."))
@option(
    "--right",
    "rights",
    multiple=True,
    required=True,
    type=click.Choice([right.value for right in Right]),
    help=text("A right it holds; again for each one more."),
)
@option("--plant", default="", metavar="ID", help=text("The only plant it opens; without it all its account sees."))
@option("--days", type=click.IntRange(1, 3_650), help=text("Days after which it ends; without it, it does not end."))
@database_option
@json_option
@language_option
@click.pass_context
def add(
    context: click.Context,
    *,
    home: Path,
    name: str,
    purpose: str,
    rights: tuple[str, ...],
    plant: str,
    days: int | None,
    database: str,
    as_json: bool,
) -> None:
    """Make a token."""
    with opened(home, database) as server, server.store.writing() as connection:
        now = now_us()
        owner = owner_of(connection, Place(plant_id=plant)) if plant else None
        secret, made = tokens.make_token(
            connection,
            account_id_of(connection, name),
            name=purpose,
            rights=[Right(right) for right in rights],
            plant_id=plant or None,
            until_us=None if days is None else now + days * DAY_US,
            now_us=now,
        )
        server.write_deed(
            connection,
            "token.make",
            f"{made.name} {made.begins_with}…",
            enterprise_id=owner,
            plant_id=made.plant_id,
        )
    if as_json:
        click.echo(json.dumps({"ok": True, "id": made.id, "secret": secret}))
        return
    click.echo(secret)
    told = text("Token {id}. This is the only time its secret is shown; only its hash is kept.", id=made.id)
    click.echo(told.say(language_of(context)), err=True)


@token.command(
    cls=BilingualCommand,
    name="list",
    sentence=text("Show the tokens of an account, with their numbers; never a secret."),
    examples=(("forgecast server token list /srv/forgecast wang", text("those that are not revoked")),),
)
@home_argument
@_name_argument
@database_option
@json_option
@language_option
@click.pass_context
def list_(context: click.Context, *, home: Path, name: str, database: str, as_json: bool) -> None:
    """Show the tokens of an account."""
    language = language_of(context)
    with opened(home, database) as server, server.store.reading() as connection:
        found = tokens.tokens(connection, account_id_of(connection, name))
    rows = [
        {
            "id": one.id,
            "name": one.name,
            "begins_with": one.begins_with,
            "rights": sorted(one.rights),
            "plant": one.plant_id,
            "until_at": None if one.until_us is None else _at(one.until_us),
            "used_at": None if one.used_us is None else _at(one.used_us),
        }
        for one in found
    ]
    if as_json:
        click.echo(json.dumps({"ok": True, "tokens": rows}, ensure_ascii=False, indent=2))
        return
    table = Table(box=None, pad_edge=False)
    for title in (
        text("Number"),
        text("Purpose"),
        text("Begins with"),
        text("Rights"),
        text("Plant"),
        text("Ends"),
        text("Last used"),
    ):
        table.add_column(title.say(language))
    for row in rows:
        rights = row["rights"]
        assert isinstance(rights, list)  # noqa: S101  (made above)
        last = (row["plant"] or "*", row["until_at"] or "–", row["used_at"] or "–")
        table.add_row(str(row["id"]), str(row["name"]), f"{row['begins_with']}…", ", ".join(rights), *map(str, last))
    Console().print(table)


@token.command(
    cls=BilingualCommand,
    name="revoke",
    sentence=text("Let a token in no more."),
    examples=(("forgecast server token revoke /srv/forgecast wang 3", text("by the number it was given")),),
)
@home_argument
@_name_argument
@argument("number", type=int, help=text("Number of the token."))
@database_option
@language_option
@click.pass_context
def revoke(context: click.Context, *, home: Path, name: str, number: int, database: str) -> None:
    """Revoke a token."""
    with opened(home, database) as server, server.store.writing() as connection:
        tokens.revoke(connection, account_id_of(connection, name), number, now_us())
        server.write_deed(connection, "token.revoke", str(number))
    click.echo(text("Token {id} is let in no more.", id=number).say(language_of(context)))


def _at(moment_us: int) -> str:
    return from_us(moment_us).isoformat(timespec="minutes").replace("+00:00", "Z")
