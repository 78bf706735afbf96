"""`forgecast energy balance`: the unmetered rest at every meter, and whose fault would explain a bad one."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from forgecast.app.cli.bilingual import BilingualCommand, json_option, language_of, language_option, option
from forgecast.app.cli.energy.asked import number, out_option, plant_argument, since_until
from forgecast.app.cli.quality.asked import echo_json, say, say_notes, say_picture, show_rows
from forgecast.ground.texts import Language, Text, text

if TYPE_CHECKING:
    from forgecast.energy.meter_tree import MeterNode
    from forgecast.tasks.balance_meters import CarrierTree, MeterBalance
    from forgecast.tasks.energy_series import By

_STATES: dict[str, Text] = {
    "rest": text("closes"),
    "negative": text("BELOW ZERO"),
    "unjudged": text("not judged"),
    "not_known": text("not known"),
}
#: Periods shown of each node; the odd ones come first where there are more.
_MOST = 14


@click.command(
    cls=BilingualCommand,
    name="balance",
    sentence=text(
        "Balance a tree of meters of any depth: the unmetered rest at every node with its uncertainty, "
        "and which meter's "
        "fault would explain a rest that stands out."
    ),
    examples=(
        ("forgecast energy balance my-plant", text("the last twelve months, every carrier")),
        (
            "forgecast energy balance my-plant --by day --carrier electricity --since 2025-06-01 --until 2025-06-30",
            text("a month day by day, from interval meters"),
        ),
        (
            "forgecast energy balance my-plant --out rest.png --strict",
            text("with a picture; exit code 1 if one is odd"),
        ),
    ),
)
@plant_argument
@option(
    "--by",
    type=click.Choice(["month", "day", "hour", "total"]),
    default="month",
    show_default=True,
    help=text("Length of a period; days and hours need interval meters."),
)
@option("--carrier", default="", help=text("Only this carrier (electricity, natural_gas …)."))
@since_until
@out_option
@option("--strict", is_flag=True, help=text("Leave with exit code 1 where a rest is odd."))
@json_option
@language_option
@click.pass_context
def balance(
    context: click.Context,
    *,
    plant: Path,
    by: str,
    carrier: str,
    since: date | None,
    until: date | None,
    out: Path | None,
    strict: bool,
    as_json: bool,
) -> int:
    """Balance meters and show it."""
    from forgecast.app.energy.plan_picture import draw_rests  # noqa: PLC0415  (heavy libraries load only when needed)
    from forgecast.app.quality.canvas import check_picture  # noqa: PLC0415
    from forgecast.store.plant_folder import PlantFolder  # noqa: PLC0415
    from forgecast.tasks.balance_meters import balance_meters  # noqa: PLC0415

    language = language_of(context)
    if out is not None:
        check_picture(out)
    with PlantFolder.open(plant) as opened:
        synthetic = opened.settings.synthetic
        answer = balance_meters(opened, since=since, until=until, by=cast("By", by), carrier=carrier)
    if out is not None:
        draw_rests(answer, out, language, synthetic=synthetic)
    if as_json:
        echo_json(answer.as_json())
    else:
        _show(answer, language)
        say_picture(out, language)
    return 1 if strict and answer.unbalanced else 0


def _show(answer: MeterBalance, language: Language) -> None:
    for tree in answer.trees:
        for node in tree.nodes:
            name = answer.names.get(node.meter, "")
            below = ", ".join(node.children)
            say(
                text("{meter} {name} [{unit}], less {below}", meter=node.meter, name=name, unit=tree.unit, below=below),
                language,
                style="bold",
            )
            _show_node(node, tree, answer.periods, language)
            click.echo()
        _show_hypotheses(tree, language)
    if not answer.unbalanced:
        say(text("No rest stands out."), language)
    say_notes(answer.notes, language)


def _show_node(node: MeterNode, tree: CarrierTree, periods: tuple[str, ...], language: Language) -> None:
    odd = {h.period for h in tree.hypotheses if h.node == node.meter}
    shown = list(range(len(periods)))
    if len(shown) > _MOST:
        loud = [n for n in shown if periods[n] in odd or node.states[n] == "negative"]
        shown = sorted([*loud, *[n for n in shown if n not in loud]][:_MOST])
    rows = []
    for n in shown:
        reason = node.reasons[n]
        word = text("STANDS OUT") if periods[n] in odd else _STATES[node.states[n]]
        bounds = f"{number(node.low[n])} … {number(node.high[n])}" if node.states[n] == "not_known" else ""
        why = reason.say(language) if reason is not None and node.states[n] == "not_known" else ""
        rows.append(
            (
                periods[n],
                number(node.main[n]),
                number(node.submetered[n]),
                number(node.rest[n]),
                f"± {number(node.uncertainty[n])}",
                " ".join([word.say(language), bounds, why]).strip(),
            )
        )
    heads = (text("period"), text("meter"), text("submeters"), text("rest"), text("95 %"), text("state"))
    show_rows(heads, rows, language, right=frozenset({1, 2, 3, 4}))
    if len(periods) > _MOST:
        say(text("… and {n} more; --json lists all", n=len(periods) - _MOST), language, style="dim")


def _show_hypotheses(tree: CarrierTree, language: Language) -> None:
    if not tree.hypotheses and not tree.swaps:
        return
    say(text("What would explain it; a ranking and no proof"), language, style="bold")
    rows = [
        (
            h.period,
            h.node,
            h.words.say(language),
            number(h.rest_before),
            number(h.rest_after),
            number(h.usual_rest),
            f"{100.0 * h.weight:.0f} %",
        )
        for h in tree.hypotheses
    ]
    heads = (
        text("period"),
        text("node"),
        text("hypothesis"),
        text("rest"),
        text("then"),
        text("usual"),
        text("weight"),
    )
    show_rows(heads, rows, language, right=frozenset({3, 4, 5, 6}))
    for one, two, period, _ in tree.swaps:
        say(text("{period}: {one} and {two} each look like the other", period=period, one=one, two=two), language)
    click.echo()
