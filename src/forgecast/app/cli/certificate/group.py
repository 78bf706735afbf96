"""The group `forgecast certificate` and its commands, each loaded when it is called."""

from __future__ import annotations

import click

from forgecast.app.cli.bilingual import BilingualGroup, language_option
from forgecast.ground.texts import text


def _issue() -> click.Command:
    from forgecast.app.cli.certificate.issue import issue  # noqa: PLC0415

    return issue


def _verify() -> click.Command:
    from forgecast.app.cli.certificate.verify import verify  # noqa: PLC0415

    return verify


def _key() -> click.Command:
    from forgecast.app.cli.certificate.key import key  # noqa: PLC0415

    return key


@click.group(
    cls=BilingualGroup,
    name="certificate",
    sentence=text(
        "Issue inspection documents by EN 10204 from the records of a plant, signed, and verify them offline."
    ),
    examples=(
        ("forgecast certificate key keys", text("make a key once; hand out public.jwk")),
        (
            "forgecast certificate issue my-plant D-201 --type 3.1 --by 'A. Name' --key keys/private.pem --out out",
            text("PDF, JSON and signature for a shipment, or every reason why not"),
        ),
        ("forgecast certificate verify out/D-201-3.1.pdf --key public.jwk", text("whether a byte was changed")),
    ),
    later={"issue": _issue, "verify": _verify, "key": _key},
)
@language_option
def certificate() -> None:
    """Hold the commands of certificates together."""
