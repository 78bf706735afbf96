"""The group `forgecast server` and its commands, each loaded when it is called."""

from __future__ import annotations

import click

from forgecast.app.cli.bilingual import BilingualGroup, language_option
from forgecast.ground.texts import text


def _account() -> click.Command:
    from forgecast.app.cli.server.account import account  # noqa: PLC0415

    return account


def _grant() -> click.Command:
    from forgecast.app.cli.server.grant import grant  # noqa: PLC0415

    return grant


def _token() -> click.Command:
    from forgecast.app.cli.server.token import token  # noqa: PLC0415

    return token


def _enterprise() -> click.Command:
    from forgecast.app.cli.server.plant import enterprise  # noqa: PLC0415

    return enterprise


def _plant() -> click.Command:
    from forgecast.app.cli.server.plant import plant  # noqa: PLC0415

    return plant


def _backup() -> click.Command:
    from forgecast.app.cli.server.backup import backup  # noqa: PLC0415

    return backup


def _restore() -> click.Command:
    from forgecast.app.cli.server.backup import restore  # noqa: PLC0415

    return restore


def _describe() -> click.Command:
    from forgecast.app.cli.server.describe import describe  # noqa: PLC0415

    return describe


@click.group(
    cls=BilingualGroup,
    name="server",
    sentence=text("Say who may come in to a server and what for: enterprises, plants, accounts, roles and tokens."),
    examples=(
        ("forgecast server enterprise add /srv/forgecast north --name 'North Foundries'", text("begin a server")),
        ("forgecast server plant add /srv/forgecast north /data/my-plant", text("serve a plant folder")),
        ("forgecast server backup /srv/forgecast --out monday.tar.gz", text("keep it safe")),
        ("forgecast server account add /srv/forgecast wang --role engineer --plant p1", text("let a person in")),
    ),
    later={
        "enterprise": _enterprise,
        "plant": _plant,
        "account": _account,
        "grant": _grant,
        "token": _token,
        "backup": _backup,
        "restore": _restore,
        "describe": _describe,
    },
)
@language_option
def server() -> None:
    """Hold the commands of a server together."""
