"""Decide whether a measured value meets its limits, in the light of how well it was measured."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from statistics import NormalDist
from typing import Final

from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Text, text
from forgecast.metal.rule_formula import Formula

#: Guard band in standard uncertainties: the expanded uncertainty of k = 2.
GUARD: Final = 2.0


class Decision(StrEnum):
    """What a value says about its limits."""

    PASS = "pass"  # noqa: S105
    FAIL = "fail"
    INDETERMINATE = "indeterminate"


#: Decision -> word of a verdict.
WORD_OF_DECISION: Final[dict[Decision, str]] = {
    Decision.PASS: "met",
    Decision.FAIL: "not met",
    Decision.INDETERMINATE: "not known",
}


class DecisionRule(StrEnum):
    """How the uncertainty enters the decision.

    SIMPLE: the value alone decides. GUARDED_ACCEPTANCE: passes only what lies inside the limits by the guard band;
    what lies between limit and guard band is indeterminate, what lies outside the limits fails. GUARDED_REJECTION:
    fails only what lies outside by the guard band; passes all inside the limits. BOTH: passes and fails only beyond
    the guard band on either side of the limit.
    """

    SIMPLE = "simple"
    GUARDED_ACCEPTANCE = "guarded-acceptance"
    GUARDED_REJECTION = "guarded-rejection"
    BOTH = "both"


#: Taken where nobody chooses: neither side is believed without proof.
DEFAULT_RULE: Final = DecisionRule.BOTH
RULE_TEXTS: Final[dict[DecisionRule, Text]] = {
    DecisionRule.SIMPLE: text("simple acceptance: the value alone decides"),
    DecisionRule.GUARDED_ACCEPTANCE: text("guarded acceptance: met only inside the limits by U (k = 2)"),
    DecisionRule.GUARDED_REJECTION: text("guarded rejection: not met only outside the limits by U (k = 2)"),
    DecisionRule.BOTH: text("guarded on both sides: met inside the limits by U (k = 2), not met outside them by U"),
}


@dataclass(frozen=True, slots=True)
class Measured:
    """A measured value and how well it is known.

    Parameters
    ----------
    value : float
        In the unit of its field.
    standard_uncertainty : float or None
        In the same unit; None where it is not on record.
    """

    value: float
    standard_uncertainty: float | None = None

    @property
    def expanded(self) -> float | None:
        """Return the expanded uncertainty for k = 2."""
        return None if self.standard_uncertainty is None else GUARD * self.standard_uncertainty


def decide(
    measured: Measured,
    lower: float | None,
    upper: float | None,
    *,
    rule: DecisionRule = DEFAULT_RULE,
    guard: float = GUARD,
) -> Decision | None:
    """Decide whether a value lies within its limits.

    Parameters
    ----------
    measured : Measured
    lower, upper : float or None
        Limits, both ends included, in the unit of the value; None where there is none.
    rule : DecisionRule
        The default passes and fails only what is proven (`DecisionRule.BOTH`).
    guard : float
        Width of the guard band in standard uncertainties, 0 or more.

    Returns
    -------
    Decision or None
        None where the rule needs an uncertainty and there is none, or the value is no number.

    Raises
    ------
    ForgecastError
        If the guard band or an uncertainty is below zero.

    Notes
    -----
    Equation: w = guard · u; inside means lower + w ≤ y ≤ upper - w, outside y < lower - w or y > upper + w.
    JCGM 106:2012 (guarded acceptance and rejection); ISO 14253-1 calls what lies between the uncertainty zone; a guard
    band of U with k = 2 is what ILAC-G8:09/2019 calls w = U. The values are compared as measured, not rounded.
    """
    u = measured.standard_uncertainty
    if guard < 0.0 or (u is not None and u < 0.0):
        raise ForgecastError(
            text("an uncertainty or guard band is below zero"), repair=text("give zero or a positive number")
        )
    if not math.isfinite(measured.value) or (u is None and rule is not DecisionRule.SIMPLE):
        return None
    band = 0.0 if u is None else guard * u
    inner = 0.0 if rule in {DecisionRule.SIMPLE, DecisionRule.GUARDED_REJECTION} else band
    outer = 0.0 if rule in {DecisionRule.SIMPLE, DecisionRule.GUARDED_ACCEPTANCE} else band
    least = -math.inf if lower is None else lower
    most = math.inf if upper is None else upper
    if least + inner <= measured.value <= most - inner:
        return Decision.PASS
    if measured.value < least - outer or measured.value > most + outer:
        return Decision.FAIL
    return Decision.INDETERMINATE


def probability_of_conformity(measured: Measured, lower: float | None, upper: float | None) -> float | None:
    """Return how probably the true value lies within the limits.

    Parameters
    ----------
    measured : Measured
    lower, upper : float or None
        In the unit of the value.

    Returns
    -------
    float or None
        [1]; None where the uncertainty is not known.

    Notes
    -----
    Equation: Φ((upper - y)/u) - Φ((lower - y)/u), JCGM 106:2012: the true value is taken to be normally distributed
    about the measured one, nothing else being known of it.
    """
    u = measured.standard_uncertainty
    if u is None or not math.isfinite(measured.value):
        return None
    if u == 0.0:
        inside = (lower is None or measured.value >= lower) and (upper is None or measured.value <= upper)
        return float(inside)
    normal = NormalDist()
    below = 1.0 if upper is None else normal.cdf((upper - measured.value) / u)
    beneath = 0.0 if lower is None else normal.cdf((lower - measured.value) / u)
    return max(below - beneath, 0.0)


def propagated(rule: Formula, values: Mapping[str, Measured]) -> Measured:
    """Return the value of a formula and its standard uncertainty.

    Parameters
    ----------
    rule : Formula
    values : mapping of str to Measured
        By element or property; for the remainder, of every element measured.

    Returns
    -------
    Measured
        Without an uncertainty where one of those that enter it is not known; NaN where the formula divides by zero.

    Raises
    ------
    KeyError
        If a symbol has no value.

    Notes
    -----
    Equation: u² = Σ (∂f/∂x)² u(x)² (JCGM 100:2008, 5.1.2), which takes the covariances as zero: an assumption, since
    elements of one burn share some of their errors. First order: it holds where the formula is near to linear over the
    uncertainties, as all sums and carbon equivalents are; a ratio is where u of its denominator is small to it.
    """
    if rule.kind == "remainder":
        return _remainder(values)
    value, slopes = rule.evaluate({name: values[name].value for name in rule.symbols})
    square = 0.0
    for name, slope in slopes.items():
        u = values[name].standard_uncertainty
        if u is None:
            return Measured(value)
        square += (slope * u) ** 2
    return Measured(value, math.sqrt(square) if math.isfinite(square) else None)


def _remainder(values: Mapping[str, Measured]) -> Measured:
    """Return 100 % less all shares measured; what nobody measured is in it."""
    rest = 100.0 - math.fsum(one.value for one in values.values())
    uncertain = [one.standard_uncertainty for one in values.values()]
    known = [u for u in uncertain if u is not None]
    return Measured(rest, math.hypot(*known) if len(known) == len(uncertain) else None)
