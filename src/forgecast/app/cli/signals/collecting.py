"""What collecting looks like on a terminal: a table of gateways that renews itself, and findings as they come."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

import click
from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text as Plain

from forgecast.app.cli.signals.show import span
from forgecast.app.report.numbers import ABSENT
from forgecast.ground.texts import Language, Text, text

if TYPE_CHECKING:
    from forgecast.tasks.collect_signals import CollectingStatus

_SHOWN = 8
_HEADS = (
    text("Gateway"), text("protocol"), text("State"), text("readings"), text("last reading"), text("breaks"),
    text("findings"),
)  # fmt: skip


def echo_status(status: CollectingStatus) -> None:
    """Print the JSON answer."""
    click.echo(json.dumps(status.as_json(), ensure_ascii=False, indent=1))


def show_status(status: CollectingStatus, language: Language) -> None:
    """Print the table of gateways and the latest findings."""
    Console().print(_page(status, language))


def _page(status: CollectingStatus, language: Language) -> Group:
    lines = [Plain(line, style="dim") for line in _findings(status, language)[-_SHOWN:]]
    if len(status.findings) > _SHOWN:
        more = text("… and {count} more; --json shows all.", count=len(status.findings) - _SHOWN)
        lines.append(Plain(more.say(language), style="dim"))
    if status.trouble:
        lines.insert(0, Plain(status.trouble, style="bold red"))
    return Group(_table(status, language), *lines)


def _table(status: CollectingStatus, language: Language) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for at, head in enumerate(_HEADS):
        justify: Literal["left", "right"] = "right" if at >= 3 else "left"
        table.add_column(Plain(head.say(language)), justify=justify, overflow="fold", no_wrap=at >= 3)
    for one in status.gateways:
        state, style = _state(one, running=status.running)
        age = ABSENT
        if _count(one, "last_us"):
            age = text("{span} ago", span=span((status.written_us - _count(one, "last_us")) / 1e6, language)).say(
                language
            )
        breaks = _count(one, "reconnects") + _count(one, "restarts")
        table.add_row(
            Plain(str(one["name"])), Plain(str(one["kind"])), Plain(state.say(language), style=style),
            f"{_count(one, 'rows'):,}", age, f"{breaks:,}", f"{_count(one, 'findings'):,}",
        )  # fmt: skip
    return table


def _state(one: Mapping[str, object], *, running: bool) -> tuple[Text, str]:
    if not running:
        return text("ended"), "dim"
    if not one.get("running"):
        return text("restarts"), "red"
    return (text("connected"), "green") if one.get("connected") else (text("no contact"), "yellow")


def _count(one: Mapping[str, object], key: str) -> int:
    value = one.get(key, 0)
    return value if isinstance(value, int) else 0


def _findings(status: CollectingStatus, language: Language) -> list[str]:
    return [_said(one, language) for one in status.findings]


def _said(one: Mapping[str, object], language: Language) -> str:
    place, reason, repair = one["place"], one["reason"], one["repair"]
    assert isinstance(place, Mapping)  # noqa: S101  (as `Finding.as_json` writes it)
    assert isinstance(reason, Mapping)  # noqa: S101
    assert isinstance(repair, Mapping)  # noqa: S101
    where = ":".join(str(part) for part in (place["file"], place["column"]) if part)
    return f"· {where}: {reason[language]} → {repair[language]}"


class Screen:
    """Shows collecting as it goes: on a terminal one page that renews itself, elsewhere one line for each finding.

    Parameters
    ----------
    language : Language
    live : Live or None
    """

    def __init__(self, language: Language, live: Live | None) -> None:
        self._language, self._live = language, live
        self._said: set[str] = set()

    def show(self, status: CollectingStatus) -> None:
        """Show how it goes now."""
        if self._live is not None:
            self._live.update(_page(status, self._language))
            return
        for line in _findings(status, self._language):
            if line not in self._said:
                self._said.add(line)
                click.echo(line, err=True)


@contextmanager
def screen(language: Language, *, quiet: bool) -> Iterator[Screen]:
    """Yield a screen; with `quiet` (JSON is wanted) nothing but findings goes to the error stream."""
    console = Console()
    if quiet or not console.is_terminal:
        yield Screen(language, None)
        return
    with Live(console=console, auto_refresh=True, refresh_per_second=4, transient=True) as live:
        yield Screen(language, live)
