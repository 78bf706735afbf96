"""`forgecast melting balance`: whether the metal of a plant closes, by alloy and month."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text as Plain

from forgecast.app.cli.bilingual import BilingualCommand, argument, json_option, language_of, language_option, option
from forgecast.app.cli.casting.show import show_notes, show_table
from forgecast.app.cli.melting.show import echo_json, say, say_list
from forgecast.app.cli.quantity import Quantity, quantity
from forgecast.app.report.numbers import ABSENT
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Language, Text, text, verbatim
from forgecast.melting.metal_balance import STREAMS

if TYPE_CHECKING:
    from forgecast.tasks.balance_metal import AlloyBalance, BalanceAnswer

#: Causes of less weight, and further numbers that stand out, are in the JSON answer only.
_LEAST_WEIGHT, _MOST = 0.01, 8
#: Short heads of the streams, for a table that fits a terminal.
_HEADS: dict[str, Text] = {
    "new_metal": text("new metal"),
    "returns_charged": text("returns charged"),
    "loss": text("slag, loss"),
    "poured": text("metal poured"),
    "good": text("good castings"),
    "returns": text("gates, risers"),
    "scrap": text("scrapped castings"),
    "stock_change": text("in work"),
    "yard_change": text("yard"),
    "sold": text("sold"),
}


@click.command(
    cls=BilingualCommand,
    name="balance",
    sentence=text(
        "Balance the metal of a plant by alloy and month from its records: what closes, what most likely does not, and "
        "which record would settle what is missing."
    ),
    examples=(
        ("forgecast melting balance my-plant", text("the streams and what is missing; nothing is judged yet")),
        ("forgecast melting balance my-plant --scale 0.5%", text("every mass is known to half a per cent")),
        (
            "forgecast melting balance my-plant --scale 0.5% --doubt loss=20% --alloy QT450-10 --month 2026-03",
            text("slag to a fifth; one alloy, one month"),
        ),
    ),
)
@argument("plant", type=click.Path(path_type=Path), help=text("Folder of the plant."))
@option("--alloy", "alloys", multiple=True, help=text("Only this alloy; may be given again."))
@option("--month", "months", multiple=True, metavar="2026-03", help=text("Only this month; may be given again."))
@option("--scale", type=Quantity("share"), help=text(
    "Standard deviation of every mass as a share of it; without it nothing is judged."))  # fmt: skip
@option("--doubt", "doubts", multiple=True, metavar="STREAM=20%", help=text(
    "Another one for a stream: {streams}; may be given again.", streams=", ".join(STREAMS)))  # fmt: skip
@option("--streams", type=click.Path(path_type=Path), help=text(
    "Table of streams that no record holds: month, alloy, `yard_change [t]` …"))  # fmt: skip
@option("--confidence", type=Quantity("share"), default="95%", show_default=True, help=text("Of the tolerance."))
@option("--strict", is_flag=True, help=text("Leave with exit code 1 where a month does not close."))
@json_option
@language_option
@click.pass_context
def balance(
    context: click.Context,
    *,
    plant: Path,
    alloys: tuple[str, ...],
    months: tuple[str, ...],
    scale: float | None,
    doubts: tuple[str, ...],
    streams: Path | None,
    confidence: float,
    strict: bool,
    as_json: bool,
) -> int:
    """Balance the metal and show it."""
    from forgecast.gateway.stream_table import read_streams  # noqa: PLC0415  (heavy libraries load only when needed)
    from forgecast.store.plant_folder import PlantFolder  # noqa: PLC0415
    from forgecast.tasks.balance_metal import balance_metal  # noqa: PLC0415

    told = _doubts(scale, doubts)
    own = None if streams is None else read_streams(streams)
    with PlantFolder.open(plant) as opened:
        answer = balance_metal(
            opened, doubts=told, alloys=alloys, months=months, own=own, confidence=confidence
        )  # fmt: skip
    if as_json:
        echo_json(answer.as_json())
    else:
        _show(answer, language_of(context))
    return 1 if strict and answer.open_months else 0


def _doubts(scale: float | None, doubts: tuple[str, ...]) -> dict[str, float]:
    told = {} if scale is None else dict.fromkeys(STREAMS, scale)
    for one in doubts:
        stream, _, share = one.partition("=")
        if stream not in STREAMS:
            raise ForgecastError(
                text("{stream} is no stream", stream=stream),
                where="--doubt",
                repair=text("write one of them and a share: {streams}", streams=", ".join(f"{s}=2%" for s in STREAMS)),
            )
        told[stream] = quantity(share, "share", "--doubt")
    silent = [stream for stream in STREAMS if stream not in told]
    if told and silent:
        raise ForgecastError(
            text("nobody has said how well {stream} is known", stream=silent[0]),
            where="--doubt",
            repair=text("give --scale for all streams, and --doubt for those that differ"),
        )
    return told


def _show(answer: BalanceAnswer, language: Language) -> None:
    for one in answer.alloys:
        say(text("Metal of {alloy}", alloy=one.alloy), language, "bold")
        _show_months(one, language)
        if one.balance is None:
            say(text("Nothing is judged: say how well masses are known, such as --scale 0.5%."), language)
        else:
            _show_judged(one, language)
        say_list(text("What is missing, and the record that would settle it"), _missing(one), language)
        click.echo()
    show_notes(answer.notes, language)


def _show_months(one: AlloyBalance, language: Language) -> None:
    told = [stream for stream in STREAMS if any(map(math.isfinite, one.masses[stream]))]
    rows = [(month, *(_tonnes(one.masses[stream][n]) for stream in told)) for n, month in enumerate(one.months)]
    if told:
        say(text("Streams in t"), language)
        _show_narrow((text("month"), *(_HEADS[stream] for stream in told)), rows, language)
        click.echo()
    heads: list[Text] = [text("month"), text("left over [t]")]
    if one.balance is not None:
        heads += [text("allowed [t]"), text("closes")]
    judged = []
    for n, month in enumerate(one.months):
        row = [month, _tonnes(one.residuals[n], sign="+")]
        if one.balance is not None:
            closure = one.balance.closures[n]
            word = {True: text("yes"), False: text("NO"), None: text("not known")}[closure.closes]
            row += [ABSENT if math.isnan(closure.tolerance) else f"± {closure.tolerance:.2f}", word.say(language)]
        judged.append(tuple(row))
    show_table(tuple(heads), judged, language)


def _show_narrow(heads: tuple[Text, ...], rows: list[tuple[str, ...]], language: Language) -> None:
    """Print a table of many columns: heads are folded, numbers never."""
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1, 0, 0))
    for n, head in enumerate(heads):
        said = Plain(head.say(language))
        longest = max(len(row[n]) for row in rows) if rows else 1
        table.add_column(said, justify="right" if n else "left", overflow="fold", min_width=longest)
    for row in rows:
        table.add_row(*map(Plain, row))
    Console().print(table)


def _show_judged(one: AlloyBalance, language: Language) -> None:
    balance = one.balance
    assert balance is not None  # noqa: S101  (asked before)
    if math.isnan(balance.global_probability):
        say(text("No balance can be drawn up: too little is on record."), language)
    elif not balance.suspects:
        say(text("What is on record closes within what the scales allow."), language)
    likely = [suspect for suspect in balance.suspects if suspect.weight >= _LEAST_WEIGHT]
    say_list(text("The likeliest causes [t]; a ranking and no proof"), (s.words for s in likely), language)
    pairs = [f"{STREAMS[stream].say(language)} {month}" for stream, month in balance.suspicious]
    if pairs:
        shown = ", ".join(pairs[:_MOST])
        listed = verbatim(shown)
        if len(pairs) > _MOST:
            listed = text("{pairs} and {count} more (--json)", pairs=shown, count=len(pairs) - _MOST)
        say_list(text("Numbers that stand out"), (listed,), language)
    show_notes(balance.notes, language)


def _missing(one: AlloyBalance) -> list[Text]:
    found = []
    for gap in one.missing:
        months = text("every month") if gap.months == one.months else verbatim(", ".join(gap.months))
        found.append(
            text("{stream} ({months}): {record}", stream=STREAMS[gap.stream], months=months, record=gap.record)
        )  # fmt: skip
    return found


def _tonnes(value: float, *, sign: str = "") -> str:
    if not math.isfinite(value):
        return ABSENT
    return f"{value:{sign},.2f}".replace("-", "−")
