"""`forgecast recall`: which pieces a heat, a lot, a load, a sample or a sensor event touched, and where they are."""

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
    instant,
    show_contradictions,
)
from forgecast.app.cli.quality.asked import plant_argument, say_notes, show_rows
from forgecast.ground.texts import Language, Text, text
from forgecast.plant.lineage import KIND_TITLES, KINDS, Relation

if TYPE_CHECKING:
    from forgecast.plant.recall import Narrowing
    from forgecast.tasks.recall_pieces import RecallAnswer

_ROWS = 30
_LEVELS = {
    "mould": text("mould or shot"),
    "ladle": text("ladle or holding furnace"),
    "heat": text("heat"),
    "lot": text("lot"),
    "heat_treatment": text("heat-treatment lot"),
}


@click.command(
    cls=BilingualCommand,
    name="recall",
    sentence=text(
        "Find the pieces that a subject, or a machine during a stretch of time, may have touched: how surely, how "
        "many, where they are, which set is enough, and which record would narrow it."
    ),
    examples=(
        ("forgecast recall my-plant heat 17", text("all pieces of a heat")),
        ("forgecast recall my-plant lot NI-07 --out recall.xlsx", text("of a lot of material, as a table to hand on")),
        (
            "forgecast recall my-plant --equipment HF2 --since '2025-03-04 19:00' --until '2025-03-04 21:00'",
            text("of a furnace during an alarm"),
        ),
    ),
)
@plant_argument
@argument("subject", required=False, type=click.Choice([*KINDS, "sample"]), help=text("Kind of subject."))
@argument("name", metavar="[ID]", required=False, help=text("Its number, as the records write it."))
@option("--equipment", default="", help=text("Instead: a machine, furnace, ladle, line, or a tag of one."))
@option("--since", metavar="TIME", help=text("Beginning of the stretch, in the time of the plant."))
@option("--until", metavar="TIME", help=text("Its end; a day without a time counts wholly."))
@option("--confidence", type=click.FloatRange(0.0, 1.0, min_open=True), default=0.99, show_default=True,
        help=text("Probability with which no affected piece lies outside of the set."))  # fmt: skip
@option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help=text("Write all units to this CSV or XLSX file.")
)
@option("--returns", is_flag=True, help=text("Follow metal through returns into later heats."))
@option("--blind", is_flag=True, help=text(
    "Take pieces as drawn from mixed batches at random; else the bounds allow any hand."))  # fmt: skip
@option("--strict", is_flag=True, help=text("Leave with exit code 1 if a piece that may be affected was shipped."))
@assumption_options
@json_option
@language_option
@click.pass_context
def recall(
    context: click.Context,
    *,
    plant: Path,
    subject: str | None,
    name: str | None,
    equipment: str,
    since: str | None,
    until: str | None,
    confidence: float,
    out: Path | None,
    returns: bool,
    blind: bool,
    strict: bool,
    least_share: float | None,
    clock: float | None,
    in_ladle: float | None,
    before_pouring: float | None,
    any_order: bool,
    as_json: bool,
) -> int:
    """Find the pieces that may be affected."""
    from forgecast.app.genealogy.recall_table import write_recall  # noqa: PLC0415  (loads only when needed)
    from forgecast.plant.trace import LEAST_SHARE  # noqa: PLC0415
    from forgecast.store.plant_folder import PlantFolder  # noqa: PLC0415
    from forgecast.tasks.recall_pieces import MOST_UNITS, recall_pieces  # noqa: PLC0415

    language = language_of(context)
    if bool(equipment) == bool(subject and name):
        raise click.UsageError(
            text("give either a subject and its number, or --equipment with --since and --until").say(language), context
        )
    with PlantFolder.open(plant) as opened:
        zone = opened.settings.zone
        answer = recall_pieces(
            opened,
            subject or "",
            name or "",
            equipment=equipment,
            since=instant(since, zone, "--since"),
            until=instant(until, zone, "--until", end=True),
            confidence=confidence,
            least_share=LEAST_SHARE if least_share is None else least_share,
            through_returns=returns,
            blind=blind,
            most_units=None if out is not None else MOST_UNITS,
            assumptions=assumptions_of(clock, in_ladle, before_pouring, any_order=any_order),
        )
    if out is not None:
        write_recall(answer, out, language, zone)
    if as_json:
        click.echo(json.dumps(answer.as_json(), ensure_ascii=False, indent=1))
    else:
        _show(answer, language)
        if out is not None:
            click.echo(text("Table: {path}", path=str(out)).say(language))
    return 1 if strict and answer.pieces("shipped")[0] else 0


def _show(answer: RecallAnswer, language: Language) -> None:
    _show_sources(answer, language)
    figures = answer.figures
    if figures.possible == 0:
        click.echo(text("No piece on record may be affected.").say(language))
    else:
        click.secho(_lead(answer).say(language), bold=True)
        click.echo(_numbers(answer).say(language))
        _show_where(answer, language)
        _show_units(answer, language)
    if figures.untraced:
        click.secho(_untraced(answer).say(language), fg="yellow")
    _show_completeness(answer, language)
    if answer.narrowing:
        click.echo()
        click.secho(text("What would narrow it most").say(language), bold=True)
        say_notes(map(_narrowed, answer.narrowing[:5]), language)
    click.echo()
    click.echo(text("Answered in {seconds} s.", seconds=f"{answer.seconds:.2f}").say(language))
    say_notes(answer.assumptions, language)
    show_contradictions(answer.findings, language)


def _show_sources(answer: RecallAnswer, language: Language) -> None:
    if len(answer.sources) == 0:
        click.echo(text("Nothing was in the machine during that time.").say(language))
        return
    for one in answer.sources[:8]:
        kind = KIND_TITLES[one.kind].say(language)
        sure = "" if one.low >= 1.0 else f"  P {chance(one.low, one.probability, one.high)}"
        click.echo(f"{kind} {one.name}{sure}" + (f"  [{one.source}]" if one.source else ""))
    if len(answer.sources) > 8:
        click.echo(text("… and {count} more", count=len(answer.sources) - 8).say(language))
    click.echo()


def _lead(answer: RecallAnswer) -> Text:
    figures = answer.figures
    return text(
        "{count} pieces are enough to have every affected one with a probability of at least {reached} %.",
        count=f"{figures.enough:,}",
        reached=f"{100 * figures.reached:.6g}",
    )


def _numbers(answer: RecallAnswer) -> Text:
    figures = answer.figures
    low, best, high = figures.expected
    return text(
        "{possible} may be affected, {certain} are for sure (whichever they are), {best} are expected (bounds {low} to "
        "{high}).",
        possible=f"{figures.possible:,}",
        certain=f"{figures.certain:,}",
        best=_count(best),
        low=_count(low),
        high=_count(high),
    )


def _untraced(answer: RecallAnswer) -> Text:
    count = f"{answer.figures.untraced:,}"
    if {one.kind for one in answer.sources} == {"heat_treatment"}:
        return text(
            "{count} pieces have no furnace load on record; whether they were in this one is not known.", count=count
        )
    return text(
        "{count} pieces that were not made before began without anything on record at this level; they may be affected "
        "as well, and no figure here holds for them.",
        count=count,
    )


def _count(value: float) -> str:
    return f"{value:,.0f}" if abs(value - round(value)) < 0.005 or value >= 1000 else f"{value:,.1f}"


def _show_where(answer: RecallAnswer, language: Language) -> None:
    from forgecast.app.genealogy.recall_table import WHERE  # noqa: PLC0415

    click.echo()
    heads = (text("where"), text("pieces"), text("expected affected"))
    rows = []
    for name, said in WHERE.items():
        count, expected = answer.pieces(name)
        if count:
            rows.append((said.say(language), f"{count:,}", _count(expected)))
        if name == "shipped":
            rows += [(f"  {who}", f"{n:,}", _count(e)) for who, (n, e) in answer.customers.items()]
    show_rows(heads, rows, language, right=frozenset({1, 2}))


def _show_units(answer: RecallAnswer, language: Language) -> None:
    from forgecast.app.genealogy.recall_table import WHERE  # noqa: PLC0415

    click.echo()
    heads = (
        text("piece or batch"),
        text("pieces"),
        text("probability"),
        text("affected"),
        text("share"),
        text("in the set"),
        text("where"),
    )
    rows = []
    for one in answer.units[:_ROWS]:
        where = f"{one.shipment} {one.customer}".strip() if one.shipment else WHERE[one.where].say(language)
        affected = f"{one.least}" if one.least == one.most else f"{one.least}–{one.most}"
        rows.append(
            (
                one.piece,
                f"{one.count:,}",
                chance(one.low, one.probability, one.high),
                affected,
                f"{one.share:.2f}" if one.share > 0.0 else "",
                "✓" if one.in_set else "",
                where,
            )
        )
    show_rows(heads, rows, language, right=frozenset({1, 2, 3, 4}))
    if (more := len(answer.units) + answer.not_listed - _ROWS) > 0:
        said = text("… and {count} more; --out writes all of them", count=more)
        click.echo(said.say(language))


def _show_completeness(answer: RecallAnswer, language: Language) -> None:
    click.echo()
    click.secho(text("How far the lineage of all pieces is known").say(language), bold=True)
    heads = (text("known back to"), text("known"), text("one of several"), text("nothing on record"), text("score [%]"))
    rows = []
    for one in answer.completeness:
        score = "—" if one.known + one.possible + one.none == 0 else f"{100 * one.score:.1f}"
        rows.append((_LEVELS[one.level].say(language), f"{one.known:,}", f"{one.possible:,}", f"{one.none:,}", score))
    show_rows(heads, rows, language, right=frozenset({1, 2, 3, 4}))


def _narrowed(one: Narrowing) -> Text:
    pieces = _count(one.pieces) if one.pieces >= 0.05 else "<0.1"
    if one.relation is Relation.MOVED:
        return text(
            "Keep batches apart, or mark pieces before they are mixed: {count} mixed batches leave {pieces} pieces in "
            "doubt, most of all {name}.",
            count=one.subjects,
            pieces=pieces,
            name=one.name,
        )
    field = {
        Relation.TAPPED: "ladle.heat",
        Relation.FILLED: "holding_fill.heat",
        Relation.POURED: "mould.ladle",
        Relation.LADLED: "shot.furnace",
        Relation.CAST: "piece.mould",
        Relation.FORGED: "piece.lot",
    }.get(one.relation, one.relation.name.lower())
    return text(
        "Record `{field}`: it is missing for {count} and leaves {pieces} pieces in doubt, most of all {name}.",
        field=field,
        count=one.subjects,
        pieces=pieces,
        name=one.name,
    )
