"""`forgecast trace`: what a piece, a heat or a shot came from, or what came of it, with the row of each link."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from forgecast.app.cli.bilingual import BilingualCommand, argument, json_option, language_of, language_option, option
from forgecast.app.cli.genealogy import (
    assumption_options,
    assumptions_of,
    chance,
    show_contradictions,
)
from forgecast.app.cli.quality.asked import plant_argument, say_notes, show_rows
from forgecast.ground.dates import from_us
from forgecast.ground.texts import Language, text
from forgecast.plant.lineage import KIND_TITLES, KINDS
from forgecast.plant.record import record

if TYPE_CHECKING:
    from forgecast.tasks.facts_on_the_way import Attached
    from forgecast.tasks.trace_piece import Trace

#: Rows of a table on the terminal; the rest is counted.
_ROWS = 40


@click.command(
    cls=BilingualCommand,
    name="trace",
    sentence=text(
        "Trace a subject back to what it came from, or forward to what came of it. Where a link is not on record, the "
        "possible ones are shown, each with its probability from times and order."
    ),
    examples=(
        ("forgecast trace my-plant piece P-1042", text("a piece back to heats, lots, tests")),
        ("forgecast trace my-plant heat 17 --forward --out heat17.svg", text("what became of a heat, with a picture")),
        ("forgecast trace my-plant shot 88123", text("a shot of a die-casting machine")),
    ),
)
@plant_argument
@argument(
    "subject", type=click.Choice([*KINDS, "sample"]), help=text("Kind of subject: {kinds}.", kinds=", ".join(KINDS))
)
@argument("name", metavar="ID", help=text("Its number, as the records write it."))
@option("--forward", is_flag=True, help=text("What came of it, instead of what it came from."))
@option("--backward", is_flag=True, help=text("What it came from; this is what is done without an option."))
@option("--out", type=click.Path(path_type=Path, dir_okay=False), help=text("Write the picture to this SVG file."))
@option("--without-returns", is_flag=True, help=text("Do not follow metal through returns."))
@assumption_options
@json_option
@language_option
@click.pass_context
def trace(
    context: click.Context,
    *,
    plant: Path,
    subject: str,
    name: str,
    forward: bool,
    backward: bool,
    out: Path | None,
    without_returns: bool,
    least_share: float | None,
    clock: float | None,
    in_ladle: float | None,
    before_pouring: float | None,
    any_order: bool,
    as_json: bool,
) -> int:
    """Trace a subject."""
    from forgecast.app.genealogy.picture import trace_svg  # noqa: PLC0415  (the graph loads only when needed)
    from forgecast.plant.trace import LEAST_SHARE  # noqa: PLC0415
    from forgecast.store.plant_folder import PlantFolder  # noqa: PLC0415
    from forgecast.tasks.trace_piece import trace as trace_subject  # noqa: PLC0415

    if forward and backward:
        raise click.UsageError(text("--forward and --backward exclude each other").say(language_of(context)), context)
    language = language_of(context)
    with PlantFolder.open(plant) as opened:
        zone = opened.settings.zone
        answer = trace_subject(
            opened,
            subject,
            name,
            forward=forward,
            assumptions=assumptions_of(clock, in_ladle, before_pouring, any_order=any_order),
            least_share=LEAST_SHARE if least_share is None else least_share,
            through_returns=not without_returns,
        )
    if out is not None:
        out.write_text(trace_svg(answer, language, zone), encoding="utf-8")
    if as_json:
        click.echo(json.dumps(answer.as_json(), ensure_ascii=False, indent=1, default=str))
        return 0
    _show(answer, language, zone)
    if out is not None:
        click.echo(text("Picture: {path}", path=str(out)).say(language))
    return 0


def _show(answer: Trace, language: Language, zone: str) -> None:
    kind = KIND_TITLES[answer.kind]
    title = (
        text("What came of {kind} {name}", kind=kind, name=answer.name)
        if answer.direction == "forward"
        else text("What {kind} {name} came from", kind=kind, name=answer.name)
    )
    click.secho(title.say(language) + (f"  [{answer.source}]" if answer.source else ""), bold=True)
    click.echo()
    if answer.kin:
        _show_kin(answer, language, zone)
    else:
        click.echo(text("Nothing is on record, and nothing follows from times.").say(language))
    if answer.neighbours:
        click.echo()
        near = ", ".join(f"{name} [{source}]" for _, name, source in answer.neighbours)
        click.echo(text("Just before and after: {names}", names=near).say(language))
    if answer.attached:
        _show_attached(answer.attached, language, zone)
    if answer.further:
        click.echo()
        click.secho(text("What would take it further").say(language), bold=True)
        say_notes(answer.further[:8], language)
        if len(answer.further) > 8:
            click.echo(text("… and {count} more", count=len(answer.further) - 8).say(language))
    click.echo()
    say_notes(answer.assumptions, language)
    show_contradictions(answer.findings, language)


def _show_kin(answer: Trace, language: Language, zone: str) -> None:
    heads = (text("kind"), text("number"), text("time"), text("probability"), text("share"), text("row"))
    rows = []
    shown: dict[str, int] = {}
    for one in answer.kin:
        shown[one.kind] = shown.get(one.kind, 0) + 1
        if shown[one.kind] > _ROWS or one.high < 0.0005:
            continue
        when = "" if one.time is None else f"{from_us(one.time, zone):%Y-%m-%d %H:%M}"
        metal = one.kind not in {"heat_treatment", "shipment"} and answer.kind not in {"heat_treatment"}
        share = chance(one.share_low, one.share, one.share_high) if metal else ""
        source = answer.sources.get((one.kind, one.name), "")
        rows.append(
            (
                KIND_TITLES[one.kind].say(language),
                one.name,
                when,
                chance(one.low, one.probability, one.high),
                share,
                source,
            )
        )
    show_rows(heads, rows, language, right=frozenset({3, 4}))
    hidden = sum(max(count - _ROWS, 0) for count in shown.values()) + answer.not_listed
    if hidden:
        click.echo(text("… and {count} more; --json has them", count=hidden).say(language))


def _show_attached(attached: tuple[Attached, ...], language: Language, zone: str) -> None:
    click.echo()
    click.secho(text("On the way").say(language), bold=True)
    heads = (text("time"), text("record"), text("of"), text("what it says"), text("row"))
    rows = []
    for one in attached[:_ROWS]:
        when = "" if one.time is None else f"{from_us(one.time, zone):%Y-%m-%d %H:%M}"
        of = f"{KIND_TITLES[one.subject[0]].say(language)} {one.subject[1]}"
        what = text("furnace chart") if one.record == "chart" else record(one.record).title
        rows.append((when, what.say(language), of, _facts(one, language), one.source))
    show_rows(heads, rows, language)
    if len(attached) > _ROWS:
        click.echo(text("… and {count} more; --json has them", count=len(attached) - _ROWS).say(language))


def _facts(one: Attached, language: Language) -> str:
    """Return up to five values of a record, with their units."""
    if one.record == "chart":
        low, high, count = (one.values[name] for name in ("lowest", "highest", "readings"))
        said_chart = text(
            "{low} to {high} {unit}, {count} readings",
            low=str(low),
            high=str(high),
            unit=str(one.values["unit"]),
            count=str(count),
        )
        return said_chart.say(language)
    said = []
    for field in record(one.record).fields:
        value = one.values.get(field.name)
        if value is None or field.key or field.refers or field.kind in {"time", "date"}:
            continue
        if field.is_number and isinstance(value, int | float):
            name = (
                field.name.removesuffix("_percent").removesuffix("_degC")
                if language == "en"
                else field.header.say("zh")
            )
            said.append(f"{name} {value:g} {field.unit}".strip())
        elif field.kind == "code":
            zh = next((choice.zh for choice in field.choices if choice.code == value), str(value))
            said.append(zh if language == "zh" else str(value))
        elif field.kind == "text":
            said.append(str(value))
    return ", ".join(said[:5])
