"""The sheet of three views that every picture of a casting is drawn on: one scale, axes in millimetres."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from forgecast.app.casting.cut import VIEWS, Raster, View, raster_of
from forgecast.app.casting.outcome import Outcome
from forgecast.app.report.plot_fonts import set_fonts
from forgecast.ground.texts import Language, Text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.cm import ScalarMappable
    from matplotlib.figure import Figure

INK, SOFT, RULE, WASH, ACCENT = "#1f2933", "#52606d", "#d8d4cb", "#f1eee8", "#c2410c"

_DPI: Final = 170
_TYPE: Final = 8.5
#: Room on the sheet [inch]: the views' greatest width and height, and what stands around them.
_WIDTH, _HEIGHT = 6.6, 5.6
_LEFT, _RIGHT, _TOP, _BOTTOM, _BETWEEN = 0.62, 1.35, 0.78, 0.78, 0.52
#: The narrowest a sheet may become [inch], so that its title fits.
_NARROWEST = 5.4
_LOCK = threading.Lock()
_SETTINGS: Final[Any] = {"text.parse_math": False, "text.usetex": False, "axes.unicode_minus": True}


@dataclass(frozen=True, slots=True)
class Sheet:
    """A figure with three views and the room beside them for a colour bar."""

    figure: Figure
    axes: tuple[Axes, Axes, Axes]
    rasters: tuple[Raster, Raster, Raster]
    bar: Axes
    language: Language

    def each(self) -> Iterator[tuple[Axes, Raster, View]]:
        """Yield axes, raster and view of front, side and plan."""
        yield from zip(self.axes, self.rasters, VIEWS, strict=True)

    def colour_bar(self, drawn: ScalarMappable, title: Text) -> None:
        """Draw the colour bar with its quantity and unit."""
        bar = self.figure.colorbar(drawn, cax=self.bar)
        bar.outline.set_visible(False)
        self.bar.tick_params(length=2.5, width=0.6, colors=SOFT, labelsize=_TYPE)
        self.bar.set_title(title.say(self.language), fontsize=_TYPE, color=INK, loc="left", pad=8)

    def legend(self, entries: list[tuple[Any, Text]]) -> None:
        """Draw what the marks mean below the views."""
        self.figure.legend(
            [handle for handle, _ in entries], [name.say(self.language) for _, name in entries],
            loc="lower left", bbox_to_anchor=(_LEFT / self.figure.get_figwidth() - 0.01, 0.0), ncols=5, frameon=False,
            fontsize=_TYPE, labelcolor=SOFT, handlelength=1.8, columnspacing=1.6, borderaxespad=0.4,
        )  # fmt: skip


@contextmanager
def sheet(path: Path, outcome: Outcome, language: Language, title: Text, below: Text) -> Iterator[Sheet]:
    """Yield an empty sheet and write it as PNG once it is filled."""
    import matplotlib as mpl  # noqa: PLC0415  (a plain call never waits for it)

    # Settings of matplotlib belong to the whole process, so pictures are drawn one after another.
    with _LOCK, mpl.rc_context(_SETTINGS):
        made = _laid_out(outcome, language)
        heading = made.figure.text(0.0, 0.0, title.say(language), fontsize=12.5, color=INK, va="top")
        under = made.figure.text(0.0, 0.0, below.say(language), fontsize=_TYPE, color=SOFT, va="top")
        width, height = made.figure.get_size_inches()
        heading.set_position((_LEFT / width, 1 - 0.13 / height))
        under.set_position((_LEFT / width, 1 - 0.4 / height))
        yield made
        for axes in made.axes:
            _dress(axes)
        set_fonts(made.figure)
        made.figure.draw_without_rendering()  # only now do the ticks have their numbers
        set_fonts(made.figure)
        content = io.BytesIO()
        made.figure.savefig(content, format="png", dpi=_DPI, facecolor="white", metadata={"Software": None})
    path.write_bytes(content.getvalue())


def _laid_out(outcome: Outcome, language: Language) -> Sheet:
    """Place front, side and plan as on a drawing, at one scale."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415

    rasters = tuple(raster_of(outcome, view) for view in VIEWS)
    front, side, _ = rasters
    wide, deep, high = (float(np.ptp(points)) for points in (front.u, side.u, front.v))
    scale = min((_WIDTH - _BETWEEN) / (wide + deep), (_HEIGHT - _BETWEEN) / (high + deep))
    wide, deep, high = (scale * length for length in (wide, deep, high))
    width = max(_LEFT + wide + _BETWEEN + deep + _RIGHT, _NARROWEST)
    height = _BOTTOM + deep + _BETWEEN + high + _TOP
    figure = Figure(figsize=(width, height))
    FigureCanvasAgg(figure)
    above, beside = _BOTTOM + deep + _BETWEEN, _LEFT + wide + _BETWEEN
    boxes = ((_LEFT, above, wide, high), (beside, above, deep, high), (_LEFT, _BOTTOM, wide, deep))
    axes = tuple(figure.add_axes((x / width, y / height, w / width, h / height)) for x, y, w, h in boxes)
    tall = min(height - _BOTTOM - _TOP - 0.3, 3.4)
    bar = figure.add_axes(((width - 1.05) / width, (height - _TOP - 0.25 - tall) / height, 0.14 / width, tall / height))
    for one, raster, view in zip(axes, rasters, VIEWS, strict=True):
        left, right, bottom, top = raster.extent_mm
        one.set(xlim=(left, right), ylim=(bottom, top), xlabel=f"{view.across} [mm]", ylabel=f"{view.up} [mm]")
    return Sheet(figure, axes, rasters, bar, language)  # type: ignore[arg-type]


def _dress(axes: Axes) -> None:
    from matplotlib.ticker import MaxNLocator  # noqa: PLC0415

    for spine in axes.spines.values():
        spine.set(color=RULE, linewidth=0.8)
    axes.tick_params(length=2.5, width=0.6, colors=SOFT, labelsize=_TYPE)
    box = axes.get_window_extent()
    dpi = axes.figure.dpi
    for axis, length in ((axes.xaxis, box.width / dpi), (axes.yaxis, box.height / dpi)):
        axis.set_major_locator(MaxNLocator(nbins=max(2, int(length / 0.55)), steps=[1, 2, 5, 10]))
        axis.label.set(color=SOFT, size=_TYPE)
    axes.xaxis.labelpad, axes.yaxis.labelpad = 2.0, 2.0
