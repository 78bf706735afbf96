"""What would let a verdict pass, on a terminal."""

from __future__ import annotations

from rich.console import Console
from rich.padding import Padding
from rich.text import Text as Line

from forgecast.ground.texts import Language, text
from forgecast.rules.change import WaysToPass
from forgecast.rules.verdict import WORD_TEXTS

_MOST = 8


def show_ways(ways: WaysToPass, console: Console, language: Language) -> None:
    """Print the smallest changes that would let a verdict pass.

    Parameters
    ----------
    ways : WaysToPass
    console : rich.console.Console
    language : Language
    """
    lines = []
    if ways.figure is not None:
        lines.append(Line(ways.figure.say().say(language)))
    for one in ways.alternatives[:_MOST]:
        change = " + ".join(fact.say().say(language) for fact in one.facts)
        line = Line.assemble(change, (f"  → {WORD_TEXTS[one.word].say(language)}", "dim"))
        if one.then:
            names = ", ".join(verdict.requirement for verdict in one.then)
            line.append("  " + text("then not met: {names}", names=names).say(language), "yellow")
        lines.append(line)
    left = len(ways.alternatives) - _MOST
    if left > 0:
        lines.append(Line(text("… and more: {left}", left=left).say(language), "dim"))
    if not lines:
        lines.append(Line(text("no change of the figure or of one to three facts alone would do").say(language), "dim"))
    console.print(Line(f"  {text('what would let it pass').say(language)}", "bold"))
    for line in lines:
        console.print(Padding(Line.assemble("· ", line), (0, 0, 0, 4)))
    console.print()
