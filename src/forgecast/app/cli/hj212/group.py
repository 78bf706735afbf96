"""The group `forgecast hj212` and its commands, each loaded when it is called."""

from __future__ import annotations

import click

from forgecast.app.cli.bilingual import BilingualGroup, language_option
from forgecast.ground.texts import text


def _check() -> click.Command:
    from forgecast.app.cli.hj212.check import check  # noqa: PLC0415

    return check


def _listen() -> click.Command:
    from forgecast.app.cli.hj212.listen import listen  # noqa: PLC0415

    return listen


def _send() -> click.Command:
    from forgecast.app.cli.hj212.send import send  # noqa: PLC0415

    return send


@click.group(
    cls=BilingualGroup,
    name="hj212",
    sentence=text("Read, receive and send the telegrams of emission monitors by HJ 212-2017."),
    examples=(
        ("forgecast hj212 check capture.txt", text("what is in a captured stream, and in what it deviates")),
        ("forgecast hj212 listen --port 9212", text("show what data loggers send, without answering them")),
        ("forgecast hj212 send --port 9212 --mn DA001", text("play a data logger with a made-up stack")),
    ),
    later={"check": _check, "listen": _listen, "send": _send},
)
@language_option
def hj212() -> None:
    """Hold the commands of HJ 212 together."""
