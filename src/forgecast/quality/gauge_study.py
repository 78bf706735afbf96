"""Gauge studies: how much of what is seen is the gauge and its operators, and how much the parts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import scipy
from numpy.typing import ArrayLike

from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Text, text
from forgecast.quality.chart_constants import d2, d2_star
from forgecast.quality.scrap import FloatArray
from forgecast.quality.shewhart_chart import measured


@dataclass(frozen=True, slots=True)
class GaugeStudy:
    """Variances of a crossed gauge study; none is below zero.

    Parameters
    ----------
    method : {'anova', 'range'}
    repeatability, operators, interaction, parts : float
        Variances [square of the unit]: of one operator at one part again, between operators, of operators who differ
        more at some parts than at others, and between parts.
    negative : tuple of str
        Components whose estimate came out below zero and stands as zero.
    interaction_p : float or None
        Probability of so large an interaction by chance; None where it was not tested.
    pooled : bool
        Whether the interaction was taken into the repeatability.
    why_missing : Text or None
        Why the study cannot judge the gauge.
    """

    method: Literal["anova", "range"]
    repeatability: float
    operators: float
    interaction: float
    parts: float
    negative: tuple[str, ...] = ()
    interaction_p: float | None = None
    pooled: bool = False
    why_missing: Text | None = None

    @property
    def reproducibility(self) -> float:
        """Return the variance between operators, interaction included."""
        return self.operators + self.interaction

    @property
    def gauge(self) -> float:
        """Return the variance of gauge and operators together (GRR)."""
        return self.repeatability + self.reproducibility

    @property
    def total(self) -> float:
        """Return the variance of gauge, operators and parts together."""
        return self.gauge + self.parts

    @property
    def share(self) -> float | None:
        """Return the deviation of the gauge over the total deviation (% GRR of study variation) [1]."""
        return None if self.why_missing is not None else float(np.sqrt(self.gauge / self.total))

    @property
    def categories(self) -> int | None:
        """Return how many kinds of parts the gauge can tell apart, 1.41 PV/GRR cut to a whole number (ndc)."""
        return None if self.why_missing is not None else int(1.41 * np.sqrt(self.parts / self.gauge))

    def share_of_tolerance(self, tolerance: float) -> float | None:
        """Return six deviations of the gauge over the width of the tolerance [1].

        Parameters
        ----------
        tolerance : float
            Upper limit less lower limit, above zero.
        """
        return None if self.why_missing is not None else float(6.0 * np.sqrt(self.gauge) / tolerance)


def gauge_anova(readings: ArrayLike, *, pool_above: float = 0.25) -> GaugeStudy:
    """Return a crossed gauge study by analysis of variance.

    Parameters
    ----------
    readings : (parts, operators, trials) array
        Every operator measures every part at least twice; none may be missing.
    pool_above : float
        An interaction that chance makes with a higher probability goes into the repeatability; 1 never pools. Where
        there is none, choosing by this test makes the repeatability some three per cent too small.

    Raises
    ------
    ForgecastError
        If there are fewer than two parts, operators or trials, or a reading is missing or infinite.

    Notes
    -----
    Equations, for p parts, o operators, r trials: σ_e² = MS_e; σ_po² = (MS_po - MS_e)/r; σ_o² = (MS_o - MS_po)/pr;
    σ_p² = (MS_p - MS_po)/or; pooled: MS_e' = (SS_po + SS_e)/(por - p - o + 1) in place of MS_po and MS_e. All effects
    random and normal, design balanced. R. K. Burdick, C. M. Borror and D. C. Montgomery, Journal of Quality Technology
    35 (2003) 342-354, doi:10.1080/00224065.2003.11980232.
    """
    x = _crossed(readings)
    p, o, r = x.shape
    grand, cell = x.mean(), x.mean(axis=2)
    part, operator = cell.mean(axis=1), cell.mean(axis=0)
    squares_part = o * r * float(((part - grand) ** 2).sum())
    squares_operator = p * r * float(((operator - grand) ** 2).sum())
    squares_both = r * float(((cell - part[:, None] - operator[None, :] + grand) ** 2).sum())
    squares_error = float(((x - cell[:, :, None]) ** 2).sum())
    freedom_both, freedom_error = (p - 1) * (o - 1), p * o * (r - 1)
    mean_both, mean_error = squares_both / freedom_both, squares_error / freedom_error
    probability = (
        float(scipy.special.fdtrc(freedom_both, freedom_error, mean_both / mean_error)) if mean_error > 0.0 else 0.0
    )
    pooled = probability > pool_above
    if pooled:
        mean_error = (squares_both + squares_error) / (freedom_both + freedom_error)
        mean_both = mean_error
    estimates = {
        "interaction": 0.0 if pooled else (mean_both - mean_error) / r,
        "operators": (squares_operator / (o - 1) - mean_both) / (p * r),
        "parts": (squares_part / (p - 1) - mean_both) / (o * r),
    }
    kept = {name: max(value, 0.0) for name, value in estimates.items()}
    return GaugeStudy(
        method="anova",
        repeatability=mean_error,
        **kept,
        negative=tuple(name for name, value in estimates.items() if value < 0.0),
        interaction_p=probability,
        pooled=pooled,
        why_missing=_unjudged(mean_error),
    )


def gauge_range(readings: ArrayLike) -> GaugeStudy:
    """Return a crossed gauge study from averages and ranges, for comparison with studies done by hand.

    Parameters
    ----------
    readings : (parts, operators, trials) array
        As in `gauge_anova`. An interaction cannot be told this way and hides in the other components.

    Raises
    ------
    ForgecastError
        As `gauge_anova`.

    Notes
    -----
    Equations: EV = R̄/d2(r); AV² = (X_diff/d2*(o))² - EV²/pr; PV = R_p/d2*(p), with R̄ the mean range of the trials,
    X_diff and R_p the ranges of the operators' and of the parts' means, d2* that of a single range. The constants
    K1, K2, K3 of the printed forms are 1/d2, 1/d2*, 1/d2*.
    """
    x = _crossed(readings)
    p, o, r = x.shape
    repeatability = (float(np.ptp(x, axis=2).mean()) / float(d2(r))) ** 2
    operators = (float(np.ptp(x.mean(axis=(0, 2)))) / d2_star(o, 1)) ** 2 - repeatability / (p * r)
    parts = (float(np.ptp(x.mean(axis=(1, 2)))) / d2_star(p, 1)) ** 2
    negative = ("operators",) if operators < 0.0 else ()
    return GaugeStudy(
        "range", repeatability, max(operators, 0.0), 0.0, parts, negative, why_missing=_unjudged(repeatability)
    )


def _crossed(readings: ArrayLike) -> FloatArray:
    x = measured(readings, 3)
    if min(x.shape) < 2 or np.isnan(x).any():
        raise ForgecastError(
            text("a gauge study takes two or more parts, operators and trials, and every reading of them"),
            repair=text("measure what is missing, or leave the part or the operator out"),
        )
    return x


def _unjudged(repeatability: float) -> Text | None:
    if repeatability > 0.0:
        return None
    return text("no reading differs from its repetition: the gauge reads too coarsely to show its own scatter")
