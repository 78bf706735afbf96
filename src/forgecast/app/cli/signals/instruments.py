"""`forgecast signals instruments`: what is connected, and whether units and tags go together."""

from __future__ import annotations

import json
from pathlib import Path

import click

from forgecast.app.cli.bilingual import BilingualCommand, json_option, language_of, language_option, option
from forgecast.app.cli.quality.asked import plant_argument, say, show_rows
from forgecast.ground.finding import Severity
from forgecast.ground.texts import text


@click.command(
    cls=BilingualCommand,
    name="instruments",
    sentence=text(
        "Show what instruments.toml of a plant connects, and compare its units with the record tag, without connecting."
    ),
    examples=(
        ("forgecast signals instruments my-plant", text("before collecting")),
        ("forgecast signals instruments my-plant --strict", text("exit code 1 where a value would not be taken")),
    ),
)
@plant_argument
@option("--strict", is_flag=True, help=text("Leave with exit code 1 where a value would not be taken."))
@json_option
@language_option
@click.pass_context
def instruments(context: click.Context, *, plant: Path, strict: bool, as_json: bool) -> int:
    """Show what is connected."""
    from forgecast.gateway.instruments import kind_of, points_of  # noqa: PLC0415  (loads only when needed)
    from forgecast.store.plant_folder import PlantFolder  # noqa: PLC0415
    from forgecast.tasks.check_instruments import check_instruments  # noqa: PLC0415

    with PlantFolder.open(plant) as opened:
        checked = check_instruments(opened)
    language = language_of(context)
    if as_json:
        click.echo(json.dumps(checked.as_json(), ensure_ascii=False, indent=1))
        return 1 if strict and not checked.ok else 0
    rows = []
    for one in checked.instruments.gateways:
        points = points_of(one)
        rows += [(one.name, kind_of(one), p.tag, p.unit, checked.units.get(p.tag, "")) for p in points]
        if not points:
            rows.append((one.name, kind_of(one), "*", "", ""))
    heads = (text("Gateway"), text("protocol"), text("Tag"), text("unit sent"), text("unit of the tag"))
    show_rows(heads, rows, language)
    for finding in checked.findings:
        mark = "✗" if finding.severity is Severity.REFUSED else "·"
        click.echo(f"{mark} {finding.place}: {finding.reason.say(language)} → {finding.repair.say(language)}")
    if checked.ok:
        say(text("All values will be taken. Collect them with `forgecast signals collect {plant}`.", plant=str(plant)),
            language)  # fmt: skip
    return 1 if strict and not checked.ok else 0
