"""`forgecast quality contain`: from a signal to the pieces it touches, whether they are held, and the proven effect."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from forgecast.app.cli.bilingual import BilingualCommand, json_option, language_of, language_option, option
from forgecast.app.cli.quality.asked import (
    Day,
    conditions,
    echo_json,
    field_argument,
    plant_argument,
    row_options,
    say,
    say_notes,
    say_picture,
    show_rows,
)
from forgecast.app.quality.digits import digits_for, fixed
from forgecast.app.report.numbers import ABSENT, count
from forgecast.ground.dates import from_us
from forgecast.ground.texts import Language, Text, text
from forgecast.plant.record import record
from forgecast.store.plant_folder import PlantFolder

if TYPE_CHECKING:
    from forgecast.tasks.affected_pieces import AffectedPiece
    from forgecast.tasks.chart_quality import ChartName
    from forgecast.tasks.contain_signal import Containment, Suspect
    from forgecast.tasks.proven_effect import Effect

_KINDS = ("i-mr", "xbar-r", "xbar-s", "p", "np", "u", "laney-p", "laney-u", "ewma", "cusum")
_MOST_PIECES = 12
_VERDICTS: dict[str, Text] = {
    "proven": text("proven"),
    "not proven": text("not proven"),
    "not known": text("not known"),
}


@click.command(
    cls=BilingualCommand,
    name="contain",
    sentence=text(
        "Follow signals of a chart: which heats, moulds or shots lie between the last good point and the signal, which "
        "pieces come of them, what was decided on these, where they went, and whether what was done had an effect."
    ),
    examples=(
        ("forgecast quality contain demo/plant ladle.temperature_degC", text("ladles beyond their limits")),
        ("forgecast quality contain my-plant shot.cast_pressure_bar --by die --since 2025-11-01",
         text("shots of each die, from November on")),
        ("forgecast quality contain my-plant piece.result --subgroup day --done 2025-11-20",
         text("did the share of rejects fall after 20 November?")),
    ),
)  # fmt: skip
@plant_argument
@field_argument
@option("--kind", type=click.Choice(_KINDS), help=text(
    "Kind of chart; without it single values, means where there are subgroups, p′ of Laney for results."))  # fmt: skip
@option("--by", default="", metavar="FIELD", help=text("A chart of its own for each word of this field: die, heat …"))
@option("--subgroup", default="", metavar="N|FIELD", help=text(
    "Subgroups: a number of rows, or a field whose equal words belong together (mould, day, week)."))  # fmt: skip
@option("--stage", default="", metavar="FIELD", help=text("New limits wherever this field changes."))
@option("--rules", default="limits", show_default=True, help=text(
    "nelson, western-electric, limits (the limits alone), or names such as nelson-1,nelson-2."))  # fmt: skip
@option("--baseline", type=click.IntRange(2), help=text(
    "Learn centre and deviation from so many first points of each group; without it from all."))  # fmt: skip
@option("--done", type=Day(), help=text("Day on which something was done; without it the actions on record."))
@option("--most", type=click.IntRange(1), default=20, show_default=True, help=text(
    "How many stretches are followed, the latest first."))  # fmt: skip
@row_options
@option("--out", type=click.Path(path_type=Path, dir_okay=False), help=text("Picture of the chart, .svg or .png."))
@option(
    "--strict",
    is_flag=True,
    help=text("Leave with exit code 1 while an affected piece is not held, or that is not known."),
)
@json_option
@language_option
@click.pass_context
def contain(
    context: click.Context,
    *,
    plant: Path,
    field: str,
    kind: ChartName | None,
    by: str,
    subgroup: str,
    stage: str,
    rules: str,
    baseline: int | None,
    done: date | None,
    most: int,
    since: date | None,
    until: date | None,
    where: tuple[str, ...],
    time: str,
    out: Path | None,
    strict: bool,
    as_json: bool,
) -> int:
    """Follow signals to their pieces."""
    from forgecast.app.quality.canvas import check_picture  # noqa: PLC0415  (heavy libraries load only when needed)
    from forgecast.app.quality.control_chart import draw_control_chart  # noqa: PLC0415
    from forgecast.tasks.chart_quality import ChartPlan  # noqa: PLC0415
    from forgecast.tasks.contain_signal import contain_signal  # noqa: PLC0415
    from forgecast.tasks.watched import Wanted  # noqa: PLC0415

    language = language_of(context)
    if out is not None:
        check_picture(out)
    plan = ChartPlan(kind=kind, subgroup=subgroup, rules=rules, stage=stage, baseline=baseline)
    wanted = Wanted((field,), (), conditions(where), since, until, time)
    with PlantFolder.open(plant) as folder:
        zone = folder.settings.zone
        found = contain_signal(folder, wanted, plan, by=by, done=done, most=most)
    if out is not None:
        draw_control_chart(found.chart, out, language)
    if as_json:
        echo_json(found.as_json())
    else:
        _show(found, language, zone)
        say_picture(out, language)
    return 1 if strict and not found.contained else 0


def _show(found: Containment, language: Language, zone: str) -> None:
    if not found.suspects:
        say(text("No point signals: there is nothing to contain."), language, style="bold")
        return
    leads = {
        True: text("Every affected piece on record is held."),
        False: text("Affected pieces are not held:"),
        None: text("Of some suspects no piece is on record: whether they are held is not known."),
    }
    click.secho(leads[found.contained].say(language), bold=True)
    say(text("Suspects: {kind}", kind=record(found.suspects[-1].kind).title), language)
    _stretches(found, language)
    if found.not_followed:
        say(
            text("{n} earlier stretches were not followed (--most)", n=count(found.not_followed)), language, style="dim"
        )
    touched = [suspect for suspect in found.suspects if suspect.pieces]
    if touched:
        _pieces(touched[-1], language)
    effects = [(suspect, effect) for suspect in found.suspects for effect in suspect.effects]
    click.echo()
    if effects:
        _effects(effects, language, zone)
    else:
        say(text("No action that is done is on record for them: no effect can be proven. Record one in `action`, or "
                 "name the day with --done."), language)  # fmt: skip
    say_notes(found.notes, language)


def _stretches(found: Containment, language: Language) -> None:
    heads = (
        *((text("group"),) if found.chart.by else ()), text("points"), text("rules"), text("from"), text("to"),
        text("how many"), text("pieces"), text("held"), text("shipped"), text("reports"),
    )  # fmt: skip
    rows = []
    for one in found.suspects:
        span = f"{one.first + 1}" if one.first == one.last else f"{one.first + 1}–{one.last + 1}"
        held = sum(piece.most for piece in one.pieces if piece.held)
        shipped = sum(piece.most for piece in one.pieces if piece.shipments)
        cells = (
            span, ",".join(one.rules), one.since[5:16], one.until[5:16], count(len(one.subjects)),
            count(one.most), count(held), count(shipped), ", ".join(one.nonconformities) or ABSENT,
        )  # fmt: skip
        rows.append((one.group, *cells) if found.chart.by else cells)
    shift = 1 if found.chart.by else 0
    show_rows(heads, rows, language, right=frozenset(range(shift + 4, shift + 8)))


def _pieces(suspect: Suspect, language: Language) -> None:
    click.echo()
    subjects = ", ".join(suspect.subjects[:4]) + (" …" if len(suspect.subjects) > 4 else "")
    said = text(
        "Pieces of the latest stretch ({subjects}); last good point: {good}",
        subjects=subjects,
        good=suspect.last_good or ABSENT,
    )
    say(said, language)
    # What is not held comes first: that is what somebody has to do something about.
    ordered = sorted(suspect.pieces, key=lambda piece: (piece.held and not piece.shipments, -piece.probability))
    rows = [_piece(piece, language) for piece in ordered[:_MOST_PIECES]]
    heads = (
        text("piece"), text("product"), text("pieces"), text("probability"), text("decision"), text("shipped with"),
    )  # fmt: skip
    show_rows(heads, rows, language, right=frozenset({2, 3}))
    if len(ordered) > _MOST_PIECES:
        say(text("… and {n} more; --json lists all", n=count(len(ordered) - _MOST_PIECES)), language, style="dim")


def _piece(piece: AffectedPiece, language: Language) -> tuple[str, ...]:
    choices = {c.code: c.zh for c in record("disposition").field("decision").choices}
    word = piece.decision if language == "en" else choices.get(piece.decision, piece.decision)
    number = count(piece.most) if piece.least == piece.most else f"{count(piece.least)}–{count(piece.most)}"
    return (
        piece.name, piece.product, number, f"{100.0 * piece.probability:.0f} %",
        word or text("nothing decided").say(language), ", ".join(piece.shipments) or ABSENT,
    )  # fmt: skip


def _effects(effects: list[tuple[Suspect, Effect]], language: Language, zone: str) -> None:
    click.echo(text("Effect of what was done:").say(language))
    for suspect, effect in effects:
        span = f"{suspect.first + 1}" if suspect.first == suspect.last else f"{suspect.first + 1}–{suspect.last + 1}"
        done = from_us(effect.done, zone).strftime("%Y-%m-%d %H:%M")
        told = text(
            "points {span} · {action} ({done}): {verdict}, {why}",
            span=span,
            action=f"{effect.action} {effect.what}".strip() or ABSENT,
            done=done,
            verdict=_VERDICTS[effect.verdict],
            why=effect.why,
        )
        say(told, language)
        change = effect.change
        if change is not None:
            digits = digits_for(abs(change.high - change.low) / 2.0)
            numbers = text(
                "   before {before}, after {after}; change {low} to {high} (95 % interval)",
                before=fixed(change.before, digits),
                after=fixed(change.after, digits),
                low=fixed(change.low, digits),
                high=fixed(change.high, digits),
            )
            say(numbers, language, style="dim")
    unsure = [e for _, e in effects if e.said is True and e.verdict != "proven"]
    if unsure:
        names = ", ".join(sorted({effect.action for effect in unsure}))
        say(text("Recorded as effective, and not proven by this quantity: {names}", names=names), language)
