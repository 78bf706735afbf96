"""`forgecast certificate verify`: whether a certificate is as its issuer signed it, checked offline."""

from __future__ import annotations

import json
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
from forgecast.ground.texts import text


@click.command(
    cls=BilingualCommand,
    name="verify",
    sentence=text(
        "Verify a certificate offline with the issuer's public key: any changed byte of its JSON, PDF or signature is "
        "found. The .json, .pdf and .jws have to lie in one folder under one name."
    ),
    examples=(("forgecast certificate verify D-201-3.1.pdf --key public.jwk", text("any of its three files will do")),),
)
@argument("file", type=click.Path(path_type=Path, dir_okay=False), help=text("A certificate's .pdf, .json or .jws."))
@option("--key", type=click.Path(path_type=Path, dir_okay=False), required=True, help=text(
    "Public key of the issuer (public.jwk)."))  # fmt: skip
@json_option
@language_option
@click.pass_context
def verify(context: click.Context, *, file: Path, key: Path, as_json: bool) -> int:
    """Verify a certificate."""
    from forgecast.tasks.verify_certificate import verify_certificate  # noqa: PLC0415  (loads only when needed)

    found = verify_certificate(file, key)
    if as_json:
        click.echo(json.dumps({"ok": True, **found.as_json()}, ensure_ascii=False, indent=1))
        return 0
    language = language_of(context)
    lead = text(
        "Unchanged: {type} no. {number} of {works}, issued on {day}.",
        type=found.type,
        number=found.number,
        works=found.works,
        day=found.issued_on,
    )
    click.secho(lead.say(language), bold=True)
    click.echo(text("Checked: {files}", files=", ".join(found.checked)).say(language))
    click.echo(f"SHA-256 {found.sha256}")
    click.echo(text("Key: {key_id}; compare it with what the issuer told you.", key_id=found.key_id).say(language))
    return 0
