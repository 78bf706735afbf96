"""`forgecast epcis`: events of a plant for others, those of others for the plant, and what is wrong with a document."""

from __future__ import annotations

import json
from pathlib import Path

import click
from rich.console import Console

from forgecast.app.cli.bilingual import (
    BilingualGroup,
    argument,
    json_option,
    language_of,
    language_option,
    option,
)
from forgecast.app.cli.plant_words import by_option
from forgecast.ground.errors import ForgecastError
from forgecast.ground.finding import Finding, Severity
from forgecast.ground.texts import Language, text

_plant = argument("folder", metavar="PLANT", type=click.Path(path_type=Path), help=text("Folder of the plant."))
_base = option(
    "--base",
    default="",
    metavar="ADDRESS",
    help=text("Web address of yours under which your numbers live: heats, lots, shipments have no GS1 key."),
)


@click.group(
    cls=BilingualGroup,
    name="epcis",
    sentence=text("Exchange what happened with customers and suppliers: EPCIS 2.0 in JSON-LD."),
    examples=(
        (
            "forgecast epcis export my-plant --shipment D-201 --base https://id.foundry.example --out d201.jsonld",
            text("the events of one shipment, back to its lots"),
        ),
        ("forgecast epcis import my-plant supplier.jsonld", text("take in what a supplier sends")),
        ("forgecast epcis check supplier.jsonld", text("what is wrong with a document, event by event")),
    ),
)
@language_option
def epcis() -> None:
    """Hold the commands of events together."""


@epcis.command(
    name="export",
    sentence=text(
        "Write the events of a plant, of a shipment or of a piece: lots received, heats melted from them, pieces made "
        "of these, heat treatment, inspections, certificates, shipment. Where it is not certain which heat a piece "
        "is of, every candidate is told with its probability. Prices are never told."
    ),
    examples=(
        (
            "forgecast epcis export my-plant --shipment D-201 --base https://id.foundry.example --out d201.jsonld",
            text("for the customer"),
        ),
        (
            "forgecast epcis export my-plant --piece P-17 --base https://id.foundry.example --bare --out p17.jsonld",
            text("one piece, in the words of EPCIS alone"),
        ),
    ),
)
@_plant
@option("--shipment", help=text("Only this shipment: its pieces, and all they came of."))
@option("--piece", help=text("Only this piece or batch, and all it came of."))
@_base
@option("--bare", is_flag=True, help=text("Leave out our own fields; such a document cannot be read back whole."))
@option("--site", default="", help=text("Site whose GLN is given, where several are recorded."))
@option("--stem", default="", metavar="ADDRESS", help=text("Address of your resolver; without it https://id.gs1.org."))
@option("--out", required=True, type=click.Path(path_type=Path, dir_okay=False), help=text("File to write."))
@json_option
@language_option
@click.pass_context
def export(
    context: click.Context,
    *,
    folder: Path,
    shipment: str | None,
    piece: str | None,
    base: str,
    bare: bool,
    site: str,
    stem: str,
    out: Path,
    as_json: bool,
) -> int:
    """Write events to a file."""
    from forgecast.app.cli.casting.show import show_findings  # noqa: PLC0415
    from forgecast.app.cli.progress import progress_bar  # noqa: PLC0415
    from forgecast.app.report.write import write_whole  # noqa: PLC0415
    from forgecast.plant.identifier import GS1_STEM  # noqa: PLC0415
    from forgecast.store.plant_folder import PlantFolder  # noqa: PLC0415
    from forgecast.tasks.export_events import export_events  # noqa: PLC0415

    language = language_of(context)
    if shipment is not None and piece is not None:
        raise ForgecastError(
            text("a shipment and a piece are both asked for"),
            where="--piece",
            repair=text("ask for one of them, and write two files if you need both"),
        )
    if not out.parent.is_dir():
        raise ForgecastError(
            text("the folder of the file does not exist"),
            where=str(out.parent),
            repair=text("make the folder, or name a file in a folder that exists"),
        )
    with PlantFolder.open(folder) as opened, progress_bar(text("exporting").say(language)) as progress:
        made = export_events(
            opened, base=base, shipment=shipment, piece=piece, bare=bare, stem=stem or GS1_STEM, site=site,
            progress=progress,
        )  # fmt: skip
    content = json.dumps(made.document, ensure_ascii=False, indent=1) + "\n"
    write_whole(out, content.encode("utf-8"))
    if as_json:
        told = {
            "ok": True,
            "file": str(out),
            "events": dict(made.counts),
            "findings": [finding.as_json() for finding in made.findings],
        }
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
        return 0
    count = sum(made.counts.values())
    if not count:
        click.echo(
            text("There is nothing to tell yet: the plant has no lots, heats, pieces or shipments.").say(language)
        )
    for kind, number in sorted(made.counts.items()):
        click.echo(f"{number:>8,}  {kind}")
    show_findings(made.findings, language)
    click.echo(text("Events: {count}, in {file}", count=count, file=str(out)).say(language))
    return 0


@epcis.command(
    name="import",
    sentence=text(
        "Take an EPCIS 2.0 document into a plant, wholly or not at all. What its events say goes into the records as "
        "far as these have a place for it; every event, or part of one, that went into none is shown. Numbers of the "
        "sender stay whole addresses unless --base says where they live, so that they are never taken for yours."
    ),
    examples=(
        ("forgecast epcis import my-plant supplier.jsonld", text("a supplier's document")),
        (
            "forgecast epcis import copy all.jsonld --base https://id.foundry.example",
            text("your own document into another plant folder, with your own numbers"),
        ),
    ),
)
@_plant
@argument("file", type=click.Path(path_type=Path, dir_okay=False), help=text("EPCIS 2.0 document (JSON-LD)."))
@option("--base", default="", metavar="ADDRESS", help=text("Web address under which the sender's numbers live."))
@by_option
@json_option
@language_option
@click.pass_context
def import_(context: click.Context, *, folder: Path, file: Path, base: str, by: str, as_json: bool) -> int:
    """Take a document in."""
    from forgecast.app.cli.plant_files import show_import  # noqa: PLC0415
    from forgecast.app.cli.progress import progress_bar  # noqa: PLC0415
    from forgecast.store.plant_folder import PlantFolder  # noqa: PLC0415
    from forgecast.tasks.import_events import import_events  # noqa: PLC0415
    from forgecast.tasks.import_files import ImportReport  # noqa: PLC0415

    language = language_of(context)
    with PlantFolder.open(folder) as opened, progress_bar(text("importing").say(language)) as progress:
        report = ImportReport((import_events(opened, file, base=base, by=by, progress=progress),))
    if as_json:
        click.echo(json.dumps(report.as_json(), ensure_ascii=False, indent=1))
        return 0
    show_import(report, Console(), language)
    return 0


@epcis.command(
    name="check",
    sentence=text(
        "Say what is wrong with an EPCIS 2.0 document, with the place of each defect: fields, words, times, units, and "
        "the check digits of the GS1 keys in it."
    ),
    examples=(
        ("forgecast epcis check supplier.jsonld", text("before it is taken in")),
        ("forgecast epcis check supplier.jsonld --strict", text("exit code 1 if anything is wrong")),
    ),
)
@argument("file", type=click.Path(path_type=Path, dir_okay=False), help=text("EPCIS 2.0 document (JSON-LD)."))
@option("--strict", is_flag=True, help=text("Leave with exit code 1 if anything is wrong."))
@json_option
@language_option
@click.pass_context
def check(context: click.Context, *, file: Path, strict: bool, as_json: bool) -> int:
    """Check a document."""
    from forgecast.app.cli.casting.show import show_table  # noqa: PLC0415
    from forgecast.tasks.check_events import check_events  # noqa: PLC0415

    language = language_of(context)
    events, findings = check_events(file)
    wrong = [finding for finding in findings if finding.severity == Severity.REFUSED]
    if as_json:
        told = {"ok": not wrong, "events": events, "findings": [finding.as_json() for finding in findings]}
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
        return 1 if strict and wrong else 0
    if findings:
        heads = (text("event"), text("field"), text("value"), text("what is wrong"), text("repair"))
        show_table(heads, (_cells(one, language) for one in findings), language)
        click.echo()
    said = (
        text("Events: {count}; defects: {wrong}.", count=events, wrong=len(wrong))
        if wrong
        else text("Events: {count}; nothing is wrong with them.", count=events)
    )
    click.echo(said.say(language))
    return 1 if strict and wrong else 0


def _cells(finding: Finding, language: Language) -> tuple[str, ...]:
    place = finding.place
    return (
        "" if place.row is None else str(place.row),
        place.column,
        finding.value,
        finding.reason.say(language),
        finding.repair.say(language),
    )
