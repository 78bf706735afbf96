"""An interval on a scale: from the least to the most possible, with the value over what is known."""

from __future__ import annotations

from forgecast.app.pages.parts.markup import Markup, tag
from forgecast.app.pages.parts.words import Reader, said
from forgecast.app.report.numbers import shown
from forgecast.ground.texts import text


def interval(reader: Reader, low: float, high: float, value: float | None, *, most: float = 100.0) -> Markup:
    """Return a bar on a scale from zero.

    Parameters
    ----------
    reader : Reader
    low, high : float
        Ends of the interval.
    value : float or None
        Marked within it; None where nothing is known.
    most : float
        End of the scale.
    """
    known = text("{value}, between {low} and {high}", value="—" if value is None else shown(value),
                 low=shown(low), high=shown(high))  # fmt: skip

    def at(number: float) -> str:
        return f"{min(max(100.0 * number / most, 0.0), 100.0):.2f}%"

    width = f"{min(max(100.0 * (high - low) / most, 0.6), 100.0):.2f}%"
    parts = [
        tag("rect", x=0, y=5, width="100%", height=6, rx=3, style="fill:var(--sunk)"),
        tag("rect", x=at(low), y=5, width=width, height=6, rx=3, style="fill:var(--c1);opacity:.42"),
        tag("rect", x=0, y=5, width=at(low), height=6, rx=3, style="fill:var(--c1)"),
    ]
    if value is not None:
        parts.append(tag("rect", x=at(value), y=1, width=3, height=14, rx=1, style="fill:var(--c2)"))
    return tag(
        "svg",
        *parts,
        width="100%",
        height=16,
        role="img",
        aria_label=said(reader, known),
        style="display:block;min-width:7rem;overflow:visible",
    )
