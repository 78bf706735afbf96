"""`forgecast hj212 listen`: show what data loggers send, and store it where a plant is named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from forgecast.app.cli.bilingual import BilingualCommand, json_option, language_of, language_option, option
from forgecast.app.cli.hj212.check import show_findings
from forgecast.app.cli.melting.show import say
from forgecast.ground.texts import text

if TYPE_CHECKING:
    from forgecast.gateway.hj212.decoder import Seen

_MOST_VALUES = 8


@click.command(
    cls=BilingualCommand,
    name="listen",
    sentence=text(
        "Listen to data loggers and show their telegrams. Without --plant nothing is stored and nothing answered, "
        "so the devices keep their data; with it, what the plant's instruments.toml names is stored, and then answered."
    ),
    examples=(
        ("forgecast hj212 listen --host 0.0.0.0 --port 9212", text("look at what comes in, from any machine")),
        (
            "forgecast hj212 listen --port 9212 --plant my-plant",
            text("store it; `forgecast signals collect` does so for good"),
        ),
    ),
)
@option("--host", default="127.0.0.1", show_default=True, help=text("Address of this machine to listen at."))
@option(
    "--port", type=click.IntRange(0, 65_535), default=9212, show_default=True, help=text("Port; 0 takes a free one.")
)
@option("--plant", type=click.Path(path_type=Path), help=text("Folder of the plant that keeps what is reported."))
@option("--for", "for_s", type=click.FloatRange(0.0), metavar="SECONDS", help=text("Stop after so many seconds."))
@json_option
@language_option
@click.pass_context
def listen(
    context: click.Context, *, host: str, port: int, plant: Path | None, for_s: float | None, as_json: bool
) -> None:
    """Listen."""
    from forgecast.tasks.check_telegrams import shown  # noqa: PLC0415
    from forgecast.tasks.listen_to_loggers import listen_to_loggers  # noqa: PLC0415

    language = language_of(context)

    def watch(peer: str, seen: Seen) -> None:
        click.echo(json.dumps({"peer": peer, **shown(seen)}, ensure_ascii=False) if as_json else _line(peer, seen))

    def ready(listening: int) -> None:
        if as_json:
            click.echo(json.dumps({"host": host, "port": listening}))
        else:
            say(text("Listening at {host}:{port}; Ctrl-C stops.", host=host, port=listening), language)

    metrics, findings = listen_to_loggers(host=host, port=port, watch=watch, ready=ready, for_s=for_s, plant=plant)
    if as_json:
        click.echo(
            json.dumps(
                {
                    "ok": True,
                    "telegrams": metrics.telegrams,
                    "rejected": metrics.rejected,
                    "readings": metrics.readings,
                    "findings": [finding.as_json() for finding in findings],
                },
                ensure_ascii=False,
            )
        )
        return
    show_findings(findings, language)


def _line(peer: str, seen: Seen) -> str:
    codes = ", ".join(dict.fromkeys(code for code, _ in seen.deviations))
    telegram = seen.telegram
    if telegram is None:
        return f"{peer}  {seen.kind}  {codes}"
    values = [f"{key}={value}" for key, value in telegram.cp if "-" in key and not key.endswith("-Flag")]
    more = f" … +{len(values) - _MOST_VALUES}" if len(values) > _MOST_VALUES else ""
    first = f"{telegram.mn} {telegram.cn} {telegram.first('DataTime')}"
    return f"{peer}  {first}  {' '.join(values[:_MOST_VALUES])}{more}" + (f"  [{codes}]" if codes else "")
