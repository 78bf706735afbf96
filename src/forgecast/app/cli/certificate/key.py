"""`forgecast certificate key`: make the key pair that certificates are signed with."""

from __future__ import annotations

import json
import os
from pathlib import Path

import click

from forgecast.app.cli.bilingual import (
    BilingualCommand,
    argument,
    json_option,
    language_of,
    language_option,
    option,
)
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Language, text

#: Environment variable that holds the passphrase of a key, where nobody is there to be asked.
VARIABLE = "FORGECAST_PASSPHRASE"


@click.command(
    cls=BilingualCommand,
    name="key",
    sentence=text(
        "Make a key to sign certificates with (Ed25519): private.pem, which only you may read, and public.jwk, which "
        "you hand to whoever is to verify."
    ),
    examples=(
        ("forgecast certificate key keys", text("the private key lies there as it is")),
        ("forgecast certificate key keys --passphrase", text("it is encrypted; you are asked for the passphrase")),
    ),
)
@argument("folder", type=click.Path(path_type=Path), help=text("Folder for both files; made if it is missing."))
@option("--passphrase", is_flag=True, help=text(
    "Encrypt the private key; the passphrase is asked for, or taken from FORGECAST_PASSPHRASE."))  # fmt: skip
@json_option
@language_option
@click.pass_context
def key(context: click.Context, *, folder: Path, passphrase: bool, as_json: bool) -> int:
    """Make a key pair."""
    from forgecast.gateway.signature import make_key  # noqa: PLC0415  (loads only when needed)

    language = language_of(context)
    private, public, key_id = make_key(folder, passphrase=asked_passphrase(language, new=True) if passphrase else "")
    if as_json:
        told = {"ok": True, "private": str(private), "public": str(public), "key_id": key_id}
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
        return 0
    click.echo(
        text("Made {private}: keep it secret, and keep a copy where it cannot burn.", private=str(private)).say(
            language
        )
    )
    click.echo(text("Made {public}: hand it to whoever is to verify.", public=str(public)).say(language))
    click.echo(text("Thumbprint: {key_id}; tell it by another way than the file.", key_id=key_id).say(language))
    return 0


def asked_passphrase(language: Language, *, new: bool) -> str:
    """Return the passphrase of a key, from the environment or asked for without showing it.

    Raises
    ------
    ForgecastError
        If it is empty.
    """
    given = os.environ.get(VARIABLE, "")
    found = given or click.prompt(
        text("Passphrase").say(language), hide_input=True, confirmation_prompt=new, err=True, default="",
        show_default=False,
    )  # fmt: skip
    if not found:
        raise ForgecastError(
            text("no passphrase was given"),
            repair=text("type one when asked, or put it into {variable}", variable=VARIABLE),
        )
    return str(found)
