"""The group `forgecast melting` and its commands, each loaded when it is called."""

from __future__ import annotations

import click

from forgecast.app.cli.bilingual import BilingualGroup, language_option
from forgecast.ground.texts import text


def _charge() -> click.Command:
    from forgecast.app.cli.melting.charge import charge  # noqa: PLC0415

    return charge


def _correct() -> click.Command:
    from forgecast.app.cli.melting.correct import correct  # noqa: PLC0415

    return correct


def _curve() -> click.Command:
    from forgecast.app.cli.melting.curve import curve  # noqa: PLC0415

    return curve


def _balance() -> click.Command:
    from forgecast.app.cli.melting.balance import balance  # noqa: PLC0415

    return balance


def _fade() -> click.Command:
    from forgecast.app.cli.melting.fade import fade  # noqa: PLC0415

    return fade


@click.group(
    cls=BilingualGroup,
    name="melting",
    sentence=text("Mix the cheapest charge, correct a bath, read a cooling curve, and see whether the metal balances."),
    examples=(
        ("forgecast melting charge charge.toml --out charge", text("the cheapest charge, and what binds it")),
        ("forgecast melting correct bath.toml", text("what to add after a sample")),
        ("forgecast melting curve cup.csv --alloy iron", text("liquidus, undercooling, recalescence, equivalent")),
        ("forgecast melting balance my-plant --scale 0.5%", text("does the metal of each month close?")),
    ),
    later={"charge": _charge, "correct": _correct, "fade": _fade, "curve": _curve, "balance": _balance},
)
@language_option
def melting() -> None:
    """Hold the commands of melting together."""
