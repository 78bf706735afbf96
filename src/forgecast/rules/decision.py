"""Decision rules: what a measured value may decide when it is known only to within a standard uncertainty.

A value y with standard uncertainty u stands for a true value that is normally distributed about it. Against a limit T
from above the probability of conformity is Φ((T - y)/u); from below Φ((y - T)/u). A guard band w = U = 2u parts the
limit from the acceptance limit.

Source: JCGM 106:2012 (probability of conformity; simple acceptance, guarded acceptance, guarded rejection). Valid where
the errors of the measurement are near normal and have no known bias.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from forgecast.ground.texts import Text, bilingual


class DecisionRule(StrEnum):
    """How measurement uncertainty bears on a verdict; without any declaration it is simple acceptance."""

    SIMPLE = "simple_acceptance"
    SHARED_RISK = "shared_risk"
    GUARDED_ACCEPTANCE = "guarded_acceptance"
    GUARDED_REJECTION = "guarded_rejection"


DECISION_TEXTS: dict[DecisionRule, Text] = {
    DecisionRule.SIMPLE: bilingual(
        "simple acceptance: the measured value alone decides", "简单接受：仅以测量值判定，不计测量不确定度"
    ),
    DecisionRule.SHARED_RISK: bilingual(
        "shared risk: the measured value decides, and its uncertainty must be known",
        "风险共担：以测量值判定，但其测量不确定度必须已知",
    ),
    DecisionRule.GUARDED_ACCEPTANCE: bilingual(
        "guarded acceptance: met only if the value clears the limit by its expanded uncertainty",
        "保护带接受：测量值优于限值的幅度不小于扩展不确定度，方可判为符合",
    ),
    DecisionRule.GUARDED_REJECTION: bilingual(
        "guarded rejection: not met only if the value misses the limit by its expanded uncertainty",
        "保护带拒绝：测量值超出限值的幅度大于扩展不确定度，方可判为不符合",
    ),
}

#: Coverage factor of the guard band: w = U = 2u, about 95 % of a normal distribution.
COVERAGE_FACTOR = 2.0


@dataclass(frozen=True, slots=True)
class Uncertainty:
    """Standard uncertainty of each value of a figure: u(y) = √(absolute² + (relative·y)²).

    Parameters
    ----------
    absolute : float
        In the unit of the figure.
    relative : float
        Share of the value, 0.05 for 5 %.
    """

    absolute: float = 0.0
    relative: float = 0.0

    def at(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the standard uncertainty of values, in their unit."""
        return np.hypot(self.absolute, self.relative * values)


@dataclass(frozen=True, slots=True)
class Conformity:
    """How the deciding value of a verdict stands to its limit once its uncertainty is counted.

    Parameters
    ----------
    rule : DecisionRule
        The rule the word rests on.
    uncertainty : float or None
        Standard uncertainty of the deciding value, in the unit of the figure; None where none is known.
    probability : float or None
        Probability that the true value keeps the limit; None where no uncertainty is known.
    acceptance_limit : float or None
        Where the rule parts `met` from the rest; None where it needs an uncertainty that is not known.
    change : float or None
        Smallest change of the figure after which every value judged keeps its limit, below zero to be lowered, 0.0
        where all do; None where the rule needs an uncertainty that is not known. The uncertainty is taken to stay.
    """

    rule: DecisionRule
    uncertainty: float | None
    probability: float | None
    acceptance_limit: float | None
    change: float | None

    def as_json(self) -> dict[str, object]:
        """Return it as every JSON answer shows it."""
        return {
            "rule": str(self.rule),
            "standard_uncertainty": self.uncertainty,
            "probability": self.probability,
            "acceptance_limit": self.acceptance_limit,
            "change": self.change,
        }


def probability_of_conformity(value: float, uncertainty: float, limit: float, *, caps: bool) -> float:
    """Return the probability that the true value keeps a limit.

    Parameters
    ----------
    value, uncertainty, limit : float
        In one unit; the uncertainty is a standard one, above zero.
    caps : bool
        Whether the limit bounds from above.

    Raises
    ------
    ValueError
        If the uncertainty is not above zero.
    """
    if not uncertainty > 0.0:
        message = "a probability needs an uncertainty above zero"
        raise ValueError(message)
    clear = (limit - value if caps else value - limit) / uncertainty
    return 0.5 * math.erfc(-clear / math.sqrt(2.0))


def acceptance_limit(rule: DecisionRule, limit: float, uncertainty: float | None, *, caps: bool) -> float | None:
    """Return the limit that a measured value has to keep under a rule; None where it needs an uncertainty."""
    if rule is DecisionRule.SIMPLE:
        return limit
    if uncertainty is None:
        return None
    # Guarded rejection accepts up to the limit as well: beyond it, within the guard band, the word is `partly`.
    guard = COVERAGE_FACTOR * uncertainty if rule is DecisionRule.GUARDED_ACCEPTANCE else 0.0
    return limit - guard if caps else limit + guard
