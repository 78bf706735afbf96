"""`forgecast signals gate`: what is wrong with the readings of series, and how complete they are."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from forgecast.app.cli.bilingual import BilingualCommand, argument, json_option, language_of, language_option, option
from forgecast.app.cli.progress import progress_bar
from forgecast.app.cli.quality.asked import Day, echo_json, plant_argument, say, show_rows
from forgecast.app.cli.signals.show import instant, percent, span
from forgecast.ground.dates import day_start_us
from forgecast.ground.texts import Language, text

if TYPE_CHECKING:
    from forgecast.tasks.gate_signals import Gated


@click.command(
    cls=BilingualCommand,
    name="gate",
    sentence=text(
        "Say what is doubtful in series (gaps, stuck sensors, spikes, clocks, units) and certify how complete they are."
    ),
    examples=(
        ("forgecast signals gate my-plant", text("all series, each with its certificate")),
        (
            "forgecast signals gate my-plant T-0104 --since 2026-03-01 --until 2026-03-31",
            text("one series, one month, every doubt in it"),
        ),
    ),
)
@plant_argument
@argument("tags", nargs=-1, help=text("Series; without any, all of them."))
@option("--since", type=Day(), help=text("First day (2025-01-01)."))
@option("--until", type=Day(), help=text("Last day (2025-12-31)."))
@option("--strict", is_flag=True, help=text("Leave with 1 if a series is not complete and good."))
@json_option
@language_option
@click.pass_context
def gate(
    context: click.Context,
    *,
    plant: Path,
    tags: tuple[str, ...],
    since: date | None,
    until: date | None,
    strict: bool,
    as_json: bool,
) -> int:
    """Ask the gate and show what it says."""
    from forgecast.store.plant_folder import PlantFolder  # noqa: PLC0415  (heavy libraries load only when needed)
    from forgecast.tasks.gate_signals import gate_signals  # noqa: PLC0415

    with PlantFolder.open(plant) as opened:
        zone = opened.settings.zone
        start = None if since is None else day_start_us(since, zone)
        end = None if until is None else day_start_us(until + timedelta(days=1), zone)
        with progress_bar(text("Asking the gate").say(language_of(context))) as update:
            found = gate_signals(opened, tags, start, end, progress=update)
    if as_json:
        echo_json({"series": [one.as_json() for one in found]})
    else:
        _show(found, zone, language_of(context))
    return 1 if strict and not all(one.certificate.complete for one in found) else 0


def _show(found: tuple[Gated, ...], zone: str, language: Language) -> None:
    from forgecast.signals.gate.doubt import REASON_TEXTS, Reason  # noqa: PLC0415

    if not found:
        say(text("No series has readings yet: take some in with `forgecast plant import`, or collect them."), language)
        return
    heads = (text("Series"), text("from"), text("there [%]"), text("good [%]"), text("longest gap"), text("doubts"))
    rows = []
    for one in found:
        paper = one.certificate
        doubts = sum(doubt.reason is not Reason.GAP for doubt in paper.doubts)
        rows.append((paper.tag, instant(paper.start, zone), percent(paper.present_share), percent(paper.good_share),
                     span(paper.longest, language), str(doubts)))  # fmt: skip
    show_rows(heads, rows, language, right=frozenset({2, 3, 5}))
    listed = [(one, doubt) for one in found for doubt in one.certificate.doubts]
    if listed:
        click.echo()
    most = 40
    columns = (text("Series"), text("from"), text("lasts"), text("What"), text("readings"), text("sure"))
    show = []
    for one, doubt in sorted(listed, key=lambda pair: -pair[1].confidence)[:most]:
        what = REASON_TEXTS[doubt.reason].say(language) + (f": {doubt.note}" if doubt.note else "")
        if doubt.reason in (Reason.SPIKE, Reason.STILL, Reason.BOUNDS):
            what += f" ({doubt.size:.4g})"
        length = (doubt.end - doubt.start) / 1e6
        show.append((one.certificate.tag, instant(doubt.start, zone), span(length, language) if length else "",
                     what, str(doubt.count), f"{doubt.confidence:.2f}"))  # fmt: skip
    if show:
        show_rows(columns, show, language, right=frozenset({2, 4, 5}))
    if len(listed) > most:
        say(text("{count} more; `--json` lists them all.", count=len(listed) - most), language)
    if len(found) == 1:
        say(text("SHA-256 of the readings judged: {hash}", hash=found[0].certificate.digest), language, style="dim")
