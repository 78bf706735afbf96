"""`forgecast server grant`: give or take a role."""

from __future__ import annotations

from pathlib import Path

import click

from forgecast.app.cli.bilingual import BilingualCommand, argument, language_of, language_option, option
from forgecast.app.cli.server.opened import (
    account_id_of,
    database_option,
    enterprise_option,
    home_argument,
    now_us,
    opened,
    owner_of,
    place_of,
    plant_option,
    server_option,
)
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text
from forgecast.store.server import grants
from forgecast.store.server.rights import Role


@click.command(
    cls=BilingualCommand,
    name="grant",
    sentence=text("Give a person a role for a plant, an enterprise or the whole server, or take it back."),
    examples=(
        ("forgecast server grant /srv/forgecast wang auditor --enterprise north", text("may see all plants of north")),
        ("forgecast server grant /srv/forgecast wang engineer --plant p1 --take", text("take the role back")),
    ),
)
@home_argument
@argument("name", help=text("Name with which the person signs in."))
@argument("role", type=click.Choice([role.value for role in Role]), help=text("What the person is there."))
@enterprise_option
@plant_option
@server_option
@option("--take", is_flag=True, help=text("Take the role back."))
@database_option
@language_option
@click.pass_context
def grant(
    context: click.Context,
    *,
    home: Path,
    name: str,
    role: str,
    enterprise: str,
    plant: str,
    whole_server: bool,
    take: bool,
    database: str,
) -> None:
    """Give or take a role."""
    place = place_of(enterprise, plant, whole_server=whole_server)
    with opened(home, database) as server, server.store.writing() as connection:
        account_id = account_id_of(connection, name)
        if take:
            held = [one for one in grants.grants_of(connection, account_id) if (one.role, one.place) == (role, place)]
            if not held:
                raise ForgecastError(
                    text("{name} does not have the role {role} there", name=name, role=role),
                    where="role",
                    repair=text("see `forgecast server account list`"),
                )
            grants.take(connection, held[0].id, mine=None)
        else:
            grants.give(connection, account_id, Role(role), place, by=server.by, now_us=now_us(), mine=None)
        owner = owner_of(connection, place)
        action = "grant.take" if take else "grant.give"
        server.write_deed(connection, action, f"{name} {role}", enterprise_id=owner, plant_id=place.plant_id)
    if take:
        said = text("{name} no longer has the role {role} there.", name=name, role=role)
    else:
        said = text("{name} has the role {role} there now.", name=name, role=role)
    click.echo(said.say(language_of(context)))
