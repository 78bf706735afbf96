"""The group `forgecast casting` and its commands, each loaded when it is called."""

from __future__ import annotations

import click

from forgecast.app.cli.bilingual import BilingualGroup, language_option
from forgecast.ground.texts import text


def _measure() -> click.Command:
    from forgecast.app.cli.casting.measure import measure  # noqa: PLC0415

    return measure


def _freeze() -> click.Command:
    from forgecast.app.cli.casting.freeze import freeze  # noqa: PLC0415

    return freeze


def _riser() -> click.Command:
    from forgecast.app.cli.casting.riser import riser  # noqa: PLC0415

    return riser


def _optimise() -> click.Command:
    from forgecast.app.cli.casting.optimise import optimise  # noqa: PLC0415

    return optimise


def _gate() -> click.Command:
    from forgecast.app.cli.casting.gate import gate  # noqa: PLC0415

    return gate


def _identify() -> click.Command:
    from forgecast.app.cli.casting.identify import identify  # noqa: PLC0415

    return identify


def _alloys() -> click.Command:
    from forgecast.app.cli.casting.materials import list_alloys  # noqa: PLC0415

    return list_alloys


def _media() -> click.Command:
    from forgecast.app.cli.casting.materials import list_media  # noqa: PLC0415

    return list_media


@click.group(
    cls=BilingualGroup,
    name="casting",
    sentence=text("Simulate a casting: how it freezes, where it shrinks, and which risers and gates it needs."),
    examples=(
        ("forgecast casting alloys", text("which alloys are known, and how well")),
        ("forgecast casting measure bracket.stl --unit mm", text("volume, mass, walls and modulus of a solid")),
        (
            "forgecast casting freeze bracket.stl --unit mm --alloy A356 --mould green-sand --pour 700degC --out run",
            text("freeze it in its mould; results go into the folder `run`"),
        ),
    ),
    later={
        "measure": _measure,
        "freeze": _freeze,
        "riser": _riser,
        "optimise": _optimise,
        "gate": _gate,
        "identify": _identify,
        "alloys": _alloys,
        "media": _media,
    },
)
@language_option
def casting() -> None:
    """Hold the commands of casting together."""
