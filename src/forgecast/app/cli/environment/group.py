"""The group `forgecast environment` and its commands, each loaded when it is called."""

from __future__ import annotations

import click

from forgecast.app.cli.bilingual import BilingualGroup, language_option
from forgecast.ground.texts import text


def _hours() -> click.Command:
    from forgecast.app.cli.environment.hours import hours  # noqa: PLC0415

    return hours


def _ledger() -> click.Command:
    from forgecast.app.cli.environment.permit import ledger  # noqa: PLC0415

    return ledger


def _report() -> click.Command:
    from forgecast.app.cli.environment.permit import report  # noqa: PLC0415

    return report


def _mass() -> click.Command:
    from forgecast.app.cli.environment.flows import mass  # noqa: PLC0415

    return mass


def _sand() -> click.Command:
    from forgecast.app.cli.environment.flows import sand  # noqa: PLC0415

    return sand


def _waste() -> click.Command:
    from forgecast.app.cli.environment.flows import waste  # noqa: PLC0415

    return waste


def _emergency() -> click.Command:
    from forgecast.app.cli.environment.emergency import emergency  # noqa: PLC0415

    return emergency


@click.group(
    cls=BilingualGroup,
    name="environment",
    sentence=text(
        "Judge every hour of every stack, keep the permit ledger by itself, and write the execution report, with the "
        "mass emitted, sand, waste and the emergency plan."
    ),
    examples=(
        ("forgecast environment hours my-plant --month 2025-09", text("which hours were above a limit")),
        (
            "forgecast environment ledger my-plant --quarter 2025Q3 --out ledger.xlsx",
            text("the ledger, and what it lacks"),
        ),
        (
            "forgecast environment report my-plant --quarter 2025Q3 --scale 1% --out report.pdf",
            text("the execution report to sign"),
        ),
        ("forgecast environment mass my-plant --year 2025", text("mass emitted against the permit")),
    ),
    later={
        "hours": _hours,
        "ledger": _ledger,
        "report": _report,
        "mass": _mass,
        "sand": _sand,
        "waste": _waste,
        "emergency": _emergency,
    },
)
@language_option
def environment() -> None:
    """Hold the commands of the environment together."""
