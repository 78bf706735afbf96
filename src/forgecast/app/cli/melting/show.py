"""What the commands of melting show alike: limits with their probabilities, sentences, contents."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable

import click
from rich.console import Console
from rich.text import Text as Plain

from forgecast.app.cli.quality.asked import show_rows
from forgecast.app.report.numbers import ABSENT
from forgecast.ground.texts import Language, Text, text
from forgecast.melting.charge_mix import Kept
from forgecast.melting.material import Limit


def echo_json(answer: dict[str, object], *, done: bool = True) -> None:
    """Print a JSON answer."""
    click.echo(json.dumps({"ok": done, **answer}, ensure_ascii=False, indent=1))


def say(line: Text, language: Language, style: str = "") -> None:
    """Print a sentence, folded to the terminal."""
    Console().print(Plain(line.say(language)), style=style)


def say_list(title: Text, lines: Iterable[Text], language: Language) -> None:
    """Print a heading and sentences below it; nothing where there are none."""
    listed = list(lines)
    if listed:
        console = Console()
        console.print()
        console.print(Plain(title.say(language)), style="bold")
        for line in listed:
            console.print(Plain(f"· {line.say(language)}"))


def content(value: float | None, *, ratio: bool = False) -> str:
    """Return a content in per cent with four digits, a ratio bare; a dash where it is not known."""
    if value is None or not math.isfinite(value):
        return ABSENT
    return f"{value:.4g}" if ratio else f"{100.0 * value:.4g}"


def probability(value: float) -> str:
    """Return a probability in per cent, as many digits as tell it from certainty; never rounded up to certainty."""
    if value >= 0.99995:
        return "> 99.99"
    return f"{100.0 * value:.4g}" if value > 0.999 else f"{100.0 * value:.3g}"


def show_limits(
    kept: Iterable[Kept], limits: Iterable[Limit], language: Language, *, spreads_told: bool = True
) -> None:
    """Print each limit with what the metal holds and the probability that it holds on both its sides."""
    ratios = {limit.name for limit in limits if limit.per is not None}
    sides: dict[str, dict[str, Kept]] = {}
    for one in kept:
        sides.setdefault(one.name, {})[one.side] = one
    rows = []
    for name, both in sides.items():
        ratio = name in ratios
        some = next(iter(both.values()))
        low, high = both.get("lowest"), both.get("highest")
        binding = [word for side, word in (("lowest", "≥"), ("highest", "≤")) if side in both and both[side].binds]
        rows.append(
            (
                f"{name}{'' if ratio else ' [%]'}",
                ABSENT if low is None else content(low.bound, ratio=ratio),
                content(some.expected, ratio=ratio),
                content(some.spread, ratio=ratio) if spreads_told else ABSENT,
                ABSENT if high is None else content(high.bound, ratio=ratio),
                ABSENT if not spreads_told else probability(1.0 - sum(1.0 - one.probability for one in both.values())),
                " ".join(binding),
            )
        )
    heads = (text("Limit"), text("at least"), text("expected"), text("± std. dev."), text("at most"),
             text("holds with [%]"), text("binds"))  # fmt: skip
    show_rows(heads, rows, language, right=frozenset(range(1, 6)))
