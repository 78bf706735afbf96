"""The typefaces of pictures: each text gets the one that can draw all of it, so that no character becomes a box."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forgecast.app.report import fonts

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from matplotlib.text import Text


def set_font(drawn: Text, size: float) -> None:
    """Give a text its typeface, in points of `size`."""
    from matplotlib.font_manager import FontProperties  # noqa: PLC0415  (loads slowly)

    said, path = fonts.for_one_font(drawn.get_text())
    drawn.set_text(said)
    drawn.set_fontproperties(FontProperties(fname=str(path), size=size))


def set_fonts(figure: Figure) -> None:
    """Give each text of a figure its typeface; its size stays."""
    from matplotlib.text import Text as Drawn  # noqa: PLC0415

    for drawn in figure.findobj(match=Drawn):
        assert isinstance(drawn, Drawn)  # noqa: S101  (that was asked for)
        if drawn.get_text():
            set_font(drawn, float(drawn.get_fontsize()))
