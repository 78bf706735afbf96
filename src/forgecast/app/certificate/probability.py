"""How a probability of conformity is shown: never as certain."""

from __future__ import annotations

from forgecast.app.report.numbers import ABSENT

_SURE = 0.999


def shown_probability(probability: float | None) -> str:
    """Return a probability in percent; what is all but certain is told as a bound, and a missing one as a dash."""
    if probability is None:
        return ABSENT
    if probability > _SURE:
        return "> 99.9"
    if probability < 1.0 - _SURE:
        return "< 0.1"
    return f"{100.0 * probability:.1f}"
