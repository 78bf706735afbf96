"""The group `forgecast carbon` and its commands, each loaded when it is called."""

from __future__ import annotations

import click

from forgecast.app.cli.bilingual import BilingualGroup, language_option
from forgecast.ground.texts import text


def _inventory() -> click.Command:
    from forgecast.app.cli.carbon.inventory import inventory  # noqa: PLC0415

    return inventory


def _product() -> click.Command:
    from forgecast.app.cli.carbon.product import product  # noqa: PLC0415

    return product


def _cbam() -> click.Command:
    from forgecast.app.cli.carbon.cbam import cbam  # noqa: PLC0415

    return cbam


def _factors() -> click.Command:
    from forgecast.app.cli.carbon.factors import factors  # noqa: PLC0415

    return factors


@click.group(
    cls=BilingualGroup,
    name="carbon",
    sentence=text(
        "Count the greenhouse gases of a plant and of a product by dated factors, and what CBAM asks of its importer."
    ),
    examples=(
        (
            "forgecast carbon cbam 73261990 --price 80",
            text("what a Chinese forging costs its importer by default values"),
        ),
        ("forgecast carbon inventory my-plant", text("scopes 1, 2 and bought materials of the last twelve months")),
        ("forgecast carbon product my-plant C-101", text("the footprint of a kilogram and of a piece")),
        ("forgecast carbon factors my-plant", text("which factors the plant's answers rest on")),
    ),
    later={"inventory": _inventory, "product": _product, "cbam": _cbam, "factors": _factors},
)
@language_option
def carbon() -> None:
    """Hold the commands of carbon together."""
