"""The server's home as the commands open it: its database, who does it, and passwords that stand in no command."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click
from sqlalchemy.engine import Connection

from forgecast.app.cli.bilingual import argument, language_of, option
from forgecast.app.server.house import DATABASE
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text
from forgecast.store.database import sqlite_url
from forgecast.store.server.accounts import account_named
from forgecast.store.server.database import ServerStore
from forgecast.store.server.deeds import Doer, write_deed
from forgecast.store.server.grants import Place
from forgecast.store.server.plant_schema import share_password
from forgecast.store.server.plants import plant
from forgecast.store.settings import FILE_NAME
from forgecast.store.who import who

home_argument = argument(
    "home",
    type=click.Path(path_type=Path, file_okay=False),
    help=text("Home folder of the server, or the folder of the one plant it serves."),
)
database_option = option(
    "--database",
    default="",
    metavar="URL",
    envvar="FORGECAST_DATABASE",
    help=text("The server's own database, postgresql+psycopg://…; without it, a file in its home folder."),
)
password_option = option(
    "--password-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help=text("File whose first line is the password; without it you are asked. It never stands in a command."),
)
enterprise_option = option("--enterprise", default="", metavar="ID", help=text("Enterprise the role is for."))
plant_option = option("--plant", default="", metavar="ID", help=text("Plant the role is for."))
server_option = option("--whole-server", is_flag=True, help=text("The role is for the whole server."))


@dataclass(frozen=True, slots=True)
class Opened:
    """The server's database, open.

    Parameters
    ----------
    home : Path
    store : ServerStore
    database : str
        Its address.
    by : str
        Who runs the command, by the operating system.
    """

    home: Path
    store: ServerStore
    database: str
    by: str

    def write_deed(
        self,
        connection: Connection,
        action: str,
        subject: str,
        *,
        enterprise_id: str | None = None,
        plant_id: str | None = None,
    ) -> None:
        """Write down what the command does."""
        doer = Doer(self.by, "", "command line", "")
        write_deed(connection, doer, action, subject, at_us=now_us(), enterprise_id=enterprise_id, plant_id=plant_id)


@contextmanager
def opened(home: Path, database: str, *, makes: bool = False) -> Iterator[Opened]:
    """Open the database of a server.

    Parameters
    ----------
    home : Path
    database : str
        Its address; empty for the file in the home folder.
    makes : bool
        Whether a home that is not there yet is made.

    Raises
    ------
    ForgecastError
        If there is no server here.
    """
    home = home.absolute()
    if (home / FILE_NAME).is_file():
        home = home / "server"
        makes = True
    if not makes and not database and not (home / DATABASE).is_file():
        raise ForgecastError(
            text("there is no server in this folder"),
            where=str(home),
            repair=text("begin one with `forgecast server enterprise add`, or name its --database"),
        )
    home.mkdir(parents=True, exist_ok=True)
    share_password(database)
    database = database or sqlite_url(home / DATABASE)
    with ServerStore(database) as store:
        yield Opened(home, store, database, who())


def read_password(context: click.Context, file: Path | None) -> str:
    """Return a password from the first line of a file, else as it is typed, twice and unseen.

    Raises
    ------
    ForgecastError
        If the file cannot be read.
    """
    if file is None:
        language = language_of(context)
        asked = text("Password").say(language)
        again = text("Password once more").say(language)
        typed: str = click.prompt(asked, hide_input=True, err=True)
        if click.prompt(again, hide_input=True, err=True) != typed:
            raise ForgecastError(text("the two passwords differ"), where="password", repair=text("type them once more"))
        return typed
    try:
        return file.read_text(encoding="utf-8-sig").splitlines()[0]
    except (OSError, UnicodeDecodeError, IndexError):
        raise ForgecastError(
            text("the file of the password cannot be read, or is empty"),
            where=str(file),
            repair=text("write the password into its first line"),
        ) from None


def place_of(enterprise: str, plant_id: str, *, whole_server: bool) -> Place:
    """Return where a role is for; exactly one must be said.

    Raises
    ------
    ForgecastError
    """
    if [bool(enterprise), bool(plant_id), whole_server].count(True) != 1:
        raise ForgecastError(
            text("it is not said where the role is for, or more than once"),
            where="--plant",
            repair=text("give one of --plant, --enterprise and --whole-server"),
        )
    return Place(enterprise or None, plant_id or None)


def owner_of(connection: Connection, place: Place) -> str | None:
    """Return the enterprise whose matter a place is; None for the whole server."""
    return place.enterprise_id if place.plant_id is None else plant(connection, place.plant_id).enterprise_id


def account_id_of(connection: Connection, name: str) -> int:
    """Return the id of the account of a name.

    Raises
    ------
    ForgecastError
        If there is none.
    """
    return account_named(connection, name).id


def now_us() -> int:
    """Return the time, microseconds UTC."""
    return time.time_ns() // 1_000
