"""`forgecast forging press`: a forming run of a case, its results in a folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from forgecast.app.cli.bilingual import BilingualCommand, argument, json_option, language_of, language_option, option
from forgecast.app.cli.casting.show import show_figures, show_findings, show_sources
from forgecast.app.cli.melting.show import echo_json, say, say_list
from forgecast.app.cli.progress import progress_bar
from forgecast.app.cli.stopping import stoppable
from forgecast.ground.texts import Language, text

if TYPE_CHECKING:
    from forgecast.tasks.press_forging import PressAnswer


@click.command(
    cls=BilingualCommand,
    name="press",
    sentence=text(
        "Run a forging stroke in finite elements: load, fill, flash, strain, temperature, damage, folds and what the "
        "dies bear; Ctrl-C ends it and keeps what is there."
    ),
    examples=(
        ("forgecast forging press press.toml --out run", text("examples/forging/press.toml is a case to begin with")),
        ("forgecast forging press press.toml --out run --strict", text("leave with 1 unless the dies close")),
    ),
)
@argument("case", type=click.Path(path_type=Path), help=text("The case in TOML: metal, billet, dies, machine, heat."))
@option("--out", type=click.Path(path_type=Path), required=True, help=text("Folder for the results."))
@option("--strict", is_flag=True, help=text("Leave with exit code 1 unless the dies close."))
@json_option
@language_option
@click.pass_context
def press(context: click.Context, *, case: Path, out: Path, strict: bool, as_json: bool) -> int:
    """Make the stroke, write its results and show it."""
    from forgecast.app.forging.press_write import summary, write_press  # noqa: PLC0415
    from forgecast.app.results_folder import check_folder  # noqa: PLC0415  (heavy libraries load only when needed)
    from forgecast.forging.pressing import Ended  # noqa: PLC0415
    from forgecast.gateway.press_case import read_press_case  # noqa: PLC0415
    from forgecast.tasks.press_forging import press_forging  # noqa: PLC0415

    language = language_of(context)
    check_folder(out)
    asked = read_press_case(case)
    with stoppable(language) as stop, progress_bar(text("Forming").say(language)) as bar:
        answer = press_forging(asked, progress=bar, stop=stop)
    with progress_bar(text("Writing").say(language)) as bar:
        files = write_press(answer, out, language, bar)
    if as_json:
        echo_json({**summary(answer), "files": [str(path) for path in files]})
    else:
        _show(answer, language)
        click.echo()
        say(text("Results: {files}", files=str(out)), language)
    return 1 if strict and answer.run.ended is not Ended.CLOSED else 0


def _show(answer: PressAnswer, language: Language) -> None:
    from forgecast.app.forging.press_page import figures  # noqa: PLC0415

    say(answer.run.why, language, style="bold")
    click.echo()
    show_figures(figures(answer), language)
    say_list(text("What to know"), answer.notes, language)
    show_findings(answer.run.findings, language)
    show_sources((answer.case.flow.source,), language)
