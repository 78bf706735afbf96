"""What an answer leaves open: gaps with the record that would settle each, and notes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from forgecast.app.pages.parts import Words, fold, joined, paragraph, put, said, tag
from forgecast.app.pages.visit import Visit
from forgecast.ground.texts import text


def gap_list(visit: Visit, gaps: Sequence[Mapping[str, Any]], *, most: int = 8) -> None:
    """Place what is not known, with the record that would settle it and who has it."""
    if not gaps:
        paragraph(visit, text("Nothing that these records should tell is missing."), soft=True)
        return
    _gaps(visit, gaps[:most])
    if len(gaps) > most:
        with fold(visit, text("… and {count} more", count=len(gaps) - most)):
            _gaps(visit, gaps[most:])


def _gaps(visit: Visit, gaps: Sequence[Mapping[str, Any]]) -> None:
    items = [
        tag(
            "li",
            said(visit, gap["what"]),
            " ",
            tag("span", f"→ {gap['record']} · {said(visit, gap['who'])}", class_="fc-soft"),
        )
        for gap in gaps
    ]
    put(joined(*items), tag_name="ul", classes="fc-list")


def notes(visit: Visit, told: Sequence[Words]) -> None:
    """Place notes of an answer as a list."""
    if told:
        put(joined(*(tag("li", said(visit, one), class_="fc-soft") for one in told)), tag_name="ul", classes="fc-list")
