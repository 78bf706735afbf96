"""`forgecast standing report`: where the plant stands, as PDF and HTML."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from forgecast.app.cli.assess import at_option, plant_argument
from forgecast.app.cli.bilingual import BilingualCommand, json_option, language_of, language_option, option
from forgecast.app.cli.melting.show import echo_json, say
from forgecast.app.cli.progress import progress_bar
from forgecast.ground.texts import text


@click.command(
    cls=BilingualCommand,
    name="report",
    sentence=text(
        "Write where the plant stands as a report: the index, a sheet for each direction with its verdicts and "
        "evidence, the plan, incentives and duties."
    ),
    examples=(
        ("forgecast standing report my-plant --out standing.pdf", text("to print or to hand on")),
        ("forgecast standing report my-plant --out standing.html --lang zh", text("one offline file, in Chinese")),
        ("forgecast standing report my-plant --out standing", text("a folder: PDF, HTML and summary.json")),
    ),
)
@plant_argument
@at_option
@option("--out", required=True, type=click.Path(path_type=Path), help=text(
    "A file that ends in .pdf or .html, or a folder for both."))  # fmt: skip
@json_option
@language_option
@click.pass_context
def report(context: click.Context, plant: Path, *, at: datetime | None, out: Path, as_json: bool) -> int:
    """Write the report."""
    from forgecast.app.standing_report.write import check_place, write_standing  # noqa: PLC0415  (loads when needed)
    from forgecast.store.plant_folder import PlantFolder  # noqa: PLC0415
    from forgecast.tasks.report_standing import report_standing  # noqa: PLC0415

    language = language_of(context)
    check_place(out)
    with PlantFolder.open(plant) as folder, progress_bar(text("scoring and planning").say(language)) as progress:
        found = report_standing(folder, at=at.date() if at else None, progress=progress)
    made = write_standing(found, out, language)
    if as_json:
        echo_json(found.as_json() | {"files": [str(path) for path in made]})
        return 0
    for path in made:
        say(text("written: {path}", path=str(path)), language)
    return 0
