"""`forgecast hj212 check`: what a captured stream of telegrams holds, and in what it deviates."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from forgecast.app.cli.bilingual import BilingualCommand, argument, json_option, language_of, language_option, option
from forgecast.app.cli.casting.show import show_figures
from forgecast.app.cli.melting.show import echo_json, say
from forgecast.app.cli.progress import progress_bar
from forgecast.app.cli.quality.asked import show_rows
from forgecast.ground.texts import Language, text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from forgecast.gateway.hj212.decoder import Seen
    from forgecast.ground.finding import Finding
    from forgecast.tasks.check_telegrams import TelegramCheck

_RIGHT = frozenset({3, 4})
_KINDS = {"rejected": text("rejected"), "stray": text("between two")}


@click.command(
    cls=BilingualCommand,
    name="check",
    sentence=text("Read a captured stream of telegrams and list them, with everything in which they deviate."),
    examples=(
        ("forgecast hj212 check capture.txt", text("telegrams, codes, deviations")),
        ("forgecast hj212 check capture.txt --strict", text("exit code 1 unless every telegram is sound")),
    ),
)
@argument("file", type=click.Path(path_type=Path), help=text("File with the bytes as they came over the line."))
@option("--most", type=click.IntRange(0), default=20, show_default=True, help=text("How many telegrams to list."))
@option("--strict", is_flag=True, help=text("Exit code 1 if anything is refused or doubtful."))
@json_option
@language_option
@click.pass_context
def check(context: click.Context, *, file: Path, most: int, strict: bool, as_json: bool) -> int:
    """Check a file."""
    from forgecast.tasks.check_telegrams import check_telegrams  # noqa: PLC0415

    language = language_of(context)
    with progress_bar(text("Reading telegrams").say(language)) as progress:
        found = check_telegrams(file, most=most, progress=progress)
    if as_json:
        echo_json(found.as_json())
    else:
        _show(found, language)
    return 1 if strict and not found.sound else 0


def _show(found: TelegramCheck, language: Language) -> None:
    show_figures(
        [
            (text("Telegrams"), f"{found.telegrams:,}"),
            (text("Rejected"), f"{found.rejected:,}"),
            (text("Bytes outside of telegrams"), f"{found.stray:,}"),
            (text("Bytes"), f"{found.size:,}"),
        ],
        language,
    )
    if not found.telegrams and not found.rejected:
        say(text("There is no telegram in it: none begins with ##. Is it the right file?"), language)
        return
    click.echo()
    _show_first(found.first, language)
    if found.codes:
        click.echo()
        heads = (text("Device"), text("Command"), text("Code"), text("Telegrams"), text("Good"), text("What it is"))
        rows = (
            (one.mn, one.command, one.code, f"{one.telegrams:,}", f"{one.good:,}", one.name.say(language))
            for one in found.codes
        )
        show_rows(heads, rows, language, right=_RIGHT)
    show_findings(found.findings, language)


def _show_first(first: Iterable[Seen], language: Language) -> None:
    heads = (
        text("No."),
        text("Byte"),
        text("Device"),
        text("Command"),
        text("Time"),
        text("Values"),
        text("Deviations"),
    )
    rows = []
    for one in first:
        telegram = one.telegram
        codes = ", ".join(dict.fromkeys(code for code, _ in one.deviations))
        if telegram is None:
            word = _KINDS[str(one.kind)].say(language)
            rows.append((str(one.number or "–"), f"{one.offset:,}", "–", word, "", "", codes))
            continue
        values = sum("-" in key and not key.endswith("-Flag") for key, _ in telegram.cp)
        time = telegram.first("DataTime")
        rows.append((str(one.number), f"{one.offset:,}", telegram.mn, telegram.cn, time, str(values), codes or "–"))
    show_rows(heads, rows, language, right=frozenset({0, 1, 5}))


def show_findings(findings: Iterable[Finding], language: Language) -> None:
    """Print findings as a table, or that there are none."""
    found = list(findings)
    click.echo()
    if not found:
        say(text("Nothing deviates from the standard."), language, "green")
        return
    heads = (text("Deviation"), text("Count"), text("Where"), text("What it is"), text("For example"))
    rows = (
        (one.code, f"{one.count:,}", str(one.place), one.reason.say(language), one.value[:40].strip()) for one in found
    )
    show_rows(heads, rows, language, right=frozenset({1}))
