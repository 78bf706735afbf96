"""A fault card as a page of its own, and as a picture."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Final

from forgecast.app.quality.canvas import (
    ALARM,
    CALM,
    INK,
    LINE,
    RULE,
    SMALL,
    SOFT,
    TYPE,
    WASH,
    canvas,
    dress,
    heading,
    made_up,
)
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Language, text
from forgecast.signals.condition.fault_card import LIKELY_TEXTS, Likely
from forgecast.tasks.explain_fault import FaultAnswer, kind_text

_COLOURS: Final = {Likely.LIKELY: ALARM, Likely.POSSIBLE: "#d9a441", Likely.UNLIKELY: RULE}
_STYLE: Final = (
    "body{font:15px/1.5 system-ui,'Noto Sans SC',sans-serif;color:#1f2933;max-width:52rem;margin:2rem "
    "auto;padding:0 1rem}"
    "h1{font-size:1.5rem;margin:0}h2{font-size:1.05rem;margin:1.6rem 0 .4rem;border-bottom:1px solid #d8d4cb}"
    ".soft{color:#52606d}li{margin:.25rem 0}.bar{display:inline-block;height:.7rem;vertical-align:middle}"
    ".likely{color:#c2410c;font-weight:600}.for::before{content:'+ ';color:#3f7d58;font-weight:700}"
    ".against::before{content:'− "
    "';color:#c2410c;font-weight:700}ul.plain{list-style:none;padding-left:1rem;margin:.1rem 0}"
    "@media print{body{margin:0}}"
)
_WIDTH: Final = 9.8


def card_title(answer: FaultAnswer, language: Language) -> str:
    """Return machine, kind and plant in one line."""
    card = answer.card
    parts = [text("Fault card").say(language), card.machine, kind_text(card.kind).say(language), answer.source]
    return " · ".join(part for part in parts if part) + made_up(language, synthetic=answer.synthetic)


def write_card(answer: FaultAnswer, path: Path, language: Language) -> None:
    """Write a card as .html, .png or .svg.

    Parameters
    ----------
    answer : FaultAnswer
    path : Path
    language : {'en', 'zh'}

    Raises
    ------
    ForgecastError
        If the ending is another, or the file cannot be written.
    """
    if path.suffix.lower() != ".html":
        _draw(answer, path, language)
        return
    try:
        path.write_text(card_html(answer, language), encoding="utf-8", newline="\n")
    except OSError as error:
        raise ForgecastError(
            text("the card cannot be written: {error}", error=error.strerror or type(error).__name__),
            where=str(path), repair=text("name a file in a folder that exists and may be written to"),
        ) from error  # fmt: skip


def card_html(answer: FaultAnswer, language: Language) -> str:
    """Return the page of a card; it needs no other file."""
    card = answer.card

    def say(words: object) -> str:
        return escape(words.say(language) if hasattr(words, "say") else str(words))

    lines = [f"<h1>{escape(card_title(answer, language))}</h1>", f"<h2>{say(text('What was seen'))}</h2><ul>"]
    lines += [f"<li{'' if one.seen else ' class=soft'}>{say(one.words)}</li>" for one in card.signs]
    lines += ["</ul>", f"<h2>{say(text('What it may be'))}</h2><ol>"]
    for cause in card.causes:
        share = f"{100.0 * cause.share:.0f}"
        lines.append(
            f"<li><span class={'likely' if cause.likely is Likely.LIKELY else 'soft'}>{say(LIKELY_TEXTS[cause.likely])}"
            f"</span> {say(cause.words)} "
            f"<span class=bar style='width:{share}px;background:{_COLOURS[cause.likely]}'></span>"
            "<ul class=plain>"
        )
        lines += [f"<li class=for>{say(one)}</li>" for one in cause.speaks_for]
        lines += [f"<li class=against>{say(one)}</li>" for one in cause.speaks_against]
        lines.append("</ul></li>")
    lines += ["</ol>", f"<h2>{say(text('What to check first'))}</h2><ol>"]
    for check in card.checks:
        lines.append(f"<li>{say(check.words)} <span class=soft>({check.minutes:.0f} min)</span></li>")
    lines += ["</ol>", f"<h2>{say(text('What to know'))}</h2><ul class=soft>"]
    lines += [f"<li>{say(one)}</li>" for one in answer.notes]
    lines.append("</ul>")
    return (
        f'<!doctype html>\n<html lang="{"zh-CN" if language == "zh" else "en"}"><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{escape(card_title(answer, language))}</title>'
        f"<style>{_STYLE}</style>\n" + "\n".join(lines) + "\n</html>\n"
    )


def _draw(answer: FaultAnswer, path: Path, language: Language) -> None:
    card = answer.card
    causes, signs = card.causes[:6], card.signs[:8]
    height = 1.2 + 0.24 * len(signs) + 0.5 + 0.34 * len(causes) + 0.85 + 0.3 * len(card.checks) + 0.5
    with canvas(path, _WIDTH, height) as figure:
        seen = sum(one.seen for one in card.signs)
        under = text("{seen} signs seen, {absent} looked for and not seen", seen=seen, absent=len(card.signs) - seen)
        heading(figure, card_title(answer, language), under.say(language), left=0.3)

        def write(inch: float, words: str, colour: str, size: float, left: float = 0.3) -> None:
            figure.text(left / _WIDTH, 1.0 - inch / height, words, fontsize=size, color=colour, va="center")

        at = 0.95
        write(at, text("What was seen").say(language), INK, TYPE + 1)
        for one in signs:
            at += 0.24
            write(at, ("● " if one.seen else "○ ") + one.words.say(language), INK if one.seen else SOFT, TYPE, 0.45)
        at += 0.42
        write(at, text("What it may be").say(language), INK, TYPE + 1)
        tall = 0.34 * len(causes)
        axes = figure.add_axes((3.9 / _WIDTH, 1.0 - (at + 0.15 + tall) / height, 5.4 / _WIDTH, tall / height))
        for row, cause in enumerate(causes):
            axes.barh(row, 100.0 * cause.share, height=0.6, color=_COLOURS[cause.likely], zorder=2)
            axes.barh(row, 100.0, height=0.6, color=WASH, zorder=1)
            axes.text(101.0, row, LIKELY_TEXTS[cause.likely].say(language), va="center", fontsize=SMALL, color=SOFT)
        axes.set_yticks(range(len(causes)), [cause.words.say(language) for cause in causes])
        axes.set_ylim(len(causes) - 0.5, -0.5)
        axes.set_xlim(0.0, 116.0)
        axes.set_xticks([0, 50, 100])
        axes.set_xlabel(text("share of all causes weighed [%]").say(language), fontsize=SMALL, color=SOFT)
        dress(axes, grid="x")
        at += 0.15 + tall + 0.65
        write(at, text("What to check first").say(language), INK, TYPE + 1)
        for number, check in enumerate(card.checks, start=1):
            at += 0.3
            colour = CALM if number == 1 else LINE
            write(at, f"{number}  {check.words.say(language)}  ({check.minutes:.0f} min)", colour, TYPE, 0.45)
