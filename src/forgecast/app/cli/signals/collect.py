"""`forgecast signals collect`, `forward` and `status`: from the instruments into the plant, and how that goes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from forgecast.app.cli.bilingual import BilingualCommand, argument, json_option, language_of, language_option, option
from forgecast.app.cli.plant_words import by_option
from forgecast.app.cli.quality.asked import plant_argument, say
from forgecast.app.cli.quantity import Quantity
from forgecast.app.cli.signals.collecting import Screen, echo_status, screen, show_status
from forgecast.app.cli.stopping import stoppable
from forgecast.ground.texts import Language, text

_for_option = option(
    "--for", "for_s", type=Quantity("time_span"), help=text("Stop by itself after this time; else with Ctrl-C.")
)


@contextmanager
def _running(language: Language, for_s: float | None, *, quiet: bool) -> Iterator[tuple[Callable[[], bool], Screen]]:
    """Yield when to stop, and the screen."""
    begun = time.monotonic()
    if not quiet:
        say(text("Collecting. Ctrl-C stops; what was acknowledged until then is kept."), language)
    with stoppable(language) as asked, screen(language, quiet=quiet) as shown:
        yield (lambda: asked() or (for_s is not None and time.monotonic() - begun >= for_s)), shown


@click.command(
    cls=BilingualCommand,
    name="collect",
    sentence=text(
        "Collect readings from all instruments named in instruments.toml of the plant, until Ctrl-C. Each gateway runs "
        "in a process of its own; what an instrument was answered is on the disk. Alarms ring meanwhile, and each hour "
        "of a stack is judged as it ends."
    ),
    examples=(
        ("forgecast signals collect my-plant", text("collect, and show how it goes")),
        ("forgecast signals collect my-plant --for 8h --json", text("for a shift, for a program")),
    ),
)
@plant_argument
@_for_option
@by_option
@json_option
@language_option
@click.pass_context
def collect(context: click.Context, *, plant: Path, for_s: float | None, by: str, as_json: bool) -> None:
    """Collect readings."""
    from forgecast.store.plant_folder import PlantFolder  # noqa: PLC0415  (heavy libraries load only when needed)
    from forgecast.tasks.collect_signals import collect_signals  # noqa: PLC0415
    from forgecast.tasks.hours_while_collecting import HoursWhileCollecting  # noqa: PLC0415
    from forgecast.tasks.watch_signals import watched_signals  # noqa: PLC0415

    language = language_of(context)
    with (
        PlantFolder.open(plant) as opened,
        watched_signals(opened) as alarms,
        HoursWhileCollecting(opened, by=by) as hours,
        _running(language, for_s, quiet=as_json) as (should_stop, shown),
    ):
        status = collect_signals(
            opened, listeners=(alarms, hours.take), should_stop=should_stop, watch=shown.show, by=by
        )
    if as_json:
        echo_status(status)
    else:
        show_status(status, language)
    if hours.trouble is not None:
        click.echo(hours.trouble.say(language), err=True)


@click.command(
    cls=BilingualCommand,
    name="forward",
    sentence=text(
        "Collect on a gateway box and forward to the plant over MQTT. While broker or plant are out of reach, readings "
        "are kept on the box and sent in order afterwards."
    ),
    examples=(("forgecast signals forward my-box", text("the box's folder holds instruments.toml with [forward]")),),
)
@argument("folder", metavar="BOX", type=click.Path(path_type=Path), help=text("Folder of the gateway box."))
@_for_option
@json_option
@language_option
@click.pass_context
def forward(context: click.Context, *, folder: Path, for_s: float | None, as_json: bool) -> None:
    """Forward readings."""
    from forgecast.tasks.forward_readings import forward_readings  # noqa: PLC0415

    language = language_of(context)
    with _running(language, for_s, quiet=as_json) as (should_stop, shown):
        status = forward_readings(folder, should_stop=should_stop, watch=shown.show)
    if as_json:
        echo_status(status)
    else:
        show_status(status, language)


@click.command(
    cls=BilingualCommand,
    name="status",
    sentence=text("Show how collecting goes: what each gateway has brought, how fresh it is, and what is wrong."),
    examples=(("forgecast signals status my-plant", text("from another terminal, while it is collected")),),
)
@argument("folder", metavar="PLANT", type=click.Path(path_type=Path), help=text("Folder of the plant or of the box."))
@json_option
@language_option
@click.pass_context
def status(context: click.Context, *, folder: Path, as_json: bool) -> None:
    """Show how collecting goes."""
    from forgecast.tasks.collect_signals import read_status  # noqa: PLC0415

    found = read_status(folder)
    if as_json:
        echo_status(found)
        return
    language = language_of(context)
    show_status(found, language)
    if not found.running:
        say(
            text("Nothing is being collected now; `forgecast signals collect {folder}` goes on.", folder=str(folder)),
            language,
        )
