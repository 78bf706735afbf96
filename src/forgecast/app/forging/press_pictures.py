"""Pictures of a forming run: the piece in its dies coloured by a field, load and fill over the way, a GIF."""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from forgecast.app.quality.canvas import ALARM, INK, LINE, RULE, SMALL, SOFT, canvas, dress, heading
from forgecast.forging.die import Die
from forgecast.forging.forming import Moment
from forgecast.ground.texts import Language, Text, text
from forgecast.metal.flow_stress import ZERO_DEGC
from forgecast.tasks.press_forging import PressAnswer

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FloatArray = NDArray[np.float64]
_STEEL: Final = "#c9ccd1"
_WIDTH, _LEFT, _TOP = 11.0, 0.5, 0.85
#: Height of a panel of a field [inch].
_PANEL = 2.3
#: Radius below which a stretch of the outline is the axis, m.
_AXIS = 1e-9
#: Frames of the GIF, width in pixels, milliseconds a frame, and how long the last one stays.
_FRAMES, _PIXELS, _PACE, _LAST = 24, 900, 160, 1800


def shown_fields() -> tuple[tuple[Text, str, Callable[[Moment], FloatArray | None]], ...]:
    """Return the fields that are drawn: name with unit, colours, and how each is taken from a moment."""
    return (
        (text("temperature [°C]"), "inferno", lambda one: one.piece.temperature - ZERO_DEGC),
        (text("effective strain [1]"), "viridis", lambda one: one.piece.strain),
        (text("damage, Cockcroft-Latham [MPa]"), "magma",
         lambda one: None if one.piece.damage is None else one.piece.damage / 1e6),
    )  # fmt: skip


def draw_fields(answer: PressAnswer, path: Path, language: Language) -> None:
    """Draw the last moment coloured by temperature, strain and damage, dies and fibres with it."""
    moment = answer.run.moments[-1]
    drawn = [(name, colours, values) for name, colours, take in shown_fields() if (values := take(moment)) is not None]
    height = _TOP + len(drawn) * (_PANEL + 0.35) + 0.3
    with canvas(path, _WIDTH, height) as figure:
        for row, (name, colours, values) in enumerate(drawn):
            bottom = height - _TOP - (row + 1) * _PANEL - row * 0.35
            axes = figure.add_axes((_LEFT / _WIDTH, bottom / height, (_WIDTH - 2.1) / _WIDTH, _PANEL / height))
            draw_moment(figure, axes, answer, moment, values, (colours, name.say(language)))
        heading(figure, _title(answer).say(language), answer.run.why.say(language), left=_LEFT)


def _title(answer: PressAnswer) -> Text:
    return text("Forming run: {name}", name=answer.case.title)


def draw_moment(
    figure: Figure, axes: Axes, answer: PressAnswer, moment: Moment, values: FloatArray, look: tuple[str, str],
    limits: tuple[float, float] | None = None,
) -> None:  # fmt: skip
    """Draw a moment coloured by a field; `look` is the map of colours and the name of the field."""
    from matplotlib.tri import Triangulation  # noqa: PLC0415  (loads only with a picture)

    mesh = moment.piece.mesh
    colours, name = look
    low, high = limits or (float(values.min()), float(values.max()))
    high = high if high > low else low + 1e-9
    shown = None
    for side in (1.0, -1.0):
        turned = Triangulation(side * 1e3 * mesh.points[:, 0], 1e3 * mesh.points[:, 1], mesh.triangles)
        shown = axes.tripcolor(turned, values, shading="gouraud", cmap=colours, vmin=low, vmax=high, zorder=2)
        outline = np.vstack([mesh.points[: mesh.outline], mesh.points[:1]])
        free = np.where((outline[:, :1] > _AXIS) | (np.roll(outline[:, :1], 1, axis=0) > _AXIS), outline, math.nan)
        axes.plot(side * 1e3 * free[:, 0], 1e3 * free[:, 1], color=INK, linewidth=0.5, zorder=4)
    for line in moment.piece.lines():
        axes.plot(-1e3 * line[:, 0], 1e3 * line[:, 1], color="white", linewidth=0.5, alpha=0.8, zorder=3)
    # A still shows where it ended; the frames of the whole way keep one frame.
    _draw_dies(axes, answer, moment.tools, moment.tools[1] if limits is None else answer.asked.upper)
    axes.set_aspect("equal")
    axes.tick_params(length=0, colors=SOFT, labelsize=SMALL - 0.5)
    for place in ("top", "right", "left", "bottom"):
        axes.spines[place].set_visible(False)
    if shown is not None:
        box = axes.get_position()
        bar = figure.add_axes((box.x1 + 0.012, box.y0 + 0.1 * box.height, 0.011, 0.8 * box.height))
        made = figure.colorbar(shown, cax=bar)
        made.outline.set_visible(False)
        bar.tick_params(length=0, colors=SOFT, labelsize=SMALL - 0.5)
        bar.set_ylabel(name, fontsize=SMALL, color=SOFT)
    axes.set_xlabel("mm", fontsize=SMALL - 0.5, color=SOFT, labelpad=1)


def _draw_dies(axes: Axes, answer: PressAnswer, tools: tuple[Die, ...], highest: Die) -> None:
    """Draw both dies as bodies, in a frame up to the upper die where it stands highest."""
    first = highest.profile
    reach = 1e3 * max(float(answer.case.lower[:, 0].max()), float(first[:, 0].max()))
    bottom = 1e3 * float(answer.case.lower[:, 1].min()) - 4.0
    top = 1e3 * float(first[:, 1].max()) + 4.0
    for tool, end in zip(tools, (bottom, top), strict=True):
        x, y = 1e3 * tool.profile[:, 0], 1e3 * tool.profile[:, 1]
        for side in (1.0, -1.0):
            axes.fill([*(side * x), side * x[-1], side * x[0]], [*y, end, end], color=_STEEL, linewidth=0, zorder=1)
    axes.set_xlim(-reach, reach)
    axes.set_ylim(bottom, top)


def draw_course(answer: PressAnswer, path: Path, language: Language) -> None:
    """Draw force and fill over the way, with what the machine permits."""
    s, machine = answer.run.series, answer.case.machine
    with canvas(path, 8.6, 4.4) as figure:
        axes = figure.add_axes((0.085, 0.14, 0.75, 0.64))
        gap = 1e3 * s.gap
        axes.plot(gap, s.force / 1e6, color=LINE, linewidth=1.7, zorder=4, label=text("force").say(language))
        limits = np.array([machine.machine.force_limit(max(float(x), 0.0)) for x in s.gap]) / 1e6
        if np.all(np.isfinite(limits)):
            axes.plot(gap, limits, color=ALARM, linewidth=1.0, dashes=(4, 2),
                      label=text("permitted by {name}", name=machine.name).say(language))  # fmt: skip
        axes.set_xlim(float(gap.max()), 0.0)
        axes.set_ylim(bottom=0.0)
        dress(axes)
        axes.set_xlabel(text("way to go until the dies are closed [mm]").say(language), fontsize=SMALL, color=SOFT)
        axes.set_ylabel(text("force [MN]").say(language), fontsize=SMALL, color=SOFT)
        other = axes.twinx()
        other.plot(gap, 100.0 * s.fill, color=RULE, linewidth=1.5, zorder=2, label=text("fill").say(language))
        other.set_ylim(0.0, 105.0)
        other.set_ylabel(text("cavity touched [%]").say(language), fontsize=SMALL, color=SOFT)
        for place in ("top", "right", "left", "bottom"):
            other.spines[place].set_visible(False)
        other.tick_params(length=0, colors=SOFT, labelsize=SMALL)
        handles = [*axes.get_lines(), *other.get_lines()]
        axes.legend(handles, [str(one.get_label()) for one in handles], loc="upper left", frameon=False,
                    fontsize=SMALL, labelcolor=SOFT)  # fmt: skip
        under = text("greatest force {force} MN, work {work} kJ", force=f"{float(s.force.max()) / 1e6:.3g}",
                     work=f"{float(s.work[-1]) / 1e3:.3g}")  # fmt: skip
        heading(figure, _title(answer).say(language), under.say(language), left=0.085 * 8.6)


def draw_animation(answer: PressAnswer, path: Path, language: Language, progress: Callable[[float], None]) -> None:
    """Draw the stroke as GIF, coloured by temperature, or by strain where no heat was reckoned with."""
    from PIL import Image  # noqa: PLC0415  (loads only when a run has results)

    moments = answer.run.moments
    chosen = [moments[n] for n in np.unique(np.linspace(0, len(moments) - 1, min(_FRAMES, len(moments))).astype(int))]
    name, colours, take = shown_fields()[0 if answer.case.thermal is not None else 1]
    values = [take(one) for one in chosen]
    known = [one for one in values if one is not None]
    limits = (min(float(one.min()) for one in known), max(float(one.max()) for one in known))
    frames = []
    frame = path.with_suffix(".frame.png")
    for number, (moment, held) in enumerate(zip(chosen, values, strict=True)):
        if held is None:
            continue
        with canvas(frame, 7.2, 4.6) as figure:
            axes = figure.add_axes((0.05, 0.08, 0.8, 0.74))
            draw_moment(figure, axes, answer, moment, held, (colours, name.say(language)), limits)
            gone = 1e3 * float(answer.asked.upper.profile[0, 1] - moment.tools[1].profile[0, 1])
            under = text("{gone} mm of {whole} mm; {force} MN; {time} s", gone=f"{gone:.1f}",
                         whole=f"{1e3 * answer.asked.closing:.1f}", force=f"{float(moment.force[1]) / 1e6:.2f}",
                         time=f"{moment.piece.time:.3f}")  # fmt: skip
            heading(figure, _title(answer).say(language), under.say(language), left=0.4)
        with Image.open(io.BytesIO(frame.read_bytes())) as picture:
            tall = math.floor(_PIXELS * picture.height / picture.width)
            frames.append(picture.convert("RGB").resize((_PIXELS, tall)).quantize(256))
        progress((number + 1) / len(chosen))
    frame.unlink(missing_ok=True)
    frames[0].save(path, save_all=True, append_images=frames[1:], loop=0,
                   duration=[*[_PACE] * (len(frames) - 1), _LAST])  # fmt: skip
