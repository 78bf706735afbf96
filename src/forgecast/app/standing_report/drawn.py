"""Pictures that other doors draw into a file, taken as SVG into a report."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path


def drawn_svg(draw: Callable[[Path], None]) -> str:
    """Return what `draw` writes to the SVG file it is given."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "picture.svg"
        draw(path)
        content = path.read_text(encoding="utf-8")
    # The report holds the picture inside itself: its head of a file of its own says nothing there.
    return content[content.index("<svg") :]
