"""A picture somebody else has drawn (matplotlib): with words for those who cannot see it, and larger on a click."""

from __future__ import annotations

from nicegui import ui

from forgecast.app.pages.parts.inline import own_address
from forgecast.app.pages.parts.markup import put, tag
from forgecast.app.pages.parts.words import Reader, Words, said
from forgecast.ground.texts import text


def picture(reader: Reader, address: str, *, alt: Words, caption: Words = None, paper: bool = True) -> ui.html:
    """Return a picture that opens in full size on a click.

    Parameters
    ----------
    reader : Reader
    address : str
        Of an SVG or PNG on this server.
    alt : Words
        What there is to see, in a sentence or two.
    caption : Words
    paper : bool
        Whether it is drawn for white paper; on a dark page it keeps a white sheet under it then.
    """
    own = own_address(address)
    image = tag("img", src=own, alt=said(reader, alt), loading="lazy")
    larger = tag("a", image, href=own, target="_blank", rel="noopener", title=said(reader, text("Open in full size")))
    below = tag("figcaption", said(reader, caption)) if caption else None
    return put(tag("figure", larger, below), classes="fc-picture fc-paper" if paper else "fc-picture")
