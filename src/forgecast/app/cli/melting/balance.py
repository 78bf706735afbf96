"""`forgecast melting balance`: whether the metal of a plant closes, by alloy and month."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import click

from forgecast.app.cli.bilingual import BilingualCommand, argument, json_option, language_of, language_option, option
from forgecast.app.cli.casting.show import show_notes, show_table
from forgecast.app.cli.melting.show import echo_json, say, say_list
from forgecast.app.cli.quantity import Quantity, quantity
from forgecast.app.report.numbers import ABSENT
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Language, Text, text
from forgecast.melting.metal_balance import STREAMS

if TYPE_CHECKING:
    from forgecast.tasks.balance_metal import AlloyBalance, BalanceAnswer

#: Short heads of the streams, for a table that fits a terminal.
_HEADS: dict[str, Text] = {
    "new_metal": text("new metal [t]"),
    "returns_charged": text("returns charged [t]"),
    "loss": text("slag, loss [t]"),
    "poured": text("poured [t]"),
    "good": text("good [t]"),
    "returns": text("gates, risers [t]"),
    "scrap": text("scrap [t]"),
    "stock_change": text("in work [t]"),
    "yard_change": text("yard [t]"),
    "sold": text("sold [t]"),
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
    heads: list[Text] = [text("month"), *(_HEADS[stream] for stream in told), text("left over [t]")]
    if one.balance is not None:
        heads += [text("allowed [t]"), text("closes")]
    rows = []
    for n, month in enumerate(one.months):
        row = [month, *(_tonnes(one.masses[stream][n]) for stream in told), _tonnes(one.residuals[n], sign="+")]
        if one.balance is not None:
            closure = one.balance.closures[n]
            word = {True: text("yes"), False: text("NO"), None: text("not known")}[closure.closes]
            allowed = ABSENT if math.isnan(closure.tolerance) else f"± {closure.tolerance:.2f}"
            row += [allowed, word.say(language)]
        rows.append(tuple(row))
    show_table(tuple(heads), rows, language)


def _show_judged(one: AlloyBalance, language: Language) -> None:
    balance = one.balance
    assert balance is not None  # noqa: S101  (asked before)
    if math.isnan(balance.global_probability):
        say(text("No balance can be drawn up: too little is on record."), language)
    elif not balance.suspects:
        say(text("What is on record closes within what the scales allow."), language)
    say_list(
        text("The likeliest causes [t]; a ranking and no proof"), (s.words for s in balance.suspects), language
    )  # fmt: skip
    pairs = ", ".join(f"{stream} {month}" for stream, month in balance.suspicious)
    if pairs:
        say_list(text("Numbers that stand out"), (text("{pairs}", pairs=pairs),), language)
    show_notes(balance.notes, language)


def _missing(one: AlloyBalance) -> list[Text]:
    found = []
    for gap in one.missing:
        months = text("every month") if gap.months == one.months else text("{months}", months=", ".join(gap.months))
        found.append(
            text("{stream} ({months}): {record}", stream=STREAMS[gap.stream], months=months, record=gap.record)
        )  # fmt: skip
    return found


def _tonnes(value: float, *, sign: str = "") -> str:
    if not math.isfinite(value):
        return ABSENT
    return f"{value:{sign},.2f}".replace("-", "−")
