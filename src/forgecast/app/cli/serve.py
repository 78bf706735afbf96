"""`forgecast serve`: the pages and the API of a plant, in a browser."""

from __future__ import annotations

import json
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING

import click

from forgecast.app.cli.bilingual import (
    BilingualCommand,
    argument,
    json_option,
    language_of,
    language_option,
    option,
)
from forgecast.ground.texts import Language, text

if TYPE_CHECKING:
    from forgecast.app.server.listening import Listening


@click.command(
    cls=BilingualCommand,
    name="serve",
    sentence=text(
        "Serve the pages of a plant to browsers, in both languages, with the same tasks as an API; one process and a "
        "file by default, PostgreSQL and many plants where they are named."
    ),
    examples=(
        ("forgecast serve my-plant", text("one plant, for this machine only: http://127.0.0.1:8080")),
        ("forgecast serve my-plant --host 0.0.0.0", text("for the whole house; put HTTPS before it")),
        ("forgecast serve /srv/forgecast --processes 3", text("three web processes behind a proxy")),
        (
            "forgecast serve /srv/forgecast --database postgresql+psycopg://forgecast@db/server",
            text("many plants; `forgecast server plant add` adds them"),
        ),
    ),
)
@argument(
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help=text("Folder of a plant, or home folder of a server of many plants."),
)
@option("--host", default="127.0.0.1", show_default=True, help=text("Address of this machine to listen at."))
@option(
    "--port", type=click.IntRange(0, 65_535), default=8080, show_default=True, help=text("Port; 0 takes a free one.")
)
@option(
    "--database",
    default="",
    metavar="URL",
    envvar="FORGECAST_DATABASE",
    help=text("The server's own database, postgresql+psycopg://…; without it, a file in its home folder."),
)
@option(
    "--workers",
    type=click.IntRange(0, 64),
    default=2,
    show_default=True,
    help=text("Processes that work out figures and runs; the first is kept free for figures."),
)
@option(
    "--processes",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help=text("Web processes at consecutive ports, for a proxy that brings each browser back to its own."),
)
@option(
    "--log",
    type=click.Choice(("plain", "json")),
    default="plain",
    show_default=True,
    help=text("Form of the log on the standard error stream; json is one object a line."),
)
@option("--log-requests", is_flag=True, help=text("Write a line of the log for each request."))
@option("--open", "opens", is_flag=True, help=text("Open the browser."))
@json_option
@language_option
@click.pass_context
def serve(
    context: click.Context,
    *,
    folder: Path,
    host: str,
    port: int,
    database: str,
    workers: int,
    processes: int,
    log: str,
    log_requests: bool,
    opens: bool,
    as_json: bool,
) -> None:
    """Serve until Ctrl-C."""
    # The web's libraries load only where a server starts.
    from forgecast.app.server.serve import Serving  # noqa: PLC0415
    from forgecast.app.server.serve import serve as run  # noqa: PLC0415

    language = language_of(context)

    def ready(listening: Listening) -> None:
        if as_json:
            told = {"ok": True, "address": listening.address, "addresses": list(listening.addresses)}
            click.echo(json.dumps(told | {"start": listening.start}))
        else:
            _say(listening, language)
        if opens:
            webbrowser.open(listening.start or listening.address)

    run(folder, Serving(host, port, database, workers, processes, log, log_requests), ready)


def _say(listening: Listening, language: Language) -> None:
    addresses = ", ".join(listening.addresses)
    click.echo(text("Serving at {address}; Ctrl-C ends it.", address=addresses).say(language))
    if listening.start is not None:
        start = listening.start
        click.echo(text("Nobody has an account yet. Make the first one here: {start}", start=start).say(language))
