"""What stands inside a line or a cell: numbers, links, badges, times. Each returns `Markup`."""

from __future__ import annotations

from datetime import datetime

from forgecast.app.pages.parts.markup import Content, Markup, joined, tag
from forgecast.app.pages.parts.words import Reader, Words, said
from forgecast.app.report import numbers
from forgecast.app.report.words import SEVERITY_TEXTS, WORD_KEYS, WORD_SIGNS
from forgecast.ground.errors import ForgecastError
from forgecast.ground.finding import Severity
from forgecast.ground.texts import text
from forgecast.rules.verdict import WORD_TEXTS, Word

#: Signs of tones, so that colour is never needed to tell them apart.
TONE_SIGNS = {"good": "✓", "bad": "×", "warn": "!", "unknown": "?", "plain": "•"}


def number(value: float | None, unit: str = "", *, against: float | None = None) -> Markup:
    """Return a number with its unit, or a dash where there is none.

    Parameters
    ----------
    value : float or None
    unit : str
        As the records write it (``mg/m3``); shown with raised digits.
    against : float or None
        Limit that the shown digits must not round onto.
    """
    if value is None:
        return tag("span", numbers.ABSENT, class_="fc-absent")
    fine = numbers.pretty_unit(unit)
    digits = numbers.shown(float(value), against)
    if not fine:
        return tag("span", digits, class_="fc-number")
    return tag("span", digits, tag("span", fine, class_="fc-unit"), class_="fc-number")


def with_code(words: str) -> Markup:
    """Return a sentence whose parts between backquotes are set as what is typed."""
    return joined(*(tag("code", part) if place % 2 else part for place, part in enumerate(words.split("`"))))


def link(reader: Reader, words: Words, to: str) -> Markup:
    """Return a link.

    Parameters
    ----------
    reader : Reader
    words : Words
    to : str
        Address on this server, beginning with ``/``, ``?`` or ``#``.

    Raises
    ------
    ForgecastError
        If the address leads away from this server.
    """
    return tag("a", said(reader, words), href=own_address(to), class_="fc-link")


def own_address(to: str) -> str:
    """Return an address unchanged if it stays on this server.

    Raises
    ------
    ForgecastError
        If it does not.
    """
    if to[:1] not in {"/", "?", "#"} or to.startswith(("//", "/\\")):
        raise ForgecastError(
            text("the address {address} leads away from this server", address=to),
            where=to,
            repair=text("give an address that begins with a single /"),
        )
    return to


def badge(reader: Reader, word: str) -> Markup:
    """Return one of the five words of a verdict with its sign and colour.

    Parameters
    ----------
    reader : Reader
    word : str
        ``met``, ``not met``, ``partly``, ``not applicable`` or ``not known``.
    """
    known = Word(word)
    sign = tag("span", WORD_SIGNS[known], class_="fc-sign", aria_hidden="true")
    return tag("span", sign, WORD_TEXTS[known].say(reader.language), class_=f"fc-chip {WORD_KEYS[known]}")


def severity_badge(reader: Reader, severity: str) -> Markup:
    """Return how much a finding matters: ``refused``, ``doubtful`` or ``note``."""
    known = Severity(severity)
    return tag("span", SEVERITY_TEXTS[known].say(reader.language), class_=f"fc-chip {known}")


def chip(reader: Reader, words: Words, tone: str = "plain") -> Markup:
    """Return a word in a tone: ``good``, ``bad``, ``warn``, ``unknown`` or ``plain``."""
    sign = None if tone == "plain" else tag("span", TONE_SIGNS[tone], class_="fc-sign", aria_hidden="true")
    return tag("span", sign, said(reader, words), class_=f"fc-chip tone-{tone}")


def moment(at: str | None, zone_name: str) -> Markup:
    """Return an instant (ISO 8601) as the plant's clock shows it, or a dash."""
    if not at:
        return tag("span", numbers.ABSENT, class_="fc-absent")
    return tag("time", numbers.local_hour(at.replace("Z", "+00:00"), zone_name), datetime=at, class_="fc-number")


def day(on: str | None, reader: Reader) -> Markup:
    """Return a day (``YYYY-MM-DD``) as a sentence says it, or a dash."""
    if not on:
        return tag("span", numbers.ABSENT, class_="fc-absent")
    return tag("time", numbers.long_day(datetime.fromisoformat(on).date(), reader.language), datetime=on)


def lines(*content: Content) -> Markup:
    """Return contents below each other, the first one plain and the others softer."""
    first, *rest = content
    return joined(tag("span", first, class_="fc-line"), *(tag("span", r, class_="fc-line fc-soft") for r in rest if r))
