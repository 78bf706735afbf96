"""Our own pictograms: a few strokes on a square of 24, in the colour of the text beside them."""

from __future__ import annotations

from forgecast.app.pages.parts.markup import Markup

_STROKES: dict[str, str] = {
    "home": "M4 11l8-7 8 7M6 9.5V20h12V9.5M10 20v-6h4v6",
    "casting": "M5 4h11l-1.5 8h-8zM16 6h4M10.5 12v3M6 20h12M7 20c0-3 2-5 5-5s5 2 5 5",
    "forging": "M4 9h10c0 3 2 4 6 4v1h-7v3h3v3H7v-3h3v-3C6 14 4 12 4 9zM7 4h6v3H7z",
    "melt": "M5 9h14l-2 11H7zM9 6c0-2 2-2 2-4M13 6c0-2 2-2 2-4M8 13h8",
    "pieces": "M12 3l8 4.5v9L12 21l-8-4.5v-9zM4 7.5l8 4.5 8-4.5M12 12v9",
    "quality": "M4 4v16h16M7 15l3.5-5 3 3L20 6M7 8h13",
    "live": "M3 12h4l2.5-7 4 14L16 12h5",
    "green": "M5 19c0-9 5-14 15-14 0 10-5 14-11 14-2 0-3-1-4-2M5 21c2-6 5-9 9-11",
    "rules": "M12 4v16M7 20h10M5 7h14M5 7l-3 7h6zM19 7l-3 7h6z",
    "standing": "M4 20V11h5v9M9.5 20V5h5v15M15 20v-6h5v6M2 20h20",
    "data": "M5 6c0-1.7 3-3 7-3s7 1.3 7 3-3 3-7 3-7-1.3-7-3zM5 6v12c0 1.7 3 3 7 3s7-1.3 7-3V6M5 12c0 1.7 3 3 7 3"
    "s7-1.3 7-3",
    "admin": "M12 12a4 4 0 100-8 4 4 0 000 8zM4 21c0-4 3.5-6 8-6s8 2 8 6",
    "menu": "M4 6h16M4 12h16M4 18h16",
    "dark": "M20 14.5A8 8 0 019.5 4 8 8 0 1020 14.5z",
    "out": "M14 4H5v16h9M10 12h11M17 8l4 4-4 4",
}

#: The mark: a ladle's stream into a mould.
MARK = Markup(
    '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M3 4h13l-2 8H5z" fill="currentColor"/>'
    '<path d="M16 5c3 1 4 4 4 9v1h-3v-1c0-4-.5-6-2-7z" fill="#ff8a3d"/>'
    '<path d="M3 16h11v-1h9v5a2 2 0 01-2 2H5a2 2 0 01-2-2z" fill="currentColor" opacity=".55"/></svg>'
)


def icon(name: str) -> Markup:
    """Return a pictogram by its name; it is hidden from screen readers, for words stand beside it."""
    return Markup(
        '<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.7" stroke-linecap="round" '
        f'stroke-linejoin="round" aria-hidden="true"><path d="{_STROKES[name]}"/></svg>'
    )
