"""`forgecast plant compact` and `keep`: small files of the series put together, old readings let go by rule."""

from __future__ import annotations

import json
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from forgecast.app.cli.bilingual import BilingualCommand, argument, json_option, language_of, language_option, option
from forgecast.app.cli.plant_words import by_option
from forgecast.app.cli.progress import progress_bar
from forgecast.ground.texts import Language, Text, text
from forgecast.store.compaction import Compacted
from forgecast.store.plant_folder import PlantFolder
from forgecast.store.retention import Stretch
from forgecast.tasks.keep_series import Keeping, compact_series, keep_series

#: Stretches shown on a terminal; the rest is counted (``--json`` has all).
_SHOWN = 40


@click.command(
    cls=BilingualCommand,
    name="compact",
    sentence=text(
        "Put the many small files of readings of a day or month together, so that questions open fewer of them. No "
        "reading changes; who is reading is not disturbed."
    ),
    examples=(("forgecast plant compact my-plant", text("once a week or so, where readings come in live")),),
)
@argument("folder", metavar="PLANT", type=click.Path(path_type=Path), help=text("Folder of the plant."))
@by_option
@json_option
@language_option
@click.pass_context
def compact(context: click.Context, folder: Path, by: str, as_json: bool) -> int:  # noqa: FBT001
    """Put small files together."""
    language = language_of(context)
    with PlantFolder.open(folder) as opened, progress_bar(text("putting files together").say(language)) as progress:
        done = compact_series(opened, by=by, progress=progress)
    if as_json:
        told = {
            "ok": True,
            "periods": list(done.periods),
            "files_before": done.before,
            "files_after": done.after,
            "bytes_before": done.bytes_before,
            "bytes_after": done.bytes_after,
        }
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
    else:
        Console().print(_compacted(done).say(language), highlight=False)
    return 0


def _compacted(done: Compacted) -> Text:
    if not done.periods:
        return text("There is nothing to put together.")
    return text(
        "{before} files of {periods} became {after}: {old} MB before, {new} MB now. The next import after ten minutes "
        "removes the old ones.",
        before=done.before,
        periods=", ".join(done.periods),
        after=done.after,
        old=f"{done.bytes_before / 1e6:.1f}",
        new=f"{done.bytes_after / 1e6:.1f}",
    )


@click.command(
    cls=BilingualCommand,
    name="keep",
    sentence=text(
        "Show which readings the rules of plant.toml ([[telemetry.keep]]) let go by now, and let them go with --apply. "
        "Their hours stay, and means where the rule names them. Without a rule everything is kept."
    ),
    examples=(
        ("forgecast plant keep my-plant", text("look first: nothing is changed")),
        ("forgecast plant keep my-plant --apply", text("let them go; nothing brings them back")),
    ),
)
@argument("folder", metavar="PLANT", type=click.Path(path_type=Path), help=text("Folder of the plant."))
@option("--apply", "apply_rules", is_flag=True, help=text("Let the readings go."))
@by_option
@json_option
@language_option
@click.pass_context
def keep(context: click.Context, folder: Path, apply_rules: bool, by: str, as_json: bool) -> int:  # noqa: FBT001
    """Show, or apply, the rules by which readings go."""
    language = language_of(context)
    with PlantFolder.open(folder) as opened, progress_bar(text("applying the rules").say(language)) as progress:
        done = keep_series(opened, apply=apply_rules, by=by, progress=progress)
    if as_json:
        click.echo(json.dumps(done.as_json(), ensure_ascii=False, indent=1))
    else:
        _show(done, language)
    return 0


def _show(done: Keeping, language: Language) -> None:
    console = Console()
    if not done.rules:
        nothing = text(
            "plant.toml has no rule [[telemetry.keep]]: every reading is kept. Its last lines show how one is written."
        )
        console.print(nothing.say(language), highlight=False, markup=False)
        return
    if not done.stretches:
        console.print(text("No reading is older than its rule keeps it.").say(language))
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(text("period (UTC)").say(language))
    table.add_column(text("tags").say(language), overflow="fold")
    table.add_column(text("readings").say(language), justify="right")
    table.add_column(text("what stays").say(language))
    for stretch in done.stretches[:_SHOWN]:
        names = ", ".join(stretch.rules).replace("[", r"\[")
        table.add_row(stretch.period, names, f"{stretch.rows:,}", _stays(stretch).say(language))
    console.print(table)
    if len(done.stretches) > _SHOWN:
        more = text("… and {count} more; --json shows all.", count=f"{len(done.stretches) - _SHOWN:,}")
        console.print(more.say(language), highlight=False)
    if done.applied:
        said = text("{count} readings have gone. Their hours stay; the audit trail says so.", count=f"{done.rows:,}")
    else:
        said = text(
            "{count} readings would go; nothing has been changed. `--apply` lets them go, and nothing brings them "
            "back: verdicts keep the figures they stand on, but cannot be worked out anew from single readings.",
            count=f"{done.rows:,}",
        )
    console.print(said.say(language), highlight=False)


def _stays(stretch: Stretch) -> Text:
    minutes = sorted({rule.means_minutes for rule in stretch.rules.values() if rule.means_minutes})
    if not minutes:
        return text("hours")
    return text("hours, means of {minutes} min", minutes=", ".join(map(str, minutes)))
