"""`forgecast server enterprise` and `forgecast server plant`: whose plants a server serves."""

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
from forgecast.app.cli.server.opened import database_option, home_argument, now_us, opened
from forgecast.app.server.made_plant import RecordsIn, make_plant
from forgecast.ground.texts import text
from forgecast.store.plant_folder import PlantFolder
from forgecast.store.server import plants


@click.group(cls=BilingualGroup, name="enterprise", sentence=text("Enterprises: their people see their own plants."))
@language_option
def enterprise() -> None:
    """Hold the commands of enterprises together."""


@enterprise.command(
    cls=BilingualCommand,
    name="add",
    sentence=text("Register an enterprise; the first one begins the server."),
    examples=(
        ("forgecast server enterprise add /srv/forgecast north --name 'North Foundries'", text("makes the home too")),
    ),
)
@home_argument
@argument("id", help=text("Short name, as in addresses."))
@option("--name", default="", help=text("Name of the enterprise; without it the short one."))
@database_option
@language_option
@click.pass_context
def add_enterprise(context: click.Context, *, home: Path, id: str, name: str, database: str) -> None:  # noqa: A002
    """Register an enterprise."""
    with opened(home, database, makes=True) as server, server.store.writing() as connection:
        made = plants.add_enterprise(connection, id, name, now_us())
        server.write_deed(connection, "enterprise.add", made.id, enterprise_id=made.id)
    click.echo(text("The enterprise {id} is registered.", id=made.id).say(language_of(context)))


@click.group(cls=BilingualGroup, name="plant", sentence=text("The plants that a server serves: add and list."))
@language_option
def plant() -> None:
    """Hold the commands of plants together."""


@plant.command(
    cls=BilingualCommand,
    name="add",
    sentence=text("Serve a plant folder as a plant of an enterprise; the folder stays where it is."),
    examples=(
        ("forgecast server plant add /srv/forgecast north /data/my-plant", text("under the id in plant.toml")),
        (
            "forgecast server plant add /srv/forgecast north /srv/forgecast/plants/p2 --new 'Second Works'",
            text("an empty plant, its records in the server's database where that is PostgreSQL"),
        ),
    ),
)
@home_argument
@argument("enterprise_id", metavar="ENTERPRISE", help=text("Enterprise whose plant it is."))
@argument("folder", type=click.Path(path_type=Path, file_okay=False), help=text("The plant folder."))
@option("--id", "id_", default="", help=text("Id in addresses; without it the one in plant.toml."))
@option("--new", "new_name", default="", metavar="NAME", help=text("Make the folder, for an empty plant of this name."))
@option(
    "--records",
    type=click.Choice(("server", "file")),
    default="server",
    show_default=True,
    help=text("Where the records of a new plant are: in the server's PostgreSQL database, or in a file of its folder."),
)
@database_option
@language_option
@click.pass_context
def add_plant(
    context: click.Context,
    *,
    home: Path,
    enterprise_id: str,
    folder: Path,
    id_: str,
    new_name: str,
    records: RecordsIn,
    database: str,
) -> None:
    """Register a plant."""
    if new_name:
        with opened(home, database) as server:
            with server.store.reading() as connection:
                plants.enterprise(connection, enterprise_id)
            make_plant(
                folder, name=new_name, id_=id_ or folder.absolute().name, database=server.database, records=records
            )
    with PlantFolder.open(folder) as found:
        settings = found.settings
    with opened(home, database) as server, server.store.writing() as connection:
        made = plants.add_plant(
            connection,
            id_ or settings.id,
            enterprise_id=enterprise_id,
            name=settings.name,
            folder=plants.kept_folder(server.home, folder),
            now_us=now_us(),
        )
        server.write_deed(connection, "plant.add", made.id, enterprise_id=made.enterprise_id, plant_id=made.id)
    click.echo(text("The plant {id} is served from now on.", id=made.id).say(language_of(context)))


@plant.command(
    cls=BilingualCommand,
    name="list",
    sentence=text("Show the plants that a server serves, and where they lie."),
    examples=(("forgecast server plant list /srv/forgecast", text("all enterprises")),),
)
@home_argument
@database_option
@json_option
@language_option
@click.pass_context
def list_plants(context: click.Context, *, home: Path, database: str, as_json: bool) -> None:
    """Show all plants."""
    language = language_of(context)
    with opened(home, database) as server, server.store.reading() as connection:
        found = [(one, plants.folder_of(server.home, one)) for one in plants.plants(connection)]
    if as_json:
        rows = [
            {"id": one.id, "enterprise": one.enterprise_id, "name": one.name, "folder": str(folder)}
            for one, folder in found
        ]
        click.echo(json.dumps({"ok": True, "plants": rows}, ensure_ascii=False, indent=2))
        return
    table = Table(box=None, pad_edge=False)
    for title in (text("Plant"), text("Enterprise"), text("Name"), text("Folder")):
        table.add_column(title.say(language))
    for one, folder in found:
        table.add_row(one.id, one.enterprise_id, one.name, str(folder))
    Console().print(table)
