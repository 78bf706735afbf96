"""The operating characteristic of a sampling plan drawn: what is accepted, and what passes on."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from forgecast.app.quality.canvas import ALARM, CALM, LINE, SMALL, SOFT, TYPE, canvas, dress, heading
from forgecast.app.report.numbers import shown
from forgecast.ground.texts import Language, text
from forgecast.tasks.plan_sampling import PlannedSampling

_WIDTH, _HEIGHT = 7.6, 4.6


def draw_operating_curve(planned: PlannedSampling, path: Path, language: Language) -> None:
    """Draw acceptance and mean outgoing share over the share of bad pieces that come in."""
    from matplotlib.patheffects import withStroke  # noqa: PLC0415  (only a picture waits for it)

    counted = planned.counting == "poisson"
    scale = 100.0
    with canvas(path, _WIDTH, _HEIGHT) as figure:
        axes = figure.add_axes((0.095, 0.14, 0.78, 0.64))
        dress(axes)
        axes.plot(scale * planned.share, scale * planned.accepted, color=LINE, linewidth=1.6, zorder=3)
        right = axes.twinx()
        dress(right)
        right.grid(visible=False)
        right.plot(scale * planned.share, scale * planned.outgoing, color=CALM, linewidth=1.1, linestyle="--", zorder=2)
        right.set_ylim(0.0, 1.25 * float(np.nanmax(scale * planned.outgoing)) or 1.0)
        for share, accepted, name in (
            (planned.good, 1.0 - planned.producers_risk, text("good lots: {percent} % accepted",
                                                              percent=shown(scale * (1.0 - planned.producers_risk)))),
            (planned.bad, planned.consumers_risk, text("bad lots: {percent} % accepted",
                                                       percent=shown(scale * planned.consumers_risk))),
        ):  # fmt: skip
            axes.plot([scale * share], [scale * accepted], marker="o", markersize=5, color=ALARM, zorder=4)
            axes.annotate(
                f"{name.say(language)}\n({shown(scale * share)} %)", xy=(scale * share, scale * accepted),
                xytext=(8, 4), textcoords="offset points", fontsize=SMALL, color=ALARM, va="bottom", zorder=5,
                path_effects=[withStroke(linewidth=2.0, foreground="white")],
            )  # fmt: skip
        axes.set_xlim(0.0, scale * float(planned.share[-1]))
        axes.set_ylim(0.0, 104.0)
        incoming = text("defects for 100 pieces, incoming") if counted else text("bad pieces, incoming [%]")
        axes.set_xlabel(incoming.say(language), color=SOFT, size=TYPE)
        axes.set_ylabel(text("lots accepted [%] (line)").say(language), color=LINE, size=TYPE)
        outgoing = text("mean outgoing share [%] (dashes)")
        right.set_ylabel(outgoing.say(language), color=CALM, size=TYPE)
        title = text("Sample {n}, accept up to {c} bad", n=planned.plan.sample, c=planned.plan.acceptance).say(language)
        under = text("operating characteristic of a single plan").say(language)
        if planned.plan.lot is not None:
            under += " · " + text("lot of {n}", n=planned.plan.lot).say(language)
        heading(figure, title, under, left=0.72)
