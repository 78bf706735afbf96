"""`forgecast server describe`: the description of the API, to make a client of it."""

from __future__ import annotations

import json

import click

from forgecast.app.cli.bilingual import BilingualCommand, language_option
from forgecast.ground.texts import text


@click.command(
    cls=BilingualCommand,
    name="describe",
    sentence=text("Print the description of the API (OpenAPI 3.1, JSON), as a running server gives it."),
    examples=(("forgecast server describe > openapi.json", text("to make a client of it")),),
)
@language_option
def describe() -> None:
    """Print the description."""
    from forgecast.app.server.description import description  # noqa: PLC0415  (the web's libraries load here only)

    click.echo(json.dumps(description(), ensure_ascii=False, indent=1))
