"""Whether the loops over cells still have to be compiled for this machine, which takes longer than many a run."""

from __future__ import annotations

import click

from forgecast.ground.texts import Language, text


def say_if_compiling(language: Language) -> None:
    """Say on standard error that the first run compiles, if it does."""
    from forgecast.casting.kernels.heat import super_step  # noqa: PLC0415  (loads slowly)
    from forgecast.ground.compiled import is_compiled  # noqa: PLC0415

    if not is_compiled(super_step):
        message = text("Compiling for this machine; only the first run after an installation has to, up to a minute.")
        click.echo(message.say(language), err=True)
