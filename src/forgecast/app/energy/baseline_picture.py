"""Pictures of a baseline and of savings: measured against expected, and the running sum with its interval."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from forgecast.app.quality.canvas import (
    ALARM,
    CALM,
    LINE,
    RULE,
    SMALL,
    SOFT,
    canvas,
    dress,
    heading,
    made_up,
)
from forgecast.energy.driver_model import Predicted
from forgecast.energy.month import FloatArray
from forgecast.ground.texts import Language, text
from forgecast.tasks.fit_energy_baseline import FittedBaseline
from forgecast.tasks.prove_savings import ProvenSavings

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_WIDTH, _HEIGHT = 9.8, 5.8
_MOST_NAMES = 13


def draw_baseline(base: FittedBaseline, path: Path, language: Language, *, synthetic: bool = False) -> None:
    """Draw measured and expected energy with its 95 % band, and what is left.

    Parameters
    ----------
    base : FittedBaseline
    path : Path
    language : Language
    synthetic : bool
        Whether the plant is made up: then the picture says so.
    """
    with canvas(path, _WIDTH, _HEIGHT) as figure:
        above = figure.add_axes((0.10, 0.42, 0.87, 0.42))
        below = figure.add_axes((0.10, 0.12, 0.87, 0.22), sharex=above)
        _against(above, base.energy, base.expected, base.unit, language)
        at = base.model.used
        loud = set(base.worth.outliers)
        below.bar(at, base.model.residuals, color=[ALARM if int(one) in loud else LINE for one in at], width=0.75)
        below.axhline(0.0, color=SOFT, linewidth=0.7)
        below.set_ylabel(text("left over [{unit}]", unit=base.unit).say(language), fontsize=SMALL, color=SOFT)
        dress(below)
        _names(below, base.periods)
        title = text("Baseline of meter {meter}", meter=base.meter)
        under = text(
            "drivers {names}; R² {r2}, CV(RMSE) {cv} %, {n} periods",
            names=", ".join(base.drivers),
            r2=f"{base.model.r2:.3f}",
            cv=f"{100.0 * base.model.cv_rmse:.1f}",
            n=base.model.n,
        )
        heading(figure, title.say(language), under.say(language) + made_up(language, synthetic=synthetic), left=0.3)


def draw_savings(proven: ProvenSavings, path: Path, language: Language, *, synthetic: bool = False) -> None:
    """Draw the reporting period against the baseline, and the CUSUM of savings with its 95 % interval.

    Parameters
    ----------
    proven : ProvenSavings
    path : Path
    language : Language
    synthetic : bool
        Whether the plant is made up: then the picture says so.
    """
    saved, unit = proven.saved, proven.baseline.unit
    with canvas(path, _WIDTH, _HEIGHT) as figure:
        above = figure.add_axes((0.10, 0.54, 0.87, 0.30))
        below = figure.add_axes((0.10, 0.12, 0.87, 0.32), sharex=above)
        energy = np.asarray(saved.expected.value - saved.monthly)
        _against(above, energy, saved.expected, unit, language)
        at = np.arange(saved.cusum.size)
        below.fill_between(
            at,
            saved.cusum - saved.cusum_half,
            saved.cusum + saved.cusum_half,
            color=CALM,
            alpha=0.2,
            linewidth=0,
            label=text("95 % interval").say(language),
        )
        below.plot(
            at,
            saved.cusum,
            color=CALM,
            marker="o",
            markersize=3,
            linewidth=1.3,
            label=text("saved since the measure (CUSUM)").say(language),
        )
        below.axhline(0.0, color=SOFT, linewidth=0.7)
        if proven.change is not None and proven.change.p < 0.05:
            below.axvline(
                proven.change.position - 0.5,
                color=ALARM,
                linewidth=1.0,
                dashes=(3, 2),
                label=text("savings changed").say(language),
            )
        below.set_ylabel(text("saved [{unit}]", unit=unit).say(language), fontsize=SMALL, color=SOFT)
        below.legend(loc="upper left", frameon=False, fontsize=SMALL, labelcolor=SOFT)
        dress(below)
        _names(below, proven.periods)
        title = text("Savings of {measure}: {name}", measure=proven.measure, name=proven.name)
        under = text(
            "{saved} {unit} saved, 95 % between {low} and {high}",
            saved=f"{saved.saved:,.0f}",
            unit=unit,
            low=f"{saved.low:,.0f}",
            high=f"{saved.high:,.0f}",
        )
        heading(figure, title.say(language), under.say(language) + made_up(language, synthetic=synthetic), left=0.3)


def _against(axes: Axes, energy: FloatArray, expected: Predicted, unit: str, language: Language) -> None:
    at = np.arange(energy.size)
    axes.fill_between(
        at,
        expected.low,
        expected.high,
        color=RULE,
        alpha=0.6,
        linewidth=0,
        label=text("expected, 95 % of single periods").say(language),
    )
    axes.plot(at, expected.value, color=SOFT, linewidth=1.0, dashes=(4, 2))
    axes.plot(
        at,
        energy,
        color=LINE,
        linewidth=1.2,
        marker="o" if energy.size < 60 else None,
        markersize=3,
        label=text("measured").say(language),
    )
    axes.set_ylabel(text("energy [{unit}]", unit=unit).say(language), fontsize=SMALL, color=SOFT)
    axes.legend(loc="upper right", ncols=2, frameon=False, fontsize=SMALL, labelcolor=SOFT, bbox_to_anchor=(1.0, 1.16))
    dress(axes)
    axes.tick_params(labelbottom=False)


def _names(axes: Axes, names: Sequence[str]) -> None:
    step = max(1, -(-len(names) // _MOST_NAMES))
    axes.set_xticks(range(0, len(names), step), [names[n] for n in range(0, len(names), step)])
