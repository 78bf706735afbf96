"""`forgecast condition card`: what was seen, what it may be, and what to check first."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.text import Text as Plain

from forgecast.app.cli.bilingual import BilingualCommand, argument, json_option, language_of, language_option, option
from forgecast.app.cli.quality.asked import echo_json, say_notes, span_options
from forgecast.ground.texts import Language, text

if TYPE_CHECKING:
    from forgecast.tasks.explain_fault import FaultAnswer


@click.command(
    cls=BilingualCommand,
    name="card",
    sentence=text(
        "Write the fault card of a machine: what was seen, what it may be with what speaks for and against it, and the "
        "check that tells most for its time."
    ),
    examples=(
        ("forgecast condition card my-plant F1", text("signs from the changes of the machine's own tags")),
        ("forgecast condition card --kind compressor --sign temperature:up --absent flow:down",
         text("without a plant, from what somebody saw")),
        ("forgecast condition card my-plant F1 --out card.html --lang zh", text("a page to print, in Chinese")),
    ),
)  # fmt: skip
@argument("plant", required=False, type=click.Path(path_type=Path), help=text("Folder of the plant; may be left out."))
@argument("machine", required=False, default="", help=text("Machine of the plant."))
@option("--kind", default="", help=text("Kind of machine, where there is no plant (compressor, forging_press …)."))
@option(
    "--sign",
    "signs",
    multiple=True,
    metavar="KEY",
    help=text("What was seen (leakage_current:up); may be given again."),
)
@option("--absent", multiple=True, metavar="KEY", help=text("What was looked for and not seen; may be given again."))
@span_options
@option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help=text("Page (.html) or picture (.png, .svg) to write."),
)
@json_option
@language_option
@click.pass_context
def card(
    context: click.Context, *, plant: Path | None, machine: str, kind: str, signs: tuple[str, ...],
    absent: tuple[str, ...], since: date | None, until: date | None, out: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Write a fault card."""
    from forgecast.app.condition.card_page import write_card  # noqa: PLC0415  (heavy libraries load late)
    from forgecast.app.quality.canvas import check_picture  # noqa: PLC0415
    from forgecast.tasks.explain_fault import explain_fault  # noqa: PLC0415

    language = language_of(context)
    if out is not None and out.suffix.lower() != ".html":
        check_picture(out)
    answer = explain_fault(plant, machine=machine, kind=kind, signs=signs, absent=absent, since=since, until=until)
    if out is not None:
        write_card(answer, out, language)
    if as_json:
        echo_json(answer.as_json())
        return
    _show(answer, language)
    if out is not None:
        click.echo(text("Card: {path}", path=str(out)).say(language))


def _show(answer: FaultAnswer, language: Language) -> None:
    from forgecast.app.condition.card_page import card_title  # noqa: PLC0415
    from forgecast.signals.condition.fault_card import LIKELY_TEXTS, Likely  # noqa: PLC0415

    console, found = Console(), answer.card
    console.print(Plain(card_title(answer, language)), style="bold")
    console.print()
    console.print(Plain(text("What was seen").say(language)), style="bold")
    for one in found.signs:
        console.print(Plain(f"  {'●' if one.seen else '○'} {one.words.say(language)}"), style="" if one.seen else "dim")
    console.print()
    console.print(Plain(text("What it may be").say(language)), style="bold")
    for cause in found.causes:
        if cause.likely is Likely.UNLIKELY and not cause.speaks_for:
            continue
        share = f"{100.0 * cause.share:.0f} %"
        console.print(Plain(f"  {LIKELY_TEXTS[cause.likely].say(language)} · {cause.words.say(language)} ({share})"))
        for mark, words in (*(("+", w) for w in cause.speaks_for), *(("−", w) for w in cause.speaks_against)):
            console.print(Plain(f"      {mark} {words.say(language)}"), style="dim")
    console.print()
    console.print(Plain(text("What to check first").say(language)), style="bold")
    for number, check in enumerate(found.checks, start=1):
        console.print(Plain(f"  {number}. {check.words.say(language)} ({check.minutes:.0f} min)"))
    console.print()
    say_notes(answer.notes, language)
