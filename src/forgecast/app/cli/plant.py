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


def _record() -> click.Command:
    from forgecast.app.cli.plant_record import record_  # noqa: PLC0415

    return record_


def _status() -> click.Command:
    from forgecast.app.cli.plant_record import status  # noqa: PLC0415

    return status


def _history() -> click.Command:
    from forgecast.app.cli.plant_audit import history  # noqa: PLC0415

    return history


def _verify() -> click.Command:
    from forgecast.app.cli.plant_audit import verify  # noqa: PLC0415

    return verify


def _compact() -> click.Command:
    from forgecast.app.cli.plant_series import compact  # noqa: PLC0415

    return compact


def _keep() -> click.Command:
    from forgecast.app.cli.plant_series import keep  # noqa: PLC0415

    return keep


@click.group(
    cls=BilingualGroup,
    name="plant",
    sentence=text(
        "Make a plant folder, take files into it or record by hand, and see what it holds and who changed what."
    ),
    later={
        "new": _new,
        "map": _map,
        "import": _import,
        "show": _show,
        "fields": _fields,
        "record": _record,
        "status": _status,
        "history": _history,
        "verify": _verify,
        "compact": _compact,
        "keep": _keep,
    },
)
@language_option
def plant() -> None:
    """Hold the plant commands together."""
