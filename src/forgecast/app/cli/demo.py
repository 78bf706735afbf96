"""`forgecast demo`: everything once, on a made-up plant."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click
from rich.console import Console

from forgecast.app.cli.bilingual import BilingualCommand, argument, language_of, language_option, option
from forgecast.app.cli.progress import progress_bar
from forgecast.app.cli.summary import show_assessment
from forgecast.ground.texts import LANGUAGES, Language, text
from forgecast.sample.write import DEMO_SCALE
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.assess_plant import assess_plant
from forgecast.tasks.assessment import Assessment
from forgecast.tasks.make_sample_plant import make_sample_plant


@click.command(
    cls=BilingualCommand,
    name="demo",
    sentence=text(
        "Make a synthetic plant (an iron foundry with a cupola and an induction line, and a small forge), take in its "
        "year of records, judge it and write its report in both languages."
    ),
    examples=(
        ("forgecast demo demo", text("as `make demo` does")),
        (
            "forgecast demo demo --live",
            text("and then play three hours of it at work: alarms, hours judged, the ledger"),
        ),
        ("forgecast demo big --scale 1", text("200 tags at one minute: 105 million readings")),
    ),
)
@argument("folder", type=click.Path(path_type=Path), help=text("Folder to make; it must not exist or be empty."))
@option("--scale", type=click.FloatRange(0.001, 1.0), default=DEMO_SCALE, show_default=True,
        help=text("How many readings, as a share of 105 million."))  # fmt: skip
@option("--seed", type=int, default=7, show_default=True, help=text("Another seed makes another plant."))
@option("--live", is_flag=True, help=text("Also play three hours of the plant at work, in less than a minute."))
@language_option
@click.pass_context
def demo(context: click.Context, *, folder: Path, scale: float, seed: int, live: bool) -> int:
    """Make, judge and report a synthetic plant."""
    language = language_of(context)
    with progress_bar(text("making the synthetic plant").say(language)) as progress:
        sample = make_sample_plant(folder, scale=scale, seed=seed, progress=progress)
    with PlantFolder.open(sample.plant) as plant, progress_bar(text("assessing").say(language)) as progress:
        assessment = assess_plant(plant, at=None, progress=progress)
    show_assessment(assessment, Console(), language, plant_path=str(sample.plant))
    with progress_bar(text("writing the reports").say(language)) as progress:
        reports = _reports(folder, assessment, progress)
    if live:
        _play(sample.plant, language)
    click.echo("")
    click.echo(
        text("The plant is made up (synthetic). It was built and judged in {folder}:", folder=str(folder)).say(language)
    )
    click.echo(f"  {sample.plant}  —  {text('the plant folder').say(language)}")
    click.echo(f"  {sample.files}  —  {text('the files it was fed from').say(language)}")
    for path in reports:
        click.echo(f"  {path}")
    click.echo(f"  forgecast serve {sample.plant}  —  {text('the pages of the plant, in a browser').say(language)}")
    return 0


def _play(plant: Path, language: Language) -> None:
    """Play the plant at work and tell what happens, on the plant's clock."""
    from forgecast.tasks.play_plant import local_time, play_plant  # noqa: PLC0415  (protocols load only when needed)

    click.echo("")
    click.echo(
        text("Three hours of the plant at work (synthetic), four minutes a second: HJ 212, OPC UA and MQTT.").say(
            language
        )
    )
    with PlantFolder.open(plant) as opened:
        zone = opened.settings.zone
        play = play_plant(
            opened,
            language=language,
            tell=lambda scene: click.echo(f"  {local_time(scene.at, zone)}  {scene.what.say(language)}"),
        )
    click.echo(
        text(
            "{readings} readings stored, {alarms} alarm events, {hours} hours judged, {over} above a limit, "
            "{entries} written into the ledger, {incidents} incident drafted.",
            readings=play.readings,
            alarms=play.alarms,
            hours=play.hours,
            over=play.over,
            entries=play.entries,
            incidents=play.incidents,
        ).say(language)
    )
    if play.without:
        click.echo(
            text(
                "Not playing along: {names}; `pip install 'forgecast[play]'` brings them.",
                names=", ".join(play.without),
            ).say(language)
        )
    click.echo(f"  forgecast signals alarms {plant}")
    click.echo(f"  forgecast environment ledger {plant}")


def _reports(folder: Path, assessment: Assessment, progress: Callable[[float], None]) -> list[Path]:
    from forgecast.app.report import write_report  # noqa: PLC0415  (fonts and plots load only when needed)

    paths = [(folder / f"report.{language}{form}", language) for language in LANGUAGES for form in (".pdf", ".html")]
    for number, (path, language) in enumerate(paths):
        progress(number / len(paths))
        write_report(assessment, path, language)
    return [path for path, _ in paths]
