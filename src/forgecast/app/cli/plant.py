"""The group `forgecast plant` and its commands, each loaded when it is called."""

from __future__ import annotations

import click

from forgecast.app.cli.bilingual import BilingualGroup, language_option
from forgecast.ground.texts import text


def _new() -> click.Command:
    from forgecast.app.cli.plant_files import new  # noqa: PLC0415

    return new


def _import() -> click.Command:
    from forgecast.app.cli.plant_files import import_  # noqa: PLC0415

    return import_


def _map() -> click.Command:
    from forgecast.app.cli.plant_map import map_  # noqa: PLC0415

    return map_


def _show() -> click.Command:
    from forgecast.app.cli.plant_files import show  # noqa: PLC0415

    return show


def _fields() -> click.Command:
    from forgecast.app.cli.plant_files import fields  # noqa: PLC0415

    return fields


@click.group(
    cls=BilingualGroup,
    name="plant",
    sentence=text("Make a plant folder, take files into it, and see what it holds."),
    later={
        "new": _new,
        "map": _map,
        "import": _import,
        "show": _show,
        "fields": _fields,
    },
)
@language_option
def plant() -> None:
    """Hold the plant commands together."""
