"""The picture of a genealogy: boxes from left to right, each a link to its own page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nicegui.element import Element

from forgecast.app.doors.pieces.genealogy import TRACE, Traced
from forgecast.app.pages.parts import Words, said
from forgecast.app.pages.visit import Visit
from forgecast.ground.texts import Text, text

_WORDS: dict[str, Text] = {
    "working": text("being worked out …"),
    "failed": text("The picture could not be fetched."),
    "larger": text("Larger"),
    "smaller": text("Smaller"),
    "fit": text("Fit"),
    "pieces": text("{n} pieces", n="{n}"),
    "more": text("{n} more are not drawn; the list has them.", n="{n}"),
    "legend": text(
        "A line is as wide as its share; dashed: follows from times and order, with its probability P. A box leads to "
        "its page."
    ),
}


class Genealogy(Element, component="genealogy.js"):
    """The picture of a trace; made by `genealogy`."""

    def __init__(self, props: Mapping[str, Any]) -> None:
        super().__init__()
        self._props.update(props)


def genealogy(visit: Visit, question: Traced, *, title: Words) -> Genealogy:
    """Return the picture of a trace, fetched by the browser."""
    return Genealogy(
        {
            "source": visit.address(TRACE, question),
            "language": visit.language,
            "zone": visit.zone,
            "title": said(visit, title),
            "link": visit.link("pieces/of") + "?kind={kind}&id={id}",
            "words": {key: words.say(visit.language) for key, words in _WORDS.items()},
        }
    )
