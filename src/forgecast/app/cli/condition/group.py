"""The group `forgecast condition` and its commands, each loaded when it is called."""

from __future__ import annotations

import click

from forgecast.app.cli.bilingual import BilingualGroup, language_option
from forgecast.ground.texts import text


def _oee() -> click.Command:
    from forgecast.app.cli.condition.oee import oee  # noqa: PLC0415

    return oee


def _changes() -> click.Command:
    from forgecast.app.cli.condition.changes import changes  # noqa: PLC0415

    return changes


def _discords() -> click.Command:
    from forgecast.app.cli.condition.discords import discords  # noqa: PLC0415

    return discords


def _anomaly() -> click.Command:
    from forgecast.app.cli.condition.anomaly import anomaly  # noqa: PLC0415

    return anomaly


def _bearing() -> click.Command:
    from forgecast.app.cli.condition.bearing import bearing  # noqa: PLC0415

    return bearing


def _lining() -> click.Command:
    from forgecast.app.cli.condition.lining import lining  # noqa: PLC0415

    return lining


def _press() -> click.Command:
    from forgecast.app.cli.condition.press import press  # noqa: PLC0415

    return press


def _life() -> click.Command:
    from forgecast.app.cli.condition.life import life  # noqa: PLC0415

    return life


def _card() -> click.Command:
    from forgecast.app.cli.condition.card import card  # noqa: PLC0415

    return card


@click.group(
    cls=BilingualGroup,
    name="condition",
    sentence=text(
        "Watch machines: how they spend their time, what changed, what is strange, bearings, linings, force curves, "
        "how long a part lasts, and a card for a fault."
    ),
    examples=(
        ("forgecast condition oee my-plant P1 --out oee.png", text("where the hours of a machine went")),
        ("forgecast condition changes my-plant F1.power --every 1h", text("when the level of a signal changed")),
        ("forgecast condition bearing run.csv 'acc [m/s2]' --rate 12kHz --rpm 1797 --bearing 6205",
         text("the state of a bearing, with its evidence")),
        ("forgecast condition card my-plant F1 --out card.html",
         text("what is wrong with a furnace, and what to check")),
    ),
    later={
        "oee": _oee, "changes": _changes, "discords": _discords, "anomaly": _anomaly, "bearing": _bearing,
        "lining": _lining, "press": _press, "life": _life, "card": _card,
    },
)  # fmt: skip
@language_option
def condition() -> None:
    """Hold the commands of condition together."""
