"""`forgecast certificate issue`: an inspection document for a shipment, or every reason why there is none."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from forgecast.app.cli.bilingual import (
    BilingualCommand,
    argument,
    json_option,
    language_of,
    language_option,
    option,
)
from forgecast.app.cli.certificate.key import asked_passphrase
from forgecast.app.cli.grade import rule_option, section_option, state_option, table_option
from forgecast.ground.texts import Language, text

if TYPE_CHECKING:
    from forgecast.tasks.issue_certificate import Issued


@click.command(
    cls=BilingualCommand,
    name="issue",
    sentence=text(
        "Issue an inspection document by EN 10204:2004 for a shipment, from the plant's records alone: PDF in both "
        "languages, JSON with the field codes of EN 10168, and a signature. A 3.1 needs tests of the very heats "
        "shipped that meet the grade; what is missing or not met is told with its place."
    ),
    examples=(
        (
            "forgecast certificate issue my-plant D-201 --type 3.1 --by 'A. Name' --key keys/private.pem --out out",
            text("an inspection certificate"),
        ),
        (
            "forgecast certificate issue my-plant D-201 --type 2.1 --by 'A. Name' --key keys/private.pem --out out",
            text("a declaration of compliance, without results"),
        ),
    ),
)
@argument("folder", metavar="PLANT", type=click.Path(path_type=Path), help=text("Folder of the plant."))
@argument("shipment", help=text("Number of the shipment."))
@option("--type", "kind", required=True, metavar="2.1|2.2|3.1", help=text("Type by EN 10204."))
@option("--by", required=True, help=text(
    "Who issues it; for a 3.1 one of the representatives named in certificate.toml of the plant."))  # fmt: skip
@option("--key", type=click.Path(path_type=Path, dir_okay=False), required=True, help=text(
    "Private key (`forgecast certificate key`)."))  # fmt: skip
@option("--out", type=click.Path(path_type=Path, file_okay=False), required=True, help=text("Folder for the files."))
@option("--number", default="", help=text("Number of the certificate; without it shipment and type."))
@option("--grade", default="", help=text("Grade to judge by; without it the one of the product's record."))
@section_option
@state_option
@rule_option
@table_option
@json_option
@language_option
@click.pass_context
def issue(
    context: click.Context,
    *,
    folder: Path,
    shipment: str,
    kind: str,
    by: str,
    key: Path,
    out: Path,
    number: str,
    grade: str,
    section: float | None,
    state: str,
    rule: str,
    tables: tuple[Path, ...],
    as_json: bool,
) -> int:
    """Issue a certificate."""
    from forgecast.app.certificate.page import render_certificate  # noqa: PLC0415  (loads only when needed)
    from forgecast.gateway.signature import is_encrypted  # noqa: PLC0415
    from forgecast.quality.release import DecisionRule  # noqa: PLC0415
    from forgecast.store.plant_folder import PlantFolder  # noqa: PLC0415
    from forgecast.tasks.certificate_contents import CertificateRequest  # noqa: PLC0415
    from forgecast.tasks.check_grade import own_grades  # noqa: PLC0415
    from forgecast.tasks.issue_certificate import issue_certificate  # noqa: PLC0415

    language = language_of(context)
    request = CertificateRequest(
        shipment=shipment,
        type=kind,
        by=by,
        grade=grade,
        state=state,
        section_mm=None if section is None else 1000.0 * section,
        rule=DecisionRule(rule),
        number=number,
        own=own_grades(folder, tables),
    )
    passphrase = asked_passphrase(language, new=False) if is_encrypted(key) else ""
    with PlantFolder.open(folder) as plant:
        issued = issue_certificate(
            plant,
            request,
            key=key,
            passphrase=passphrase,
            folder=out,
            draw=render_certificate,
            now=time.time_ns() // 1_000,
        )
    if as_json:
        click.echo(json.dumps({"ok": True, "issued": [one.as_json() for one in issued]}, ensure_ascii=False, indent=1))
    else:
        _show(issued, language)
    return 0


def _show(issued: Sequence[Issued], language: Language) -> None:
    for one in issued:
        said = text(
            "Issued {number}: EN 10204 {type} for {count} pieces of {product}, heats {heats}.",
            number=one.certificate.number,
            type=one.certificate.type,
            count=one.certificate.count,
            product=one.certificate.product,
            heats=", ".join(one.certificate.sources) or "—",
        )
        click.secho(said.say(language), bold=True)
        for path in (one.pdf, one.json, one.jws):
            click.echo(f"  {path}")
        click.echo(f"  SHA-256 {one.sha256}")
