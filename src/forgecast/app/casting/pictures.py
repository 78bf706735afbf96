"""Pictures of a casting run: solidification time in three sections, hot spots, and what an X-ray would show."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np

from forgecast.app.casting.cut import (
    COLUMN,
    VIEWS,
    Mask,
    Raster,
    View,
    along_sight,
    inside,
    layer,
    look_through,
    on_raster,
    outline,
    raster_of,
    shadow,
)
from forgecast.app.casting.outcome import Body, Field, Outcome, Place
from forgecast.app.casting.views import ACCENT, INK, SOFT, WASH, sheet
from forgecast.ground.texts import Language, Text, text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap

#: For each view, what each body covers in it.
Shadows: TypeAlias = tuple[tuple[Mask, ...], ...]

CHILL: Final = "#2563eb"
_COLOURS: Final = {"casting": INK, "riser": ACCENT, "chill": CHILL, "sleeve": "#a16207", "core": "#7c3aed"}
_NAMES: Final[dict[str, Text]] = {
    "casting": text("casting"),
    "riser": text("riser, neck, gate"),
    "chill": text("chill"),
    "sleeve": text("sleeve"),
    "core": text("core"),
}
#: Beyond this longest time a picture counts in minutes [s].
_LONG: Final = 600.0
#: Marks nearer than this are moved apart [point].
_APART: Final = 15.0


def draw_pictures(outcome: Outcome, folder: Path, language: Language) -> tuple[Path, ...]:
    """Draw all pictures that the outcome has the fields for.

    Returns
    -------
    tuple of Path
        ``sections.png``, ``hot_spots.png`` and, where shrinkage was judged, ``porosity.png``.
    """
    paths = [folder / "sections.png", folder / "hot_spots.png"]
    draw_sections(outcome, paths[0], language)
    seen = shadows(outcome)
    draw_hot_spots(outcome, paths[1], language, seen)
    if outcome.void is not None or outcome.porosity is not None:
        paths.append(folder / "porosity.png")
        draw_porosity(outcome, paths[2], language, seen)
    return tuple(paths)


def time_colours() -> Colormap:
    """Return the colours of time: dark freezes early, bright late; the darkest and the palest are left out."""
    import matplotlib as mpl  # noqa: PLC0415
    from matplotlib.colors import LinearSegmentedColormap  # noqa: PLC0415

    return LinearSegmentedColormap.from_list("time", mpl.colormaps["inferno"](np.linspace(0.1, 0.95, 256)))


def shadows(outcome: Outcome) -> Shadows:
    """Return what each body covers in each view: all its triangles are drawn, so it is done once for all pictures."""
    return tuple(tuple(shadow(body, raster_of(outcome, view)) for body in outcome.bodies) for view in VIEWS)


def time_range(outcome: Outcome) -> tuple[float, float]:
    """Return the earliest and the latest solidification time [s], which the colours reach from and to."""
    known = outcome.time_solidus[np.isfinite(outcome.time_solidus)]
    if not known.size:
        return 0.0, 1.0
    first, last = float(known.min()), float(known.max())
    return (first, last) if last > first else (0.0, last or 1.0)


def _times(outcome: Outcome) -> tuple[float, str, float, float]:
    """Return what to divide seconds by, the unit, and the range of times in it."""
    first, last = time_range(outcome)
    per, unit = (60.0, "min") if last > _LONG else (1.0, "s")
    return per, unit, first / per, last / per


def draw_sections(outcome: Outcome, path: Path, language: Language) -> None:
    """Draw solidification time in three planes through the worst hot spot, with lines of equal time."""
    from matplotlib.cm import ScalarMappable  # noqa: PLC0415
    from matplotlib.colors import Normalize  # noqa: PLC0415
    from matplotlib.ticker import MaxNLocator  # noqa: PLC0415

    per, unit, first, last = _times(outcome)
    colours, norm = time_colours(), Normalize(first, last)
    levels = MaxNLocator(nbins=9, steps=[1, 2, 5, 10]).tick_values(first, last)
    title = text("Solidification time of {part}", part=outcome.title)
    with sheet(path, outcome, language, title, _where(outcome)) as made:
        for axes, raster, view in made.each():
            place = outcome.centre[COLUMN[view.along]]
            _cut_bodies(axes, outcome, raster, place)
            metal = _metal(outcome, raster, place)
            cells = layer(outcome.grid, outcome.time_solidus, view, place) / per
            time = np.where(metal, on_raster(outcome.grid, cells, raster), np.nan)
            liquid = metal & _liquid(outcome, raster, place)
            time[liquid] = np.nan
            axes.imshow(
                time, extent=raster.extent_mm, origin="lower", cmap=colours, norm=norm, aspect="equal", zorder=2
            )
            _liquid_mark(axes, raster, liquid)
            if np.isfinite(time).any():
                _iso_lines(axes, raster, time, levels)
            _plane_marks(axes, outcome.centre, view)
        made.colour_bar(ScalarMappable(norm, colours), text("solid after [{unit}]", unit=unit))
        made.legend(_legend(outcome, still_liquid=_any_liquid(outcome)))


def draw_hot_spots(outcome: Outcome, path: Path, language: Language, covered: Shadows) -> None:
    """Draw the casting looked through: the latest time on each line of sight, and the numbered hot spots."""
    from matplotlib.cm import ScalarMappable  # noqa: PLC0415
    from matplotlib.colors import Normalize  # noqa: PLC0415

    per, unit, first, last = _times(outcome)
    colours, norm = time_colours(), Normalize(first, last)
    title = text("Hot spots of {part}", part=outcome.title)
    below = text("looked through; colour: the latest solidification time on the line of sight")
    with sheet(path, outcome, language, title, below) as made:
        for (axes, raster, view), masks in zip(made.each(), covered, strict=True):
            metal = _any_metal(outcome, masks)
            cells = look_through(outcome.time_solidus, view, "max") / per
            time = np.where(metal, on_raster(outcome.grid, cells, raster), np.nan)
            axes.imshow(time, extent=raster.extent_mm, origin="lower", cmap=colours, norm=norm, aspect="equal",
                        alpha=0.8, zorder=2)  # fmt: skip
            _rims(axes, outcome, raster, masks)
            _numbers(axes, [(spot.number, spot.place) for spot in outcome.spots], view)
        made.colour_bar(ScalarMappable(norm, colours), text("solid after [{unit}]", unit=unit))
        made.legend(_legend(outcome, marks=text("hot spot, 1 freezes last") if outcome.spots else None))


def draw_porosity(outcome: Outcome, path: Path, language: Language, covered: Shadows) -> None:
    """Draw voids and microporosity as an X-ray would show them: their length along the line of sight."""
    from matplotlib.cm import ScalarMappable  # noqa: PLC0415
    from matplotlib.colors import LinearSegmentedColormap, PowerNorm  # noqa: PLC0415

    shares = [np.nan_to_num(field) for field in (outcome.void, outcome.porosity) if field is not None]
    empty = np.minimum(np.sum(shares, axis=0), 1.0)
    empty = np.where(outcome.part > 0, empty, np.nan)
    seen = [1000 * along_sight(outcome.grid, empty, view) for view in VIEWS]
    most = max(float(np.nanmax(one)) for one in seen)
    colours = LinearSegmentedColormap.from_list("void", ["#e9e5dd", "#f4b183", "#c2410c", "#5f1507", "#1c0502"])
    norm = PowerNorm(0.5, 0.0, most or 1.0)
    title = text("Shrinkage and porosity of {part}", part=outcome.title)
    below = text("as an X-ray would show it; colour: length of empty space on the line of sight")
    with sheet(path, outcome, language, title, below) as made:
        for (axes, raster, view), cells, masks in zip(made.each(), seen, covered, strict=True):
            metal = _any_metal(outcome, masks)
            drawn = np.where(metal, on_raster(outcome.grid, cells, raster), np.nan)
            axes.imshow(
                drawn, extent=raster.extent_mm, origin="lower", cmap=colours, norm=norm, aspect="equal", zorder=2
            )
            _rims(axes, outcome, raster, masks)
            _numbers(axes, [(cavity.number, cavity.place) for cavity in outcome.cavities], view)
        made.colour_bar(ScalarMappable(norm, colours), text("empty [mm]"))
        made.legend(_legend(outcome, marks=text("cavity, 1 is the largest") if outcome.cavities else None))


def _where(outcome: Outcome) -> Text:
    x, y, z = (f"{round(1000 * part, 1) + 0.0:.1f}".replace("-", "−") for part in outcome.centre)
    if outcome.spots:
        return text("sections through hot spot 1 at x = {x}, y = {y}, z = {z} mm", x=x, y=y, z=z)
    return text("sections through the middle at x = {x}, y = {y}, z = {z} mm", x=x, y=y, z=z)


def _metal(outcome: Outcome, raster: Raster, place: float) -> Mask:
    mask = np.zeros((len(raster.v), len(raster.u)), dtype=np.bool_)
    for body in outcome.bodies:
        if body.is_metal:
            mask |= inside(outline(body, raster.view, place), raster)
    return mask


def _any_liquid(outcome: Outcome) -> bool:
    return bool(((outcome.part > 0) & ~np.isfinite(outcome.time_solidus)).any())


def _liquid(outcome: Outcome, raster: Raster, place: float) -> Mask:
    """Return where the metal was still liquid at the end; beyond the cells it is as in the nearest of them."""
    part = layer(outcome.grid, outcome.part, raster.view, place)
    time = layer(outcome.grid, outcome.time_solidus, raster.view, place)
    state = np.where(part > 0, np.where(np.isfinite(time), 0.0, 1.0), np.nan)
    found: Mask = on_raster(outcome.grid, state, raster, smooth=False) > 0.5
    return found


def _liquid_mark(axes: Axes, raster: Raster, liquid: Mask) -> None:
    if liquid.any():
        axes.contourf(
            1000 * raster.u, 1000 * raster.v, liquid.astype(float), levels=[0.5, 1.5], colors=[WASH], hatches=["...."],
            zorder=3,
        )  # fmt: skip


def _iso_lines(axes: Axes, raster: Raster, time: Field, levels: Any) -> None:  # noqa: ANN401
    lines = axes.contour(
        1000 * raster.u, 1000 * raster.v, np.ma.masked_invalid(time), levels=levels, colors="white", linewidths=0.6,
        alpha=0.8, zorder=4,
    )  # fmt: skip
    axes.clabel(lines, fontsize=6.5, fmt="%g", inline_spacing=2)


def _plane_marks(axes: Axes, centre: Place, view: View) -> None:
    """Draw where the other two planes cut this one, with dash-dot lines as on a drawing."""
    u, v = 1000 * centre[COLUMN[view.across]], 1000 * centre[COLUMN[view.up]]
    for draw, at in ((axes.axvline, u), (axes.axhline, v)):
        draw(at, color=SOFT, linewidth=0.5, dashes=(8, 2.5, 1.5, 2.5), zorder=1.5)


def _cut_bodies(axes: Axes, outcome: Outcome, raster: Raster, place: float) -> None:
    from matplotlib.collections import LineCollection  # noqa: PLC0415

    for body in outcome.bodies:
        strokes = outline(body, raster.view, place)
        if body.kind == "chill" and len(strokes):
            mask = inside(strokes, raster).astype(float)
            axes.contourf(1000 * raster.u, 1000 * raster.v, mask, levels=[0.5, 1.5], colors=["#dbe6fd"], zorder=2)
        lines = LineCollection(list(1000 * strokes), colors=_COLOURS[body.kind], linewidths=_line(body), zorder=5)
        lines.set(capstyle="round", snap=False)  # or many short strokes look like beads
        axes.add_collection(lines)


def _line(body: Body) -> float:
    return 1.2 if body.is_metal else 0.9


def _any_metal(outcome: Outcome, masks: tuple[Mask, ...]) -> Mask:
    found: Mask = np.any([mask for body, mask in zip(outcome.bodies, masks, strict=True) if body.is_metal], axis=0)
    return found


def _rims(axes: Axes, outcome: Outcome, raster: Raster, masks: tuple[Mask, ...]) -> None:
    for body, mask in zip(outcome.bodies, masks, strict=True):
        axes.contour(1000 * raster.u, 1000 * raster.v, mask.astype(float), levels=[0.5], colors=_COLOURS[body.kind],
                     linewidths=_line(body), zorder=5)  # fmt: skip


def _numbers(axes: Axes, marks: list[tuple[int, Place]], view: View) -> None:
    """Draw numbered marks; one that would lie on another stands aside, with a line to its place."""
    left, right = axes.get_xlim()
    bottom, top = axes.get_ylim()
    box = axes.get_window_extent()
    room = _APART * axes.figure.dpi / 72 * (right - left) / box.width
    taken: list[tuple[float, float]] = []
    for number, place in marks:
        u, v = 1000 * place[COLUMN[view.across]], 1000 * place[COLUMN[view.up]]
        at = (u, v)
        for turn in range(1, 60):
            if all(np.hypot(at[0] - a, at[1] - b) >= room for a, b in taken):
                break
            angle, far = 2.4 * turn, room * (0.8 + 0.12 * turn)
            at = (u + far * np.cos(angle), v + far * np.sin(angle))
            at = (float(np.clip(at[0], left, right)), float(np.clip(at[1], bottom, top)))
        taken.append(at)
        if at != (u, v):
            axes.plot([u, at[0]], [v, at[1]], color=INK, linewidth=0.7, zorder=6)
            axes.plot([u], [v], marker="o", markersize=2.5, color=INK, zorder=6)
        axes.plot([at[0]], [at[1]], marker="o", markersize=11, markerfacecolor="white", markeredgecolor=INK,
                  markeredgewidth=0.9, zorder=7)  # fmt: skip
        axes.text(*at, str(number), ha="center", va="center_baseline", fontsize=7.5, color=INK, zorder=8)


def _legend(outcome: Outcome, *, marks: Text | None = None, still_liquid: bool = False) -> list[tuple[Any, Text]]:
    from matplotlib.lines import Line2D  # noqa: PLC0415
    from matplotlib.patches import Patch  # noqa: PLC0415

    kinds = [kind for kind in _NAMES if any(body.kind == kind for body in outcome.bodies)]
    entries: list[tuple[Any, Text]] = []
    for kind in kinds:
        if kind == "chill":
            entries.append((Patch(facecolor="#dbe6fd", edgecolor=CHILL, linewidth=0.9), _NAMES[kind]))
        else:
            entries.append((Line2D([], [], color=_COLOURS[kind], linewidth=1.4), _NAMES[kind]))
    if still_liquid:
        entries.append((Patch(facecolor=WASH, hatch="....", edgecolor=INK, linewidth=0), text("not solid at the end")))
    if marks is not None:
        dot = Line2D([], [], marker="o", markersize=8, markerfacecolor="white", markeredgecolor=INK, linestyle="none")
        entries.append((dot, marks))
    return entries
