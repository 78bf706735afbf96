"""Whether the loops over cells still have to be compiled for this machine, which takes longer than many a run."""

from __future__ import annotations

import os
from pathlib import Path

import click

from forgecast.ground.texts import Language, text


def say_if_compiling(language: Language) -> None:
    """Say on standard error that the first run compiles, if it does."""
    if _first_run():
        message = text("Compiling for this machine; only the first run after an installation has to, up to a minute.")
        click.echo(message.say(language), err=True)


def _first_run() -> bool:
    """Tell whether no compiled loop lies where numba keeps them; where that is elsewhere, nothing is said."""
    from forgecast.casting import kernels  # noqa: PLC0415

    cache = Path(kernels.__path__[0]) / "__pycache__"
    if "NUMBA_CACHE_DIR" in os.environ or not os.access(cache.parent, os.W_OK):
        return False
    return not any(cache.glob("heat.*.nbc"))
