"""The group `forgecast forging` and its commands, each loaded when it is called."""

from __future__ import annotations

import click

from forgecast.app.cli.bilingual import BilingualGroup, language_option
from forgecast.ground.texts import text


def _estimate() -> click.Command:
    from forgecast.app.cli.forging.estimate import estimate  # noqa: PLC0415

    return estimate


def _press() -> click.Command:
    from forgecast.app.cli.forging.press import press  # noqa: PLC0415

    return press


def _fit() -> click.Command:
    from forgecast.app.cli.forging.fit import fit  # noqa: PLC0415

    return fit


def _show() -> click.Command:
    from forgecast.app.cli.forging.metals import show  # noqa: PLC0415

    return show


def _ring_test() -> click.Command:
    from forgecast.app.cli.forging.ring_test import ring_test  # noqa: PLC0415

    return ring_test


@click.group(
    cls=BilingualGroup,
    name="flow-stress",
    sentence=text("Flow stress of hot metal: look up what is shipped, or fit coefficients to your own curves."),
    examples=(
        ("forgecast forging flow-stress show", text("what is shipped, with validity and source")),
        ("forgecast forging flow-stress fit curves.csv --out steel", text("coefficients of your own steel")),
    ),
    later={"show": _show, "fit": _fit},
)
@language_option
def flow_stress() -> None:
    """Hold the commands of flow stress together."""


@click.group(
    cls=BilingualGroup,
    name="forging",
    sentence=text(
        "Choose billet, heating and machine of a forging, run its stroke, and learn flow stress and friction from "
        "tests."
    ),
    examples=(
        ("forgecast forging estimate blank.toml --out blank", text("billet, heating, load, machines, energy")),
        ("forgecast forging press press.toml --out run", text("a forming run in finite elements")),
        ("forgecast forging flow-stress show c45", text("a metal's flow stress over temperature and rate")),
        (
            "forgecast forging ring-test rings.csv --outer 36mm --bore 18mm --height 12mm",
            text("the friction factor of your dies and lubricant"),
        ),
    ),
    later={"estimate": _estimate, "press": _press, "flow-stress": lambda: flow_stress, "ring-test": _ring_test},
)
@language_option
def forging() -> None:
    """Hold the commands of forging together."""
