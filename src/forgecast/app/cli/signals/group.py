"""The group `forgecast signals` and its commands, each loaded when it is called."""

from __future__ import annotations

from collections.abc import Callable

import click

from forgecast.app.cli.bilingual import BilingualGroup, language_option
from forgecast.ground.texts import text


def _instruments() -> click.Command:
    from forgecast.app.cli.signals.instruments import instruments  # noqa: PLC0415

    return instruments


def _collect() -> click.Command:
    from forgecast.app.cli.signals.collect import collect  # noqa: PLC0415

    return collect


def _status() -> click.Command:
    from forgecast.app.cli.signals.collect import status  # noqa: PLC0415

    return status


def _forward() -> click.Command:
    from forgecast.app.cli.signals.collect import forward  # noqa: PLC0415

    return forward


def _latest() -> click.Command:
    from forgecast.app.cli.signals.latest import latest  # noqa: PLC0415

    return latest


def _gate() -> click.Command:
    from forgecast.app.cli.signals.gate import gate  # noqa: PLC0415

    return gate


def _alarms() -> click.Command:
    from forgecast.app.cli.signals.alarms import alarms  # noqa: PLC0415

    return alarms


def _alarm_review() -> click.Command:
    from forgecast.app.cli.signals.alarm_review import alarm_review  # noqa: PLC0415

    return alarm_review


def _try_alarm() -> click.Command:
    from forgecast.app.cli.signals.try_alarm import try_alarm  # noqa: PLC0415

    return try_alarm


def _incidents() -> click.Command:
    from forgecast.app.cli.signals.incidents import incidents  # noqa: PLC0415

    return incidents


#: Commands by name, in the order of the help page; each is imported only when it is called.
_COMMANDS: dict[str, Callable[[], click.Command]] = {
    "instruments": _instruments,
    "collect": _collect,
    "status": _status,
    "forward": _forward,
    "latest": _latest,
    "gate": _gate,
    "alarms": _alarms,
    "alarm-review": _alarm_review,
    "try-alarm": _try_alarm,
    "incidents": _incidents,
}


@click.group(
    cls=BilingualGroup,
    name="signals",
    sentence=text(
        "Collect readings, see whether they can be trusted, be alarmed, and try an alarm on the past before it rings."
    ),
    examples=(
        ("forgecast signals collect my-plant", text("collect from the instruments until Ctrl-C")),
        ("forgecast signals latest my-plant", text("the latest value of each series, and how old it is")),
        ("forgecast signals gate my-plant", text("which readings are doubtful, and what is missing")),
        ("forgecast signals alarms my-plant", text("what rings now, and what is about to")),
        ("forgecast signals try-alarm my-plant T-0104 --high 62", text("how often that alarm would have rung")),
        ("forgecast signals incidents my-plant", text("safety incidents, and whether they were seen early")),
    ),
    later=_COMMANDS,
)
@language_option
def signals() -> None:
    """Hold the commands of signals together."""
