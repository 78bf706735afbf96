"""The group `forgecast standing` and its commands, each loaded when it is called."""

from __future__ import annotations

import click

from forgecast.app.cli.bilingual import BilingualGroup, language_option
from forgecast.ground.texts import text


@click.group(
    cls=BilingualGroup,
    name="standing",
    sentence=text("See where the plant stands: what its records prove, its score, its peers, its duties and grades."),
    later={},
)
@language_option
def standing() -> None:
    """Hold the commands of the plant's standing together."""
