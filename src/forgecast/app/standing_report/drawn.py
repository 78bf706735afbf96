"""Pictures that other doors draw into a file, taken as SVG into a report."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
from pathlib import Path

from forgecast.app.standing_report.sheet import Picture

#: Height over width of what a page has room for, upright and on its side, below its heading.
_ROOM, _ROOM_WIDE = 1.3, 0.6


def picture_of(
    draw: Callable[[Path], None], alt: str, *, share: float = 1.0, wide: bool = False, cut: tuple[float, float] = (0, 0)
) -> Picture:
    """Return what `draw` writes to the SVG file it is given, as large as the page has room for, at most `share`."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "picture.svg"
        draw(path)
        content = path.read_text(encoding="utf-8")
    # The report holds the picture inside itself: its head of a file of its own says nothing there.
    svg = content[content.index("<svg") :]
    size = re.search(r'width="([\d.]+)pt" height="([\d.]+)pt"', svg) or re.search(
        r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg
    )
    assert size is not None  # noqa: S101  (matplotlib writes both)
    ratio = float(size[2]) / float(size[1])
    room = _ROOM_WIDE if wide else _ROOM
    return Picture(svg, alt, min(share, room / ratio), ratio, *cut)
