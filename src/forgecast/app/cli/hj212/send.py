"""`forgecast hj212 send`: play a data logger."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import click

from forgecast.app.cli.bilingual import BilingualCommand, json_option, language_of, language_option, option
from forgecast.app.cli.melting.show import echo_json, say
from forgecast.app.cli.progress import progress_bar
from forgecast.ground.dates import CHINA, MINUTE_US
from forgecast.ground.texts import text


@click.command(
    cls=BilingualCommand,
    name="send",
    sentence=text(
        "Play a data logger: send the values of a file, or of a made-up stack, until the server has answered all."
    ),
    examples=(
        ("forgecast hj212 send --port 9212 --mn DA001 --minutes 120", text("two hours of a made-up stack")),
        (
            "forgecast hj212 send --port 9212 --mn DA001 --csv stack.csv --keep box",
            text("a file; what is not answered stays in box"),
        ),
    ),
)
@option("--host", default="127.0.0.1", show_default=True, help=text("Machine of the server."))
@option("--port", type=click.IntRange(1, 65_535), required=True, help=text("Port of the server."))
@option("--mn", required=True, help=text("Identity of the device (MN)."))
@option("--password", default="123456", show_default=True, help=text("What the device sends as PW."))
@option("--csv", "file", type=click.Path(path_type=Path), help=text(
    "Samples: a column time, one for each code (a21026), and where told a21026-Flag and a21026-Zs."))  # fmt: skip
@option("--minutes", type=click.IntRange(1), default=60, show_default=True, help=text(
    "How much of the made-up stack to send, up to now."))  # fmt: skip
@option("--zone", default=CHINA, show_default=True, help=text("Time zone of the plant."))
@option("--keep", type=click.Path(path_type=Path), help=text(
    "Folder that keeps what is not answered; without it that is lost when the program ends."))  # fmt: skip
@option("--patience", type=click.FloatRange(0.0), default=60.0, show_default=True, metavar="SECONDS", help=text(
    "How long to wait for the answers."))  # fmt: skip
@json_option
@language_option
@click.pass_context
def send(
    context: click.Context,
    *,
    host: str,
    port: int,
    mn: str,
    password: str,
    file: Path | None,
    minutes: int,
    zone: str,
    keep: Path | None,
    patience: float,
    as_json: bool,
) -> None:
    """Send."""
    from forgecast.tasks.send_telegrams import made_up_stack, play_of_file, send_telegrams  # noqa: PLC0415

    language = language_of(context)
    now = time.time_ns() // 1000
    play = (
        made_up_stack(now - now % MINUTE_US - minutes * MINUTE_US, minutes)
        if file is None
        else play_of_file(file, zone)
    )
    with tempfile.TemporaryDirectory() as scratch, progress_bar(text("Sending").say(language)) as progress:
        done = send_telegrams(
            play, keep or Path(scratch), mn=mn, password=password, host=host, port=port, zone_name=zone,
            patience_s=patience, progress=progress,
        )  # fmt: skip
    if as_json:
        echo_json({"made": done.made, "answered": done.answered, "repeated": done.repeated})
        return
    say(text("{count} telegrams sent and answered.", count=done.answered), language)
