"""`forgecast server account`: the people who may come in."""

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
from forgecast.app.cli.server.opened import (
    account_id_of,
    database_option,
    enterprise_option,
    home_argument,
    now_us,
    opened,
    owner_of,
    password_option,
    place_of,
    plant_option,
    read_password,
    server_option,
)
from forgecast.ground.texts import text
from forgecast.store.server import accounts, grants, passwords
from forgecast.store.server.rights import Role

_name_argument = argument("name", help=text("Name with which the person signs in."))


@click.group(
    cls=BilingualGroup, name="account", sentence=text("The people who may come in: add, list, new password, disable.")
)
@language_option
def account() -> None:
    """Hold the commands of accounts together."""


@account.command(
    cls=BilingualCommand,
    name="add",
    sentence=text("Let a person in, with a first role."),
    examples=(
        (
            "forgecast server account add /srv/forgecast wang --role engineer --plant p1",
            text("an engineer of one plant; the password is asked for"),
        ),
        (
            "forgecast server account add /srv/forgecast li --role admin --whole-server --password-file secret.txt",
            text("an administrator of the server"),
        ),
    ),
)
@home_argument
@_name_argument
@option("--role", required=True, type=click.Choice([role.value for role in Role]), help=text("What the person is."))
@enterprise_option
@plant_option
@server_option
@option("--shown-name", default="", help=text("Name as others see it; without it the name."))
@password_option
@database_option
@language_option
@click.pass_context
def add(
    context: click.Context,
    *,
    home: Path,
    name: str,
    role: str,
    enterprise: str,
    plant: str,
    whole_server: bool,
    shown_name: str,
    password_file: Path | None,
    database: str,
) -> None:
    """Let a person in."""
    place = place_of(enterprise, plant, whole_server=whole_server)
    with opened(home, database) as server:
        plain = accounts.normal_name(name)
        password = read_password(context, password_file)
        passwords.check_password(plain, password)
        kept = passwords.hashed(password)
        with server.store.writing() as connection:
            now = now_us()
            made = accounts.create(connection, name=plain, shown_name=shown_name, password_hash=kept, now_us=now)
            grants.give(connection, made, Role(role), place, by=server.by, now_us=now, mine=None)
            owner = owner_of(connection, place)
            server.write_deed(
                connection, "account.add", f"{plain} {role}", enterprise_id=owner, plant_id=place.plant_id
            )
    click.echo(text("{name} may sign in now.", name=plain).say(language_of(context)))


@account.command(
    cls=BilingualCommand,
    name="list",
    sentence=text("Show who may come in, and what they are where."),
    examples=(("forgecast server account list /srv/forgecast", text("everybody on the server")),),
)
@home_argument
@database_option
@json_option
@language_option
@click.pass_context
def list_(context: click.Context, *, home: Path, database: str, as_json: bool) -> None:
    """Show all accounts."""
    language = language_of(context)
    with opened(home, database) as server, server.store.reading() as connection:
        found = [(one, grants.grants_of(connection, one.id)) for one in accounts.accounts(connection)]
    if as_json:
        rows = [
            {
                "name": one.name,
                "shown_name": one.shown_name,
                "disabled": one.disabled_us is not None,
                "roles": [
                    {
                        "role": grant.role.value,
                        "enterprise": grant.place.enterprise_id,
                        "plant": grant.place.plant_id,
                    }
                    for grant in held
                ],
            }
            for one, held in found
        ]
        click.echo(json.dumps({"ok": True, "accounts": rows}, ensure_ascii=False, indent=2))
        return
    table = Table(box=None, pad_edge=False)
    for title in (text("Name"), text("Name shown"), text("Roles"), text("State")):
        table.add_column(title.say(language))
    for one, held in found:
        roles = ", ".join(
            f"{grant.role.value} @ {grant.place.plant_id or grant.place.enterprise_id or '*'}" for grant in held
        )
        state = text("disabled") if one.disabled_us is not None else text("may sign in")
        table.add_row(one.name, one.shown_name, roles, state.say(language))
    Console().print(table)


@account.command(
    cls=BilingualCommand,
    name="password",
    sentence=text("Give a person a new password; all open sessions end."),
    examples=(("forgecast server account password /srv/forgecast wang", text("the password is asked for")),),
)
@home_argument
@_name_argument
@password_option
@database_option
@language_option
@click.pass_context
def password(context: click.Context, *, home: Path, name: str, password_file: Path | None, database: str) -> None:
    """Give a new password."""
    with opened(home, database) as server:
        with server.store.reading() as connection:
            account_id = account_id_of(connection, name)
        given = read_password(context, password_file)
        passwords.check_password(name, given)
        kept = passwords.hashed(given)
        with server.store.writing() as connection:
            accounts.change_password(connection, account_id, kept)
            server.write_deed(connection, "account.password", name)
    click.echo(text("{name} has a new password, and has to sign in again.", name=name).say(language_of(context)))


@account.command(
    cls=BilingualCommand,
    name="disable",
    sentence=text("Let a person in no more; sessions end and tokens are refused. What he did stays on record."),
    examples=(
        ("forgecast server account disable /srv/forgecast wang", text("within five seconds")),
        ("forgecast server account disable /srv/forgecast wang --undo", text("let in again")),
    ),
)
@home_argument
@_name_argument
@option("--undo", is_flag=True, help=text("Let the person in again."))
@database_option
@language_option
@click.pass_context
def disable(context: click.Context, *, home: Path, name: str, undo: bool, database: str) -> None:
    """Let in no more, or again."""
    with opened(home, database) as server, server.store.writing() as connection:
        account_id = account_id_of(connection, name)
        if undo:
            accounts.enable(connection, account_id)
        else:
            grants.check_other_admin(connection, account_id)
            accounts.disable(connection, account_id, now_us())
        server.write_deed(connection, "account.enable" if undo else "account.disable", name)
    said = text("{name} may sign in now.", name=name) if undo else text("{name} is let in no more.", name=name)
    click.echo(said.say(language_of(context)))
