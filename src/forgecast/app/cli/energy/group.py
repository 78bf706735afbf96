"""The group `forgecast energy` and its commands, each loaded when it is called."""

from __future__ import annotations

import click

from forgecast.app.cli.bilingual import BilingualGroup, language_option
from forgecast.ground.texts import text


def _balance() -> click.Command:
    from forgecast.app.cli.energy.balance import balance  # noqa: PLC0415

    return balance


def _baseline() -> click.Command:
    from forgecast.app.cli.energy.baseline import baseline  # noqa: PLC0415

    return baseline


def _savings() -> click.Command:
    from forgecast.app.cli.energy.savings import savings  # noqa: PLC0415

    return savings


def _cost() -> click.Command:
    from forgecast.app.cli.energy.cost import cost  # noqa: PLC0415

    return cost


def _shift() -> click.Command:
    from forgecast.app.cli.energy.shift import shift  # noqa: PLC0415

    return shift


def _diagnose() -> click.Command:
    from forgecast.app.cli.energy.diagnose import diagnose  # noqa: PLC0415

    return diagnose


@click.group(
    cls=BilingualGroup,
    name="energy",
    sentence=text(
        "Balance meters, fit baselines, prove savings, bill by tariff, shift melting, and find what is wasted."
    ),
    examples=(
        ("forgecast energy balance my-plant", text("the unmetered rest at every meter, and whose fault a bad one is")),
        ("forgecast energy baseline my-plant --driver heat_t --by day", text("what drives electricity, day by day")),
        ("forgecast energy savings my-plant M1", text("what a measure has saved, with its interval")),
        ("forgecast energy cost my-plant --out load.png", text("the bill by tariff, and what made the peak")),
        ("forgecast energy diagnose my-plant", text("where energy goes to waste, ranked")),
    ),
    later={
        "diagnose": _diagnose,
        "balance": _balance,
        "baseline": _baseline,
        "savings": _savings,
        "cost": _cost,
        "shift": _shift,
    },
)
@language_option
def energy() -> None:
    """Hold the commands of energy together."""
