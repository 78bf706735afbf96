"""The piece between its dies at moments of the stroke, one picture a field and moment, all in one scale."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np

from forgecast.app.forging.press_pictures import draw_moment, shown_fields
from forgecast.app.quality.canvas import canvas
from forgecast.ground.texts import Language
from forgecast.tasks.press_forging import PressAnswer

#: So many moments are drawn, the first and the last among them.
_MOST: Final = 10
_WIDTH, _HEIGHT, _LEFT = 9.0, 3.0, 0.4


def draw_steps(answer: PressAnswer, folder: Path, language: Language) -> dict[str, list[dict[str, object]]]:
    """Draw the moments and return for each field its pictures: file, time and way to go.

    Returns
    -------
    dict of str to list
        By field: ``temperature``, ``strain`` and, where it was reckoned, ``damage``.
    """
    moments = answer.run.moments
    chosen = [moments[n] for n in np.unique(np.linspace(0, len(moments) - 1, min(_MOST, len(moments))).astype(int))]
    made: dict[str, list[dict[str, object]]] = {}
    for key, (name, colours, take) in zip(("temperature", "strain", "damage"), shown_fields(), strict=True):
        values = [take(one) for one in chosen]
        known = [one for one in values if one is not None]
        if len(known) < len(chosen):
            continue
        limits = (min(float(one.min()) for one in known), max(float(one.max()) for one in known))
        made[key] = []
        for number, (moment, field) in enumerate(zip(chosen, known, strict=True)):
            path = folder / f"step_{key}_{number:02d}.png"
            with canvas(path, _WIDTH, _HEIGHT) as figure:
                axes = figure.add_axes((_LEFT / _WIDTH, 0.08, (_WIDTH - 1.9) / _WIDTH, 0.88))
                draw_moment(figure, axes, answer, moment, field, (colours, name.say(language)), limits)
            gone = float(answer.asked.upper.profile[0, 1] - moment.tools[1].profile[0, 1])
            left = 1000.0 * max(answer.asked.closing - gone, 0.0)
            made[key].append({"file": path.name, "time_s": float(moment.piece.time), "left_mm": left})
    return made
