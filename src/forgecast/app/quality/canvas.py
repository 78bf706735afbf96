"""The sheet every picture of quality is drawn on: SVG or PNG, colours, typefaces for both languages."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from forgecast.app.report.plot_fonts import set_fonts
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Language, Text, text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, SOFT, RULE, WASH, LINE = "#1f2933", "#52606d", "#d8d4cb", "#f1eee8", "#2f4b66"
ALARM, CALM = "#c2410c", "#3f7d58"

#: Sizes of type [point].
TYPE, SMALL, TITLE = 8.5, 7.5, 12.5
_DPI: Final = 170
_LOCK = threading.Lock()
#: Dollar signs in a name are dollar signs; equal pictures are equal bytes.
_SETTINGS: Final[Any] = {
    "text.parse_math": False,
    "text.usetex": False,
    "axes.unicode_minus": True,
    "svg.fonttype": "path",
    "svg.hashsalt": "forgecast",
    "path.simplify": True,
}


def check_picture(path: Path) -> None:
    """Refuse a picture that could not be written, before any work is done for it.

    Raises
    ------
    ForgecastError
        If the ending is neither .svg nor .png, or the folder does not exist.
    """
    if path.suffix.lower() not in (".svg", ".png"):
        raise ForgecastError(
            text("a picture cannot be written as {suffix}", suffix=path.suffix or "—"),
            where=str(path),
            repair=text("give the file a name that ends in .svg or .png"),
        )
    if not path.absolute().parent.is_dir():
        raise ForgecastError(
            text("the folder of the picture does not exist"),
            where=str(path.parent),
            repair=text("make the folder, or name a file in a folder that exists"),
        )


@contextmanager
def canvas(path: Path, width: float, height: float) -> Iterator[Figure]:
    """Yield an empty figure of a size in inches and write it once it is drawn."""
    import matplotlib as mpl  # noqa: PLC0415  (a call without a picture never waits for it)
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415

    check_picture(path)
    # Settings of matplotlib belong to the whole process, so pictures are drawn one after another.
    with _LOCK, mpl.rc_context(_SETTINGS):
        figure = Figure(figsize=(width, height))
        FigureCanvasAgg(figure)
        yield figure
        set_fonts(figure)
        figure.draw_without_rendering()  # only now do the ticks have their numbers
        set_fonts(figure)
        content = io.BytesIO()
        form = path.suffix.lower().removeprefix(".")
        metadata = {"Software": None} if form == "png" else {"Date": None, "Creator": None}
        figure.savefig(content, format=form, dpi=_DPI, facecolor="white", metadata=metadata)
    path.write_bytes(content.getvalue())


def heading(figure: Figure, title: str, below: str, *, left: float) -> None:
    """Write the title of a picture and the line under it, `left` inches from its edge."""
    width, height = figure.get_size_inches()
    figure.text(left / width, 1 - 0.16 / height, title, fontsize=TITLE, color=INK, va="top")
    figure.text(left / width, 1 - 0.44 / height, below, fontsize=TYPE, color=SOFT, va="top")


def dress(axes: Axes, *, grid: str = "y") -> None:
    """Take away what says nothing: frame, ticks, all but a light grid."""
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(RULE)
    axes.grid(visible=True, axis=grid, color=WASH, linewidth=0.8, zorder=0)  # type: ignore[arg-type]
    axes.set_axisbelow(True)
    axes.tick_params(length=0, colors=SOFT, labelsize=SMALL, pad=3)


def made_up(language: Language, *, synthetic: bool) -> str:
    """Return what must stand on every picture of a made-up plant; empty for a real one."""
    said: Text = text("made-up data")
    return f" · {said.say(language)}" if synthetic else ""
