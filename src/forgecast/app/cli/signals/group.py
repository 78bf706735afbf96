"""The group `forgecast signals` and its commands, each loaded when it is called."""

from __future__ import annotations

from collections.abc import Callable

import click

from forgecast.app.cli.bilingual import BilingualGroup, language_option
from forgecast.ground.texts import text

#: Commands by name, in the order of the help page; each is imported only when it is called.
_COMMANDS: dict[str, Callable[[], click.Command]] = {}


@click.group(
    cls=BilingualGroup,
    name="signals",
    sentence=text(
        "Collect readings, see whether they can be trusted, be alarmed, and try an alarm on the past before it rings."
    ),
    examples=(),
    later=_COMMANDS,
)
@language_option
def signals() -> None:
    """Hold the commands of signals together."""
